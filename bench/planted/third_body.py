"""The third writer, a family doctor: terse notes and a few letters. Who it is, what is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.moments import Moment
from osler.records.record import Allergy, Medicine
from osler.records.view import Course, Series

from . import conditions as words
from . import drugs, measures, wording
from .alike import of_key
from .prose_person import SMOKING, SOCIAL, noun, valued
from .scene import Scene, days_of, number_word
from .told import Told, join

# -- who


def overview(scene: Scene) -> Iterator[Told]:
    """A one-liner or the beginning of a letter, then what is taken and what is out of range."""
    seen, tell = scene.seen, scene.pen.tell
    number, unit = seen.age.split()
    age = scene.mark("age", number, "age", [number])
    letter = scene.chance(0.5)
    some = [scene.condition(c, article=False) for c in seen.conditions[:4]]
    sex = {"female": "F", "male": "M"}.get(seen.person.sex, "pt")
    who = f"{age}{'yo' if unit.startswith('year') else 'mo'} {sex}"
    if letter:
        who = f"{scene.pick(('This letter concerns a', 'The patient is a'))} {noun(scene)} aged "
        who += f"{age} {unit}"
    if not some:
        yield tell(f"{who}{' without' if letter else ', no'} active problems.", tag="no conditions")
    else:
        link = scene.pick((" whose active problems include ", " living with ") if letter else (
            " w/ ", " with ", "; active: "))  # fmt: skip
        yield tell(f"{who}{link}{join(some)}.")
    if len(seen.conditions) > 4:
        count = str(len(seen.conditions))
        said = scene.mark("count", number_word(len(seen.conditions), scene.rng), "list", [count])
        yield tell(f"In all, {said} problems are active.")
    if seen.dead and seen.person.died:
        died = Moment(seen.person.died)
        yield tell(f"Deceased {scene.day(died, 'death', [str(died.day)])}.")
    yield _regimen(scene, letter)
    yield reacts(scene)
    yield from _outliers(scene)


def _regimen(scene: Scene, letter: bool) -> Told:
    some = [scene.drug(m, strength=scene.chance(0.6)) for m in scene.seen.medicines]
    if not some:
        said = scene.pick(("Meds: none.", "On no medication.", "Takes no medicines at present."))
        return scene.pen.tell(said, tag="no medicines")
    if letter:
        who = scene.pronoun
        lead = scene.pick((f"Of medicines, {who} takes", f"At present {who} is on"))
        return scene.pen.tell(f"{lead} {join(some)}.")
    return scene.pen.tell(f"{scene.pick(('Meds:', 'Rx:', 'On'))} {', '.join(some)}.")


def reacts(scene: Scene) -> Told:
    """All allergies in a line."""
    if not scene.seen.allergies:
        said = scene.pick((
            "NKDA.", "NKA.", "All: none known.", "Allergies: none on file.",
            "No allergies known to date.",
        ))  # fmt: skip
        return scene.pen.tell(said, tag="no allergies")
    some = [_allergen(scene, a) for a in scene.seen.allergies]
    only = all(a.last.kind == "allergy" for a in scene.seen.allergies)
    leads = ("All:", "Allergic to", "Allergies on file:") if only else (
        "All/intol:", "Allergies or intolerances on file:")  # fmt: skip
    return scene.pen.tell(f"{scene.pick(leads)} {join(some)}.")


def _allergen(scene: Scene, course: Course[Allergy]) -> str:
    text = course.last.code.text
    return scene.mark("allergen", scene.pick(words.allergen(text)), text)


def _outliers(scene: Scene) -> Iterator[Told]:
    from .third_results import brief

    out = [one for one in scene.seen.labs if one.flag]
    if out:
        lead = scene.pick(("Out of range when last checked:", "Abnormal labs:", "Of the labs:"))
        some = [brief(scene, one) for one in out[:4]]
        if lead.startswith("Of") and len(out) < 5:
            count = "these were" if len(some) > 1 else "this was"
            lead = f"Among the last labs {count} out of range:"
        yield scene.pen.tell(f"{lead} {', '.join(some)}.")


def background(scene: Scene) -> Iterator[Told]:
    """One or two lines with all of it."""
    who, tell = scene.seen.person, scene.pen.tell
    born = scene.day(Moment(who.born), "birth", [str(who.born)])
    origin = "; ".join(filter(None, (who.race, who.ethnicity)))
    place = ", ".join(filter(None, (who.city, who.state)))
    if scene.chance(0.5):
        yield tell(f"DOB {born}, {who.sex}", bullet=True)
        if origin:
            yield tell(f"Race/ethnicity on file: {origin}", bullet=True)
        home = [f"resides in {place}"] if place else []
        home += [who.marital] if who.marital else []
        home += [f"speaks {who.language}"] if who.language else []
        if home:
            yield tell(", ".join(home), bullet=True)
        return
    yield tell(f"Sex {who.sex}, born {scene.pick(('', 'on '))}{born}.")
    if place:
        state = "has never married" if who.marital == "never married" else f"is {who.marital}"
        state = f"{state} and lives" if who.marital else "lives"
        yield tell(f"{scene.pronoun} {state} in {place}.")
    elif who.marital:
        yield tell(f"Marital status: {who.marital}.")
    if origin:
        yield tell(f"Race and ethnicity as recorded: {origin}.")
    if who.language:
        yield tell(f"{scene.pick(('Language:', 'Speaks', 'Prefers to speak'))} {who.language}.")


ANSWERS = (
    ("main insurance", r"^private", "private insurance"),
    ("main insurance", r"^medicare", "on Medicare"),
    ("main insurance", r"^medicaid", "on Medicaid"),
    ("housing situation", r"^i have housing", "has a place to live|housed"),
    ("lack of transportation", r"^no$", "no trouble with transport"),
    ("how stressed are you", r"^not at all", "not stressed"),
    ("how stressed are you", r"^a little", "a little stressed"),
    ("how stressed are you", r"^somewhat", "somewhat stressed"),
    ("how stressed are you", r"^quite a bit", "stressed quite a bit"),
    ("how stressed are you", r"^very much", "very much stressed"),
    ("current work situation", r"^full", "works full time"),
    ("current work situation", r"^part", "works part time"),
    ("current work situation", r"^unemployed", "out of work"),
    ("current work situation", r"^otherwise", "not working and not looking for work"),
    ("highest level of school", r"^more than", "went to school beyond high school"),
    ("highest level of school", r"^less than", "did not finish high school"),
    ("highest level of school", r"^high school", "finished high school (or GED)"),
    ("fall risk level", r"^low", "low fall risk on the Morse scale"),
    ("fall risk level", r"^high", "high fall risk on the Morse scale"),
)  # fmt: skip
TOBACCO = (
    ("never smoked", "nonsmoker, never started", "no tobacco, ever"),
    ("quit smoking", "used to smoke", "ex-smoker"),
    ("smokes every day", "still smoking daily"),
)


def _answered(scene: Scene) -> Iterator[tuple[str, Series]]:
    for one in scene.seen.answers:
        question, answer = one.last.code.text.lower(), str(one.last.value)
        if one.last.code.value == "72166-2":
            found = next((i for i, (p, _) in enumerate(SMOKING) if re.search(p, answer, re.I)), -1)
            if found >= 0:
                yield scene.mark("answer", scene.pick(TOBACCO[found]), "smoking", [answer]), one
            continue
        for asked, pattern, said in ANSWERS:
            if asked in question and re.search(pattern, answer, re.I):
                yield scene.mark("answer", scene.pick(said.split("|")), one.name, [answer]), one


def lifestyle(scene: Scene) -> Iterator[Told]:
    """What was answered on the same day is told together."""
    by_day: dict[str, list[tuple[str, Series]]] = {}
    for said, one in _answered(scene):
        by_day.setdefault(str(one.last.start.day), []).append((said, one))
    bullet = scene.chance(0.4)
    for some in by_day.values():
        scene.rng.shuffle(some)
        told, asked = some[:4], [one for _, one in some[:4]]
        days = set.intersection(*(
            {str(v.start.day) for v in one.values if v.value == one.last.value} for one in asked
        ))  # fmt: skip
        day = scene.day(asked[0].last.start, asked[0].name, sorted(days))
        text = ", ".join(said for said, _ in told)
        text = f"{text} (asked {day})" if scene.chance(0.6) else f"SH {day}: {text}"
        yield scene.pen.tell(text if bullet else f"{text}.", bullet=bullet)
    for course in scene.seen.social:
        text = course.last.code.text
        true = days_of(course.entries)
        said = SOCIAL.get(text.lower(), (text,))[0]
        start = scene.since(course.since, text, true, lasting=False)
        yield scene.pen.tell(f"{said}, on file {start}{'' if bullet else '.'}", bullet=bullet)
    if not by_day and not scene.seen.social:
        yield scene.pen.tell("SH not on file.", tag="empty")


def quality(scene: Scene) -> Iterator[Told]:
    """The scores and where they came from."""
    for one in scene.seen.quality_of_life:
        name = scene.pick(measures.measure(one).names)
        before = f"; before that {valued(scene, one, 1)}" if len(one.values) > 1 else ""
        yield scene.pen.tell(f"{name} {valued(scene, one, 0)}{before}.")
    if not scene.seen.quality_of_life:
        yield scene.pen.tell("QOL not scored.", tag="empty")


# -- what is taken


def medicines(scene: Scene) -> Iterator[Told]:
    """A list, or what is taken for each problem; what was; what must not be given."""
    seen = scene.seen
    if not seen.medicines:
        yield scene.pen.tell(scene.pick(("Meds: none.", "No meds at present.")), tag="no medicines")
    if scene.chance(0.5):
        for course in seen.medicines:
            yield _line(scene, course)
    else:
        yield from _by_reason(scene)
    yield from _past(scene)
    if not seen.allergies:
        yield reacts(scene)
    for course in seen.allergies:
        yield _allergy(scene, course)


DOSE = re.compile(r"(\d+(?:\.\d+)?) (tablet|capsule|puff|actuation|mL|units)s?$")
SHORT = {"tablet": "tab", "capsule": "cap", "puff": "puff", "actuation": "puff"}


def often(scene: Scene, entry: Medicine, key: str) -> str:
    """`1 tab bid`, with all that the record has for any strength as true."""
    if not entry.dose:
        return ""
    parts = entry.dose.text.split(", ")
    all_parts = [p for e in of_key(scene, key) if e.dose for p in e.dose.text.split(", ")]
    said: list[str] = []
    for part in parts:
        amount, forms = DOSE.match(part), wording.of("frequencies", drugs.FREQUENCIES).get(part)
        if amount and (scene.chance(0.5) or amount[1] != "1"):
            true = [m[1] for p in all_parts if (m := DOSE.match(p))]
            unit = SHORT.get(amount[2], amount[2])
            plural = "s" if amount[2] in SHORT and amount[1] != "1" else ""
            said.append(f"{scene.mark('amount', amount[1], key, true)} {unit}{plural}")
        elif forms:
            said.append(scene.mark("frequency", scene.pick(forms), key, all_parts))
        elif re.fullmatch(r"every \d+ (weeks|months)", part):
            said.append(part)
    return " ".join(said)


def _line(scene: Scene, course: Course[Medicine]) -> Told:
    entry = course.told
    key = drugs.parse(entry.code.text).key
    true = days_of(of_key(scene, key))
    name = f"{scene.drug(course)} {often(scene, entry, key)}".strip()
    why = f" {scene.pick(('for', '–'))} {scene.reason(entry.reason.text)}" if entry.reason else ""
    first, again = course.first.start, course.last.start
    roll = scene.rng.random()
    if len(course.entries) > 1 and roll < 0.3:
        when = f"first Rx {scene.day(first, key, true)}, last {scene.day(again, key, true)}"
    elif len(course.run) == len(course.entries) and roll < 0.6:
        when = f"since {scene.pick((scene.month, scene.year))(first, key, true)}"
    else:
        when = f"first prescribed {scene.when(first, key, true)}"
    return scene.pen.tell(f"{name}{why} ({when})", bullet=True)


def _by_reason(scene: Scene) -> Iterator[Told]:
    groups: dict[str, list[Course[Medicine]]] = {}
    for course in scene.seen.medicines:
        groups.setdefault(course.told.reason.text if course.told.reason else "", []).append(course)
    for why, courses in groups.items():
        some: list[str] = []
        for course in courses:
            key = drugs.parse(course.told.code.text).key
            said = f"{scene.drug(course)} {often(scene, course.told, key)}".strip()
            when = scene.when(course.first.start, key, days_of(of_key(scene, key)))
            some.append(f"{said}, first given {when}" if scene.chance(0.7) else said)
        listed = "; ".join(some)
        if not why:
            yield scene.pen.tell(f"{scene.pick(('Also on', 'Furthermore takes'))} {listed}.")
            continue
        reason = scene.reason(why)
        yield scene.pen.tell(scene.pick((
            f"For {reason} {scene.pronoun} takes {listed}.", f"{reason}: {listed}.",
            f"{reason} is treated with {listed}.",
        )))  # fmt: skip


def _past(scene: Scene) -> Iterator[Told]:
    now = {drugs.parse(m.told.code.text).key for m in scene.seen.medicines}
    said: list[str] = []
    for course in scene.seen.past_medicines:
        last, key = course.last, drugs.parse(course.last.code.text).key
        if key in now or len(said) > 2:
            continue
        why = f" for {scene.reason(last.reason.text)}" if last.reason else ""
        when = scene.when(last.start, key, days_of(of_key(scene, key)))
        said.append(f"{scene.drug(course)}{why} ({when})")
    if said:
        lead = scene.pick(("In the past took", "Prior Rx:", "Earlier prescriptions include"))
        yield scene.pen.tell(f"{lead} {'; '.join(said)}.")


def _allergy(scene: Scene, course: Course[Allergy]) -> Told:
    last, name = course.last, _allergen(scene, course)
    did: list[str] = []
    for one in last.reactions:
        said = scene.mark("reaction", scene.pick(words.reaction(one.code.text)), one.code.text)
        bad = scene.mark("severity", one.severity, one.code.text, [one.severity])
        did.append(f"{bad} {said}" if one.severity and scene.chance(0.7) else said)
    kind = last.kind if last.kind == "intolerance" else "allergy"
    since = scene.when(course.first.start, last.code.text, days_of(course.entries))
    if did and scene.chance(0.5):
        return scene.pen.tell(f"{kind}: {name} → {join(did)}", bullet=True)
    if did:
        return scene.pen.tell(f"{name} brought on {join(did)}; {kind} recorded {since}.")
    return scene.pen.tell(f"{name} {kind}, recorded {since}", bullet=True)


# -- what to do

TO_DO: Sequence[str] = (
    "Go over the med list together.", "Confirm pharmacy and phone number.",
    "Ask how things have been since last time.", "Leave time for the patient's own questions.",
    "Check which screening tests are due.", "Ask about sleep, diet and exercise.",
    "Book the next routine visit.", "Weigh and take BP on arrival.",
    "Request outside records if there are any.", "Review home readings, if any were kept.",
)  # fmt: skip


def preparation(scene: Scene) -> Iterator[Told]:
    """To do; nothing that the record would have to bear out but names."""
    said: list[str] = []
    for one in [one for one in scene.seen.labs if one.flag][:2]:
        name = scene.pick(measures.measure(one).names)
        said.append(scene.pick((f"Recheck {name} at the next visit.", f"Repeat {name}.")))
    for course in scene.seen.medicines[:2]:
        known = drugs.parse(course.last.code.text)
        name = scene.mark("drug", scene.pick(known.names), known.key)
        said.append(scene.pick((f"Renew {name} if still needed.", f"Any trouble with {name}?")))
    for course in scene.seen.conditions[:2]:
        name = scene.condition(course, article=False)
        said.append(scene.pick((f"See how the {name} is doing.", f"Go over the plan for {name}.")))
    general = list(TO_DO)
    scene.rng.shuffle(general)
    bullet = scene.chance(0.7)
    for one in ["Chart review only."] if scene.seen.dead else [*said, *general[:3]]:
        yield scene.pen.tell(one, bullet=bullet, tag="planning")
