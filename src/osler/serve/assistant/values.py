"""The values of a document, and which of them are out of range. By rule.

A value is out of range by the flag or the range that stands beside it; without either, by the
shipped ranges for adults (`osler.records.ranges`; the widest of both sexes), where analyte and unit
are known. Where nothing is known of a value, nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from osler.documents.document import Document
from osler.records.moments import Moment
from osler.records.ranges import flag, reference_for
from osler.records.record import Code, Observation, Quantity
from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.assistant.lines import Finding, finding_at, lines, size, squeezed
from osler.summaries import lexicon
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms, tokens

ADULT = 45 * 365
"""Days of age for which the shipped ranges are looked up."""
NUMBER = r"-?(?<!\d)\d{1,12}(?:[.,]\d{1,12})?+(?!\d)"
VALUE = re.compile(rf"(?P<sign>[<>≤≥]=?)?\s*(?P<value>{NUMBER})(?![\d.,/-]*\d)\s*(?P<rest>.*)")
DIGITS = r"(?<!\d)\d{1,12}(?:[.,]\d{1,12})?"
RANGE = re.compile(
    rf"(?P<low>{DIGITS})\s?(?:-|–|—|to)\s?(?P<high>{DIGITS})"
    rf"|(?P<sign><=|>=|<|>|≤|≥|up to|below|under|above|over|at least)\s?(?P<limit>{NUMBER})"
)
HIGH = re.compile(
    r"^\W*(?:H{1,3}|high|critical(?:ly)? high|elevated|above|raised|↑+|\+\+?)\W*$", re.I
)
LOW = re.compile(r"^\W*(?:L{1,3}|low|critical(?:ly)? low|decreased|below|reduced|↓+)\W*$", re.I)
ODD = re.compile(r"^\W*(?:A|abn|abnormal|\*+|crit(?:ical)?|out of range|panic)\W*$", re.I)
FLAGGED = re.compile(
    r"[\s(\[](?P<flag>HH?|LL?|high|low|elevated|abnormal|critical|\*+|↑+|↓+)[)\]]?\s*$", re.I
)
ROW, LINE, CELL = 10, 140, 200
"""Words and characters of a row without cells at most; characters of a cell that is looked at."""
WAYS = {
    "high": re.compile(r"(?i)\b(?:high|raised|elevated|increased|above)\b(?!-| in\b)"),
    "low": re.compile(r"(?i)\b(?:low|lowered|reduced|decreased|below)\b(?!-| in\b)"),
    "normal": re.compile(
        r"(?i)(?<!not )\b(?:normal|unremarkable|(?:with)?in (?:its |the |their )?"
        r"(?:normal |reference )?(?:range|limits))\b"
    ),
}
"""How sentences say where a value lies."""
SIDES = {"high": {"high"}, "low": {"low"}, "abnormal": {"high", "low"}, "": {"normal"}}
"""What may be said of a value by its side."""
ALL_WELL = re.compile(
    r"(?i)\b(?:all|every|everything|no)\b(?![^.]{0,300}\b(?:other|rest|except|but|apart)\b)[^.]{0,300}"
    r"(?:\bnormal\b|\bwithin\b|\bunremarkable\b|\bout of (?:its |their )?range\b|\babnormal\w*)"
)
UNIT = re.compile(r"\s*(?P<unit>[%A-Za-zµμ°][\w%/µμ.*^°\[\]{}()-]{0,30})")
LOINC = re.compile(
    r"\s*\[[^\]]*\]|/[A-Z]\w+\.total\b"
    r"|\s+(?:in|of|by|on)\s(?:serum|plasma|blood|urine|arterial|venous|capillary|body|automated).*$",
    re.IGNORECASE,
)
"""What LOINC's long names say beside the test: [Mass/volume] in Serum or Plasma."""
BEFORE = re.compile(
    r"^.*[)\]}][,;.]?\s+(?=[A-Za-z])|^.*[.;]\s+(?=[A-Z])|^(?:H{1,2}|L{1,2}|high|low|abnormal)[,;.]?\s+"
)
"""What stands before a name: another sentence, the range or the flag of the test before it."""
OVER = re.compile(r"[.;]\s+(?=[A-Z])")
"""Where what is told of a value ends."""
PAIR = re.compile(
    rf"(?P<name>(?<![\w/])[A-Za-z][^:=;|<>≤≥]{{1,90}}?)\s?[:=]\s?(?P<value>[<>≤≥]?\s?{NUMBER})(?![-/:]\d)"
)
_IS = (
    r"(?:\s+(?:was|is|of|at|to|level|levels|measured|remained|reached|fell|rose|:|=)){0,6}"
    r"[\s:=|]{0,6}"
)
SAID = re.compile(rf"{_IS}(?P<value>{NUMBER})\s*(?P<unit>[/%°A-Za-zµμ][\w%/µμ.^]*)")
PRESSURE = re.compile(rf"{_IS}(?P<systolic>\d{{2,3}})/(?P<diastolic>\d{{2,3}})(?![/\d])")
"""How a sentence goes on behind the name of what was measured."""
PLAIN = re.compile(
    rf"^(?P<name>[A-Za-z][A-Za-z0-9 ,.()\[\]/+'’-]{{1,90}}?)\s?[:=]?\s"
    rf"(?P<rest>[<>≤≥]?\s?{NUMBER}.*)$"
)


