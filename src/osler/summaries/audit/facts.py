"""Dates, numbers, doses, flags and sides of a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from osler.records.units import canonical
from osler.summaries.audit import hours, leading, lookup
from osler.summaries.audit.cues import RISES
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.words import When, norms, word_set

Role = Literal["", "start", "end", "last", "earlier", "reference"]

ROLES: dict[str, Role] = {
    "since": "start", "started": "start", "starting": "start", "start": "start",
    "began": "start", "beginning": "start", "onset": "start", "diagnosed": "start",
    "to": "end", "until": "end", "till": "end", "through": "end", "ended": "end",
    "resolved": "end", "ending": "end", "stopped": "end", "discontinued": "end",
    "last": "last", "latest": "last", "recent": "last", "recently": "last",
    "before": "earlier", "previous": "earlier", "previously": "earlier", "prior": "earlier",
    "earlier": "earlier", "from": "earlier", "against": "earlier", "versus": "earlier",
    "vs": "earlier",
    "reference": "reference", "range": "reference", "ref": "reference", "limit": "reference",
}  # fmt: skip
SPANS = {
    "decade": 3652.5,
    "year": 365.25,
    "yr": 365.25,
    "month": 30.44,
    "mo": 30.44,
    "week": 7.0,
    "day": 1.0,
}
SEVERITIES = ("mild", "moderate", "severe")
COUNTED = word_set("time dose x occasion episode injection shot visit prescription")
SERIES = ("lab", "vital", "score", "answer", "quality")
CLASS_OF = {
    "medicine": "dose", "lab": "lab", "vital": "vital", "score": "lab", "quality": "lab",
    "answer": "social", "social": "number", "immunization": "number",
    "county": "county figure", "allergy": "number", "condition": "number", "person": "demographic",
}  # fmt: skip
"""Kind of evidence -> class of a number that does not fit it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that must be so of the thing that the clause is about."""

    what: Literal[
        "date",
        "number",
        "pair",
        "frequency",
        "hour",
        "flag",
        "side",
        "severity",
        "recent",
        "form",
        "setting",
    ]
    start: int
    end: int
    """Characters in the clause."""
    place: int
    """The word where it begins."""
    role: Role = ""
    when: When | None = None
    number: float = 0.0
    second: float = 0.0
    decimals: int = 0
    unit: str = ""
    """UCUM; of a side, the part of the body behind it; of a severity, the words beside it."""
    word: str = ""
    """A frequency, time of the day, flag, side, form or setting, or the word behind a number."""
    about: bool = False
    """Of a number that is said to be rounded."""


def facts(clause: Clause) -> list[Fact]:
    """All facts of a clause but its names, in order; each word is looked at once."""
    found = list(_dates(clause))
    found += _frequencies(clause)
    found += _hours(clause)
    found += _pairs(clause)
    found += _numbers(clause)
    found += _words(clause)
    found += _recent(clause)
    return sorted(found, key=lambda fact: fact.start)


def role_at(clause: Clause, place: int, back: int = 4) -> Role:
    """What the words before a place say of it; brackets and other numbers end the look back."""
    for at in range(place - 1, max(-1, place - 1 - back), -1):
        word = clause.words[at]
        between = clause.text[word.end : clause.words[at + 1].start]
        if at in clause.taken:
            return ""
        role = ROLES.get(word.norm, "")
        if role:
            return role
        if word.number is not None or "(" in between or ")" in between:
            return ""
    return ""


def _dates(clause: Clause) -> Iterator[Fact]:
    for when in clause.dates:
        place = next((n for n, w in enumerate(clause.words) if w.start >= when.start), 0)
        asked = place > 0 and clause.words[place - 1].norm == "asked"
        role = "" if asked else role_at(clause, place)
        yield Fact("date", when.start, when.end, place, role, when)


def _frequencies(clause: Clause) -> Iterator[Fact]:
    for start, end, often in lookup.phrases("frequency", clause.words):
        if often == "once" and end == start + 1 and FORMERLY.search(clause.text):
            continue  # `he once took naproxen`
        if not clause.taken.intersection(range(start, end)):
            clause.taken.update(range(start, end))
            first, last = clause.words[start], clause.words[end - 1]
            yield Fact("frequency", first.start, last.end, start, word=often)


def _hours(clause: Clause) -> Iterator[Fact]:
    """Of medicines, at what time of the day."""
    given = any(i.kind == "medicine" for one in clause.named for i in one.items)
    for found in hours.HOUR.finditer(clause.text) if given else ():
        place = next(n for n, w in enumerate(clause.words) if w.end > found.start())
        yield Fact("hour", found.start(), found.end(), place, word=hours.named(found))


FORMERLY = re.compile(
    r"(?i)\bonce (?:\w+ed|took|had|was|were|got|lived)\b|\b(?:took|used|tried|got) [^.,;]* once\b"
)
"""Where `once` tells when, and not how often."""


def _pairs(clause: Clause) -> Iterator[Fact]:
    """`147/111`."""
    words = clause.words
    for place, a in enumerate(words):
        over = place + 1 < len(words) and words[place + 1].norm == "over"
        last = place + 1 + over
        if last >= len(words) or clause.taken.intersection((place, last)):
            continue
        b = words[last]
        if over and last + 1 < len(words) and words[last + 1].norm in SPANS:
            continue  # `from 46 to 34 over two years`
        slash = over or clause.text[a.end : b.start].strip() == "/"
        if slash and a.number is not None and b.number is not None:
            clause.taken.update(range(place, last + 1))
            yield Fact(
                "pair", a.start, b.end, place, _value_role(clause, place), number=a.number,
                second=b.number, when=_date_of(clause, last),
            )  # fmt: skip


def _numbers(clause: Clause) -> Iterator[Fact]:
    for place, word in enumerate(clause.words):
        if word.number is None or place in clause.taken:
            continue
        if clause.text[word.end : word.end + 1] == "+":
            continue  # `BMI 30+` is part of a name
        if place and clause.words[place - 1].norm == "all" and word.number < 13:
            continue  # `all four lipid values`
        clause.taken.add(place)
        unit, after = _unit_after(clause, place)
        if clause.text[word.start] in "xX×" or ON_FILE.match(clause.text, word.end):
            after = "time"
        yield Fact(
            "number", word.start, word.end, place, _value_role(clause, place),
            _date_of(clause, place), word.number, decimals=word.decimals, unit=unit,
            word=after, about=place > 0 and clause.words[place - 1].norm in ROUNDED,
        )  # fmt: skip


ON_FILE = re.compile(r"(?i)\s*(?:on (?:file|record)|recorded|documented)\b")
"""Behind a number of how often something was done: `(3 on file, last 2024)`; as `x3` is."""
ROUNDED = word_set("about approximately approx around roughly nearly almost circa")


AGO = re.compile(
    r"(?i)[^,;:()\d]{0,24}?\(?\b(?:an?|one|two|three|\d+|some|several|a few|a couple of)\s+"
    r"(?:year|month|week|day)s? (?:ago|before|earlier|previously|prior)\b"
)
"""Behind a value of a time before: `against 7.6 % a year ago`."""


def _value_role(clause: Clause, place: int) -> Role:
    """As `role_at`; within brackets that speak of a reference, every number is one."""
    if AGO.match(clause.text, clause.words[place].end):
        return "earlier"
    opened = clause.text.rfind("(", 0, clause.words[place].start)
    if opened > clause.text.rfind(")", 0, clause.words[place].start):
        within = norms(clause.text[opened : clause.words[place].start])
        ahead = norms(clause.text[:opened])[-2:]
        if any(ROLES.get(word) == "reference" for word in ahead) or "limit" in ahead:
            return "reference"
        if any(ROLES.get(word) == "reference" for word in within) or "normal" in within:
            return "reference"
        if any(ROLES.get(word) == "earlier" for word in within):
            return "earlier"
    return role_at(clause, place)


def _unit_after(clause: Clause, place: int) -> tuple[str, str]:
    """The UCUM unit that follows a number, and the word that does."""
    behind = clause.text[clause.words[place].end :].lstrip(" -")
    after = clause.words[place + 1].norm if place + 1 < len(clause.words) else ""
    if INCHES.match(behind):
        clause.taken.add(place + 1)
        return INCH, after
    for length in (3, 2, 1):
        candidate = " ".join(behind.split()[:length]).rstrip(".,;:)(")
        is_number = candidate.replace(".", "").isdecimal()
        is_word = candidate.lower() in NO_UNITS
        unit = None if is_number or is_word or not candidate else canonical(candidate)
        if unit is not None:
            for at in range(place + 1, len(clause.words)):
                if clause.words[at].start >= clause.words[place].end + len(candidate) + 2:
                    break
                clause.taken.add(at)
            return unit, after
    return "", after


INCHES = re.compile(r"(?i)in\b(?=\s*(?:[.,;)]|on\b|$))")
INCH = "[in_i]"
NO_UNITS = word_set("in a an at as on to i is h d")
"""Words that are units, too."""


def _date_of(clause: Clause, place: int) -> When | None:
    """The date that follows a value before the next one, in the same brackets or right behind it;
    else the one that opens the clause: `On 4 May: weight 80 kg, pulse 70`."""
    word = clause.words[place]
    series = leading.of_series(clause, place) or leading.of_change(clause, place)
    if series is not None:
        return series
    own = _brackets(clause, word.start)
    values = [
        w for n, w in enumerate(clause.words)
        if w.number is not None and n > place + 1 and not clause.in_date(n)
    ]  # fmt: skip
    outside = [w.start for w in values if _brackets(clause, w.start) == own]
    limit = min(outside, default=len(clause.text))
    for when in clause.dates:
        if not word.end <= when.start < limit:
            continue
        its = _brackets(clause, when.start)
        if its == own or (
            own is None and not any(its and its[0] < w.start < when.start for w in values)
        ):
            return when
    numbers = [
        w.start
        for n, w in enumerate(clause.words)
        if w.number is not None and not clause.in_date(n)
    ]
    opening = [when for when in clause.dates if when.start < min(numbers, default=0)]
    return opening[0] if opening and own is None else None


def _brackets(clause: Clause, at: int) -> tuple[int, int] | None:
    """The brackets around a place."""
    opened = clause.text.rfind("(", 0, at)
    if opened <= clause.text.rfind(")", 0, at):
        return None
    closed = clause.text.find(")", at)
    return opened, closed if closed >= 0 else len(clause.text)


def _words(clause: Clause) -> Iterator[Fact]:
    """Flags and sides."""
    for start, end, side in lookup.phrases("laterality", clause.words):
        first, last = clause.words[start], clause.words[end - 1]
        part = _part_behind(clause, end)
        yield Fact("side", first.start, last.end, start, word=side, unit=part)
    for place, word in enumerate(clause.words):
        if word.norm in SEVERITIES:
            near = " ".join(_beside(clause, place))
            yield Fact("severity", word.start, word.end, place, word=word.norm, unit=near)
        denied = NO_FLAG.search(clause.text[: word.start])
        if word.norm in RISES and place not in clause.taken and not denied:
            yield Fact("flag", word.start, word.end, place, word=RISES[word.norm])
        plain = clause.text[word.start : word.end]
        if plain in LETTERS and place and _is_flag(clause, place):
            yield Fact("flag", word.start, word.end, place, word=LETTERS[plain])
        form = ROUTES.get(plain) or ROUTES.get(word.norm, "")
        if place + 1 < len(clause.words) and clause.words[place + 1].norm == "release":
            form = word.norm
        if form and place not in clause.taken:
            yield Fact("form", word.start, word.end, place, word=form)
        if word.norm in SETTINGS and clause.context.kind == "encounter":
            yield Fact("setting", word.start, word.end, place, word=SETTINGS[word.norm])


NO_FLAG = re.compile(
    r"(?i)\b(?:not|n['’]t|never|neither|nor|no|without)\s+(?:(?:any|at all|currently|now|signs?|"
    r"evidence|"
    r"indications?|of|been|considered|markedly|significantly)\s+)*$"
)
"""Before a flag that is denied, which the words of comfort are held against."""
LETTERS = {"H": "high", "L": "low", "HH": "high", "LL": "low"}
"""Behind a value: `6.4% (H)`, `6.4 H`."""


def _is_flag(clause: Clause, place: int) -> bool:
    """Whether a letter stands in brackets or right behind a value."""
    before = clause.text[: clause.words[place].start].rstrip()
    last = place - 1
    of_value = clause.words[last].number is not None or last in clause.taken
    return before.endswith("(") or (of_value and not before.endswith(tuple(",;/-")))


ROUTES = {
    "IV": "injected", "intravenous": "injected", "intravenously": "injected", "IM": "injected",
    "intramuscular": "injected", "intramuscularly": "injected", "subcutaneous": "injected",
    "subcutaneously": "injected", "topical": "skin", "topically": "skin", "transdermal": "skin",
    "inhaled": "inhaled", "intranasal": "nasal", "orally": "oral", "oral": "oral",
}  # fmt: skip
"""Words for how a medicine is given; abbreviations in capitals alone."""
SETTINGS = {
    "ambulatory": "ambulatory", "outpatient": "ambulatory", "inpatient": "inpatient",
    "emergency": "emergency",
}  # fmt: skip
BEGUN = "diagnosed|started|begun|began|prescribed|added|initiated|developed"
RECENT = (
    (re.compile(rf"(?i)\b(?:newly|recently|just) (?:{BEGUN})\b|\bnew(?:ly)?[- ]onset\b|"
                r"\bnew diagnosis of\b"), 550.0),
    (re.compile(rf"(?i)\b(?:{BEGUN})\b[^.;,]{{0,30}}? (?:last|this|past) week\b"), 21.0),
    (re.compile(rf"(?i)\b(?:{BEGUN})\b[^.;,]{{0,30}}? (?:last|this|past) month\b"), 62.0),
    (re.compile(rf"(?i)\b(?:{BEGUN})\b[^.;,]{{0,30}}? (?:last|this|past) year\b"), 731.0),
)  # fmt: skip
"""How many days ago something can have begun of which it is said so."""


def _recent(clause: Clause) -> Iterator[Fact]:
    for pattern, days in RECENT:
        for found in pattern.finditer(clause.text):
            place = next(n for n, w in enumerate(clause.words) if w.end > found.start())
            yield Fact("recent", found.start(), found.end(), place, number=days)


def _beside(clause: Clause, place: int) -> Sequence[str]:
    """The words of the reaction that a severity is of: in brackets behind it, or after it."""
    word = clause.words[place]
    before = clause.text[: word.start].rstrip()
    if before.endswith("("):
        return norms(APART.split(before[:-1])[-1])[-3:]
    return norms(APART.split(clause.text[word.end :])[0])[:3]


APART = re.compile(r"[,;:()→]|\band\b")
WITHIN_PART = word_set("middle inner outer upper lower big little great index ring mid")
NO_PART = word_set("side sided and or of the in on with is was were are has had for")


def _part_behind(clause: Clause, place: int) -> str:
    """The part of the body that a side is of: the word behind it, where there is one."""
    if place >= len(clause.words):
        return ""
    word = clause.words[place]
    if word.norm in WITHIN_PART and place + 1 < len(clause.words):
        place += 1
        word = clause.words[place]  # the ear, of `right middle ear`
    between = clause.text[clause.words[place - 1].end : word.start]
    plain = word.number is None and word.norm not in NO_PART and not between.strip(" -")
    return word.norm if plain else ""
