"""Allergies that a document tells. One that is written must not be lost; what a clause denies, or
tells of somebody else, is none of the patient's."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from osler.documents.document import Document
from osler.serve.assistant.cite import rarity
from osler.serve.documents.allergy_denied import BOXES, DENIED, GROWN, LISTED_DENIED, NO, TAKEN_BACK
from osler.serve.documents.allergy_lists import SURE, TABLE, listings
from osler.serve.documents.findings import LONG, spans
from osler.serve.documents.lines import Finding, cells, finding_at, size
from osler.serve.documents.reactions import (
    AFTER,
    ALLERGIC_TO,
    BEFORE,
    HINTS,
    REACTION,
    REASON,
    STOPS,
    STRONG,
    THERAPY,
    TREATS,
    WEAK,
    WORN,
)
from osler.serve.documents.substances import Mention, before, listed, mentions, named
from osler.serve.documents.whose import PERSON, of_another

ANSWER = re.compile(
    r"(?i)^\W*(?:y|yes|unknown|pending|tbc|(?:not|un) ?(?:recorded|documented|asked|assessed|"
    r"available|stated|obtain\w+|known)|unable to \w+|see\b|as (?:above|below|listed|per)\b|"
    r"(?:list )?(?:reviewed|updated|checked|confirmed|verified|asked)\b).*$"
)
"""What stands there and names nothing."""
BEHIND = re.compile(r"\s*([^☐☑☒□]*[^\W_][^☐☑☒□]*?)\s*([☐☑☒□])")
"""`Penicillin ☒ Latex ☐`: boxes that stand behind what they are of."""
FEW, STRANGE = 2, 7.0
"""Words of a second sentence that is an allergy, too, and how rare the first is: `Allergies:
Penicillin. Tegaderm.`"""
PEN_ALLERGIC = re.compile(r"(?i)\bpen(?=[\s-](?:allerg|anaphyla))")
PEN = re.compile(r"(?i)\bpen(?=[\s-](?:allerg|anaphyla)|\W*$|\s?[(,:–—-])")
"""An abbreviation of penicillin, in a list of allergies also alone."""
BOTH = re.compile(r"(?i)\s*(?:/|&|\band|\bor)\s*")
"""`Penicillin and latex allergy`."""

INSTEAD = re.compile(rf"(?i){STRONG}\s*[:(–—-]+\s*$")
DOSE = re.compile(r"(?i)\s*\d[\d.,]*\s?(?:mg|mcg|g|ml|units?)\b")
"""`Penicillin allergic: clarithromycin 500 mg`."""
WORN_FOR = re.compile(rf"(?i){WORN}[^.;]*$")

CLAUSE = re.compile(
    r"(?i);|\.\s+|\b(?:but|except(?: for| to)?|however|apart from|other than|aside from|although|"
    r"though|otherwise)\b|(?=\[[ x✓✗]?\]|[☐☑☒□])|(?=\bnkd?a\b)|"
    r"\band(?=\s+(?:is|has|was|had|react|allergic)\b)"
    rf"|,(?!\s*(?:who|whose|is|has|was)\b)(?=[^,;]{{0,120}}\b(?:{STRONG}|{WEAK}|react|caus))"
    rf"|,(?=\s*(?:the\s+)?(?:patient|pt|self|{PERSON})\s*[(:–—-])"
)


def allergies(document: Document) -> list[Finding]:
    """What somebody reacts to: lines under such a heading, and sentences that say so."""
    found: list[Finding] = []
    free: list[Finding] = []
    long = len(document.text) >= LONG
    for text, start, under in listings(document):
        for a, b, kind in _sentences(text, under):
            said, at = text[a:b], start + size(text[:a])
            alone = a == 0 or (len(said.split()) <= FEW and rarity(said) >= STRANGE)
            whole = kind in ("told", "row") and not long and alone
            plain = _plain(said, kind)
            if kind == "row" or (kind and " | " in said):
                what = _row(plain, whole)
            else:
                what = _listed(plain, whole) if kind else _free(plain, long)
            if what:
                (found if kind else free).append(finding_at(document, said, at, what))
    return found + free


def _sentences(text: str, under: str) -> Iterator[tuple[int, int, str]]:
    """Its sentences. What a question about allergies is answered with is a list of them, and
    where that is no, there are none."""
    asked = False
    for a, b in [(0, len(text))] if under == "row" else spans(text):
        kind = under or ("listed" if asked else "")
        question = text[a:b].endswith("?")
        asked = question and SURE.search(text[a:b]) is not None
        if under != "family" and not (question and NO.match(text, b)):
            yield a, b, kind


def _plain(said: str, kind: str) -> str:
    """What is said, with answers for boxes that are ticked, and penicillin for `pen allergic`."""
    said = BOXES.sub(lambda one: ": no;" if one["no"] else ": yes;", said)
    if said.rstrip()[-1:] in "☐☑☒□" and BEHIND.match(said):
        said = BEHIND.sub(r"\2 \1 ", said)
    return (PEN if kind else PEN_ALLERGIC).sub("penicillin", said)


def _row(said: str, whole: bool) -> str:
    """A row of a table of allergies. A denial must be a cell of its own that comes first: `none`
    may be the reaction."""
    cell, *others = (said[a:b] for a, b in cells(said))
    head = any(TABLE.fullmatch(one) for one in others)
    denied = DENIED.search(cell) or re.search(r"(?i)\brefuted|de-?labell?ed|in error", said)
    known = named(said) or REACTION.search(said) or (whole and not head and _names(cell))
    return said.strip() if known and not denied and not GROWN.search(said) else ""


def _listed(said: str, whole: bool) -> str:
    """What a line in a list of allergies tells without a denial; where it is told `whole`, also
    what the lexicon does not know, unless all is denied."""
    if GROWN.search(said):
        return ""
    clauses = _clauses(said)
    whole = whole and not any(DENIED.search(one) and not named(one) for one in clauses)
    return "; ".join(
        one for one in clauses
        if not LISTED_DENIED.search(one) and not DENIED.search(one) and not _another(one)
        and (named(one) or REACTION.search(one) or (whole and _names(one)))
    )  # fmt: skip


def _another(entry: str) -> bool:
    """Whether all that an entry tells is somebody else's."""
    reaction = REACTION.search(entry)
    told = [one.start for one in mentions(entry)] or [reaction.start() if reaction else len(entry)]
    return all(of_another(entry, at) for at in told)


