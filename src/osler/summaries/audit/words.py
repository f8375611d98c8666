"""Text -> tokens with their places, dates and numbers."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from osler.summaries.audit import spelled
from osler.summaries.audit.spelled import Token

TOKEN = re.compile(
    r"(?:(?<=[\s(:])[-−])?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"|[^\W\d_]+\d+[^\W_]*|[^\W\d_]+|%"
)
"""Numbers; words with figures in them (A1c, PCV13); words; the percent sign."""

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sep sept", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_UNTIL = r"to|until|till|through|thru|and|[-–—]"
_YEAR = r"(?:1[89]|2[0-2])\d\d"
"""In a date; records that are shared for research have days of the next two centuries (MIMIC)."""
_LATER = "".join(rf"(?<!{word}\ )" for word in ("since", "in", "from", "to", "until", "by"))
"""Not behind these words, which lead a year: of `2150` alone a number is as likely."""
_COUNTED = (
    "mg|mcg|ml|g|kg|cm|pg|ng|pmol|nmol|mmol|meq|units?|u|iu|cells|copies|steps|tokens|kcal|calories"
)
"""Behind a number that is none of a year: `2036 pg/mL`, `2000 units`."""
DATE = re.compile(
    rf"""(?ix)(?<![\w/])(?:
      (?P<y1>{_YEAR})-(?P<m1>\d\d)(?:-(?P<d1>\d\d))?(?!\d)
    | (?P<m2>\d{{1,2}})/(?P<d2>\d{{1,2}})/(?P<y2>{_YEAR}|\d\d)(?!/)
    | (?P<m7>\d{{1,2}})/(?P<y7>{_YEAR})(?!/)
    | (?P<n3>{_MONTH})\.?\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y3>{_YEAR})
    | (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<n4>{_MONTH})\.?,?\s+(?P<y4>{_YEAR})
    | (?P<n9>{_MONTH})\.?\s+(?P<d9>\d{{1,2}})(?:st|nd|rd|th)?
      (?=\s*(?:{_UNTIL})\s*(?P<last9>{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<y9>{_YEAR}))
    | (?P<d0>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<n0>{_MONTH})\.?
      (?=\s*(?:{_UNTIL})\s*\d{{1,2}}(?:st|nd|rd|th)?\s+(?P<last0>{_MONTH})\.?,?\s+(?P<y0>{_YEAR}))
    | (?P<n5>{_MONTH})\.?,?\s+(?:of\s+)?(?P<y5>{_YEAR}|['’]\d\d)
    | ['’](?P<y8>\d\d)
    | (?P<y6>(?:19|20)\d\d|(?!{_LATER})2[12]\d\d)
      (?![.,]?\d|/|\s*(?:{_COUNTED})\b|\s*[a-zµμ]+/[a-z])
    )\b"""
)

_BRITISH = (
    (re.compile(r"aemi"), "emi"), (re.compile(r"^haem"), "hem"), (re.compile(r"oedem"), "edem"),
    (re.compile(r"^oesoph"), "esoph"), (re.compile(r"^oestr"), "estr"),
    (re.compile(r"^paed"), "ped"), (re.compile(r"^gynaec"), "gynec"),
    (re.compile(r"^orthopaed"), "orthoped"), (re.compile(r"^anaes"), "anes"),
    (re.compile(r"tumour"), "tumor"), (re.compile(r"^diarrhoe"), "diarrhe"),
    (re.compile(r"isation"), "ization"), (re.compile(r"caecum"), "cecum"),
    (re.compile(r"^leuk?aem"), "leukem"), (re.compile(r"^foet"), "fet"),
    (re.compile(r"^(?:ultra)?sonogra(?:phy|m|ms)$"), "ultrasound"),
    (re.compile(r"(?<=o)graphy$"), "gram"), (re.compile(r"lipidaem"), "lipidem"),
    (re.compile(r"glycaem"), "glycem"),
)  # fmt: skip
SHORTHAND = {
    "infxn": "infection", "infxns": "infections", "fx": "fracture", "fxs": "fractures",
    "lac": "laceration", "lacs": "lacerations", "bronch": "bronchitis", "dz": "disease",
    "htn": "hypertension", "intol": "intolerance", "allergs": "allergies", "immun": "immunization",
    "imms": "immunizations", "vax": "vaccine", "pna": "pneumonia", "inj": "injection",
    "oa": "osteoarthritis", "tabs": "tablets", "tab": "tablet", "caps": "capsules",
}  # fmt: skip
"""How clinicians shorten words."""
_ENDS_IN_S = ("ss", "us", "is", "ous", "as")


@dataclass(frozen=True, slots=True)
class When:
    """A date as it is written: the days that it may mean."""

    start: int
    end: int
    low: date
    high: date


def word_set(text: str) -> frozenset[str]:
    """Words that are written with spaces between them."""
    return frozenset(text.split())


def tokens(text: str) -> list[Token]:
    """All tokens with their places."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    """Numbers in words are numbers: sixty-seven, eight point nine, stage IV."""
    plain = list(_plain_tokens(text))
    place = 0
    while place < len(plain):
        end, number = spelled.at(text, plain, place)
        if end > place:
            digits = f"{number:g}"
            decimals = len(digits.partition(".")[2])
            first, last = plain[place], plain[end - 1]
            yield Token(digits, first.start, last.end, number, decimals)
        else:
            yield plain[place]
        place = max(end, place + 1)


TIMES = re.compile(r"[xX×]\d{1,2}")
"""How often: x3."""


def _plain_tokens(text: str) -> Iterator[Token]:
    for found in TOKEN.finditer(text):
        word = found[0]
        if TIMES.fullmatch(word):
            yield Token(word[1:], found.start(), found.end(), float(word[1:]))
        elif word[0].isdecimal() or word[0] in "-−":
            plain = word.replace(",", "").replace("−", "-")
            decimals = len(plain.partition(".")[2])
            yield Token(plain, found.start(), found.end(), float(plain), decimals)
        else:
            yield Token(normal(word), found.start(), found.end())


_NORMAL: dict[str, str] = {}


def normal(word: str) -> str:
    """A word for comparison: lower case, no accents, American spelling, singular."""
    known = _NORMAL.get(word)
    if known is None:
        known = _NORMAL[word] = _normal(word)
        if len(_NORMAL) > 200_000:  # a text that never repeats a word must not fill the memory
            _NORMAL.clear()
    return known


def _normal(word: str) -> str:
    text = unicodedata.normalize("NFKD", word.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = SHORTHAND.get(text, text)
    for pattern, american in _BRITISH:
        text = pattern.sub(american, text)
    if len(text) > 3 and text.endswith("s") and not text.endswith(_ENDS_IN_S):
        if text.endswith("ies") and len(text) > 4:
            return text[:-3] + "y"
        if text.endswith(("sses", "ches", "shes", "xes")):
            return text[:-2]
        return text[:-1]
    return text


@lru_cache(100_000)
def norms(text: str) -> tuple[str, ...]:
    """The tokens of a name, for comparison."""
    return tuple(token.norm for token in _tokens(text))


def dates(text: str) -> list[When]:
    """The dates of a text; one that does not exist (2021-02-30) means no day, and fits nothing."""
    return [_when(found) for found in DATE.finditer(text)]


NEVER = date.max
LAST_SHORT = 40
"""Years of two figures below this are of this century: '24 is 2024, '45 is 1945."""


def _year(said: str) -> int:
    """2024, 24 or '24."""
    year = int(said.lstrip("'’"))
    return year if year > 99 else year + (2000 if year < LAST_SHORT else 1900)


def _when(found: re.Match[str]) -> When:
    groups = {key: value for key, value in found.groupdict().items() if value}
    year = _year(next(v for k, v in groups.items() if k[0] == "y"))
    month = next((int(v) for k, v in groups.items() if k[0] == "m"), 0)
    month = next((MONTHS[v.lower()] for k, v in groups.items() if k[0] == "n"), month)
    last = next((MONTHS[v.lower()] for k, v in groups.items() if k[0] == "l"), month)
    year -= last < month  # December 28 to January 3, 2023
    day = next((int(v) for k, v in groups.items() if k[0] == "d"), 0)
    try:
        if day:
            low = high = date(year, month, day)
        elif month:
            low = date(year, month, 1)
            high = date(year, month, monthrange(year, month)[1])
        else:
            low, high = date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        low = high = NEVER
    return When(found.start(), found.end(), low, high)
