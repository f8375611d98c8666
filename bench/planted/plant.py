"""What a plant is, and what all planters need."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from osler.records.view import View

from . import drugs
from .scene import SITES, Scene
from .told import Span, Summary, Told


@dataclass(frozen=True, slots=True)
class Plant:
    """One error in one summary."""

    kind: str
    """The class."""
    way: str
    """How, in a word or two: `digit`, `other lab's value`."""
    section: str
    before: str
    after: str
    """The sentence without and with the error; of a whole section, its title."""
    summary: Summary
    """With the error."""
    missing: tuple[str, ...] = ()
    """Ids of what was left out."""


@dataclass
class Subject:
    """A patient on a day, with what is true of him or her."""

    seen: View
    county: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.scene = Scene(self.seen, random.Random(0))

    @cached_property
    def ingredients(self) -> frozenset[str]:
        """Of everything that was ever prescribed."""
        return frozenset(
            name.lower() for m in self.seen.record.medicines
            for name in drugs.parse(m.code.text).ingredients
        )  # fmt: skip

    @cached_property
    def all_text(self) -> str:
        """Every word that the record has of medicines, allergies and illnesses."""
        record = self.seen.record
        allergies = [a.code.text for a in record.allergies]
        procedures = [p.code.text for p in record.procedures]
        vaccines = [i.code.text for i in record.immunizations]
        return "\n".join([self.scene.all_words, *allergies, *procedures, *vaccines]).lower()

    def has_side(self, side: str, words: str) -> bool:
        """Whether the record has this side of the same part of the body, whatever ails it."""
        sites = {site[0] for site in SITES.finditer(words.lower())}
        lines = (
            line for line in self.all_text.splitlines() if re.search(rf"\b{side.lower()}\b", line)
        )
        return any(sites & {site[0] for site in SITES.finditer(line)} for line in lines)

    def without(self, *patterns: str) -> bool:
        """Whether no word of the record fits."""
        return not any(re.search(pattern, self.all_text) for pattern in patterns)


Planter = Callable[[random.Random, Subject, Summary], Plant | None]
Spot = tuple[int, int, Span]


def spots(summary: Summary, *kinds: str, sections: str = "") -> list[Spot]:
    """Where spans of some kinds stand: section, sentence, span. `sections`: a pattern."""
    return [
        (p, t, span)
        for p, part in enumerate(summary.parts)
        if re.search(sections, part.title)
        for t, told in enumerate(part.told)
        for span in told.spans
        if span.kind in kinds
    ]


def section_of(summary: Summary, pattern: str) -> int:
    """The place of a section."""
    return next(i for i, part in enumerate(summary.parts) if re.search(pattern, part.title))


def change(
    summary: Summary, spot: Spot, words: str, kind: str, way: str
) -> Plant:  # fmt: skip
    """Other words in the place of a span."""
    p, t, span = spot
    told = summary.parts[p].told[t]
    if told.text[span.start : span.end][:1].isupper() and span.start == 0:
        words = words[:1].upper() + words[1:]
    return swap(summary, p, t, told.put(span.start, span.end, words), kind, way)


def swap(summary: Summary, p: int, t: int, new: Told, kind: str, way: str) -> Plant:
    """Another sentence in the place of one."""
    part = summary.parts[p]
    told = [*part.told[:t], new, *part.told[t + 1 :]]
    return Plant(kind, way, part.title, part.told[t].text, new.text, summary.with_told(p, told))


def add(
    summary: Summary, rng: random.Random, p: int, text: str, kind: str, way: str
) -> Plant:  # fmt: skip
    """One more sentence in a section, in the way of those around it."""
    part = summary.parts[p]
    told = [one for one in part.told if one.tag != "empty"]
    at = rng.randrange(1, len(told) + 1) if told else 0
    bullet = told[at - 1].bullet if told else rng.random() < 0.5
    text = text.rstrip(".") if bullet and rng.random() < 0.5 else text
    told.insert(at, Told(text, bullet=bullet))
    return Plant(kind, way, part.title, "", text, summary.with_told(p, told))


def fresh(summary: Summary, p: int, texts: Sequence[str], kind: str, way: str) -> Plant:
    """A section with nothing but these sentences."""
    part = summary.parts[p]
    told = [Told(text) for text in texts]
    return Plant(kind, way, part.title, "", texts[0], summary.with_told(p, told))


def retitled(summary: Summary, p: int, title: str) -> Summary:
    """With another heading."""
    parts = list(summary.parts)
    parts[p] = replace(parts[p], title=title)
    return replace(summary, parts=tuple(parts))
