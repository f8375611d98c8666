"""Two columns of prose on a page: where they part, and in which order their lines are read.

Cells of a table stay in their row: only where both sides are prose, line for line, is the gap
between them the gap between columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.documents.pdf_grid import APART
from osler.documents.pdf_state import Word

Row = Sequence[Word]


@dataclass(frozen=True, slots=True)
class Gutter:
    """The gap between two columns: its place, and the numbers of the lines that it parts."""

    at: float
    rows: frozenset[int]


def gutter(rows: Sequence[Row]) -> Gutter | None:
    """Where a page of two columns is parted, or None. `rows`: words by their base lines."""
    words = [word for row in rows for word in row]
    if len(rows) < 8:
        return None
    low, high = min(word.left for word in words), max(word.right for word in words)
    starts = Counter(
        round(word.left)
        for row in rows
        for word in _starts(row)
        if low + 0.3 * (high - low) < word.left < low + 0.7 * (high - low)
    )
    for start, count in starts.most_common(3):
        parted = _parted_rows(rows, start - 2.0) if count >= 5 else frozenset[int]()
        if parted:
            return Gutter(start - 2.0, parted)
    return None


def _starts(row: Row) -> list[Word]:
    """Words that begin a line or stand behind a wide gap."""
    wide = [b for a, b in pairwise(row) if b.left - a.right > APART * b.size]
    return [row[0], *wide]


def _parted_rows(rows: Sequence[Row], split: float) -> frozenset[int]:
    """Lines from the first to the last of prose in two columns. A row of a table that goes across
    them is whole; none at all when there is too little prose for columns."""
    halves = [_halves(row, split) for row in rows]
    sides = [[pair[n] for pair in halves if pair and pair[n]] for n in (0, 1)]
    if not all(sides):
        return frozenset()
    widths = [max(h[-1].right for h in side) - min(h[0].left for h in side) for side in sides]
    full = [
        [not pair[n] or _is_full(pair[n], widths[n]) for n in (0, 1)] if pair else [False]
        for pair in halves
    ]
    runs = [at for at in range(len(rows) - 2) if all(map(all, full[at : at + 3]))]
    prose = sum(map(all, full))
    if not runs or prose < 5 or prose < 0.3 * len(rows):
        return frozenset()
    first, last = _grown(rows, runs[0], runs[-1] + 2)
    return frozenset(
        at
        for at in range(first, last + 1)
        if halves[at] and (any(full[at]) or len(_starts(rows[at])) < 3)
    )


def _grown(rows: Sequence[Row], first: int, last: int) -> tuple[int, int]:
    """With the lines that stand close above and below: the last ones of paragraphs are short."""

    def near(upper: int, lower: int) -> bool:
        a, b = rows[upper][0], rows[lower][0]
        return a.base - b.base < 1.7 * max(a.size, b.size)

    while first > 0 and near(first - 1, first) and len(_starts(rows[first - 1])) < 3:
        first -= 1
    while last + 1 < len(rows) and near(last, last + 1) and len(_starts(rows[last + 1])) < 3:
        last += 1
    return first, last


def _halves(row: Row, split: float) -> tuple[Row, Row] | None:
    """What stands left and right of the split; None when the line goes on over it: when a word
    lies on it, or no more than a space."""
    left = [word for word in row if word.right <= split]
    right = [word for word in row if word.left >= split]
    if len(left) + len(right) < len(row):
        return None
    if left and right and right[0].left - left[-1].right < 0.7 * right[0].size:
        return None
    return left, right


def _is_full(half: Row, width: float) -> bool:
    """Whether a line fills its column, with words."""
    text = "".join(word.text for word in half)
    wide = half[-1].right - half[0].left > 0.7 * width
    return wide and len(half) >= 4 and sum(map(str.isalpha, text)) > 0.7 * len(text)
