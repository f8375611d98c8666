"""How much, how often and for whom: the numbers of a sentence, each with its unit and its side.

A number is held to what it counts (`38` fever, `3` months) and to its side (above or below), and
how often something is done to one measure: `twice daily`, `every 12 hours` and `bid` are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

ONES = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
LARGE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
VALUES = (
    {word: n for n, word in enumerate(ONES, 1)}
    | {word: 10 * n for n, word in enumerate(TENS, 2)}
    | {"once": 1, "twice": 2, "thrice": 3, "half": Fraction(1, 2), "quarter": Fraction(1, 4)}
    | LARGE
)
ORDINALS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
NUMBER = (
    rf"(?:\d{{1,18}}(?:[.,]\d{{1,18}}){{0,4}}"
    rf"|\b(?:(?:{'|'.join(TENS)})(?:[\s-](?:{'|'.join(ONES[:9])}))?"
    rf"|{'|'.join(sorted(ONES, key=len, reverse=True))}|half|quarter|{'|'.join(LARGE)})\b)"
    rf"(?:\s(?:{'|'.join(LARGE)})\b)*"
)

UNITS = {
    variant: names.split()[0]
    for names in (
        "second seconds sec secs", "minute minutes min mins", "hour hours hr hrs hourly",
        "day days daily night nights", "week weeks weekly", "month months monthly",
        "year years yr yrs yearly", "decade decades", "mg milligram milligrams milligramme",
        "mcg µg μg microgram micrograms", "g gram grams gramme grammes", "kg kilogram kilograms",
        "ng nanogram nanograms", "lb lbs pound pounds", "oz ounce ounces",
        "ml millilitre millilitres milliliter milliliters", "l litre litres liter liters",
        "dl decilitre", "mm millimetre millimetres millimeter millimeters",
        "cm centimetre centimetres centimeter centimeters", "inch inches",
        "m metre metres meter meters", "drop drops", "teaspoon teaspoons", "tablespoon tablespoons",
        "cup cups", "glass glasses", "tablet tablets", "capsule capsules", "pill pills",
        "dose doses", "puff puffs", "injection injections", "% percent", "time times",
    )
    for variant in names.split()
}  # fmt: skip
DAYS = {
    "minute": Fraction(1, 1440), "hour": Fraction(1, 24), "day": Fraction(1),
    "week": Fraction(7), "month": Fraction(30), "year": Fraction(365),
}  # fmt: skip
TIMES = {"second", "decade", *DAYS}

PERIOD = r"(?P<{0}>minute|hour|day|night|morning|evening|week|month|year)s?\b"
COUNT = (
    rf"(?:(?:(?P<low>{NUMBER})\s*(?:to|or|-|–)\s*)?(?P<n>{NUMBER})[\s-]times"
    r"|\b(?P<word>once|twice|thrice)(?:\s+or\s+(?P<high>twice))?)"
)
FREQUENCY = re.compile(
    rf"(?:{COUNT}\s*(?:,\s*)?)?(?:"
    rf"(?:\b(?:in\s+)?(?:an?|one|per|each)\s+|/\s?){PERIOD.format('per')}"
    rf"|\bevery\s+(?:(?P<from>{NUMBER})\s*(?:to|or|-|–)\s*)?(?:(?P<each>{NUMBER}|other|second)\s+)?"
    rf"{PERIOD.format('every')}"
    r"|\b(?P<ly>hourly|daily|nightly|weekly|monthly|yearly|annually)\b)"
    r"|\b(?P<short>[btq]\.?i\.?d|q\.?d|o\.d)\b\.?"
)
LY = {"hourly": "hour", "daily": "day", "nightly": "day", "weekly": "week", "monthly": "month"}
SHORT = {"b": 2, "t": 3, "q": 4}
LASTS = re.compile(
    r"\b(?:for|in|within|after|before|about|than|of|half|over|under|lasts?|one|or)\s*$"
)
"""Before `a day`, where that is a length of time."""

MORE = r"more|greater|higher|longer|older|later|larger|heavier"
LESS = r"less|fewer|lower|shorter|younger|smaller|lighter|earlier"
ABOVE = re.compile(
    rf"(?:(?:\b(?<!no )(?<!not )(?:{MORE}) than|\b(?:no|not) (?:{LESS}) than|\bover|\babove"
    r"|\bat least|\bexceed(?:s|ing)?|\bbeyond|\ba minimum of)(?: or equal to)?|≥|>=?)"
    r"(?: about| roughly| the| age| of| a| an)*\s*$"
)
BELOW = re.compile(
    rf"(?:(?:\b(?<!no )(?<!not )(?:{LESS}) than|\b(?:no|not) (?:{MORE}) than|\bunder|\bbelow"
    r"|\bat (?:the )?most|\bup to|\bwithin|\ba maximum of)(?: or equal to)?|≤|<=?)"
    r"(?: about| roughly| the| age| of| a| an)*\s*$"
)
BEHIND = re.compile(
    rf"(?:[\s-]{{0,3}}[^\W\d]{{1,20}}\b){{0,3}}?\s*(?:\+|,?\s(?:or|and) "
    rf"(?:(?P<up>{MORE}|over|above|up)|(?P<down>{LESS}|under|below))\b(?! than))"
)
RANGE = re.compile(rf"[\s%]*(?:to|or|and|-|–)\s*(?={NUMBER})")
NEXT = re.compile(r"[\s-]*(%|per cent|[^\W\d_]+)(?:[\s-]+([^\W\d_]+))?")
AMOUNT = re.compile(rf"(?P<number>{NUMBER}|\b(?:twice|thrice)\b)|\b(?P<nth>{ORDINALS})(?=\s[a-z])")
SINGLE = re.compile(r"\ban?(?=\s(?:second|minute|hour|day|night|week|month|year|decade)\b)")

LABEL = re.compile(r"\b(type|stage|grade|class|phase|group|level|factor|vitamin|category)s?\s$")
"""Before a number that is a name."""
PERSON = "person"
PEOPLE = {
    name: re.compile(rf"\b(?:{words})\b")
    for name, words in {
        "elderly": r"elderly|seniors?|older (?:adults?|people|persons?|patients?)|old(?:er)? age",
        "pregnant": r"pregnant|pregnancy|pregnancies",
        "nursing": r"breast-?feeding|nursing (?:mothers?|women)",
        "infants": r"infants?|bab(?:y|ies)|newborns?|neonates?",
        "children": r"child|children|kids?|toddlers?",
        "teenagers": r"adolescents?|teens?|teenagers?",
        "adults": r"(?<!older )adults?",
        "women": r"wom[ae]n|females?|girls?",
        "men": r"m[ae]n|males?|boys?",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A number, by its value, what it counts and its side (+ above, - below); or whom it is for."""

    value: str
    unit: str = ""
    side: str = ""

    def same(self, other: Mark) -> bool:
        """Whether value and side are the same, and the unit where one of both is known."""
        known = self.unit in UNITS.values() or other.unit in UNITS.values()
        return (self.value, self.side) == (other.value, other.side) and (
            not known or self.unit == other.unit
        )


