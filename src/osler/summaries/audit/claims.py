"""What a sentence claims, each claim traced to entries of the record or found wrong."""

from __future__ import annotations

import re

from osler.summaries.audit import (
    absence,
    attributes,
    county,
    derived,
    doses,
    existence,
    person,
    removed,
    seen,
    steady,
    tolerance,
    trends,
    unknown,
    visits,
)
from osler.summaries.audit.context import context_of
from osler.summaries.audit.evidence import Ledger
from osler.summaries.audit.mentions import Clause, Mention, clause_of, mentions
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Spoken

CLAUSES = re.compile(r"(?<=;)\s*(?![^()]*\))")
"""Where a clause ends: a semicolon that is not within brackets."""


def claims(said: Spoken, ledger: Ledger) -> tuple[Claim, ...]:
    """All claims of a sentence."""
    found: list[Claim] = []
    before: list[Mention] = []
    start = 0
    for text in CLAUSES.split(said.text):
        clause = clause_of(text, said.text.index(text, start) if text else start, said.context)
        start = clause.offset + len(text)
        clause.earlier = [item for one in before for item in one.items]
        if county.is_of_county(clause):
            found += county.claims(clause, ledger)
            found += unknown.claims(clause, ledger)
            continue
        found += person.claims(clause, ledger)
        named = mentions(clause, ledger)
        found += absence.claims(clause, named, ledger)
        found += tolerance.claims(clause, named)
        found += removed.claims(clause, ledger)
        found += visits.claims(clause, ledger)
        found += seen.claims(clause, named, ledger)
        found += derived.claims(clause, named, ledger)
        found += trends.claims(clause, named, ledger)
        found += steady.claims(clause, named, ledger)
        found += doses.claims(clause, named, ledger)
        heads = _heads(clause, named)
        found += attributes.claims(clause, named, heads or before, ledger)
        found += (existence.claim(clause, one, ledger) for one in named)
        found += unknown.claims(clause, ledger)
        before = heads or before
    return tuple(claim for claim in found if claim.kind)


def _heads(clause: Clause, named: list[Mention]) -> list[Mention]:
    """The things that a clause is about; where the lines above name their kind, of that kind."""
    heads = [one for one in named if one.items and not one.negated and not one.modifier]
    kind = context_of(clause).kind
    return [one for one in heads if any(i.kind == kind for i in one.items)] or heads
