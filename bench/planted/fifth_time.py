"""The fifth writer's words for when something was, each exact as far as it goes."""

from __future__ import annotations

from collections.abc import Sequence

from osler.records.moments import Moment
from osler.records.record import Condition
from osler.records.view import Course

from .scene import MONTHS, Scene, days_of, years_between


def at(scene: Scene, moment: Moment, about: str, true: Sequence[str]) -> str:
    """`on March 4, 2021`, `in March of 2021`, `in the first half of 2021`, `back in 2021`."""
    roll, year = scene.rng.random(), scene.year(moment, about, true)
    if moment.precision == "day" and roll < 0.5:
        return f"on {scene.day(moment, about, true)}"
    if moment.precision in ("day", "month"):
        if roll < 0.7:
            return f"in {scene.month(moment, about, true)}"
        if roll < 0.78:
            return f"in {MONTHS[moment.day.month - 1]} of {year}"
        if roll < 0.86:
            half = "first" if moment.day.month < 7 else "second"
            return f"in the {half} half of {year}"
    return f"{scene.pick(('in', 'in', 'back in'))} {year}"


def onset(scene: Scene, course: Course[Condition]) -> str:
    """`diagnosed in 2014`, `on record since March 2014`, `first noted at age 47`."""
    start, text, true = course.since, course.last.code.text, days_of(course.entries)
    born, who = scene.seen.person.born, scene.seen.person
    once, roll = len(course.entries) == 1, scene.rng.random()
    exact = start.precision == who.born_to == "day"
    years = years_between(born, start.day)
    if once and exact and years > 1 and roll < 0.15:
        return f"first noted at age {scene.mark('age', str(years), text, [str(years)])}"
    lasting = years_between(start.day, scene.seen.on)
    if once and exact and lasting > 2 and roll < 0.25 and not scene.seen.dead:
        return f"for {scene.mark('duration', f'{lasting} years', text, [str(lasting)])} now"
    if once and roll < 0.55:
        return (
            f"{scene.pick(('diagnosed', 'onset', 'first recorded'))} {at(scene, start, text, true)}"
        )
    if roll < 0.8 and start.precision == "day":
        return f"present since {scene.day(start, text, true)}"
    return f"on record since {scene.month(start, text, true)}"
