"""A piece of a document that can be found and cited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes [start, end) of a document's text in UTF-8, with what a reader wants to know of them.

    `document` is the id of the document, `number` counts its chunks from 0.
    """

    document: str
    number: int
    title: str
    section: str
    page: int | None
    start: int
    end: int
    text: str
    licence: str | None = None
    date: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. `score` orders the hits of one question; `similarity` is the cosine
    of question and chunk (-1 to 1), which compares between questions. `others`: how many chunks
    that are near as well say the very same."""

    chunk: Chunk
    score: float
    similarity: float
    others: int = 0
