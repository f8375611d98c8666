"""A record's text within a budget of tokens: what matters least is left out, and listed."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from osler.records.names import counted
from osler.records.render import Line, Part, as_text

Count = Callable[[Sequence[str]], list[int]]
"""Texts -> their lengths in tokens."""
TOKENS_EACH = 0.4
"""Tokens a letter in records, to begin with: they have many numbers."""
GUESSES = 6
"""How often a guess is made by letters, before what is left is halved."""


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
        said.append(f"earlier values of {counted(shortened, 'line')}")
    return as_text(parts) + (f"\n\nLeft out for length: {', '.join(said)}." if said else "")


def fit(parts: Sequence[Part], budget: int, count: Count) -> Fitted:
    """The most of `parts` that `budget` tokens hold.

    Lines go in the order of their rank, the highest first, and earlier values before the latest.
    Lines of rank 0 stay whatever the budget: active conditions, allergies, current medicines and
    labs out of range.
    """
    sizes = _sizes(parts)
    ranks = sorted(sizes)
    upto = list(accumulate(sizes[rank] for rank in ranks))
    low, high = -1, len(ranks)  # what fits, and what does not, as far as it is known
    best, tokens_each = None, TOKENS_EACH
    for turn in range(len(ranks)):
        # Letters are a good measure of tokens once it is known how many a token has; halves are
        # sure to end.
        guess = (
            bisect_right(upto, budget / tokens_each) - 1 if turn < GUESSES else (low + high) // 2
        )
        place = min(max(guess, low + 1), high - 1)
        tried = _cut(parts, ranks[place], budget, count)
        tokens_each = max(tried.tokens, 1) / max(upto[place], 1)
        if tried.fits:
            low, best = place, tried
        else:
            high, best = place, best or (tried if place == 0 else None)
        if high - low <= 1:
            break
    if low < len(ranks) - 1 and upto[-1] * tokens_each <= 1.25 * budget + 200:
        # The whole has no line about what was left out, and may fit where a little less does not.
        whole = _cut(parts, ranks[-1], budget, count)
        best = whole if whole.fits else best
    return best or _cut(parts, ranks[0], budget, count)


def _sizes(parts: Sequence[Part]) -> dict[int, int]:
    """By rank, the letters of the lines and tails that are left out with it; rank 0 has titles."""
    sizes: dict[int, int] = defaultdict(int)
    sizes[0] = sum(len(part.title) for part in parts)
    for line in (line for part in parts for line in part.lines):
        sizes[line.rank] += len(line.text) + 3
        if line.tail:
            sizes[max(line.tail_rank, line.rank)] += len(line.tail) + 3
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
