"""Documents to chunks: sections, paragraphs and sentences, as many as the encoder reads at once."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.documents.document import Document, Heading
from osler.encoder import encoder_folder
from osler.retrieve.chunk import Chunk
from osler.retrieve.units import Unit, units_of

VERSION = 1
"""Counted up when a document would be cut in another way: an index of another version is made anew.
"""
MOST = 200
"""Word pieces of a chunk. The encoder reads 256, of which title and section get what is left."""
PIECE = 4
"""Characters that make a piece of a word of 100 and more, which the encoder takes as one."""
HEAD = 200
"""Characters of title and section that are put before a chunk for the encoder."""

NEEDS = ("Retrieval", "pip install 'osler[serve]'")
"""What the encoder is for, and how to get it."""


def embedded_text(chunk: Chunk) -> str:
    """What is embedded and indexed by its words: the chunk under its title and section."""
    head = ": ".join(part for part in (chunk.title, chunk.section) if part)
    return f"{head[:HEAD]}\n{chunk.text}" if head else chunk.text


def chunks_of(document: Document) -> list[Chunk]:
    """The document's chunks in order. No sentence and no row of a table is parted that fits into
    one; what is not white space is in exactly one. A chunk is within one section and, but for a
    sentence that goes over to the next, on one page."""
    places = _Places(document.text)
    units = [
        (section, unit)
        for section in _sections(document, places)
        for whole in units_of(document.text, section.start, section.end)
        for unit in _fitting(document.text, whole)
    ]
    pieces = _pieces([document.text[unit.start : unit.end] for _, unit in units])
    found: list[Chunk] = []
    for group in _grouped(units, pieces, [places.page(document, u.start) for _, u in units]):
        section, first, last = units[group[-1]][0], units[group[0]][1], units[group[-1]][1]
        start, end = places.byte(first.start), places.byte(last.end)
        found.append(
            Chunk(
                document.id, len(found), document.title, section.title, document.page_at(start),
                start, end, document.text[first.start : last.end],
                document.licence, document.date, document.address,
            )
        )  # fmt: skip
    return found


# -- sections ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    """Characters [start, end) below one heading. `bare`: there is nothing but the heading."""

    title: str
    start: int
    end: int
    bare: bool


def _sections(document: Document, places: _Places) -> list[_Section]:
    """What stands before the first heading, then each heading's own text."""
    headings = sorted(document.headings, key=lambda heading: heading.start)
    starts = [places.character(heading.start) for heading in headings]
    ends = [*starts, len(document.text)]
    found = [_Section("", 0, ends[0], False)]
    for number, (start, end) in enumerate(pairwise(ends)):
        said = document.text[start:end].strip(" \t\r\n#*")
        bare = said.casefold() == headings[number].title.strip().casefold()
        title = _path(headings[: number + 1], document.title)
        found.append(_Section(title, start, end, bare))
    return found


def _path(headings: Sequence[Heading], title: str) -> str:
    """The last heading, and before it those that it stands below; without the document's title."""
    path = [headings[-1]]
    for heading in reversed(headings):
        if heading.level < path[0].level:
            path.insert(0, heading)
    titles = [heading.title.strip() for heading in path]
    return " > ".join(each for each in titles if each.casefold() != title.strip().casefold())


# -- units to chunks ---------------------------------------------------------------------------


def _grouped(
    units: Sequence[tuple[_Section, Unit]], pieces: Sequence[int], pages: Sequence[int | None]
) -> Iterator[list[int]]:
    """Numbers of the units that make up a chunk.

    A chunk ends with its section and its page, and where the next unit has no room. It also ends
    with a paragraph when the next paragraph has no room but would have it in a chunk of its own,
    and this one is half full. A heading without text goes with what follows it.
    """
    group: list[int] = []
    for number, (section, unit) in enumerate(units):
        if group:
            before = units[group[-1]][0]
            full = sum(pieces[i] for i in group)
            ahead = _paragraph(units, pieces, number) if unit.opens else pieces[number]
            parts = (section is not before and not before.bare) or pages[number] != pages[group[-1]]
            no_room = full + pieces[number] > MOST
            if parts or no_room or (2 * full > MOST and full + ahead > MOST >= ahead):
                yield group
                group = []
        group.append(number)
    if group:
        yield group


def _paragraph(units: Sequence[tuple[_Section, Unit]], pieces: Sequence[int], first: int) -> int:
    """Word pieces of the paragraph that begins with a unit, up to more than fit into a chunk."""
    total = pieces[first]
    for number in range(first + 1, len(units)):
        if units[number][1].opens or total > MOST:
            break
        total += pieces[number]
    return total


def _fitting(text: str, unit: Unit) -> Iterator[Unit]:
    """The unit; one that is longer than a chunk in parts, cut between words near their middle."""
    todo = [unit]
    while todo:
        one = todo.pop()
        said = text[one.start : one.end]
        if len(said) <= MOST or _pieces([said])[0] <= MOST:
            yield one
            continue
        middle = len(said) // 2
        cut = max(said.rfind(space, 1, middle) for space in " \n\t") + 1 or middle
        todo += [
            Unit(one.end - len(said[cut:].lstrip()), one.end, False),
            Unit(one.start, one.start + len(said[:cut].rstrip()), one.opens),
        ]


def _pieces(texts: Sequence[str]) -> list[int]:
    """Word pieces of each text."""
    return [
        max(len(found.ids), _of_long_words(text))
        for text, found in zip(
            texts, _tokenizer().encode_batch(list(texts), add_special_tokens=False), strict=True
        )
    ]


def _of_long_words(text: str) -> int:
    return sum(len(word) // PIECE for word in text.split() if len(word) >= 100)


@functools.cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    found: Any = Tokenizer.from_file(str(Path(encoder_folder(*NEEDS)) / "tokenizer.json"))
    found.no_truncation()
    found.no_padding()
    return found


# -- bytes and characters ----------------------------------------------------------------------


class _Places:
    """Characters of a text to bytes of it in UTF-8, and back."""

    def __init__(self, text: str) -> None:
        self._starts: NDArray[np.int64] | None = None
        if not text.isascii():
            code = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            width = 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000).astype(np.int64)
            self._starts = np.concatenate([[0], np.cumsum(width)])

    def byte(self, character: int) -> int:
        """Where a character begins."""
        return character if self._starts is None else int(self._starts[character])

    def character(self, byte: int) -> int:
        """The character that a byte belongs to."""
        if self._starts is None:
            return byte
        return int(np.searchsorted(self._starts, byte, side="right")) - 1

    def page(self, document: Document, character: int) -> int | None:
        """The page of a character."""
        return document.page_at(self.byte(character)) if document.pages else None
