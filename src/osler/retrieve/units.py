"""The smallest things that a text is cut into: sentences, rows of tables, points of lists.

A unit is a span of characters without white space at its ends. Whatever is not white space is in
exactly one unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.retrieve.sentences import ABBREVIATION, END

ROW = " | "
"""What parts the cells of a table's row (`osler.documents.document`)."""
POINT = re.compile(r"\s*(?:[-*•‣▪]|\d{1,3}[.)])\s+\S")
"""The beginning of a list's point."""
BLANK = re.compile(r"\n[^\S\n]*\n\s*")
"""Lines without text between two paragraphs."""

NUMBER = re.compile(r"\s*\d{1,3}\.")
"""The number of a point, whose full stop ends no sentence."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters [start, end) of a text. `opens`: a paragraph begins with it."""

    start: int
    end: int
    opens: bool


def units_of(text: str, start: int, end: int) -> Iterator[Unit]:
    """The units of a text between two of its characters, in order."""
    for first, last in _paragraphs(text, start, end):
        opens = True
        for begins, ends in _lines(text, first, last):
            for unit in _sentences(text, begins, ends):
                yield Unit(*unit, opens)
                opens = False


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for gap in BLANK.finditer(text, start, end):
        yield start, gap.start()
        start = gap.end()
    yield start, end


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Rows and points one by one; other lines together, for a sentence goes on in the next one."""
    begun = place = start
    in_row = False
    while place < end:
        stop = text.find("\n", place, end)
        stop = end if stop < 0 else stop + 1
        is_row = text.find(ROW, place, stop) >= 0
        if place > begun and (is_row or in_row or POINT.match(text, place, stop)):
            yield begun, place
            begun = place
        in_row, place = is_row, stop
    yield begun, end


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    is_row = text.find(ROW, start, end) >= 0
    begun = start
    for mark in () if is_row else END.finditer(text, start, end):
        said = text[begun : mark.end()]
        if not ABBREVIATION.search(said[-12:]) and not NUMBER.fullmatch(said):
            yield from _trimmed(text, begun, mark.end())
            begun = mark.end()
    yield from _trimmed(text, begun, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without white space at its ends; nothing where it is all white space."""
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    end -= len(said) - len(said.rstrip())
    if start < end:
        yield start, end
