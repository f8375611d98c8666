"""A record's text within a budget of tokens: what matters least is left out, and listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from osler.records.render import Line, Part, as_text

Count = Callable[[Sequence[str]], list[int]]
"""Texts -> their lengths in tokens."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Parts that fit, and what is not in them."""

    parts: tuple[Part, ...]
    tokens: int
    left_out: dict[str, tuple[Line, ...]]
    """Lines by the name of their part."""
    shortened: int
    """Lines of which earlier values were left out."""
    fits: bool
    """False: what must never be left out is longer than the budget by itself."""

    @property
    def text(self) -> str:
        """The parts, and a line about what is not in them."""
        return text_of(self.parts, self.left_out, self.shortened)


def text_of(parts: Sequence[Part], left_out: dict[str, tuple[Line, ...]], shortened: int) -> str:
    """The text that a model reads."""
    said = [f"{len(lines)} of {name.replace('_', ' ')}" for name, lines in left_out.items()]
    if shortened:
        said.append(f"earlier values of {shortened} lines")
    return as_text(parts) + (f"\n\nLeft out for length: {', '.join(said)}." if said else "")


def fit(parts: Sequence[Part], budget: int, count: Count) -> Fitted:
    """The most of `parts` that `budget` tokens hold.

    Lines go in the order of their rank, the highest first, and earlier values before the latest.
    Lines of rank 0 stay whatever the budget: active conditions, allergies, current medicines and
    labs out of range.
    """
    ranks = sorted({0, *(r for part in parts for line in part.lines for r in _ranks(line))})
    low, high = 0, len(ranks) - 1
    best = _cut(parts, ranks[high], budget, count)
    if best.tokens <= budget:
        return best
    best = _cut(parts, 0, budget, count)
    while low < high:  # the most ranks that fit; 0 is known, the highest is known not to
        middle = (low + high + 1) // 2
        tried = _cut(parts, ranks[middle], budget, count)
        if tried.fits:
            low, best = middle, tried
        else:
            high = middle - 1
    return best


def _ranks(line: Line) -> tuple[int, ...]:
    return (line.rank, max(line.tail_rank, line.rank)) if line.tail else (line.rank,)


def _cut(parts: Sequence[Part], most: int, budget: int, count: Count) -> Fitted:
    """Without what ranks above `most`."""
    kept: list[Part] = []
    left_out: dict[str, tuple[Line, ...]] = {}
    shortened = 0
    for part in parts:
        lines: list[Line] = []
        for line in part.lines:
            if line.rank > most:
                continue
            if line.tail and max(line.tail_rank, line.rank) > most:
                line = dataclasses.replace(line, tail="")
                shortened += 1
            lines.append(line)
        gone = tuple(line for line in part.lines if line.rank > most)
        if gone:
            left_out[part.name] = gone
        if lines or not part.lines:
            kept.append(dataclasses.replace(part, lines=tuple(lines)))
    tokens = count([text_of(kept, left_out, shortened)])[0]
    return Fitted(tuple(kept), tokens, left_out, shortened, tokens <= budget)
