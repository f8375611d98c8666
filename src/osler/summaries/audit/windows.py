"""The time that a denial is about: `no visits since 2020`, `no admissions in the past year`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.words import NEVER

SINCE = re.compile(r"(?i)\b(?:since|after|from)\s+$")
PAST = re.compile(
    r"(?i)\b(?:last|past|previous|preceding)\s+(?P<count>\d+|few|couple of|several)?\s*"
    r"(?P<unit>years?|months?|weeks?|days?)\b"
)
THIS = re.compile(r"(?i)\b(?:this (?P<unit>year|month|week)|(?P<today>today|this visit))\b")
RECENT = re.compile(r"(?i)\brecent(?:ly)?\b")
DAYS = {"year": 365, "month": 31, "week": 7, "day": 1}
SOME = 3
"""Years or months of `a few`."""
RECENTLY = 90
"""Days that are recent for everybody."""


def window(clause: Clause, on: date) -> tuple[date, date]:
    """The first and the last day that a clause speaks of; all time where it names none."""
    for day in clause.dates:
        if day.low == NEVER:
            continue
        if SINCE.search(clause.text[: day.start]):
            return day.low, on
        return day.low, day.high
    past = PAST.search(clause.text)
    if past:
        count = past["count"] or "1"
        length = DAYS[past["unit"].lower().rstrip("s")] * (
            int(count) if count.isdecimal() else SOME
        )
        return on - timedelta(days=min(length, (on - date.min).days)), on
    this = THIS.search(clause.text)
    if this:
        unit = (this["unit"] or "day").lower()
        first = {"year": on.replace(month=1, day=1), "month": on.replace(day=1)}
        return first.get(unit, on - timedelta(days=DAYS[unit] - 1)), on
    if RECENT.search(clause.text):
        return on - timedelta(days=RECENTLY), on
    return date.min, date.max
