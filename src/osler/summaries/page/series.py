"""What is measured again and again, ready to be drawn and listed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from osler.records import phrases as say
from osler.records.labels import capital
from osler.records.moments import Moment
from osler.records.ranges import WITH_THE_VALUE, Reference, citation, flag
from osler.records.record import Observation, Quantity
from osler.records.units import convert, readable
from osler.records.view import Series, View
from osler.summaries.page.entries import reference_of

LEADING = ("4548-4", "17856-6", "59261-8", "QOLS")
"""Drawn in front of their group whatever their values: hemoglobin A1c (LOINC), and the score of
quality of life."""
SCALES = {"QOLS": (0.0, 1.0)}
MEASURED = ("vitals", "labs")
"""Groups of which the values can be out of a range, in the order in which these are told."""
FLAGS = {"low": "LOW", "high": "HIGH"}


@dataclass(frozen=True, slots=True)
class Point:
    """One value."""

    x: float
    """Days since the first of January of the year 1."""
    y: float
    """In the unit of the chart."""
    at: str
    text: str
    """As it was recorded, with its unit."""
    flag: str
    """LOW, HIGH or empty."""
    reference: Reference | None
    """At the age of its day, in the unit of the chart."""


@dataclass(frozen=True, slots=True)
class Track:
    """The values of one line, oldest first."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest value of a thing, with its range."""

    name: str
    value: str
    """With its unit."""
    at: str
    flag: str
    reference: str
    """In words; empty where none is known."""
    sources: tuple[str, ...]
    """Of the range, cited in full."""
    count: int
    """How many values there are."""
    found: bool = False
    """Whether it says in words that something was found: `Detected`."""

    @property
    def notable(self) -> bool:
        """What must be seen without looking for it."""
        return bool(self.flag) or self.found


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: a line, or two that belong together."""

    latest: Latest
    unit: str
    tracks: tuple[Track, ...]
    undrawn: int
    """Values that are no numbers, or whose unit cannot be converted."""
    front: bool
    """Whether it is seen at once, and not among those that were never out of range."""
    leading: bool
    scale: tuple[float, float] | None = None
    """The least and the most that there can be, where a score has both."""

    @property
    def order(self) -> tuple[bool, bool, bool, str]:
        """What sorts charts: what leads, what is out of range now, then by name."""
        return not self.leading, not self.front, not self.latest.flag, self.latest.name.lower()


@dataclass(frozen=True, slots=True)
class Group:
    """Labs, vital signs, quality of life or scores."""

    id: str
    title: str
    charts: tuple[Chart, ...]
    singles: tuple[Latest, ...]
    """What has no two numbers to draw a line between."""

    @property
    def latest(self) -> tuple[Latest, ...]:
        """The newest value of each thing, in the order in which they are shown."""
        return (*(chart.latest for chart in self.charts), *self.singles)


def groups(seen: View) -> tuple[Group, ...]:
    """All that is drawn, by kind; a kind of which nothing is recorded is not there."""
    found = (
        _group("labs", "Labs", seen.labs, seen),
        _group("vitals", "Vital signs", seen.vitals, seen),
        _group("quality", "Quality of life over time", seen.quality_of_life, seen),
        _group("scores", "Questionnaire scores", seen.scores, seen),
    )
    return tuple(group for group in found if group.charts or group.singles)


def notable(some: Iterable[Group]) -> tuple[Latest, ...]:
    """Vital signs and labs that are out of range at the latest look, or by which something was
    found."""
    by_id = {group.id: group for group in some}
    measured = [by_id[id] for id in MEASURED if id in by_id]
    return tuple(one for group in measured for one in group.latest if one.notable)


def _group(id: str, title: str, some: Sequence[Series], seen: View) -> Group:
    pair = _pressure(some)
    charts = [_pressure_chart(pair, seen)] if pair else []
    singles: list[Latest] = []
    for series in some:
        if series in pair:
            continue
        track = Track(capital(series.name), tuple(_points(series, _unit(series), seen)))
        if len(track.points) < 2:
            singles.append(_latest(series))
        else:
            charts.append(_chart(id, series, track))
    charts.sort(key=lambda one: one.order)
    singles.sort(key=lambda one: (not one.flag, not one.found, one.name.lower()))
    return Group(id, title, tuple(charts), tuple(singles))


def _chart(id: str, series: Series, track: Track) -> Chart:
    """Of labs those are in front that were out of range at any time; of questions, the scores."""
    unit = readable(_unit(series))
    leading = series.last.code.value in LEADING
    by_kind = {"labs": any(p.flag for p in track.points), "scores": unit == "score"}
    undrawn = len(series.values) - len(track.points)
    return Chart(
        _latest(series), unit, (track,), undrawn, leading or by_kind.get(id, True), leading,
        SCALES.get(series.last.code.value),
    )  # fmt: skip


def _latest(series: Series) -> Latest:
    last, found = series.last, series.reference
    return Latest(
        capital(series.name), say.quantity(last.value), str(last.start),
        FLAGS.get(series.flag, ""), _range(series), _sources(found), len(series.values),
        say.is_found(last.value),
    )  # fmt: skip


def _range(series: Series) -> str:
    """The range in words, and why a value that looks beyond it is within."""
    found = series.reference
    return say.reference(found) + say.compared(series) if found else ""


def _sources(found: Reference | None) -> tuple[str, ...]:
    if found is None:
        return ()
    if found.source == WITH_THE_VALUE:
        return ("came with the value",)
    return tuple(citation(name) for name in found.source.split("; "))


def _unit(series: Series) -> str:
    """The unit of the newest number."""
    return next((o.value.unit for o in series.values if isinstance(o.value, Quantity)), "")


def _points(series: Series, unit: str, seen: View) -> Iterator[Point]:
    """The numbers of a series in one unit, oldest first."""
    for one in reversed(series.values):
        if not isinstance(one.value, Quantity):
            continue
        moved = _moved(one.value.value, one, unit)
        if moved is None or not math.isfinite(moved):
            continue
        found = reference_of(one, seen)
        yield Point(
            _days(one.start), moved, str(one.start), say.quantity(one.value),
            FLAGS.get(flag(one, found), ""), _in_unit(found, one, Quantity(moved, unit), seen),
        )  # fmt: skip


def _moved(value: float, one: Observation, unit: str) -> float | None:
    """A value of an observation in another unit; None where that cannot be."""
    own = one.value.unit if isinstance(one.value, Quantity) else ""
    return value if own == unit else convert(value, own, unit, one.code.value)


def _in_unit(
    found: Reference | None, one: Observation, moved: Quantity, seen: View
) -> Reference | None:
    """The range of an observation, in the unit that its value was moved to."""
    if found is None or found.unit == moved.unit:
        return found
    if found.source != WITH_THE_VALUE:
        # The table is asked again: what was rounded for another unit would be a little off.
        return reference_of(replace(one, value=moved), seen)
    low, high = (
        None if at is None else _moved(at, one, moved.unit) for at in (found.low, found.high)
    )
    return Reference(low, high, moved.unit, found.source)


def _days(at: Moment) -> float:
    """A day of the clinic's calendar as a number, with the time of day where it is known."""
    time = at.instant
    seconds = time.hour * 3600 + time.minute * 60 + time.second if time else 0
    return at.day.toordinal() + seconds / 86_400