@dataclass(frozen=True, slots=True)
class Amounts:
    """The marks of a text in order, how often a day (with its side), and the units of time."""

    marks: tuple[Mark, ...]
    often: frozenset[tuple[str, Fraction]]
    times: frozenset[str]
    spans: tuple[tuple[int, int], ...] = ()
    """The characters of numbers in words, of how often and of whom; they need no same words."""
    around: frozenset[Mark] = frozenset()
    """What title and section have, which need not be said again."""

    def within(self, other: Amounts) -> bool:
        """Whether another text says each of these amounts, of the same things."""
        if not (self.often <= other.often and self.times <= other.times):
            return False
        marks = [mark for mark in self.marks if mark not in other.around]
        people = {mark for mark in marks if mark.unit == PERSON}
        if len(people) < 2:  # who is alone is wherever he is told
            marks = [mark for mark in marks if mark not in people]
        rest = iter(other.marks)
        if not all(any(mark.same(each) for each in rest) for mark in marks):
            # Told in another order, each must be known by its unit.
            units = [mark.unit for mark in set(marks)]
            if len(set(units)) < len(units) or not set(marks) <= set(other.marks):
                return False
        return people <= set(other.marks)


def amounts(text: str) -> Amounts:
    """The amounts of a text."""
    text = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)  # places stay
    often: list[tuple[str, Fraction]] = []
    left = list(text)
    spans: list[tuple[int, int]] = []
    for (start, end), found in _frequencies(text):
        spans.append((start, end))
        often += ((_side(text, start, end), each) for each in found)
        left[start:end] = " " * (end - start)
    plain = "".join(left)
    told = sorted([*_numbers(plain), *_people(text)], key=lambda each: each[0])
    spans += (span for span, _ in told)
    words = {UNITS.get(word, "") for word in re.findall(r"[^\W\d_]+", plain)}
    return Amounts(
        tuple(mark for _, mark in told), frozenset(often), frozenset(words & TIMES),
        tuple(spans),
    )  # fmt: skip


