"""`And 20 more labs, none known to be out of range.`: what a list leaves untold, counted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osler.summaries.audit.evidence import KINDS_OF_PART, STATUS_OF_PART, Evidence, Ledger
from osler.summaries.audit.panels import PRESSURE, loinc
from osler.summaries.audit.result import Claim
from osler.summaries.audit.sentences import Context, Spoken

COUNTED = {
    "labs": "lab", "vitals": "vital sign", "scores": "score", "resolved": "resolved condition",
    "past_medicines": "past medicine", "encounters": "encounter", "procedures": "procedure",
    "immunizations": "vaccine", "past_care_plans": "past care plan",
}  # fmt: skip
"""Parts of which a list may leave some untold, and what one of them is called."""
REST = re.compile(
    r"(?i)^and (?P<number>\d{1,4}) more"
    rf"(?: (?P<what>{'|'.join(COUNTED.values())})s?(?: results?)?)?"
    r"(?P<well>,? (?:(?:none|not)(?: of (?:them|these))?(?: is| are)?(?: known to be)? "
    r"out of range|within range or without one))?\W*$"
)


def line(part: str, left: int, *, well: bool = False) -> str:
    """`And 20 more labs, none known to be out of range.`; so many are left of a part.

    `well`: none of them is out of range.
    """
    many, none = ("s", "none") if left > 1 else ("", "not")
    said = f", {none} known to be out of range" if well else ""
    return f"- And {left} more {COUNTED[part]}{many}{said}."


LINE = re.compile(r"(?m)^- And \d+ more ")


def counts(text: str) -> bool:
    """Whether a text has such a line."""
    return LINE.search(text) is not None


def claims(said: Spoken, before: Iterable[Claim], ledger: Ledger) -> tuple[Claim, ...]:
    """How many there are beside those of which the section has told, and whether none of them is
    out of range. Nothing for any other sentence.

    `before`: the claims of the section up to this sentence.
    """
    found = REST.match(said.text)
    part = found and _part(found["what"], said.context)
    if not found or not part:
        return ()
    left = untold(part, before, ledger)
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


def _part(what: str | None, context: Context) -> str:
    """Which part is counted: by its name, or by the title above."""
    if what:
        return next(part for part, name in COUNTED.items() if name == what.lower())
    return next(
        (
            part for part in COUNTED
            if context.kind in KINDS_OF_PART[part]
            and STATUS_OF_PART.get(part, context.status) == context.status
        ),
        "",
    )  # fmt: skip


TOLD_BY = {"encounters": "date", "procedures": "procedure"}
"""The class of claim that tells of one of a part, where names are borne out by others, too: a visit
is told by its day, for its name is that of many."""


def untold(part: str, before: Iterable[Claim], ledger: Ledger) -> list[Evidence]:
    """What there is of a part beside what these claims tell of, each of what bears it out best."""
    by = TOLD_BY.get(part)
    told = {c.ids[0] for c in before if c.ids and not c.wrong and by in (None, c.kind)}
    return [item for item in ledger.of_part(part) if not told.intersection(item.ids)]


def lines(items: list[Evidence]) -> int:
    """How many lines they take: the two values of a blood pressure take one."""
    pressure = sum(loinc(item) in PRESSURE for item in items)
    return len(items) - max(pressure - 1, 0)
