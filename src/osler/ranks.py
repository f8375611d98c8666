"""Ranks: processes of one machine that train one model together, each on a card of its own.

They come about in two ways. torchrun starts all of them; or, with `--gpus N`, the first starts the
others when the training begins. Either way the first does everything but training alone (data,
examination, export, every file of the run), while the others wait in `await_order`.

Nothing here imports torch before there is more than one rank.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from math import gcd
from pathlib import Path
from typing import Any

from osler.errors import RecipeError, RunError
from osler.recipe import Recipe
from osler.recipe_train import Train

FOREVER = timedelta(days=30)
ORDER, END = "osler/order", "osler/end"
"""Keys of the store that all ranks see: the run to train, and a key that nobody ever sets."""
GRACE = 20.0
"""Seconds that a rank whose fellow has died gets to find out and say so itself."""

# -- who am I ----------------------------------------------------------------------------------


def launched() -> int:
    """How many ranks torchrun has started, of which this process is one; 0 without torchrun."""
    there = all(name in os.environ for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"))
    return int(os.environ["WORLD_SIZE"]) if there else 0


def is_further() -> bool:
    """True for every rank but the first."""
    return launched() > 1 and os.environ["RANK"] != "0"


def count() -> int:
    """Ranks that train together now; 1 outside of `together`."""
    return int(_distributed().get_world_size()) if _is_open() else 1


def index() -> int:
    """This rank's number among them, from 0."""
    return int(_distributed().get_rank()) if _is_open() else 0


def is_first() -> bool:
    """True for the one rank that writes files and speaks."""
    return index() == 0


def _distributed() -> Any:
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
    _distributed().all_reduce(held, op=_distributed().ReduceOp.MAX)
    return int(held)


def wait_for_all() -> None:
    """Go on when every rank has come here, and what it has written is written."""
    agree(0)


def from_first(make: Callable[[], Any]) -> Any:
    """What the first rank makes, for all of them."""
    if count() == 1:
        return make()
    found = [make() if is_first() else None]
    _distributed().broadcast_object_list(found, src=0)
    return found[0]


# -- what cannot be ----------------------------------------------------------------------------


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


def refuse_impossible(recipe: Recipe, ranks: int) -> None:
    """Raise a `UserError` when these ranks cannot train this recipe here, before anything heavy."""
    if ranks <= 1:
        return
    if int(os.environ.get("LOCAL_WORLD_SIZE", ranks)) != launched() and launched():
        raise RunError(
            f"torchrun has spread {ranks} ranks over several machines.",
            "Start them on one: torchrun --nproc-per-node N, without --nnodes.",
        )
    import torch

    cards = torch.cuda.device_count()
    if torch.cuda.is_available() and ranks > cards:
        raise RunError(
            f"{ranks} ranks need as many GPUs, and {cards} "
            f"{'is' if cards == 1 else 'are'} visible here.",
            f"Start {cards}, or make more visible with CUDA_VISIBLE_DEVICES.",
        )
    if not torch.cuda.is_available() and torch.backends.mps.is_available():
        raise RunError("This machine has one GPU (mps).", "Leave out --gpus, or torchrun.")
    share(recipe.train, ranks)
    refuse_unshardable(recipe.train)


def refuse_unshardable(settings: Train) -> None:
    """Raise `RecipeError` for an optimiser that knows no sharded weights, when they would be."""
    sharded = settings.sharding == "fsdp" or (
        settings.sharding == "auto" and settings.method == "full"
    )
    if sharded and not settings.optim.startswith("adamw_torch"):
        raise RecipeError(
            f"train.optim={settings.optim} cannot update weights that are sharded over ranks.",
            "Set train.optim=adamw_torch, or train.sharding=none.",
        )


def wanted(gpus: int) -> int:
    """Ranks that a command asks for. Raises `RunError` when it asks in two ways at once."""
    if launched() and gpus > 1:
        raise RunError(
            "--gpus and torchrun both start ranks.", "Leave out --gpus: torchrun says how many."
        )
    return max(launched(), gpus)


# -- the first rank ----------------------------------------------------------------------------


@contextlib.contextmanager
def together(path: Path, recipe: Recipe, gpus: int) -> Generator[None]:
    """Have the other ranks train the run at `path` too, for as long as this lasts.

    After it this process is alone: the others have ended, or never were.
    """
    ranks = wanted(gpus)
    if ranks <= 1:
        yield
        return
    refuse_impossible(recipe, ranks)
    with contextlib.ExitStack() as stack:
        store = _meet() if launched() else stack.enter_context(_helpers(ranks))
        stack.callback(_forget)
        store.set(ORDER, str(path.resolve()))
        with _group(store):
            yield
            wait_for_all()  # they have saved and closed all of theirs


