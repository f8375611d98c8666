"""The fourth writer: problems, visits, procedures, vaccines and plans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.record import Condition, Encounter, Immunization, Procedure
from osler.records.view import Course, is_social

from . import conditions as words
from .alike import absent, visits_counted
from .fourth_time import month, since, when
from .scene import Scene, days_of, number_word
from .third_history import NEVER
from .told import Told, join

# -- problems


def conditions(scene: Scene) -> Iterator[Told]:
    """Active ones, what was, what is over, what the record has nothing of."""
    some = [c for c in scene.seen.conditions if not _was(c)]
    past = [c for c in scene.seen.conditions if _was(c)]
    if not scene.seen.conditions:
        said = "There are no active medical conditions on record."
        yield scene.pen.tell(said, tag="no conditions")
    bullet = scene.chance(0.4)
    while some:
        size = 1 if bullet else scene.pick((1, 2, 2, 3))
        yield _line(scene, some[0]) if bullet else _sentence(scene, some[:size])
        some = some[size:]
    for course in past:
        text = course.last.code.text
        name = scene.condition(course, article=False)
        start = when(scene, course.since, text, days_of(course.entries))
        yield scene.pen.tell(f"Also on the problem list: {name}, entered {start}.")
    yield from _over(scene)
    yield from _absent(scene)


def _was(course: Course[Condition]) -> bool:
    return course.last.code.text.lower().startswith("history of")


def _start(scene: Scene, course: Course[Condition]) -> str:
    lasting = len(course.entries) == 1
    return since(scene, course.since, course.last.code.text, days_of(course.entries),
                 lasting=lasting)  # fmt: skip


def _line(scene: Scene, course: Course[Condition]) -> Told:
    text = course.last.code.text
    name, start = scene.condition(course, article=False), _start(scene, course)
    drugs = [
        scene.drug(m, strength=False) for m in scene.seen.medicines
        if m.told.reason and m.told.reason.text == text
    ]  # fmt: skip
    treated = f", currently treated with {join(drugs)}" if drugs and scene.chance(0.6) else ""
    return scene.pen.tell(f"{name}: active {start}{treated}", bullet=True)


def _sentence(scene: Scene, some: Sequence[Course[Condition]]) -> Told:
    if len(some) == 1:
        name, start = scene.condition(some[0], article=False), _start(scene, some[0])
        return scene.pen.tell(scene.pick((
            f"{name} has been documented as active {start}.",
            f"The patient has carried a diagnosis of {name} {start}.",
        )))  # fmt: skip
    said = [f"{scene.condition(c)} ({_start(scene, c)})" for c in some]
    return scene.pen.tell(scene.pick((
        f"Ongoing conditions include {join(said)}.", f"{join(said)} are listed as active.",
        f"The record documents active {join(said)}.",
    )))  # fmt: skip


def _over(scene: Scene) -> Iterator[Told]:
    past = [c for c in scene.seen.resolved if c.last.end and not is_social(c.last)][:6]
    while past:
        size = scene.pick((1, 2, 3))
        some = [_resolved(scene, course) for course in past[:size]]
        yield scene.pen.tell(scene.pick((
            f"Conditions that have since resolved include {join(some)}.",
            f"In the past, the patient experienced {join(some)}.",
            f"Resolved problems comprise {join(some)}.",
        )), tag="resolved")  # fmt: skip
        past = past[size:]


def _resolved(scene: Scene, course: Course[Condition]) -> str:
    last, text, true = course.last, course.last.code.text, days_of(course.entries)
    name, end = scene.condition(course), last.end or last.start
    count, roll = len(course.entries), scene.rng.random()
    if count > 1 and roll < 0.5:
        number = scene.mark("count", number_word(count, scene.rng), text, [str(count)])
        start = when(scene, last.start, text, true)
        return f"{name} ({number} episodes, the last beginning {start})"
    if roll < 0.65 and end.day > last.start.day:
        first, then = scene.day(last.start, text, true), scene.day(end, text, true)
        return f"{name} (from {first} until {then})"
    if roll < 0.85:
        return f"{name} (resolved {when(scene, end, text, true)})"
    return f"{name} (onset {when(scene, last.start, text, true)})"


def _absent(scene: Scene) -> Iterator[Told]:
    never = absent(scene, NEVER)
    if never:
        some = [scene.mark("absent", name, name) for name in never[: scene.pick((1, 2, 3))]]
        lead = scene.pick((
            "There is no documented diagnosis of", "The record contains no diagnosis of",
            "The available data show no diagnosis of",
        ))  # fmt: skip
        said = scene.mark("negation", lead, "history")
        yield scene.pen.tell(f"{said} {join(some, 'or')}.", tag="negative")


# -- visits

VISITS = {
    "general examination of patient": ("a general physical examination", "a general examination"),
    "encounter for check up": ("a routine check-up",),
    "encounter for symptom": ("a visit for symptoms", "a symptom-related visit"),
    "encounter for problem": ("a problem-focused visit",),
    "well child visit": ("a well-child examination",),
    "administration of vaccine to produce active immunity": ("an immunization visit",),
    "follow-up encounter": ("a follow-up appointment",),
    "urgent care clinic": ("an urgent-care visit",), "prenatal visit": ("a prenatal appointment",),
    "consultation for treatment": ("a consultation about treatment",),
    "outpatient procedure": ("an outpatient procedure",),
    "emergency room admission": ("an emergency department visit",),
    "encounter inpatient": ("an inpatient stay",),
    "postnatal visit": ("a postnatal appointment",),
    "prenatal initial visit": ("a first prenatal appointment",),
    "asthma follow-up": ("an asthma follow-up",),
    "emergency hospital admission for asthma": ("an emergency admission for asthma",),
    "death certification": ("a death certification",),
    "admission to hospice": ("an admission to hospice",),
}  # fmt: skip


def encounters(scene: Scene) -> Iterator[Told]:
    """The newest visits, one or two to a sentence, how many there were, procedures."""
    some = list(scene.seen.encounters[:5])
    if not some:
        yield scene.pen.tell("No encounters have been documented.", tag="empty")
    while some:
        size = scene.pick((1, 1, 2))
        said = [_visit(scene, one) for one in some[:size]]
        lead = scene.pick((
            "Recent contacts include", "The record documents", "Documented encounters include",
            "The chart shows",
        ))  # fmt: skip
        yield scene.pen.tell(f"{lead} {join(said)}.")
        some = some[size:]
    yield from _counted(scene)
    done = list(scene.seen.procedures)
    scene.rng.shuffle(done)
    done = done[:6]
    while done:
        size = scene.pick((1, 2, 3))
        yield _procedures(scene, done[:size])
        done = done[size:]


def _visit(scene: Scene, one: Encounter) -> str:
    text = one.code.text
    own = text.lower() if text.istitle() else words.lower(text)
    what = scene.pick(VISITS.get(text.lower(), (own,)))
    true = days_of(e for e in scene.seen.encounters if e.code.text == text)
    day = scene.day(one.start, text, true)
    why = f", prompted by {scene.reason(one.reason.text)}," if one.reason else ""
    if one.kind == "inpatient" and one.end and one.end.day != one.start.day:
        return f"{what}{why} from {day} to {scene.day(one.end, text, true)}"
    return f"{what}{why} on {day}"


def _counted(scene: Scene) -> Iterator[Told]:
    """So many in the year of the last one."""
    found = visits_counted(scene, unless=0.4)
    if found:
        said, year = found
        yield scene.pen.tell(f"Overall, {said} encounters were documented in {year}.")


PROCEDURES = {
    "plain chest x-ray": "a chest radiograph", "screening mammography": "screening mammography",
    "electrocardiographic procedure": "an electrocardiogram",
    "echocardiography": "an echocardiogram", "colonoscopy": "a colonoscopy",
    "cesarean section": "a cesarean delivery", "childbirth": "childbirth",
    "cytopathology procedure, preparation of smear, genital source": "cervical cytology (Pap test)",
    "depression screening using patient health questionnaire two-item score":
        "depression screening with the PHQ-2",
    "depression screening using patient health questionnaire nine item score":
        "depression screening with the PHQ-9",
    "assessment using alcohol use disorders identification test - consumption":
        "alcohol screening with the AUDIT-C",
    "assessment using morse fall scale": "a fall-risk assessment with the Morse Fall Scale",
    "laparoscopic cholecystectomy": "laparoscopic removal of the gallbladder",
    "appendectomy": "an appendectomy", "physical therapy procedure": "physical therapy",
    "ophthalmic examination and evaluation": "an ophthalmic examination",
    "polysomnography": "an overnight sleep study", "bone density scan": "a bone density scan",
    "diabetic foot examination": "a diabetic foot examination",
    "extraction of wisdom tooth": "a wisdom tooth extraction",
    "insertion of intrauterine contraceptive device": "placement of an intrauterine device",
    "total replacement of hip": "a total hip replacement", "spirometry": "spirometry",
    "total knee replacement": "a total knee replacement", "biopsy of prostate": "a prostate biopsy",
    "extraction of cataract": "a cataract extraction", "ankle x-ray": "an ankle radiograph",
    "urine culture": "a urine culture", "throat culture": "a throat culture",
    "upper arm x-ray": "an upper arm radiograph", "clavicle x-ray": "a clavicle radiograph",
}  # fmt: skip


def _procedures(scene: Scene, some: Sequence[Course[Procedure]]) -> Told:
    said: list[str] = []
    for course in some:
        text, true, count = course.last.code.text, days_of(course.entries), len(course.entries)
        name = scene.mark("procedure", PROCEDURES.get(text.lower(), words.lower(text)), text)
        last = when(scene, course.last.start, text, true)
        if count > 1 and scene.chance(0.5):
            number = scene.mark("count", number_word(count, scene.rng), text, [str(count)])
            said.append(f"{name} ({number} times, most recently {last})")
        else:
            said.append(f"{name} ({'last performed ' if count > 1 else ''}{last})")
    lead = scene.pick(("Procedures performed include", "Documented procedures include"))
    return scene.pen.tell(f"{lead} {join(said)}.")


# -- vaccines and plans

SHOTS = (
    (r"^dtp\b", ("DTP vaccine",)), (r"^opv", ("oral polio vaccine",)),
    (r"pcv ?7\b", ("7-valent pneumococcal conjugate vaccine",)),
    (r"pcv20", ("20-valent pneumococcal conjugate vaccine", "PCV20")), (r"^rsv", ("RSV vaccine",)),
)  # fmt: skip


def shot(text: str) -> tuple[str, ...]:
    """Names of a vaccine, also of those that few give."""
    found = next((names for pattern, names in SHOTS if re.search(pattern, text, re.I)), ())
    return found or words.vaccine(text)


def vaccines(scene: Scene) -> Iterator[Told]:
    """A few to a sentence, each with its last dose."""
    groups: dict[str, list[Immunization]] = {}
    for course in scene.seen.immunizations:
        groups.setdefault(shot(course.last.code.text)[0], []).extend(course.entries)
    some = list(groups.values())
    while some:
        size = scene.pick((1, 2, 2, 3))
        said = join([_vaccine(scene, entries) for entries in some[:size]])
        lead = scene.pick(("Recorded immunizations include", "Vaccines administered include",
                           "The patient has received"))  # fmt: skip
        yield scene.pen.tell(f"{lead} {said}.")
        some = some[size:]
    if not groups:
        yield scene.pen.tell("The record holds no immunization entries.", tag="empty")


def _vaccine(scene: Scene, entries: Sequence[Immunization]) -> str:
    text, true = entries[0].code.text, days_of(entries)
    last = when(scene, max(e.start for e in entries), text, true)
    name = scene.mark("vaccine", scene.pick(shot(text)), text)
    if len(entries) == 1:
        return f"the {name} ({last})"
    if scene.chance(0.5):
        count = scene.mark("count", number_word(len(entries), scene.rng), text, [str(len(entries))])
        return f"{count} doses of the {name}, the latest {last}"
    return f"the {name} (most recently {last})"


def plans(scene: Scene) -> Iterator[Told]:
    """Active plans in sentences."""
    for course in scene.seen.care_plans:
        one, text = course.told, course.last.code.text
        true = days_of(course.entries)
        why = join([scene.reason(r) for r in dict.fromkeys(r.text for r in one.reasons)])
        does = join(list(dict.fromkeys(words.lower(a.text) for a in one.activities)))
        name = words.lower(text)
        about = f", addressing {why}," if why else ""
        parts = f" and encompasses {does}" if does else ""
        start, then = month(scene, one.start, text, true), when(scene, one.start, text, true)
        yield scene.pen.tell(scene.pick((
            f"The {name}{about} has been in effect since {start}{parts}.",
            f"The plan “{name}”{about} was established {then}{parts}.",
        )))  # fmt: skip
    if not scene.seen.care_plans:
        yield scene.pen.tell("No active care plans have been documented.", tag="empty")
