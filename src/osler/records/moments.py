"""Dates as records give them: to the year, the month, the day or the second, or not at all."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

Precision = Literal["year", "month", "day", "about", "unknown"]
"""`about`: in that year or the next. `unknown`: the record has no date."""

PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A day on the clinic's calendar, and the instant where that is known."""

    day: date
    """The first day that it can be."""
    instant: datetime | None = field(default=None, compare=False)
    """With its offset; None where only a date was given."""
    precision: Precision = field(default="day", compare=False)
    said: str = field(default="", compare=False)
    """The source's words where it has no date: `in childhood`."""

    def __str__(self) -> str:
        if self.precision == "unknown":
            return f'an unknown date ("{self.said}")' if self.said else "an unknown date"
        return f"about {self.day.year}" if self.precision == "about" else self.key

    @property
    def key(self) -> str:
        """As a part of an id, without a blank."""
        if self.precision == "unknown":
            return "unknown"
        letters = {"year": 4, "about": 4, "month": 7, "day": 10}[self.precision]
        return str(self.day)[:letters]

    @property
    def is_known(self) -> bool:
        """Whether there is a date at all."""
        return self.precision != "unknown"

    @property
    def order(self) -> tuple[date, float]:
        """What sorts moments, also within a day."""
        return self.day, self.instant.timestamp() if self.instant else 0.0


def read_moment(text: str, zone: tzinfo | None = None) -> Moment:
    """A FHIR `date`, `dateTime` or `instant` (R4, 2.24.0.1); ValueError for anything else.

    `zone`: where the clinic is; a time is moved there before its day is taken. Without it the day
    is the one that is written.
    """
    text = text.strip()
    if "T" in text:
        return _timed(text, zone)
    found = PARTIAL.fullmatch(text)
    if not found:
        raise ValueError("no date")
    year, month, day = found.groups()
    precision: Precision = "day" if day else "month" if month else "year"
    return Moment(date(int(year), int(month or 1), int(day or 1)), None, precision)


def last_day_of(moment: Moment) -> date:
    """The last day that it can be."""
    day = moment.day
    if moment.precision == "year":
        return date(day.year, 12, 31)
    if moment.precision == "month":
        return date(day.year, day.month, monthrange(day.year, day.month)[1])
    return day


def _timed(text: str, zone: tzinfo | None) -> Moment:
    if not PARTIAL.fullmatch(text.partition("T")[0]):
        raise ValueError("no date")  # the library knows weeks and ordinals too, FHIR does not
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone or UTC)
    try:
        instant = instant.astimezone(zone) if zone else instant
        instant.timestamp()
    except OverflowError:
        raise ValueError("no date") from None
    return Moment(instant.date(), instant)


def months_between(first: date, last: date) -> int:
    """Whole months; below 0 where `last` is earlier."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def age(born: date, on: date) -> str:
    """Age in whole years; under two, in months. Nothing is said of someone not yet born."""
    months = months_between(born, on)
    if months < 0:
        raise ValueError("not born yet")
    if months < 24:
        return "1 month" if months == 1 else f"{months} months"
    return f"{months // 12} years"
