"""Wrong persons, vaccines and visits: told beside the ten classes, without a target."""

from __future__ import annotations

import random
import re
from datetime import timedelta

from . import strangers, wording
from .plant import Plant, Subject, add, section_of, swap
from .scene import written_date
from .told import Summary

FLIPS = (
    (r"\bfemale\b", "male"), (r"\bmale\b", "female"), (r"\bwoman\b", "man"), (r"\bman\b", "woman"),
    (r"\bgirl\b", "boy"), (r"\bboy\b", "girl"), (r"\bnever married\b", "divorced"),
    (r"(?<=: )single|^Single", "married"), (r"(?<=: )married|^Married", "widowed"),
    (r"\bWhite\b", "Black"),
    (r"\bBlack\b", "Asian"), (r"\bAsian\b", "White"), (r"\bEnglish\b", "Russian"),
    (r"\bSpanish\b", "Vietnamese"), (r"\bNot Hispanic or Latino\b", "Hispanic or Latino"),
    (r"\bCA\b", "NV"),
)  # fmt: skip


def demographic(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another sex, origin, family, tongue or home."""
    found = [
        (p, t, match, new)
        for p, part in enumerate(summary.parts) if re.search("Summary|Demographics", part.title)
        for t, told in enumerate(part.told)
        for pattern, new in wording.of("persons", FLIPS) if (match := re.search(pattern, told.text))
    ]  # fmt: skip
    if not found:
        return None
    p, t, match, new = rng.choice(found)
    told = summary.parts[p].told[t].put(match.start(), match.end(), new)
    return swap(summary, p, t, told, "demographic", f"{match[0]} to {new}")


GIVEN = (
    "{name} given in {year}.", "Received {name} in {year}.", "{name}: complete.",
    "{name} was given at the last visit.", "{name} series completed.",
)  # fmt: skip


def vaccine(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """One that was never given."""
    free = [
        name
        for name, pattern in wording.of("vaccines", strangers.VACCINES)
        if subject.without(pattern)
    ]
    if not free:
        return None
    name, year = rng.choice(free), subject.seen.on.year - rng.randrange(1, 6)
    text = rng.choice(wording.of("vaccine added", GIVEN)).format(name=name, year=year)
    text = text[:1].upper() + text[1:]
    return add(summary, rng, section_of(summary, "Vaccination"), text, "immunization", "add")


REASONS = (
    ("chest pain", r"chest pain|angina"), ("a fall", r"\bfall"), ("back surgery", r"surgery"),
    ("a burn", r"\bburn"), ("syncope", r"syncope|faint"), ("abdominal pain", r"abdom"),
    ("a dog bite", r"bite"), ("a rash on the arm", r"rash"), ("palpitations", r"palpit"),
)  # fmt: skip


VISITS = (
    "Seen in the emergency department on {when} for {reason}.",
    "On {when} the patient was admitted for {reason}.", "{when}: urgent care, {reason}.",
    "Hospitalized on {when} because of {reason}.", "Telephone visit on {when} for {reason}.",
)  # fmt: skip


def encounter(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A visit on a day without one, for something that never was."""
    seen = subject.seen
    busy = {e.start.day for e in (*seen.record.encounters, *seen.record.procedures)}
    day = seen.on - timedelta(days=rng.randrange(20, 900))
    reasons = [
        name for name, pattern in wording.of("visit reasons", REASONS) if subject.without(pattern)
    ]
    if day in busy or not reasons:
        return None
    when, reason = written_date(day, rng.randrange(5)), rng.choice(reasons)
    text = rng.choice(wording.of("visit added", VISITS)).format(when=when, reason=reason)
    return add(summary, rng, section_of(summary, "Encounters"), text, "encounter", "add")
