"""Errors that language models make beside the common ones."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace

from osler.records.record import Quantity
from osler.records.view import Course, Series, is_social

from . import conditions, drugs, measures
from .plant import Plant, Planter, Subject, add, change, section_of, spots, swap
from .plants_numbers import _no_strength, _parse
from .prose_measures import decimals
from .scene import SITES
from .told import Part, Summary, Told

CLASSES = (
    ("atorvastatin", "rosuvastatin", "simvastatin", "pravastatin", "lovastatin", "pitavastatin"),
    ("lisinopril", "enalapril", "ramipril", "benazepril", "captopril", "quinapril"),
    ("losartan", "valsartan", "irbesartan", "candesartan", "telmisartan"),
    ("amlodipine", "nifedipine", "felodipine", "nicardipine"),
    ("metoprolol", "atenolol", "bisoprolol", "carvedilol", "propranolol", "nebivolol"),
    ("hydrochlorothiazide", "chlorthalidone", "indapamide", "metolazone"),
    ("furosemide", "torsemide", "bumetanide"), ("spironolactone", "eplerenone"),
    ("apixaban", "rivaroxaban", "dabigatran", "edoxaban", "warfarin"),
    ("clopidogrel", "prasugrel", "ticagrelor"),
    ("sertraline", "fluoxetine", "citalopram", "escitalopram", "paroxetine"),
    ("venlafaxine", "duloxetine", "desvenlafaxine"), ("trazodone", "mirtazapine", "bupropion"),
    ("omeprazole", "pantoprazole", "lansoprazole", "rabeprazole"),
    ("sitagliptin", "linagliptin", "saxagliptin"), ("glipizide", "glimepiride", "glyburide"),
    ("cetirizine", "loratadine", "fexofenadine"), ("ibuprofen", "naproxen", "meloxicam"),
    ("amoxicillin", "ampicillin", "dicloxacillin"),
    ("azithromycin", "clarithromycin", "erythromycin"),
    ("doxycycline", "minocycline", "tetracycline"), ("cephalexin", "cefadroxil", "cefuroxime"),
    ("ciprofloxacin", "levofloxacin", "moxifloxacin"),
    ("alendronate", "risedronate", "ibandronate"), ("tamsulosin", "alfuzosin", "silodosin"),
    ("donepezil", "rivastigmine", "galantamine"), ("albuterol", "levalbuterol"),
    ("fluticasone", "budesonide", "beclomethasone", "mometasone"),
    ("latanoprost", "bimatoprost", "travoprost"), ("gabapentin", "pregabalin"),
)  # fmt: skip
"""Of one class each: a model remembers the class and takes another member."""

FAMILIES = {
    "animal dander": ("bird feathers", r"feather|bird"),
    "penicillin v": ("cephalexin", r"ceph|cef"),
    "amoxicillin": ("erythromycin", r"thromycin"), "peanut": ("tree nuts", r"tree nut"),
    "grass pollen": ("ragweed", r"ragweed"), "tree pollen": ("ragweed", r"ragweed"),
    "mold": ("house dust", r"dust"), "house dust mite": ("cockroaches", r"roach"),
    "shellfish": ("iodine", r"iod"), "fish": ("shrimp", r"shrimp|shellfish"),
    "aspirin": ("acetaminophen", r"acetaminoph"), "ibuprofen": ("celecoxib", r"coxib"),
    "codeine": ("morphine", r"morphine"), "eggs (edible)": ("poultry", r"poultry|chicken"),
    "wheat": ("rye", r"\brye"), "soya bean": ("lentils", r"lentil"),
}  # fmt: skip
"""What is near an allergen, and a pattern that the record may not fit."""


Shares = Mapping[str, tuple[Planter, float]]


def planters(others: Mapping[str, Planter], own: Shares) -> dict[str, Planter]:
    """A share of each class's plants of a wording's own kinds, the rest of the common ones."""

    def mixed(mine: Planter, kind: str, share: float) -> Planter:
        def plant(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
            made = (mine if rng.random() < share else others[kind])(rng, subject, summary)
            # Who has intolerances alone may truly be said to have no allergy.
            denied = made is not None and made.way == "denied"
            mild = any(a.last.kind == "intolerance" for a in subject.seen.allergies)
            return None if denied and mild else made

        return plant

    return {kind: mixed(mine, kind, share) for kind, (mine, share) in own.items()}


# -- medicines


def same_class(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another drug of the class, in the place of the one that is taken."""
    some = [
        (spot, name) for spot in spots(summary, "drug")
        for group in CLASSES if spot[2].about in group
        for name in group if subject.without(rf"\b{name}")
    ]  # fmt: skip
    if not some:
        return None
    spot, name = rng.choice(some)
    if any(subject.without(brand.lower()) is False for brand in drugs.BRANDS.get(name, ())):
        return None
    return change(summary, spot, name, "drug", "same class")


