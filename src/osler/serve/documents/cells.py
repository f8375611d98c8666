"""A value that stands with its unit, range and flag: their cells, and on which side of its range it
is. By rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osler.records.units import canonical
from osler.serve.documents.critical import critical
from osler.serve.documents.known import DEGREES, by_table, labs, unit_of
from osler.serve.documents.limits import (
    NUMBER,
    RANGE,
    SIGNED,
    Limits,
    limits_of,
    readings,
    side_of,
    untrailed,
)
from osler.serve.documents.pregnancy import usual
from osler.serve.documents.unitless import if_usual
from osler.serve.documents.whose import NOT_OF_NOW, of_another

CELL, SHORT, COMMAS = 200, 24, 3
"""Characters of a cell that is looked at, and of a flag, at most; commas of a row at least."""
VALUE = re.compile(
    r"(?P<mark>(?:HH?|LL?|[*!↑↓]{1,3})\s?)?(?P<sign>[<>≤≥]=?)?\s?"
    rf"(?P<value>{SIGNED})(?![\d.,/:'’٫٬-]{{0,12}}\d)\s?(?P<rest>.*)"
)
HIGH = re.compile(
    r"^\W*(?:H{1,3}|HI|high|critical(?:ly)? high|elevated|above|raised|↑{1,3}|\+\+?)\W*$", re.I
)
LOW = re.compile(
    r"^\W*(?:L{1,3}|LO|low|critical(?:ly)? low|decreased|below|reduced|↓{1,3})\W*$", re.I
)
ODD = re.compile(r"^\W*(?:A|abn|abnormal|\*{1,3}|crit(?:ical)?|out of range|panic)\W*$", re.I)
FLAG = re.compile(r"[(\[]?(?P<flag>HH?|LL?|high|low|\*{1,3}|↑{1,3}|↓{1,3})[)\]]?\s", re.I)
LISTED = re.compile(r"[(\[]?(?P<flag>HH?|LL?|↑{1,3}|↓{1,3})[)\]]?\s?[,;]")
"""A flag with which a value of a list ends: `12 H, ketones 5`."""
FLAGGED = re.compile(
    r"[\s(\[](?P<flag>HH?|LL?|high|low|elevated|abnormal|critical|\*{1,3}|↑{1,3}|↓{1,3})[)\]]?\s?$",
    re.I,
)
CRITICAL = re.compile(r"^\W*(?:HH+|LL+|crit(?:ical)?(?:ly)?(?: high| low)?|panic)\W*$", re.I)
"""How a laboratory itself marks what it telephones about."""
OVER = re.compile(r"[.;]\s+(?=[A-Z])")
"""Where what is told of a value ends."""
UNSURE = re.compile(rf"{NUMBER}\s?(?:>|to\b)\s?{NUMBER}")
"""`20 > 10`, `3.5 to 5.1`: a course, a value with its limit, or a range."""
GRADE = re.compile(r"[1-4]\s?\+|\+{1,4}")
FOUND = re.compile(rf"(?i)\W*(?:positive|reactive|detected|present)\W*|{GRADE.pattern}")
ABSENT = re.compile(
    r"(?i)\W*(?:neg(?:ative)?|non-?\s?reactive|not detected|none detected|absent)\W*"
)
"""Results that are no numbers, `3+` among them, and the reference of those that should not be."""
VOLUMES = re.compile(
    r"(?i)\b(?:(?<!corpuscular )(?<!platelet )(?<!cell )volume|capacity|forced|"
    r"output|intake|fev\d?|fvc|tlc|vc)\b"
)
"""What is measured in litres, which are written as a flag is."""
UNIT = re.compile(
    r"\s*(?P<unit>(?:[x×]?\s?10[*^]{0,2}\d{1,2}(?=\s?/)|[/%A-Za-zµμ°])[\w%/∕µμ.·⋅*^°\[\]{}()⁻¹²³-]{0,30}"
    r"(?:\s[dmuµμ]?[lL]\^?[-−⁻][1¹])?(?<!\.))"
)
FLUID = re.compile(
    r"(?i)\b(?:urin\w+|csf|cerebrospinal|pleural|ascit\w+|peritoneal|synovial|stool|sweat|"
    r"dialysate|drain)\b"
)
"""What is measured in such a fluid has other ranges than in blood."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a document says around a line that bears on its values."""

    style: str = ""
    """The mark before decimals; see `limits.style_of`."""
    heads: Sequence[str] = ()
    """Headings of the columns."""
    adult: bool = True
    """False in a document about a child."""
    pregnant: bool = False
    """Whether it is about somebody pregnant."""
    sure: bool = True
    """False for what is somebody else's, of another time or a target."""
    fluid: bool = False
    """Whether it stands under a heading of urine or another fluid that is no blood."""

    def judges(self, name: str) -> bool:
        """Whether the shipped ranges, those of adults and most of blood, are for a test."""
        of_urine = any(key.startswith("lab:urine") for key in labs(name))
        return self.adult and self.sure and (of_urine or not self.fluid)

    def by_table(self, name: str, value: str, unit: str, sign: str = "") -> str | None:
        """What the shipped ranges say of a value; of one that is usual in pregnancy nothing."""
        side = by_table(name, value, unit, sign, self.style)
        return None if self.pregnant and usual(name, value, unit, side) else side


