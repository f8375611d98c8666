"""Orders that meet a known allergy. A warning too many is better than one too few: an order is
taken back only by words that stand with the very substance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.documents.document import Document
from osler.serve.documents.findings import LONG, spans
from osler.serve.documents.lines import Finding, cells, finding_at, overlaps, size, unwrapped
from osler.serve.documents.substances import (
    Mention,
    before,
    listed,
    mentions,
    near_to,
    reacted_to,
)

_REFUSED = (
    r"(?:stop(?:ped|ping)?|avoid(?:ed|ing)?|ceas(?:e|ed|ing)|discontinu(?:e|ed|ing)|"
    r"with(?:hold|held)|hold|held|omit(?:ted)?)"
)
_GIVEN = (
    r"(?:give[ns]?|giving|tak(?:e|en|ing)|us(?:e|ed|ing)|(?:re)?start(?:ed)?|prescribed?|receive|"
    r"administer(?:ed)?|continued?|beg[iu]n|have|indicated|tolerated|recommended|be on|on)"
)
_NOT = r"(?:not|never|no longer|cannot|can['’]t|don['’]t)"
_FILLS = (
    r"(?:\s+(?:the|any|all|her|his|your|their|my|this|that|these|a|an|more|further|other|of|both|"
    r"him|them|patient|tablets?|capsules?|doses?|course|oral|iv|regular|taking|giving|using|use))*"
)
BEFORE = re.compile(
    rf"(?i)(?:(?<!not )(?<!never )(?<!n['’]t )\b{_REFUSED}|\b{_NOT}(?:\s+to)?(?:\s+be)?\s+{_GIVEN}|"
    r"\b(?:instead of|rather than|in place of|(?:switch|chang)\w* from|no|not|without|never|"
    r"(?:allerg\w+|intoleran\w+|hypersensitiv\w+|react\w+|conflicts?|contraindicat\w+)"
    rf"(?: (?:reactions? )?(?:to|with|from|after|of))?)):?{_FILLS}[\s:]*$"
)
"""What takes back a substance that stands behind it: `do not give any …`, `stop …`."""
AFTER = re.compile(
    r"(?i)(?:\s+\d[\d.,]*\s?(?:mg|mcg|g|ml|units?)\b|\s+(?:tablets?|capsules?|iv|oral))*[\s:(,–—-]*"
    r"(?:(?:was|were|is|are|has been|have been|had been|to be|should be|must be|will be)\s+)?"
    rf"(?:{_REFUSED}\b(?!\s+(?:if|when|after|once|on day|for|until|at))|contraindicated|"
    rf"(?:(?:should|must|may|can|could|was|were|is|are)\s+)?{_NOT}(?:\s+to)?(?:\s+be)?\s+{_GIVEN}|"
    r"(?:is ordered and )?conflicts?|allerg\w+|anaphyla\w+|intoleran\w+|hypersensitiv\w+)\b"
)
GIVES = re.compile(
    r"(?i)\b(?:rx|tt[oa]s?|prescri\w+|given|gave|gives?|start\w*|commenc\w+|began|begun|receiv\w+|"
    r"administer\w*|dispens\w+|taking|takes?|took|continu\w+|iv|im|overnight|daily|doses?|[bt]ds?|qds)\b|"
    r"\d\s?(?:mg|mcg|µg|g|ml|units?|iu|tablets?)\b"
)
"""What is ordered, or was given."""
SENSITIVITY = re.compile(
    r"(?:^|[\s|:])(?:[<>≤≥]=?\s?)?\d+(?:\.\d+)?\s*\|?\s*[SRI]\W*$|[|:]\s*[SRI]\W*$|\s{2,}[SRI]\W*$"
    r"|(?i:^\W*(?:[\w/-]+[\s:|]+){1,3}(?:resistant|sensitive|susceptible|intermediate)\W*$"
    r"|\b(?:resistant|sensitive|susceptible) to\b)"
)
"""A row of an antibiogram names a drug, and orders none."""


def conflicts(
    document: Document, reacts: Sequence[Finding], ordered: Sequence[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """What is ordered or given though somebody reacts to it, and what only names such a thing."""
    forbidden = frozenset(key for one in reacts for key in reacted_to(one.name, one.text))
    near = frozenset(key for one in reacts for key in near_to(one.name, one.text))
    against = {one.start: one for one in ordered if proposes(one.text, forbidden)}
    beside = {
        one.start: one
        for one in ordered if one.start not in against and proposes(one.text, near)
    }  # fmt: skip
    told = (*reacts, *ordered)
    for one in _sentences(document, reacts) if forbidden and len(document.text) < LONG else ():
        if overlaps(one, told) or SENSITIVITY.search(one.text):
            continue
        if proposes(one.text, forbidden):
            (against if GIVES.search(one.text) else beside)[one.start] = one
        elif GIVES.search(one.text) and proposes(one.text, near):
            beside[one.start] = one
    return [against[at] for at in sorted(against)], [beside[at] for at in sorted(beside)]


def proposes(text: str, forbidden: frozenset[str]) -> bool:
    """Whether a text names something that is forbidden and does not take back that very thing."""
    last: Mention | None = None
    refused = False
    for one in mentions(text, forbidden):
        refused = bool(
            BEFORE.search(before(text, one))
            or AFTER.match(text, one.end)
            or (refused and last and listed(text, last, one))
        )
        if one.names & forbidden and not refused:
            return True
        last = one
    return False


def _sentences(document: Document, reacts: Sequence[Finding]) -> Iterator[Finding]:
    """Each sentence; of a row with an allergy what stands before that, and what behind."""
    for text, start in unwrapped(document):
        whole = finding_at(document, text, start, text)
        row = len(cells(text)) > 1 and overlaps(whole, reacts)
        for a, b in _beside(document, text, start, reacts) if row else spans(text):
            yield finding_at(document, text[a:b], start + size(text[:a]), text[a:b])


def _beside(
    document: Document, text: str, start: int, reacts: Sequence[Finding]
) -> Iterator[tuple[int, int]]:
    """The characters of a row from one cell with an allergy to the next."""
    held: list[tuple[int, int]] = []
    for a, b in [*cells(text), (0, len(text))]:
        if not overlaps(finding_at(document, text[a:b], start + size(text[:a]), ""), reacts):
            held.append((a, b))
        elif held:
            yield held[0][0], held[-1][1]
            held = []
