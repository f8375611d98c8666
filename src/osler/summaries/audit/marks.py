"""Flags, sides, severities, forms, settings and times of the day: the words of a clause's facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.summaries.audit import hours, lookup
from osler.summaries.audit.cues import RISES
from osler.summaries.audit.fact import SEVERITIES, Fact
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.words import norms, word_set


def words(clause: Clause) -> Iterator[Fact]:
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


def recent(clause: Clause) -> Iterator[Fact]:
    """What is said to have begun of late."""
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


def times_of_day(clause: Clause) -> Iterator[Fact]:
    """Of medicines, at what time of the day."""
    given = any(i.kind == "medicine" for one in clause.named for i in one.items)
    for found in hours.HOUR.finditer(clause.text) if given else ():
        place = next(n for n, w in enumerate(clause.words) if w.end > found.start())
        yield Fact("hour", found.start(), found.end(), place, word=hours.named(found))
