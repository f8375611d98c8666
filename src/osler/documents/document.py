"""A document that was read: its text, and where pages and headings begin in it.

All places are bytes of the text in UTF-8, so that a citation says the same in every language and
can be checked with `text.encode()[start:end]`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


def id_of(data: bytes) -> str:
    """What a document is known by: its file's content."""
    return hashlib.sha256(data).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, counted from 1 as a viewer counts; bytes [start, end) of the document's text."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and where its section begins. `level` is 1 for the document's main sections."""

    title: str
    level: int
    start: int


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of a file.

    `id` is made from its content. `pages` is empty for what has none (HTML, text). A row of a table
    is one line of the text, its cells parted by ` | `.
    """

    id: str
    name: str
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    licence: str | None = None
    date: str | None = None
    address: str | None = None

    def page_at(self, byte: int) -> int | None:
        """Number of the page that a byte of the text is on."""
        return next((p.number for p in self.pages if p.start <= byte < p.end), None)
