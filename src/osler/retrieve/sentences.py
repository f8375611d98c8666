"""Where the sentences of a text are, without a model.

A line that ends ends a sentence: headings, items of lists and rows of tables are sentences of their
own. Within a line a sentence ends at `.`, `!` or `?` before a capital, a figure or a bracket, but
not behind an abbreviation or an initial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE = re.compile(r"[^\n\f]+")
END = re.compile(r"[.!?…][\"')\]’”]*(?=\s+(?:[^\Wa-z_]|[\"'(\[“‘<>≥≤#*|!]))|[。！？]")
ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Prof|Mr|Mrs|Ms|St|vs|cf|ca|approx|e\.g|i\.e|etc|al|No|Nos|Fig|Figs|Tab|Ref|Refs|Sec"
    r"|Eq|Vol|pp?|dept|Inc|Ltd|Jr|Sr|b\.i\.d|t\.i\.d|q\.d|p\.o|p\.r\.n|a\.m|p\.m|U\.S|spp?|subsp)"
    r"|(?<![\w°/-])[A-Z])\.$"
)
BULLET = re.compile(r"\s*(?:[-*•–‣·]|\(?\d{1,2}[.)])\s+")
WRAPPED = 50
"""Characters of a line that may go on in the next: shorter ones are entries of a list."""
GOES_ON = re.compile(rf"(?<=[^\n]{{{WRAPPED - 1}}}[^.!?:;|\n])\n(?=[a-z])")
"""The end of a line in the midst of a sentence."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Characters [start, end) of each sentence, white space and the marks of lists not counted."""
    found: list[tuple[int, int]] = []
    for line in LINE.finditer(text):
        bullet = BULLET.match(line[0])
        start = line.start() + (bullet.end() if bullet else 0)
        for end in _ends(text, start, line.end()):
            first, last = _stripped(text, start, end)
            if first < last:
                found.append((first, last))
            start = end
    return found


def _ends(text: str, start: int, stop: int) -> Iterator[int]:
    begun = start
    for mark in END.finditer(text, start, stop):
        if not ABBREVIATION.search(text, max(begun, mark.start() - 12), mark.start() + 1):
            begun = mark.end()
            yield begun
    yield stop


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
