"""What of a document must not be lost: values out of range, allergies, orders. By rule.

A value is out of range by the flag or the range that stands beside it; without either, by the
shipped ranges for adults (`osler.records.ranges`; the widest of both sexes), where analyte and unit
are known. Where nothing is known of a value, nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from osler.documents.document import Document
from osler.records.moments import Moment
from osler.records.ranges import flag, reference_for
from osler.records.record import Code, Observation, Quantity
from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.summaries import lexicon
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms, tokens

ADULT = 45 * 365
"""Days of age for which the shipped ranges are looked up."""
NUMBER = r"-?\d+(?:[.,]\d+)?"
VALUE = re.compile(rf"(?P<sign>[<>≤≥]=?)?\s*(?P<value>{NUMBER})(?![\d.,/-]*\d)\s*(?P<rest>.*)")
RANGE = re.compile(
    rf"(?P<low>\d+(?:[.,]\d+)?)\s*(?:-|–|—|to)\s*(?P<high>\d+(?:[.,]\d+)?)"
    rf"|(?P<sign><=|>=|<|>|≤|≥|up to|below|under|above|over|at least)\s*(?P<limit>{NUMBER})"
)
HIGH = re.compile(
    r"^\W*(?:H{1,3}|high|critical(?:ly)? high|elevated|above|raised|↑+|\+\+?)\W*$", re.I
)
LOW = re.compile(r"^\W*(?:L{1,3}|low|critical(?:ly)? low|decreased|below|reduced|↓+)\W*$", re.I)
ODD = re.compile(r"^\W*(?:A|abn|abnormal|\*+|crit(?:ical)?|out of range|panic)\W*$", re.I)
FLAGGED = re.compile(
    r"[\s(\[](?P<flag>HH?|LL?|high|low|elevated|abnormal|critical|\*+|↑+|↓+)[)\]]?\s*$", re.I
)
UNIT = re.compile(r"\s*(?P<unit>[%A-Za-zµμ°][\w%/µμ.*^°\[\]{}()-]*(?:/[\w.]+)*)")
LOINC = re.compile(
    r"\s*\[[^\]]*\]|/[A-Z]\w+\.total\b"
    r"|\s+(?:in|of|by|on)\s(?:serum|plasma|blood|urine|arterial|venous|capillary|body|automated).*$",
    re.IGNORECASE,
)
"""What LOINC's long names say beside the test: [Mass/volume] in Serum or Plasma."""
BEFORE = re.compile(r"^.*[)\]}]\s+(?=[A-Za-z])|^(?:H{1,2}|L{1,2}|high|low|abnormal)\s+")
"""What stands before a name: the range or the flag of the test before it."""
PAIR = re.compile(
    rf"(?P<name>(?<![\w/])[A-Za-z][^:=;|<>≤≥]{{1,90}}?)\s*[:=]\s*(?P<value>[<>≤≥]?\s?{NUMBER})(?![-/:]\d)"
)
PLAIN = re.compile(
    rf"^(?P<name>[A-Za-z][A-Za-z0-9 ,.()\[\]/+'’-]{{1,90}}?)\s*[:=]?\s+"
    rf"(?P<rest>[<>≤≥]?\s*{NUMBER}.*)$"
)
ALLERGIES = re.compile(r"(?i)\b(?:allerg(?:y|ies)|intoleranc\w+|adverse (?:drug )?reactions?)\b")
ALLERGIC = re.compile(
    r"(?i)\b(?:allergic|allerg(?:y|ies)|anaphyla\w+|intoleran\w+|hypersensitiv\w+)\s+(?:reaction\s+)?"
    r"(?:to|with|from|after)?\s*:?\s*(?P<what>[^.;\n]+)"
)
NONE_KNOWN = re.compile(
    r"(?i)\b(?:nkd?a|no known|none known|no (?:drug |food |medication )*allerg|denies|not allergic|"
    r"none|negative for)\b"
)
ORDERS = re.compile(
    r"(?i)^\W*(?:(?:discharge |follow[- ]?up |current |home )?(?:orders?|plan|medications?|"
    r"medicines|prescriptions?|instructions?|recommendations?|treatment|therapy|follow[- ]?up|"
    r"assessment and plan|a/p))\W*$"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that must be told; bytes [start, end) of the document's text."""

    text: str
    start: int
    end: int
    page: int | None
    name: str
    side: str = ""
    """high, low or abnormal; empty for what is in its range, has none, or is no value."""
    told: str = ""
    """A value as reports tell it: `Potassium: 5.9 mmol/L, HIGH (reference 3.5 to 5.1)`."""


def values(document: Document) -> list[Finding]:
    """Every value that is known as one, in order."""
    return [
        replace(_finding(document, text[v.start : v.end], start + _size(text[: v.start]), v.name),
                side=v.side, told=v.told)
        for text, start in _lines(document)
        for v in _row(text) or _pairs(text) or _told(text)
    ]  # fmt: skip


def out_of_range(document: Document) -> list[Finding]:
    """Every value that is out of range, in order."""
    return [one for one in values(document) if one.side]


def allergies(document: Document) -> list[Finding]:
    """What somebody reacts to: lines under such a heading, and sentences that say so."""
    found: list[Finding] = []
    for text, start in _under(document, ALLERGIES):
        # Sentence by sentence: what one says of none known takes no other's substance away.
        for a, b in [(0, len(text))] if " | " in text else sentences(text):
            if not NONE_KNOWN.search(said := text[a:b]):
                found += _substances(document, said, start + _size(text[:a]), said)
    for text, start in _lines(document):
        for a, b in sentences(text):
            reacts = ALLERGIC.search(text, a, b)
            known = any(one.start <= start + _size(text[:a]) < one.end for one in found)
            if reacts and not known and not NONE_KNOWN.search(text, a, b):
                found += _substances(document, text[a:b], start + _size(text[:a]), reacts["what"])
    return found


def orders(document: Document) -> list[Finding]:
    """Lines under headings of orders, medicines and plans."""
    return [_finding(document, text, start, text) for text, start in _under(document, ORDERS)]


def named(text: str) -> frozenset[str]:
    """The drugs, allergens and classes that a text names, with the classes that these are of."""
    return frozenset(_plain(wider) for key in _keys(text) for wider in lookup.implied(key))


def reacted_to(text: str) -> frozenset[str]:
    """What somebody must not get who reacts to what a text names: that, and others of its group of
    allergens (a penicillin for a penicillin), but not all antibiotics."""
    found: set[str] = set()
    for key in _keys(text):
        found |= {_plain(key)}
        found |= {_plain(one) for one in lookup.implied(key) if one.startswith("allergen:")}
    return frozenset(found)


def _keys(text: str) -> set[str]:
    words = tokens(text)
    return {
        key
        for kind in ("allergen", "drug", "combination", "drug class")
        for _, _, keys in lookup.names_as(kind).found(words, text)
        for key in keys
    }


def _plain(key: str) -> str:
    """Classes are `penicillin` among the drugs and `penicillins` among the allergens."""
    return " ".join(norms(key.partition(":")[2]))


# -- lines -------------------------------------------------------------------------------------


def _size(text: str) -> int:
    return len(text.encode())


def _lines(document: Document) -> Iterator[tuple[str, int]]:
    """Each line that is not empty, and the byte at which it begins."""
    start = 0
    for line in re.split(r"(?<=[\n\f])", document.text):
        text = line.rstrip()
        lead = len(text) - len(text.lstrip())
        if text.strip():
            yield text.strip(), start + _size(text[:lead])
        start += _size(line)


def _under(document: Document, heading: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """The lines of sections whose heading says so. A line `Allergies: …` is its own section."""
    begins = {each.start: each for each in document.headings}
    inside = False
    for text, start in _lines(document):
        head, colon, rest = text.partition(":")
        titled = start in begins or (len(text) < 60 and heading.fullmatch(text.rstrip(":")))
        if titled:
            inside = bool(heading.search(text))
        elif colon and len(head) < 40 and heading.search(head) and rest.strip():
            yield rest.strip(), start + _size(text) - _size(rest.lstrip())
        elif inside:
            yield text, start


def _finding(document: Document, text: str, start: int, name: str) -> Finding:
    return Finding(text, start, start + _size(text), document.page_at(start), name)


def _substances(document: Document, text: str, start: int, said: str) -> Iterator[Finding]:
    if _keys(said):
        yield _finding(document, text, start, said.strip())


# -- values ------------------------------------------------------------------------------------


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
        cells = [cell.strip() for cell in text.split(" | ")]
    else:
        plain = PLAIN.match(text)
        if plain is None or len(text) > 140 or len(PAIR.findall(text)) > 1:
            return []
        cells = [plain["name"], *_apart(plain["rest"])]
        if not _measured(cells):
            return []
    at = next((n for n, cell in enumerate(cells) if n and _is_value(cell)), 0)
    name = next((cell for cell in cells[:at] if re.search(r"[A-Za-z]{2}", cell)), "")
    if not at or not name:
        return []
    found = _value(0, len(text), name, cells[at], cells[at + 1 :])
    return [found] if found.side or " | " in text or _labs(name) else []


def _pairs(text: str) -> list[Value]:
    """Several on a line: `Sodium: 128 mmol/L (135-145) Potassium: 4.1 mmol/L (3.5-5.1)`."""
    found: list[Value] = []
    pairs = [(each.start() + _before(each["name"]), each) for each in PAIR.finditer(text)]
    ends = [start for start, _ in pairs[1:]] + [len(text)]
    for (start, one), end in zip(pairs, ends, strict=False):
        name = text[start : one.end("name")]
        cells = [name, *_apart(text[one.start("value") : end])]
        if len(cells) > 1 and _measured(cells):
            stop = len(text[:end].rstrip(" ;,"))
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
    found = BEFORE.match(name)
    return found.end() if found else 0


def _measured(cells: Sequence[str]) -> bool:
    """Whether it is a measurement, which has a unit or a name that is known: no `Room 12 (2-4)`."""
    known = any(canonical(cell) is not None for cell in cells[2:])
    return known or bool(_labs(cells[0]))


def _labs(name: str) -> list[str]:
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
    keys = _labs(name)
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
            value = re.compile(
                rf"(?:\s+(?:was|is|of|at|to|level|levels|measured|remained|reached|fell|rose|:|=))*"
                rf"[\s:=]*(?P<value>{NUMBER})\s*(?P<unit>[%A-Za-zµμ][\w%/µμ.^]*)"
            ).match(said, words[last - 1].end)
            if value and canonical(value["unit"].rstrip(".")) is not None:
                name = keys[0].partition(":")[2]
                number, unit = _number(value["value"]), value["unit"].rstrip(".")
                side = _by_table(name, number, unit, "")
                told = f"{name}: {value['value']} {unit}" + (f", {side.upper()}" if side else "")
                yield Value(start, end, name, side, told)
