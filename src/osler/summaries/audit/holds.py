"""Whether an item of evidence has a fact: a date, a number with its unit, a dose, a side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from osler.records.moments import Moment
from osler.records.units import convert
from osler.summaries.audit.cues import SIDES
from osler.summaries.audit.evidence import Evidence, Value, amount
from osler.summaries.audit.fact import COUNTED, SERIES, SPANS, Fact, Role
from osler.summaries.audit.witnesses import FILLING
from osler.summaries.audit.words import NEVER, When, norms, word_set


def holds(fact: Fact, item: Evidence, on: date) -> bool:
    """Whether a fact is so of an item of evidence."""
    if fact.what == "date":
        return _date_holds(fact, item, on)
    if fact.what == "pair":  # of a medicine; that of two series is in osler.summaries.audit.person
        return {fact.number, fact.second} <= item.numbers
    if fact.what == "frequency":
        return fact.word in item.frequencies
    if fact.what == "hour":  # where the record does not say, it holds
        return not item.hours or fact.word in item.hours
    if fact.what == "flag":
        return item.kind not in SERIES or item.flag == fact.word
    if fact.what == "severity":
        return item.kind != "allergy" or _severity_holds(fact, item)
    if fact.what == "recent":
        days = [(on - moment.day).days for moment in item.starts]
        return item.kind in SERIES or any(day <= fact.number for day in days)
    if fact.what == "form":
        return item.kind != "medicine" or _form_holds(fact.word, item)
    if fact.what == "setting":
        known = SETTINGS_KNOWN & item.words
        return item.kind != "encounter" or not known or fact.word in known
    return _number_holds(fact, item, on)


SETTINGS_KNOWN = word_set("ambulatory inpatient emergency")
FORMS = {
    "oral": word_set("oral tablet capsule lozenge chewable"),
    "injected": word_set(
        "injection injectable syringe injector autoinjector cartridge prefilled pen vial"
    ),
    "skin": word_set("cream ointment gel lotion topical patch transdermal"),
    "inhaled": word_set("inhaler inhalation inhalant actuation actuat nebulizer"),
    "nasal": word_set("nasal"),
}
RELEASES = word_set("extended immediate delayed sustained modified")


def _form_holds(said: str, item: Evidence) -> bool:
    """How it is given, or how fast it is released; where the record does not say, it holds."""
    if said in RELEASES:
        return said in item.words or not item.words & RELEASES
    known = {form for form, words in FORMS.items() if words & item.words}
    return said not in FORMS or not known or said in known


def _severity_holds(fact: Fact, item: Evidence) -> bool:
    """Of the reaction beside it, where one of the allergy's is; else of any."""
    near = set(fact.unit.split()) - FILLING
    own = [severity for words, severity in item.reactions if words & near]
    return fact.word in (own or [severity for _, severity in item.reactions])


def has_side(item: Evidence, fact: Fact, named: set[str]) -> bool:
    """Whether one of an item's texts is of that side, and of the part of the body behind it.

    `named`: words of the thing that is of that side; where some text has them all, it must be it.
    """
    said = [text for text in item.texts if named and named <= text] or item.texts
    for text in said:
        sides = {SIDES[word] for word in text & SIDES.keys()}
        both = fact.word == "bilateral" and {"left", "right"} <= sides
        if (fact.word in sides or both) and (not fact.unit or fact.unit in text):
            return True
    return False


def within(moment: Moment, when: When) -> bool:
    """Whether a moment of an entry can be the date that is written."""
    if when.low == NEVER or not moment.is_known:
        return False
    if moment.precision == "about":
        return 0 <= when.low.year - moment.day.year <= 1
    if moment.precision == "day":
        return when.low <= moment.day <= when.high
    same_year = moment.day.year == when.low.year
    return same_year and (moment.precision == "year" or moment.day.month == when.low.month)


