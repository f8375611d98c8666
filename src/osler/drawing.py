"""Inline SVG: no script, no asset, colours from the page's style sheet.

What is drawn is markup that is safe to put into a page: texts are escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from markupsafe import Markup


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
        self._head = Markup(
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="chart">'
        ).format(_short(width), _short(height), title)
        self._parts: list[Markup] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._parts.append(
            Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>').format(
                _short(x1), _short(y1), _short(x2), _short(y2), kind
            )
        )

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        self._parts.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>').format(
                _short(x), _short(y), _short(width), _short(height), kind
            )
        )

    def dot(self, x: float, y: float, radius: float, kind: str) -> None:
        self._parts.append(
            Markup('<circle cx="{}" cy="{}" r="{}" class="{}"/>').format(
                _short(x), _short(y), _short(radius), kind
            )
        )

    def polygon(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        joined = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        self._parts.append(Markup('<polygon points="{}" class="{}"/>').format(joined, kind))

    def path(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        joined = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        self._parts.append(Markup('<polyline points="{}" class="{}"/>').format(joined, kind))

    def words(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        self._parts.append(
            Markup('<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>').format(
                _short(x), _short(y), anchor, kind, text
            )
        )

    @contextmanager
    def group(self, tip: str) -> Iterator[None]:
        """What is drawn within belongs together; browsers show the tip over it."""
        self._parts.append(Markup("<g><title>{}</title>").format(tip))
        yield
        self._parts.append(Markup("</g>"))

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
        return self._head + Markup("").join(self._parts) + Markup("</svg>")


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def place(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where a value between low and high lies between start and end."""
    return start + (value - low) / ((high - low) or 1) * (end - start)