def other_dose(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """The strength that another medicine of the text has."""
    found = spots(summary, "strength")
    pairs = [
        (one, words) for one in found for other in found
        if other[2].about != one[2].about
        and not set(other[2].about.split("/")) & set(one[2].about.split("/"))
        and re.fullmatch(r"[\d.]+ (?:mg|MG)", words := _words(summary, other))
        and re.fullmatch(r"[\d.]+ (?:mg|MG)", _words(summary, one))
        and _no_strength(words.split()[0], words.split()[1], one[2].true)
    ]  # fmt: skip
    if not pairs:
        return None
    spot, words = rng.choice(pairs)
    return change(summary, spot, words, "dose", "of another drug")


def _words(summary: Summary, spot: tuple[int, int, object]) -> str:
    return summary.parts[spot[0]].told[spot[1]].piece(spot[2])  # type: ignore[arg-type]


# -- values


def other_day(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A value that the same thing had on another day, beside the day of the latest."""
    seen = subject.seen
    series = {measures.key(s): s for g in (seen.labs, seen.vitals, seen.scores) for s in g}
    some: list[tuple[tuple[int, int, object], str]] = []
    for spot in spots(summary, "value"):
        told, one = summary.parts[spot[0]].told[spot[1]], series.get(spot[2].about)
        dates = [s for s in told.spans if s.kind == "date"]
        if one is None or len(dates) != 1 or "limit" in {s.kind for s in told.spans}:
            continue
        read = _parse(told.piece(dates[0]))
        if read is None or read[1] is None or read[2] is None:
            continue
        day = f"{read[0]}-{read[1]:02}-{read[2]:02}"
        some += [(spot, new) for new in _older(subject, one, told.piece(spot[2]), day)]
    if not some:
        return None
    spot, new = rng.choice(some)
    return change(summary, spot, new, "number", "value of another day")  # type: ignore[arg-type]


def _older(subject: Subject, one: Series, text: str, day: str) -> list[str]:
    """Values of other days, none of which reads like one of this day."""
    places, seen = decimals(one), subject.seen
    key = measures.key(one)
    every = [
        o for group in (seen.labs, seen.vitals, seen.scores) for s in group
        if measures.key(s) == key for o in s.values if isinstance(o.value, Quantity)
    ]  # fmt: skip
    that_day = {
        measures.shown(measures.number(o) or 0.0, places) for o in every if str(o.start.day) == day
    }
    told = {measures.shown(measures.number(o) or 0.0, places) for o in every}
    far = [n for n in told - that_day if abs(float(n) - float(text)) > 0.05 * abs(float(text))]
    return sorted(far) if len(text.partition(".")[2]) == places else []


def called_normal(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """The true value of what is out of range, and a reassuring word on it."""
    out = [s for s in (*subject.seen.labs, *subject.seen.vitals) if s.flag]
    out = [s for s in out if s.last.code.value in measures.MEASURES and s.reference]
    if not out:
        return None
    one = rng.choice(out)
    name = rng.choice(measures.measure(one).names)
    number = measures.shown(measures.number(one.last) or 0.0, decimals(one))
    unit = measures.unit(one.last.value) if isinstance(one.last.value, Quantity) else ""
    said = f"{number}%" if unit == "%" else f"{number} {unit}".strip()
    text = rng.choice(NORMAL).format(name=name, said=said)
    p = section_of(summary, rng.choice(("Lab Results", "Lab Results", "Summary")))
    return add(summary, rng, p, text[:1].upper() + text[1:], "false reassurance", "with its value")


NORMAL = (
    "At {said}, the {name} result is within normal limits.",
    "The most recent {name} result of {said} is reassuringly normal.",
    "The {name} result stands at {said}, which lies within the reference range.",
    "The latest {name} result ({said}) does not raise any concern, as it is normal.",
)


# -- allergies and problems


def allergy(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A near substance, or what is recorded as an allergy said to be tolerated."""
    allergies = [a for a in subject.seen.allergies if a.last.kind == "allergy"]
    if not allergies:
        return None
    some = [
        (spot, *FAMILIES[spot[2].about.lower()]) for spot in spots(summary, "allergen")
        if spot[2].about.lower() in FAMILIES
    ]  # fmt: skip
    if some and rng.random() < 0.4:
        spot, name, pattern = rng.choice(some)
        free = subject.without(pattern)
        return change(summary, spot, name, "allergy", "near substance") if free else None
    course = rng.choice(allergies)
    name = rng.choice(conditions.allergen(course.last.code.text))
    text = rng.choice(TOLERATED).format(name=name)
    text = text[:1].upper() + text[1:]
    told = [
        s for s in spots(summary, "allergen", sections="Medications")
        if s[2].about == course.last.code.text
    ]  # fmt: skip
    if told and rng.random() < 0.5:
        p, t, _ = rng.choice(told)
        old = summary.parts[p].told[t]
        if len({s.about for s in old.spans if s.kind == "allergen"}) == 1:
            return swap(summary, p, t, Told(text, bullet=old.bullet), "allergy", "tolerated")
    p = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, p, text, "allergy", "tolerated")


TOLERATED = (
    "There is no allergy to {name}.",
    "{name} can be used or encountered without an allergy.",
    "Testing for an allergy to {name} was negative.",
    "The earlier allergy to {name} has resolved.",
    "An allergy to {name} has been ruled out.",
    "No sensitivity to {name} has been documented.",
)


def still_there(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """What is over, told as if it lasted."""
    active = " ".join(c.last.code.text for c in subject.seen.conditions).lower()
    some = [
        c for c in subject.seen.resolved
        if c.last.end and not is_social(c.last) and not _near(c, active)
    ]  # fmt: skip
    if not some:
        return None
    name = rng.choice(conditions.names(rng.choice(some).last.code.text))
    text = rng.choice(STILL).format(x=re.sub(r"^an? ", "", name))
    p = section_of(summary, rng.choice(("Medical Conditions", "Medical Conditions", "Summary")))
    return add(summary, rng, p, text[:1].upper() + text[1:], "negation", "resolved as current")


def _near(course: Course[object], active: str) -> bool:  # type: ignore[type-var]
    """Whether a word of it is in what lasts."""
    words = re.findall(r"[a-z]{5,}", course.last.code.text.lower())  # type: ignore[attr-defined]
    return any(word in active for word in words)


STILL = (
    "{x} is currently active and under treatment.",
    "Active problems include {x}.",
    "The patient currently has {x}.",
    "{x} remains an ongoing problem.",
    "There is ongoing {x}, which has not resolved.",
)


def other_side(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A sentence of its own that puts a sided illness on the other side."""
    seen = subject.seen
    some = [
        found for c in (*seen.conditions, *seen.resolved)
        if (found := SIDED.fullmatch(c.last.code.text)) and SITES.search(found["site"])
    ]  # fmt: skip
    if not some:
        return None
    found = rng.choice(some)
    other = {"left": "right", "right": "left"}[found["side"]]
    if subject.has_side(other, found[0]):
        return None
    what = conditions.lower(found["what"])
    said = rng.choice(ELSEWHERE).format(x=what, side=other, site=found["site"])
    p = section_of(summary, rng.choice(("Medical Conditions", "Medical Conditions", "Summary")))
    return add(summary, rng, p, said[:1].upper() + said[1:], "laterality", "other side, added")


SIDED = re.compile(r"(?P<what>.+) of (?P<side>left|right) (?P<site>\w+)")
ELSEWHERE = (
    "The {x} affected the {side} {site}.",
    "{x} was documented in the {side} {site}.",
    "The {side} {site} was the site of the {x}.",
    "The {x} concerned the {side} {site}.",
    "It was the {side} {site} in which the {x} occurred.",
    "The {side} {site} had {x}.",
    "The {x} is recorded for the {side} {site}.",
    "{x} involved the {side} {site}.",
)


def merged(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Two sections under one heading."""
    at = rng.randrange(len(summary.parts) - 1)
    one, other = summary.parts[at : at + 2]
    title = rng.choice((one.title, other.title, f"{one.title} / {other.title}"))
    both = Part(title, (*one.told, *other.told))
    after = replace(summary, parts=(*summary.parts[:at], both, *summary.parts[at + 2 :]))
    return Plant("section order", "merged", title, other.title, title, after)


MINE: dict[str, tuple[Planter, float]] = {
    "drug": (same_class, 0.3),
    "dose": (other_dose, 0.25),
    "number": (other_day, 0.25),
    "allergy": (allergy, 0.3),
    "section order": (merged, 0.15),
    "false reassurance": (called_normal, 0.2),
    "negation": (still_there, 0.2),
    "laterality": (other_side, 0.4),
}
"""With the share of a class's plants that are of these."""
