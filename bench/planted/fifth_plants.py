"""Errors of the fifth's own: what is true is joined, exchanged, generalized or moved in time."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from . import conditions, drugs, measures
from .fourth_plants import SIDED
from .plant import Plant, Planter, Subject, add, change, section_of, spots, swap
from .plants_numbers import _no_strength
from .scene import SITES
from .told import Part, Summary, Told

COMBINED = {
    "lisinopril": "hydrochlorothiazide", "losartan": "hydrochlorothiazide",
    "metoprolol": "hydrochlorothiazide", "amlodipine": "benazepril", "atorvastatin": "ezetimibe",
    "simvastatin": "ezetimibe", "metformin": "sitagliptin", "albuterol": "ipratropium",
    "acetaminophen": "codeine", "naproxen": "esomeprazole", "tamsulosin": "dutasteride",
    "ibuprofen": "famotidine", "spironolactone": "hydrochlorothiazide",
    "aspirin": "dipyridamole", "amoxicillin": "clavulanate", "fluticasone": "vilanterol",
}  # fmt: skip
"""What another product holds beside the drug."""


def combined(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A product of two drugs in the place of one of them, or a past drug as a current one."""
    some = [
        s for s in spots(summary, "drug")
        if (second := COMBINED.get(s[2].about)) and subject.without(second)
    ]  # fmt: skip
    if some and rng.random() < 0.5:
        spot = rng.choice(some)
        first = spot[2].about
        return change(summary, spot, f"{first}-{COMBINED[first]}", "drug", "combined")
    seen = subject.seen
    now = {i for m in seen.medicines for i in drugs.parse(m.last.code.text).ingredients}
    past = [drugs.parse(m.last.code.text) for m in seen.past_medicines]
    free = [one for one in past if not now & {*one.ingredients}]
    if not free:
        return None
    text = rng.choice(GOES_ON).format(name=rng.choice(rng.choice(free).names))
    p = section_of(summary, rng.choice(("Medications", "Summary")))
    return add(summary, rng, p, text[:1].upper() + text[1:], "drug", "past as current")


GOES_ON = (
    "{name} is among the active prescriptions.",
    "At present {name} is being taken.",
    "{name} – active",
    "The current medication list still has {name} on it.",
)


