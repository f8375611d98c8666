"""What is wrong with a text whoever it is of: its order, code, other tongues, repeats, gaps."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from osler.records.view import View

from . import conditions, drugs, measures, strangers, wording
from .plant import Plant, Subject, add, change, fresh, retitled, section_of, spots
from .plants_numbers import WAYS, is_false
from .told import Part, Summary, Told

Writer = Callable[[View], Summary]


def section(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Sections in another order, missing, twice, called otherwise, or something behind them."""
    parts = list(summary.parts)
    way = rng.choice(("swapped", "moved", "dropped", "twice", "behind", "renamed"))
    at = rng.randrange(len(parts))
    title = parts[at].title
    if way == "swapped":
        other = rng.choice([i for i in range(len(parts)) if i != at])
        parts[at], parts[other] = parts[other], parts[at]
    elif way == "moved":
        one = parts.pop(at)
        parts.insert(rng.choice([i for i in range(len(parts) + 1) if i != at]), one)
    elif way == "dropped":
        parts.pop(at)
    elif way == "twice":
        parts.insert(rng.randrange(at + 1, len(parts) + 1), parts[at])
    elif way == "renamed":
        new = retitled(
            summary, at, wording.of("titles", OTHER_TITLES).get(title, f"{title} Overview")
        )
        return Plant("section order", way, title, title, new.parts[at].title, new)
    else:
        return _behind(rng, summary)
    return Plant("section order", way, title, title, "", replace(summary, parts=tuple(parts)))


OTHER_TITLES = {
    "Patient Summary": "Overview",
    "Medical Conditions": "Diagnoses",
    "Current Medications and Allergies": "Medications",
    "Recent Encounters": "Visits",
    "Vaccination Status": "Immunizations",
    "Care Plans": "Plan",
    "Lifestyle Factors": "Social History",
    "Quality of Life": "Wellbeing",
    "Lab Results and Numeric Health Data": "Labs",
    "Preparation for Consultation": "Next Steps",
}


def _behind(rng: random.Random, summary: Summary) -> Plant:
    text = rng.choice(wording.of("behind", strangers.AFTER_THE_END))
    if text.startswith("## "):
        title, body = text[3:].split("\n", 1)
        part = Part(title, (Told(body),))
        return Plant("section order", "behind", title, "", body,
                     replace(summary, parts=(*summary.parts, part)))  # fmt: skip
    last = len(summary.parts) - 1
    told = [*summary.parts[last].told, Told("\n" + text)]
    return Plant("section order", "behind", summary.parts[last].title, "", text,
                 summary.with_told(last, told))  # fmt: skip


def code(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A line of code or of a template, alone or behind a sentence."""
    text = rng.choice(wording.of("code", strangers.CODE))
    p = rng.randrange(len(summary.parts))
    part = summary.parts[p]
    told = list(part.told)
    at = rng.randrange(len(told) + 1)
    if told and "\n" not in text and rng.random() < 0.3:
        at = min(at, len(told) - 1)
        after = f"{told[at].text} {text}"
        told[at] = Told(after, bullet=told[at].bullet)
        return Plant("code", "behind a sentence", part.title, part.told[at].text, text,
                     summary.with_told(p, told))  # fmt: skip
    told.insert(at, Told(f"\n{text}\n"))
    return Plant("code", "a line", part.title, "", text, summary.with_told(p, told))


def foreign(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A sentence in another language."""
    p = rng.randrange(len(summary.parts))
    text = rng.choice(wording.of("foreign", strangers.FOREIGN))
    return add(summary, rng, p, text, "foreign text", "a sentence")


def repeat(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A sentence again, once or many times."""
    long = [
        (p, t) for p, part in enumerate(summary.parts) for t, told in enumerate(part.told)
        if len(told.text) > 25 and not told.text.endswith(":")
    ]  # fmt: skip
    p, t = rng.choice(long)
    part = summary.parts[p]
    times = rng.choice((1, 2, 4, 8))
    told = [*part.told[: t + 1], *[part.told[t]] * times, *part.told[t + 1 :]]
    return Plant("repeat", f"{times} more", part.title, "", part.told[t].text,
                 summary.with_told(p, told))  # fmt: skip


def county(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another figure for the county, or one that nobody gave."""
    place = section_of(summary, "Public Health")
    made_up = wording.of("county", strangers.COUNTY)
    if not subject.county:
        return fresh(summary, place, [rng.choice(made_up)], "county figure", "made up")
    if rng.random() < 0.25:
        text = rng.choice(made_up)
        known = set(re.findall(r"\d+\.\d", " ".join(subject.county)))
        if known & set(re.findall(r"\d+\.\d", text)):
            return None
        return add(summary, rng, place, text, "county figure", "made up")
    found = spots(summary, "county")
    if not found:
        return None
    spot = rng.choice(found)
    name, do = rng.choice(WAYS)
    new = do(summary.parts[spot[0]].told[spot[1]].piece(spot[2]), rng)
    if not is_false(new, spot[2].true):
        return None
    return change(summary, spot, new, "county figure", name)


def _names(name: str, gone: Any) -> list[str]:
    """Everything that somebody could call it."""
    if name == "labs":
        return [gone.name, *measures.measure(gone).names]
    text = gone.last.code.text
    known = {"conditions": conditions.names, "allergies": conditions.allergen}
    if name == "medicines":
        found = drugs.parse(text)
        return [text, *found.names, *found.ingredients]
    return [text, *(re.sub(r"^an? ((history of|past|prior) )?", "", n) for n in known[name](text))]


def omission(
    rng: random.Random, subject: Subject, summary: Summary, write: Writer
) -> Plant | None:  # fmt: skip
    """The same summary of a record without one thing that must be told."""
    seen = subject.seen
    flagged = tuple(s for s in seen.labs if s.flag)
    some = [("conditions", c) for c in seen.conditions]
    some += [("medicines", m) for m in seen.medicines]
    some += [("allergies", a) for a in seen.allergies]
    some += [("labs", s) for s in flagged]
    if not some:
        return None
    name, gone = rng.choice(some)
    ids = (gone.last.id,)
    rest = tuple(one for one in getattr(seen, name) if one is not gone)
    shorter = write(replace(seen, **{name: rest}))
    told = " ".join(one.text for part in shorter.parts for one in part.told).lower()
    if any(re.search(rf"\b{re.escape(word.lower())}\b", told) for word in _names(name, gone)):
        return None  # Told all the same, as the reason for a medicine.
    return Plant("omission", name, "", str(ids[0]), "", shorter, ids)
