"""Inline SVG for the report: no script, no asset, colours from the page's style sheet.

Every function returns markup that is safe to put into the page: texts are escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup, escape

from osler.drawing import Drawing, number, place, ticks

WIDTH = 360
"""Of the drawing's own units; the page scales it to its column."""
CURVES_WIDTH = 500
MOST_BARS = 240
"""Bars of a sorted plot; more items than that are shown by as many quantiles."""


def histograms(series: Mapping[str, Sequence[float]], title: str) -> Markup:
    """One histogram a system, above each other on one scale; a mark at each mean.

    Each is drawn to its own full height: a spread-out system would be flat beside a narrow one.
    """
    everything = np.concatenate([np.asarray(v, dtype=np.float64) for v in series.values()])
    low, high = float(everything.min()), float(np.quantile(everything, 0.99))
    beyond = high + (high - low) < everything.max()
    high = high if beyond else float(everything.max())
    if high <= low:
        low, high = low - 0.5, high + 0.5
    left, right, row = 62.0, WIDTH - 8.0, 44.0
    drawing = Drawing(WIDTH, row * len(series) + 24, title)
    drawing.bottom_axis(low, high, left, right, 2, row * len(series) + 4)
    edges = np.linspace(low, high, 37)
    counts = {
        name: np.histogram(np.clip(values, low, high), edges)[0] / len(values)
        for name, values in series.items()
    }
    for index, (name, share) in enumerate(counts.items()):
        base = row * (index + 1)
        drawing.words(left - 8, base - 10, name, "label", "end")
        width = (right - left) / len(share)
        for position, value in enumerate(share):
            tall = float(value / share.max()) * (row - 10)
            if tall > 0:
                x = left + position * width
                drawing.bar(x, base - max(tall, 0.8), width - 0.7, max(tall, 0.8), f"s-{name}")
        drawing.line(left, base, right, base, "axis")
        mean = place(min(float(np.mean(series[name])), high), low, high, left, right)
        drawing.line(mean, base - row + 8, mean, base, "mean")
    if beyond:
        drawing.words(right, 9, f"1 % lie beyond {number(high)}", "tick", "end")
    return drawing.svg()


def sorted_differences(
    differences: Sequence[float], *, higher_is_better: bool, title: str
) -> Markup:
    """Every item's difference, the worst on the left; for many items, as many quantiles."""
    signed = np.sort(np.asarray(differences, dtype=np.float64) * (1 if higher_is_better else -1))
    n = len(signed)
    if n > MOST_BARS:
        signed = np.quantile(signed, (np.arange(MOST_BARS) + 0.5) / MOST_BARS)
    # A few extreme items would press all others flat; they are cut at the edge. Where no item is
    # worse, or none better, there is no room for them.
    low = min(0.0, float(np.quantile(signed, 0.01)))
    high = max(0.0, float(np.quantile(signed, 0.99)))
    if high - low < 1e-9:
        low, high = -1e-9, 1e-9
    left, right, top, bottom = 40.0, WIDTH - 6.0, 6.0, 132.0
    drawing = Drawing(WIDTH, 152, title)
    for value in ticks(low, high, 4):
        y = place(value, low, high, bottom, top)
        drawing.line(left, y, right, y, "guide")
        shown = value if higher_is_better else -value
        drawing.words(left - 5, y + 3.5, number(shown), "tick", "end")
    zero, width = place(0, low, high, bottom, top), (right - left) / len(signed)
    for index, value in enumerate(signed):
        y = place(float(np.clip(value, low, high)), low, high, bottom, top)
        if y != zero:
            kind = "better" if value > 0 else "worse"
            x = left + index * width
            drawing.bar(x, min(y, zero), max(width - 0.25, 0.4), abs(y - zero), kind)
    drawing.line(left, zero, right, zero, "axis")
    share = [round(100 * float(np.mean(np.sign(signed) == sign))) for sign in (-1, 0, 1)]
    drawing.words(left, 148, f"worse on {share[0]} %", "tick worse-text")
    drawing.words((left + right) / 2, 148, f"same on {share[1]} %", "tick", "middle")
    drawing.words(right, 148, f"better on {share[2]} %", "tick better-text", "end")
    return drawing.svg()


def interval_bar(
    difference: float,
    interval: tuple[float, float] | None,
    margin: float,
    *,
    higher_is_better: bool,
    title: str,
) -> Markup:
    """A difference with its interval and the band that would not matter; better is right."""
    sign = 1 if higher_is_better else -1
    ends = sorted(sign * end for end in interval) if interval else [sign * difference] * 2
    reach = 1.15 * max(abs(ends[0]), abs(ends[1]), 1.3 * margin)
    width, height, middle = 300.0, 40.0, 15.0

    def x(value: float) -> float:
        return place(value, -reach, reach, 4, width - 4)

    drawing = Drawing(width, height, title)
    drawing.bar(x(-margin), 4, x(margin) - x(-margin), 22, "margin")
    drawing.line(4, middle, width - 4, middle, "guide")
    drawing.line(x(0), 3, x(0), 27, "axis")
    kind = "undecided"
    if interval:
        kind = "better" if ends[0] > 0 else "worse" if ends[1] < 0 else kind
        drawing.line(x(ends[0]), middle, x(ends[1]), middle, f"whisker {kind}")
    drawing.dot(x(sign * difference), middle, 4.5, kind)
    drawing.words(4, 37, "← worse", "tick")
    drawing.words(x(0), 37, "no difference", "tick", "middle")
    drawing.words(width - 4, 37, "better →", "tick", "end")
    return drawing.svg()


def curves(series: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str) -> Markup:
    """Lines over steps; single points are drawn as dots."""
    xs = [x for steps, _ in series.values() for x in steps]
    ys = [y for _, values in series.values() for y in values]
    low, high = min(ys), max(ys)
    pad = (high - low) * 0.06 or 0.5
    low, high = low - pad, high + pad
    left, right, top, bottom = 40.0, CURVES_WIDTH - 8.0, 8.0, 170.0
    drawing = Drawing(CURVES_WIDTH, 200, title)
    for value in ticks(low, high):
        y = place(value, low, high, bottom, top)
        drawing.line(left, y, right, y, "guide")
        drawing.words(left - 6, y + 3.5, number(value), "tick", "end")
    for value in ticks(min(xs), max(xs), 6):
        drawing.words(
            place(value, min(xs), max(xs), left, right),
            bottom + 15,
            number(value),
            "tick",
            "middle",
        )
    drawing.words(right, 198, "step", "tick", "end")
    for name, (steps, values) in series.items():
        points = [
            (place(x, min(xs), max(xs), left, right), place(y, low, high, bottom, top))
            for x, y in zip(steps, values, strict=True)
        ]
        drawing.path(points, f"curve c-{name}")
        if len(points) <= 40:
            for x, y in points:
                drawing.dot(x, y, 2.6, f"s-{name}")
    return drawing.svg()


def legend(names: Sequence[str]) -> Markup:
    """Coloured keys with their names."""
    return Markup("").join(
        Markup('<span class="key"><i class="k-{}"></i>{}</span>').format(name, escape(name))
        for name in names
    )
