"""The fourth writer: what is taken and for what, what was taken, allergies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.record import Medicine
from osler.records.view import Course

from . import drugs, wording
from .alike import of_key
from .fourth_body import allergic, allergy
from .fourth_time import month, when
from .scene import Scene, days_of
from .told import Told, join

AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ([a-z]+?)s?$")


def medicines(scene: Scene) -> Iterator[Told]:
    """A list with reasons and dates, or sentences by reason."""
    seen = scene.seen
    if not seen.medicines:
        said = scene.pick(("No medications are currently prescribed.",
                           "There are no active medications at this time."))  # fmt: skip
        yield scene.pen.tell(said, tag="no medicines")
    if scene.chance(0.45):
        for course in seen.medicines:
            yield _line(scene, course)
    else:
        yield from _by_reason(scene)
    yield from _past(scene)
    if not seen.allergies:
        yield allergic(scene)
    for course in seen.allergies:
        yield allergy(scene, course)


def how(scene: Scene, entry: Medicine, key: str) -> str:
    """`1 tablet twice each day`; what the record has for any strength is true."""
    if not entry.dose:
        return ""
    parts = entry.dose.text.split(", ")
    every = [p for e in of_key(scene, key) if e.dose for p in e.dose.text.split(", ")]
    said: list[str] = []
    for part in parts:
        amount, forms = AMOUNT.match(part), wording.of("frequencies", drugs.FREQUENCIES).get(part)
        if forms:
            said.append(scene.mark("frequency", scene.pick(forms), key, every))
        elif amount and (amount[1] != "1" or scene.chance(0.5)):
            true = [m[1] for p in every if (m := AMOUNT.match(p))]
            plural = "s" if amount[1] != "1" else ""
            said.append(f"{scene.mark('amount', amount[1], key, true)} {amount[2]}{plural}")
        elif re.match(r"every|once", part):
            said.append(part)
    return " ".join(said)


def _line(scene: Scene, course: Course[Medicine]) -> Told:
    entry = course.told
    key = drugs.parse(entry.code.text).key
    true = days_of(of_key(scene, key))
    often = how(scene, entry, key)
    why = f", prescribed for {scene.reason(entry.reason.text)}" if entry.reason else ""
    start = when(scene, course.first.start, key, true)
    if len(course.entries) > 1 and scene.chance(0.4):
        start += f"; most recently renewed {when(scene, course.last.start, key, true)}"
    said = f"{scene.drug(course)}{', ' if often else ''}{often}{why} (first ordered {start})"
    return scene.pen.tell(said, bullet=True)


def _by_reason(scene: Scene) -> Iterator[Told]:
    """What is taken for the same thing in a sentence."""
    groups: dict[str, list[Course[Medicine]]] = {}
    for course in scene.seen.medicines:
        groups.setdefault(course.told.reason.text if course.told.reason else "", []).append(course)
    for why, courses in groups.items():
        while courses:
            some, courses = courses[:3], courses[3:]
            yield _together(scene, why, some)


def _together(scene: Scene, why: str, some: Sequence[Course[Medicine]]) -> Told:
    said: list[str] = []
    starts: list[str] = []
    for course in some:
        key = drugs.parse(course.told.code.text).key
        said.append(f"{scene.drug(course)} {how(scene, course.told, key)}".strip())
        true = days_of(of_key(scene, key))
        starts.append(f"in {month(scene, course.first.start, key, true)}")
    each = ", respectively" if len(some) > 1 else ""
    begun = f", first prescribed {join(starts)}{each}" if scene.chance(0.6) else ""
    listed = join(said)
    if not why:
        lead = scene.pick(("Further current medications include", "The list also includes"))
        return scene.pen.tell(f"{lead} {listed}{begun}.")
    reason, are = scene.reason(why), "are" if len(some) > 1 else "is"
    return scene.pen.tell(scene.pick((
        f"Current management of {reason} involves {listed}{begun}.",
        f"For the treatment of {reason}, {scene.pronoun} has been prescribed {listed}{begun}.",
        f"{listed} {are} used for {reason}{begun}.",
    )))  # fmt: skip


def _past(scene: Scene) -> Iterator[Told]:
    now = {drugs.parse(m.told.code.text).key for m in scene.seen.medicines}
    said: list[str] = []
    for course in scene.seen.past_medicines:
        last, key = course.last, drugs.parse(course.last.code.text).key
        if key in now or len(said) > 2:
            continue
        why = f" for {scene.reason(last.reason.text)}" if last.reason else ""
        start = when(scene, last.start, key, days_of(of_key(scene, key)))
        said.append(f"{scene.drug(course)}{why} (last prescribed {start})")
    if said:
        lead = scene.pick(("Medications used in the past include", "Earlier treatment comprised"))
        yield scene.pen.tell(f"{lead} {join(said)}.")
