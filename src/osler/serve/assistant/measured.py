"""Values in a line of a document: in a row of a table, several on a line, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.assistant.known import by_table, labs
from osler.serve.assistant.limits import (
    NUMBER,
    RANGE,
    SIGNED,
    Limits,
    limits_of,
    readings,
    side_of,
)
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

LINE, CELL, SHORT = 140, 200, 24
"""Characters of a row without cells, of a cell that is looked at, and of a flag, at most."""
_LATER = (
    r"(?!\s?(?:h|hr|hrs|hours?|min|minutes?|d|days?|weeks?|months?|y|yrs?|years?|st|nd|rd|th)\b)"
)
"""What stands behind a number that tells when: `glucose, fasting 2h`."""
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
FLAGGED = re.compile(
    r"[\s(\[](?P<flag>HH?|LL?|high|low|elevated|abnormal|critical|\*{1,3}|↑{1,3}|↓{1,3})[)\]]?\s?$",
    re.I,
)
FOUND = re.compile(r"(?i)\W*(?:positive|reactive|detected|present)\W*")
ABSENT = re.compile(
    r"(?i)\W*(?:neg(?:ative)?|non-?\s?reactive|not detected|none detected|absent)\W*"
)
"""Results that are no numbers, and the reference of those that should not be."""
NOW = re.compile(r"(?i)\b(?:current|present|now|today|latest|new|results?|values?|most recent)\b")
EARLIER = re.compile(r"(?i)\b(?:prev\w*|prior|before|old|earlier|baseline|last|admission)\b")
LOWEST, HIGHEST = (
    re.compile(rf"(?i)(?:(?:ref\w*|normal|range)\W*)?(?:{words})\b.{{0,12}}")
    for words in ("low|lower|min|minimum|from|lln", "high|upper|max|maximum|to|uln")
)
"""Headings of columns."""
DATE = re.compile(r"\d{4}-\d\d-\d\d")
VOLUMES = re.compile(r"(?i)\b(?:volume|capacity|forced|output|intake|fev\d?|fvc|tlc|vc)\b")
"""What is measured in litres, which are written as a flag is."""
UNIT = re.compile(r"\s*(?P<unit>[/%A-Za-zµμ°][\w%/µμ.*^°\[\]{}()-]{0,30})")
BEFORE = re.compile(
    r"^.*[)\]}][,;.]?\s+(?:[-–•]\s)?(?=[A-Za-z])|^.*[.;]\s+(?=[A-Z])|^(?:H{1,2}|L{1,2}|high|low|abnormal)[,;.]?\s+"
)
"""What stands before a name: another sentence, the range or the flag of the test before it."""
OVER = re.compile(r"[.;]\s+(?=[A-Z])")
"""Where what is told of a value ends."""
PAIR = re.compile(
    rf"(?P<name>(?<![\w/])[A-Za-z][^:=;|<>≤≥]{{1,90}}?)\s?[:=]\s?(?P<value>[<>≤≥]?\s?{SIGNED})"
    r"(?![-/:'’٫٬]\d)"
)
_IS = (
    r"(?:\s+(?:was|is|of|at|to|level|levels|measured|remained|reached|fell|rose|from|now|:|=)){0,6}"
    r"[\s:=|]{0,6}"
)
SAID = re.compile(
    rf"{_IS}(?P<value>{NUMBER})(?![-/:'’٫٬]\d)\s?(?P<unit>[/%°A-Za-zµμ][\w%/µμ.^]{{0,30}})?"
)
PRESSURE = re.compile(rf"{_IS}(?P<systolic>\d{{2,3}})/(?P<diastolic>\d{{2,3}})(?![/\d])")
"""How a sentence goes on behind the name of what was measured."""
LAST = re.compile(rf"(?i)\b(?:to|now|today|currently|is|at present)(?: \w+)? (?P<value>{NUMBER})")
"""The present one of several values that a sentence tells."""
ALONE = re.compile(r"\s?(?:[.,;)]|$|and\b|[A-Z])")
"""What stands behind a number that has no unit."""
SAFE = {"heart rate": "/min", "respiratory rate": "/min"}
"""Signs that are counted in one unit alone."""
PLAIN = re.compile(
    r"^(?P<name>[A-Za-z][A-Za-z0-9 ,.()\[\]/+'’-]{1,90}?)\s?[:=]?\s"
    rf"(?P<rest>[<>≤≥]?\s?{SIGNED}{_LATER}.*)$"
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value: characters [start, end) of its line, and the rest as in `Finding`."""

    start: int
    end: int
    name: str
    side: str
    told: str
    judged: bool


