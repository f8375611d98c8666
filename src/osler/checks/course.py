"""Checks of the training's course: steps, warm-up, checkpoints, memory, room on the disk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from osler.checks.finding import Finding, error, of_key, warning
from osler.checks.machine import GIB
from osler.checks.situation import WithRows
from osler.engine.attention import takes_boundaries
from osler.engine.choice import SLACK
from osler.errors import RecipeError
from osler.train.budget import gib, refuse_beyond_positions, what_is_off
from osler.train.fitting import told

WORTH_A_CHECKPOINT = 50
"""Steps from which a training should not depend on its last moment."""


def batch_size(s: WithRows) -> Iterator[Finding]:
    """A batch larger than the data, or no data at all."""
    train = s.recipe.train
    if not s.forecast.examples:
        yield error(
            "no-training-rows", "data.test_share",
            "no row is left to train on: all are held out, or none came through.",
            "Lower data.test_share and data.validation_share, or add rows in more groups.",
        )  # fmt: skip
        return
    effective = train.per_device_train_batch_size * train.gradient_accumulation_steps
    if effective > s.forecast.examples:
        yield warning(
            "batch-larger-than-data", "train.per_device_train_batch_size",
            f"a step wants {effective} examples and there are {s.forecast.examples}.",
            "Lower the batch size or train.gradient_accumulation_steps.",
        )  # fmt: skip


def warm_up(s: WithRows) -> Iterator[Finding]:
    """A learning rate that never gets to its height."""
    train, total = s.recipe.train, s.forecast.total_steps
    steps = train.warmup_steps if train.warmup_steps >= 1 else math.ceil(train.warmup_steps * total)
    if train.lr_scheduler_type == "constant":
        return
    if total == 1 and steps >= 1:
        yield error(
            "nothing-but-warmup", "train.warmup_steps",
            "there is one step, and warm-up begins at a learning rate of 0: no weight changes.",
            "Set train.warmup_steps: 0, or train for more steps.",
        )  # fmt: skip
    elif steps >= total:
        yield warning(
            "warmup-longer-than-run", "train.warmup_steps",
            f"warm-up takes {steps:g} of {total} steps: the rate never gets to its height.",
            "Set train.warmup_steps: 0.03 (a share of all steps).",
        )  # fmt: skip


def checkpoints(s: WithRows) -> Iterator[Finding]:
    """A long training with a single checkpoint at its end, or an early stop that cannot come."""
    train, total = s.recipe.train, s.forecast.total_steps
    if train.save_steps > total >= WORTH_A_CHECKPOINT:
        yield warning(
            "one-checkpoint", "train.save_steps",
            f"the first checkpoint would be after {train.save_steps} steps, and there are {total}: "
            "what is interrupted begins anew.",
            f"Set train.save_steps: {max(total // 5, 1)}.",
        )  # fmt: skip
    looks = total // (train.eval_steps or train.save_steps)
    if train.early_stopping_patience and looks <= train.early_stopping_patience:
        yield warning(
            "early-stop-never-comes", "train.early_stopping_patience",
            f"there are {looks} looks at the validation loss in {total} steps, too few for a "
            f"patience of {train.early_stopping_patience}.",
            f"Set train.eval_steps and train.save_steps to {max(total // 10, 1)}.",
        )  # fmt: skip


def packing(s: WithRows) -> Iterator[Finding]:
    """Rows packed through a mask cost the square of their length, mostly between strangers."""
    lengths = [len(t.input_ids) for t in s.prepared.tokens["train"]]
    mean = sum(lengths) / max(len(lengths), 1)
    if (
        (s.shape.kind or not takes_boundaries(s.machine.device, s.machine.capability))
        and s.recipe.train.packing
        and s.recipe.train.objective == "sft"
        and s.recipe.data.max_length > 8 * mean
    ):
        yield warning(
            "packing-through-masks", "train.packing",
            f"rows have {mean:.0f} tokens on average and are packed to "
            f"{s.recipe.data.max_length}: {'this model' if s.shape.kind else 'this device'} keeps "
            "them apart by masks, and attention costs many times more.",
            "Set train.packing: false, or data.max_length lower.",
        )  # fmt: skip


def memory(s: WithRows) -> Iterator[Finding]:
    """More than the device has, or recomputation that saves nothing that is needed."""
    cost, train = s.forecast, s.recipe.train
    if cost.memory > cost.limit or cost.chosen is None:
        what = "at the least " if cost.chosen is None else ""
        # Where no limit is set, as on a CPU, the forecast is too rough to refuse by less.
        tell = error if cost.chosen is None or cost.memory > 3 * cost.limit else warning
        yield tell(
            "memory-too-small", "train.memory",
            f"it takes {what}{gib(cost.memory)} GiB, and there are {gib(cost.limit)}.",
            told(cost.ways),
        )  # fmt: skip
    share = 1 - SLACK if s.machine.device == "cuda" else 0.25
    if train.gradient_checkpointing and cost.keeping < share * cost.limit:
        yield warning(
            "needless-checkpointing", "train.gradient_checkpointing",
            f"without it about {gib(cost.keeping)} of {gib(cost.limit)} GiB would be "
            "used, and a quarter of the time saved.",
            "Leave train.gradient_checkpointing out: as many layers recompute as must.",
        )  # fmt: skip


def compilation(s: WithRows) -> Iterator[Finding]:
    """A training too short to win back the seconds that compilation takes."""
    cost = s.forecast
    if s.machine.device == "cuda" and cost.compilation > cost.saved:
        yield warning(
            "compile-does-not-pay", "train.compile",
            f"compiling takes about {cost.compilation:.0f} s the first time, and saves "
            f"{cost.saved:.0f} s in {cost.total_steps} steps.",
            "Set train.compile: false, unless the same is trained many times over.",
        )  # fmt: skip


def plain_path(s: WithRows) -> Iterator[Finding]:
    """A model that the engine is not made for."""
    if off := what_is_off(s.recipe.train, s.shape):
        yield warning(
            "plain-path", "model.id", f"{off}.",
            "It trains all the same; a decoder of the usual kind trains several times faster."
            if s.shape.kind else "It trains all the same; train.packing: false keeps it.",
        )  # fmt: skip


def positions(s: WithRows) -> Iterator[Finding]:
    """Rows longer than a model with a table of positions can read."""
    lengths = [len(t.input_ids) for t in s.prepared.tokens["train"]]
    try:
        refuse_beyond_positions(s.recipe, s.shape, lengths)
    except RecipeError as fault:
        yield of_key("beyond-positions", fault)


def disk(s: WithRows) -> Iterator[Finding]:
    """Checkpoints and export must fit on the disk."""
    recipe, shape = s.recipe, s.shape
    trained = 4 * s.forecast.trained_parameters
    state = 1 if "8bit" in recipe.train.optim else 2
    need = (recipe.train.save_total_limit + 1) * trained * (1 + state) + trained
    need += 4 * shape.parameters if recipe.export.merged else 0
    if need > s.machine.free_disk:
        yield error(
            "disk-too-small", "train.save_total_limit",
            f"checkpoints and export need about {need / GIB:.1f} GiB, and "
            f"{s.machine.free_disk / GIB:.1f} are free.",
            "Free some space, or give --run-dir on another disk.",
        )  # fmt: skip


COURSE: list[Callable[[WithRows], Iterator[Finding]]] = [
    batch_size,
    warm_up,
    checkpoints,
    packing,
    memory,
    compilation,
    plain_path,
    positions,
    disk,
]
"""Checks of what the training will do and need."""
