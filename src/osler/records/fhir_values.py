"""What was measured: FHIR's value[x] and its reference range."""

from __future__ import annotations

from osler.records.fhir_known import code_of
from osler.records.fhir_shapes import Observation, Value
from osler.records.fhir_types import Period, Ratio, ReferenceRange
from osler.records.fhir_types import Quantity as Given
from osler.records.names import one_line
from osler.records.record import Quantity, Range
from osler.records.units import readable, unit_of

Holder = Value | Observation


def value_of(holder: Holder) -> Quantity | str | None:
    """A quantity, or words."""
    given = holder.value_quantity
    if given and given.value is not None:
        return Quantity(given.value, _unit(given), given.comparator)
    if holder.value_codeable_concept:
        return code_of(holder.value_codeable_concept, "value").text
    if holder.value_string:
        return one_line(holder.value_string) or None
    if holder.value_integer is not None:
        return Quantity(float(holder.value_integer), "")
    if holder.value_boolean is not None:
        return "Yes" if holder.value_boolean else "No"
    return _words(holder) or None


def _unit(given: Given) -> str:
    return one_line(unit_of(given.code or given.unit))


def _words(holder: Holder) -> str:
    """What is no single number, as text."""
    if holder.value_range:
        return _range(holder.value_range)
    if holder.value_ratio:
        return _ratio(holder.value_ratio)
    if holder.value_period:
        return _period(holder.value_period)
    return one_line(holder.value_date_time or holder.value_time)


def _range(found: ReferenceRange) -> str:
    """`3 to 4 mg/dL`, `at least 3`, `up to 4`."""
    low, high = _number(found.low), _number(found.high)
    unit = next((readable(_unit(q)) for q in (found.high, found.low) if q and _unit(q)), "")
    said = f"{low} to {high}" if low and high else f"at least {low}" if low else f"up to {high}"
    return f"{said} {unit}".strip() if low or high else ""


def _ratio(found: Ratio) -> str:
    """`1:128`; with units `5 mg per 1 mL`."""
    both = [found.numerator, found.denominator]
    numbers, units = [_number(q) for q in both], [readable(_unit(q)) if q else "" for q in both]
    if not all(numbers):
        return ""
    if not any(units):
        return ":".join(numbers)
    return " per ".join(f"{n} {u}".strip() for n, u in zip(numbers, units, strict=True))


def _number(given: Given | None) -> str:
    return f"{given.comparator}{given.value:g}" if given and given.value is not None else ""


def _period(found: Period) -> str:
    ends = (one_line(found.start), one_line(found.end))
    return " to ".join(end for end in ends if end)


def range_of(holder: Holder) -> Range | None:
    """The first reference range."""
    for found in holder.reference_range:
        low, high = found.low, found.high
        return Range(low.value if low else None, high.value if high else None)
    return None
