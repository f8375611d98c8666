"""Wrong drugs, conditions and allergies; what is denied, and the wrong side."""

from __future__ import annotations

import random
import re

from . import conditions, drugs, strangers
from .plant import Plant, Subject, add, change, section_of, spots, swap
from .scene import SIDES, SITES
from .told import Summary, Told

# -- drugs


def drug(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A drug that was never prescribed, in the place of one or beside them."""
    way = rng.choices(("swap", "add", "look-alike", "invented"), (40, 30, 15, 15))[0]
    name, strength = _stranger(rng, subject, way)
    found = spots(summary, "drug")
    if way == "look-alike":
        known = [s for s in found if s[2].about in strangers.LOOK_ALIKE]
        if not known:
            return None
        spot = rng.choice(known)
        name = strangers.LOOK_ALIKE[spot[2].about]
        if not subject.without(re.escape(name)):
            return None
        return change(summary, spot, name, "drug", way)
    if found and (way == "swap" or (way == "invented" and rng.random() < 0.5)):
        spot = rng.choice(found)
        return change(summary, spot, name, "drug", way)
    text = rng.choice(ADDED).format(name=name, strength=strength)
    place = section_of(summary, rng.choice(("Medications", "Medications", "Summary", "Prepar")))
    return add(summary, rng, place, text[:1].upper() + text[1:], "drug", f"{way}, added")


ADDED = (
    "{name} {strength} daily.", "Also takes {name} {strength} once daily.",
    "Currently on {name} {strength}.", "{name} was started at the last visit.",
    "Continue {name} {strength}.", "The patient is taking {name}.",
    "Prescribed {name} {strength} twice daily.", "Current medications include {name}.",
    "Home medications: {name} {strength}.", "{name} {strength} as needed.",
    "Previously treated with {name}.", "Tolerates {name} well.",
)  # fmt: skip


def _stranger(rng: random.Random, subject: Subject, way: str) -> tuple[str, str]:
    if way == "invented":
        return rng.choice(strangers.INVENTED), rng.choice(("10 mg", "25 mg", "5 mg", "100 mg"))
    while True:
        name, strength = rng.choice(strangers.DRUGS)
        low = name.lower()
        names = [low, strangers.SAME.get(low, low), *map(str.lower, drugs.BRANDS.get(low, ()))]
        if subject.without(*map(re.escape, names)):
            return name, strength


# -- conditions


def condition(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """An illness that the patient never had."""
    name = _illness(rng, subject)
    bare = re.sub(r"^an? ", "", name)
    found = spots(summary, "condition")
    if found and rng.random() < 0.5:
        return change(summary, rng.choice(found), bare, "condition", "swap")
    text = rng.choice((
        f"{bare}.", f"Also has {name}.", f"History of {bare}.", f"Diagnosed with {bare} in 2015.",
        f"Known {bare}.", f"{bare} is stable.", f"Past medical history includes {name}.",
        f"The patient suffers from {bare}.", f"Follow up on {bare}.", f"Underlying {bare}.",
    ))  # fmt: skip
    place = section_of(summary, rng.choice(("Medical Conditions", "Summary", "Preparation")))
    return add(summary, rng, place, text[:1].upper() + text[1:], "condition", "add")


def _illness(rng: random.Random, subject: Subject) -> str:
    while True:
        name, pattern = rng.choice(strangers.CONDITIONS)
        if subject.without(pattern):
            return name


# -- allergies


def allergy(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """An allergen that is none, no allergy where there is one, or another reaction."""
    seen = subject.seen
    free = [name for name, pattern in strangers.ALLERGENS if subject.without(pattern)]
    name = rng.choice(free)
    way = rng.choice(("swap", "add", "add", "deny", "reaction", "severity"))
    if way == "add" or not seen.allergies:
        text = rng.choice(ALLERGIES).format(name=name, reaction=rng.choice(strangers.REACTIONS))
        if not seen.allergies and rng.random() < 0.5:
            return _instead(rng, summary, "no allergies", text)
        text = text[:1].upper() + text[1:]
        place = section_of(summary, rng.choice(("Medications", "Medications", "Summary", "Prep")))
        return add(summary, rng, place, text, "allergy", "add")
    if way == "deny":
        return _denied(rng, subject, summary)
    if way == "severity":
        found = spots(summary, "severity")
        if not found:
            return None
        spot = rng.choice(found)
        other = rng.choice([s for s in ("mild", "moderate", "severe") if s not in spot[2].true])
        return change(summary, spot, other, "allergy", way)
    found = spots(summary, "allergen" if way == "swap" else "reaction")
    if not found:
        return None
    if way == "swap":
        return change(summary, rng.choice(found), name, "allergy", way)
    had = {r.code.text.lower() for a in seen.allergies for r in a.last.reactions}
    had |= {name for text in had for name in conditions.reaction(text)}
    had |= {"hives"} if "wheal" in had else set()
    free = [r for r in strangers.REACTIONS if not any(r in one or one in r for one in had)]
    return change(summary, rng.choice(found), rng.choice(free), "allergy", way) if free else None


ALLERGIES = (
    "Allergic to {name}.", "Allergic to {name} ({reaction}).", "{name} allergy.",
    "{name}: {reaction}.", "Reports {reaction} with {name}.", "Allergies: {name}.",
    "Known allergy to {name}.", "Severe {name} allergy with {reaction}.", "Intolerance to {name}.",
    "Avoid {name} because of a known allergy.", "{name} caused {reaction} in the past.",
)  # fmt: skip


def _instead(rng: random.Random, summary: Summary, tag: str, text: str) -> Plant | None:
    places = [
        (p, t) for p, part in enumerate(summary.parts) for t, told in enumerate(part.told)
        if told.tag == tag
    ]  # fmt: skip
    if not places:
        return None
    p, t = rng.choice(places)
    old = summary.parts[p].told[t]
    new = Told(text[:1].upper() + text[1:], bullet=old.bullet)
    return swap(summary, p, t, new, "allergy", "instead of none")


def _denied(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """No allergies, of drugs only where one to a drug is recorded."""
    to_drugs = any(a.last.category == "medication" for a in subject.seen.allergies)
    forms = ["No known allergies.", "No allergies on record.", "Allergies: none.", "NKA."]
    if to_drugs:
        forms += ["No known drug allergies.", "NKDA.", "NKDA", "Denies any drug allergy."]
    found = spots(summary, "allergen", sections="Medications|Summary|Prep")
    text = rng.choice(forms)
    if found and rng.random() < 0.6:
        p, t, _ = rng.choice(found)
        return swap(summary, p, t, Told(text, bullet=summary.parts[p].told[t].bullet),
                    "allergy", "denied")  # fmt: skip
    place = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, place, text, "allergy", "denied")


# -- negation


def negation(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """What the record has is denied, or what it does not have is said to be there."""
    way = rng.choices(
        ("condition", "resolved condition", "medicine", "flip", "answer", "vaccine", "procedure",
         "all of them"), (40, 8, 14, 12, 10, 6, 5, 5),
    )[0]  # fmt: skip
    return NEGATIONS[way](rng, subject, summary)


DENIALS = (
    "No history of {x}.", "Denies {x}.", "{x} was ruled out.", "Without evidence of {x}.",
    "The patient has never had {x}.", "Does not have {x}.", "No {x}.", "Negative for {x}.",
    "No known {x}.", "There is no record of {x}.", "{x} has been excluded.",
    "No evidence of {x} at this time.", "Not diagnosed with {x}.", "Never diagnosed with {x}.",
    "Denies any history of {x}.", "Free of {x}.", "No prior diagnosis of {x}.",
    "The record shows no {x}.", "{x}: no.", "{x}: absent.", "Pt denies {x}.", "No h/o {x}.",
    "{x} has resolved.",
)  # fmt: skip
PAST_DENIALS = (
    "No history of {x}.", "The patient has never had {x}.", "Denies any history of {x}.",
    "There is no record of {x}.", "Never diagnosed with {x}.", "No prior {x}.", "No h/o {x}.",
)  # fmt: skip


def _deny_condition(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    some = subject.seen.conditions
    return _deny(rng, summary, rng.choice(some).last.code.text, DENIALS) if some else None


def _deny_resolved(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    some = [c for c in subject.seen.resolved if c.last.code.text.lower() in conditions.CONDITIONS]
    return _deny(rng, summary, rng.choice(some).last.code.text, PAST_DENIALS) if some else None


def _deny(
    rng: random.Random, summary: Summary, name: str, forms: tuple[str, ...]
) -> Plant | None:  # fmt: skip
    words = rng.choice(conditions.names(name))
    words = re.sub(r"^(an? )?((history of|past|prior) )?(an? )?", "", words, flags=re.I)
    text = rng.choice(forms).format(x=words)
    text = text[:1].upper() + text[1:]
    mentioned = [
        (p, t) for p, t, s in spots(summary, "condition", sections="Medical Conditions")
        if s.about == name and len(summary.parts[p].told[t].text) < 90
    ]  # fmt: skip
    if mentioned and rng.random() < 0.5:
        p, t = rng.choice(mentioned)
        new = Told(text, bullet=summary.parts[p].told[t].bullet)
        return swap(summary, p, t, new, "negation", "condition denied")
    place = section_of(summary, rng.choice(("Medical Conditions", "Summary", "Prep")))
    return add(summary, rng, place, text, "negation", "condition denied")


def _deny_medicine(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.medicines:
        return None
    name = rng.choice(drugs.parse(rng.choice(subject.seen.medicines).last.code.text).names)
    text = rng.choice((
        f"Not taking {name}.", f"Is not on {name}.", f"{name} was never prescribed.",
        f"Denies taking {name}.", f"No longer takes {name}.", f"{name} has been discontinued.",
        f"Never took {name}.", f"Does not take {name}.", f"{name} was stopped.",
    ))  # fmt: skip
    place = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, place, text[:1].upper() + text[1:], "negation", "medicine denied")


def _flip(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A true negative becomes a positive."""
    found = spots(summary, "negation")
    if found and rng.random() < 0.7:
        spot = rng.choice(found)
        words = rng.choice(("History of", "Known history of", "Has a history of", "Positive for"))
        told = summary.parts[spot[0]].told[spot[1]]
        new = told.put(spot[2].start, spot[2].end, words)
        new = Told(new.text.replace(" or ", " and "), bullet=told.bullet)
        return swap(summary, spot[0], spot[1], new, "negation", "flipped")
    if subject.seen.allergies:
        return None
    text = rng.choice((
        "Known drug allergies.", "Has several known allergies.", "Drug allergies are documented.",
        "Known allergies are on file.",
    ))  # fmt: skip
    found_plant = _instead(rng, summary, "no allergies", text)
    return found_plant and Plant(
        "negation", "flipped", found_plant.section, found_plant.before, found_plant.after,
        found_plant.summary,
    )  # fmt: skip


OPPOSITES = {
    "Yes": "No", "No": "Yes", "Never smoker": "Current every day smoker",
    "Former smoker": "Never smoker", "Denies tobacco use": "Smokes daily",
    "Has never smoked": "Currently smokes", "Lifelong non-smoker": "Current smoker",
    "Ex-smoker": "Never smoker", "Smoked in the past": "Has never smoked",
    "Current smoker": "Non-smoker", "Smokes daily": "Denies tobacco use",
    "Smokes every day": "Has never smoked", "Feels safe at home": "Does not feel safe at home",
    "Not a refugee": "Is a refugee", "Worried about losing housing": "Not worried about housing",
    "Not worried about losing housing": "Worried about losing housing",
    "Has housing": "Is homeless", "Denies being afraid of a partner": "Afraid of a partner",
    "No military service": "Military veteran", "Negative": "Positive", "negative": "positive",
    "Detected": "Not detected", "detected": "not detected", "Not detected": "Detected",
    "Does not feel safe at home": "Feels safe at home", "Positive": "Negative",
    "positive": "negative", "not detected": "detected",
}  # fmt: skip


def _answer(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    found = spots(summary, "answer")
    known = [
        (spot, OPPOSITES[words]) for spot in found
        if (words := summary.parts[spot[0]].told[spot[1]].piece(spot[2])) in OPPOSITES
    ]  # fmt: skip
    if not known:
        return None
    spot, words = rng.choice(known)
    return change(summary, spot, words, "negation", "answer")


def _vaccine(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.immunizations:
        return None
    text = rng.choice(subject.seen.immunizations).last.code.text
    name = rng.choice(conditions.vaccine(text))
    said = rng.choice((
        f"Has never received {name}.", f"No {name} on record.", f"{name} was never given.",
        f"Declined {name}.", f"{name}: not given.",
    ))  # fmt: skip
    place = section_of(summary, "Vaccination")
    return add(summary, rng, place, said[:1].upper() + said[1:], "negation", "vaccine denied")


def _procedure(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.procedures:
        return None
    name = conditions.lower(rng.choice(subject.seen.procedures).last.code.text)
    said = rng.choice((f"{name} was never done.", f"No {name} on record.", f"Never had {name}."))
    place = section_of(summary, "Encounters")
    return add(summary, rng, place, said[:1].upper() + said[1:], "negation", "procedure denied")


def _all(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """None of a kind, where there are some."""
    seen = subject.seen
    forms: list[tuple[str, str]] = []
    if seen.conditions:
        forms += [("Medical Conditions|Summary", "No active conditions."),
                  ("Medical Conditions|Summary", "No chronic medical problems."),
                  ("Medical Conditions|Summary", "Past medical history is unremarkable.")]  # fmt: skip
    if seen.medicines:
        forms += [("Medications|Summary", "No current medications."),
                  ("Medications|Summary", "Takes no medication.")]  # fmt: skip
    if seen.immunizations:
        forms.append(("Vaccination", "No vaccines have been given."))
    if seen.encounters:
        forms.append(("Encounters", "No visits on record."))
    if seen.care_plans:
        forms.append(("Care Plans", "There is no active care plan."))
    if not forms:
        return None
    where, text = rng.choice(forms)
    return add(summary, rng, section_of(summary, where), text, "negation", "all denied")


NEGATIONS = {
    "condition": _deny_condition, "resolved condition": _deny_resolved,
    "medicine": _deny_medicine, "flip": _flip, "answer": _answer, "vaccine": _vaccine,
    "procedure": _procedure, "all of them": _all,
}  # fmt: skip


# -- laterality


def laterality(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """The other side, or a side where the record has none."""
    found = spots(summary, "condition", "procedure", "encounter")
    sided = [s for s in found if SIDES.search(_words(summary, s))]
    if sided and rng.random() < 0.7:
        spot = rng.choice(sided)
        words = _words(summary, spot)
        side = SIDES.search(words)
        assert side
        others = {"left": ("right",), "right": ("left",), "bilateral": ("left", "right")}
        other = rng.choice(others[side[0].lower()])
        other = other.capitalize() if side[0][0].isupper() else other
        words = words[: side.start()] + other + words[side.end() :]
        return change(summary, spot, words, "laterality", "other side")
    sites = [
        s for s in found if SITES.search(_words(summary, s).lower()) and not SIDES.search(s[2].about)
    ]
    if not sites:
        return None
    spot = rng.choice(sites)
    words = _words(summary, spot)
    site = SITES.search(words.lower())
    assert site
    side = rng.choice(("left", "right"))
    if site.start() == 0 and words[:1].isupper():
        words = f"{side.capitalize()} {words[:1].lower()}{words[1:]}"
    else:
        words = f"{words[: site.start()]}{side} {words[site.start() :]}"
    words = words.replace("an left", "a left").replace("an right", "a right")
    return change(summary, spot, words, "laterality", "side added")


def _words(summary: Summary, spot: tuple[int, int, object]) -> str:
    told = summary.parts[spot[0]].told[spot[1]]
    return told.piece(spot[2])  # type: ignore[arg-type]
