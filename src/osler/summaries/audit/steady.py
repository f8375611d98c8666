"""What is said to be as it was: unchanged, at baseline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.summaries.audit import panels
from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.trends import DENIED, numbers, outside

AS_IT_WAS = re.compile(
    r"(?i)\b(?:(?P<before>no (?:significant |relevant |interval )?"
    r"changes? in|unchanged(?= [a-z]))|unchanged|unaltered|"
    r"(?:has|have|is|are|was|were|did)(?: not|n['’]t) (?:really |significantly )?changed?|"
    r"(?:the )?same as (?:before|previously|last (?:visit|year|time))|"
    r"(?P<baseline>(?:at|near|around|close to|(?:back|down|up|return(?:ed|s|ing)|recovered|"
    r"restored|come back|gone back) to|within)\s+(?:(?:her|his|its|their|the|usual|known|chronic|"
    r"previous|prior|own|old)\s+)*baseline))\b(?!\s+(?:value|of \d|was|creatinine|in 2|\())"
)
BETWEEN = re.compile(
    r"(?i)[^,;]{0,50}|.*,\s*(?:(?:is|are|was|and|remains?|still|now|which|also|has)\s+)*"
)
"""Between what was measured and that it is as it was."""
MOVED = 0.1
"""By how much of itself a value must have changed for nobody to call it unchanged."""


def claims(clause: Clause, named: list[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Each thing that is called unchanged although its last two values say otherwise."""
    for found in AS_IT_WAS.finditer(clause.text):
        if found.start() >= clause.supposed or DENIED.search(clause.text[: found.start()]):
            continue
        if clause.dates:
            continue  # since then, or on that day
        for item in _about(clause, found, named, ledger):
            values = [number for _, number in numbers(item)]
            if len(values) > 1 and _has_moved(item, values, baseline=bool(found["baseline"])):
                wrong = f"{item.name} was {values[1]:g} and then {values[0]:g}"
                yield at(clause, *found.span(), "false reassurance", item.ids[:2], wrong)
                break


def _about(
    clause: Clause, found: re.Match[str], named: list[Mention], ledger: Ledger
) -> tuple[Evidence, ...]:
    """Of what it is said: what was measured that stands before it, or right behind."""
    about = panels.subjects(clause, named, ledger)
    before = [one for one in about if one.end <= found.start()]
    if before and BETWEEN.fullmatch(clause.text, before[-1].end, found.start()):
        return before[-1].items
    behind = [one for one in about if one.start >= found.end()]
    gap = clause.text[found.end() : behind[0].start].strip() if behind else "."
    return behind[0].items if found["before"] and gap in ("", "the", "her", "his") else ()


def _has_moved(item: Evidence, values: Sequence[float], *, baseline: bool) -> bool:
    """Whether the last value is another than the one before; of a baseline, whether it is further
    out of range than any."""
    if abs(values[0] - values[1]) <= MOVED * abs(values[1]):
        return False
    if item.reference is None:
        return not baseline
    far = [outside(number, item.reference.low, item.reference.high) for number in values]
    return far[0] > max(far[1:]) if baseline else far[0] != far[1]
