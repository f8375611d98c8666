"""Dates as reports write them, and which of several is the latest. By rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = re.compile(
    r"(?i)(?<![\d./-])(?:(?P<iso>(?:19|20)\d\d)[-/.](?P<iso_month>\d\d?)(?:[-/.](?P<iso_day>\d\d?))?"
    r"|(?P<one>\d\d?)(?:/(?P<two>\d\d?)(?:/(?P<year>(?:19|20)\d\d|\d\d))?"
    r"|(?P<mark>[.-])(?P<second>\d\d?)(?P=mark)(?P<third>(?:19|20)\d\d|\d\d))"
    rf"|(?:(?P<day>\d\d?)(?:st|nd|rd|th)?[ -]?)?\b(?P<name>{_NAMED})(?![a-z])"
    r"(?(day)(?:[ -]['’]?(?P<short>\d\d)(?![\d:]))?"
    r"|(?:[ -](?P<after>\d\d?)(?:st|nd|rd|th)?(?![\d:]))?)"
    r"(?:[ ,-]{1,2}(?P<named>(?:19|20)\d\d))?)(?![\d/]*\d)"
)
"""`2024-06-03`, `03/06/2024`, `3 Jun 2024`, `Jun 3, 2024`, `Jun 2024`, `03/06`."""
COUNT = re.compile(
    r"(?i)^\W*(?P<of>day|d|week|wk|month|hour|hr|pod|visit)\W{0,2}(?P<n>\d{1,3})\W*$"
)
"""`Day 3`."""
HALF = 6
"""Months from which days without a year may as well be of two years."""


def years(text: str) -> list[int]:
    """The years of the dates that tell theirs."""
    return [_year(told) for one in DATE.finditer(text) if (told := _told(one))]


def latest(heads: Sequence[str]) -> int | None:
    """Which of several headings is of the latest time; None where it is not sure. Whether days or
    months come first in `03/06/2024` is not known: both must say the same."""
    found = {_latest([_place(head, days_first) for head in heads]) for days_first in (True, False)}
    found -= {-1}
    return found.pop() if len(found) == 1 else None


def is_time(head: str) -> bool:
    """Whether a heading tells when."""
    return bool(DATE.match(head.strip()) or COUNT.match(head))


def _latest(places: Sequence[tuple[str, tuple[int, ...]] | None]) -> int | None:
    """The latest; -1 where the dates cannot be read so."""
    if any(place is None for place in places):
        return -1
    kinds = {place[0] for place in places if place}
    times = [place[1] for place in places if place]
    if len(kinds) != 1 or times.count(max(times)) > 1:
        return None
    if kinds == {"no year"} and max(times)[0] - min(times)[0] >= HALF:
        return None
    return times.index(max(times))


def _place(head: str, days_first: bool) -> tuple[str, tuple[int, ...]] | None:
    """The time of a heading, and of what kind it is; months may have no day, days no year."""
    if count := COUNT.match(head):
        return count["of"].lower()[0], (int(count["n"]),)
    if (one := DATE.search(head)) is None:
        return None
    if one["iso"]:
        month, day = one["iso_month"], one["iso_day"]
    elif one["name"]:
        day = one["day"] or one["after"]
        month = str(_MONTHS.index(one["name"][:3].lower()) + 1)
    else:
        day, month = one["one"], one["two"] or one["second"]
        day, month = (day, month) if days_first else (month, day)
    if not 1 <= int(month) <= 12 or not 1 <= int(day or 1) <= 31:
        return None
    year = _told(one)
    kind = "no year" if not year else "day" if day else "month"
    numbers = (_year(year) if year else 0, int(month), int(day or 0))
    return kind, numbers if year else numbers[1:]


def _told(one: re.Match[str]) -> str:
    """The year that a date tells, if it does."""
    return next(filter(None, one.group("iso", "year", "third", "named", "short")), "")


def _year(text: str) -> int:
    """A year of four digits, or of two, which lies in no time to come."""
    if len(text) > 2:
        return int(text)
    century = date.today().year // 100 * 100
    year = century + int(text)
    return year if year <= date.today().year else year - 100
