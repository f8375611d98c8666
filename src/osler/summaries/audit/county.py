"""Claims about the county: every figure must be that of the measure that is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import norms, tokens, word_set

OF_COUNTY = re.compile(
    r"(?i)\bcounty(?:'s|wide)?\b|\bresidents\b|\bamong adults\b|\bpublic health\b"
)
FILLING = word_set("the of a an in among adult and or to for on by is at with from years past")
ENOUGH = 0.6
"""Share of a measure's words that a sentence must have to speak of it."""


def is_of_county(clause: Clause) -> bool:
    """Whether a clause speaks of where the patient lives, not of the patient."""
    if clause.context.kind == "county":
        return True
    return "%" in clause.text and OF_COUNTY.search(clause.text) is not None


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each number of the clause, held against the measures that it names."""
    numbers = [token for token in tokens(clause.text) if token.number is not None]
    if not numbers:
        return
    items = list(_named(clause, ledger))
    known = {number for item in items for number in item.numbers}
    for token in numbers:
        assert token.number is not None
        right = any(abs(token.number - number) <= 0.5001 * 10**-token.decimals for number in known)
        wrong = "" if right else "no figure of the county's measure" if items else NO_MEASURE
        ids = tuple(dict.fromkeys(id for item in items for id in item.ids))
        start = clause.offset + token.start
        yield Claim("county figure", start, clause.offset + token.end, ids, wrong)


NO_MEASURE = "no measure of the county that this can be of"


def _named(clause: Clause, ledger: Ledger) -> Iterator[Evidence]:
    said = set(norms(clause.text))
    for item in ledger.of("county"):
        words = set(norms(item.name)) - FILLING
        if words and len(words & said) / len(words) >= ENOUGH:
            yield item