def measured(text: str, style: str = "", heads: Sequence[str] = ()) -> list[Value]:
    """The values of a line. `style`: see `limits.style_of`; `heads`: headings of its columns."""
    return row(text, style, heads) or _pairs(text, style) or list(_told(text, style))


def every(text: str) -> Iterator[Value]:
    """All that a sentence may say of values."""
    yield from row(text)
    yield from _pairs(text, "")
    yield from _told(text, "")


def cells_of(text: str) -> list[str]:
    """The cells of a row."""
    if " | " not in text:
        return []
    return [cell.strip()[:CELL] for cell in re.split(r"\s\|(?=\s|$)", text)]


def headings(cells: Sequence[str], before: Sequence[str]) -> Sequence[str]:
    """The headings of the table that a line is of: those of its first row, where that has no
    values."""
    if len(cells) < 2 or before:
        return before if cells else ()
    return () if any(_is_value(c) or RANGE.search(c) for c in cells[1:]) else cells


def row(text: str, style: str = "", heads: Sequence[str] = ()) -> list[Value]:
    """A row `Potassium | 5.9 | mmol/L | 3.5-5.1 | H`, or the same with blanks."""
    cells = cells_of(text)
    if not cells:
        plain = PLAIN.match(text) if len(text) <= LINE else None
        if plain is None or len(PAIR.findall(text)) > 1 or _names(plain["rest"]):
            return []
        cells = [plain["name"], *_apart(plain["rest"])]
        if not _known(cells):
            return []
    at = [n for n, cell in enumerate(cells) if n and _is_value(cell)]
    name = next(
        (c for c in cells[: at[0] if at else 1] if re.search(r"[A-Za-z]{2}", c) or labs(c)), ""
    )
    if not name:
        return []
    if not at:
        return _found(text, name, cells)
    numbers = at[:1] + [n for n in at[1:] if cells[n][0] not in "<>≤≥"]
    low, high = (next((n for n in numbers if n < len(heads) and p.fullmatch(heads[n])), 0)
                 for p in (LOWEST, HIGHEST))  # fmt: skip
    if low and high and len(numbers) > 2:
        numbers = [n for n in numbers if n not in (low, high)]
        cells = [*cells, f"{cells[low]} - {cells[high]}"]
        cells[low] = cells[high] = ""
    present = _present(numbers, heads)
    value = numbers[-1] if present is None else present
    also = [cells[n] for n in numbers if n != value]
    taken = set(numbers)
    others = [c for n, c in enumerate(cells) if n not in taken and c != name]
    one = _value(0, len(text), name, cells[value], others, style, present is not None, also)
    return [one] if one.side or one.judged or " | " in text or labs(name) else []


def _present(numbers: Sequence[int], heads: Sequence[str]) -> int | None:
    """Which of several numbers of a row is the value of now, by the headings; None: not sure."""
    if len(numbers) == 1:
        return numbers[0]
    told = {n: heads[n] for n in numbers if n < len(heads)}
    later = [n for n in numbers if not EARLIER.search(told.get(n, ""))]
    for some in (later, [n for n in later if NOW.search(told.get(n, ""))]):
        if len(some) == 1 and told:
            return some[0]
    dates = {n: found[0] for n, head in told.items() if (found := DATE.search(head))}
    return max(numbers, key=lambda n: dates[n]) if len(dates) == len(numbers) else None


