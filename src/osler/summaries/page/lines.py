"""A section's text and its audited sentences, brought together as they are to be read.

Nothing is lost on the way: text that no sentence of the audit covers is shown and said to be
unchecked, and a sentence that is not in the text is shown behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.summaries.audit.result import Claim, Sentence
from osler.summaries.text import Written

BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
NUMBERED = re.compile(r"^\s*\(?\d")
EMPHASIS = re.compile(r"\*\*|__")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or text that nobody has checked."""

    text: str
    sentence: Sentence | None = None


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together."""

    kind: str
    """ul, ol, p for paragraphs, lead for what stands above a list, or rest: sentences of the audit
    that the text does not have."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A section laid out."""

    title: str
    blocks: tuple[Block, ...]


def lay_out(sections: Sequence[Written], sentences: Sequence[Sentence]) -> list[Laid]:
    """All sections in their order, each with its sentences.

    Two sections of one title share its sentences, the first taking what is in its text.
    """
    left: dict[str, list[Sentence]] = {}
    for one in sentences:
        left.setdefault(one.section, []).append(one)
    last = {section.title: place for place, section in enumerate(sections)}
    laid: list[Laid] = []
    for place, section in enumerate(sections):
        waiting = left.setdefault(section.title, [])
        blocks = list(_blocks(section.text, waiting))
        if waiting and last[section.title] == place:
            blocks.append(_rest(waiting))
        laid.append(Laid(section.title, tuple(blocks)))
    return laid + [Laid(title, (_rest(some),)) for title, some in left.items() if title not in last]


def _rest(sentences: Iterable[Sentence]) -> Block:
    return Block("rest", tuple((Piece(one.text, one),) for one in sentences))


def _blocks(text: str, waiting: list[Sentence]) -> Iterator[Block]:
    """Lines of a kind together; `waiting` loses the sentences that are found."""
    kind, lines = "", list[Line]()
    for line in filter(str.strip, text.splitlines()):
        bullet = BULLET.match(line)
        body = EMPHASIS.sub("", line[bullet.end() :] if bullet else line).strip()
        own = ("ol" if NUMBERED.match(line) else "ul") if bullet else "p"
        if own == "p" and body.endswith(":"):
            own = "lead"
        if own != kind and lines:
            yield Block(kind, tuple(lines))
            lines = []
        kind = own
        lines.append(tuple(_pieces(body, waiting)))
    if lines:
        yield Block(kind, tuple(lines))


def _pieces(body: str, waiting: list[Sentence]) -> Iterator[Piece]:
    """The sentences in a line, in order, and what is between them."""
    start = 0
    while True:
        found = next((one for one in waiting if one.text and one.text in body[start:]), None)
        if found is None:
            break
        at = body.index(found.text, start)
        if body[start:at].strip():
            yield Piece(body[start:at].strip())
        waiting.remove(found)
        yield Piece(found.text, found)
        start = at + len(found.text)
    if body[start:].strip():
        yield Piece(body[start:].strip())


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a sentence: borne out, wrong, or neither."""

    text: str
    state: str
    """traced, wrong or empty."""


def spans(sentence: Sentence) -> tuple[Span, ...]:
    """The sentence in stretches; what is wrong wins where claims overlap."""
    text = sentence.text
    edges = {0, len(text)}
    claims = [(*_within(claim, text), claim) for claim in sentence.claims]
    for start, end, _ in claims:
        edges.update((start, end))
    marks = sorted(edges)
    found: list[Span] = []
    for start, end in pairwise(marks):
        over = [claim for low, high, claim in claims if low <= start and end <= high]
        wrong = any(claim.wrong for claim in over)
        state = "wrong" if wrong else "traced" if any(claim.ids for claim in over) else ""
        if found and found[-1].state == state:
            found[-1] = Span(found[-1].text + text[start:end], state)
        else:
            found.append(Span(text[start:end], state))
    return tuple(found)


def _within(claim: Claim, text: str) -> tuple[int, int]:
    """Where a claim stands, within the sentence whatever it says."""
    start = min(max(claim.start, 0), len(text))
    return start, min(max(claim.end, start), len(text))


def quote(sentence: Sentence, claim: Claim) -> str:
    """The words of a claim."""
    start, end = _within(claim, sentence.text)
    return sentence.text[start:end].strip()