def _frequencies(text: str) -> Iterator[tuple[tuple[int, int], list[Fraction]]]:
    """Where it is said how often, and how many times a day that is."""
    for found in FREQUENCY.finditer(text):
        said = found.groupdict()
        if said["short"]:  # qd and od are once a day
            doses = SHORT.get(said["short"][0], 1) if "i" in said["short"] else 1
            yield found.span(), [Fraction(doses)]
            continue
        counts = [n for n in (said["n"] or said["word"], said["low"] or said["high"]) if n]
        before = text[max(0, found.start() - 12) : found.start()]
        if said["per"] and not counts and LASTS.search(before):
            continue
        days = DAYS[_period(said["per"] or said["every"] or LY.get(said["ly"], "year"))]
        each = [n for n in (said["each"], said["from"]) if n]
        periods = [days * (2 if n in ("other", "second") else _value(n)) for n in each]
        times = [_value(n) for n in counts] or [Fraction(1)]
        yield found.span(), [n / period for n in times for period in periods or [days] if period]


def _period(word: str) -> str:
    return "day" if word in ("night", "morning", "evening") else word


def _numbers(text: str) -> Iterator[tuple[tuple[int, int], Mark]]:
    """Each number with what it counts; `one` only before a unit, for else it is a pronoun."""
    for found in AMOUNT.finditer(text):
        said = found["number"] or found["nth"]
        unit = "time" if said in ("twice", "thrice") else _unit(text, found.end())
        if said == "one" and unit not in UNITS.values() and unit not in ("in", "out"):
            continue
        value = str(_value(said)) if found["number"] else f"the {said}"
        if label := LABEL.search(text, max(0, found.start() - 12), found.start()):
            unit = f"{label[1]} {value}"
        yield found.span(), Mark(value, unit, _side(text, *found.span()))
    for found in SINGLE.finditer(text):
        yield found.span(), Mark("1", _unit(text, found.end()), _side(text, *found.span()))


def _people(text: str) -> Iterator[tuple[tuple[int, int], Mark]]:
    for name, words in PEOPLE.items():
        for found in words.finditer(text):
            yield found.span(), Mark(name, PERSON)


def _unit(text: str, end: int) -> str:
    """What a number counts: a unit in the next two words, else the next word."""
    while between := RANGE.match(text, end):
        number = re.compile(NUMBER).match(text, between.end())
        end = number.end() if number else len(text)
    found = NEXT.match(text, end)
    if found is None:
        return ""
    first = "%" if found[1] in ("%", "per cent") else UNITS.get(found[1], "")
    return first or UNITS.get(found[2] or "", "") or found[1]


def _side(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 40) : start]
    behind = BEHIND.match(text, end)
    if ABOVE.search(before) or (behind and not behind["down"]):
        return "+"
    return "-" if BELOW.search(before) or behind else ""


def _value(said: str) -> Fraction:
    """`1,000`, `two hundred`, `twenty-four`."""
    total = Fraction(0)
    for part in re.split(r"[\s-]+", said.strip()):
        if part in LARGE:
            total = (total or 1) * LARGE[part]
        elif part in VALUES:
            total += VALUES[part]
        else:
            whole, *rest = re.sub(r",(?=\d{3}\b)", "", part).replace(",", ".").split(".")
            total += Fraction(f"{whole}.{''.join(rest)}") if rest else Fraction(whole)
    return Fraction(total)
