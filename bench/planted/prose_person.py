"""Who a patient is, and how he or she lives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.moments import Moment
from osler.records.view import Series

from . import conditions as words
from . import measures
from .scene import Scene, number_word
from .told import Told, join


def noun(scene: Scene) -> str:
    """`woman`, `boy`."""
    adult = scene.years >= 18
    return {
        "female": "woman" if adult else "girl", "male": "man" if adult else "boy",
    }.get(scene.seen.person.sex, "patient")  # fmt: skip


def aged(scene: Scene) -> str:
    """`26-year-old`, `14-month-old`."""
    number, unit = scene.seen.age.split()
    return f"{scene.mark('age', number, 'age', [number])}-{unit.rstrip('s')}-old"


def overview(scene: Scene) -> Iterator[Told]:
    """Who it is, with what; what is taken; what must not be missed."""
    seen, tell = scene.seen, scene.pen.tell
    known = [scene.condition(c, article=False) for c in seen.conditions[:3]]
    lead = scene.pick(("", "This is a ", "The patient is a "))
    article = "an" if lead and re.match(r"8|11\b|18\b", seen.age) else "a"
    who = f"{lead[:-2] + article + ' ' if lead else ''}{aged(scene)} {noun(scene)}"
    if known:
        yield tell(f"{who} with {join(known)}.")
    else:
        yield tell(f"{who} with no active conditions on record.", tag="no conditions")
    if seen.dead and seen.person.died:
        died = Moment(seen.person.died)
        yield tell(f"The patient died {scene.when(died, 'death', [str(died.day)])}.")
    if len(seen.conditions) > 1 and scene.chance(0.5):
        count = len(seen.conditions)
        number = scene.mark(
            "count", number_word(count, scene.rng), "active conditions", [str(count)]
        )
        yield tell(scene.pick((
            f"There are {number} active conditions on the problem list.",
            f"{scene.pronoun} has {number} active conditions.",
        )))  # fmt: skip
    yield _takes(scene)
    yield allergies_in_short(scene)
    yield _out_of_range(scene)


def _takes(scene: Scene) -> Told:
    seen = scene.seen
    if not seen.medicines:
        return scene.pen.tell(
            scene.pick((
                "No current medications are recorded.", "Takes no regular medication.",
                "No current medications.",
            )),
            tag="no medicines",
        )  # fmt: skip
    some = [scene.drug(m) for m in seen.medicines]
    lead = scene.pick(("Currently takes", "Current medications include", "Medications:"))
    return scene.pen.tell(f"{lead} {join(some)}.")


def allergies_in_short(scene: Scene) -> Told:
    """A sentence on all of them."""
    if not scene.seen.allergies:
        return scene.pen.tell(
            scene.pick((
                "No known allergies.", "No allergies are recorded.", "No known drug allergies.",
                "NKDA.", "There are no known allergies.",
            )),
            tag="no allergies",
        )  # fmt: skip
    some = [
        scene.mark("allergen", scene.pick(words.allergen(a.last.code.text)), a.last.code.text)
        for a in scene.seen.allergies
    ]
    lead = scene.pick(("Allergic to", "Allergies:", "Known allergies include", "Has allergies to"))
    if any(a.last.kind != "allergy" for a in scene.seen.allergies):
        lead = scene.pick(("Allergies and intolerances:", "Allergies/intolerances include"))
    return scene.pen.tell(f"{lead} {join(some)}.")


def _out_of_range(scene: Scene) -> Told:
    out = [one for one in scene.seen.labs if one.flag]
    judged = [one for one in scene.seen.labs if one.reference]
    if not out:
        said = (
            "None of the latest labs with a reference range is out of range."
            if judged else "No lab results with a reference range are on record."
        )  # fmt: skip
        return scene.pen.tell(said, tag="no labs out of range")
    some: list[str] = []
    for one in out[:4]:
        flag = scene.mark("flag", one.flag, measures.key(one))
        some.append(f"{flag} {scene.pick(measures.measure(one).names)}")
    lead = scene.pick(("Recent labs show", "Latest labs are notable for", "Labs out of range:"))
    return scene.pen.tell(f"{lead} {join(some)}.")


def background(scene: Scene) -> Iterator[Told]:
    """Age, sex, origin, home."""
    who, tell, mark = scene.seen.person, scene.pen.tell, scene.mark
    born = scene.day(Moment(who.born), "birth", [str(who.born)])
    number, unit = scene.seen.age.split()
    bullet = scene.chance(0.6)
    age = mark("age", number, "age", [number])
    said = f"Age: {age} {unit}" if unit.startswith("month") else f"Age: {age}"
    yield tell(f"{said} (born {born})" if bullet else f"Born {born}.", bullet=bullet)
    yield tell(f"Sex: {who.sex}" if bullet else f"The patient is {who.sex}.", bullet=bullet)
    origin = ", ".join(filter(None, (who.race, who.ethnicity)))
    if origin:
        lead = "Race/ethnicity: " if bullet else "Recorded race and ethnicity: "
        yield tell(f"{lead}{origin}{'' if bullet else '.'}", bullet=bullet)
    if who.marital:
        state = "single" if who.marital == "never married" and scene.chance(0.5) else who.marital
        yield tell(
            f"Marital status: {state}" if bullet else f"{state.capitalize()}.", bullet=bullet
        )
    if who.city:
        place = f"{who.city}, {who.state}" if who.state else who.city
        yield tell(f"Lives in {place}{'' if bullet else '.'}", bullet=bullet)
    if who.language:
        said = scene.pick((f"Preferred language: {who.language}", f"Speaks {who.language}"))
        yield tell(f"{said}{'' if bullet else '.'}", bullet=bullet)


SOCIAL = {
    "full-time employment": ("Works full-time", "Employed full-time"),
    "part-time employment": ("Works part-time", "Employed part-time"),
    "unemployed": ("Unemployed", "Currently unemployed"),
    "not in labor force": ("Not in the labor force",),
    "received higher education": ("Has received higher education",),
    "received certificate of high school equivalency": (
        "Has a high school equivalency certificate",
    ),
    "only received primary school education": ("Has primary school education only",),
    "stress": ("Reports stress", "Stress"),
    "limited social contact": ("Limited social contact", "Reports limited social contact"),
    "social isolation": ("Socially isolated", "Social isolation"),
    "victim of intimate partner abuse": (
        "Victim of intimate partner abuse", "Has experienced intimate partner abuse",
    ),
    "housing unsatisfactory": ("Housing unsatisfactory", "Unsatisfactory housing"),
    "transport problems": ("Has transport problems",),
    "lack of access to transportation": ("Lacks access to transportation",),
    "refugee": ("Refugee",),
    "has a criminal record": ("Has a criminal record",),
    "risk activity involvement": ("Involved in risk activities",),
    "reports of violence in the environment": ("Reports violence in the environment",),
    "unhealthy alcohol drinking behavior": ("Unhealthy alcohol use",),
    "misuses drugs": ("Misuses drugs", "Drug misuse"),
    "served in armed forces": ("Served in the armed forces",),
}  # fmt: skip

ANSWERS = (
    ("main insurance", r"private", "Has private insurance"),
    ("main insurance", r"^medicare", "Insured through Medicare"),
    ("main insurance", r"^medicaid", "Insured through Medicaid"),
    ("physically and emotionally safe", r"^yes", "Feels safe at home"),
    ("physically and emotionally safe", r"^no$", "Does not feel safe at home"),
    ("worried about losing", r"^yes", "Worried about losing housing"),
    ("worried about losing", r"^no$", "Not worried about losing housing"),
    ("housing situation", r"^i have housing", "Has housing"),
    ("are you a refugee", r"^no$", "Not a refugee"),
    ("afraid of your partner", r"^no$", "Denies being afraid of a partner"),
    ("lack of transportation", r"^no$", "Transportation has not been a barrier to care"),
    ("armed forces", r"^no$", "No military service"),
    ("how stressed are you", r"^not at all", "Reports not being stressed at all"),
    ("how stressed are you", r"^somewhat", "Describes being somewhat stressed"),
    ("how stressed are you", r"^quite a bit", "Describes being quite a bit stressed"),
    ("talk to people", r"^3 to 5", "Sees or talks to people 3 to 5 times a week"),
    ("talk to people", r"^5 or more", "Sees or talks to people 5 or more times a week"),
    ("talk to people", r"^less than once", "Sees or talks to people less than once a week"),
)

SMOKING = (
    (r"never", ("Never smoker", "Denies tobacco use", "Has never smoked", "Lifelong non-smoker")),
    (r"former|ex-smoker|quit", ("Former smoker", "Ex-smoker", "Smoked in the past")),
    (r"every ?day|daily|current", ("Current smoker", "Smokes daily", "Smokes every day")),
)


def lifestyle(scene: Scene) -> Iterator[Told]:
    """Smoking first, then work, housing, stress."""
    tell, bullet = scene.pen.tell, scene.chance(0.5)
    end = "" if bullet else "."
    for one in scene.seen.answers:
        if one.last.code.value != "72166-2":
            continue
        value = str(one.last.value)
        for pattern, forms in SMOKING:
            if re.search(pattern, value, re.I):
                said = scene.mark("answer", scene.pick(forms), "smoking", [value])
                true = sorted({str(v.start.day) for v in one.values})
                when = (
                    f" (recorded {scene.day(one.last.start, 'smoking', true)})"
                    if scene.chance(0.4) else ""
                )  # fmt: skip
                yield tell(f"{said}{when}{end}", bullet=bullet, tag="smoking")
                break
    for course in scene.seen.social:
        text = course.last.code.text
        said = scene.pick(SOCIAL.get(text.lower(), (text,)))
        true = [str(e.start.day) for e in course.entries]
        since = scene.since(scene.begun(course), text, true, lasting=False)
        roll = scene.rng.random()
        yield tell(
            f"{said} {since}{end}" if roll < 0.5 else f"{said} ({since}){end}" if roll < 0.8
            else f"{said}{end}", bullet=bullet,
        )  # fmt: skip
    yield from _answers(scene, bullet)
    if not scene.seen.answers and not scene.seen.social:
        yield tell("Not recorded.", tag="empty")


def _answers(scene: Scene, bullet: bool) -> Iterator[Told]:
    said: list[str] = []
    for one in scene.seen.answers:
        question = one.last.code.text.lower()
        for asked, answer, words_of_it in ANSWERS:
            if asked in question and re.search(answer, str(one.last.value), re.I):
                said.append(scene.mark("answer", words_of_it, one.name, [str(one.last.value)]))
    scene.rng.shuffle(said)
    for words_of_it in said[:4]:
        yield scene.pen.tell(f"{words_of_it}{'' if bullet else '.'}", bullet=bullet)


def quality(scene: Scene) -> Iterator[Told]:
    """Scores over time."""
    for one in scene.seen.quality_of_life:
        name = scene.pick(measures.measure(one).names)
        text = f"{name} {scene.pick(('of', 'was'))} {valued(scene, one, 0)}"
        if len(one.values) > 1:
            text += f" (previously {valued(scene, one, 1)})"
        yield scene.pen.tell(f"{text}.", bullet=scene.chance(0.5))
    if not scene.seen.quality_of_life:
        yield scene.pen.tell(
            scene.pick(("Not recorded.", "No quality-of-life scores are recorded.")), tag="empty"
        )


def valued(scene: Scene, one: Series, place: int) -> str:
    """A value and when it was."""
    decimals = measures.measure(one).decimals
    text = measures.shown(measures.number(one.values[place]) or 0.0, decimals)
    said = scene.mark("value", text, measures.key(one), measures.all_values(scene.seen, one))
    when = scene.when(
        one.values[place].start, measures.key(one), measures.days_with(one, text, decimals)
    )
    return f"{said} {when}"
