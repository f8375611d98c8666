"""The fourth writer, a language model before a visit: who it is, how life is, what to prepare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.moments import Moment
from osler.records.record import Allergy, Condition, Encounter
from osler.records.view import Course, Series

from . import conditions as words
from . import drugs, measures
from .fourth_history import VISITS
from .fourth_results import flag, value
from .fourth_time import measured, since, when
from .prose_person import aged, noun
from .scene import Scene, days_of, number_word
from .told import Told, join

HISTORY = re.compile(r"^(an? )?(history of|prior|past)?\s*(an? )?", re.I)


def is_history(course: Course[Condition]) -> bool:
    """What is active only as something that was."""
    return course.last.code.text.lower().startswith("history of")


def event(scene: Scene, course: Course[Condition]) -> str:
    """What was, without `history of`."""
    text = course.last.code.text
    return scene.mark("condition", HISTORY.sub("", scene.pick(words.names(text))), text)


def an(scene: Scene) -> str:
    """`a 54-year-old`, `an 8-year-old`."""
    article = "an" if re.match(r"8|11\b|18\b", scene.seen.age) else "a"
    return f"{article} {aged(scene)}"


# -- in short


def overview(scene: Scene) -> Iterator[Told]:
    """A paragraph: who with what, treatment, allergies, labs, the last visit."""
    seen, tell = scene.seen, scene.pen.tell
    yield from _who(scene)
    if seen.dead and seen.person.died:
        died = Moment(seen.person.died)
        yield tell(f"The patient passed away {when(scene, died, 'death', [str(died.day)])}.")
    yield _treatment(scene)
    yield allergic(scene)
    yield from _outside(scene)
    if seen.encounters and scene.chance(0.6):
        yield _last_seen(scene, seen.encounters[0])


def _who(scene: Scene) -> Iterator[Told]:
    now = [c for c in scene.seen.conditions if not is_history(c)]
    past = [c for c in scene.seen.conditions if is_history(c)]
    some = join([scene.condition(c, article=False) for c in now[:4]])
    before = join([event(scene, c) for c in past[:2]])
    rest = len(scene.seen.conditions) - len(now[:4]) - len(past[:2])
    if not scene.seen.conditions:
        said = f"This is {an(scene)} {noun(scene)} for whom no active diagnoses are on file."
        yield scene.pen.tell(said, tag="no conditions")
        return
    if not now:
        who = f"{an(scene)} {noun(scene)}"
        yield scene.pen.tell(f"The record describes {who} with a history of {before}.")
        return
    history = f", with a history of {before}" if before else ""
    who, alive = f"{an(scene)} {noun(scene)}", not scene.seen.dead
    diagnosis = "diagnosis" if len(now) == 1 else "diagnoses"
    forms = (
        f"The record describes {who} with the active {diagnosis} of {some}{history}.",
        f"The patient is {who} whose active problems include {some}{history}.",
        f"This is {who} currently carrying the {diagnosis} of {some}{history}.",
    )
    yield scene.pen.tell(scene.pick(forms if alive else forms[:1]))
    if rest:
        count = len(scene.seen.conditions)
        said = scene.mark("count", number_word(count, scene.rng), "all", [str(count)])
        yield scene.pen.tell(scene.pick((
            f"Altogether, {said} diagnoses are listed as active.",
            f"The complete list of active diagnoses has {said} entries.",
        )))  # fmt: skip


def _treatment(scene: Scene) -> Told:
    some = [scene.drug(m, strength=scene.chance(0.6)) for m in scene.seen.medicines]
    if not some:
        return scene.pen.tell(scene.pick((
            "There is no current drug treatment.", "No medications are being taken at this time.",
            "The medication list is currently empty.",
        )), tag="no medicines")  # fmt: skip
    return scene.pen.tell(scene.pick((
        f"Current pharmacological treatment consists of {join(some)}.",
        f"The medication regimen includes {join(some)}.",
        f"{scene.pronoun} is presently being treated with {join(some)}.",
    )))  # fmt: skip


def allergic(scene: Scene) -> Told:
    """All allergies in a sentence."""
    some = [
        scene.mark("allergen", scene.pick(words.allergen(a.last.code.text)), a.last.code.text)
        for a in scene.seen.allergies
    ]
    if not some:
        return scene.pen.tell(scene.pick((
            "There are no documented allergies.", "The record lists no allergies.",
            "No allergies have been documented to date.",
        )), tag="no allergies")  # fmt: skip
    if all(a.last.kind == "allergy" for a in scene.seen.allergies):
        return scene.pen.tell(scene.pick((
            f"Documented allergies include {join(some)}.",
            f"{scene.pronoun} has a recorded allergy to {join(some)}.",
            f"The allergy list comprises {join(some)}.",
        )))  # fmt: skip
    return scene.pen.tell(f"Documented allergies or intolerances involve {join(some)}.")


def _outside(scene: Scene) -> Iterator[Told]:
    out = [one for one in scene.seen.labs if one.flag][:4]
    if out:
        some = [
            f"{scene.pick(measures.measure(one).names)} ({value(scene, one)}, {flag(scene, one)})"
            for one in out
        ]
        yield scene.pen.tell(scene.pick((
            f"Among the most recent laboratory results, attention is drawn to {join(some)}.",
            f"Laboratory findings that fall outside the reference range include {join(some)}.",
        )))  # fmt: skip


def _last_seen(scene: Scene, one: Encounter) -> Told:
    text = one.code.text
    what = scene.pick(VISITS.get(text.lower(), (words.lower(text),)))
    true = days_of(e for e in scene.seen.encounters if e.code.text == text)
    day = scene.day(one.start, text, true)
    return scene.pen.tell(f"The most recent documented encounter, {what}, took place on {day}.")


# -- who


def background(scene: Scene) -> Iterator[Told]:
    """Sentences of two or three facts, or a list."""
    who, tell = scene.seen.person, scene.pen.tell
    born = scene.day(Moment(who.born), "birth", [str(who.born)])
    place = ", ".join(filter(None, (who.city, who.state)))
    married = "has never been married" if who.marital == "never married" else f"is {who.marital}"
    if scene.chance(0.35):
        yield tell(f"Date of birth and sex: {born}; {who.sex}", bullet=True)
        rows = (("Race", who.race), ("Ethnicity", who.ethnicity), ("Marital status", who.marital),
                ("Residence", place), ("Language", who.language))  # fmt: skip
        for name, said in rows:
            if said:
                yield tell(f"{name}: {said}", bullet=True)
        return
    facts = [f"was born on {born}"] + ([f"resides in {place}"] if place else [])
    yield tell(f"The patient is {join([who.sex, *facts])}.")
    if who.race and who.ethnicity:
        yield tell(scene.pick((
            f"Race is documented as {who.race} and ethnicity as {who.ethnicity}.",
            f"The recorded race is {who.race}; the recorded ethnicity is {who.ethnicity}.",
        )))  # fmt: skip
    more = [married] if who.marital else []
    more += [f"prefers to communicate in {who.language}"] if who.language else []
    if more:
        yield tell(f"{scene.pronoun} {join(more)}.")


ANSWERS = (
    ("main insurance", r"^private", "has private health coverage"),
    ("main insurance", r"^medicare", "is covered by Medicare"),
    ("main insurance", r"^medicaid", "is covered by Medicaid"),
    ("housing situation", r"^i have housing", "reports having housing"),
    ("lack of transportation", r"^no$", "reports no difficulty getting to appointments"),
    ("how stressed are you", r"^not at all", "reports feeling no stress"),
    ("how stressed are you", r"^a little", "reports a little stress"),
    ("how stressed are you", r"^somewhat", "reports some stress"),
    ("how stressed are you", r"^quite a bit", "reports considerable stress"),
    ("how stressed are you", r"^very much", "reports feeling very stressed"),
    ("current work situation", r"^full", "is in full-time work"),
    ("current work situation", r"^part", "is in part-time work"),
    ("current work situation", r"^unemployed", "is unemployed"),
    ("current work situation", r"^otherwise", "is not working and not seeking a job"),
    ("highest level of school", r"^more than", "has been educated beyond high school"),
    ("highest level of school", r"^less than", "has not completed high school"),
    ("highest level of school", r"^high school", "holds a high school diploma or GED"),
    ("fall risk level", r"^low", "is rated at low risk of falls"),
    ("fall risk level", r"^moderate", "is rated at moderate risk of falls"),
    ("fall risk level", r"^high", "is rated at high risk of falls"),
    ("smoking status", r"^never", "has never been a smoker|has no history of smoking"),
    ("smoking status", r"^former", "is a past smoker|gave up smoking in the past"),
    ("smoking status", r"every day", "is a daily smoker|continues to smoke every day"),
)  # fmt: skip
SOCIAL = {
    "received higher education": "has received higher education",
    "not in labor force": "is not part of the labor force",
    "full-time employment": "holds a full-time job",
    "part-time employment": "holds a part-time job", "unemployed": "is without employment",
    "stress": "is affected by stress", "limited social contact": "has limited social contact",
    "received certificate of high school equivalency":
        "has earned a high school equivalency certificate",
    "only received primary school education": "has received primary schooling only",
    "housing unsatisfactory": "lives in unsatisfactory housing",
    "transport problems": "has problems with transport",
}  # fmt: skip


def _answered(scene: Scene) -> Iterator[tuple[str, Series]]:
    for one in scene.seen.answers:
        question, answer = one.last.code.text.lower(), str(one.last.value)
        for asked, pattern, said in ANSWERS:
            if asked in question and re.search(pattern, answer, re.I):
                yield scene.mark("answer", scene.pick(said.split("|")), one.name, [answer]), one


def lifestyle(scene: Scene) -> Iterator[Told]:
    """What was asked on one day together; then how somebody lives."""
    by_day: dict[str, list[tuple[str, Series]]] = {}
    for said, one in _answered(scene):
        by_day.setdefault(str(one.last.start.day), []).append((said, one))
    for some in list(by_day.values())[:3]:
        scene.rng.shuffle(some)
        for chosen in (some[:3], some[3:6]):
            if chosen:
                yield _asked(scene, chosen)
    for course in scene.seen.social:
        text = course.last.code.text
        said = SOCIAL.get(text.lower(), f"has an entry of “{words.lower(text)}”")
        start = since(scene, course.since, text, days_of(course.entries))
        lead = "As last documented, " if scene.seen.dead else ""
        yield scene.pen.tell(f"{lead}{scene.pronoun} {said} (recorded {start}).")
    if not by_day and not scene.seen.social:
        yield scene.pen.tell("No lifestyle factors have been documented.", tag="empty")


def _asked(scene: Scene, some: Sequence[tuple[str, Series]]) -> Told:
    days = set.intersection(*(
        {str(v.start.day) for v in one.values if v.value == one.last.value} for _, one in some
    ))  # fmt: skip
    one = some[0][1]
    day = scene.day(one.last.start, one.name, sorted(days))
    said, who = join([said for said, _ in some]), scene.pronoun
    return scene.pen.tell(scene.pick((
        f"According to the assessment of {day}, {who} {said}.",
        f"{who} {said}, as documented on {day}.",
    )))  # fmt: skip


def quality(scene: Scene) -> Iterator[Told]:
    """Each score with the one before."""
    for one in scene.seen.quality_of_life:
        name = scene.pick(measures.measure(one).names)
        now = f"{value(scene, one, unit=False)} {measured(scene, one)}"
        if len(one.values) > 1 and scene.chance(0.6):
            then = f"{value(scene, one, 1, unit=False)} {measured(scene, one, 1)}"
            yield scene.pen.tell(f"The {name} was {now}, compared with {then}.")
        else:
            yield scene.pen.tell(f"The {name} was last documented as {now}.")
    if not scene.seen.quality_of_life:
        yield scene.pen.tell("Quality-of-life measures have not been documented.", tag="empty")


# -- what must not be given


def allergy(scene: Scene, course: Course[Allergy]) -> Told:
    """One of them: to what, since when, with what."""
    last, text = course.last, course.last.code.text
    name = scene.mark("allergen", scene.pick(words.allergen(text)), text)
    did: list[str] = []
    for one in last.reactions:
        said = scene.mark("reaction", scene.pick(words.reaction(one.code.text)), one.code.text)
        bad = scene.mark("severity", one.severity, one.code.text, [one.severity])
        did.append(f"{bad} {said}" if one.severity and scene.chance(0.7) else said)
    kind = "intolerance" if last.kind == "intolerance" else "allergy"
    start = when(scene, course.first.start, text, days_of(course.entries))
    if did:
        return scene.pen.tell(scene.pick((
            f"An {kind} to {name} is documented, with {join(did)} as the reported reaction.",
            f"Exposure to {name} has led to {join(did)}; the {kind} was first recorded {start}.",
            f"{name}: {kind} with {join(did)}.",
        )))  # fmt: skip
    return scene.pen.tell(f"An {kind} to {name} was first recorded {start}.")


# -- what to do

TO_DO = (
    "Confirm that the medication list reflects what is actually being taken.",
    "Invite the patient to name the most pressing concern for this visit.",
    "Clarify whether care has been received elsewhere since the last documented visit.",
    "Update the contact information and preferred pharmacy.",
    "Discuss nutrition, physical activity and sleep habits.",
    "Determine whether preventive screenings are due.",
    "Agree on the timing of the next appointment.",
    "Consider asking about over-the-counter products and supplements.",
    "Explore whether any social circumstances affect care.",
    "Provide an opportunity for questions about the current care plan.",
)


def preparation(scene: Scene) -> Iterator[Told]:
    """Suggestions that claim nothing but names."""
    said: list[str] = []
    if scene.seen.dead:
        yield scene.pen.tell("No visit needs to be prepared, as the patient has died.")
        return
    for one in [one for one in scene.seen.labs if one.flag][:2]:
        name = scene.pick(measures.measure(one).names)
        said.append(scene.pick((
            f"Consider a repeat measurement of {name} to assess the trend.",
            f"Discuss the most recent {name} result and its possible implications.",
        )))  # fmt: skip
    for course in scene.seen.medicines[:2]:
        known = drugs.parse(course.last.code.text)
        name = scene.mark("drug", scene.pick(known.names), known.key)
        said.append(scene.pick((
            f"Inquire about adherence to {name} and any adverse effects.",
            f"Evaluate whether {name} remains appropriate.",
        )))  # fmt: skip
    for course in [c for c in scene.seen.conditions if not is_history(c)][:2]:
        name = scene.condition(course, article=False)
        said.append(scene.pick((
            f"Assess current symptoms and control of {name}.",
            f"Review the treatment goals for {name}.",
        )))  # fmt: skip
    general = list(TO_DO)
    scene.rng.shuffle(general)
    bullet = scene.chance(0.6)
    for one in [*said, *general[:3]]:
        yield scene.pen.tell(one, bullet=bullet, tag="planning")
