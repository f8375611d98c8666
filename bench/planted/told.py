"""Sentences that know where in them a date, a dose, a value or a name stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osler.summaries.text import Written

OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{OPEN}(\\d+){MIDDLE}([^{OPEN}{CLOSE}]*){CLOSE}")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence that says one fact, and all that could truly stand in its place."""

    kind: str
    """drug, strength, frequency, amount, value, unit, count, age, limit, date, duration, condition,
    allergen, reaction, severity, flag, site, negation, answer."""
    start: int
    end: int
    about: str
    """What it is said of: an ingredient, the short name of a lab, the record's own words."""
    true: tuple[str, ...] = ()
    """ISO dates, numbers, strengths: everything that the record has for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence or a line of a list."""

    text: str
    spans: tuple[Span, ...] = ()
    bullet: bool = False
    tag: str = ""
    """What else is known of it: `no allergies`, `planning`."""

    def piece(self, span: Span) -> str:
        """The words of a span."""
        return self.text[span.start : span.end]

    def put(self, start: int, end: int, words: str) -> Told:
        """With other words in a place; spans behind it are moved, those it touches are lost."""
        by = len(words) - (end - start)
        kept = [s for s in self.spans if s.end <= start]
        moved = [
            replace(s, start=s.start + by, end=s.end + by) for s in self.spans if s.start >= end
        ]
        return replace(
            self, text=self.text[:start] + words + self.text[end:], spans=(*kept, *moved)
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a summary."""

    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole one, of one patient on one day."""

    kind: str
    """draft or prose."""
    parts: tuple[Part, ...]

    def with_told(self, at: int, told: Sequence[Told]) -> Summary:
        """With other sentences in one section."""
        part = replace(self.parts[at], told=tuple(told))
        return replace(self, parts=(*self.parts[:at], part, *self.parts[at + 1 :]))


def written(part: Part) -> Written:
    """A section as text: what is listed stands on lines of its own, sentences in paragraphs."""
    lines: list[str] = []
    in_paragraph = False
    for told in part.told:
        if told.bullet:
            lines.append(f"- {told.text}")
        elif in_paragraph:
            lines[-1] += f" {told.text}"
        else:
            lines.append(told.text)
        in_paragraph = not told.bullet
    return Written(part.title, "\n".join(lines))


class Pen:
    """Marks pieces of a sentence while it is put together: `f"since {pen.mark('date', …)}"`."""

    def __init__(self) -> None:
        self._marks: list[tuple[str, str, tuple[str, ...]]] = []

    def mark(self, kind: str, words: str, about: str = "", true: Sequence[str] = ()) -> str:
        """The words, to be put into a sentence that `tell` finishes."""
        self._marks.append((kind, about, tuple(true)))
        return f"{OPEN}{len(self._marks) - 1}{MIDDLE}{words}{CLOSE}"

    def tell(self, text: str, *, bullet: bool = False, tag: str = "") -> Told:
        """The sentence without marks, and its spans."""
        text = upper_first(" ".join(text.split()).replace(" ,", ","))
        spans: list[Span] = []
        clean, at = "", 0
        for found in MARK.finditer(text):
            clean += text[at : found.start()]
            kind, about, true = self._marks[int(found[1])]
            spans.append(Span(kind, len(clean), len(clean) + len(found[2]), about, true))
            clean += found[2]
            at = found.end()
        return Told(clean + text[at:], tuple(spans), bullet, tag)


def upper_first(text: str) -> str:
    """With a capital in front, also where a mark stands first."""
    found = re.match(f"(?:{OPEN}\\d+{MIDDLE})?", text)
    at = found.end() if found else 0
    if re.match(r"[a-z]{1,2}[A-Z]", text[at:]):
        return text  # eGFR
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def join(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
