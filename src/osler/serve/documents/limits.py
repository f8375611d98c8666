"""Numbers and ranges as reports write them, and on which side of its range a number lies. By rule.

Where it is not sure what a number is (1,250 and 1.250 have two readings) or which range is meant,
nothing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osler.records.units import canonical

NUMBER = (
    r"(?<![\d.,·])(?:[1-9]\d{0,2}(?: \d{3})++(?![\d.,·/]|-\d)"
    r"|\d{1,12}+(?:[.,·]\d{1,12}+){0,4}+)(?!\d)"
)
"""Thousands may be parted by blanks, commas or points; decimals by a comma, a point or a dot."""
SIGNED = rf"[-−+]?{NUMBER}"
RANGE = re.compile(
    rf"(?i)(?<![\w.,/−-])(?P<low>{SIGNED})\s?(?:-|–|—|−|to\b|…|\.{{2,3}})\s?(?P<high>{SIGNED})(?![-/]\d)"
    r"|(?P<sign><=|>=|<|>|≤|≥|\b(?:up to|below|under|less than|above|over|greater than|at least))"
    rf"\s?(?P<limit>{SIGNED})"
)
UPPER = frozenset({"<", "≤", "<=", "up to", "below", "under", "less than"})
BRACKETED = re.compile(r"\(([-−+]?\d{1,12}(?:[.,]\d{1,12})?)\)")
PARTS = re.compile(r"[;()\[\]]|,(?!\d)")
"""Where one tier of a range ends: `deficient <20, sufficient 30-100`."""
_STATUS = (
    r"final|prelim(?:inary)?|verified|validated|completed?|authori[sz]ed|resulted|released|signed"
)
TRAILING = re.compile(
    rf"[ ,;]{{1,3}}(?:(?i:{_STATUS})\b(?: (?:by|on|at)(?: [^\d<>\[\]()]{{0,40}})?)?"
    r"|[A-Z]{1,5}\d{1,3}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d\d){1,2}|(?:19|20)\d\d-\d\d-\d\d|\d\d:\d\d)$"
)
"""What laboratories print behind all else: a status, a code, a date, the time."""
CLIPPED = 200
"""Characters of a cell at most that is looked at for them."""
WORD = re.compile(r"[^\W\d_][\w/%*^.]{0,40}")
PLAIN = frozenset(
    "normal sufficient optimal desirable reference ref range interval limits expected value values "  # noqa: SIM905
    "is of adult adults male males female females men women m f target h hh l ll n nr "
    "the from runs between our laboratory in pregnancy pregnant gestation trimester".split()
)
"""What is said of a range that tells what is normal."""
ABOVE = frozenset({"high", "elevated", "raised", "increased"})
BELOW = frozenset({"low", "deficient", "deficiency", "decreased", "reduced"})
STYLE = re.compile(rf"{NUMBER}\s?[-–—]\s?{NUMBER}")
DECIMAL = re.compile(r"(?<![\d.,/-])\d{1,4}[.,]\d{1,2}(?=\s?[A-Za-z%°µμ])")
"""A number that has decimals, before its unit."""
FAR = 20
"""How many times farther from its range a reading is that cannot be meant."""


def readings(text: str) -> dict[str, float]:
    """What a number may be, by the mark before its decimals."""
    text = text.replace("·", ".").replace("−", "-").replace(" ", "")
    found: dict[str, float] = {}
    for mark, group in ((".", ","), (",", ".")):
        whole, _, rest = text.partition(mark)
        grouped = re.fullmatch(rf"[-+]?[1-9]\d{{0,2}}(?:\{group}\d{{3}})+", whole)
        if mark not in rest and group not in rest and (group not in whole or grouped):
            found[mark] = float(f"{whole.replace(group, '')}.{rest or 0}")
    return found


def style_of(text: str) -> str:
    """The mark before decimals in the ranges of a text, without any in its numbers with a unit;
    empty where there is none, or both."""
    ranges = (one for limits in STYLE.finditer(text) for one in re.findall(NUMBER, limits[0]))
    marks = _marks(ranges) or _marks(each[0] for each in DECIMAL.finditer(text))
    return marks.pop() if len(marks) == 1 else ""


def _marks(numbers: Iterable[str]) -> set[str]:
    read = (readings(one) for one in numbers)
    return {mark for found in read if len(found) == 1 for mark in found}


@dataclass(frozen=True, slots=True)
class Limits:
    """A range: its numbers as written, empty where it has no such limit; of what it tells."""

    text: str
    low: str
    high: str
    kind: str
    """plain; high or low for a tier, of which nothing is known on its other side."""

    def side(self, number: float, sign: str, mark: str) -> str | None:
        """Where a number lies, or one of which only a bound is known (`<0.1`)."""
        low, high = (_read(each, mark) if each else None for each in (self.low, self.high))
        if low is not None and high is not None and low > high:
            return None  # no range, or one that was read from its wrong end
        above = high is not None and (number > high or (sign[:1] in (">", "≥") and number >= high))
        below = low is not None and (number < low or (sign[:1] in ("<", "≤") and number <= low))
        if self.kind != "plain":  # `High: >240`, its limit is where the tier begins
            return self.kind if sign == "" and (above or below) else None
        if above and sign[:1] not in ("<", "≤"):
            return "high"
        if below and sign[:1] not in (">", "≥"):
            return "low"
        open_above = sign[:1] in (">", "≥") and high is not None
        open_below = sign[:1] in ("<", "≤") and low is not None
        return None if above or below or open_above or open_below else ""

    def far(self, number: float, mark: str) -> float:
        """How many times a number is beyond a limit; of one limit alone, or below it."""
        ends = [_read(each, mark) for each in (self.low, self.high) if each]
        ends = [end for end in ends if end]  # 0-500 tells as much as <500
        if len(ends) == 2 and ends[0] <= number <= ends[1]:
            return 1.0
        if number <= 0 or min(ends, default=0) <= 0:
            return float("inf")
        return min(max(number / end, end / number) for end in ends)


def limits_of(cell: str) -> list[Limits]:
    """The ranges of a cell or the rest of a line that tell on which side a value is."""
    found: list[Limits] = []
    for part in PARTS.split(BRACKETED.sub(r"\1", untrailed(cell))):
        ranges = list(RANGE.finditer(part))
        last = 0
        for one in ranges:
            words = part[last : one.start()] + (part[one.end() :] if one is ranges[-1] else "")
            last = one.end()
            sign = (one["sign"] or "").lower()
            kind = _kind(words, sign)
            low, high = one["low"] or "", one["high"] or ""
            if sign:
                upper = (sign in UPPER) == (kind == "plain")
                low, high = ("", one["limit"]) if upper else (one["limit"], "")
            if kind and _ordered(low, high):
                found.append(Limits(one[0], low, high, kind))
    return found


def untrailed(cell: str) -> str:
    """A cell without the status, codes and dates at its end."""
    for _ in range(4):
        if len(cell) > CLIPPED or not (last := TRAILING.search(cell)):
            break
        cell = cell[: last.start()]
    return cell


def _kind(words: str, sign: str) -> str:
    said = {word.lower().rstrip(".") for word in WORD.findall(words) if canonical(word) is None}
    if said <= PLAIN:
        return "plain"
    said -= {"very", "critical", "critically"}
    if said and said <= ABOVE and sign in (">", "≥", ">="):
        return "high"
    if said and said <= BELOW and sign in ("<", "≤", "<="):
        return "low"
    return ""


def _ordered(low: str, high: str) -> bool:
    one, two = readings(low) if low else {}, readings(high) if high else {}
    if not low or not high:
        return bool(one or two)
    marks = set(one) & set(two)
    return any(one[mark] < two[mark] for mark in marks)


def _read(text: str, mark: str) -> float:
    found = readings(text)
    return found.get(mark, next(iter(found.values())))


def side_of(value: str, sign: str, limits: Sequence[Limits], style: str) -> str | None:
    """high, low, empty for within; None where it is not sure. `style`: see `style_of`."""
    written = [value, *(each for one in limits for each in (one.low, one.high) if each)]
    marks = [mark for mark in ".," if all(mark in readings(each) for each in written)]
    if not limits or not readings(value):
        return None
    if not marks:  # `5.9` beside `3,5-5,1`
        sure = all(len(readings(each)) == 1 or each.isdigit() for each in written)
        return _agreed(value, sign, limits, next(iter(readings(value)))) if sure else None
    sides = {mark: _agreed(value, sign, limits, mark) for mark in marks}
    if len(set(sides.values())) == 1:
        return sides[marks[0]]
    mark = meant(value, limits, style)
    return sides[mark] if mark else None


def meant(value: str, limits: Sequence[Limits], style: str) -> str:
    """Which mark of a number with two readings stands before its decimals, or none.

    By the ranges of the document, else by how near to its range each reading is. 25,000 is not
    25 because that would be normal.
    """
    comma = "," in value
    far = {m: min(one.far(each, m) for one in limits) for m, each in readings(value).items()}
    if style == "," or (style == "." and comma):
        return style
    if comma:
        return "." if far["."] < far[","] else ""
    # A laboratory that writes `<14` does not write 2.500 for two and a half.
    fine = any("." in end for one in limits for end in (one.low, one.high))
    if (fine and FAR * far["."] <= far[","]) or (style and far["."] <= far[","]):
        return "."
    return "," if FAR * far[","] <= far["."] and not style else ""


def _agreed(value: str, sign: str, limits: Sequence[Limits], mark: str) -> str | None:
    """What the ranges that tell what is normal say, where they say the same."""
    number = _read(value, mark)
    plain = {one.side(number, sign, mark) for one in limits if one.kind == "plain"}
    if plain:
        return plain.pop() if len(plain) == 1 else None
    tiers = {one.side(number, sign, mark) for one in limits} - {None}
    return tiers.pop() if len(tiers) == 1 else None