@dataclass(frozen=True, slots=True)
class Value:
    """A value: characters [start, end) of its line, and the rest as in `Finding`."""

    start: int
    end: int
    name: str
    side: str
    told: str
    judged: bool
    critical: bool = False
    doubt: str = ""

    def at(self, start: int) -> Value:
        """The same in a line of which its own is a part from `start` on."""
        return replace(self, start=self.start + start, end=self.end + start)


def cells_of(text: str) -> list[str]:
    """The cells of a row: of a table, or parted by marks without a blank (`Sodium,140,mmol/L,`)."""
    if " | " in text:
        return [cell.strip()[:CELL] for cell in re.split(r"\s\|(?=\s|$)", text)]
    for mark in "|;,":
        if text.count(mark) >= COMMAS and f"{mark} " not in text:
            return [cell.strip(' "')[:CELL] for cell in text.split(mark)]
    return []


def value_of(
    start: int,
    end: int,
    name: str,
    value: str,
    others: Sequence[str],
    around: Around,
    sure: bool = True,
    also: Sequence[str] = (),
) -> Value:
    """One value, judged. `sure`: whether it is the one of now; `also`: others of its row."""
    sure = sure and not (NOT_OF_NOW.search(name) or of_another(name, len(name)))
    read = VALUE.fullmatch(value)
    assert read is not None
    number, sign, rest = read["value"], read["sign"] or "", read["rest"].strip()
    cells = [read["mark"] or "", rest, rest.rpartition(" ")[2] if " " in rest else "", *others]
    marked, at = _flag(name, cells)
    flag = "" if at is None else cells[at]
    unit = _unit([cell for n, cell in enumerate(cells) if n not in (0, at)], rest)
    unit = unit_of(name, unit or next((c for c in (*cells, *rest.split()) if c in DEGREES), ""))
    limits, shown = next(((found, c) for c in others if (found := limits_of(c))), ([], ""))
    ranged = shown or next(filter(RANGE.search, others), "")
    table = sure and around.judges(name)
    side = side_of(number, sign, limits, around.style) if sure else None
    if side is None and table and not ranged:
        side = around.by_table(name, number, unit, sign)
    # What a range says goes before a flag, but for a flag that names no side.
    against = bool(marked) and side is not None and side != marked and bool(limits)
    if marked and (side is None or not limits or marked == "abnormal"):
        side, against = side if side and marked == "abnormal" else marked, False
    far = (CRITICAL.match(flag) and not against) or (
        table and side == critical(name, number, unit, sign)
    )
    told = f"{name.strip(' :')}: {f'{sign}{number} {unit}'.strip()}"
    told += f", {side.upper()}" if side else ""
    told += f" (reference {_reference(limits, ranged)})" if ranged else ""
    told += f" (marked {marked} in the document)" if against else ""
    seen = next((cell for cell in others if FOUND.fullmatch(cell)), "")
    told += f" ({seen})" if seen else ""
    told += f" (in the same row: {', '.join(also)})" if also else ""
    other_unit = any("/" in cell for cell in others)
    alone = side is None and table and not (unit or sign or ranged or other_unit)
    doubt = if_usual(name, number) if alone else ""
    return Value(start, end, name, side or "", told, side is not None, bool(side and far), doubt)


def _unit(cells: Sequence[str], rest: str) -> str:
    """The unit of a value: a cell of its own, or a word behind the number."""
    return next(
        (
            each
            for each in (*cells, *rest.split())
            if each and not each.isdigit() and canonical(each) is not None
        ),
        "",
    )


def _reference(limits: Sequence[Limits], cell: str) -> str:
    """A range as reports tell it."""
    plain = [one.text for one in limits if one.kind == "plain"]
    text = plain[0] if len(plain) == 1 else cell.strip(" ()[]")
    return re.sub(r"(?<=[0-9])[ ]?[-–—][ ]?(?=[0-9-])", " to ", text)


