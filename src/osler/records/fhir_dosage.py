"""FHIR Dosage -> how a medicine is to be taken, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from osler.records.fhir_known import words_of
from osler.records.fhir_types import (
    Dosage,
    DoseAndRate,
    Quantity,
    Ratio,
    Repeat,
    Timing,
)
from osler.records.names import one_line, plain
from osler.records.record import Dose

UNITS = {
    "s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month",
    "a": "year",
}  # fmt: skip
"""UCUM's units of time."""
TIMES = {
    "QD": "once a day", "BID": "twice a day", "TID": "3 times a day", "QID": "4 times a day",
    "QOD": "every 2 days", "AM": "every morning", "PM": "every afternoon",
    "BED": "at bedtime", "HS": "at bedtime", "QHS": "at bedtime", "Q1H": "every hour",
    "Q2H": "every 2 hours", "Q3H": "every 3 hours", "Q4H": "every 4 hours",
    "Q6H": "every 6 hours", "Q8H": "every 8 hours", "Q12H": "every 12 hours", "WK": "once a week",
    "MO": "once a month", "PRN": "as needed", "STAT": "at once",
}  # fmt: skip
"""HL7 v3 GTSAbbreviation, of which Timing.code is, and its kin on paper."""
DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
EVENTS = {
    "MORN": "in the morning", "NOON": "at noon", "AFT": "in the afternoon",
    "EVE": "in the evening", "NIGHT": "at night", "HS": "at bedtime", "WAKE": "on waking",
    "C": "with meals", "CM": "with breakfast", "CD": "with lunch", "CV": "with dinner",
    "AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch",
    "ACV": "before dinner", "PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch",
    "PCV": "after dinner", "PHS": "after going to bed",
}  # fmt: skip
"""HL7 v3 TimingEvent, in words."""
OFTEN = re.compile(
    r"(?i)\b(?:once|twice|thrice|times|daily|weekly|monthly|hourly|nightly|every|each|per) |"
    r"\b(?:daily|weekly|monthly|hourly|nightly|bedtime|morning|noon|evening|night|meals?|needed|"
    r"q\d+h|qd|qod|bid|tid|qid|qhs|prn|stat|\w+days?)\b"
)
"""Words that tell how often or when; where a text has some, it is not told again."""
LIMIT = re.compile(r"(?i)\b(?:max(?:imum)?|at most|no more|not more|exceed)\b")
NUMBERS = {0.5: "half", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def dose(dosages: Sequence[Dosage]) -> Dose | None:
    """Every instruction, one after another."""
    said = list(dict.fromkeys(filter(None, map(_instruction, dosages))))
    return Dose(", and ".join(said)) if said else None


def _instruction(dosage: Dosage) -> str:
    """The prescriber's own words where there are any, for they may say what no part of FHIR can.

    Else the parts. Words that do not tell how much, how often or at most get the part that does.
    """
    amount = _amount(dosage.dose_and_rate[0]) if dosage.dose_and_rate else ""
    text = plain(dosage.text).rstrip(".")
    if not text:
        return ", ".join(filter(None, (amount, *_parts(dosage))))
    said = [text]
    if amount and not _has_amount(text, dosage.dose_and_rate[0]):
        said = [amount, text if text[:2].isupper() else text[:1].lower() + text[1:]]
    if dosage.timing and not OFTEN.search(text):
        said += _timing(dosage.timing)
    said += [one for one in _instructions(dosage) if one.lower() not in text.lower()]
    if not LIMIT.search(text):
        said += _limits(dosage)
    return ", ".join(said)


def _has_amount(text: str, given: DoseAndRate) -> bool:
    """Whether words tell how much, as a number or spelled out."""
    words = set(re.findall(r"\d+(?:\.\d+)?|[a-z]+", text.lower()))
    return all(
        f"{q.value:g}" in words or NUMBERS.get(q.value or 0.0, "") in words for q in _numbers(given)
    )


def _parts(dosage: Dosage) -> Iterator[str]:
    """All but the amount."""
    if dosage.dose_and_rate:
        yield _rate(dosage.dose_and_rate[0])
    if dosage.timing:
        yield from _timing(dosage.timing)
    yield from (words_of(one) for one in (dosage.route, dosage.site) if one)
    needed = words_of(dosage.as_needed_codeable_concept)
    if needed:
        yield f"as needed for {needed}"
    elif dosage.as_needed_boolean or dosage.as_needed_codeable_concept:
        yield "as needed"
    yield from _instructions(dosage)
    yield from _limits(dosage)


def _instructions(dosage: Dosage) -> Iterator[str]:
    """Words beside the text: `with food`."""
    for text in (*map(words_of, dosage.additional_instruction), plain(dosage.patient_instruction)):
        if text:
            yield text.rstrip(".")


def _limits(dosage: Dosage) -> Iterator[str]:
    """The most that may be taken."""
    if dosage.max_dose_per_period:
        yield f"at most {_ratio(dosage.max_dose_per_period)}"
    if dosage.max_dose_per_administration:
        yield f"at most {_one(dosage.max_dose_per_administration)} at a time"
    if dosage.max_dose_per_lifetime:
        yield f"at most {_one(dosage.max_dose_per_lifetime)} in a life"


def _timing(timing: Timing) -> Iterator[str]:
    """When and how often; the code only where the parts do not say it."""
    said = list(_repeated(timing.repeat)) if timing.repeat else []
    yield from said
    code = next((c.code for c in timing.code.coding if c.code), "") if timing.code else ""
    words = words_of(timing.code)
    often = TIMES.get(code.upper()) or TIMES.get(words.upper()) or words
    if often and not (timing.repeat and timing.repeat.frequency and timing.repeat.period):
        yield often
    events = [one_line(event)[:16].replace("T", " ") for event in timing.event if event]
    if events:
        yield f"on {_list(events)}"


def _repeated(repeat: Repeat) -> Iterator[str]:
    """`once a day`, `1 to 2 times a day`, `every 6 hours`, `on Monday`, `before breakfast`."""
    if repeat.period and (repeat.frequency or repeat.frequency_max or not repeat.period_max):
        yield _often(repeat)
    days = [DAYS.get(day.lower(), one_line(day)) for day in repeat.day_of_week if day]
    if days:
        yield f"on {_list(days)}" if repeat.period else f"every {_list(days)}"
    times = [time[:5] for time in map(one_line, filter(None, repeat.time_of_day))]
    if times:
        yield f"at {_list(times)}"
    events = [EVENTS.get(event, one_line(event)) for event in repeat.when if event]
    if events:
        offset = f"{repeat.offset} minutes " if repeat.offset else ""
        yield offset + _list(events)
    if repeat.duration:
        yield f"for {_span(repeat.duration, repeat.duration_unit)} each time"
    if repeat.count:
        most = f" to {repeat.count_max}" if repeat.count_max else ""
        yield f"{repeat.count}{most} times in all"
    if repeat.bounds_duration and repeat.bounds_duration.value is not None:
        length = repeat.bounds_duration
        yield f"for {_span(length.value or 0, length.code or length.unit)}"
    if repeat.bounds_period and repeat.bounds_period.end:
        yield f"until {one_line(repeat.bounds_period.end)[:10]}"


def _often(repeat: Repeat) -> str:
    period, unit = repeat.period or 1, _unit(repeat.period_unit)
    least, most = repeat.frequency or 1, repeat.frequency_max
    if repeat.period_max:
        every = f"every {period:g} to {repeat.period_max:g} {unit}s"
    else:
        every = f"every {period:g} {unit}s" if period != 1 else f"{_article(unit)} {unit}"
    if least == 1 and not most and every.startswith("every"):
        return every
    often = {1: "once", 2: "twice"}.get(least, f"{least} times")
    return f"{f'{least} to {most} times' if most else often} {every}"


def _unit(code: str) -> str:
    return UNITS.get(code, one_line(code)) or "time"


def _article(unit: str) -> str:
    return "an" if unit == "hour" else "a"


def _span(value: float, code: str) -> str:
    unit = _unit(code)
    return f"{value:g} {unit}" if value == 1 or unit.endswith("s") else f"{value:g} {unit}s"


def _amount(given: DoseAndRate) -> str:
    """`1 tablet`, `1 to 2 tablets`, `dose 1` without a unit."""
    some = _numbers(given)
    if not some:
        return ""
    numbers = " to ".join(f"{q.value:g}" for q in some)
    unit = one_line(some[-1].unit or some[-1].code)
    return f"{numbers} {unit}" if unit else f"dose {numbers}"


def _numbers(given: DoseAndRate) -> list[Quantity]:
    ends = (given.dose_range.low, given.dose_range.high) if given.dose_range else ()
    return [q for q in (given.dose_quantity, *ends) if q and q.value is not None]


def _rate(given: DoseAndRate) -> str:
    """`at 100 mL/h`, `at 1 L per 8 h`."""
    ends = (given.rate_range.low, given.rate_range.high) if given.rate_range else ()
    some = [_one(q) for q in (given.rate_quantity, *ends) if q and q.value is not None]
    ratio = _ratio(given.rate_ratio) if given.rate_ratio else ""
    return f"at {' to '.join(some) or ratio}" if some or ratio else ""


def _one(quantity: Quantity) -> str:
    unit = one_line(quantity.unit or quantity.code)
    return f"{quantity.value:g} {unit}".strip() if quantity.value is not None else ""


def _ratio(ratio: Ratio) -> str:
    both = [_one(q) for q in (ratio.numerator, ratio.denominator) if q and q.value is not None]
    return " per ".join(both)


def _list(words: Iterable[str]) -> str:
    """`Monday, Wednesday and Friday`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
