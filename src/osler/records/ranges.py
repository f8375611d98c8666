"""What is normal: reference ranges by age and sex, and whether a value lies outside.

The range that a laboratory sent with the value comes first. Else one is taken from
`assets/records/reference_ranges.tsv`, each row of which names its sources; they are cited in
`reference_sources.tsv`, with their kind: a 'reference range' is where most healthy people's values
lie, a 'category' a published limit of what is called normal. No row is a target of treatment: an
INR of 2.5 or an LDL of 60 mg/dL may be just what is wanted. Where no range is known, none is made
up, and nothing is flagged.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from osler.records.record import Observation, Quantity
from osler.records.tables import Cells, read_table
from osler.records.units import canonical, convert

WITH_THE_VALUE = "with the value"
"""The source of a range that came with its value."""

DAYS = {"d": 1.0, "mo": 30.4375, "y": 365.25}
"""Units of age in the table; a month and a year as in UCUM (Julian)."""

PURE_NUMBERS = ("{INR}", "[pH]", "{T-score}")
"""Units that many leave out, or write as '1'."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Limits that are still normal, in the unit of the value that they are for."""

    low: float | None
    high: float | None
    unit: str
    source: str
    """'with the value', or the short names of sources, parted by '; '."""
    decimals: int | None = None
    """Digits behind the point to which the limits are known; None where they stand as they are."""


@dataclass(frozen=True, slots=True)
class Band:
    """A row of the table: whom it is for (ages in days, `to` not included), and the limits."""

    sex: str
    start: int
    to: float
    low: float | None
    high: float | None
    unit: str
    source: str
    decimals: int


def age_days(born: date, on: date) -> int:
    """Age in days. ValueError for someone not yet born."""
    if on < born:
        raise ValueError("not born yet")
    return (on - born).days


def reference_for(observation: Observation, person_sex: str, age_days: int) -> Reference | None:
    """The range for a value, in the value's own unit.

    `person_sex`: female, male, other or unknown; without one of the first two the wider of both
    ranges is taken, so that what is flagged lies outside for everybody. `age_days`: on the day of
    the observation. None for text, where no range is known, where the unit is none or another
    kind of unit, and for a number that cannot be right in its unit (`implausible`).
    """
    value = observation.value
    if not isinstance(value, Quantity):
        return None
    own = observation.reference
    if own is not None and (own.low is not None or own.high is not None):
        return Reference(own.low, own.high, value.unit, WITH_THE_VALUE)
    code = observation.code
    if code.system != "LOINC" or implausible(observation):
        return None
    return _from_table(code.value, value.unit, _sex(person_sex), _band_days(code.value, age_days))


def implausible(observation: Observation) -> bool:
    """True for a number that nobody alive has in the unit that is written with it.

    Most often the unit is wrong (63 g/dL of protein is 63 g/L), so the value tells nothing. The
    limits are in `possible_values.tsv`, far outside of what is survived.
    """
    value, code = observation.value, observation.code
    if not isinstance(value, Quantity) or code.system != "LOINC" or code.value not in _possible():
        return False
    low, high, unit = _possible()[code.value]
    found = convert(value.value, value.unit, unit, code.value)
    return found is not None and not low <= found <= high


def doubtful(observation: Observation) -> bool:
    """True for a number that tells nothing: its unit is not known, or it cannot be in its unit."""
    value = observation.value
    if not isinstance(value, Quantity):
        return False
    return bool(value.unit and canonical(value.unit) is None) or implausible(observation)


def flag(observation: Observation, reference: Reference | None) -> str:
    """'low', 'high' or ''. A value at a limit is within; text and what has no range get none.

    Value and limit are compared to the digits that both have: 99.4 mg/dL is not above 99, and
    1.4 not above 1.35. A value that looks whole may have lost its zeros, so a limit is never
    rounded to whole numbers for it: 6 is above 5.6.
    """
    value = observation.value
    if reference is None or not isinstance(value, Quantity) or not math.isfinite(value.value):
        return ""
    number, digits = Decimal(repr(value.value)), _digits(value, reference)
    number = _round(number, digits)
    if reference.low is not None and number < _round(Decimal(repr(reference.low)), digits):
        return "low"
    if reference.high is not None and number > _round(Decimal(repr(reference.high)), digits):
        return "high"
    return ""


def _digits(value: Quantity, reference: Reference) -> int | None:
    """Digits behind the point that a value and its limits both have; None: all are compared."""
    most = reference.decimals
    own = _decimals(Decimal(repr(value.value)))
    return most if most is None else min(most, own or most)