def values(document: Document) -> list[Finding]:
    """Every value that is known as one, in order."""
    found: list[Finding] = []
    for line, start in lines(document):
        text, at = squeezed(line)
        done = 0
        for v in _read(text):
            first, last = at[v.start], at[v.end - 1] + 1
            start, done = start + size(line[done:first]), first
            one = finding_at(document, line[first:last], start, v.name)
            found.append(replace(one, side=v.side, told=v.told))
    return found


def _read(text: str) -> list[Value]:
    return _row(text) or _pairs(text) or list(_told(text))


def out_of_range(document: Document) -> list[Finding]:
    """Every value that is out of range, in order."""
    return [one for one in values(document) if one.side]


def is_row(line: str) -> bool:
    """Whether a line is a row of a table, or tells of one value and is no sentence."""
    return " | " in line or (
        not line.endswith(".") and len(line.split()) <= ROW and bool(_row(squeezed(line)[0]))
    )


def about(text: str, found: Iterable[Finding]) -> list[Finding]:
    """The values whose test a text names."""
    words = tokens(text)
    keys = {key for *_, keys in lookup.names_as("lab").found(words, text) for key in keys}
    said = f" {' '.join(norms(text))} "
    return [
        one for one in found
        if keys & set(labs(one.name)) or f" {' '.join(norms(one.name))} " in said
    ]  # fmt: skip


def at_odds(sentence: str, found: Sequence[Finding]) -> bool:
    """Whether a sentence says of a value what the document does not: another side of its range,
    another number or range, or that all is well where something is out of range."""
    if ALL_WELL.search(sentence) and any(one.side for one in found):
        return True
    named = about(sentence, found)
    ways = {side for side, pattern in WAYS.items() if pattern.search(sentence)}
    sides: dict[str, set[str]] = {}
    for one in named:
        sides.setdefault(one.name, set()).update(SIDES[one.side])
    if ways and any(not ways & those for those in sides.values()):
        return True
    return any(
        same and not any(_numbers(told.told) <= _numbers(f"{one.text} {one.told}") for one in same)
        for told in (*_row(sentence), *_pairs(sentence), *_told(sentence))
        if (same := about(told.name, named))
    )


def _numbers(text: str) -> set[float]:
    return {_number(one) for one in re.findall(r"\d+(?:[.,]\d+)?", text)}


@dataclass(frozen=True, slots=True)
class Value:
    """A value: characters [start, end) of its line, and the rest as in `Finding`."""

    start: int
    end: int
    name: str
    side: str
    told: str


def _row(text: str) -> list[Value]:
    """A row `Potassium | 5.9 | mmol/L | 3.5-5.1 | H`, or the same with blanks."""
    if " | " in text:
        cells = [cell.strip()[:CELL] for cell in text.split(" | ")]
    else:
        plain = PLAIN.match(text) if len(text) <= LINE else None
        if plain is None or len(PAIR.findall(text)) > 1:
            return []
        cells = [plain["name"], *_apart(plain["rest"])]
        if not _measured(cells):
            return []
    at = next((n for n, cell in enumerate(cells) if n and _is_value(cell)), 0)
    name = next((cell for cell in cells[:at] if re.search(r"[A-Za-z]{2}", cell)), "")
    if not at or not name:
        return []
    found = _value(0, len(text), name, cells[at], cells[at + 1 :])
    return [found] if found.side or " | " in text or labs(name) else []


def _pairs(text: str) -> list[Value]:
    """Several on a line: `Sodium: 128 mmol/L (135-145) Potassium: 4.1 mmol/L (3.5-5.1)`."""
    found: list[Value] = []
    pairs = [(each.start() + _before(each["name"]), each) for each in PAIR.finditer(text)]
    ends = [start for start, _ in pairs[1:]] + [len(text)]
    for (start, one), end in zip(pairs, ends, strict=False):
        name = text[start : one.end("name")]
        over = OVER.search(text, one.end("value"), end)
        end = over.start() if over else end
        cells = [name, *_apart(text[one.start("value") : end][:CELL])]
        if len(cells) > 1 and _measured(cells):
            stop = start + len(text[start:end].rstrip(" ;,"))
            found.append(_value(start, stop, name, cells[1], cells[2:]))
    return found


def _value(start: int, end: int, name: str, value: str, others: Sequence[str]) -> Value:
    side = _side(name, value, others)
    unit = next((cell for cell in others if canonical(cell) is not None), "")
    limits = next((m[0] for cell in others if (m := RANGE.search(cell))), "")
    told = f"{name.strip(' :')}: {value} {unit}".rstrip() + (f", {side.upper()}" if side else "")
    if limits:
        told += f" (reference {re.sub(r'(?<=[0-9])[ ]*[-–—][ ]*(?=[0-9])', ' to ', limits)})"
    return Value(start, end, name, side, told)


