"""The fifth writer, a model of middling size and a dictating physician: who it is, how life is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.records.record import Allergy
from osler.records.view import Course, Series

from . import conditions as words
from . import drugs, measures
from .fifth_time import at
from .fourth_body import event, is_history
from .fourth_results import value
from .prose_measures import day as day_of
from .prose_person import aged
from .scene import Scene, days_of
from .told import Told, join


def person(scene: Scene) -> str:
    """`54-year-old gentleman`."""
    adult, sex = scene.years >= 18, scene.seen.person.sex
    nouns = {
        ("female", True): ("woman", "lady", "female"), ("male", True): ("man", "gentleman", "male"),
        ("female", False): ("girl",), ("male", False): ("boy",),
    }.get((sex, adult), ("patient",))  # fmt: skip
    return f"{aged(scene)} {scene.pick(nouns)}"


def an(scene: Scene, words_: str) -> str:
    """With its article."""
    return f"{'an' if re.match(r'8|11 |18 ', scene.seen.age) else 'a'} {words_}"


def his(scene: Scene) -> str:
    """His, her, or the patient's."""
    return {"female": "her", "male": "his"}.get(scene.seen.person.sex, "the patient's")


# -- in short


def overview(scene: Scene) -> Iterator[Told]:
    """One opening sentence, then labelled lines, or the same as dictated."""
    listed = scene.chance(0.45)
    yield from _opening(scene)
    if scene.seen.dead and scene.seen.person.died:
        died = Moment(scene.seen.person.died)
        age = scene.mark("age", str(scene.years), "age", [str(scene.years)])
        day = scene.day(died, "death", [str(died.day)])
        when = f"Death occurred on {day}"
        yield scene.pen.tell(f"{when}, at {age} years of age." if scene.years > 1 else f"{when}.")
    yield _treatment(scene, listed)
    yield allergic(scene, bullet=listed)
    yield from _abnormal(scene, listed)


def _opening(scene: Scene) -> Iterator[Told]:
    seen, tell = scene.seen, scene.pen.tell
    now = [c for c in seen.conditions if not is_history(c)]
    past = [event(scene, c) for c in seen.conditions if is_history(c)]
    if not seen.conditions:
        yield tell(f"{an(scene, person(scene))} whose problem list is empty.", tag="no conditions")
        return
    if not now:
        yield tell(f"{an(scene, person(scene))}; past history of {join(past)}.")
        return
    names = [scene.condition(c, article=False) for c in now[:5]]
    more = f"; the past history includes {join(past)}" if past else ""
    rest = len(now) - len(names)
    if rest:
        number = scene.mark("count", str(rest), "further conditions", [str(rest)])
        names.append(f"{number} further problem{'s' if rest > 1 else ''}")
    is_, has = ("was", "had") if seen.dead else ("is", "has")
    yield tell(scene.pick((
        f"{an(scene, person(scene))} with {join(names)}{more}.",
        f"The patient {is_} {an(scene, person(scene))} who {has} {join(names)}{more}.",
        f"Problem list of this {person(scene)}: {join(names)}{more}.",
    )))  # fmt: skip


def _treatment(scene: Scene, listed: bool) -> Told:
    some = [scene.drug(m, strength=scene.chance(0.5)) for m in scene.seen.medicines]
    if not some:
        return scene.pen.tell(scene.pick((
            "The chart has no active medication orders.", "No drug is prescribed at the moment.",
            "Active medications: none.",
        )), tag="no medicines", bullet=listed)  # fmt: skip
    number = scene.mark("count", str(len(some)), "medicines", [str(len(some))])
    if listed:
        return scene.pen.tell(f"Active medications ({number}): {', '.join(some)}", bullet=True)
    are = (
        f"are {number} active prescriptions"
        if len(some) > 1
        else f"is {number} active prescription"
    )
    return scene.pen.tell(scene.pick((
        f"{scene.pronoun} is on {join(some)}.", f"There {are}: {join(some)}.",
        f"{his(scene)} drug therapy is made up of {join(some)}.",
    )))  # fmt: skip


def allergic(scene: Scene, *, bullet: bool = False) -> Told:
    """All allergies in a line or sentence."""
    every = scene.seen.allergies
    some = [
        scene.mark("allergen", scene.pick(words.allergen(a.last.code.text)), a.last.code.text)
        for a in every
    ]
    if not some:
        return scene.pen.tell(scene.pick((
            "Allergies: none on file.", "The chart lists no allergy or intolerance.",
            "There is no allergy on record.",
        )), tag="no allergies", bullet=bullet)  # fmt: skip
    mild = any(a.last.kind != "allergy" for a in every)
    lead = "Allergies and intolerances" if mild else scene.pick(("Allergies", "Allergens"))
    if bullet or mild:
        return scene.pen.tell(f"{lead}: {', '.join(some)}{'' if bullet else '.'}", bullet=bullet)
    return scene.pen.tell(scene.pick((
        f"{scene.pronoun} is known to be allergic to {join(some)}.",
        f"Of note is an allergy to {join(some)}.",
    )))  # fmt: skip


