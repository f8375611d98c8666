"""Wrong doses, numbers and dates."""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable
from datetime import date

from . import drugs, measures, wording
from .plant import Plant, Spot, Subject, add, change, section_of, spots, swap
from .scene import MONTHS, NUMBERS
from .told import Span, Summary

# -- numbers as text


def other_digits(text: str, rng: random.Random) -> str:
    """One digit is another one."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    at = rng.choice(places)
    first = at == places[0] and len(places) > 1
    digits = [d for d in "0123456789" if d != text[at] and not (first and d == "0")]
    return text[:at] + rng.choice(digits) + text[at + 1 :]


def moved_point(text: str, rng: random.Random) -> str:
    """Ten times as much, or a tenth."""
    number = float(text)
    decimals = len(text.partition(".")[2])
    if rng.random() < 0.5:
        return f"{number * 10:.{max(0, decimals - 1)}f}"
    return f"{number / 10:.{decimals + 1}f}"


def transposed(text: str, rng: random.Random) -> str:
    """Two neighbours have changed places."""
    places = [
        i for i in range(len(text) - 1)
        if text[i : i + 2].isdigit() and text[i] != text[i + 1] and text[i + 1] != "0"
    ]  # fmt: skip
    if not places:
        return other_digits(text, rng)
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def elsewhere(text: str, rng: random.Random) -> str:
    """A plausible value that is 12 to 45 percent off."""
    number = float(text)
    decimals = len(text.partition(".")[2])
    moved = number * (1 + rng.choice((-1, 1)) * rng.uniform(0.12, 0.45))
    if abs(moved - number) < 10**-decimals:
        moved = number + rng.choice((1, 2, 3)) * 10**-decimals
    return f"{moved:.{decimals}f}"


WAYS: tuple[tuple[str, Callable[[str, random.Random], str]], ...] = (
    ("digit", other_digits), ("point", moved_point), ("transposed", transposed),
    ("off by a part", elsewhere),
)  # fmt: skip


def is_false(text: str, true: tuple[str, ...]) -> bool:
    """Whether no true value reads like this when it is rounded to as many places."""
    decimals = len(text.partition(".")[2])
    values = {measures.shown(float(v), decimals) for v in true}
    return text not in values and measures.shown(float(text), decimals) not in values


# -- labs, vital signs, counts


def number(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A value, a count, an age, a limit or a unit that is not what the record has."""
    way = rng.choices(
        ("value", "exchange", "count", "age", "limit", "unit"), (60, 12, 12, 5, 5, 6)
    )[0]
    found = spots(summary, "value" if way == "exchange" else way)
    if not found:
        return None
    spot = rng.choice(found)
    span, text = spot[2], _text(summary, spot)
    if way == "value":
        name, do = rng.choice(WAYS)
        new = do(text, rng)
        return change(summary, spot, new, "number", name) if is_false(new, span.true) else None
    if way == "exchange":
        return _exchanged(rng, summary, spot)
    if way == "unit":
        new = rng.choice(wording.of("units", UNITS).get(text, ("",)))
        return change(summary, spot, new, "number", "unit") if new else None
    if way == "limit":
        new = rng.choice(WAYS)[1](text, rng) if re.fullmatch(r"-?[\d.]+", text) else ""
        good = new and is_false(new, span.true)
        return change(summary, spot, new, "number", "limit") if good else None
    return _counted(rng, summary, spot, way)


def _text(summary: Summary, spot: Spot) -> str:
    return summary.parts[spot[0]].told[spot[1]].piece(spot[2])


UNITS = {
    "mg/dL": ("g/dL", "mmol/L", "µg/dL"), "g/dL": ("mg/dL", "mmol/L"), "mmol/L": ("mg/dL", "mg/L"),
    "kg": ("lb", "g"), "cm": ("in", "mm"), "pg": ("fL", "ng"), "fL": ("pg", "mL"),
    "U/L": ("mg/dL", "U/dL"), "10³/µL": ("10⁶/µL",), "10⁶/µL": ("10³/µL",), "K/µL": ("M/µL",),
    "°C": ("°F",), "mL/min": ("L/min",), "kU/L": ("mg/dL",), "ng/mL": ("mg/mL",),
    "pg/mL": ("mg/mL",), "kg/m²": ("kg",), "mg/L": ("g/L",),
}  # fmt: skip


