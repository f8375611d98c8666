"""How a training is to fit the memory: the fastest plan whose foretold peak does."""

from __future__ import annotations

from collections.abc import Iterator

from osler.engine.memory import peak
from osler.engine.plan import Plan
from osler.engine.shape import Shape
from osler.engine.work import Work

SLACK = 0.08
"""Share of the budget that is left: memory in pieces too small to be used."""
TILE = 8192
"""Tokens of a tile: enough that the products lose nothing."""


def plans(
    shape: Shape,
    *,
    recompute: bool | None = None,
    offload: bool | None = None,
    tiled: bool | None = None,
    compiled: bool = False,
) -> Iterator[Plan]:
    """Plans from the fastest to the smallest. None leaves a question open, a bool answers it."""
    layers = shape.layers
    few = 1 if offload else 0
    counts = [0] if recompute is False else [layers] if recompute else range(few, layers + 1)
    tile = TILE if tiled else None
    selective = compiled and recompute is not False
    if selective and not recompute and not offload:
        yield Plan(0, False, tile)
    yield from (Plan(count, bool(offload), tile, selective=selective) for count in counts)
    if recompute is False:
        if tiled is None:
            yield Plan(0, False, TILE)
        return
    if offload is None:
        yield Plan(layers, True, tile, selective=selective)
    if tiled is None:
        yield Plan(layers, offload is not False, TILE, selective=selective)


def fits(work: Work, plan: Plan, budget: float) -> bool:
    """True when the plan's peak leaves the slack."""
    return peak(work, plan) <= budget * (1 - SLACK)


def choose_plan(work: Work, budget: float | None, candidates: Iterator[Plan]) -> Plan | None:
    """The first of the candidates that fits; with no budget the first of all; None if none does.

    `budget`: bytes that the process may use.
    """
    return next((p for p in candidates if budget is None or fits(work, p, budget)), None)
