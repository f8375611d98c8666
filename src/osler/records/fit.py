"""A record's text within a budget of tokens: what matters least is left out, and listed."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

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
    sizes = _sizes(parts, count)
    ranks = sorted({0, *sizes})
    upto = list(accumulate(sizes.get(rank, 0) for rank in ranks))
    tried: dict[int, Fitted] = {}

    def at(place: int) -> Fitted:
        if place not in tried:
            tried[place] = _cut(parts, ranks[place], budget, count)
        return tried[place]

    def guess(spare: int) -> int:
        return max(0, bisect_right(upto, budget - spare) - 1)

    # Lines add up to nearly the whole; the second guess knows by how much they do not.
    place = guess(0)
    place = guess(at(place).tokens - upto[place])
    while place + 1 < len(ranks) and at(place).fits and at(place + 1).fits:
        place += 1
    while place > 0 and not at(place).fits:
        place -= 1
    return at(place)


def _sizes(parts: Sequence[Part], count: Count) -> dict[int, int]:
    """By rank, the tokens of the lines and tails that are left out with it, each by itself."""
    said: list[tuple[int, str]] = []
    for line in (line for part in parts for line in part.lines):
        said.append((line.rank, f"- {line.text}\n"))
        if line.tail:
            said.append((max(line.tail_rank, line.rank), f" ({line.tail})"))
    sizes: dict[int, int] = defaultdict(int)
    for (rank, _), tokens in zip(said, count([text for _, text in said]), strict=True):
        sizes[rank] += tokens
    return sizes


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
