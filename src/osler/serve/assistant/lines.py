"""A document line by line, each with the bytes at which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.documents.document import Document


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that must be told; bytes [start, end) of the document's text."""

    text: str
    start: int
    end: int
    page: int | None
    name: str
    side: str = ""
    """high, low or abnormal; empty for what is in its range, has none, or is no value."""
    told: str = ""
    """A value as reports tell it: `Potassium: 5.9 mmol/L, HIGH (reference 3.5 to 5.1)`."""


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode())


def lines(document: Document) -> Iterator[tuple[str, int]]:
    """Each line that is not empty, and the byte at which it begins."""
    start = 0
    for line in re.split(r"(?<=[\n\f])", document.text):
        text = line.rstrip()
        lead = len(text) - len(text.lstrip())
        if text.strip():
            yield text.strip(), start + size(text[:lead])
        start += size(line)


def under(document: Document, heading: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """The lines of sections whose heading says so. A line `Allergies: …` is its own section."""
    begins = {each.start: each for each in document.headings}
    inside = False
    for text, start in lines(document):
        head, colon, rest = text.partition(":")
        titled = start in begins or (len(text) < 60 and heading.fullmatch(text.rstrip(":")))
        if titled:
            inside = bool(heading.search(text))
        elif colon and len(head) < 40 and heading.search(head) and rest.strip():
            yield rest.strip(), start + size(text) - size(rest.lstrip())
        elif inside:
            yield text, start


def finding_at(document: Document, text: str, start: int, name: str) -> Finding:
    """A text that begins at a byte of the document."""
    return Finding(text, start, start + size(text), document.page_at(start), name)
