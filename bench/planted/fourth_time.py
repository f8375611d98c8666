"""The fourth writer's words for time, each exact as far as it goes."""

from __future__ import annotations

from collections.abc import Sequence

from osler.records.moments import Moment
from osler.records.view import Series

from . import measures
from .prose_measures import decimals
from .scene import Scene, years_between

PARTS = {1: "early ", 2: "early ", 3: "early ", 6: "mid-", 7: "mid-", 11: "late ", 12: "late "}
"""Months that nobody would place elsewhere in the year."""


def month(scene: Scene, moment: Moment, about: str, true: Sequence[str]) -> str:
    """`March 2021`, or, where it can be said, `early 2021`."""
    part = PARTS.get(moment.day.month, "") if moment.precision in ("day", "month") else ""
    if part and scene.chance(0.25):
        return f"{part}{scene.year(moment, about, true)}"
    return scene.month(moment, about, true)


def when(scene: Scene, moment: Moment, about: str, true: Sequence[str]) -> str:
    """`on March 4, 2021`, `in March 2021`, `in early 2021`, `in 2021`."""
    roll = scene.rng.random()
    if roll < 0.45 and moment.precision == "day":
        return f"on {scene.day(moment, about, true)}"
    if roll < 0.85:
        return f"in {month(scene, moment, about, true)}"
    return f"in {scene.year(moment, about, true)}"


def since(
    scene: Scene, moment: Moment, about: str, true: Sequence[str], *, lasting: bool = False
) -> str:
    """`since March 2021`; `lasting`: also `for the past 8 years`."""
    years, roll = years_between(moment.day, scene.seen.on), scene.rng.random()
    if lasting and roll < 0.25 and years > 2 and not scene.seen.dead:
        near = round((scene.seen.on - moment.day).days / 365.25)
        words = scene.pick((f"the past {years} years", f"about {near} years"))
        return f"for {scene.mark('duration', words, about, [str(years)])}"
    if roll < 0.5 and moment.precision == "day":
        return f"since {scene.day(moment, about, true)}"
    if roll < 0.85:
        return f"since {month(scene, moment, about, true)}"
    return f"since {scene.year(moment, about, true)}"


def measured(scene: Scene, one: Series, place: int = 0, *, exact: bool = False) -> str:
    """When a value was taken: `on March 4, 2021`, or `in March 2021`."""
    moment = one.values[place].start
    number = measures.number(one.values[place]) or 0.0
    true = measures.days_with(one, measures.shown(number, decimals(one)), decimals(one))
    if exact or scene.chance(0.6):
        return f"on {scene.day(moment, measures.key(one), true)}"
    return f"in {month(scene, moment, measures.key(one), true)}"
