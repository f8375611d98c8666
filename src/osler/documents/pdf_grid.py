"""The rules of a PDF page: which words stand in one cell, and which cells in one row."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.documents.pdf_state import Box, Word

APART = 0.95
"""More is another cell. Spaces of justified text stay below, but for those in narrow cells."""
SAME_PLACE = 1.5
"""Points."""
MOST_LINES_IN_CELL = 8


@dataclass(slots=True)
class Strip:
    """Words of one line that no vertical rule parts. `side`: left or right, in columns."""

    words: list[Word]
    base: float
    size: float
    side: str = ""

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)


class Grid:
    """The rules of a page."""

    def __init__(self, rules: Iterable[Box]) -> None:
        level: list[tuple[float, float, float]] = []
        upright: list[tuple[float, float, float]] = []
        for left, low, right, high in rules:
            if high - low < 1 and right - left > 4:
                level.append((low, left, right))
            elif right - left < 1 and high - low > 4:
                upright.append((left, low, high))
        self.level = sorted(set(level))
        self.upright = sorted(set(upright))

    def rule_between(self, left: float, right: float, y: float) -> bool:
        """Whether a vertical rule stands between two words."""
        at = bisect_left(self.upright, (left - 1,))
        while at < len(self.upright) and self.upright[at][0] <= right + 1:
            if self.upright[at][1] <= y <= self.upright[at][2]:
                return True
            at += 1
        return False

    def box(self, strip: Strip) -> Box | None:
        """The rules around a strip, when there is one on each side."""
        x, y = (strip.left + strip.right) / 2, strip.base + strip.size / 4
        low, high = _around(self.level, y, x)
        left, right = _around(self.upright, x, y)
        if low is None or high is None or left is None or right is None:
            return None
        return (left, low, right, high)

    def rows(self, strips: Sequence[Strip]) -> tuple[list[list[list[Strip]]], list[Strip]]:
        """Rows of cells within rules, each cell with its strips; and the strips that are in none.

        A frame around half a page is no cell: it is alone in its row, too high, or has columns.
        """
        boxes: dict[Box, list[Strip]] = {}
        free: list[Strip] = []
        for strip in strips:
            box = self.box(strip)
            if box is None:
                free.append(strip)
            else:
                boxes.setdefault(box, []).append(strip)
        bands: dict[tuple[float, float], list[Box]] = {}
        for box in boxes:
            bands.setdefault((box[1], box[3]), []).append(box)
        rows: dict[tuple[float, float], list[Box]] = {}
        for band, found in bands.items():
            if any(_is_frame(box, boxes[box]) for box in found) or not self._has_columns(found):
                free += [strip for box in found for strip in boxes[box]]
            else:
                rows.setdefault(_first_within(band, bands), []).extend(found)
        ordered = [[boxes[box] for box in sorted(found)] for found in rows.values()]
        return ordered, free

    def _has_columns(self, found: list[Box]) -> bool:
        """Whether there is another cell beside: one with text, or an empty one."""
        if len(found) > 1:
            return True
        left, low, right, high = found[0]
        y = (low + high) / 2
        return any(
            _around(self.upright, x, y)[side] is not None
            for x, side in ((left - 3, 0), (right + 3, 1))
        )


def _around(
    rules: list[tuple[float, float, float]], at: float, across: float
) -> tuple[float | None, float | None]:
    """The nearest rules on both sides of a place that reach as far as `across`."""
    here = bisect_left(rules, (at,))
    before = (r[0] for r in reversed(rules[:here]) if r[1] - 1 <= across <= r[2] + 1)
    after = (r[0] for r in rules[here:] if r[1] - 1 <= across <= r[2] + 1)
    low, high = next(before, None), next(after, None)
    return (
        None if low is None else round(low, 0),
        None if high is None else round(high, 0),
    )


def _is_frame(box: Box, strips: list[Strip]) -> bool:
    size = max(strip.size for strip in strips)
    if len({round(strip.base) for strip in strips}) > MOST_LINES_IN_CELL:
        return True
    if box[3] - box[1] > 3 * MOST_LINES_IN_CELL * size:
        return True
    starts = Counter(
        round(word.left / SAME_PLACE)
        for strip in strips
        for before, word in pairwise(strip.words)
        if word.left - before.right > APART * strip.size
    )
    return any(count > 1 for count in starts.values())


def _first_within(
    band: tuple[float, float], bands: Iterable[tuple[float, float]]
) -> tuple[float, float]:
    """A cell over several rows stands in the first of them."""
    within = [
        one for one in bands if one != band and one[0] >= band[0] - 1 and one[1] <= band[1] + 1
    ]
    return max(within, key=lambda one: one[1], default=band)
