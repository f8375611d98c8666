"""The fifth writer: problems, medicines, visits, procedures, vaccines and plans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.record import Condition, Encounter, Immunization, Medicine
from osler.records.view import Course, is_social

from . import conditions as words
from . import drugs
from .alike import absent
from .fifth_body import allergic, allergy, his
from .fifth_time import at, onset
from .fourth_body import is_history
from .fourth_history import PROCEDURES, shot
from .fourth_medicines import how
from .scene import Scene, days_of
from .third_history import NEVER
from .told import Told, join

# -- problems


def conditions(scene: Scene) -> Iterator[Told]:
    """Active ones in lines or sentences, what is over, what the list never had."""
    if not scene.seen.conditions:
        said = "The problem list has no active entry."
        yield scene.pen.tell(said, tag="no conditions")
    listed = scene.chance(0.5)
    for course in scene.seen.conditions:
        yield _problem(scene, course, listed or is_history(course))
    past = [c for c in scene.seen.resolved if c.last.end and not is_social(c.last)][:5]
    for course in past:
        yield scene.pen.tell(_over(scene, course), bullet=listed, tag="resolved")
    yield from _absent(scene)


def _problem(scene: Scene, course: Course[Condition], listed: bool) -> Told:
    text, true = course.last.code.text, days_of(course.entries)
    name = scene.condition(course, article=False)
    if is_history(course):
        return scene.pen.tell(
            f"{name} – entered {at(scene, course.since, text, true)}", bullet=True
        )
    taken = [
        scene.drug(m, strength=False) for m in scene.seen.medicines
        if m.told.reason and m.told.reason.text == text
    ]  # fmt: skip
    on = f"; on {join(taken)}" if taken and scene.chance(0.5) else ""
    if listed:
        return scene.pen.tell(f"{name} – active, {onset(scene, course)}{on}", bullet=True)
    start, has = at(scene, course.since, text, true), "had" if scene.seen.dead else "has"
    treated = f", for which {scene.pronoun} is on {join(taken)}" if on else ""
    return scene.pen.tell(scene.pick((
        f"{name} ({onset(scene, course)}) is active{treated}.",
        f"{name} was put on the problem list {start} and is still active{treated}.",
        f"{scene.pronoun} {has} {name}, {onset(scene, course)}{treated}.",
    )))  # fmt: skip


def _over(scene: Scene, course: Course[Condition]) -> str:
    """`Viral sinusitis: began on … and ended on …`; what came back, with its last time."""
    last, text, true = course.last, course.last.code.text, days_of(course.entries)
    name, end = scene.condition(course, article=False), last.end or last.start
    count, roll = len(course.entries), scene.rng.random()
    if count > 1:
        number = scene.mark("count", str(count), text, [str(count)])
        return f"{name}: {number} entries, the latest starting {at(scene, last.start, text, true)}."
    if roll < 0.5 and end.day > last.start.day:
        first, then = scene.day(last.start, text, true), scene.day(end, text, true)
        return f"{name} began on {first} and ended on {then}."
    if roll < 0.75:
        return f"{name} (past) ended {at(scene, end, text, true)}."
    return f"{name}, now inactive, started {at(scene, last.start, text, true)}."


def _absent(scene: Scene) -> Iterator[Told]:
    never = absent(scene, NEVER)
    if never:
        some = [scene.mark("absent", name, name) for name in never[: scene.pick((1, 2, 3))]]
        lead = scene.pick((
            "The problem list has never included", "There is no problem-list entry for",
            "The chart gives no diagnosis of",
        ))  # fmt: skip
        said = scene.mark("negation", lead, "history")
        yield scene.pen.tell(f"{said} {join(some, 'or')}.", tag="negative")


# -- medicines


def medicines(scene: Scene) -> Iterator[Told]:
    """Current ones in lines or sentences, past ones, allergies."""
    seen, listed = scene.seen, scene.chance(0.5)
    if not seen.medicines:
        yield scene.pen.tell("Active medications: none.", tag="no medicines")
    for course in seen.medicines:
        yield _medicine(scene, course, listed)
    now = {i for m in seen.medicines for i in drugs.parse(m.told.code.text).ingredients}
    past = [
        m for m in seen.past_medicines if not now & {*drugs.parse(m.last.code.text).ingredients}
    ]
    for course in past[:3]:
        key = drugs.parse(course.last.code.text).key
        start = at(scene, course.last.start, key, days_of(_of_key(scene, key)))
        yield scene.pen.tell(scene.pick((
            f"No longer active: {scene.drug(course)}, last prescribed {start}.",
            f"{scene.drug(course)} was last prescribed {start} and is no longer active.",
        )))  # fmt: skip
    if not seen.allergies:
        yield allergic(scene)
    for course in seen.allergies:
        yield allergy(scene, course)


def _of_key(scene: Scene, key: str) -> list[Medicine]:
    return [e for e in scene.seen.record.medicines if drugs.parse(e.code.text).key == key]


def _medicine(scene: Scene, course: Course[Medicine], listed: bool) -> Told:
    entry = course.told
    key = drugs.parse(entry.code.text).key
    true, often = days_of(_of_key(scene, key)), how(scene, entry, key)
    name = scene.drug(course)
    only = len(_of_key(scene, key)) == len(course.entries)
    start = f"{'first ' if only else ''}prescribed {at(scene, course.first.start, key, true)}"
    reason = scene.reason(entry.reason.text) if entry.reason else ""
    if listed:
        parts = [name, often, reason and f"for {reason}", start]
        return scene.pen.tell(scene.pick((" – ", ", ")).join(filter(None, parts)), bullet=True)
    taken = f"{name} {often}".strip()
    if reason:
        return scene.pen.tell(scene.pick((
            f"For {reason}, {scene.pronoun} is on {taken}, {start}.",
            f"{taken} was {start} and is given for {reason}.",
            f"{taken} is the treatment for {his(scene)} {reason}.",
        )))  # fmt: skip
    return scene.pen.tell(scene.pick((
        f"{scene.pronoun} is on {taken}, {start}.",
        f"{taken} was {start}.",
    )))  # fmt: skip


# -- visits

VISITS = {
    "general examination of patient": ("general exam", "general physical exam"),
    "encounter for check up": ("check-up", "checkup"), "encounter for symptom": ("symptom visit",),
    "encounter for problem": ("problem visit",), "well child visit": ("well-child visit",),
    "administration of vaccine to produce active immunity": ("vaccination visit",),
    "follow-up encounter": ("follow-up visit", "follow-up"), "urgent care clinic": ("urgent care",),
    "emergency room admission": ("emergency room visit", "ED visit"),
    "encounter inpatient": ("hospital admission", "inpatient admission"),
}  # fmt: skip


def encounters(scene: Scene) -> Iterator[Told]:
    """The newest visits, each told or listed; how many in a year; procedures."""
    listed = scene.chance(0.5)
    for one in scene.seen.encounters[:5]:
        yield _visit(scene, one, listed, first=one is scene.seen.encounters[0])
    if not scene.seen.encounters:
        yield scene.pen.tell("There is no visit in the chart.", tag="empty")
    elif scene.chance(0.5):
        year = scene.seen.encounters[0].start.day.year
        number = str(sum(e.start.day.year == year for e in scene.seen.encounters))
        said = scene.mark("count", number, "visits", [number])
        yield scene.pen.tell(f"Visits recorded in {year}: {said}", bullet=True)
    done = list(scene.seen.procedures)
    scene.rng.shuffle(done)
    for course in done[:4]:
        text, true = course.last.code.text, days_of(course.entries)
        own = PROCEDURES.get(text.lower(), words.lower(text))
        name = scene.mark("procedure", re.sub(r"^an? ", "", own), text)
        last = at(scene, course.last.start, text, true)
        count = scene.mark("count", str(len(course.entries)), text, [str(len(course.entries))])
        many = len(course.entries) > 1
        yield scene.pen.tell(*scene.pick((
            (f"Procedure: {name}, {f'{count} times, latest ' if many else 'done '}{last}",),
            (f"{name} – {'most recently ' if many else ''}{last}",),
        )), bullet=listed)  # fmt: skip


def _visit(scene: Scene, one: Encounter, listed: bool, *, first: bool) -> Told:
    text = one.code.text
    what = scene.pick(VISITS.get(text.lower(), (words.lower(text),)))
    day = scene.day(
        one.start, text, days_of(e for e in scene.seen.encounters if e.code.text == text)
    )
    reason = scene.reason(one.reason.text) if one.reason else ""
    nights = (one.end.day - one.start.day).days if one.end and one.kind == "inpatient" else 0
    number = scene.mark("count", str(nights), text, [str(nights)])
    if listed:
        why = f" ({reason})" if reason else ""
        stay = f", {number} nights" if nights > 1 else ""
        return scene.pen.tell(f"{day} – {what}{why}{stay}", bullet=True)
    lead = "The latest visit" if first else "Another visit"
    why = f"; the reason was {reason}" if reason else ""
    if not (first or nights > 1 or scene.seen.dead) and scene.chance(0.5):
        return scene.pen.tell(f"{scene.pronoun} came in on {day} ({what}){why}.")
    stay = f" and lasted {number} nights" if nights > 1 else ""
    return scene.pen.tell(f"{lead}, dated {day}, was of the type “{what}”{stay}{why}.")


# -- vaccines and plans


def vaccines(scene: Scene) -> Iterator[Told]:
    """Each kind with the number of doses and the latest."""
    groups: dict[str, list[Immunization]] = {}
    for course in scene.seen.immunizations:
        groups.setdefault(shot(course.last.code.text)[0], []).extend(course.entries)
    listed = scene.chance(0.6)
    for entries in groups.values():
        text, true = entries[0].code.text, days_of(entries)
        # A Tdap is a booster against tetanus and diphtheria, too.
        name = scene.mark(
            "vaccine", "Td" if text.startswith("Td ") else scene.pick(shot(text)), text
        )
        last = at(scene, max(e.start for e in entries), text, true)
        count = scene.mark("count", str(len(entries)), text, [str(len(entries))])
        doses = f"{count} dose{'s' if len(entries) > 1 else ''}"
        if listed:
            yield scene.pen.tell(f"{name}: {doses}, latest {last}", bullet=True)
        else:
            yield scene.pen.tell(scene.pick((
                f"The last {name} on file was given {last}.", f"{name}: last given {last}.",
            )))  # fmt: skip
    if not groups:
        yield scene.pen.tell("The chart has no vaccine entry.", tag="empty")


def plans(scene: Scene) -> Iterator[Told]:
    """Active plans, labelled or told."""
    for course in scene.seen.care_plans:
        one, text = course.told, course.last.code.text
        name, start = words.lower(text), at(scene, one.start, text, days_of(course.entries))
        why = join([scene.reason(r) for r in dict.fromkeys(r.text for r in one.reasons)])
        does = join(list(dict.fromkeys(words.lower(a.text) for a in one.activities)))
        if scene.chance(0.5):
            rows = [
                f"Plan: {name}",
                f"begun {start}",
                why and f"for {why}",
                does and f"with {does}",
            ]
            yield scene.pen.tell("; ".join(filter(None, rows)), bullet=True)
        else:
            said = f"Under way: {name}{f' for {why}' if why else ''}, begun {start}"
            yield scene.pen.tell(f"{said}{f'; it consists of {does}' if does else ''}.")
    if not scene.seen.care_plans:
        yield scene.pen.tell("No care plan is active.", tag="empty")
