"""Signs that cannot wait: blood pressure, pulse, breathing, oxygen, temperature, consciousness.

By rule, from the limits of `assets/advice/critical_signs.tsv`; whose they are decides which hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from osler.documents.document import Document
from osler.retrieve.sentences import sentences
from osler.serve.documents.ages import is_adult
from osler.serve.documents.critical import Critical, beyond, limits_of, rows_of
from osler.serve.documents.known import labs
from osler.serve.documents.lines import Finding, finding_at, lines, size
from osler.serve.documents.measured import DATE
from osler.serve.documents.whose import LONG_AGO, NOT_OF_NOW

PREGNANT = re.compile(
    r"(?i)(?<!not )(?<!never )(?<!never been )"
    r"(?<!non-)(?<!if )(?<!was )(?<!when )(?<!previously )\bpregnant\b"
    r"(?! (?:women|people|patients|wom[ae]n|in (?:19|20)))"
    r"|\bweeks?(?:['’]s?)? (?:pregnant|gestation|gravid)\b|\bgestation(?:al age)?:? (?:of )?\d"
    r"|\b(?:ante|peri)natal (?:clinic|ward|visit|letter|assessment|day unit)\b"
    r"|(?<!born at )(?<!delivered at )(?<!delivery at )\b[1-4]\d\+[0-6] ?(?:weeks|/40|wks)"
    r"|\bpre-?eclampsia\b(?= today| now)|\b(?:obstetric|labour|maternity) (?:ward|triage|clinic)\b"
)
"""How a document says that the patient is pregnant."""
INFANT = re.compile(
    r"(?i)\b(?:newborn|neonat(?:e|al))\b|\bage[d:]?\W{0,5}(?:1[0-2]|\d) ?weeks?\b"
    r"|\b\d\d?[- ]days?[- ](?:old|of (?:age|life))\b|\bage[d:]?\W{0,5}\d\d? ?days?\b"
    r"|\b(?:1[0-2]|[1-9])[- ]weeks?[- ](?:old|of age)\b"
)
"""A child under three months."""
EFFORT = re.compile(
    r"(?i)\b(?:exerci\w+|exertion\w*|effort|treadmill|stress test|walk(?:ing|ed)?|climbing|peak|"
    r"max\w*|predicted|f(?:o?et)al|cord|holter|nadir|lowest|at altitude|during sleep|overnight)\b"
)
"""With these it was so for a while, or is no sign of this person at rest."""
_ON_COMING = r"(?:on|at) (?:admission|arrival|presentation|triage|scene|first)"
WHEN = re.compile(
    rf"(?i)\b(?:(?P<past>prev\w*|prior|before|earlier|baseline|last|usual\w*|booking|{_ON_COMING}|"
    r"initial\w*|presented)|now|current\w*|today|latest|then|(?:on|at) (?:discharge|review)|since|"
    r"after)\b"
)
EARLIER = re.compile(
    rf"(?i)\b(?:previous\w*|earlier|{_ON_COMING}|initially|before|last (?:week|month|year))\b"
)
"""Words for when, before a value and behind it."""
NUMBER = re.compile(
    r": (?P<sign>[<>≤≥]=?)?(?P<value>-?\d[\d.,]*)(?:/(?P<second>\d+))? ?(?P<unit>[^\s,]*)"
)
"""A value as it is told."""
RANGED = re.compile(r"[\d/]+ ?[^\s\d(|]{0,10} ?[(|][^)|]*\d")
"""A value with a range behind it."""
COMA = "Glasgow coma scale"
_GCS = re.compile(
    r"(?i)\b(?:GCS|Glasgow coma (?:scale|score))(?: (?:score|total|of|is|was|now|at|fell|"
    r"dropped|to|only|remains|currently))*[ :=|]{1,4}"
    r"(?P<value>\d\d?)(?!\s?[-–]\s?\d|\d|\.\d)(?! points?)"
)


def with_signs(found: Sequence[Finding], document: Document) -> list[Finding]:
    """The values, with those of signs that cannot wait so marked, and the Glasgow coma scale."""
    who = whose(document.text)
    told = sorted((*found, *_coma(document, who)), key=lambda one: one.start)
    marked = [
        replace(one, critical=True, judged=True, side=side) if (side := _side(one, who)) else one
        for one in told
    ]
    mild = [one for one in marked if one.judged and not one.critical]
    return [
        before if now.critical and _is_past(now, mild) else now
        for now, before in zip(marked, told, strict=True)
    ]


def is_sign(value: Finding) -> bool:
    """Whether it is one of the signs that have limits."""
    known = {row["measure"] for row in rows_of("critical_signs.tsv")} | {"blood pressure"}
    return value.name == COMA or any(key.partition(":")[2] in known for key in labs(value.name))


def _is_past(one: Finding, mild: Sequence[Finding]) -> bool:
    """Whether it is told as an earlier one, beside a mild one of its test."""
    others = [each for each in mild if _test(each) == _test(one)]
    days = [day[0] for each in others if (day := DATE.match(each.text))]
    if (day := DATE.match(one.text)) and days:
        return day[0] < max(days)
    told = NUMBER.search(one.told)
    at = one.text.find(told["value"]) if told else -1
    if not others or at < 0:
        return False
    behind = re.split(r"[,;]|\b(?:and|but|then)\b", one.text[at:])[0]
    before = list(WHEN.finditer(one.text, 0, at))
    return bool(before and before[-1]["past"]) or bool(EARLIER.search(behind))


def whose(text: str) -> str:
    """pregnant, adult, child or infant."""
    if not is_adult(text):
        return "infant" if INFANT.search(text) else "child"
    return "pregnant" if PREGNANT.search(text) else "adult"


def _side(one: Finding, who: str) -> str:
    """Where a sign lies that is beyond its limits."""
    told = NUMBER.search(one.told)
    if not told or one.fluid or EFFORT.search(one.text):
        return ""
    if one.name == COMA:
        return one.side
    ranged = RANGED.search(one.text, max(0, one.text.find(told["value"])))
    if who != "infant" and (not one.judged or (ranged and not one.side)):
        return ""  # a target, another person's, of a unit that is not sure, or within its own range
    names = ("systolic", "diastolic") if told["second"] else ("",)
    sides = [
        beyond(_limits(who), f"{name} {one.name}".strip(), value, told["unit"], told["sign"] or "")
        for name, value in zip(names, (told["value"], told["second"]), strict=False)
    ]
    return next(filter(None, sides), "")


def _coma(document: Document, who: str) -> Iterator[Finding]:
    limits = _limits(who).get(COMA)
    for text, start in lines(document) if limits else ():
        for a, b in sentences(text):
            for said in _GCS.finditer(text, a, b):
                aside = NOT_OF_NOW.search(text[a : said.start()]) or LONG_AGO.match(
                    text[said.end() : b]
                )
                if limits and 3 <= int(said["value"]) <= limits.low and not aside:
                    one = finding_at(document, text[a:b], start + size(text[:a]), COMA)
                    yield replace(
                        one, side="low", told=f"{COMA}: {said['value']}, LOW", judged=True
                    )


@cache
def _limits(who: str) -> dict[str, Critical]:
    """By its measure what holds for somebody."""
    wider = {"pregnant": ("adult", "pregnant"), "infant": ("child", "infant")}.get(who, (who,))
    rows = rows_of("critical_signs.tsv")
    return {row["measure"]: limits_of(row) for each in wider for row in rows if row["who"] == each}


def _test(one: Finding) -> str:
    return " ".join(labs(one.name)) or one.name
