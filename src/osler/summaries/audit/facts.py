"""Dates, numbers, doses, flags and sides of a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.units import canonical
from osler.summaries.audit import leading, lookup, marks
from osler.summaries.audit.fact import ROLES, SPANS, Fact, Role
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.words import When, norms, word_set


def facts(clause: Clause) -> list[Fact]:
    """All facts of a clause but its names, in order; each word is looked at once."""
    found = list(_dates(clause))
    found += _frequencies(clause)
    found += marks.times_of_day(clause)
    found += _pairs(clause)
    found += _numbers(clause)
    found += marks.words(clause)
    found += marks.recent(clause)
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


VERSUS = re.compile(r"\bvs\.?\s*$")
"""In small letters: VS are vital signs."""


def _value_role(clause: Clause, place: int) -> Role:
    """As `role_at`; within brackets that speak of a reference, every number is one."""
    before = clause.text[: clause.words[place].start]
    if AGO.match(clause.text, clause.words[place].end) or VERSUS.search(before):
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
