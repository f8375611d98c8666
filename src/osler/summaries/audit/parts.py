"""A clause divided where it goes on to speak of something else, and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.summaries.audit.evidence import Evidence
from osler.summaries.audit.panels import WIDE, Subject

BREAK = re.compile(
    r"(?i),\s+|\s+[-–]\s+|[;()]|\b(?:but|while|whereas|although|though|however|despite|and|with|"
    r"yet|plus|whilst)\b"
)
PREDICATE = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|remains?|rose|fell|came|looks?|appears?|seems?|high|"
    r"low|elevated|raised|reduced|decreased|increased|abnormal|normal|unremarkable|fine|good|ok|"
    r"wnl|controlled|stable|range|limits|goal|target|above|below|worse\w*|impaired|failing)\b"
)
"""Words by which something has been said of what a part is about."""
NUMBER = re.compile(r"(?<![\w/-])\d")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters of a clause."""

    start: int
    end: int


def parts(text: str, about: Sequence[Subject]) -> list[Part]:
    """The parts in order. A new one begins behind a comma, bracket or conjunction where the part
    before has said something, and what follows says something about something of its own."""
    cuts = [found.start() for found in BREAK.finditer(text)]
    found: list[Part] = []
    start = 0
    for cut, end in pairwise([*cuts, len(text)]):
        has_own = any(cut <= one.start < end for one in about)
        says = PREDICATE.search(text, cut) or NUMBER.search(text, cut)
        bracket = text[start] == "(" and ")" in text[start : cut + 1]
        if has_own and says and (bracket or PREDICATE.search(text[start:cut])):
            found.append(Part(start, cut))
            start = cut
    found.append(Part(start, len(text)))
    return found


EXCEPT = re.compile(
    r"(?i)\b(?:other than|except(?:ing)?(?: for)?|apart from|aside from|besides|excluding|"
    r"with the exceptions? of|(?:all|everything|none|nothing) but|save(?: for)?|bar(?:ring)?|"
    r"but for|not counting|but not)\b(?P<what>.*?)(?:,\s*(?:all|every\w*|the|her|his|labs?|lab\w+|"
    r"results?|no|other|nothing|there)\b|\b(?:is|are|was|were|look\w*|all|within)\b|$)"
)
OTHERS = re.compile(r"(?i)\b(?:otherwise|other|others|remaining|remainder|rest)\b")


def excepted(text: str, about: Sequence[Subject]) -> list[Evidence]:
    """Of what a reassurance is not: `other than creatinine`, `low sodium, otherwise normal`."""
    out = [
        i for found in EXCEPT.finditer(text) for s in about
        if s.panel not in WIDE and found.start("what") <= s.start < found.end("what")
        for i in s.items
    ]  # fmt: skip
    others = OTHERS.search(text)
    if others:
        out += [
            i for s in about if s.end <= others.start() and s.panel not in WIDE
            for i in s.items
        ]  # fmt: skip
    return out


def is_out(one: Subject, out: Sequence[Evidence]) -> bool:
    """Whether all of a subject is left out."""
    return bool(one.items) and all(any(i is other for other in out) for i in one.items)
