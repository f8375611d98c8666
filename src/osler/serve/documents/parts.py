"""A document in parts that a model can read, each with its heading, page and exact bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from osler.documents.document import Document
from osler.retrieve.sentences import sentences
from osler.serve.assistant.events import Source
from osler.serve.documents.aside import still_wanted

Count = Callable[[str], int]
"""A text's tokens."""
SMALL = 40
"""Tokens below which a section is joined to the next."""


def parts(document: Document, room: int, count: Count) -> list[Source]:
    """The whole text in order, in parts of at most `room` tokens, numbered from 1.

    A part is a section; short sections that follow each other are joined, long ones are cut between
    sentences. Without headings pages take their place.
    """
    data = document.text.encode()
    found: list[tuple[str, int, int]] = []
    for title, start, end in _sections(document, len(data)):
        for first, last in _cut(data[start:end].decode(), room, count):
            found.append((title, start + first, start + last))
    joined = _joined(found, data, room, count)
    return [
        Source(
            number, document.id, document.title, title, document.page_at(start), start, end,
            data[start:end].decode(), 1.0, document.licence, document.date, document.address,
        )
        for number, (title, start, end) in enumerate(joined, 1)
    ]  # fmt: skip


def _sections(document: Document, size: int) -> Iterator[tuple[str, int, int]]:
    """Heading, first byte, byte behind the last."""
    begins = [(each.start, each.title) for each in document.headings]
    if not begins:
        begins = [(page.start, f"Page {page.number}") for page in document.pages]
    if not begins or begins[0][0] > 0:
        begins.insert(0, (0, ""))
    for (start, title), (end, _) in zip(begins, [*begins[1:], (size, "")], strict=True):
        if start < end:
            yield title, start, end


def _cut(text: str, room: int, count: Count) -> Iterator[tuple[int, int]]:
    """Bytes of pieces of a section that fit, whole sentences each where a sentence fits."""
    start = size = 0
    last = 0
    for first, end in sentences(text):
        still_wanted()
        needed = count(text[first:end]) + 1
        if size and size + needed > room:
            yield _bytes(text, start, last)
            start, size = first, 0
        size += needed
        last = end
    if text[start:].strip():
        yield _bytes(text, start, len(text.rstrip()))


def _bytes(text: str, start: int, end: int) -> tuple[int, int]:
    return len(text[:start].encode()), len(text[:end].encode())


def _joined(
    found: list[tuple[str, int, int]], data: bytes, room: int, count: Count
) -> list[tuple[str, int, int]]:
    """A short part takes the next to it, and is called by both headings."""
    kept: list[tuple[str, int, int]] = []
    for title, start, end in found:
        if kept:
            before, first, last = kept[-1]
            short = count(data[first:last].decode()) < SMALL
            if short and count(data[first:end].decode()) <= room:
                new = "" if before.endswith(title) else title
                kept[-1] = (", ".join(filter(None, (before, new))), first, end)
                continue
        kept.append((title, start, end))
    return kept
