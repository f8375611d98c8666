"""Conditions, visits, procedures, vaccines and plans, as a clinician tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.records.record import Condition, Encounter, Immunization, Procedure
from osler.records.view import Course

from . import conditions as words
from . import measures
from .scene import Scene, days_of, number_word
from .told import Told, join

ABSENT = (
    ("stroke", r"stroke|cerebrovascular|\bCVA\b|\bTIA\b|ischemi|hemiple"),
    ("myocardial infarction", r"infarct|coronary|cardiac|heart|\bMI\b|angina"),
    ("diabetes", r"diabet|hyperglyc|insulin|metformin|glipizide"),
    ("asthma", r"asthma|wheez|albuterol|inhal"),
    ("COPD", r"copd|obstructive|emphysema|bronchi|inhal"),
    ("cancer", r"cancer|neoplas|carcinom|malign|melanoma|tumou?r|chemother|lymphoma|leuk|sarcoma"),
    ("seizures", r"seizure|epilep|convuls"),
    ("kidney disease", r"kidney|renal|nephro|dialys|proteinuria|albuminuria"),
    ("heart failure", r"heart|cardiac|cardiomyo"),
    ("atrial fibrillation", r"fibrillat|arrhythm|cardiac"),
    ("thyroid disease", r"thyr"),
    ("blood clots", r"thromb|embol|clot"),
    ("tuberculosis", r"tubercul"),
    ("osteoporosis", r"osteop|bone|alendron"),
    ("gout", r"gout|uric|urate|allopurinol"),
    ("depression", r"depress|mood|sertraline|fluoxetine|citalopram|bipolar"),
)  # fmt: skip
"""What nobody can say was never there as soon as one word in the record speaks of it."""

HINTS = {
    "kidney disease": {"creatinine", "eGFR", "BUN", "urine albumin-to-creatinine ratio"},
    "diabetes": {"HbA1c", "glucose"}, "osteoporosis": {"DXA T-score"}, "gout": {"uric acid"},
    "COPD": {"FEV1/FVC"}, "asthma": {"FEV1/FVC"}, "thyroid disease": {"TSH", "free T4"},
    "heart failure": {"NT-proBNP", "left ventricular ejection fraction"},
    "blood clots": {"INR"}, "myocardial infarction": {"NT-proBNP"},
}  # fmt: skip
"""Nobody careful denies an illness whose lab is out of range."""


def conditions(scene: Scene) -> Iterator[Told]:
    """Active ones, each with its beginning; resolved ones in short; what never was."""
    tell, seen = scene.pen.tell, scene.seen
    for course in seen.conditions:
        yield active(scene, course)
    if not seen.conditions:
        yield tell("No active conditions are recorded.", tag="no conditions")
    past = [c for c in seen.resolved if c.last.end and not _is_social(c)]
    if past:
        some = [resolved(scene, course) for course in past[:5]]
        if scene.chance(0.4):
            for one in some:
                yield tell(one, bullet=True, tag="resolved")
        else:
            lead = scene.pick(("Past problems include", "Resolved:", "Previously had"))
            yield tell(f"{lead} {join(some)}.", tag="resolved")
    hinted = {measures.key(one) for one in (*seen.labs, *seen.scores) if one.flag}
    absent = [
        name for name, pattern in ABSENT
        if scene.never(pattern) and not hinted & HINTS.get(name, set())
    ]  # fmt: skip
    scene.rng.shuffle(absent)
    if absent:
        chosen = absent[: scene.rng.choice((1, 1, 2, 3))]
        lead = scene.pick(("No history of", "No known history of", "Denies any history of"))
        some = [scene.mark("absent", name, name) for name in chosen]
        yield tell(f"{scene.mark('negation', lead, 'history')} {join(some, 'or')}.", tag="negative")


def _is_social(course: Course[Condition]) -> bool:
    from osler.records.view import is_social

    return is_social(course.last)


def active(scene: Scene, course: Course[Condition]) -> Told:
    """One of them in one line or sentence."""
    tell, text = scene.pen.tell, course.last.code.text
    true = days_of(course.entries)
    start = scene.begun(course)
    if text.lower().startswith("history of"):
        name = scene.condition(course, article=False)
        return tell(f"{name} ({scene.since(start, text, true)})", bullet=True)
    roll = scene.rng.random()
    bare = scene.condition(course, article=False)
    if roll < 0.4:
        return tell(f"{bare}, {scene.since(start, text, true)}", bullet=True)
    if roll < 0.6:
        return tell(f"{bare} (diagnosed {scene.when(start, text, true)})", bullet=True)
    if roll < 0.8:
        who = scene.pick((scene.pronoun, "the patient"))
        return tell(f"{who} has had {scene.condition(course)} {scene.since(start, text, true)}.")
    return tell(f"{bare} was diagnosed {scene.when(start, text, true)}.")


def resolved(scene: Scene, course: Course[Condition]) -> str:
    """`acute bronchitis (January to February 2014)`."""
    last, text, true = course.last, course.last.code.text, days_of(course.entries)
    name = scene.condition(course, article=False)
    end = last.end or last.start
    roll = scene.rng.random()
    if len(course.entries) > 1 and roll < 0.5:
        count = scene.mark(
            "count", number_word(len(course.entries), scene.rng), text, [str(len(course.entries))]
        )
        return f"{name} ({count} episodes, most recently {scene.when(last.start, text, true)})"
    if roll < 0.6:
        first, then = scene.day(last.start, text, true), scene.day(end, text, true)
        return f"{name} ({first} to {then})"
    if roll < 0.8:
        return f"{name} (resolved {scene.when(end, text, true)})"
    return f"{name} ({scene.month(last.start, text, true)})"


ENCOUNTERS = {
    "general examination of patient": ("a general examination", "a general medical exam"),
    "encounter for check up": ("a check-up",), "encounter for 'check-up'": ("a check-up",),
    "encounter for symptom": ("a symptom visit", "evaluation of symptoms"),
    "encounter for problem": ("a problem visit", "an acute problem"),
    "well child visit": ("a well-child visit", "a well child check"),
    "administration of vaccine to produce active immunity": ("vaccination", "an immunization"),
    "follow-up encounter": ("a follow-up visit", "follow-up"),
    "urgent care clinic": ("an urgent care visit",), "prenatal visit": ("a prenatal visit",),
    "consultation for treatment": ("a treatment consultation",),
    "patient encounter procedure": ("an outpatient visit",),
    "outpatient procedure": ("an outpatient procedure",), "home visit": ("a home visit",),
    "emergency room admission": ("an emergency room admission", "an ER visit"),
    "encounter inpatient": ("an inpatient stay",),
    "admission to skilled nursing facility": ("admission to a skilled nursing facility",),
    "postnatal visit": ("a postnatal visit",),
    "hypertension follow-up encounter": ("hypertension follow-up",),
    "prenatal initial visit": ("an initial prenatal visit",),
}  # fmt: skip


def encounters(scene: Scene) -> Iterator[Told]:
    """The newest visits, then procedures."""
    tell, seen = scene.pen.tell, scene.seen
    bullet = scene.chance(0.5)
    for place, one in enumerate(seen.encounters[:5]):
        yield visit(scene, one, bullet=bullet, first=place == 0)
    if not seen.encounters:
        yield tell("No encounters are recorded.", tag="empty")
    emergencies = sum(e.kind == "emergency" for e in seen.encounters)
    if emergencies and scene.chance(0.3):
        number = scene.mark("count", number_word(emergencies, scene.rng), "emergency visits",
                            [str(emergencies)])  # fmt: skip
        plural = "s" if emergencies > 1 else ""
        yield tell(f"{number} emergency visit{plural} on record.")
    some = list(seen.procedures)
    scene.rng.shuffle(some)
    for course in some[:4]:
        yield procedure(scene, course, bullet=bullet)


def visit(scene: Scene, one: Encounter, *, bullet: bool, first: bool) -> Told:
    """When, what, where, why."""
    text = one.code.text
    own = text.lower() if text.istitle() else words.lower(text)
    what = scene.pick(ENCOUNTERS.get(text.lower(), (own,)))
    same = [e for e in scene.seen.encounters if e.code.text == text]
    true = days_of(same)
    place = one.where if scene.chance(0.5) else one.where.title()
    where = f" at {place}" if one.where and scene.chance(0.4) else ""
    why = f" for {scene.reason(one.reason.text)}" if one.reason else ""
    day = scene.day(one.start, text, true)
    bare = re.sub(r"^an? ", "", what)
    if bullet:
        return scene.pen.tell(f"{day}: {bare}{where}{why}", bullet=True)
    if first and scene.chance(0.5):
        return scene.pen.tell(f"The last recorded encounter was {what}{where} on {day}{why}.")
    lead = scene.pick((f"Seen on {day} for", f"On {day}, {scene.pronoun} was seen for"))
    linked = f" ({scene.reason(one.reason.text)})" if one.reason else ""
    return scene.pen.tell(f"{lead} {what}{where}{linked}.")


def procedure(scene: Scene, course: Course[Procedure], *, bullet: bool) -> Told:
    """What was done, when last, how often."""
    text, count = course.last.code.text, len(course.entries)
    true = days_of(course.entries)
    name = scene.mark("procedure", words.lower(text), text)
    when = scene.when(course.last.start, text, true)
    times = ""
    if count > 1 and scene.chance(0.5):
        number = scene.mark("count", str(count), text, [str(count)])
        times = f" ({number} times since {scene.day(course.first.start, text, true)})"
    last = "last " if count > 1 else ""
    if bullet:
        return scene.pen.tell(f"{name}: {last}{when}{times}", bullet=True)
    if text.endswith("s"):
        return scene.pen.tell(f"Also recorded: {name} {when}{times}.")
    return scene.pen.tell(f"{name} was {last}done {when}{times}.")


def vaccines(scene: Scene) -> Iterator[Told]:
    """Those given, with the last dose; products that are called the same are told as one."""
    by_name: dict[str, list[Course[Immunization]]] = {}
    for course in scene.seen.immunizations:
        by_name.setdefault(words.vaccine(course.last.code.text)[0], []).append(course)
    bullet = scene.chance(0.7)
    for courses in by_name.values():
        yield vaccine(scene, courses, bullet=bullet)
    if not by_name:
        yield scene.pen.tell("No immunizations are recorded.", tag="empty")


def vaccine(scene: Scene, courses: list[Course[Immunization]], *, bullet: bool) -> Told:
    """One kind of vaccine."""
    text = courses[0].last.code.text
    entries = [e for course in courses for e in course.entries]
    true = days_of(entries)
    last: Moment = max(e.start for e in entries)
    first: Moment = min(e.start for e in entries)
    name = scene.mark("vaccine", scene.pick(words.vaccine(text)), text)
    when = scene.when(last, text, true)
    doses = ""
    if len(courses) == 1 and len(entries) > 1 and scene.chance(0.6):
        count = scene.mark("count", str(len(entries)), text, [str(len(entries))])
        doses = f" ({count} doses since {scene.day(first, text, true)})"
    latest = "last " if len(entries) > 1 else ""
    if bullet:
        return scene.pen.tell(f"{name}: {latest}{when}{doses}", bullet=True)
    lead = scene.pick(("Received", "Was given"))
    newest = "most recently " if len(entries) > 1 else ""
    return scene.pen.tell(f"{lead} {name} {newest}{when}{doses}.")


def plans(scene: Scene) -> Iterator[Told]:
    """Active care plans with reasons and activities; one or two past ones."""
    tell, seen = scene.pen.tell, scene.seen
    for course in seen.care_plans:
        last, text = course.last, course.last.code.text
        true = days_of(course.entries)
        why = list(dict.fromkeys(r.text for r in last.reasons))
        reasons = f" for {join([scene.reason(r) for r in why])}" if why else ""
        since = scene.since(last.start, text, true)
        does = list(dict.fromkeys(words.lower(a.text) for a in last.activities))
        with_them = scene.pick((" including ", ", with ")) + join(does) if does else ""
        if scene.chance(0.5):
            yield tell(f"{words.lower(text)}{reasons}, {since}{with_them}", bullet=True)
        else:
            yield tell(f"{words.lower(text)}{reasons} has been active {since}{with_them}.")
    if not seen.care_plans:
        yield tell(
            scene.pick(("No active care plans.", "No active care plan is recorded.")), tag="empty"
        )
    for course in seen.past_care_plans[:2]:
        last, true = course.last, days_of(course.entries)
        if last.end:
            text, name = last.code.text, words.lower(last.code.text)
            start, end = (scene.month(when, text, true) for when in (last.start, last.end))
            same = str(last.start)[:7] == str(last.end)[:7]
            said = f"was active in {end}" if same else f"ran from {start} to {end}"
            yield tell(f"A past plan, {name}, {said}.")