def _before(name: str) -> int:
    """Characters of a name that belong to the test before it: `mmol/L (3.5-5.1), sodium`."""
    found = BEFORE.match(name)
    at = found.end() if found else 0
    unit = UNIT.match(name, at)
    behind = unit and re.compile(r"[,;.]?\s+(?=[A-Za-z])").match(name, unit.end())
    return behind.end() if unit and behind and canonical(unit["unit"]) is not None else at


def _measured(cells: Sequence[str]) -> bool:
    """Whether it is a measurement, which has a unit or a name that is known: no `Room 12 (2-4)`."""
    known = any(canonical(cell) is not None for cell in cells[2:])
    return known or bool(labs(cells[0]))


@lru_cache(4096)
def labs(name: str) -> list[str]:
    """What of the lexicon a test is; LOINC's long names say behind it of what and how."""
    plain = LOINC.sub("", name).strip()
    of, _, what = plain.partition(" in ")  # `Cholesterol in HDL` is HDL cholesterol
    names = (name, plain, f"{what} {of}")
    return next((k for each in names if (k := lookup.names_as("lab").whole(norms(each)))), [])


def _apart(rest: str) -> list[str]:
    """`5.9 mmol/L (3.5-5.1) H` -> its value, unit, range and flag."""
    value = VALUE.match(rest)
    if value is None:
        return []
    cells = [rest[: value.end("value")]]
    tail = value["rest"]
    unit = UNIT.match(tail)
    if unit and canonical(unit["unit"]) is not None:
        cells.append(unit["unit"])
        tail = tail[unit.end() :]
    limits = RANGE.search(tail)
    if limits:
        cells.append(limits[0])
        tail = tail[: limits.start()] + " " + tail[limits.end() :]
    flagged = FLAGGED.search(" " + tail.strip(" ()[],;"))
    return [*cells, flagged["flag"]] if flagged else cells


def _is_value(cell: str) -> bool:
    found = VALUE.fullmatch(cell)
    return found is not None and len(found["rest"]) < 24 and not RANGE.fullmatch(cell)


def _side(name: str, value: str, others: Sequence[str]) -> str:
    found = VALUE.fullmatch(value)
    assert found is not None
    flags = [found["rest"].rpartition(" ")[2], *others]
    for pattern, side in ((HIGH, "high"), (LOW, "low"), (ODD, "abnormal")):
        if any(pattern.match(cell) for cell in flags if cell):
            return side
    limits = next((m for cell in others if (m := RANGE.search(cell))), None)
    number = _number(found["value"])
    if limits is not None:
        return _beyond(number, limits)
    units = [cell for cell in (*others, found["rest"].strip()) if canonical(cell) is not None]
    return _by_table(name, number, units[0] if units else "", found["sign"] or "")


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _beyond(number: float, limits: re.Match[str]) -> str:
    if limits["low"]:
        low, high = _number(limits["low"]), _number(limits["high"])
        return "low" if number < low else "high" if number > high else ""
    limit, upper = _number(limits["limit"]), limits["sign"] in ("<", "≤", "<=", "up to", "below",
                                                                "under")  # fmt: skip
    if upper:
        return "high" if number > limit else ""
    return "low" if number < limit else ""


def _by_table(name: str, number: float, unit: str, sign: str) -> str:
    keys = labs(name)
    known = canonical(unit) if unit else None
    for key in keys:
        for loinc in lexicon.by_name("lab")[key.partition(":")[2]].codes:
            value = Quantity(number, known or "", sign)
            seen = Observation(
                "", Code("LOINC", loinc, name), Moment(date.min), "laboratory", value
            )
            if side := flag(seen, reference_for(seen, "unknown", ADULT)):
                return side
    return ""


def _told(text: str) -> Iterator[Value]:
    """Values in sentences: `haemoglobin of 7.2 g/dL`; the characters are those of the sentence."""
    for start, end in sentences(text):
        said = text[start:end]
        words = tokens(said)
        for _, last, keys in lookup.names_as("lab").found(words, said):
            if last >= len(words):
                continue
            name, at = keys[0].partition(":")[2], words[last - 1].end
            if name == "blood pressure" and (two := PRESSURE.match(said, at)):
                sides = [_by_table(f"{part} {name}", _number(two[part]), "mmHg", "")
                         for part in ("systolic", "diastolic")]  # fmt: skip
                side = "high" if "high" in sides else "low" if "low" in sides else ""
                shown, unit = f"{two['systolic']}/{two['diastolic']}", "mmHg"
            elif value := SAID.match(said, at):
                shown, unit = value["value"], value["unit"].rstrip(".")
                if name == "body temperature" and unit in ("C", "F"):
                    unit = f"°{unit}"
                if canonical(unit) is None:
                    continue
                side = _by_table(name, _number(shown), unit, "")
            else:
                continue
            told = f"{name}: {shown} {unit}" + (f", {side.upper()}" if side else "")
            yield Value(start, end, name, side, told)
