"""What a measurement did: rose, fell, improved, held against its values; and the only one that is
out of range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger, Value
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import NEVER

CHANGES = re.compile(
    r"(?i)\b(?:(?P<up>trend(?:s|ed|ing) (?:up\w*|higher)|ris(?:es|en|ing)|rose|"
    r"(?:went|gone|going|crept|creeping|moved|drift(?:ed|ing)) up\w*|climb(?:s|ed|ing)|"
    r"(?:has|have|had) (?:(?:slightly|markedly|since|now|also) )?increased|increas(?:es|ing)|"
    r"increased (?=from|by|since|to)|up (?=from)|higher than (?=before|last|previous|prior|at the|"
    r"in|on))|"
    r"(?P<down>trend(?:s|ed|ing) (?:down\w*|lower)|fall(?:s|en|ing)|fell|dropp(?:ed|ing)|drops|"
    r"(?:went|gone|going|come|came|coming|moved|drift(?:ed|ing)) down\w*|declin(?:es|ed|ing)|"
    r"(?:has|have|had) (?:(?:slightly|markedly|since|now|also) )?(?:decreased|lowered)|"
    r"decreas(?:es|ing)|decreased (?=from|by|since|to)|down (?=from)|"
    r"lower than (?=before|last|previous|prior|at the|in|on))|"
    r"(?P<better>improv(?:es|ed|ing)|(?:got(?:ten)?|getting) better|better than (?=before|last))|"
    r"(?P<worse>worsen(?:s|ed|ing)|(?:got(?:ten)?|getting) worse|deteriorat(?:es|ed|ing)|"
    r"worse than (?=before|last)))\b"
)
"""Verbs of change -> which way."""
OVER_TIME = re.compile(r"(?i)\b(?:trend\w*|over (?:time|the)|steadily|gradually|years|months)\b")
"""Words of a change over more than the last two values."""
DENIED = re.compile(
    r"(?i)\b(?:not|no|never|without|risk|if|should|may|might|could|would|to|goal|aim|help|"
    r"expect\w*|"
    r"until|whether|when|kidney function|symptoms?)\s+(?:\w+\s+){0,2}$|n['’]t\s+(?:\w+\s+){0,2}$"
)
NUMBER = re.compile(r"(?<![\w/.,×^*-])-?\d[\d,]*(?:\.\d+)?(?!\d*[⁰¹²³⁴-⁹^*])")
"""No part of a unit, as of mL/min/1.73 m² and ×10³/µL."""


def claims(clause: Clause, named: Sequence[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Each change that is told of, and what is called the only value out of range."""
    yield from _only(clause, named, ledger)
    for found in CHANGES.finditer(clause.text):
        if found.start() >= clause.supposed or DENIED.search(clause.text[: found.start()]):
            continue
        _take(clause, found)
        item = _subject(clause, found, named)
        if item is None:
            continue
        pair = _compared(clause, found, item)
        if pair and _is_so(str(found.lastgroup), *pair, item) is False:
            wrong = f"{item.name} was {pair[0]:g} and then {pair[1]:g}"
            yield at(clause, *found.span(), _kind(item), item.ids[:2], wrong)
        elif pair:
            yield at(clause, *found.span(), _kind(item), item.ids[:2])


def _take(clause: Clause, found: re.Match[str]) -> None:
    """A verb of change is no flag: `has increased`."""
    for place, word in enumerate(clause.words):
        if found.start() <= word.start < found.end():
            clause.taken.add(place)


def _kind(item: Evidence) -> str:
    return "vital" if item.kind == "vital" else "lab"


def _subject(clause: Clause, found: re.Match[str], named: Sequence[Mention]) -> Evidence | None:
    """The one series that is named last before the verb."""
    before = [one for one in named if one.last(clause) <= found.start() and not one.modifier]
    items = [i for i in before[-1].items if i.kind in ("lab", "vital")] if before else []
    only = items[0] if len(items) == 1 else None
    return only if only and len(numbers(only)) > 1 else None