def _exchanged(rng: random.Random, summary: Summary, spot: Spot) -> Plant | None:
    """The value of another lab, or the one before in the place of the latest."""
    p, t, span = spot
    told = summary.parts[p].told[t]
    others = [s for s in told.spans if s.kind == "value" and s != span]
    if not others:
        return None
    other = rng.choice(others)
    one, two = sorted((span, other), key=lambda s: s.start)
    a, b = told.piece(one), told.piece(two)
    way = "value before as latest" if one.about == two.about else "other lab's value"
    both_false = one.about == two.about or (is_false(a, two.true) and is_false(b, one.true))
    if a == b or not both_false or float(a) == float(b):
        return None
    new = told.put(two.start, two.end, a).put(one.start, one.end, b)
    return swap(summary, p, t, new, "number", way)


def _counted(rng: random.Random, summary: Summary, spot: Spot, way: str) -> Plant | None:
    text, true = _text(summary, spot), spot[2].true
    worded = text.lower() in NUMBERS
    now = NUMBERS.index(text.lower()) if worded else int(text)
    near = (1, 2, 3) if way == "count" else (3, 7, 10, 20)
    new = now + rng.choice((-1, 1)) * rng.choice(near)
    if new < 1 or str(new) in true or (worded and new >= len(NUMBERS)):
        return None
    return change(summary, spot, NUMBERS[new] if worded else str(new), "number", way)


# -- doses