def _names(text: str) -> bool:
    """Whether a text names a test that has a number of its own."""
    words = tokens(text)
    return any(
        re.match(r"[ :=]{1,3}[<>]?\d", text[words[last - 1].end :])
        for _, last, _ in lookup.names_as("lab").found(words, text)
    )


def _found(text: str, name: str, cells: Sequence[str]) -> list[Value]:
    """`HIV | REACTIVE | Non-reactive`: what is there and should not be."""
    found = next((cell for cell in cells[1:] if FOUND.fullmatch(cell)), "")
    if not found:
        return []
    odd = any(ABSENT.fullmatch(cell) or ODD.match(cell[:SHORT]) for cell in cells[1:] if cell)
    told = f"{name.strip(' :')}: {found}" + (", ABNORMAL" if odd else "")
    return [Value(0, len(text), name, "abnormal" if odd else "", told, odd)]


def _pairs(text: str, style: str) -> list[Value]:
    """Several on a line: `Sodium: 128 mmol/L (135-145) Potassium: 4.1 mmol/L (3.5-5.1)`."""
    found: list[Value] = []
    pairs = [(each.start() + _before(each["name"]), each) for each in PAIR.finditer(text)]
    # `5.2 % (diabetes: >6.5)` tells of one value.
    pairs = pairs[:1] + [(at, each) for at, each in pairs[1:] if text[at - 1] not in "(["]
    ends = [start for start, _ in pairs[1:]] + [len(text)]
    for (start, one), end in zip(pairs, ends, strict=False):
        name = text[start : one.end("name")]
        over = OVER.search(text, one.end("value"), end)
        end = over.start() if over else end
        cells = [name, *_apart(text[one.start("value") : end][:CELL])]
        if len(cells) > 1 and _known(cells):
            stop = start + len(text[start:end].rstrip(" ;,"))
            found.append(_value(start, stop, name, cells[1], cells[2:], style))
    return found


def _value(
    start: int,
    end: int,
    name: str,
    value: str,
    others: Sequence[str],
    style: str,
    sure: bool = True,
    also: Sequence[str] = (),
) -> Value:
    """One value, judged. `sure`: whether it is the one of now; `also`: others of its row."""
    read = VALUE.fullmatch(value)
    assert read is not None
    rest = read["rest"].strip()
    cells = [read["mark"] or "", rest, rest.rpartition(" ")[2] if " " in rest else "", *others]
    marked, at = _flag(name, cells)
    cells[0] = ""
    if at is not None:
        cells[at] = ""
    unit = next((cell for cell in cells if cell and canonical(cell) is not None), "")
    if not unit and rest:
        unit = next((word for word in rest.split() if canonical(word) is not None), "")
    limits, shown = next(((found, c) for c in others if (found := limits_of(c))), ([], ""))
    sign = read["sign"] or ""
    ranged = any(RANGE.search(cell) for cell in others)
    side = None
    if sure:
        side = side_of(read["value"], sign, limits, style)
        if side is None and not ranged:
            side = by_table(name, read["value"], unit, sign, style)
    # What a range says goes before a flag, but for a flag that names no side.
    against = bool(marked) and side is not None and side != marked and bool(limits)
    if marked and (side is None or not limits or marked == "abnormal"):
        side, against = side if side and marked == "abnormal" else marked, False
    shown_value = " ".join((f"{sign}{read['value']}", unit)).strip()
    told = f"{name.strip(' :')}: {shown_value}" + (f", {side.upper()}" if side else "")
    if ranged:
        told += f" (reference {_reference(limits, shown or next(filter(RANGE.search, others)))})"
    if against:
        told += f" (marked {marked} in the document)"
    if seen := next((cell for cell in others if FOUND.fullmatch(cell)), ""):
        told += f" ({seen})"
    if also:
        told += f" (in the same row: {', '.join(also)})"
    return Value(start, end, name, side or "", told, side is not None)


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


def _before(name: str) -> int:
    """Characters of a name that belong to the test before it: `mmol/L (3.5-5.1), sodium`."""
    found = BEFORE.match(name)
    at = found.end() if found else 0
    unit = UNIT.match(name, at)
    behind = unit and re.compile(r"[,;.]?\s+(?=[A-Za-z])").match(name, unit.end())
    return behind.end() if unit and behind and canonical(unit["unit"]) is not None else at