def dismiss() -> None:
    """Let torchrun's other ranks go, when there was nothing for them to do."""
    if launched() > 1 and not is_further():
        _meet().set(ORDER, "")


def _forget() -> None:
    """What comes after the training must not take this process for one of several."""
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        os.environ.pop(name, None)


@contextlib.contextmanager
def _helpers(ranks: int) -> Generator[Any]:
    """Start the other ranks; yields the store in which they wait. None outlives this."""
    store = _distributed().TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port),
             "WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks)}  # fmt: skip
    os.environ.update(place, RANK="0", LOCAL_RANK="0")
    started: list[subprocess.Popen[bytes]] = []
    over = threading.Event()
    try:
        for rank in range(1, ranks):
            number = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "osler"],
                    env={**os.environ, **number},
                    stdin=subprocess.DEVNULL,
                )
            )
            threading.Thread(target=_watch, args=(started[-1], rank, over), daemon=True).start()
        yield store
        for helper in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                helper.wait(GRACE)
    except Exception as fault:
        for rank, helper in enumerate(started, start=1):
            if helper.poll() not in (None, 0):
                raise _lost(rank, helper.returncode) from fault
        raise
    finally:
        over.set()
        for helper in started:
            helper.kill()
            helper.wait()


def _watch(helper: subprocess.Popen[bytes], rank: int, over: threading.Event) -> None:
    """End this process when a helper dies: a card would wait for it for ever, and not be woken."""
    code = helper.wait()
    if code and not over.wait(GRACE):
        print(f"osler: {_lost(rank, code)}", file=sys.stderr, flush=True)
        os._exit(2)


def _lost(rank: int, code: int) -> RunError:
    return RunError(
        f"Rank {rank} has ended in mid-training (exit code {code}); what it said is above.",
        "Mend that, then go on with --resume: the newest whole checkpoint is kept.",
    )


# -- the others --------------------------------------------------------------------------------


def await_order() -> tuple[Path | None, Any]:
    """Wait until the first rank trains a run; returns its path (None: never) and the store.

    From here on this process ends when the first does, however that ends.
    """
    store = _meet()
    order = store.get(ORDER).decode()
    threading.Thread(target=_end_with_first, daemon=True).start()
    return (Path(order) if order else None), store


def _end_with_first() -> None:
    with contextlib.suppress(Exception):
        _meet().wait([END])  # fails when the store's server is gone
    time.sleep(1.0)  # the error that the main thread may meet too would be of no use to anybody
    os._exit(1)


@contextlib.contextmanager
def joined(store: Any) -> Generator[None]:
    """Take part, as one of the further ranks."""
    with _group(store):
        yield
        wait_for_all()


# -- both --------------------------------------------------------------------------------------


def _meet() -> Any:
    """The store that torchrun, or the first rank, holds for all."""
    try:
        store, _, _ = next(_distributed().rendezvous("env://", timeout=FOREVER))
    except (RuntimeError, ValueError) as fault:
        raise _not_met(fault) from None
    return store


@contextlib.contextmanager
def _group(store: Any) -> Generator[None]:
    """torch's process group of all ranks: NCCL for what is on the cards, gloo for the rest."""
    import torch

    rank, ranks, on_gpu = int(os.environ["RANK"]), launched(), torch.cuda.is_available()
    try:
        if on_gpu:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        _distributed().init_process_group(
            "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
            store=_distributed().PrefixStore("osler", store),
            rank=rank,
            world_size=ranks,
        )
        if on_gpu:  # NCCL starts with the first thing that it is asked
            _distributed().all_reduce(torch.zeros(1, device="cuda"))
        wait_for_all()
    except (RuntimeError, ValueError) as fault:
        raise _not_met(fault) from None
    try:
        yield
    except BaseException:
        # The others may be in the middle of something that they wait for us in; they are ended.
        with contextlib.suppress(Exception):
            _distributed().distributed_c10d._abort_process_group()
        raise
    _distributed().destroy_process_group()


def _not_met(fault: Exception) -> RunError:
    reason = (str(fault).strip() or type(fault).__name__).splitlines()[0][:200]
    return RunError(
        f"The ranks cannot reach each other ({reason}).",
        "Free the port in MASTER_PORT; behind a VPN set GLOO_SOCKET_IFNAME=lo and "
        "NCCL_SOCKET_IFNAME=lo; NCCL_DEBUG=INFO says more.",
    )
