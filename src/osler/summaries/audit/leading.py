"""Dates that stand apart from what they are of: in front of it, or behind a whole series."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.words import When

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


ARROW = re.compile(r"\s*(?:→|->|⇒|=>)\s*")
SERIES_OF = re.compile(
    r"(?<![-−\d.,])(?P<values>[-−\d.,]+(?:\s*(?:→|->|⇒)\s*[-−\d.,]+)+)[^()\d]*\((?P<dates>[^()]*)\)"
)
"""`194 → 186 → 206 (8/28/20, 8/27/22, 8/29/24)`."""


def of_series(clause: Clause, place: int) -> When | None:
    """The date of a value in a series that has as many dates in brackets behind it."""
    if not any(arrow in clause.text for arrow in ("→", "->", "⇒", "=>")):
        return None
    at = clause.words[place].start
    for found in SERIES_OF.finditer(clause.text):
        days = [d for d in clause.dates if found.start("dates") <= d.start < found.end("dates")]
        values = ARROW.split(found["values"])
        if found.start("values") <= at < found.end("values") and len(days) == len(values):
            return days[len(ARROW.findall(clause.text, found.start("values"), at))]
    return None


FROM_TO = re.compile(
    r"(?i)\b(?:from|between)\s+(?P<first>[-−\d.,]+)[^\d()]{0,16}?\s(?:to|and)\s+(?P<second>[-−\d.,]+)"
)
WITHIN = re.compile(r"(?i)\s*(?:and|to|until|till|through|[-–])\s*")


def of_change(clause: Clause, place: int) -> When | None:
    """`from 4.8 to 5.7 between May 2023 and May 2025`: the first value is of the first day."""
    if len(clause.dates) != 2:
        return None
    first, second = clause.dates
    if not WITHIN.fullmatch(clause.text, first.end, second.start):
        return None
    word = clause.words[place]
    for found in FROM_TO.finditer(clause.text):
        if first.start <= found.start("first") < second.end:
            continue
        for name, day in (("first", first), ("second", second)):
            if found.start(name) <= word.start < found.end(name):
                return day
    return None


RESPECTIVELY = re.compile(r"(?i)\brespectively\b|\bin (?:that|this) order\b|\bin turn\b")


def respectively(clause: Clause, heads: Sequence[Mention], at: int) -> int | None:
    """`X and Y, first given in 2018 and in 2020, respectively`: the head that a date is of."""
    if RESPECTIVELY.search(clause.text, at) is None:
        return None
    last = max(head.last(clause) for head in heads)
    days = [when.start for when in clause.dates if when.start > last]
    if at not in days or len(days) > len(heads) or len(days) < 2:
        return None
    return len(heads) - len(days) + days.index(at)
