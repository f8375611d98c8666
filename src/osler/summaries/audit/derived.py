"""Numbers that follow from recorded ones: a body mass index, a change in percent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.records.units import convert
from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.panels import loinc
from osler.summaries.audit.result import Claim
from osler.summaries.audit.trends import CHANGES, numbers
from osler.summaries.audit.words import NEVER

WEIGHT, HEIGHT, MASS_INDEX = ("29463-7", "3141-9"), ("8302-2", "3137-7"), ("39156-5",)
INDEX = re.compile(
    r"(?i)\b(?:BMI|body mass index)\W*(?:(?:calculated|calculates|comes|works out|is|was|of|to|at|"
    r"as|now|about|approximately|around|roughly|nearly|circa|computed|derived|"
    r"therefore|thus)\W+)*(?P<number>\d\d(?:\.\d+)?)(?![\d/-])"
)
PERCENT = re.compile(
    r"(?i)\s*(?:(?:by|some|about|around|roughly|nearly|almost|approximately|over|more than|up|"
    r"down)\s+)*"
    r"(?P<number>\d+(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)(?!\s*(?:to|from|and now)\s+\d)"
)
"""Behind a verb of change."""
NEAR = 2.0
"""Points of a percentage that rounding may make."""


def claims(clause: Clause, named: Sequence[Mention], ledger: Ledger) -> Iterator[Claim]:
    """Each number that the record does not hold itself, but decides."""
    yield from _mass_index(clause, ledger)
    if "%" not in clause.text and "percent" not in clause.text.lower():
        return
    for found in CHANGES.finditer(clause.text):
        said = PERCENT.match(clause.text, found.end())
        before = [one for one in named if one.last(clause) <= found.start() and not one.modifier]
        items = [i for i in before[-1].items if i.kind in ("lab", "vital")] if before else []
        if said and len(items) == 1 and _unit(items[0]) != "%":
            yield _changed(clause, said, items[0], _way(found))


def _unit(item: Evidence) -> str:
    return item.values[0].unit if item.values else ""


def _way(found: re.Match[str]) -> int:
    return {"up": 1, "down": -1}.get(str(found.lastgroup), 0)


def _changed(clause: Clause, said: re.Match[str], item: Evidence, way: int) -> Claim:
    """`rose by 30 % since 2023`: of the value then; without a day, of any earlier one."""
    values = numbers(item)
    days = [d for d in clause.dates if d.low != NEVER and d.start >= said.end()]
    old = [n for v, n in values[1:] if n and (not days or within(v.at, days[0]))]
    now = [n for v, n in values if len(days) > 1 and within(v.at, days[1])]
    new = now[0] if now else values[0][1] if values else 0.0
    changes = [100 * (new - n) / abs(n) for n in old]
    number = float(said["number"])
    right = any(abs((way or (1 if c > 0 else -1)) * c - number) <= NEAR for c in changes)
    _take(clause, said.span("number"))
    wrong = "" if right else f"{item.name} has changed by another part"
    kind = "vital" if item.kind == "vital" else "lab"
    return at(clause, *said.span("number"), kind, item.ids[:2], wrong)


def _mass_index(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """`BMI about 30.4`, where the record has weight and height alone."""
    found = INDEX.search(clause.text)
    if found is None or found.start() >= clause.supposed or _latest(MASS_INDEX, "kg/m2", ledger):
        return
    weight, height = _latest(WEIGHT, "kg", ledger), _latest(HEIGHT, "m", ledger)
    if weight is None or height is None or not height[1]:
        return
    index = weight[1] / height[1] ** 2
    decimals = len(found["number"].partition(".")[2])
    right = abs(index - float(found["number"])) <= max(0.5001 * 10**-decimals, 0.1)
    _take(clause, found.span("number"))
    wrong = "" if right else f"weight and height give {index:.1f}"
    ids = (weight[0].ids[0], height[0].ids[0])
    yield at(clause, *found.span("number"), "vital", ids, wrong)


def _latest(codes: Sequence[str], unit: str, ledger: Ledger) -> tuple[Evidence, float] | None:
    """The newest value of a measurement, in a unit."""
    for item in ledger.of("vital", "lab"):
        if loinc(item) in codes and item.values and not isinstance(item.values[0].value, str):
            value = item.values[0]
            number = float(item.values[0].value)
            number = number if value.unit == unit else convert(number, value.unit, unit, codes[0])
            if number is not None:
                return item, number
    return None


def _take(clause: Clause, span: tuple[int, int]) -> None:
    """The number and its unit are looked at no more."""
    for place, word in enumerate(clause.words):
        if span[0] <= word.start < span[1] or clause.text[span[1] : word.end].strip() == "%":
            clause.taken.add(place)