def _date_holds(fact: Fact, item: Evidence, on: date) -> bool:
    assert fact.when
    if fact.role == "last":
        return bool(item.starts) and within(max(item.starts), fact.when)
    if fact.role == "start":
        return any(within(moment, fact.when) for moment in item.starts)
    if fact.role == "end" and item.ends:
        return any(within(moment, fact.when) for moment in (*item.ends, *item.starts[:-1]))
    if item.kind == "person" and fact.when.low <= on <= fact.when.high:
        return True
    return any(within(moment, fact.when) for moment in (*item.starts, *item.ends))


def _number_holds(fact: Fact, item: Evidence, on: date) -> bool:
    if fact.word in SPANS and item.starts and not item.values:
        return _lasted(fact, item, on)
    if item.values:
        return _value_holds(fact, item) or _apart(fact, item, on)
    if fact.word in COUNTED and int(fact.number) in item.counts:
        return True
    said = amount(fact.number, fact.word)
    if said is not None and any(kind == said[0] for kind, _ in item.amounts):
        return said in item.amounts
    if item.kind == "medicine":
        return fact.number in item.numbers
    return fact.number in item.numbers or f"{fact.number:g}" in item.words


def _lasted(fact: Fact, item: Evidence, on: date) -> bool:
    """`for 8 years`, `3 months ago`: to the unit, either way."""
    for moment in (m for m in (*item.starts, *item.ends) if m.is_known):
        length = (on - moment.day).days / SPANS[fact.word]
        if abs(length - fact.number) < (0.4 if fact.word == "decade" else 1):
            return True
    courses = [(end.day - start.day).days for end in item.ends for start in item.starts]
    if any(abs(days / SPANS[fact.word] - fact.number) < 1 for days in courses if days >= 0):
        return True
    return fact.number in item.numbers


def _apart(fact: Fact, item: Evidence, on: date) -> bool:
    """`over two years`, `a year ago`: whether two values are so far apart, or one is so old."""
    if fact.word not in SPANS or item.values[0].unit == fact.unit:
        return False  # of what is measured in years
    days = [moment.day for moment in item.starts if moment.is_known]
    lengths = [abs((a - b).days) / SPANS[fact.word] for a in (on, *days) for b in days]
    return any(abs(length - fact.number) < 1 for length in lengths)


def _value_holds(fact: Fact, item: Evidence) -> bool:
    if fact.role == "reference":
        limits = (item.reference.low, item.reference.high) if item.reference else ()
        return any(limit is not None and _same(fact, limit, "", "") for limit in limits)
    if fact.word in COUNTED and int(fact.number) in item.counts:
        return True
    loinc = item.ids[0].split(":")[1] if item.ids and ":" in item.ids[0] else ""
    chosen = values_meant(fact.role, fact.when, item.values)
    return any(
        f"{fact.number:g}" in norms(v.value)
        if isinstance(v.value, str)
        else _same(fact, v.value, v.unit, loinc)
        for v in chosen
    )


def values_meant(role: Role, when: When | None, values: Sequence[Value]) -> Iterable[Value]:
    """Those of a date; without one those of the last day, or any earlier one where it says so."""
    if when is not None:
        return [v for v in values if within(v.at, when)]
    if role == "earlier":
        return values
    return [v for v in values if v.at.day == values[0].at.day]


def _same(fact: Fact, value: float, unit: str, loinc: str) -> bool:
    """Whether a number is a value rounded as it is written, in the unit that it names."""
    plain = fact.unit.startswith("{") and unit.startswith("{")  # points, of UCUM's {score} and {#}
    if fact.unit and unit and fact.unit != unit and not plain:
        converted = convert(value, unit, fact.unit, loinc)
        if converted is None:
            return False
        return abs(converted - fact.number) <= max(
            0.5001 * 10**-fact.decimals, 0.01 * abs(converted)
        )
    return abs(value - fact.number) <= max(
        0.5001 * 10**-fact.decimals, 0.03 * abs(value) if fact.about else 0.0
    )
