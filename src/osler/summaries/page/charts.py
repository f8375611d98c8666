"""Drawings of values over time, with the ranges that held."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from markupsafe import Markup

from osler.drawing import Drawing, numbers, place, ticks
from osler.records.ranges import Reference
from osler.summaries.page.series import Chart, Point, Track

WIDTH, HEIGHT = 320.0, 156.0
"""Of the drawing's own units; the page scales it to its column, on a phone to about the same."""
LEFT, RIGHT, TOP, BOTTOM = 34.0, 312.0, 20.0, 132.0
MOST_MARKS = 60
"""Values of a line; with more than that, only those out of range and the last get a mark."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
"""Years between two ticks."""
Ends = tuple[float, float]
"""Of an axis."""


def chart(of: Chart, on: date) -> Markup:
    """Lines over time with the range behind them; `on` is the day of the summary."""
    points = [point for track in of.tracks for point in track.points]
    start, end = _times(points, on)
    low, high = _values(points, of.scale)
    drawing = Drawing(WIDTH, HEIGHT, _spoken(of))
    for track in of.tracks:
        _band(drawing, track, (start, end), (low, high))
    whole = all(point.y % 1 == 0 for point in points)
    _axes(drawing, of.unit, (start, end), (low, high), whole)
    if start < on.toordinal() <= end:
        x = place(on.toordinal(), start, end, LEFT, RIGHT)
        drawing.line(x, TOP, x, BOTTOM, "today")
    for number, track in enumerate(of.tracks):
        _line(drawing, track, number, (start, end), (low, high))
    if len(of.tracks) > 1:
        _names(drawing, of.tracks)
    return drawing.svg()


def _names(drawing: Drawing, tracks: Sequence[Track]) -> None:
    """Which line is which, above the drawing."""
    x = RIGHT
    for number, track in reversed(list(enumerate(tracks))):
        drawing.words(x, 10, track.name, "tick", "end")
        x -= 4.8 * len(track.name) + 5
        drawing.line(x - 18, 7, x, 7, f"curve line-{number}")
        x -= 28


def _spoken(of: Chart) -> str:
    """What the drawing shows, for who cannot see it."""
    latest, first = of.latest, min(of.tracks[0].points, key=lambda point: point.x)
    out = sum(bool(point.flag) for track in of.tracks for point in track.points)
    said = [
        f"{latest.name}: {len(of.tracks[0].points)} values from {first.at} to {latest.at}",
        f"latest {latest.value}" + (f", {latest.flag}" if latest.flag else ""),
    ]
    if latest.reference:
        said += [latest.reference, f"{out} out of range"]
    return "; ".join(said)


def _times(points: Sequence[Point], on: date) -> Ends:
    """From the first value to the day of the summary, where that is not too far behind the last."""
    start, last = min(p.x for p in points), max(p.x for p in points)
    span = last - start
    end = max(last, float(on.toordinal())) if on.toordinal() - last <= max(span, 30) else last
    margin = 0.03 * (end - start) or 15.0
    return max(start - margin, 1.0), min(end + margin, float(date.max.toordinal()))


def _values(points: Sequence[Point], scale: Ends | None) -> Ends:
    """All values, the limits of their ranges, and the ends of the scale where it has some."""
    shown = [*(point.y for point in points), *(scale or ())]
    for point in points:
        if point.reference:
            shown += [at for at in (point.reference.low, point.reference.high) if at is not None]
    low, high = min(shown), max(shown)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return (0.0 if 0 <= low < margin else low - margin), high + margin


def _band(drawing: Drawing, track: Track, times: Ends, values: Ends) -> None:
    """The range of each value, from half way to the one before to half way to the next."""
    for found, start, end in _stretches(track.points, times):
        low = values[0] if found.low is None else found.low
        high = values[1] if found.high is None else found.high
        left, right = (place(at, *times, LEFT, RIGHT) for at in (start, end))
        bottom, top = (place(at, *values, BOTTOM, TOP) for at in (low, high))
        drawing.bar(left, top, right - left, bottom - top, "band")
        for limit, y in ((found.low, bottom), (found.high, top)):
            if limit is not None:
                drawing.line(left, y, right, y, "limit")


def _stretches(points: Sequence[Point], times: Ends) -> Iterator[tuple[Reference, float, float]]:
    """Ranges with the time for which they are drawn; neighbours of one range together."""
    middles = [(a.x + b.x) / 2 for a, b in pairwise(points)]
    edges = [times[0], *middles, times[1]]
    for found, some in groupby(enumerate(points), key=lambda pair: pair[1].reference):
        places = [n for n, _ in some]
        if found is not None:
            yield found, edges[places[0]], edges[places[-1] + 1]


def _axes(drawing: Drawing, unit: str, times: Ends, values: Ends, whole: bool) -> None:
    marks = _marks(values, whole)
    for value, text in zip(marks, numbers(marks), strict=True):
        y = place(value, *values, BOTTOM, TOP)
        drawing.line(LEFT, y, RIGHT, y, "guide")
        drawing.words(LEFT - 5, y + 3.5, text, "tick", "end")
    drawing.words(0, 10, unit, "tick")
    drawing.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis")
    for at, text in time_ticks(*times):
        x = place(at, *times, LEFT, RIGHT)
        drawing.line(x, BOTTOM, x, BOTTOM + 4, "axis")
        anchor = "end" if x > RIGHT - 14 and len(text) > 4 else "middle"
        drawing.words(x, BOTTOM + 16, text, "tick", anchor)


def _marks(values: Ends, whole: bool) -> list[float]:
    """Ticks of values; of whole numbers, whole ones."""
    marks = ticks(*values, 5)
    integers = [mark for mark in marks if abs(mark - round(mark)) < 1e-9]
    return integers if whole and len(integers) > 1 else marks


def _line(drawing: Drawing, track: Track, number: int, times: Ends, values: Ends) -> None:
    """A line, marks over it, and its name where there are several."""
    placed = [
        (place(p.x, *times, LEFT, RIGHT), place(p.y, *values, BOTTOM, TOP)) for p in track.points
    ]
    drawing.path(placed, f"curve line-{number}")
    for (x, y), point in zip(placed, track.points, strict=True):
        last = point is track.points[-1]
        if last or point.flag or len(placed) <= MOST_MARKS:
            of = f"{track.name} " if track.name in ("systolic", "diastolic") else ""
            said = f"{point.at}: {of}{point.text}" + (f", {point.flag}" if point.flag else "")
            with drawing.group(said):
                mark(drawing, x, y, _shape(point), large=last)


def _shape(point: Point) -> str:
    if point.flag:
        return "high" if point.flag == "HIGH" else "low"
    return "within" if point.reference else "plain"


def mark(drawing: Drawing, x: float, y: float, shape: str, *, large: bool = False) -> None:
    """A value: a triangle that points where it is out of range, a dot within a range, a ring
    where none is known."""
    size = 6.0 if large else 4.6
    if shape in ("high", "low"):
        up = -1 if shape == "high" else 1
        corners = [
            (x, y + up * size),
            (x - size, y - up * 0.75 * size),
            (x + size, y - up * 0.75 * size),
        ]
        drawing.polygon(corners, "mark out")
    else:
        drawing.dot(x, y, 0.72 * size, f"mark {shape}")


def key(shape: str) -> Markup:
    """A mark by itself, for the legend."""
    drawing = Drawing(14, 14, shape)
    if shape == "band":
        drawing.bar(0, 2, 14, 10, "band")
        drawing.line(0, 2, 14, 2, "limit")
        drawing.line(0, 12, 14, 12, "limit")
    elif shape == "today":
        drawing.line(7, 0, 7, 14, "today")
    else:
        mark(drawing, 7, 7, shape, large=True)
    return drawing.svg()


# -- time ------------------------------------------------------------------------------------------


def time_ticks(start: float, end: float) -> list[tuple[float, str]]:
    """Years, months, days or hours between two days, at most about six."""
    span = end - start
    if span > 730:
        return _years(start, end)
    if span > 75:
        return _months(start, end)
    step = next((s for s in (1 / 24, 1 / 8, 1 / 4, 1 / 2, 1, 2, 5, 10, 20) if span / s <= 4), 40)
    first = math.ceil(start / step)
    at = [n * step for n in range(first, math.floor(end / step) + 1)]
    return [(x, _moment(x, hours=step < 1)) for x in at]


def _years(start: float, end: float) -> list[tuple[float, str]]:
    first, last = date.fromordinal(math.ceil(start)).year, date.fromordinal(int(end)).year
    step = next(s for s in STEPS if (last - first) / s <= 7)
    years = [year for year in range(first, last + 1) if year % step == 0]
    found = [(float(date(year, 1, 1).toordinal()), str(year)) for year in years]
    return [(x, text) for x, text in found if start <= x <= end]


def _months(start: float, end: float) -> list[tuple[float, str]]:
    first, last = date.fromordinal(math.ceil(start)), date.fromordinal(int(end))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    step = next(s for s in (1, 2, 3, 6) if len(months) / s <= 5 or s == 6)
    found = [
        (float(date(m // 12, m % 12 + 1, 1).toordinal()), f"{m // 12:04}-{m % 12 + 1:02}")
        for m in months
        if m % step == 0
    ]
    return [(x, text) for x, text in found if start <= x <= end]


def _moment(x: float, *, hours: bool) -> str:
    at = datetime.combine(date.fromordinal(int(x)), datetime.min.time()) + timedelta(days=x % 1)
    at += timedelta(seconds=30)  # what a fraction of a day has lost
    return f"{at:%m-%d %H:%M}" if hours else f"{at:%Y-%m-%d}"
