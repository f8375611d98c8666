"""When something began, where FHIR lets it be a date, an age, a range, words, or nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from osler.records.fhir_known import Known
from osler.records.fhir_shapes import (
    AllergyIntolerance,
    Condition,
    MedicationRequest,
    MedicationStatement,
    Procedure,
)
from osler.records.fhir_types import Period, Quantity, ReferenceRange
from osler.records.moments import Moment, read_moment
from osler.records.names import one_line

UNITS = {
    "": "year", "a": "year", "y": "year", "yr": "year", "yrs": "year", "year": "year",
    "years": "year", "mo": "month", "month": "month", "months": "month", "wk": "week",
    "week": "week", "weeks": "week", "d": "day", "day": "day", "days": "day",
}  # fmt: skip
"""UCUM's units of an age, and how people write them."""
DAYS = {"month": 30.44, "week": 7.0, "day": 1.0}
OLDEST = 150.0
"""Years; an age above is none."""
YEAR = re.compile(
    r"(?i)(?:in |since )?"
    r"(?P<about>(?:about|around|approximately|approx\.?|circa|ca?\.?|~) ?)?(?P<year>\d{4})\.?"
)
AGE = re.compile(
    r"(?i)(?:at |since )?(?:the )?(?:(?:about|around) )?"
    r"(?:age (?:of )?(?P<a>\d{1,3})|(?P<b>\d{1,3})[ -]?(?:years?|yrs?|y/?o)[ -](?:old|of age))\.?"
)


def onset(resource: Condition | AllergyIntolerance, known: Known, what: str = "onset") -> Moment:
    """When a condition or allergy began: what is said of that, else the day of its record."""
    born = known.born(resource)
    words = one_line(resource.onset_string)
    return (
        _dated(known, resource.onset_date_time, resource.onset_period, what)
        or at_age(resource.onset_age, born)
        or _in_range(resource.onset_range, born)
        or in_words(words, born)
        or (unknown(born, words) if _tells(words) else None)
        or known.moment_or_none(resource.recorded_date, what)
        or unknown(born)
    )


def abated(resource: Condition, known: Known) -> Moment | None:
    """When a condition ended, where that is said as a date or an age."""
    period = resource.abatement_period
    text = resource.abatement_date_time or (period.end or period.start if period else "")
    born = known.born(resource)
    return known.moment_or_none(text, "abatement") or at_age(resource.abatement_age, born)


def ordered(resource: MedicationRequest, known: Known) -> Moment:
    """When a medicine was ordered, or may be given from."""
    valid = resource.dispense_request and resource.dispense_request.validity_period
    repeats = [d.timing.repeat for d in resource.dosage_instruction if d.timing]
    bounds = next((r.bounds_period for r in repeats if r and r.bounds_period), None)
    return (
        _dated(known, resource.authored_on, valid, "authoredOn")
        or _dated(known, "", bounds, "bounds")
        or unknown(known.born(resource))
    )


def taken(resource: MedicationStatement, known: Known) -> Moment:
    """Since when a medicine is taken, as stated; else the day on which it was stated."""
    return (
        _dated(known, resource.effective_date_time, resource.effective_period, "effective date")
        or known.moment_or_none(resource.date_asserted, "dateAsserted")
        or unknown(known.born(resource))
    )


def performed(resource: Procedure, known: Known) -> Moment:
    """When something was done."""
    born, words = known.born(resource), one_line(resource.performed_string)
    return (
        _dated(known, resource.performed_date_time, resource.performed_period, "performed date")
        or at_age(resource.performed_age, born)
        or _in_range(resource.performed_range, born)
        or in_words(words, born)
        or unknown(born, words)
    )


def _dated(known: Known, text: str, period: Period | None, what: str) -> Moment | None:
    """A date, or the start of a period."""
    return known.moment_or_none(text or (period.start if period else ""), what)


def unknown(born: date, words: str = "") -> Moment:
    """No date: in order of time it stands at the birth, so that it is never still to come.

    `words`: the source's own, kept where no number in them could be taken for another's.
    """
    return Moment(born, None, "unknown", words if _tells(words) else "")


def _tells(words: str) -> bool:
    return bool(words) and not any(c.isdigit() for c in words)


def at_age(age: Quantity | None, born: date) -> Moment | None:
    """The first day of an age. Which of two years it was depends on the day of birth."""
    if age is None or age.value is None or age.value < 0:
        return None
    unit = UNITS.get((age.code or age.unit).strip().lower())
    if unit is None or (unit == "year" and age.value > OLDEST):
        return None
    if unit != "year":
        days = age.value * DAYS[unit]
        return Moment(born + timedelta(days), None, "about") if days < OLDEST * 366 else None
    return Moment(_birthday(born, int(age.value)), None, "about")


def _birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:  # 29 February
        return born.replace(year=born.year + years, day=28)


def _in_range(found: ReferenceRange | None, born: date) -> Moment | None:
    """Of ages, where it is narrow enough to be a date."""
    low, high = (found.low, found.high) if found else (None, None)
    first, last = at_age(low, born), at_age(high, born)
    return first if first and last and last.day.year - first.day.year <= 1 else None


def in_words(words: str, born: date) -> Moment | None:
    """`2014-05`, `in 2010`, `about 2010`, `at age 40`; None for what is no date."""
    try:
        return read_moment(words)
    except ValueError:
        pass
    if found := YEAR.fullmatch(words):
        if not born.year <= int(found["year"]) <= date.max.year:
            return None
        day = max(date(int(found["year"]), 1, 1), born)
        return Moment(day, None, "about" if found["about"] else "year")
    if found := AGE.fullmatch(words):
        return at_age(Quantity(value=float(found["a"] or found["b"]), unit="a"), born)
    return None
