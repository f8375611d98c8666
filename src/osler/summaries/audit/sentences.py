"""A section's text -> sentences, each with what the lines above it say of its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.summaries.audit.evidence import CURRENT, PAST
from osler.summaries.audit.words import norms, word_set

BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9\"'(]|[a-z][A-Z])")
ABBREVIATIONS = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|approx|e\.g|i\.e|etc|No|Fig|dept|Inc|Jr|Sr|b\.i\.d|t\.i\.d|q\.d"
    r"|p\.o|p\.r\.n|a\.m|p\.m)\."
    r"|(?<!Hep )(?<!atitis )(?<!itamin )(?<!icillin )(?<!roup )(?<!uenza )(?<![°/])\b[A-Z]\.)$"
)
ANSWER = re.compile(r"\?\s+(?:No|None|Never|Negative|Denied|Denies|Absent)\b\W*(?:$|\s[A-Z])")
"""A question with its answer is one sentence: `Asthma? No.`"""
LEAD = re.compile(r"^([A-Z][^:;.]{2,60}):(?:\s+|$)")

OVER = "past|previous|former|prior|stopped|discontinued|completed"
CONTEXTS = (
    (re.compile(r"^resolved$"), "condition", PAST),
    (re.compile(r"allerg|intoleranc"), "allergy", CURRENT),
    (re.compile(rf"(?:{OVER})\b.*\b(?:medic|drug|prescri)"), "medicine", PAST),
    (re.compile(r"medic(?:ine|ation)|prescription|drugs?\b"), "medicine", CURRENT),
    (
        re.compile(rf"(?:{OVER}|resolved)\b.*\b(?:condition|problem|diagnos|history)"),
        "condition",
        PAST,
    ),
    (re.compile(r"condition|problem|diagnos"), "condition", CURRENT),
    (re.compile(r"immuni[sz]|vaccin"), "immunization", ""),
    (re.compile(r"procedure|surger"), "procedure", ""),
    (re.compile(r"encounter|visit"), "encounter", ""),
    (re.compile(r"care plan"), "care plan", ""),
    (re.compile(r"\blabs?\b|laborator|out of range"), "lab", ""),
    (re.compile(r"vital"), "vital", ""),
)  # fmt: skip
"""What a line such as 'Past medicines:' says of those below it. The first that fits."""


@dataclass(frozen=True, slots=True)
class Context:
    """Of which kind of entry a sentence is, as far as what stands above it says so."""

    kind: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence, where it is, and its context."""

    text: str
    context: Context
    bullet: bool


GENERIC = word_set(
    "active current past previous former prior resolved known chronic ongoing medication "
    "medicine drug prescription allergy intolerance condition problem diagnosis immunization "
    "vaccination vaccine procedure surgery encounter visit care plan lab laboratory result "
    "test vital sign recent latest newest first and or of out range history medical list "
    "other stopped discontinued completed taking prescribed surgical value finding blood work"
)
"""Words of which a lead consists that names a kind of entry rather than an entry."""


def context_of(lead: str) -> Context:
    """What a lead line says; nothing where it names an entry, as 'Medication review' does."""
    words = lead.lower().strip()
    if not all(word in GENERIC for word in norms(words)):
        return Context()
    for pattern, kind, status in CONTEXTS:
        if pattern.search(words):
            return Context(kind, status)
    return Context()


def spoken(text: str, default: Context) -> Iterator[Spoken]:
    """The sentences of a section. A line that ends in a colon tells of the lines below it.

    `default`: what the section itself says of its lines.
    """
    below = default
    for line in text.splitlines():
        if not line.strip():
            continue
        mark, sentences = split_line(line)
        if not mark and not LEAD.match(line.strip()):
            below = default
        for sentence in sentences:
            lead = LEAD.match(sentence)
            own = context_of(lead[1]) if lead else Context()
            yield Spoken(sentence, own if own.kind else below, bool(mark))
        if not mark and sentences and sentences[-1].endswith(":"):
            below = context_of(sentences[-1][:-1])


UNDERLINED = re.compile(r"__(?=\S)(?!(?:[A-Z]+|[a-z]+)__)(.+?)(?<=\S)__")
"""What is set in bold by two lines below, and is no `__name__` of a program."""


def as_said(sentence: str) -> str:
    """By what two sentences, or two titles, are the same: whatever case and blanks they have."""
    return " ".join(sentence.lower().split())


def split_line(line: str) -> tuple[str, list[str]]:
    """The mark of a bullet, and the sentences of a line as an audit names them."""
    bullet = BULLET.match(line)
    mark = line[: bullet.end()] if bullet else ""
    return mark, split(UNDERLINED.sub(r"\1", line[len(mark) :].strip().replace("**", "")))


def split(line: str) -> list[str]:
    """The sentences of a line."""
    found: list[str] = []
    start = 0
    for end in END.finditer(line):
        if ANSWER.match(line[end.start() - 1 :]):
            continue
        if ABBREVIATIONS.search(line[start : end.start()].rstrip("\"')]")):
            continue
        found.append(line[start : end.start()].strip())
        start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]
