"""A clause divided where it goes on to speak of something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.summaries.audit.panels import Subject

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
