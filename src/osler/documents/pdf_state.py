"""What drawing a PDF page needs to know: words and lines with places, matrices, the graphics state.

ISO 32000-2, 8.3 (places), 8.4 (state) and 9.3 (text).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf.generic import DictionaryObject
from pypdf.generic._font import Font

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
WHITE = 0.97
"""Of 1: paler is white."""


@dataclass(slots=True)
class Word:
    """Letters that stand together. Points, from the left and the bottom of the page as it is seen.

    `spaced`: a space character stands before it. `turned`: it does not run from left to right.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    spaced: bool
    turned: bool = False


@dataclass(slots=True)
class Drawn:
    """All that matters of a page. `rules` are the straight lines, drawn or as edges of boxes."""

    words: list[Word] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    areas: list[Box] = field(default_factory=list)
    """Boxes around what is filled with other than white: white letters can be seen there."""


@dataclass(slots=True)
class State:
    """The graphics state as far as text needs it."""

    ctm: Matrix
    font: Font | None = None
    size: float = 1
    char_space: float = 0
    word_space: float = 0
    scale: float = 1
    leading: float = 0
    rise: float = 0
    mode: int = 0
    white: bool = False
    seen: bool = True

    def copy(self) -> State:
        """For `q`, and for a form."""
        return replace(self)


def times(m: Matrix, n: Matrix) -> Matrix:
    """First m, then n."""
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


def numbers(operands: Sequence[Any], count: int) -> list[float]:
    """The first `count` operands; what is no finite number is 0, as viewers have it."""
    found = [
        float(one) if isinstance(one, (int, float)) and math.isfinite(float(one)) else 0.0
        for one in list(operands)[:count]
    ]
    return found + [0.0] * (count - len(found))


def dictionary(found: Any) -> DictionaryObject:
    """What is found there, followed to the object itself; empty if it is no dictionary."""
    resolved = found.get_object() if hasattr(found, "get_object") else found
    return resolved if isinstance(resolved, DictionaryObject) else DictionaryObject()


def matrix(operands: Sequence[Any]) -> Matrix:
    """Six numbers."""
    a, b, c, d, e, f = numbers(operands, 6)
    return (a, b, c, d, e, f)


def box(points: Sequence[tuple[float, float]], m: Matrix) -> Box:
    """The box around points, as m moves them."""
    xs = [x * m[0] + y * m[2] + m[4] for x, y in points]
    ys = [x * m[1] + y * m[3] + m[5] for x, y in points]
    return (min(xs), min(ys), max(xs), max(ys))


def within(x: float, y: float, boxes: Sequence[Box]) -> bool:
    """Whether a point lies in one of the boxes."""
    return any(left <= x <= right and low <= y <= high for left, low, right, high in boxes)


def is_white(operands: Sequence[Any]) -> bool:
    """Whether a colour is white: grey, RGB or CMYK by the count of its numbers."""
    values = [float(one) for one in operands if isinstance(one, (int, float))]
    if len(values) == 4:
        return all(value <= 1 - WHITE for value in values)
    return bool(values) and len(values) in (1, 3) and all(value >= WHITE for value in values)


def bold(font: Font | None) -> bool:
    """By its name: few PDFs say it otherwise."""
    name = font.font_descriptor.name.lower() + font.name.lower() if font else ""
    return any(word in name for word in ("bold", "black", "heavy"))