def _flag(name: str, cells: Sequence[str]) -> tuple[str, int | None]:
    """The flag among the cells of a value, and which it is. `L` is litres where no other unit
    stands and no range before it."""
    for n, cell in enumerate(cells):
        short = cell if len(cell) <= SHORT else ""
        for pattern, side in ((HIGH, "high"), (LOW, "low"), (ODD, "abnormal")):
            if not short or not pattern.match(short):
                continue
            if n and short.strip("()[] ") == "L" and not _is_flag(name, cells, n):
                continue
            return side, n
    return "", None


def _is_flag(name: str, cells: Sequence[str], n: int) -> bool:
    unit = any(
        canonical(word) is not None
        for at, cell in enumerate(cells) if at != n and cell
        for word in (cell, *cell.split()) if word not in ("L", "H")
    )  # fmt: skip
    if unit or any(RANGE.search(cell) for cell in cells[:n]):
        return True
    ranged = any(RANGE.search(cell) for cell in cells[n:])
    return not ranged and bool(labs(name)) and not VOLUMES.search(name)


def is_known(cells: Sequence[str]) -> bool:
    """Whether it is a measurement, which has a unit or a name that is known: no `Room 12 (2-4)`."""
    known = any(canonical(cell) is not None for cell in cells[2:])
    graded = len(cells) == 3 and GRADE.fullmatch(cells[1]) and ABSENT.fullmatch(cells[2])
    return known or bool(graded) or cells[0].strip(" :") == "pH" or bool(labs(cells[0]))


def apart(rest: str) -> list[str]:
    """`5.9 mmol/L (3.5-5.1) H` -> its value, unit, range and flag; `3+ (negative)` in two."""
    if graded := GRADE.match(rest):
        return [graded[0], rest[graded.end() :].strip(" ()[],;")]
    value = VALUE.match(rest)
    if value is None or not _ends(value["rest"][: SHORT - 1]) or UNSURE.match(rest):
        return []
    cells = [rest[: value.end("value")]]
    listed = LISTED.match(value["rest"])
    if listed and not RANGE.search(value["rest"]):
        return [*cells, listed["flag"]]
    over = OVER.search(value["rest"])
    tail = untrailed(value["rest"][: over.start()] if over else value["rest"])
    leading = FLAG.match(tail)
    known = UNIT.match(tail, leading.end()) if leading else None
    if leading and known and canonical(known["unit"]) is not None:  # `118 L mmol/L`
        tail = f"{tail[leading.end() :]} {leading['flag']}"
    elif leading and RANGE.match(tail[leading.end() :].lstrip("([")):  # `6.9 H 3.5-5.3 mmol/L`
        cells.append(leading["flag"])
        tail = tail[leading.end() :]
    unit = UNIT.match(tail)
    if unit and (
        canonical(unit["unit"]) is not None or "/" in unit["unit"] or unit["unit"] in DEGREES
    ):
        cells.append(unit["unit"])
        tail = tail[unit.end() :]
    flagged = FLAGGED.search(" " + tail.strip(" ()[],;"))
    if limits := RANGE.search(tail):
        behind = None if unit else UNIT.match(tail, limits.end())
        if behind and canonical(behind["unit"]) is not None and {*"/%"} & {*behind["unit"]}:
            cells.append(behind["unit"])  # `6.9 H 3.5-5.3 mmol/L`
        cells.append(tail.strip())
    elif flagged and re.search(r"\d\s?L\W*$", tail):  # `40 mmol in 1 L`
        return cells
    return [*cells, flagged["flag"]] if flagged else cells


def is_value(cell: str) -> bool:
    """Whether a cell is a number, with its unit or flag perhaps; a grade is none."""
    found = None if GRADE.fullmatch(cell) else VALUE.fullmatch(cell)
    if found is None or not _ends(found["rest"]) or not readings(found["value"]):
        return False
    if canonical(cell) is not None and found["rest"]:  # `10^9/L`
        return False
    if re.fullmatch(r"[-–—−]\s*", found["rest"]):  # `30 -`, of which the end is in the next line
        return False
    limits = RANGE.match(cell)  # `135 to 145 mmol/L` is a range
    return limits is None or limits["low"] is None


def _ends(rest: str) -> bool:
    """Whether a number ends before the rest of its cell: not so `1 1 8`."""
    word = rest.partition(" ")[0]
    unit = canonical(word) is not None and not word.isdigit()
    whole = not rest[:1].isdigit() or unit or RANGE.match(rest)
    return len(rest) < SHORT and bool(whole)
