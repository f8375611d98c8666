"""Ranks: processes of one machine that train one model together, each on a card of its own.

The first does everything but training alone (data, examination, export, every file of the run);
`crew` says how the others come to it. Nothing here imports torch before there is more than one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from math import gcd
from typing import Any

from osler.errors import RecipeError, RunError, UserError
from osler.recipe import Recipe
from osler.recipe_train import Train

# -- who am I ----------------------------------------------------------------------------------


def launched() -> int:
    """How many ranks torchrun has started, of which this process is one; 0 without torchrun."""
    names = ("RANK", "LOCAL_RANK", "WORLD_SIZE")
    if not all(name in os.environ for name in names):
        return 0
    for name in (*names, "LOCAL_WORLD_SIZE"):
        if not os.environ.get(name, "0").isdecimal():
            raise UserError(
                f"${name} is {os.environ[name]!r}, and torchrun makes it a number.",
                f"Unset {', '.join(names)} where torchrun does not start this.",
            )
    return int(os.environ["WORLD_SIZE"])


def is_further() -> bool:
    """True for every rank but the first."""
    return launched() > 1 and os.environ["RANK"] != "0"


def count() -> int:
    """Ranks that train together now; 1 outside of `together`."""
    return int(distributed().get_world_size()) if _is_open() else 1


def index() -> int:
    """This rank's number among them, from 0."""
    return int(distributed().get_rank()) if _is_open() else 0


def is_first() -> bool:
    """True for the one rank that writes files and speaks."""
    return index() == 0


def distributed() -> Any:
    """torch.distributed, which is not imported before it is needed."""
    import torch.distributed

    return torch.distributed


def _is_open() -> bool:
    # Whoever has opened a group has imported this module.
    torch_distributed: Any = sys.modules.get("torch.distributed")
    return (
        torch_distributed is not None
        and torch_distributed.is_available()
        and torch_distributed.is_initialized()
    )


# -- what they tell each other -----------------------------------------------------------------


def agree(number: int) -> int:
    """The largest of the numbers that the ranks give. All must call it."""
    if count() == 1:
        return number
    import torch

    held = torch.tensor(number)  # on the CPU, so that no card has to wait
    distributed().all_reduce(held, op=distributed().ReduceOp.MAX)
    return int(held)


def wait_for_all() -> None:
    """Go on when every rank has come here, and what it has written is written."""
    agree(0)


def from_first(make: Callable[[], Any]) -> Any:
    """What the first rank makes, for all of them."""
    if count() == 1:
        return make()
    found = [make() if is_first() else None]
    distributed().broadcast_object_list(found, src=0)
    return found[0]


# -- what cannot be ----------------------------------------------------------------------------


def cards() -> int:
    """GPUs that are visible here; 0 where there are none, and ranks are processes on the CPU."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.device_count()
    return int(torch.backends.mps.is_available())


def share(settings: Train, ranks: int) -> tuple[int, int]:
    """Rows side by side and accumulation steps of each rank, so that all of them make the recipe's
    batch. Raises `RecipeError` when it cannot be shared equally.

    Accumulation is shared first: rows that one card takes in turns, several take at once.
    """
    rows, steps = settings.per_device_train_batch_size, settings.gradient_accumulation_steps
    at_once = gcd(steps, ranks)
    if rows % (ranks // at_once):
        batch = rows * steps
        fit = ", ".join(str(n) for n in range(1, batch + 1) if batch % n == 0 and n <= 64)
        raise RecipeError(
            f"A step has {batch} rows (train.per_device_train_batch_size {rows} x "
            f"gradient_accumulation_steps {steps}), which {ranks} ranks cannot share equally.",
            f"Take {fit} ranks, or make one of the two a multiple of {ranks}.",
        )
    return rows // (ranks // at_once), steps // at_once


def share_in_words(settings: Train, ranks: int) -> str:
    """Such as `on 2 ranks: the recipe's 8 rows a step, 4 on each`. Raises as `share` does."""
    rows, steps = share(settings, ranks)
    turns = f" in {steps} turns" if steps > 1 else ""
    return (
        f"on {ranks} ranks: the recipe's {rows * steps * ranks} rows a step, {rows * steps} on each"
        f"{turns}"
    )


def refuse_impossible(recipe: Recipe, ranks: int, there: int | None = None) -> None:
    """Raise a `UserError` when these ranks cannot train this recipe here, before anything heavy.

    `there`: how many GPUs there are, where that is known; as `cards` counts them.
    """
    if ranks <= 1:
        return
    if int(os.environ.get("LOCAL_WORLD_SIZE", ranks)) != launched() and launched():
        raise RunError(
            f"torchrun has spread {ranks} ranks over several machines.",
            "Start them on one: torchrun --nproc-per-node N, without --nnodes.",
        )
    there = cards() if there is None else there
    if 0 < there < ranks:
        raise RunError(
            f"{ranks} ranks need as many GPUs, and {there} "
            f"{'is' if there == 1 else 'are'} visible here.",
            f"Start {there}; CUDA_VISIBLE_DEVICES makes more visible, where there are more.",
        )
    share(recipe.train, ranks)
    refuse_unshardable(recipe.train)


def must_shard(settings: Train) -> bool:
    """True when several ranks share out the weights, whatever the memory."""
    return settings.sharding == "fsdp" or (
        settings.sharding == "auto" and settings.method == "full"
    )


def can_shard(settings: Train) -> bool:
    """True for weights in full, and an optimiser that knows sharded ones."""
    in_full = settings.method != "qlora" and not settings.float8_base
    return in_full and settings.optim.startswith("adamw_torch")


def refuse_unshardable(settings: Train) -> None:
    """Raise `RecipeError` for an optimiser that knows no sharded weights, when they would be."""
    if must_shard(settings) and not can_shard(settings):
        raise RecipeError(
            f"train.optim={settings.optim} cannot update weights that are sharded over ranks.",
            "Set train.optim=adamw_torch, or train.sharding=none.",
        )


def wanted(gpus: int) -> int:
    """Ranks that a command asks for. Raises `RunError` when it asks in two ways at once."""
    if gpus < 1:
        raise RunError(f"--gpus {gpus}: there is no training without one.", "Give 1 or more.")
    if launched() and gpus > 1:
        raise RunError(
            "--gpus and torchrun both start ranks.", "Leave out --gpus: torchrun says how many."
        )
    return max(launched(), gpus)
