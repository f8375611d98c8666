"""When medicines were taken, as far as the record says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from osler.drawing import Drawing, place
from osler.records import phrases as say
from osler.records.labels import capital
from osler.records.record import Medicine
from osler.records.view import Course, View
from osler.summaries.page.charts import time_ticks

PAST = 12
"""Of how many past medicines, the newest."""
WIDTH, ROW, AXIS = 480.0, 16.0, 20.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine with its line."""

    name: str
    when: str
    current: bool
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Timeline:
    """Medicines on one scale of time."""

    rows: tuple[Taken, ...]
    axis: Markup
    more: int
    """Past medicines that are not among them."""


def timeline(seen: View) -> Timeline | None:
    """Current medicines, then past ones; None where there are none."""
    past = seen.past_medicines[:PAST]
    courses = [*seen.medicines, *past]
    if not courses:
        return None
    starts = [course.begun.day for course in courses if course.begun.is_known]
    start = min([*starts, seen.on]).toordinal()
    ends = [e.end.day.toordinal() for c in courses for e in c.entries if e.end]
    end = max([seen.on.toordinal(), *ends])
    times = (start - 0.02 * (end - start) - 1, end + 0.02 * (end - start) + 1)
    rows = tuple(
        _row(course, n < len(seen.medicines), times, seen.on) for n, course in enumerate(courses)
    )
    return Timeline(rows, _axis(times, seen.on), len(seen.past_medicines) - len(past))


def _row(course: Course[Medicine], current: bool, times: tuple[float, float], on: date) -> Taken:
    last = course.last
    end = f" to {last.end}" if last.end else "" if current else ", stopped"
    count = sum(not entry.stated for entry in course.entries)
    when = f"since {course.begun}" if current else f"{course.begun}{end}"
    when += f", prescribed {count} times" if count > 1 else ""
    name = capital(say.medicine_name(course.told))
    drawing = Drawing(WIDTH, ROW, f"{name}: {when}")
    drawing.line(0, ROW / 2, WIDTH, ROW / 2, "guide")
    for x1, x2 in _stretches(course, on):
        left, right = (place(x, *times, 0, WIDTH) for x in (x1, x2))
        kind = "taken" if current else "taken past"
        drawing.bar(left, 3, max(right - left, 2.5), ROW - 6, kind)
    today = place(on.toordinal(), *times, 0, WIDTH)
    drawing.line(today, 0, today, ROW, "today")
    return Taken(name, when, current, drawing.svg())


def _stretches(course: Course[Medicine], on: date) -> Iterator[tuple[float, float]]:
    """From start to end; up to the day where it goes on; only the start where no end is known.

    Nothing of what has no date.
    """
    for entry in (e for e in reversed(course.entries) if e.start.is_known):
        start = float(entry.start.day.toordinal())
        if entry.end:
            yield start, float(min(entry.end.day, on).toordinal())
        else:
            yield start, start if entry.ended else float(on.toordinal())


def _axis(times: tuple[float, float], on: date) -> Markup:
    drawing = Drawing(WIDTH, AXIS, "Years")
    drawing.line(0, 1, WIDTH, 1, "axis")
    for at, text in time_ticks(*times):
        x = place(at, *times, 0, WIDTH)
        drawing.line(x, 1, x, 5, "axis")
        anchor = "start" if x < 16 else "end" if x > WIDTH - 16 else "middle"
        drawing.words(x, 17, text, "tick", anchor)
    return drawing.svg()