def _names(text: str) -> bool:
    """Whether an entry may name what nobody here knows."""
    return bool(re.search(r"[^\W\d_]{3}", text)) and not ANSWER.match(text)


def _clauses(said: str) -> list[str]:
    return [one.strip(" .,") for one in CLAUSE.split(said) if one.strip(" .,")]


def _free(said: str, long: bool) -> str:
    """The substances that a sentence says somebody reacts to. Of long texts, which seldom are of
    one person, only what somebody is called allergic to."""
    if not REACTION.search(said) and not HINTS.search(said):
        return ""
    found = mentions(said)
    reacts = [_reacts(said, one, long) for one in found]
    cuts = [0, *(each.end() for each in CLAUSE.finditer(said)), len(said)]
    pairs = list(pairwise(found))
    for n, (one, other) in enumerate(pairs):
        reacts[n + 1] |= reacts[n] and listed(said, one, other)
    for n, (one, other) in reversed(list(enumerate(pairs))):
        reacts[n] |= reacts[n + 1] and bool(BOTH.fullmatch(said, one.end, other.start))
    clauses = {_clause(said, cuts, one) for one in found}
    denied = {(a, b) for a, b in clauses if DENIED.search(said[a:b].strip(";., "))}
    return ", ".join(
        said[one.start : one.end]
        for one, told in zip(found, reacts, strict=True)
        if told and _clause(said, cuts, one) not in denied and not of_another(said, one.start)
    )


def _reacts(said: str, one: Mention, long: bool) -> bool:
    lead = before(said, one)
    if ALLERGIC_TO.search(lead):
        if DOSE.match(said, one.end) and INSTEAD.search(lead) and mentions(lead):
            return False
        worn = one.names & THERAPY and WORN_FOR.search(lead)
        to = not one.names & TREATS or bool(re.search(r"(?i)\bto\W[^.;:]*$", lead))
        return to and not worn
    if long or one.names & TREATS:
        return False
    stopped = STOPS.search(lead) and REASON.match(said, one.end)
    return bool(BEFORE.search(lead) or AFTER.match(said, one.end) or stopped)


def _clause(said: str, cuts: list[int], one: Mention) -> tuple[int, int]:
    """The clause that names it, with what takes that back."""
    a, n = cuts[bisect_right(cuts, one.start) - 1], bisect_left(cuts, one.end)
    return a, cuts[n + 1] if n + 1 < len(cuts) and TAKEN_BACK.match(said, cuts[n]) else cuts[n]
