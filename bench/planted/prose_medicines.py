"""Medicines and allergies."""

from __future__ import annotations

from collections.abc import Iterator

from osler.records.record import Allergy, Medicine
from osler.records.view import Course

from . import conditions as words
from . import drugs
from .prose_person import allergies_in_short
from .scene import Scene, days_of
from .told import Told, join


def medicines(scene: Scene) -> Iterator[Told]:
    """Current ones, past ones, allergies."""
    tell, seen = scene.pen.tell, scene.seen
    for course in seen.medicines:
        yield current(scene, course)
    if not seen.medicines:
        yield tell(
            scene.pick(("No current medications.", "Not on any medication at present.")),
            tag="no medicines",
        )
    for course in seen.past_medicines[:3]:
        yield past(scene, course)
    if scene.chance(0.3) or not seen.allergies:
        yield allergies_in_short(scene)
    if seen.allergies:
        for course in seen.allergies:
            yield allergy(scene, course)


def current(scene: Scene, course: Course[Medicine]) -> Told:
    """One of them with dose, reason, start."""
    last, text = course.last, course.last.code.text
    key = drugs.parse(text).key
    true = days_of(e for e in scene.seen.record.medicines if drugs.parse(e.code.text).key == key)
    name = scene.drug(course)
    often = scene.frequency(last, key)
    why = f" for {scene.reason(last.reason.text)}" if last.reason and scene.chance(0.8) else ""
    start = course.first.start
    roll = scene.rng.random()
    if roll < 0.45:
        since = scene.since(start, key, true)
        return scene.pen.tell(f"{name} {often}{why}, {since}", bullet=True)
    if roll < 0.6:
        return scene.pen.tell(f"{name} {often}{why}", bullet=True)
    if roll < 0.8:
        return scene.pen.tell(
            f"{scene.pronoun} takes {name} {often}{why}, started {scene.when(start, key, true)}."
        )
    if course.first is not last:
        return scene.pen.tell(
            f"{name} {often}{why} (last prescribed {scene.when(last.start, key, true)})",
            bullet=True,
        )
    return scene.pen.tell(f"{name} {often}{why} was started {scene.when(start, key, true)}.")


def past(scene: Scene, course: Course[Medicine]) -> Told:
    """One that is no longer taken."""
    last = course.last
    key = drugs.parse(last.code.text).key
    true = days_of(e for e in scene.seen.record.medicines if drugs.parse(e.code.text).key == key)
    name = scene.drug(course)
    why = f" for {scene.reason(last.reason.text)}" if last.reason else ""
    if last.end and last.end.day.month != last.start.day.month and scene.chance(0.5):
        start, end = scene.month(last.start, key, true), scene.month(last.end, key, true)
        return scene.pen.tell(f"Previously took {name}{why} ({start} to {end}).")
    lead = scene.pick(("Past medication:", "Previously prescribed", "Was prescribed"))
    return scene.pen.tell(f"{lead} {name}{why} {scene.when(last.start, key, true)}.")


def allergy(scene: Scene, course: Course[Allergy]) -> Told:
    """To what, with what it did and how bad that was."""
    last, text = course.last, course.last.code.text
    name = scene.mark("allergen", scene.pick(words.allergen(text)), text)
    did: list[str] = []
    for one in last.reactions:
        said = scene.mark("reaction", scene.pick(words.reaction(one.code.text)), one.code.text)
        if one.severity and scene.chance(0.6):
            bad = scene.mark("severity", one.severity, one.code.text, [one.severity])
            said = f"{bad} {said}" if scene.chance(0.5) else f"{said} ({bad})"
        did.append(said)
    kind = last.kind if last.kind in ("allergy", "intolerance") else "allergy"
    if scene.chance(0.5):
        reacts = f": {join(did)}" if did else ""
        return scene.pen.tell(f"{name} {kind}{reacts}", bullet=True)
    if did:
        return scene.pen.tell(f"Reacted to {name} with {join(did)}.")
    since = scene.since(course.first.start, text, days_of(course.entries))
    return scene.pen.tell(f"{name} {kind}, known {since}.")
