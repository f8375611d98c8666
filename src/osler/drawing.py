"""Inline SVG: no script, no asset, colours from the page's style sheet.

What is drawn is markup that is safe to put into a page: texts are escaped.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from markupsafe import Markup, escape


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between low and high, at most about `most`."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """A number as an axis shows it: up to three significant digits."""
    if value == 0 or abs(value) < 1e-12:
        return "0"
    if abs(value) >= 10_000:
        return f"{value / 1000:.3g}k".replace("-", "−")
    if abs(value) >= 1000:
        return f"{value:.0f}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def numbers(values: Sequence[float]) -> list[str]:
    """Numbers of one axis, all with the decimals that tell each of them; thousands as k."""
    most = max(map(abs, values), default=0.0)
    unit, sign = (1000.0, "k") if most >= 10_000 else (1.0, "")
    for decimals in range(4):
        texts = [f"{value / unit:.{decimals}f}" for value in values]
        exact = all(
            abs(float(t) * unit - v) <= 1e-9 * most for t, v in zip(texts, values, strict=True)
        )
        if exact and most < 1e9:
            return [(text + sign).replace("-", "−") for text in texts]
    return [f"{value:.3g}".replace("-", "−") for value in values]


class Drawing:
    """Lines, bars and words that become one `<svg>`."""

    def __init__(self, width: float, height: float, title: str) -> None:
        # Plain strings, for a page has thousands of parts: numbers need no escaping, and every
        # text and kind is escaped where it is put in.
        self._parts = [
            f'<svg viewBox="0 0 {_short(width)} {_short(height)}" role="img"'
            f' aria-label="{escape(title)}" class="chart">'
        ]

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._parts.append(
            f'<line x1="{_short(x1)}" y1="{_short(y1)}" x2="{_short(x2)}" y2="{_short(y2)}"'
            f' class="{escape(kind)}"/>'
        )

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        self._parts.append(
            f'<rect x="{_short(x)}" y="{_short(y)}" width="{_short(width)}"'
            f' height="{_short(height)}" class="{escape(kind)}"/>'
        )

    def dot(self, x: float, y: float, radius: float, kind: str) -> None:
        self._parts.append(
            f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(radius)}"'
            f' class="{escape(kind)}"/>'
        )

    def polygon(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        self._parts.append(f'<polygon points="{_joined(points)}" class="{escape(kind)}"/>')

    def path(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        self._parts.append(f'<polyline points="{_joined(points)}" class="{escape(kind)}"/>')

    def words(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        self._parts.append(
            f'<text x="{_short(x)}" y="{_short(y)}" text-anchor="{escape(anchor)}"'
            f' class="{escape(kind)}">{escape(text)}</text>'
        )

    @contextmanager
    def group(self, tip: str) -> Generator[None, None, None]:
        """What is drawn within belongs together; browsers show the tip over it."""
        self._parts.append(f"<g><title>{escape(tip)}</title>")
        yield
        self._parts.append("</g>")

    def bottom_axis(
        self, low: float, high: float, left: float, right: float, top: float, bottom: float
    ) -> None:
        """Vertical guides with their numbers under them."""
        for value in ticks(low, high):
            x = place(value, low, high, left, right)
            self.line(x, top, x, bottom, "guide")
            self.words(x, bottom + 13, number(value), "tick", "middle")

    def svg(self) -> Markup:
        """The finished drawing."""
        return Markup("".join(self._parts) + "</svg>")


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_short(x)},{_short(y)}" for x, y in points)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def place(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where a value between low and high lies between start and end."""
    return start + (value - low) / ((high - low) or 1) * (end - start)
