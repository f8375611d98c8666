"""A document line by line, each with the bytes at which it stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from osler.documents.document import Document
from osler.retrieve.sentences import WRAPPED
from osler.serve.documents.aside import still_wanted
from osler.serve.documents.known import labs
from osler.serve.documents.series import settled

LEADERS = re.compile(
    r"\.{4,}|(?<=[A-Za-z)])\.{2,3}(?=\s?[\d<>])|(?<=\s)\.(?:\s\.){2,}(?=\s)|…{2,}|_{3,}"
)

BAR, GAP = re.compile(r"\|"), re.compile(r"\s{2,}")
"""What parts the cells of a table, and those of a line."""
DASH = re.compile(
    r"(?:^|(?<=[\d,;/]\s))(?P<name>[A-Za-z][^,;|–—~→\n]{0,60}?)\s[-–—~→](?=\s[<>≤≥]?\s?\d)"
)


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
    judged: bool = False
    """Whether it is known on which side of its range a value is."""
    critical: bool = False
    """Whether a value cannot wait, being so far out of its range."""
    doubt: str = ""
    """Of a value without a unit, what it is if that is a usual one: `high if in mmol/L`."""
    fluid: bool = False
    """Whether it was measured in urine, or another fluid that is no blood."""


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode())


def lines(document: Document) -> Iterator[tuple[str, int]]:
    """Each line that is not empty, and the byte at which it begins."""
    start = 0
    for line in re.split(r"(?<=[\n\f])", document.text):
        still_wanted()
        text = line.rstrip()
        lead = len(text) - len(text.lstrip())
        if text.strip():
            yield text.strip(), start + size(text[:lead])
        start += size(line)


def squeezed(text: str) -> tuple[str, list[int]]:
    """A text with one blank for each run of them, and where each character stood, and the end; dots
    and dashes that lead from a name to its value are blanks, and so are earlier values
    (`settled`)."""
    text = settled(DASH.sub(_undashed, LEADERS.sub(lambda dots: " " * len(dots[0]), text)))
    at = [n for n, c in enumerate(text) if not (c.isspace() and n and text[n - 1].isspace())]
    return "".join(" " if text[n].isspace() else text[n] for n in at), [*at, len(text)]


def _undashed(found: re.Match[str]) -> str:
    """`Potassium – 6.9` without its dash, where it is a test that stands before."""
    return found[0][:-1] + " " if labs(found["name"]) else found[0]


def unwrapped(document: Document) -> Iterator[tuple[str, int]]:
    """The lines; a long one that goes on in the next, with a small letter, is one with it."""
    data = document.text.encode()
    held, begun, end, long = "", 0, 0, False
    for text, start in lines(document):
        between, end = data[end:start], start + size(text)
        if long and text[0].islower() and between.count(b"\n") == 1 and b"\f" not in between:
            held += " " * len(between) + text
        else:
            if held:
                yield held, begun
            held, begun = text, start
        long = len(text) >= WRAPPED and text[-1] not in ".!?:;|"
    if held:
        yield held, begun


def continued(
    document: Document, some: Iterable[tuple[str, int]], breaks: re.Pattern[str]
) -> Iterator[tuple[str, int]]:
    """Lines; one that breaks off, by how it ends, is one with the next."""
    data = document.text.encode()
    held: list[str] = []
    begun = end = 0
    for text, start in some:
        between = data[end:start]
        broken = held and breaks.search(held[-1])
        if broken and between.count(b"\n") == 1 and b"\f" not in between:
            held += " " * len(between), text
        else:
            if held:
                yield "".join(held), begun
            held, begun = [text], start
        end = start + size(text)
    if held:
        yield "".join(held), begun


def under(
    document: Document, heading: re.Pattern[str], until: re.Pattern[str] | None = None
) -> Iterator[tuple[str, int]]:
    """The lines of sections whose heading says so. A line `Allergies: …` is its own section.

    `until`: with what a paragraph begins that is of such a section no more; with it sentences
    that go on in the next line are whole.
    """
    begins, data = {each.start: each for each in document.headings}, document.text.encode()
    inside, last = False, 0
    for text, start in unwrapped(document) if until else lines(document):
        apart, last = data[last:start].count(b"\n") > 1, start + size(text)
        head, colon, rest = text.partition(":")
        titled = start in begins or (len(text) < 60 and heading.fullmatch(text.rstrip(":")))
        if titled:
            inside = bool(heading.search(text))
        elif colon and len(head) < 40 and heading.search(head) and rest.strip():
            yield rest.strip(), start + size(text) - size(rest.lstrip())
        elif inside and until and apart and until.match(text):
            inside = False
        elif inside:
            yield text, start


def cells(text: str) -> list[tuple[int, int]]:
    """The characters of each cell of a row: those of a table stand between bars, and may be empty;
    those of a line where a wide gap parts them."""
    parts = BAR.finditer(text) if "|" in text else GAP.finditer(text)
    edges = [(0, 0), *(one.span() for one in parts), (len(text), len(text))]
    return [_trimmed(text, a, b) for (_, a), (b, _) in pairwise(edges)]


def _trimmed(text: str, a: int, b: int) -> tuple[int, int]:
    """Characters without the blanks around them."""
    one = text[a:b]
    return a + len(one) - len(one.lstrip()) if one.strip() else a, a + len(one.rstrip())


def overlaps(one: Finding, others: Iterable[Finding]) -> bool:
    """Whether a finding shares bytes with another."""
    return any(each.start < one.end and one.start < each.end for each in others)


def beyond(some: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Those of some findings that share no bytes with others, however many there are."""
    known = sorted(others, key=lambda one: one.start)
    starts = [one.start for one in known]
    reach = list(accumulate((one.end for one in known), max))
    before = ((one, bisect_left(starts, one.end)) for one in some)
    return [one for one, n in before if not n or reach[n - 1] <= one.start]


def finding_at(document: Document, text: str, start: int, name: str) -> Finding:
    """A text that begins at a byte of the document."""
    return Finding(text, start, start + size(text), document.page_at(start), name)