def numbers(item: Evidence) -> list[tuple[Value, float]]:
    """The values that are numbers, in the unit of the latest; the newest first."""
    values = [v for v in item.values if not isinstance(v.value, str)]
    return [(v, float(v.value)) for v in values if v.unit == values[0].unit]


def _compared(clause: Clause, found: re.Match[str], item: Evidence) -> tuple[float, float] | None:
    """The value before and the value after: those that are named, or the last two."""
    behind = clause.text[found.end() :]
    said = [
        float(n[0].replace(",", ""))
        for n in NUMBER.finditer(behind)
        if not any(d.start <= found.end() + n.start() < d.end for d in clause.dates)
    ]
    if len(said) > 1 and re.match(r"\s*from\b", behind):
        return said[0], said[1]
    values = numbers(item)
    if len(said) == 1 and re.match(r"\s*to\b", behind):
        return _last_step_to(said[0], values)
    first = [when for when in clause.dates if when.low != NEVER and when.start >= found.end()]
    if first:
        old = [number for v, number in values[1:] if within(v.at, first[0])]
        if len(first) > 1 or not old:
            return None
        return old[0], values[0][1]
    if said:
        return None
    if OVER_TIME.search(clause.text) and found.lastgroup in ("up", "down"):
        whole = (values[-1][1], values[0][1])
        if _is_so(found.lastgroup, *whole, item):
            return whole
    return values[1][1], values[0][1]


def _last_step_to(said: float, values: list[tuple[Value, float]]) -> tuple[float, float] | None:
    """`fell to 104.6`: the value that was reached last, and the one before it."""
    for (_, new), (_, old) in pairwise(values):
        if abs(new - said) <= HALF * 10 ** -_decimals(said):
            return old, new
    return None


HALF = 0.5000001
"""Of the last digit that is said, by which rounding may change a value."""


def _decimals(number: float) -> int:
    return len(f"{number:g}".partition(".")[2])


def _is_so(way: str, old: float, new: float, item: Evidence) -> bool | None:
    """Whether it went that way; None where better and worse cannot be told."""
    if way in ("up", "down"):
        return new > old if way == "up" else new < old
    limits = item.reference
    if limits is None:
        return None
    if limits.low is None or limits.high is None:  # the further from the only limit, the better
        well = new > old if limits.high is None else new < old
        return well == (way == "better") if new != old else False
    before, after = (outside(n, limits.low, limits.high) for n in (old, new))
    if before == after == 0:
        return None
    return after < before if way == "better" else after > before


def outside(number: float, low: float | None, high: float | None) -> float:
    """How far a value is out of range."""
    return max(low - number if low is not None else 0, number - high if high is not None else 0, 0)


BAD = (
    r"(?:abnormal\w*|out[- ]of[- ](?:the )?(?:normal |reference )?range|flagged|"
    r"outside (?:the )?(?:normal |reference )?(?:range|limits))"
)
LABS = r"(?:labs?|laborator\w+|results?|values?|tests?|findings?|blood tests?)"
ONLY = re.compile(
    rf"(?i)\b(?:only|sole|single|one)\s+(?:recorded |current |latest )?(?:{BAD} (?:\w+ )?{LABS}|"
    rf"{LABS} (?:\w+ )?(?:that (?:is|was) )?{BAD})|\b(?:only|solely)\b[^.;]*\b(?:is|was|are|were) "
    rf"(?:found |noted )?{BAD}|{BAD}[^.;]*\b(?:only|solely)\b"
)


def _only(clause: Clause, named: Sequence[Mention], ledger: Ledger) -> Iterator[Claim]:
    """`the only abnormal lab is her LDL`: whether no other is out of range."""
    found = ONLY.search(clause.text)
    told = [i for one in named for i in one.items if i.kind in ("lab", "vital")]
    if not found or found.start() >= clause.supposed or not told or clause.dates:
        return
    others = [i for i in ledger.of("lab") if i.flag and all(i is not own for own in told)]
    wrong = f"out of range, too: {', '.join(i.name for i in others[:4])}" if others else ""
    ids = tuple(i.ids[0] for i in others or told)
    yield at(clause, *found.span(), "false reassurance", ids, wrong)