def _abnormal(scene: Scene, listed: bool) -> Iterator[Told]:
    out = [one for one in scene.seen.labs if one.flag][:4]
    some: list[str] = []
    for one in out:
        side = scene.mark("flag", "above range" if one.flag == "high" else "below range",
                          measures.key(one))  # fmt: skip
        some.append(f"{scene.pick(measures.measure(one).names)} {value(scene, one)} ({side})")
    if some and listed:
        yield scene.pen.tell(f"Abnormal labs: {', '.join(some)}", bullet=True)
    elif some:
        yield scene.pen.tell(f"Lab values to look at: {join(some)}.")


# -- who


def background(scene: Scene) -> Iterator[Told]:
    """Labelled lines, or two sentences."""
    who, tell = scene.seen.person, scene.pen.tell
    born = scene.day(Moment(who.born), "birth", [str(who.born)])
    place = ", ".join(filter(None, (who.city, who.state)))
    if scene.chance(0.55):
        number, unit = scene.seen.age.split()
        age = scene.mark("age", number, "age", [number])
        label = "Age at death" if scene.seen.dead else "Age"
        rows = ((label, f"{age} {unit}"), ("Gender", who.sex), ("DOB", born),
                ("Race", who.race), ("Ethnic group", who.ethnicity),
                ("Marital status", who.marital), ("Lives in", place),
                ("Preferred language", who.language))  # fmt: skip
        for name, said in rows:
            if said:
                yield tell(f"{name}: {said}", bullet=True)
        return
    yield tell(f"{person(scene)}, date of birth {born}{f', home in {place}' if place else ''}.")
    origin = [who.race and f"race is given as {who.race}",
              who.ethnicity and f"ethnicity as {who.ethnicity}"]  # fmt: skip
    if all(origin):
        yield tell(f"{his(scene)} {join([one for one in origin if one])}.")
    single = "has never married" if who.marital == "never married" else f"is {who.marital}"
    if who.marital and who.language:
        yield tell(f"{scene.pronoun} {single} and speaks {who.language}.")


ANSWERS = (
    ("main insurance", r"^private", "Insurance", "privately insured"),
    ("main insurance", r"^medicare", "Insurance", "Medicare"),
    ("main insurance", r"^medicaid", "Insurance", "Medicaid"),
    ("housing situation", r"^i have housing", "Housing", "has a home"),
    ("lack of transportation", r"^no$", "Transportation", "no barrier to getting to visits"),
    ("how stressed are you", r"^not at all", "Stress level", "none at all"),
    ("how stressed are you", r"^a little", "Stress level", "a little bit"),
    ("how stressed are you", r"^somewhat", "Stress level", "somewhat stressed"),
    ("how stressed are you", r"^quite a bit", "Stress level", "quite a bit"),
    ("how stressed are you", r"^very much", "Stress level", "very much stressed"),
    ("current work situation", r"^full", "Employment", "working full-time"),
    ("current work situation", r"^part", "Employment", "working part-time or in temporary work"),
    ("current work situation", r"^unemployed", "Employment", "out of a job"),
    ("highest level of school", r"^more than", "Schooling", "past high school"),
    ("highest level of school", r"^less than", "Schooling", "high school not completed"),
    ("highest level of school", r"^high school", "Schooling", "high school diploma or GED"),
    ("fall risk level", r"^low", "Fall risk", "low"),
    ("fall risk level", r"^moderate", "Fall risk", "moderate"),
    ("fall risk level", r"^high", "Fall risk", "high"),
    ("smoking status", r"^never", "Tobacco", "never smoker|lifelong nonsmoker"),
    ("smoking status", r"^former", "Tobacco", "former smoker|has given up smoking"),
    ("smoking status", r"every day", "Tobacco", "smokes on a daily basis|current daily smoker"),
)
SOCIAL = {
    "received higher education": "higher education was received",
    "not in labor force": "not in the labor force", "full-time employment": "full-time employment",
    "part-time employment": "part-time employment", "unemployed": "unemployment",
    "stress": "stress", "limited social contact": "limited social contact",
    "received certificate of high school equivalency": "high school equivalency certificate",
    "only received primary school education": "primary school education only",
    "housing unsatisfactory": "unsatisfactory housing", "transport problems": "transport problems",
}  # fmt: skip


