"""Dates that stand before what they are of: in 2016 with this and in 2019 with that."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.summaries.audit.mentions import Clause, Mention

LEADING = re.compile(
    r"^(?:\s*\((?:[^()]|\([^()]*\))*\))?[\s,]*(?:and|then|and then)?\s*(?:in|on|at|by)?\s*$"
)
NEXT = re.compile(r"(?i)(?:[,;)]|\band)\s*(?:and\s+)?(?:in|on)?\s*$")
TELLS = re.compile(r"(?i)\s*(?::|[-–]\s|\(?(?:for|with)\b)\s*\w")
"""Before and behind a date of which something is told: `and 9/5/23 for a check-up`."""


def dates_lead(clause: Clause, heads: Sequence[Mention]) -> bool:
    """Whether each date stands before what it is of: in 2016 with this and in 2019 with that."""
    first = heads[0].first(clause)
    if all(
        n == 0 or (NEXT.search(clause.text[: when.start]) and TELLS.match(clause.text, when.end))
        for n, when in enumerate(clause.dates)
    ):
        return len(clause.dates) > 1 and clause.dates[0].start < first
    rest = [when for when in clause.dates if when.start > first]
    if not rest or clause.dates[0].start > first:
        return False
    ends = [head.last(clause) for head in heads]
    return all(
        LEADING.match(clause.text[max(e for e in ends if e <= when.start) : when.start])
        for when in rest
        if any(e <= when.start for e in ends)
    )