# -- blood pressure --------------------------------------------------------------------------------


def _pressure(some: Sequence[Series]) -> tuple[Series, ...]:
    """Systolic and diastolic, where both were measured at least twice in one unit."""
    by_code = {one.last.code.value: one for one in some if len(one.values) > 1}
    pair = tuple(by_code[code] for code in (say.SYSTOLIC, say.DIASTOLIC) if code in by_code)
    numbers = all(isinstance(value.value, Quantity) for one in pair for value in one.values)
    same = len({readable(_unit(one)) for one in pair}) == 1
    return pair if len(pair) == 2 and numbers and same else ()


def _pressure_chart(pair: tuple[Series, ...], seen: View) -> Chart:
    """Both in one drawing; the latest of both is told as it is said: 128/82."""
    unit = _unit(pair[0])
    names = ("systolic", "diastolic")
    tracks = tuple(
        Track(name, tuple(_points(series, unit, seen)))
        for name, series in zip(names, pair, strict=True)
    )
    high, low = pair[0].last, pair[1].last
    if high.start.order == low.start.order and isinstance(high.value, Quantity):
        value = f"{say.number(high.value.value)}/{say.quantity(low.value)}"
        at = str(high.start)
    else:
        value = f"{say.quantity(high.value)} and {say.quantity(low.value)}"
        at = f"{high.start} and {low.start}"
    flags = dict.fromkeys(FLAGS[one.flag] for one in pair if one.flag)
    ranges = [
        f"{name} {_range(one).removeprefix('reference ')}"
        for name, one in zip(names, pair, strict=True)
        if one.reference
    ]
    sources = dict.fromkeys(source for one in pair for source in _sources(one.reference))
    latest = Latest(
        "Blood pressure", value, at, " and ".join(flags),
        f"reference {', '.join(ranges)}" if ranges else "", tuple(sources),
        max(len(one.values) for one in pair),
    )  # fmt: skip
    return Chart(latest, readable(unit), tracks, 0, True, True)
