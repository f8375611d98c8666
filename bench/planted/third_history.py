"""The third writer: problems, visits, vaccines and plans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.moments import Moment
from osler.records.record import Condition, Encounter, Immunization, Procedure
from osler.records.view import Course, is_social

from . import conditions as words
from .alike import absent, visits_counted
from .prose_history import ABSENT, ENCOUNTERS
from .scene import Scene, days_of, number_word
from .told import Told, join

NEVER = (
    *ABSENT,
    ("glaucoma", r"glaucom|ocular|eye"), ("psoriasis", r"psoria|skin"),
    ("pancreatitis", r"pancrea|alcohol"), ("migraine", r"migrain|headache"),
    ("multiple sclerosis", r"sclerosis|neuro"), ("Parkinson's disease", r"parkinson|levodopa"),
    ("celiac disease", r"celiac|gluten|bowel"), ("rheumatoid arthritis", r"rheum|arthrit"),
)  # fmt: skip

# -- problems


def conditions(scene: Scene) -> Iterator[Told]:
    """Active ones in lines or a few to a sentence, past ones in one, what never was."""
    some = list(scene.seen.conditions)
    if not some:
        yield scene.pen.tell("Active problems: none on file.", tag="no conditions")
    if scene.chance(0.55):
        for course in some:
            yield _line(scene, course)
    else:
        while some:
            size = scene.pick((1, 2, 3))
            yield _sentence(scene, some[:size])
            some = some[size:]
    yield from _past(scene)
    never = absent(scene, NEVER)
    if never:
        chosen = [scene.mark("absent", name, name) for name in never[: scene.pick((1, 2, 3))]]
        lead = scene.pick(("No h/o", "Never known to have had", "No record of any", "PMH neg. for"))
        said = scene.mark("negation", lead, "history")
        yield scene.pen.tell(f"{said} {join(chosen, 'or')}.", tag="negative")


def _began(scene: Scene, course: Course[Condition], *, lasting: bool = False) -> str:
    text, once = course.last.code.text, len(course.entries) == 1
    return scene.since(course.since, text, days_of(course.entries), lasting=lasting and once)


def _line(scene: Scene, course: Course[Condition]) -> Told:
    text, true = course.last.code.text, days_of(course.entries)
    name = scene.condition(course, article=False)
    if text.lower().startswith("history of"):
        return scene.pen.tell(f"{name} (entered {scene.when(course.since, text, true)})",
                              bullet=True)  # fmt: skip
    said = scene.pick((
        f"{name} – dx {scene.day(course.since, text, true)}",
        f"{name} ({scene.month(course.since, text, true)})",
        f"{name}, {_began(scene, course, lasting=True)}",
        f"{name}: onset {scene.day(course.since, text, true)}",
    ))  # fmt: skip
    drugs = [
        scene.drug(m, strength=False) for m in scene.seen.medicines
        if m.told.reason and m.told.reason.text == text
    ]  # fmt: skip
    if drugs and scene.chance(0.6):
        said += f"; on {join(drugs)}"
    return scene.pen.tell(said, bullet=True)


def _sentence(scene: Scene, some: Sequence[Course[Condition]]) -> Told:
    said = [f"{scene.condition(c, article=False)} {_began(scene, c, lasting=True)}" for c in some]
    if any(c.last.code.text.lower().startswith("history of") for c in some):
        return scene.pen.tell(f"On the list: {'; '.join(said)}.")
    who = scene.pick((scene.pronoun, "the patient"))
    return scene.pen.tell(scene.pick((
        f"{who} has had {join(said)}.", f"Active: {'; '.join(said)}.",
    )))  # fmt: skip


def _past(scene: Scene) -> Iterator[Told]:
    past = [c for c in scene.seen.resolved if c.last.end and not is_social(c.last)][:6]
    some = [_over(scene, course) for course in past]
    while some:
        size = scene.pick((2, 3))
        lead = scene.pick(("Past:", "Over now:", "Resolved:", "Got over"))
        listed = "; ".join(some[:size]) if lead.endswith(":") else join(some[:size])
        yield scene.pen.tell(f"{lead} {listed}.", tag="resolved")
        some = some[size:]


def _over(scene: Scene, course: Course[Condition]) -> str:
    last, text, true = course.last, course.last.code.text, days_of(course.entries)
    name, end = scene.condition(course, article=False), last.end or last.start
    count, roll = len(course.entries), scene.rng.random()
    if count > 1 and roll < 0.5:
        number = scene.mark("count", number_word(count, scene.rng), text, [str(count)])
        return f"{name} ({number} episodes, the latest from {scene.day(last.start, text, true)})"
    if roll < 0.7:
        first, then = scene.day(last.start, text, true), scene.day(end, text, true)
        return f"{name} ({first} until {then})"
    if roll < 0.85:
        return f"{name} (over by {scene.day(end, text, true)})"
    return f"{name} (began {scene.when(last.start, text, true)})"


# -- visits


def encounters(scene: Scene) -> Iterator[Told]:
    """The newest visits, one or two to a sentence, how many there were, and procedures."""
    some = list(scene.seen.encounters[:5])
    if not some:
        yield scene.pen.tell("No visits on file.", tag="empty")
    terse = scene.chance(0.5)
    while some:
        size = 1 if terse else scene.pick((1, 2))
        visits = [_visit(scene, one, terse=terse) for one in some[:size]]
        lead = "" if terse else scene.pick(("Seen ", f"{scene.pronoun} came ", "Visits: "))
        lead = "Contacts: " if lead and any(v.startswith("admitted") for v in visits) else lead
        yield scene.pen.tell(f"{lead}{join(visits)}{'' if terse else '.'}", bullet=terse)
        some = some[size:]
    yield from _counted(scene)
    done = list(scene.seen.procedures)
    scene.rng.shuffle(done)
    done = done[:5]
    while done:
        size = scene.pick((1, 2, 3))
        yield _procedures(scene, done[:size])
        done = done[size:]


def _visit(scene: Scene, one: Encounter, *, terse: bool) -> str:
    text = one.code.text
    own = text.lower() if text.istitle() else words.lower(text)
    what = scene.pick(ENCOUNTERS.get(text.lower(), (own,)))
    what = re.sub(r"^an? ", "", what) if terse else what
    true = days_of(e for e in scene.seen.encounters if e.code.text == text)
    day = scene.day(one.start, text, true)
    why = scene.reason(one.reason.text) if one.reason else ""
    stayed = one.end and one.end.day != one.start.day
    if one.kind == "inpatient" and stayed and one.end:
        end = scene.day(one.end, text, true)
        return f"admitted {day}, out {end}{' – ' if why else ''}{why}"
    if terse:
        return f"{day} {what}{', ' if why else ''}{why}"
    return f"{day} for {what}{' (' if why else ''}{why}{')' if why else ''}"


def _counted(scene: Scene) -> Iterator[Told]:
    """So many in the year of the last one."""
    found = visits_counted(scene, unless=0.5)
    if found:
        said, year = found
        yield scene.pen.tell(f"The chart has {said} visits in {year}.")


PROCEDURES = {
    "plain chest x-ray": "chest X-ray", "screening mammography": "screening mammogram",
    "electrocardiographic procedure": "EKG", "echocardiography": "echo",
    "cesarean section": "C-section", "medication reconciliation": "med reconciliation",
    "cytopathology procedure, preparation of smear, genital source": "Pap smear",
    "depression screening using patient health questionnaire two-item score": "PHQ-2 screening",
    "depression screening using patient health questionnaire nine item score": "PHQ-9 screening",
    "assessment using alcohol use disorders identification test - consumption":
        "AUDIT-C screening", "partial resection of colon": "partial colectomy",
    "laparoscopic cholecystectomy": "lap chole", "physical therapy procedure": "physical therapy",
    "ophthalmic examination and evaluation": "eye exam", "polysomnography": "sleep study",
    "diabetic foot examination": "diabetic foot exam", "bone density scan": "DEXA scan",
    "extraction of wisdom tooth": "wisdom tooth extraction",
    "insertion of intrauterine contraceptive device": "IUD insertion",
    "total replacement of hip": "total hip replacement", "suture open wound": "wound suture",
}  # fmt: skip


def _procedures(scene: Scene, some: Sequence[Course[Procedure]]) -> Told:
    said: list[str] = []
    for course in some:
        text, true = course.last.code.text, days_of(course.entries)
        name = PROCEDURES.get(text.lower(), words.lower(text))
        name = scene.mark("procedure", name, text)
        moments = {e.start.day.year: e.start for e in course.entries}
        if 1 < len(moments) < 5 and scene.chance(0.5):
            years = [scene.year(m, text, true) for _, m in sorted(moments.items())]
            said.append(f"{name} in {join(years)}")
        elif len(course.entries) > 1 and scene.chance(0.5):
            count = scene.mark("count", str(len(course.entries)), text, [str(len(course.entries))])
            said.append(
                f"{name} ({count} on file, last {scene.day(course.last.start, text, true)})"
            )
        else:
            last = "last " if len(course.entries) > 1 else ""
            said.append(f"{name} {last}{scene.when(course.last.start, text, true)}")
    lead = scene.pick(("Done:", "Procedures:", "Chart documents"))
    return scene.pen.tell(f"{lead} {'; '.join(said)}.")


# -- vaccines and plans


def vaccines(scene: Scene) -> Iterator[Told]:
    """A few to a sentence, each with its last dose, some with how many there were."""
    groups: dict[str, list[Immunization]] = {}
    for course in scene.seen.immunizations:
        groups.setdefault(words.vaccine(course.last.code.text)[0], []).extend(course.entries)
    some = list(groups.values())
    bullet = scene.chance(0.4)
    while some:
        size = 1 if bullet else scene.pick((1, 2, 3))
        said = [_vaccine(scene, entries) for entries in some[:size]]
        lead = "" if bullet else scene.pick(("Got ", "Given: ", "Shots on file: "))
        text = f"{lead}{join(said) if lead == 'Got ' else '; '.join(said)}"
        yield scene.pen.tell(text if bullet else f"{text}.", bullet=bullet)
        some = some[size:]
    if not groups:
        yield scene.pen.tell("No shots on file.", tag="empty")


def _vaccine(scene: Scene, entries: Sequence[Immunization]) -> str:
    text, true = entries[0].code.text, days_of(entries)
    last: Moment = max(e.start for e in entries)
    name = scene.mark("vaccine", scene.pick(words.vaccine(text)), text)
    if len(entries) == 1:
        return f"{name} {scene.when(last, text, true)}"
    if scene.chance(0.5):
        count = scene.mark("count", str(len(entries)), text, [str(len(entries))])
        return f"{name} x{count}, last {scene.day(last, text, true)}"
    return f"{name} (last {scene.when(last, text, true)})"


def plans(scene: Scene) -> Iterator[Told]:
    """Active plans: what for, since when, what is in them."""
    for course in scene.seen.care_plans:
        one, text = course.told, course.last.code.text
        true = days_of(course.entries)
        why = list(dict.fromkeys(r.text for r in one.reasons))
        reasons = join([scene.reason(r) for r in why])
        does = list(dict.fromkeys(words.lower(a.text) for a in one.activities))
        start = scene.when(one.start, text, true)
        name = words.lower(text)
        if scene.chance(0.5):
            parts = [f"set up {start}"] + ([f"for {reasons}"] if why else [])
            parts += [f"contents: {join(does)}"] if does else []
            yield scene.pen.tell(f"{name}: {'; '.join(parts)}", bullet=True)
            continue
        about = f" Because of {reasons}, " if why else ""
        with_them = f", which calls for {join(does)}" if does else ""
        yield scene.pen.tell(f"{about}{name} was begun {start} and is ongoing{with_them}.")
    if not scene.seen.care_plans:
        yield scene.pen.tell(scene.pick(("No active care plan.", "Care plans: none.")), tag="empty")
