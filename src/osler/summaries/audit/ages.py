"""Ages: how old the patient is, when she was born, and how old she was when something began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from osler.summaries.audit.evidence import Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause, clause_of, mentions
from osler.summaries.audit.result import Claim
from osler.summaries.audit.spelled import ONES, TENS
from osler.summaries.audit.systems import FAMILY
from osler.summaries.audit.words import NEVER, When

_FROM_ONE = [word for word in ONES if word != "zero"]
_WORD = (
    rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(_FROM_ONE[:9])}))?|"
    rf"{'|'.join(reversed(_FROM_ONE))})"
)
_N = rf"\d{{1,3}}|{_WORD}"
_FLAGS = ("high", "low", "elevated", "raised", "reduced", "normal", "measured", "stable")
_UNFLAGGED = "".join(rf"(?<!\b{word} )" for word in _FLAGS)
"""Before `at`, where it is not of a value: the glucose was high at 114."""
_YEARS = r"years?|yrs?|months?|mos?"
AGE = re.compile(
    rf"(?i)\b(?:age[d]?|is):?\s+(?P<n1>{_N})(?:[ -](?P<u1>years?|months?|yo\b|y/o))?\b|"
    rf"\b(?P<n2>{_N})[- ]?(?P<u2>{_YEARS})[- ](?:old|of age)\b|"
    rf"\b(?P<n3>{_N})[ -]?(?:y\.?/?o\b\.?|yo(?=[fm]\b)|yo\b)|"
    rf"\b(?P<n9>\d{{1,2}})[ -]?(?P<u9>mo)(?=\s(?:[MF]|male|female|boy|girl|infant)\b)|"
    rf"\bage (?P<n4>{_N}) (?P<u4>years?|months?)|"
    rf"(?:^|\b(?:female|male|woman|man|patient|lady|gentleman|[FM])\b[,:(]?\s*)(?P<n5>{_N}) "
    rf"?(?P<u5>{_YEARS}|y)(?=\s*(?:[,.;)]|$))|"
    rf"\b(?:female|male|woman|man)[,:]\s*(?P<n8>{_N})(?=\s*(?:[,.;)]|$))|"
    rf"(?:^\W*|\b(?:an?|this|is|pt|patient)\s+)(?P<n6>\d{{1,3}})\s?-?(?-i:[FMW])(?![\w°'’])|"
    rf"\b(?:she|he|patient|woman|man|who) is (?:now |currently |aged )?(?P<n7>{_N})"
    rf"(?=\s*(?:[,.;]|$|\b(?:and|so|with|who|now)\b))"
)
DECADES = {word + "s" if word[-1] != "y" else word[:-1] + "ies": ten for word, ten in TENS.items()}
DECADE = re.compile(
    rf"(?i)\b(?:is|patient|woman|man|lady|gentleman|female|male|she|he)\b[^.;]{{0,30}}?\bin "
    rf"(?:her|his|their|the)\s+(?P<part>early|mid|middle|late)?[- ]?"
    rf"(?:(?P<word>{'|'.join(DECADES)}|teens)|['’]?(?P<tens>[1-9])0['’]?s)\b"
)
ARIAN = {"quadragenarian": 40, "quinquagenarian": 50, "sexagenarian": 60, "septuagenarian": 70,
         "octogenarian": 80, "nonagenarian": 90, "centenarian": 100}  # fmt: skip
PARTS = {"early": (0, 4), "mid": (3, 7), "middle": (3, 7), "late": (6, 9)}
THEN = re.compile(
    rf"(?i)\b(?:at (?:the )?age (?:of )?|{_UNFLAGGED}at (?=(?:{_N})\W*$)|"
    rf"when (?:she|he|they|the patient) "
    rf"(?:was|were) (?:aged )?|since (?:the )?age (?:of )?|from age |by age |"
    rf"age at (?:onset|diagnosis)[: ]+(?:of |was )?|aged (?=(?:{_N}) (?:years )?(?:at|when)))"
    rf"(?P<n>{_N})\b(?:[ -](?:years?|yrs?)(?:[ -](?:old|of age))?)?(?!\s*(?:%|mg|mmol|/|\.\d))"
)
BORN = re.compile(
    r"(?i)\b(?:born(?: on| in)?|d\.?o\.?b\.?|birth ?da(?:y|te)|date of birth)(?: is| was)?\W*$"
)
KIN = re.compile(
    r"(?i)\b(?:sons?|daughters?|child(?:ren)?|twins?|bab(?:y|ies)|infants?|newborns?|delivered|"
    r"brothers?|sisters?|siblings?|mother|father|parents?|husband|wife|partner|spouse)\b"
)
HAPPENED = re.compile(
    r"(?i)\b(?:diagnos\w+|develop\w*|began|begun|onset|started|had|underwent|since|was|were|"
    r"suffered|fractur\w+|broke|gave birth|first|onset|done|performed)\b"
)


def number(text: str) -> int:
    """66, and sixty-six."""
    if text.isdecimal():
        return int(text)
    words = re.split(r"[- ]", text.lower())
    return sum(TENS.get(word, ONES.get(word, 0)) for word in words)


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Every age that is told."""
    if FAMILY.search(clause.text):
        return
    yield from _born(clause, ledger)
    taken: list[tuple[int, int]] = []
    for found in THEN.finditer(clause.text):
        if HAPPENED.search(clause.text) and found.start() < clause.supposed:
            taken.append(found.span())
            right = _was(number(found["n"]), clause, ledger)
            yield _claim(clause, found.span(), "" if right else "the age then was another")
    for found in DECADE.finditer(clause.text):
        if not re.search(r"(?i)\b(?:diagnos|develop|since|when|began|had|died|was)", found[0]):
            right = _in_decade(found, ledger)
            yield _claim(clause, found.span(), "" if right else "the age is another")
    for word in clause.words:
        ten = ARIAN.get(word.norm)
        if ten:
            right = ten <= _years(ledger, ledger.on) <= ten + 9
            yield _claim(clause, (word.start, word.end), "" if right else "the age is another")
    for found in AGE.finditer(clause.text):
        if not any(start <= found.start() < end or found.start() <= start < found.end()
                   for start, end in taken):  # fmt: skip
            yield from _now(clause, found, ledger)


