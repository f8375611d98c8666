"""What the record has is denied, and what it does not have is said to be there."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from . import conditions, drugs, wording
from .plant import Plant, Subject, add, change, section_of, spots, swap
from .plants_words import instead
from .told import Summary, Told


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
    if not some:
        return None
    name = rng.choice(some).last.code.text
    if name.lower().startswith("history of"):
        # It is over, and may truly be denied of today.
        return _deny(rng, summary, name, wording.of("past denials", PAST_DENIALS))
    return _deny(rng, summary, name, wording.of("denials", DENIALS))


def _deny_resolved(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    some = [c for c in subject.seen.resolved if c.last.code.text.lower() in conditions.CONDITIONS]
    forms = wording.of("past denials", PAST_DENIALS)
    return _deny(rng, summary, rng.choice(some).last.code.text, forms) if some else None


def _deny(
    rng: random.Random, summary: Summary, name: str, forms: Sequence[str]
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


NO_MEDICINE = (
    "Not taking {name}.", "Is not on {name}.", "{name} was never prescribed.",
    "Denies taking {name}.", "No longer takes {name}.", "{name} has been discontinued.",
    "Never took {name}.", "Does not take {name}.", "{name} was stopped.",
)  # fmt: skip


def _deny_medicine(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.medicines:
        return None
    name = rng.choice(drugs.parse(rng.choice(subject.seen.medicines).last.code.text).names)
    text = rng.choice(wording.of("medicine denied", NO_MEDICINE)).format(name=name)
    place = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, place, text[:1].upper() + text[1:], "negation", "medicine denied")


FLIPS = ("History of", "Known history of", "Has a history of", "Positive for")
ALLERGY_FLIPS = (
    "Known drug allergies.", "Has several known allergies.", "Drug allergies are documented.",
    "Known allergies are on file.",
)  # fmt: skip


def _flip(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A true negative becomes a positive."""
    found = spots(summary, "negation")
    if found and rng.random() < 0.7:
        spot = rng.choice(found)
        words = rng.choice(wording.of("flips", FLIPS))
        told = summary.parts[spot[0]].told[spot[1]]
        new = told.put(spot[2].start, spot[2].end, words)
        new = Told(new.text.replace(" or ", " and "), bullet=told.bullet)
        return swap(summary, spot[0], spot[1], new, "negation", "flipped")
    if subject.seen.allergies:
        return None
    text = rng.choice(wording.of("allergy flips", ALLERGY_FLIPS))
    found_plant = instead(rng, summary, "no allergies", text)
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
    "positive": "negative", "not detected": "detected", "never smoker": "current smoker",
    "former smoker": "never smoker", "current smoker": "non-smoker",
}  # fmt: skip


def _answer(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    found = spots(summary, "answer")
    opposites = OPPOSITES | wording.of("opposites", dict[str, str]())
    known = [
        (spot, opposites[words]) for spot in found
        if (words := summary.parts[spot[0]].told[spot[1]].piece(spot[2])) in opposites
    ]  # fmt: skip
    if not known:
        return None
    spot, words = rng.choice(known)
    return change(summary, spot, words, "negation", "answer")


NO_VACCINE = (
    "Has never received {name}.", "No {name} on record.", "{name} was never given.",
    "Declined {name}.", "{name}: not given.",
)  # fmt: skip
NO_PROCEDURE = ("{name} was never done.", "No {name} on record.", "Never had {name}.")


def _vaccine(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.immunizations:
        return None
    text = rng.choice(subject.seen.immunizations).last.code.text
    name = rng.choice(conditions.vaccine(text))
    said = rng.choice(wording.of("vaccine denied", NO_VACCINE)).format(name=name)
    place = section_of(summary, "Vaccination")
    return add(summary, rng, place, said[:1].upper() + said[1:], "negation", "vaccine denied")


def _procedure(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    if not subject.seen.procedures:
        return None
    name = conditions.lower(rng.choice(subject.seen.procedures).last.code.text)
    said = rng.choice(wording.of("procedure denied", NO_PROCEDURE)).format(name=name)
    place = section_of(summary, "Encounters")
    return add(summary, rng, place, said[:1].upper() + said[1:], "negation", "procedure denied")


ALL_DENIED = {
    "conditions": ("No active conditions.", "No chronic medical problems.",
                   "Past medical history is unremarkable."),
    "medicines": ("No current medications.", "Takes no medication."),
    "immunizations": ("No vaccines have been given.",),
    "encounters": ("No visits on record.",), "care_plans": ("There is no active care plan.",),
}  # fmt: skip
WHERE = {
    "conditions": "Medical Conditions|Summary", "medicines": "Medications|Summary",
    "immunizations": "Vaccination", "encounters": "Encounters", "care_plans": "Care Plans",
}  # fmt: skip


def _all(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """None of a kind, where there are some."""
    said = wording.of("all denied", ALL_DENIED)
    forms = [
        (where, text) for kind, where in WHERE.items()
        if getattr(subject.seen, kind) for text in said[kind]
    ]  # fmt: skip
    if not forms:
        return None
    where, text = rng.choice(forms)
    return add(summary, rng, section_of(summary, where), text, "negation", "all denied")


NEGATIONS = {
    "condition": _deny_condition, "resolved condition": _deny_resolved,
    "medicine": _deny_medicine, "flip": _flip, "answer": _answer, "vaccine": _vaccine,
    "procedure": _procedure, "all of them": _all,
}  # fmt: skip
