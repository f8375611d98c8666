"""The second writer: who it is, what is taken, what was measured, what to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.records.record import Allergy, Medicine, Quantity
from osler.records.view import Course, Series

from . import conditions as words
from . import drugs, measures
from .prose_measures import day, decimals, limits, value
from .prose_person import ANSWERS, SMOKING, SOCIAL, noun, valued
from .scene import Scene, days_of, number_word
from .told import Told, join

# -- who


def overview(scene: Scene) -> Iterator[Told]:
    """A paragraph."""
    seen, tell = scene.seen, scene.pen.tell
    number, unit = seen.age.split()
    age = scene.mark("age", number, "age", [number])
    person = noun(scene)
    yield tell(f"The patient is a {person}, {age} {unit} of age.")
    if seen.conditions:
        some = [scene.condition(c, article=False) for c in seen.conditions[:4]]
        count = len(seen.conditions)
        word = scene.mark("count", number_word(count, scene.rng), "conditions", [str(count)])
        plural = "problem" if count == 1 else "problems"
        lead = "namely" if count <= 4 else "among them"
        yield tell(f"The problem list contains {word} active {plural}, {lead} {join(some)}.")
    else:
        yield tell("The problem list is empty.", tag="no conditions")
    if seen.medicines:
        some = [scene.drug(m, strength=scene.chance(0.5)) for m in seen.medicines]
        yield tell(f"The current regimen consists of {join(some)}.")
    else:
        yield tell("The patient is not currently prescribed anything.", tag="no medicines")
    yield _allergic(scene)
    out = [one for one in seen.labs if one.flag]
    for one in out[:2]:
        name = scene.pick(measures.measure(one).names)
        flag = scene.mark("flag", one.flag, measures.key(one))
        yield tell(f"Of note, the most recent {name} ({value(scene, one)}) is {flag}.")


def _allergic(scene: Scene) -> Told:
    if not scene.seen.allergies:
        return scene.pen.tell(
            scene.pick((
                "There are no allergies on file.", "No allergy has been documented.",
                "Allergies: none known.",
            )),
            tag="no allergies",
        )  # fmt: skip
    some = [
        scene.mark("allergen", scene.pick(words.allergen(a.last.code.text)), a.last.code.text)
        for a in scene.seen.allergies
    ]
    return scene.pen.tell(f"Sensitivity to {join(some)} has been documented.")


def background(scene: Scene) -> Iterator[Told]:
    """Sentences, each of one thing."""
    who, tell = scene.seen.person, scene.pen.tell
    born = scene.day(Moment(who.born), "birth", [str(who.born)])
    yield tell(f"Date of birth: {born}.")
    yield tell(f"Gender: {who.sex}.")
    if who.race and who.race.lower() != "other":
        yield tell(f"The patient identifies as {who.race}.")
    if who.marital:
        yield tell(f"Marital status is recorded as {who.marital}.")
    if who.city:
        yield tell(f"Place of residence: {who.city}, {who.state}.")
    if who.language:
        yield tell(f"The preferred language is {who.language}.")


def lifestyle(scene: Scene) -> Iterator[Told]:
    """Smoking, findings, answers."""
    tell = scene.pen.tell
    for one in scene.seen.answers:
        question, answer = one.last.code.text.lower(), str(one.last.value)
        if one.last.code.value == "72166-2":
            forms = next((f for p, f in SMOKING if re.search(p, answer, re.I)), ())
            if forms:
                said = scene.mark("answer", forms[0].lower(), "smoking", [answer])
                yield tell(f"Tobacco: {said}.", tag="smoking")
            continue
        for asked, pattern, said in ANSWERS:
            if asked in question and re.search(pattern, answer, re.I) and scene.chance(0.4):
                marked = scene.mark("answer", said, one.name, [answer])
                true = sorted({str(v.start.day) for v in one.values if v.value == answer})
                yield tell(f"{marked} (as of {scene.day(one.last.start, one.name, true)}).")
    for course in scene.seen.social:
        text = course.last.code.text
        true = [str(e.start.day) for e in course.entries]
        start = scene.when(scene.begun(course), text, true)
        said = SOCIAL.get(text.lower(), (text,))[-1]
        yield tell(f"{said}; first noted {start}.")
    if not scene.seen.answers and not scene.seen.social:
        yield tell("No lifestyle information is available.", tag="empty")


# -- what is taken


def medicines(scene: Scene) -> Iterator[Told]:
    """Current, past, allergies."""
    tell, seen = scene.pen.tell, scene.seen
    for course in seen.medicines:
        yield current(scene, course)
    if not seen.medicines:
        yield tell("There are no active prescriptions.", tag="no medicines")
    for course in seen.past_medicines[:2]:
        last = course.last
        key = drugs.parse(last.code.text).key
        true = _days(scene, key)
        name = scene.drug(course)
        yield tell(f"{name} was given {scene.when(last.start, key, true)} and is no longer taken.")
    if not seen.allergies:
        yield _allergic(scene)
    for course in seen.allergies:
        yield allergy(scene, course)


def _days(scene: Scene, key: str) -> tuple[str, ...]:
    return days_of(e for e in scene.seen.record.medicines if drugs.parse(e.code.text).key == key)


def current(scene: Scene, course: Course[Medicine]) -> Told:
    """One prescription."""
    last = course.last
    key = drugs.parse(last.code.text).key
    name, often = scene.drug(course), scene.frequency(last, key)
    why = f", indicated for {scene.reason(last.reason.text)}" if last.reason else ""
    start = scene.when(course.first.start, key, _days(scene, key))
    taken = f", taken {often}" if often else ""
    if scene.chance(0.5):
        return scene.pen.tell(f"{name}{taken}{why} (initiated {start})", bullet=True)
    return scene.pen.tell(f"The patient has been prescribed {name}{taken}{why}; begun {start}.")


def allergy(scene: Scene, course: Course[Allergy]) -> Told:
    """One allergy."""
    last, text = course.last, course.last.code.text
    name = scene.mark("allergen", scene.pick(words.allergen(text)), text)
    did = [
        scene.mark("reaction", scene.pick(words.reaction(r.code.text)), r.code.text)
        + (
            f" ({scene.mark('severity', r.severity, r.code.text, [r.severity])})"
            if r.severity
            else ""
        )
        for r in last.reactions
    ]
    since = scene.when(course.first.start, text, days_of(course.entries))
    kind = "intolerance" if last.kind == "intolerance" else "allergy"
    if did:
        return scene.pen.tell(f"Documented {kind} to {name}, manifesting as {join(did)}.")
    return scene.pen.tell(f"An {kind} to {name} was documented {since}.")


# -- what was measured


def results(scene: Scene) -> Iterator[Told]:
    """Sentences for what is out of range, short ones for the rest."""
    numbers = [o for o in scene.seen.labs if isinstance(o.last.value, Quantity)]
    for one in numbers:
        if one.flag:
            yield outside(scene, one)
    rest = [one for one in numbers if not one.flag]
    for one in rest[:8]:
        yield inside(scene, one)
    if not scene.seen.labs:
        yield scene.pen.tell("No laboratory results are on file.", tag="empty")
    by_code = {one.last.code.value: one for one in scene.seen.vitals}
    high, low = by_code.get("8480-6"), by_code.get("8462-4")
    if high and low and high.last.start.order == low.last.start.order:
        pair = "/".join(value(scene, one, with_unit=False) for one in (high, low))
        yield scene.pen.tell(
            f"The last blood pressure reading, taken on {day(scene, high)}, was {pair} mmHg."
        )
    for one in scene.seen.vitals:
        known = one.last.code.value in measures.MEASURES and one not in (high, low)
        if known and isinstance(one.last.value, Quantity):
            name = measures.measure(one).names[-1]
            yield scene.pen.tell(
                f"{name} was recorded as {value(scene, one)} on {day(scene, one)}."
            )
    for one in scene.seen.scores:
        if one.last.code.value in measures.MEASURES:
            name = measures.measure(one).names[0]
            said = value(scene, one, with_unit=False)
            points = "point" if measures.number(one.last) == 1 else "points"
            yield scene.pen.tell(f"The {name} screening on {day(scene, one)} gave {said} {points}.")


def outside(scene: Scene, one: Series) -> Told:
    """A value out of range."""
    name = scene.pick(measures.measure(one).names)
    side = "exceeds the upper" if one.flag == "high" else "falls below the lower"
    found = one.reference
    number = found and (found.high if one.flag == "high" else found.low)
    roll = scene.rng.random()
    if number is not None and roll < 0.4:
        limit = scene.mark("limit", f"{number:g}", measures.key(one), [repr(number)])
        return scene.pen.tell(
            f"At {value(scene, one)}, the {name} of {day(scene, one)} {side} limit of {limit}."
        )
    flag = scene.mark("flag", "elevated" if one.flag == "high" else "reduced", measures.key(one))
    if roll < 0.7 or not found:
        return scene.pen.tell(
            f"The patient's {name} was {flag} when last measured on {day(scene, one)}, "
            f"at {value(scene, one)}."
        )
    return scene.pen.tell(
        f"{name} {value(scene, one)} on {day(scene, one)} ({flag}; normal: {limits(scene, one)}).",
        bullet=True,
    )


def inside(scene: Scene, one: Series) -> Told:
    """A value that is not out of range."""
    name = scene.pick(measures.measure(one).names)
    said = f"The {name} measured {value(scene, one)} on {day(scene, one)}"
    if len(one.values) > 1 and scene.chance(0.5):
        now, before = (measures.number(v) or 0.0 for v in one.values[:2])
        places = decimals(one)
        same = measures.shown(now, places) == measures.shown(before, places)
        if not same:
            how = "a rise from" if now > before else "a decline from"
            said += f", {how} {value(scene, one, 1)} on {day(scene, one, 1)}"
    return scene.pen.tell(f"{said}.")


def quality(scene: Scene) -> Iterator[Told]:
    """The scores."""
    for one in scene.seen.quality_of_life:
        name = measures.measure(one).names[-1]
        yield scene.pen.tell(f"The {name} stood at {valued(scene, one, 0)}.")
    if not scene.seen.quality_of_life:
        yield scene.pen.tell("Quality of life has not been recorded.", tag="empty")


# -- what to do

ASK = (
    "Verify that all listed medications are still being taken.",
    "Explore any barriers to following the care plan.",
    "Ask about the patient's main concerns for today's visit.",
    "Check whether outside records need to be requested.",
    "Encourage regular physical activity and a balanced diet.",
    "Discuss results with the patient in plain language.",
    "Consider whether a pharmacist review would be useful.",
    "Plan laboratory follow-up as clinically indicated.",
    "Ask about sleep, mood and stress.",
    "It may be worth asking about over-the-counter medicines.",
    "Clarify who should be contacted in an emergency.",
    "Immunization needs should be reviewed against current schedules.",
)


def preparation(scene: Scene) -> Iterator[Told]:
    """Questions and suggestions."""
    said: list[str] = []
    for one in [one for one in scene.seen.labs if one.flag][:2]:
        name = scene.pick(measures.measure(one).names)
        said.append(scene.pick((
            f"The {name} may need to be rechecked within 6 weeks.",
            f"Consider repeating the {name} measurement.",
        )))  # fmt: skip
    for course in scene.seen.medicines[:2]:
        known = drugs.parse(course.last.code.text)
        name = scene.mark("drug", scene.pick(known.names), known.key)
        said.append(f"Discuss tolerance of {name} and whether doses are missed.")
    for course in scene.seen.conditions[:2]:
        name = scene.condition(course, article=False)
        said.append(f"Evaluate symptoms related to {name}.")
    general = list(ASK)
    scene.rng.shuffle(general)
    for words_of_it in [*said, *general[:4]]:
        yield scene.pen.tell(words_of_it, bullet=scene.chance(0.8), tag="planning")