def lifestyle(scene: Scene) -> Iterator[Told]:
    """Labelled answers with their day; then what the problem list says of how somebody lives."""
    told = 0
    for one in scene.seen.answers:
        question, answer = one.last.code.text.lower(), str(one.last.value)
        for asked, pattern, label, said in ANSWERS:
            if asked in question and re.search(pattern, answer, re.I) and told < 8:
                told += 1
                yield _answer(scene, one, label, scene.pick(said.split("|")))
    for course in scene.seen.social:
        text = course.last.code.text
        said = SOCIAL.get(text.lower(), words.lower(text))
        start = at(scene, course.since, text, days_of(course.entries))
        yield scene.pen.tell(f"Social finding: {said}, entered {start}", bullet=True)
    if not told and not scene.seen.social:
        yield scene.pen.tell("The chart has nothing on lifestyle.", tag="empty")


def _answer(scene: Scene, one: Series, label: str, said: str) -> Told:
    true = [str(v.start.day) for v in one.values if v.value == one.last.value]
    day = scene.day(one.last.start, one.name, true)
    said = scene.mark("answer", said, one.name, [str(one.last.value)])
    if scene.chance(0.6):
        return scene.pen.tell(f"{label}: {said} (asked on {day})", bullet=True)
    return scene.pen.tell(f"{label} as of {day}: {said}.")


def quality(scene: Scene) -> Iterator[Told]:
    """Each score with its day and, often, the one before."""
    for one in scene.seen.quality_of_life:
        name = scene.pick(measures.measure(one).names)
        now = f"{value(scene, one, unit=False)} on {day_of(scene, one)}"
        if len(one.values) > 1 and scene.chance(0.5):
            then = f"{value(scene, one, 1, unit=False)} on {day_of(scene, one, 1)}"
            yield scene.pen.tell(f"{name} stood at {now}; the reading before that was {then}.")
        else:
            yield scene.pen.tell(f"{name}: {now}", bullet=True)
    if not scene.seen.quality_of_life:
        yield scene.pen.tell("Quality of life was not scored.", tag="empty")


# -- what must not be given


def allergy(scene: Scene, course: Course[Allergy]) -> Told:
    """One of them: to what, what it did, since when."""
    last, text = course.last, course.last.code.text
    name = scene.mark("allergen", scene.pick(words.allergen(text)), text)
    did: list[str] = []
    for one in last.reactions:
        said = scene.mark("reaction", scene.pick(words.reaction(one.code.text)), one.code.text)
        bad = scene.mark("severity", one.severity, one.code.text, [one.severity])
        did.append(f"{said} ({bad})" if one.severity and scene.chance(0.7) else said)
    kind = "intolerance" if last.kind == "intolerance" else "allergy"
    start = at(scene, course.first.start, text, days_of(course.entries))
    if not did:
        return scene.pen.tell(f"{name} – {kind} entered {start}, reaction not stated", bullet=True)
    return scene.pen.tell(*scene.pick((
        (f"Allergen: {name}; reaction: {', '.join(did)}" if kind == "allergy"
         else f"Intolerance: {name}; reaction: {', '.join(did)}",),
        (f"{name} – triggers {join(did)} ({kind} entered {start}).",),
        (f"In response to {name}, {scene.pronoun} developed {join(did)}.",),
    )))  # fmt: skip


# -- what to do

TO_DO = (
    "Bring all pill bottles and inhalers to the visit.",
    "Go through the medication list together.",
    "Which concern should be dealt with first today?",
    "Were there visits elsewhere in between?",
    "Plan when to be seen next.",
    "Is help needed with getting to appointments?",
    "Check whether screening tests are due.",
    "Ask about sleep, diet and exercise.",
    "Any over-the-counter drugs or supplements?",
    "Go over the emergency contact details.",
)


def preparation(scene: Scene) -> Iterator[Told]:
    """Questions and tasks that claim nothing but names."""
    if scene.seen.dead:
        yield scene.pen.tell("The patient is deceased; there is nothing to prepare.")
        return
    said: list[str] = []
    for one in [one for one in scene.seen.labs if one.flag][:2]:
        name = scene.pick(measures.measure(one).names)
        said.append(
            scene.pick((f"Talk through the latest {name}.", f"Does {name} need repeating?"))
        )
    for course in scene.seen.medicines[:2]:
        known = drugs.parse(course.last.code.text)
        name = scene.mark("drug", scene.pick(known.names), known.key)
        said.append(
            scene.pick((f"Any problems with {name}?", f"Ask whether {name} is being taken."))
        )
    for course in [c for c in scene.seen.conditions if not is_history(c)][:2]:
        name = scene.condition(course, article=False)
        said.append(scene.pick((f"Any change in {name}?", f"Discuss how {name} is being managed.")))
    general = list(TO_DO)
    scene.rng.shuffle(general)
    for one in [*said, *general[:3]]:
        yield scene.pen.tell(one, bullet=True, tag="planning")
