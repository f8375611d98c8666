"""The second writer: long, smooth sentences, as language models like them. History and plans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.record import Condition, Encounter, Immunization, Procedure
from osler.records.view import Course, is_social

from . import conditions as words
from .prose_history import ABSENT, HINTS
from .scene import Scene, days_of, number_word
from .told import Told, join


def conditions(scene: Scene) -> Iterator[Told]:
    """What is active, what was, and what is not there."""
    tell, seen = scene.pen.tell, scene.seen
    if seen.conditions:
        yield tell(scene.pick((
            "The following conditions are currently active:", "Chronic and active conditions:",
        )))  # fmt: skip
    for course in seen.conditions:
        yield active(scene, course)
    if not seen.conditions:
        yield tell("There are currently no active diagnoses on file.", tag="no conditions")
    past = [c for c in seen.resolved if c.last.end and not is_social(c.last)][:4]
    if past:
        yield tell("Conditions now resolved:")
    for course in past:
        yield resolved(scene, course)
    yield from _absent(scene)


def _absent(scene: Scene) -> Iterator[Told]:
    from . import measures

    hinted = {measures.key(o) for o in (*scene.seen.labs, *scene.seen.scores) if o.flag}
    absent = [
        name for name, pattern in ABSENT
        if scene.never(pattern) and not hinted & HINTS.get(name, set())
    ]  # fmt: skip
    scene.rng.shuffle(absent)
    for name in absent[:1]:
        lead = scene.pick(("There is no documented history of", "The record does not mention"))
        said = scene.mark("negation", lead, "history")
        yield scene.pen.tell(f"{said} {scene.mark('absent', name, name)}.", tag="negative")


def active(scene: Scene, course: Course[Condition]) -> Told:
    """One of them."""
    text, true = course.last.code.text, days_of(course.entries)
    name, start = scene.condition(course, article=False), scene.begun(course)
    if text.lower().startswith("history of"):
        return scene.pen.tell(f"{name}: noted {scene.when(start, text, true)}", bullet=True)
    said = scene.pick((
        f"{name}, first documented {scene.when(start, text, true)}",
        f"{name}: active {scene.since(start, text, true, lasting=False)}",
        f"{name} — onset {scene.day(start, text, true)}, ongoing",
        f"{name} with onset {scene.when(start, text, true)}",
    ))  # fmt: skip
    return scene.pen.tell(said, bullet=True)


def resolved(scene: Scene, course: Course[Condition]) -> Told:
    """One that is over."""
    last, text, true = course.last, course.last.code.text, days_of(course.entries)
    name = scene.condition(course, article=False)
    end = last.end or last.start
    said = scene.pick((
        f"An episode of {name} began {scene.when(last.start, text, true)} and has since resolved.",
        f"{name} resolved {scene.when(end, text, true)}.",
        f"{name} lasted from {scene.day(last.start, text, true)} until "
        f"{scene.day(end, text, true)}.",
    ))  # fmt: skip
    return scene.pen.tell(re.sub(r"An episode of an? ", "An episode of ", said), tag="resolved")


def encounters(scene: Scene) -> Iterator[Told]:
    """The newest visits and some procedures."""
    for one in scene.seen.encounters[:4]:
        yield visit(scene, one)
    if not scene.seen.encounters:
        yield scene.pen.tell("There are no visits on file.", tag="empty")
    some = list(scene.seen.procedures)
    scene.rng.shuffle(some)
    for course in some[:3]:
        yield procedure(scene, course)


def visit(scene: Scene, one: Encounter) -> Told:
    """One visit."""
    text = one.code.text
    true = days_of(e for e in scene.seen.encounters if e.code.text == text)
    day = scene.day(one.start, text, true)
    what = words.lower(text) if not text.istitle() else text.lower()
    setting = f" ({one.kind})" if scene.chance(0.4) else ""
    why = f", reason: {scene.reason(one.reason.text)}" if one.reason else ""
    said = scene.pick((
        f"{day} – {what}{setting}{why}", f"Visit of {day}: {what}{setting}{why}",
        f"The patient attended on {day} ({what}){why}",
    ))  # fmt: skip
    return scene.pen.tell(said, bullet=True)


def procedure(scene: Scene, course: Course[Procedure]) -> Told:
    """One procedure."""
    text, count = course.last.code.text, len(course.entries)
    true = days_of(course.entries)
    name = scene.mark("procedure", words.lower(text), text)
    when = scene.when(course.last.start, text, true)
    if count > 1:
        number = scene.mark("count", number_word(count, scene.rng), text, [str(count)])
        return scene.pen.tell(f"{name} has been recorded {number} times, the latest {when}.")
    return scene.pen.tell(f"The record includes {name} {when}.")


def vaccines(scene: Scene) -> Iterator[Told]:
    """What was given together is told together."""
    by_day: dict[str, list[Course[Immunization]]] = {}
    seen_names: set[str] = set()
    for course in scene.seen.immunizations:
        name = words.vaccine(course.last.code.text)[0]
        if name not in seen_names:
            seen_names.add(name)
            by_day.setdefault(str(course.last.start.day), []).append(course)
    for courses in by_day.values():
        some = courses[:4]
        names = [
            scene.mark("vaccine", scene.pick(words.vaccine(c.last.code.text)), c.last.code.text)
            for c in some
        ]
        days = set.intersection(*(
            {str(e.start.day) for e in scene.seen.record.immunizations
             if words.vaccine(e.code.text)[0] == words.vaccine(c.last.code.text)[0]} for c in some
        ))  # fmt: skip
        when = scene.day(some[0].last.start, some[0].last.code.text, sorted(days))
        were = "was" if len(some) == 1 else "were"
        yield scene.pen.tell(scene.pick((
            f"{join(names)} {were} last administered on {when}.",
            f"On {when}, the patient was vaccinated with {join(names)}.",
        )))  # fmt: skip
    if not by_day:
        yield scene.pen.tell("There are no immunizations on file.", tag="empty")


def plans(scene: Scene) -> Iterator[Told]:
    """Active plans."""
    for course in scene.seen.care_plans:
        last, text = course.last, course.last.code.text
        true = days_of(course.entries)
        does = list(dict.fromkeys(words.lower(a.text) for a in last.activities))
        why = list(dict.fromkeys(r.text for r in last.reasons))
        about = f" because of {join([scene.reason(r) for r in why])}" if why else ""
        parts = f" It comprises {join(does)}." if does else ""
        start = scene.when(last.start, text, true)
        lead = scene.pick(("The care plan", "An ongoing plan of care,"))
        comma = "," if lead.endswith(",") else ""
        yield scene.pen.tell(f"{lead} {words.lower(text)}{comma} was started {start}{about}.")
        if parts:
            yield scene.pen.tell(parts)
    if not scene.seen.care_plans:
        yield scene.pen.tell("There is no care plan in effect at present.", tag="empty")