def raised(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another strength from which today's is said to have come."""
    known = [drugs.parse(m.told.code.text) for m in subject.seen.medicines]
    known = [one for one in known if one.in_milligrams and len(one.strengths) == 1]
    if not known:
        return None
    one = rng.choice(known)
    now = float(one.strengths[0][0])
    then = f"{now * rng.choice((0.5, 2, 3, 0.25)):g}"
    if not _no_strength(then, "mg", subject.scene.doses(one.key)):
        return None
    verb = "raised" if float(then) < now else "lowered"
    text = rng.choice((
        f"The strength of {one.key} was {verb} from {then} mg to {now:g} mg.",
        f"{one.key} {now:g} mg ({verb} from {then} mg)",
    ))  # fmt: skip
    p = section_of(summary, "Medications")
    return add(summary, rng, p, text[:1].upper() + text[1:], "dose", "made-up change")


TRENDS = {"climbed": "dropped", "dropped": "climbed", "went up": "went down",
          "went down": "went up"}  # fmt: skip


def trend(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Up where it went down."""
    found = spots(summary, "trend")
    if not found:
        return None
    p, t, span = rng.choice(found)
    words = TRENDS[summary.parts[p].told[t].piece(span)]
    return change(summary, (p, t, span), words, "number", "trend")


def exchanged(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """The end of an illness where its beginning was, and the other way round."""
    some = [
        (p, t, told) for p, part in enumerate(summary.parts) for t, told in enumerate(part.told)
        if re.search(r"began on .* and ended on ", told.text)
    ]  # fmt: skip
    if not some:
        return None
    p, t, told = rng.choice(some)
    one, two = (s for s in told.spans if s.kind == "date")
    a, b = told.piece(one), told.piece(two)
    new = told.put(two.start, two.end, a).put(one.start, one.end, b)
    return swap(summary, p, t, new, "date", "beginning and end")


def reaction(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """What another allergen did."""
    every = {
        a.last.code.text: {r.code.text for r in a.last.reactions} for a in subject.seen.allergies
    }
    some: list[tuple[tuple[int, int, object], str]] = []
    for spot in spots(summary, "reaction"):
        spans = summary.parts[spot[0]].told[spot[1]].spans
        about = {s.about for s in spans if s.kind == "allergen"}
        own = {r for name in about for r in every.get(name, set[str]())}
        near = {word for r in own for name in conditions.reaction(r) for word in name.split()}
        others = {r for reactions in every.values() for r in reactions} - own
        some += [
            (spot, name) for r in sorted(others) for name in conditions.reaction(r)
            if len(about) == 1 and about <= set(every) and not near & set(name.split())
        ]  # fmt: skip
    if not some:
        return None
    spot, name = rng.choice(some)
    return change(summary, spot, name, "allergy", "reaction of another")  # type: ignore[arg-type]


def section(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A section too many, a section in two, or one with nothing in it."""
    parts, way = list(summary.parts), rng.choice(("extra", "in two", "emptied"))
    at = rng.randrange(1, len(parts))
    one = parts[at]
    if way == "extra":
        title, text = rng.choice(EXTRA)
        parts.insert(at, one := Part(title, (Told(text),)))
    elif way == "emptied" and any(told.tag != "empty" for told in one.told):
        parts[at] = replace(one, told=())
    elif len(one.told) < 2:
        return None
    else:
        half = len(one.told) // 2
        parts[at] = replace(one, told=one.told[:half])
        title = f"{one.title}{rng.choice(('', ' (continued)'))}"
        parts.insert(rng.randrange(at + 1, len(parts) + 1), Part(title, one.told[half:]))
    after = replace(summary, parts=tuple(parts))
    return Plant("section order", way, one.title, "", one.title, after)


EXTRA = (
    ("Assessment", "The findings above are taken together."), ("Chief Complaint", "Not stated."),
    ("Review of Systems", "See above."), ("Family History", "Not stated."),
    ("Physical Examination", "To be done at the visit."),
)  # fmt: skip


def but_one(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """All is well but one value, or one value by its name, where it is not."""
    out = [s for s in subject.seen.labs if s.flag and s.last.code.value in measures.MEASURES]
    fine = {measures.key(s) for s in subject.seen.labs if not s.flag}
    out = [s for s in out if measures.key(s) not in fine]
    keys = sorted({measures.key(s) for s in out})
    if not keys:
        return None
    one = rng.choice(out)
    name = rng.choice(measures.measure(one).names)
    form = rng.choice(BUT_ONE if len(keys) > 1 and rng.random() < 0.5 else BY_NAME)
    text = form.format(x=name)
    p = section_of(summary, rng.choice(("Lab Results", "Lab Results", "Summary")))
    way = "but one" if form in BUT_ONE else "by name"
    return add(summary, rng, p, text[:1].upper() + text[1:], "false reassurance", way)


BUT_ONE = (
    "Apart from {x}, all of the latest labs are within range.",
    "The only lab value out of range is {x}.", "All labs except {x} were last normal.",
)  # fmt: skip
BY_NAME = (
    "The latest {x} is in range.",
    "{x}: no abnormality.",
    "{x} was last within normal limits.",
    "Nothing needs to be done about {x}, which is normal.",
)


def ended(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """What lasts, told with a year in which it is said to have ended."""
    some = [
        c for c in subject.seen.conditions
        if len(c.entries) == 1 and not c.last.code.text.lower().startswith("history of")
    ]  # fmt: skip
    if not some:
        return None
    course = rng.choice(some)
    year = rng.randrange(course.since.day.year, subject.seen.on.year + 1)
    name = re.sub(r"^an? ", "", rng.choice(conditions.names(course.last.code.text)))
    text = rng.choice(ENDED).format(x=name, year=year)
    p = section_of(summary, rng.choice(("Medical Conditions", "Medical Conditions", "Summary")))
    return add(summary, rng, p, text[:1].upper() + text[1:], "negation", "active as ended")


ENDED = (
    "{x} ended in {year}.", "{x} (until {year}, now inactive)",
    "{x} was a problem until {year} and is not one any more.", "{x}, resolved as of {year}.",
)  # fmt: skip


def both(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """On both sides what the record has on one."""
    some = [
        found for c in (*subject.seen.conditions, *subject.seen.resolved)
        if (found := SIDED.fullmatch(c.last.code.text)) and SITES.search(found["site"])
    ]  # fmt: skip
    if not some:
        return None
    found = rng.choice(some)
    if subject.has_side({"left": "right", "right": "left"}[found["side"]], found[0]):
        return None
    what, site = conditions.lower(found["what"]), found["site"]
    many = {"foot": "feet"}.get(site, f"{site}s")
    text = rng.choice((
        f"{what} of both {many}.", f"Bilateral {what} of the {site}.",
        f"Both {many} were affected by {what}.", f"{what} of the {many}, left and right.",
    ))  # fmt: skip
    p = section_of(summary, rng.choice(("Medical Conditions", "Medical Conditions", "Summary")))
    return add(summary, rng, p, text[:1].upper() + text[1:], "laterality", "both sides")


MINE: dict[str, tuple[Planter, float]] = {
    "drug": (combined, 0.3), "dose": (raised, 0.2), "number": (trend, 0.15),
    "date": (exchanged, 0.15), "allergy": (reaction, 0.2), "section order": (section, 0.3),
    "false reassurance": (but_one, 0.3), "negation": (ended, 0.2), "laterality": (both, 0.35),
}  # fmt: skip
"""With the share of a class's plants that are of these."""
