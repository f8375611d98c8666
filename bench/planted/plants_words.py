"""Wrong drugs, conditions and allergies, and the wrong side."""

from __future__ import annotations

import random
import re

from . import conditions, drugs, strangers, wording
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
        similar = wording.of("look alike", strangers.LOOK_ALIKE)
        known = [s for s in found if s[2].about in similar]
        if not known:
            return None
        spot = rng.choice(known)
        name = similar[spot[2].about]
        if not subject.without(re.escape(name)):
            return None
        return change(summary, spot, name, "drug", way)
    if found and (way == "swap" or (way == "invented" and rng.random() < 0.5)):
        spot = rng.choice(found)
        return change(summary, spot, name, "drug", way)
    forms = wording.of("drug added", ADDED)
    text = rng.choice(forms).format(name=name, strength=strength)
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
        made_up = wording.of("invented drugs", strangers.INVENTED)
        return rng.choice(made_up), rng.choice(("10 mg", "25 mg", "5 mg", "100 mg"))
    while True:
        name, strength = rng.choice(wording.of("drugs", strangers.DRUGS))
        low = name.lower()
        same = strangers.SAME | wording.SAME_DRUGS
        names = [low, same.get(low, low), *map(str.lower, drugs.BRANDS.get(low, ()))]
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
    form = rng.choice(wording.of("condition added", ILL))
    text = form.format(x=bare)
    place = section_of(summary, rng.choice(("Medical Conditions", "Summary", "Preparation")))
    return add(summary, rng, place, text[:1].upper() + text[1:], "condition", "add")


ILL = (
    "{x}.", "Also has {x}.", "History of {x}.", "Diagnosed with {x} in 2015.", "Known {x}.",
    "{x} is stable.", "Past medical history includes {x}.", "The patient suffers from {x}.",
    "Follow up on {x}.", "Underlying {x}.",
)  # fmt: skip


def _illness(rng: random.Random, subject: Subject) -> str:
    while True:
        name, pattern = rng.choice(wording.of("conditions", strangers.CONDITIONS))
        if subject.without(pattern):
            return name


# -- allergies


def allergy(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """An allergen that is none, no allergy where there is one, or another reaction."""
    seen = subject.seen
    some = wording.of("allergens", strangers.ALLERGENS)
    free = [name for name, pattern in some if subject.without(pattern)]
    name = rng.choice(free)
    reactions = wording.of("reactions", strangers.REACTIONS)
    way = rng.choice(("swap", "add", "add", "deny", "reaction", "severity"))
    if way == "add" or not seen.allergies:
        form = rng.choice(wording.of("allergies", ALLERGIES))
        text = form.format(name=name, reaction=rng.choice(reactions))
        if not seen.allergies and rng.random() < 0.5:
            return instead(rng, summary, "no allergies", text)
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
    free = [r for r in reactions if not any(r in one or one in r for one in had)]
    return change(summary, rng.choice(found), rng.choice(free), "allergy", way) if free else None


ALLERGIES = (
    "Allergic to {name}.", "Allergic to {name} ({reaction}).", "{name} allergy.",
    "{name}: {reaction}.", "Reports {reaction} with {name}.", "Allergies: {name}.",
    "Known allergy to {name}.", "Severe {name} allergy with {reaction}.", "Intolerance to {name}.",
    "Avoid {name} because of a known allergy.", "{name} caused {reaction} in the past.",
)  # fmt: skip


def instead(rng: random.Random, summary: Summary, tag: str, text: str) -> Plant | None:
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


NO_ALLERGIES = ("No known allergies.", "No allergies on record.", "Allergies: none.", "NKA.")
NO_DRUG_ALLERGIES = ("No known drug allergies.", "NKDA.", "NKDA", "Denies any drug allergy.")


def _denied(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """No allergies, of drugs only where one to a drug is recorded."""
    to_drugs = any(a.last.category == "medication" for a in subject.seen.allergies)
    forms = list(wording.of("no allergies", NO_ALLERGIES))
    if to_drugs:
        forms += wording.of("no drug allergies", NO_DRUG_ALLERGIES)
    found = spots(summary, "allergen", sections="Medications|Summary|Prep")
    text = rng.choice(forms)
    if found and rng.random() < 0.6:
        p, t, _ = rng.choice(found)
        return swap(summary, p, t, Told(text, bullet=summary.parts[p].told[t].bullet),
                    "allergy", "denied")  # fmt: skip
    place = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, place, text, "allergy", "denied")


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
        if subject.has_side(other, words):
            return None
        return change(summary, spot, words, "laterality", "other side")
    # An examination of the feet is one of the left foot, too.
    bare = [
        s for s in found if not re.search(r"left|right|bilateral|examination", s[2].about, re.I)
    ]
    sites = [s for s in bare if SITES.search(_words(summary, s).lower())]
    if not sites:
        return None
    spot = rng.choice(sites)
    words = _words(summary, spot)
    site = SITES.search(words.lower())
    assert site
    side = rng.choice(("left", "right"))
    if subject.has_side(side, words):
        return None
    if site.start() == 0 and words[:1].isupper():
        words = f"{side.capitalize()} {words[:1].lower()}{words[1:]}"
    else:
        words = f"{words[: site.start()]}{side} {words[site.start() :]}"
    words = words.replace("an left", "a left").replace("an right", "a right")
    return change(summary, spot, words, "laterality", "side added")


def _words(summary: Summary, spot: tuple[int, int, object]) -> str:
    told = summary.parts[spot[0]].told[spot[1]]
    return told.piece(spot[2])  # type: ignore[arg-type]
