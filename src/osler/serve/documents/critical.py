"""Values so far out of range that laboratories telephone the treating team about them. By rule.

The limits, those of adults, are `assets/advice/critical_values.tsv`. A value is called critical
only where its name and unit are sure.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from osler.records.ranges import PURE_NUMBERS, implausible
from osler.records.units import canonical, convert
from osler.serve.documents.known import codes_of, labs, observed
from osler.serve.documents.limits import readings


@dataclass(frozen=True, slots=True)
class Critical:
    """Limits of a measure, in a unit."""

    low: float
    high: float
    unit: str

    def side(self, number: float, sign: str) -> str:
        """low or high for a number, or one of which a bound is known, that is as far or farther."""
        if number <= self.low and sign[:1] not in (">", "≥"):
            return "low"
        return "high" if number >= self.high and sign[:1] not in ("<", "≤") else ""


def critical(name: str, value: str, unit: str, sign: str = "") -> str:
    """low or high for a value that is told by telephone; empty for others, and where it is not
    sure what was measured, what its number or its unit is."""
    return beyond(_table(), name, value, unit, sign)


def beyond(table: Mapping[str, Critical], name: str, value: str, unit: str, sign: str = "") -> str:
    """The same by any table of limits."""
    keys = labs(name)
    limits = table.get(keys[0].partition(":")[2]) if len(keys) == 1 else None
    if limits is None:
        return ""
    code = codes_of(name)[0]
    known = canonical(unit) if unit else limits.unit if limits.unit in PURE_NUMBERS else None
    sides = {_side(number, known or "", sign, code, limits) for number in readings(value).values()}
    possible = sides - {None}
    return possible.pop() or "" if len(possible) == 1 else ""


def on_list(name: str) -> bool:
    """Whether a test is one of those that are told by telephone where they are far out."""
    return any(key.partition(":")[2] in _table() for key in labs(name))


def _side(number: float, unit: str, sign: str, code: str, limits: Critical) -> str | None:
    """Of one reading of a number; None where it cannot be."""
    same = number if unit == limits.unit else convert(number, unit, limits.unit, code)
    if same is None or implausible(observed(code, same, limits.unit)):
        return None
    return limits.side(same, sign)


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of limits."""
    path = resources.files("osler") / "assets" / "advice" / name
    return list(csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t"))


def limits_of(row: Mapping[str, str]) -> Critical:
    """The limits of a row; none where its cell is empty."""
    return Critical(float(row["low"] or "-inf"), float(row["high"] or "inf"), row["unit"])


@cache
def _table() -> dict[str, Critical]:
    return {row["measure"]: limits_of(row) for row in rows_of("critical_values.tsv")}