def dose(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another strength, or taken more or less often."""
    way = rng.choice(("strength", "strength", "strength", "frequency", "frequency", "amount"))
    found = spots(summary, way)
    if way == "amount" and found:
        spot = rng.choice(found)
        new = f"{float(_text(summary, spot)) * rng.choice((2, 3, 4)):g}"
        return change(summary, spot, new, "dose", way) if new not in spot[2].true else None
    if way == "frequency" and not found:
        return _made_up(rng, subject, summary)
    if not found:
        return None
    spot = rng.choice(found)
    if way == "frequency":
        return _frequency(rng, summary, spot)
    text = _text(summary, spot)
    places = list(re.finditer(r"\d[\d.]*", text))
    if not places:
        return None
    place = rng.choice(places)
    unit = re.search(r"[a-zA-Z%/]+$", text)
    if rng.random() < 0.12 and unit and unit[0].lower() in ("mg", "mcg"):
        words = text[: unit.start()] + {"mg": "mcg", "mcg": "mg"}[unit[0].lower()]
        return change(summary, spot, words, "dose", "unit")
    factor = rng.choice((10, 0.1, 2, 0.5, 4, 3, 1.5))
    new = f"{float(place[0]) * factor:.6g}"
    if not _no_strength(new, unit[0] if unit else "", spot[2].true):
        return None
    words = text[: place.start()] + new + text[place.end() :]
    return change(summary, spot, words, "dose", f"strength x{factor:g}")


def _no_strength(number_text: str, unit: str, true: tuple[str, ...]) -> bool:
    mine = drugs.milligrams(number_text, unit.split("/")[0])
    for one in true:
        number_of_it, its_unit = one.split(" ", 1)
        if mine == drugs.milligrams(number_of_it, its_unit.split("/")[0]):
            return False
    return True


def _frequency(rng: random.Random, summary: Summary, spot: Spot) -> Plant | None:
    true = set(spot[2].true)
    draft = summary.kind == "draft"
    others = [often for often in drugs.FREQUENCIES if often not in true]
    often = rng.choice(others)
    # Every 12 hours is twice a day, and so on.
    if any({often, one} in SAME_OFTEN for one in true):
        return None
    words = often if draft else rng.choice(wording.of("frequencies", drugs.FREQUENCIES)[often])
    return change(summary, spot, words, "dose", "frequency")


SAME_OFTEN = (
    {"twice a day", "every 12 hours"}, {"3 times a day", "every 8 hours"},
    {"4 times a day", "every 6 hours"},
)  # fmt: skip


ADDED = (
    "Takes {name} {dose} mg daily.", "{name} was increased to {dose} mg.",
    "The current dose of {name} is {dose} mg.",
)  # fmt: skip


def _made_up(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """A sentence with a wrong strength for a medicine that is taken."""
    known = [drugs.parse(m.last.code.text) for m in subject.seen.medicines]
    known = [one for one in known if one.in_milligrams and len(one.strengths) == 1]
    if not known:
        return None
    one = rng.choice(known)
    new = f"{float(one.strengths[0][0]) * rng.choice((2, 5, 10, 0.5)):g}"
    if not _no_strength(new, "mg", subject.scene.doses(one.key)):
        return None
    name = rng.choice(one.names)
    text = rng.choice(wording.of("dose added", ADDED)).format(name=name, dose=new)
    text = text[:1].upper() + text[1:]
    return add(summary, rng, section_of(summary, "Medications"), text, "dose", "added")


# -- dates

FORMS = (
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), "{y}-{m:02}-{d:02}", "ymd"),
    (re.compile(r"([A-Z][a-z]+) (\d{1,2}), (\d{4})"), "{name} {d}, {y}", "ndy"),
    (re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})"), "{d} {name} {y}", "dny"),
    (re.compile(r"(\d\d)/(\d\d)/(\d{4})"), "{m:02}/{d:02}/{y}", "mdy"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "{m}/{d}/{y}", "mdy"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d\d)"), "{m}/{d}/{short:02}", "mds"),
    (re.compile(r"(\d{1,2})/(\d{4})"), "{m}/{y}", "my"),
    (re.compile(r"([A-Z][a-z]+) (\d{4})"), "{name} {y}", "ny"),
    (re.compile(r"(\d{4})-(\d\d)"), "{y}-{m:02}", "ym"),
    (re.compile(r"(\d{4})"), "{y}", "y"),
)


def when(rng: random.Random, subject: Subject, summary: Summary) -> Plant | None:
    """Another day, month or year, or a time that is too long or too short."""
    found = spots(summary, "date", "duration")
    lasting = [spot for spot in found if spot[2].kind == "duration"]
    if lasting and rng.random() < 0.15:
        return _duration(rng, summary, rng.choice(lasting))
    dates = [spot for spot in found if spot[2].kind == "date"]
    if not dates:
        return None
    spot = rng.choice(dates)
    text = _text(summary, spot)
    if rng.random() < 0.15:
        other = _text(summary, rng.choice(dates))
        if other != text and not _is_date_of(other, spot[2]):
            return change(summary, spot, other, "date", "of another thing")
        return None
    way = rng.choice(("year", "month", "day", "transposed"))
    new = _other_date(text, way, rng, subject.seen.on)
    if not new or new == text or _is_date_of(new, spot[2]):
        return None
    return change(summary, spot, new, "date", way)


def _parse(text: str) -> tuple[int, int | None, int | None, str] | None:
    for pattern, form, order in FORMS:
        found = pattern.fullmatch(text)
        if not found:
            continue
        got: dict[str, int] = {}
        for letter, piece in zip(order, found.groups(), strict=True):
            if letter == "n":
                short = [m[:3] for m in MONTHS]
                if piece[:3] not in short:
                    break
                got["m"] = short.index(piece[:3]) + 1
            elif letter == "s":
                got["y"] = int(piece) + (2000 if int(piece) < 30 else 1900)
            else:
                got[letter] = int(piece)
        else:
            return got["y"], got.get("m"), got.get("d"), form
    return None


def _other_date(text: str, way: str, rng: random.Random, on: date) -> str:
    read = _parse(text)
    if read is None:
        return ""
    year, month, day, form = read
    if way == "transposed" and month and day and day <= 12:
        month, day = day, month
    elif way == "day" and day:
        day = rng.choice([d for d in range(1, 29) if d != day])
    elif way == "month" and month:
        month = rng.choice([m for m in range(1, 13) if m != month])
    else:
        year += rng.choice((-12, -10, -7, -5, -4, -3, -2, -1, 1, 2, 3, 5, 10))
        year = min(year, on.year)
    if month and day:
        day = min(day, calendar.monthrange(year, month)[1])
    long = re.search(r"[A-Z][a-z]{3,}", text) is not None
    name = MONTHS[(month or 1) - 1]
    name = name if long or month == 5 else name[:3]
    return form.format(y=year, short=year % 100, m=month, d=day, name=name)


def _is_date_of(text: str, span: Span) -> bool:
    """Whether any true date reads like this."""
    read = _parse(text)
    if read is None:
        return True
    year, month, day, _ = read
    for one in span.true:
        y, m, d = (int(n) for n in one.split("-"))
        if y == year and month in (None, m) and day in (None, d):
            return True
    return False


def _duration(rng: random.Random, summary: Summary, spot: Spot) -> Plant | None:
    text = _text(summary, spot)
    now = int(re.search(r"\d+", text)[0])  # type: ignore[index]
    new = rng.choice([n for n in (now * 2, now // 2, now + 4, now + 7, now - 3) if n > 0])
    if abs(new - now) < 2:
        return None
    return change(summary, spot, text.replace(str(now), str(new)), "date", "duration")