def rounded_to(observation: Observation, reference: Reference | None) -> int | None:
    """To how many digits a value had to be compared to be within, though as it stands it is beyond
    a limit: 47.4 % of 36 to 47. None for any other value."""
    value = observation.value
    if reference is None or not isinstance(value, Quantity) or flag(observation, reference):
        return None
    exact = flag(observation, replace(reference, decimals=None))
    return _digits(value, reference) if exact else None


def citation(source: str) -> str:
    """The sources of a Reference in full; a range that came with its value has none."""
    cited = _sources()
    return "; ".join(cited.get(name, name) for name in source.split("; "))


def _decimals(number: Decimal) -> int:
    """Digits behind the point, without zeros at the end."""
    return max(0, -int(number.normalize().as_tuple().exponent))


def _round(number: Decimal, digits: int | None) -> Decimal:
    if digits is None:
        return number
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _sex(person_sex: str) -> str:
    return person_sex if person_sex in ("female", "male") else ""


def _band_days(loinc: str, age: int) -> int:
    """The first day of the narrowest age band around an age, so that few cases are kept."""
    starts = [b.start for b in _bands().get(loinc, ()) if b.start <= age]
    ends = [int(b.to) for b in _bands().get(loinc, ()) if b.to <= age]
    return max([*starts, *ends], default=age if age < 0 else 0)


@lru_cache(maxsize=16384)
def _from_table(loinc: str, unit: str, sex: str, age: int) -> Reference | None:
    """The table's range, in a unit. Without a sex, the wider of both."""
    fitting = [band for band in _bands().get(loinc, ()) if band.start <= age < band.to]
    fitting = [band for band in fitting if band.sex == "any" or sex in ("", band.sex)]
    references = [_in_unit(band, unit, loinc) for band in fitting]
    found = [reference for reference in references if reference is not None]
    if not found or (not sex and {band.sex for band in fitting} in ({"female"}, {"male"})):
        return None
    return found[0] if len(found) == 1 else _wider(found)


def _wider(found: list[Reference]) -> Reference:
    """What holds all the ranges."""
    lows = [one.low for one in found if one.low is not None]
    highs = [one.high for one in found if one.high is not None]
    names = dict.fromkeys(name for one in found for name in one.source.split("; "))
    return Reference(
        min(lows) if len(lows) == len(found) else None,
        max(highs) if len(highs) == len(found) else None,
        found[0].unit,
        "; ".join(names),
        max(one.decimals or 0 for one in found),
    )


def _in_unit(band: Band, unit: str, loinc: str) -> Reference | None:
    """A row in a value's own unit; None where that cannot be."""
    if canonical(unit) == band.unit or (band.unit in PURE_NUMBERS and unit in ("", "1")):
        return Reference(band.low, band.high, unit, band.source, band.decimals)
    one, two = (convert(at, band.unit, unit, loinc) for at in (1.0, 2.0))
    if one is None or two is None:
        return None
    # A limit keeps the digits that it has, to within a factor of two: 99 mg/dL is 5.5 mmol/L.
    step = 2 * abs(two - one) * 10.0**-band.decimals
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))

    def limit(value: float | None) -> float | None:
        moved = None if value is None else convert(value, band.unit, unit, loinc)
        return None if moved is None else float(_round(Decimal(repr(moved)), decimals))

    return Reference(limit(band.low), limit(band.high), unit, band.source, decimals)


def days(age: str) -> int:
    """'28d', '6mo' and '18y' in days, rounded down, so that a birthday always counts."""
    found = re.fullmatch(r"(\d+)(d|mo|y)", age)
    if found is None:
        raise ValueError(f"no age: {age}")
    return math.floor(int(found[1]) * DAYS[found[2]])


def _band(row: Cells) -> Band:
    limits = [row[name] for name in ("low", "high")]
    low, high = (float(text) if text else None for text in limits)
    decimals = max(len(text.partition(".")[2]) for text in limits)
    start, to = days(row["from"]), float(days(row["to"])) if row["to"] else math.inf
    return Band(row["sex"], start, to, low, high, row["unit"], row["source"], decimals)


@cache
def _bands() -> dict[str, tuple[Band, ...]]:
    """LOINC code -> its rows."""
    bands: dict[str, list[Band]] = defaultdict(list)
    for row in read_table("reference_ranges"):
        for code in row["codes"].split():
            bands[code].append(_band(row))
    return {code: tuple(some) for code, some in bands.items()}


@cache
def _sources() -> dict[str, str]:
    return {row["source"]: row["citation"] for row in read_table("reference_sources")}


@cache
def _possible() -> dict[str, tuple[float, float, str]]:
    """LOINC code -> the least and the most that can be, and their unit."""
    return {
        code: (float(row["low"]), float(row["high"]), row["unit"])
        for row in read_table("possible_values")
        for code in row["codes"].split()
    }
