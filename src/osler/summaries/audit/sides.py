"""left, right or both, of what stands beside it."""

from __future__ import annotations

import dataclasses
import re

from osler.summaries.audit import holds
from osler.summaries.audit.context import NOTHING, at, ids_of
from osler.summaries.audit.cues import NO_SIDE, SIDES
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.fact import SERIES, Fact
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.witnesses import FILLING
from osler.summaries.audit.words import word_set


def _of_reason(
    clause: Clause, named: list[Mention], one: Mention, words: set[str]
) -> list[Evidence]:
    """Of what something was given or done for: the items that it was for."""
    if not one.modifier:
        return []
    days = clause.dates
    heads = [head for head in named if head.items and not head.modifier and head is not one]
    found: list[Evidence] = []
    for item in (item for head in heads for item in head.items if item.kind != "condition"):
        reasons = [r for at, r in item.reasons if any(holds.within(at, day) for day in days)]
        reasons = reasons or [reason for _, reason in item.reasons]
        if any(words <= reason for reason in reasons):
            found.append(dataclasses.replace(item, texts=tuple(reasons)))
    return found


PARTS = word_set(
    "breast knee hip ear eye hand foot wrist ankle shoulder elbow arm leg forearm thigh calf "
    "finger thumb toe heel lung kidney ovary testicle clavicle femur tibia fibula humerus radius "
    "collarbone kneecap shin ulna rib atrium ventricle hemisphere temple jaw cheek groin flank "
    "buttock"
)
"""Parts of the body that have a side."""


def _loose_side(clause: Clause, fact: Fact, ledger: Ledger) -> Claim:
    """A side where nothing is named beside it: whether the record has that part on that side."""
    if fact.unit not in PARTS or fact.start >= clause.supposed:
        return NOTHING
    there = [item for item in ledger.items if holds.has_side(item, fact, set())]
    wrong = "" if there else "the record has another side, or none"
    return at(clause, fact.start, fact.end, "laterality", ids_of(there[:3]), wrong)


def _apart(one: Mention, fact: Fact) -> int:
    return min(abs(one.start - fact.place), abs(one.end - 1 - fact.place))


def _away(clause: Clause, one: Mention, fact: Fact) -> tuple[int, bool]:
    """How far a name is from a side; a comma or `and` between counts as some words more."""
    before = one.end <= fact.place
    span = (one.last(clause), fact.start) if before else (fact.end, one.first(clause))
    parted = bool(re.search(r"[,;]|\band\b", clause.text[slice(*span)]))
    return _apart(one, fact) + 3 * parted, before


def claim(clause: Clause, named: list[Mention], fact: Fact, ledger: Ledger) -> Claim:
    """left, right or both, of the nearest thing named."""
    if any(m.start() <= fact.start < m.end() for m in NO_SIDE.finditer(clause.text)):
        return NOTHING
    near = [one for one in named if one.start - 5 <= fact.place <= one.end + 3]
    if not near:
        return _loose_side(clause, fact, ledger)
    one = min(near, key=lambda m: _away(clause, m, fact))  # `X, right cataract`
    proposed = one.supposed or fact.start >= clause.supposed
    if proposed and not any(item.kind == "condition" for item in one.items):
        return NOTHING
    if not one.items or all(item.kind in SERIES for item in one.items):
        return NOTHING  # what is not in the record is said so already
    words = {w.norm for w in clause.words[one.start : one.end]} - FILLING - SIDES.keys()
    about = _of_reason(clause, named, one, words) or one.items
    bearing = [item for item in about if holds.has_side(item, fact, words)]
    wrong = "" if bearing else "the record has another side, or none"
    ids = ids_of(bearing or one.items[:1])
    return at(clause, fact.start, fact.end, "laterality", ids, wrong)
