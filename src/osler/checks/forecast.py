"""Steps, memory, time and cost of a training, from the rows, the model's shape and the machine.

The engine foretells a step (`osler.engine.memory` and `duration`); here steps are counted.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.checks.machine import Machine
from osler.engine.duration import seconds
from osler.engine.memory import peak
from osler.engine.packing import best_fit, padding_share, split_long
from osler.engine.plan import Plan
from osler.engine.shape import Shape
from osler.ranks import share
from osler.recipe import Recipe
from osler.template import Tokens
from osler.train.budget import (
    Chosen,
    budget_of,
    choice,
    fixed_rows,
    is_packed,
    trained_parameters,
    work_of,
)
from osler.train.fitting import Way, smallest, ways_to_fit

COMPILATION = (8.0, 0.2)
"""Seconds to compile a model's layers the first time: in all, and for each layer."""
OWN_MEMORY = 700 * 2**20
"""What torch and the libraries take beside a model that is in the same memory."""


@dataclass(frozen=True)
class Forecast:
    """What a training will take."""

    examples: int
    """Rows (with their repeats), or packed rows."""
    padding: float | None
    """How much of packed rows is padding, 0 to 1; None where rows are not packed."""
    steps_per_epoch: int
    total_steps: int
    tokens_per_step: int
    """Tokens the model reads in an ordinary step, padding included."""
    most_tokens: int
    """The same, in the largest forward pass there can be on one rank."""
    trained_parameters: int
    chosen: Chosen | None
    """How it fits into the memory; None where it does not."""
    memory: int
    """Bytes at the peak; where nothing fits, of the smallest way to train."""
    keeping: int
    """The same, when every activation is kept."""
    limit: float
    """Bytes that there are for it."""
    ways: list[Way]
    """What would make it fit, where it does not."""
    seconds: float
    """All steps, without what compilation takes."""
    compilation: float
    """Seconds that the first compilation takes; 0 without."""
    saved: float
    """Seconds that compiled layers save in all."""


def forecast(
    recipe: Recipe,
    shape: Shape,
    machine: Machine,
    tokens: Sequence[Tokens],
    repeats: Sequence[int],
) -> Forecast:
    """Foretell the cost of a training on these rows."""
    settings, place = recipe.train, machine.place
    lengths = [len(t.input_ids) for t, n in zip(tokens, repeats, strict=True) for _ in range(n)]
    rows, turns = share(settings, place.ranks)
    examples, ordinary = batches(recipe, lengths, rows)
    per_epoch = max(
        math.ceil(
            math.ceil(examples / settings.per_device_train_batch_size)
            / settings.gradient_accumulation_steps
        ),
        1,
    )
    total = math.ceil(settings.num_train_epochs * per_epoch)
    total = settings.max_steps if settings.max_steps > 0 else total
    work = work_of(recipe, shape, lengths, place)
    chosen = choice(recipe, shape, lengths, place)
    budget = budget_of(settings, place)
    limit = place.free - OWN_MEMORY if budget is None else budget
    plan = chosen.plan if chosen else smallest(recipe, shape, lengths, place)
    memory = peak(work, plan)
    suffices = chosen is not None and memory <= limit
    usual = dataclasses.replace(work, tokens=max(ordinary, 1))
    took, plainly = (
        total * seconds(dataclasses.replace(usual, compiled=compiled), plan, machine.speed)
        for compiled in (work.compiled, False)
    )
    return Forecast(
        examples=examples,
        padding=padding_share(
            lengths, examples, recipe.data.max_length, fixed_rows(settings, examples, rows)
        )
        if is_packed(recipe) and examples
        else None,
        steps_per_epoch=per_epoch,
        total_steps=total,
        tokens_per_step=ordinary * turns * place.ranks,
        most_tokens=work.tokens,
        trained_parameters=trained_parameters(shape, settings),
        chosen=chosen,
        memory=memory,
        keeping=peak(work, Plan(sharded=plan.sharded)),
        limit=limit,
        ways=[]
        if suffices
        else ways_to_fit(recipe, shape, lengths, place, limit if budget is None else None),
        seconds=took,
        compilation=COMPILATION[0] + COMPILATION[1] * shape.layers if work.compiled else 0.0,
        saved=plainly - took,
    )


def batches(recipe: Recipe, lengths: Sequence[int], batch: int) -> tuple[int, int]:
    """Examples an epoch, and tokens of an ordinary batch of so many."""
    capacity = recipe.data.max_length
    if not is_packed(recipe):
        return len(lengths), padded_batches(lengths, batch)[0]
    pieces = [end - start for _, start, end in split_long(lengths, capacity)]
    rows = len(best_fit(pieces, capacity))
    return rows, capacity * min(batch, rows)


def padded_batches(lengths: Sequence[int], batch: int) -> tuple[int, int]:
    """Tokens in an average and in the largest possible padded batch of rows in random order."""
    if not lengths:
        return 0, 0
    shuffled = np.random.default_rng(0).permutation(lengths)
    widths = [int(shuffled[i : i + batch].max()) for i in range(0, len(shuffled), batch)]
    rows = min(batch, len(lengths))
    return int(np.mean(widths) * rows), max(lengths) * rows