def of_birth(clause: Clause, when: When) -> bool:
    """Whether a date is told as the patient's day of birth."""
    said = BORN.search(clause.text[: when.start])
    return said is not None and not KIN.search(clause.text)


def _born(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """The day of birth; of nobody else, whom a clause may name."""
    who = ledger.seen.person
    for when in clause.dates:
        if of_birth(clause, when):
            right = within(who.birth, when)
            span = (clause.offset + when.start, clause.offset + when.end)
            wrong = "" if right else "the day of birth is another"
            yield Claim("date", *span, ("person",), wrong)


def _now(clause: Clause, found: re.Match[str], ledger: Ledger) -> Iterator[Claim]:
    """An age on the day of the summary."""
    groups = found.groupdict()
    if found[0].lower().startswith("is") and not groups["u1"] and not groups["n6"]:
        return
    said = number(next(v for k, v in groups.items() if k[0] == "n" and v))
    unit = next((v for k, v in groups.items() if k[0] == "u" and v), "years")
    told = f"{said} {'month' if unit.startswith('mo') else 'year'}"
    right = re.match(rf"{told}s?\b", ledger.seen.age) is not None
    yield _claim(clause, found.span(), "" if right else "the age is another")


def _claim(clause: Clause, span: tuple[int, int], wrong: str) -> Claim:
    for place, word in enumerate(clause.words):
        if span[0] <= word.start < span[1]:
            clause.taken.add(place)
    start, end = clause.offset + span[0], clause.offset + span[1]
    return Claim("demographic", start, end, ("person",), wrong)


def _years(ledger: Ledger, on: date) -> int:
    born = ledger.seen.person.born
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _was(said: int, clause: Clause, ledger: Ledger) -> bool:
    """Whether the patient was of an age on a day that is named, or when what is named began."""
    days = [day for day in clause.dates if day.low != NEVER]
    if days:
        return any(_years(ledger, d.low) <= said <= _years(ledger, d.high) for d in days)
    named = mentions(clause_of(clause.text, clause.offset, clause.context), ledger)
    starts = [m for one in named for i in one.items for m in i.starts]
    loose = {"day": 0, "month": 31, "year": 366}
    spans = [(m.day, m.day + timedelta(loose.get(m.precision, 0))) for m in starts]
    return any(_years(ledger, low) <= said <= _years(ledger, high) for low, high in spans)


def _in_decade(found: re.Match[str], ledger: Ledger) -> bool:
    ten = 10 * int(found["tens"]) if found["tens"] else DECADES.get(found["word"].lower(), 10)
    first, last = PARTS.get((found["part"] or "").lower(), (0, 9))
    return ten + first <= _years(ledger, ledger.on) <= ten + last