def _known(cells: Sequence[str]) -> bool:
    """Whether it is a measurement, which has a unit or a name that is known: no `Room 12 (2-4)`."""
    known = any(canonical(cell) is not None for cell in cells[2:])
    return known or cells[0].strip(" :") == "pH" or bool(labs(cells[0]))


def _apart(rest: str) -> list[str]:
    """`5.9 mmol/L (3.5-5.1) H` -> its value, unit, range and flag."""
    value = VALUE.match(rest)
    if value is None or not _ends(value["rest"][: SHORT - 1]):
        return []
    cells = [rest[: value.end("value")]]
    tail = value["rest"]
    unit = UNIT.match(tail)
    if unit and canonical(unit["unit"]) is not None:
        cells.append(unit["unit"])
        tail = tail[unit.end() :]
    flagged = FLAGGED.search(" " + tail.strip(" ()[],;"))
    if RANGE.search(tail):
        cells.append(tail)
    return [*cells, flagged["flag"]] if flagged else cells


def _is_value(cell: str) -> bool:
    found = VALUE.fullmatch(cell)
    if found is None or not _ends(found["rest"]) or not readings(found["value"]):
        return False
    if canonical(cell) is not None and found["rest"]:  # `10^9/L`
        return False
    limits = RANGE.match(cell)  # `135 to 145 mmol/L` is a range
    return limits is None or limits["low"] is None


def _ends(rest: str) -> bool:
    """Whether a number ends before the rest of its cell: not so `1 1 8`."""
    word = rest.partition(" ")[0]
    unit = canonical(word) is not None and not word.isdigit()
    whole = not rest[:1].isdigit() or unit or RANGE.match(rest)
    return len(rest) < SHORT and bool(whole)


def _told(text: str, style: str) -> Iterator[Value]:
    """Values in sentences: `haemoglobin of 7.2 g/dL`; the characters are those of the sentence."""
    for start, end in sentences(text):
        said = text[start:end]
        words = tokens(said)
        names = [
            (words[last - 1].end, keys[0].partition(":")[2], words[first].start)
            for first, last, keys in lookup.names_as("lab").found(words, said)
        ]
        stops = [first for *_, first in names[1:]] + [len(said)]
        for (at, name, _), stop in zip(names, stops, strict=False):
            if one := _sentence(said[at : min(stop, at + CELL)], name, style):
                yield Value(start, end, name, *one)


def _sentence(said: str, name: str, style: str) -> tuple[str, str, bool] | None:
    """Side, what is told, and whether it is judged, of what stands behind a name."""
    if name == "blood pressure" and (two := PRESSURE.match(said)):
        sides = [by_table(f"{part} {name}", two[part], "mmHg", "", style)
                 for part in ("systolic", "diastolic")]  # fmt: skip
        side = next((one for one in ("high", "low", "") if one in sides), None)
        shown, unit = f"{two['systolic']}/{two['diastolic']}", "mmHg"
    elif value := SAID.match(said):
        shown, unit = value["value"], (value["unit"] or "").rstrip(".")
        if name == "body temperature" and unit in ("C", "F"):
            unit = f"°{unit}"
        if canonical(unit) is None or not unit:
            if not ALONE.match(said, value.end("value")):
                return None
            unit = SAFE.get(name, "")
        after = said[value.end() :]
        last = next(reversed(list(LAST.finditer(after))), None)
        more = len(re.findall(NUMBER, after))
        shown = last["value"] if last else shown
        same = unit and more and re.search(rf"{NUMBER} ?{re.escape(unit)}", after)
        sure = bool(readings(shown)) and (last is not None or not same)
        side = by_table(name, shown, unit, "", style) if sure else None
    else:
        return None
    told = f"{name}: {shown} {unit}".rstrip() + (f", {side.upper()}" if side else "")
    return side or "", told, side is not None
