"""`And 20 more labs, none known to be out of range.`: what a list leaves untold, counted."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.panels import PRESSURE, loinc
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Spoken

REST = re.compile(
    r"(?i)^and (?P<number>\d{1,4}) more"
    r"(?: (?:(?P<lab>labs?(?: results?)?)|(?P<vital>vital signs?)))?"
    r"(?P<well>,? (?:(?:none|not)(?: of (?:them|these))?(?: is| are)?(?: known to be)? "
    r"out of range|within range or without one))?\W*$"
)


def claims(said: Spoken, before: Iterable[Claim], ledger: Ledger) -> tuple[Claim, ...]:
    """How many there are beside those of which the section has told, and whether none of them is
    out of range. Nothing for any other sentence.

    `before`: the claims of the section up to this sentence.
    """
    found = REST.match(said.text)
    if not found:
        return ()
    kind = next((kind for kind in ("lab", "vital") if found[kind]), said.context.kind)
    if kind not in ("lab", "vital"):
        return ()
    left = untold((kind,), {id for claim in before for id in claim.ids}, ledger)
    ids = tuple(item.ids[0] for item in left)
    right = int(found["number"]) in (len(left), lines(left))
    many = "" if right else f"beside those that are told, the record has {lines(left)}"
    counted = Claim("number", *found.span("number"), ids, many)
    out = [item for item in left if item.flag]
    if not found["well"] or not out:
        return (counted,)
    names = ", ".join(dict.fromkeys(item.name for item in out[:4]))
    why = f"out of range at the latest look: {names}"
    of_out = tuple(item.ids[0] for item in out)
    return counted, Claim("false reassurance", *found.span("well"), of_out, why)


def untold(kinds: Sequence[str], told: Container[str], ledger: Ledger) -> list[Evidence]:
    """What there is of some kinds beside these entries."""
    return [item for item in ledger.of(*kinds) if not any(id in told for id in item.ids)]


def lines(items: list[Evidence]) -> int:
    """How many lines they take: the two values of a blood pressure take one."""
    pressure = sum(loinc(item) in PRESSURE for item in items)
    return len(items) - max(pressure - 1, 0)
