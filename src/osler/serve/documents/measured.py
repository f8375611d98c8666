"""Values in a line of a document: in a row of a table, several on a line, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.records.units import canonical
from osler.serve.documents.cells import (
    ABSENT,
    CELL,
    FOUND,
    HIGH,
    LOW,
    ODD,
    OVER,
    SHORT,
    UNIT,
    VALUE,
    Around,
    Value,
    apart,
    cells_of,
    is_known,
    is_value,
    value_of,
)
from osler.serve.documents.dates import is_time, latest
from osler.serve.documents.known import labs
from osler.serve.documents.limits import RANGE, SIGNED
from osler.serve.documents.series import others
from osler.serve.documents.told import RANGED, in_sentences
from osler.serve.documents.whose import of_another
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

LINE = 140
"""Characters of a row without cells, at most."""
_LATER = (
    r"(?!\s?(?:h|hr|hrs|hours?|min|minutes?|d|days?|weeks?|months?|y|yrs?|years?|st|nd|rd|th)\b)"
)
"""What stands behind a number that tells when: `glucose, fasting 2h`."""
NOW = re.compile(r"(?i)\b(?:current|present|now|today|latest|new|results?|values?|most recent)\b")
EARLIER = re.compile(r"(?i)\b(?:prev\w*|prior|before|old|earlier|baseline|last|admission)\b")
LOWEST, HIGHEST = (
    re.compile(rf"(?i)(?:(?:ref\w*|normal|range)\W*)?(?:{words})\b.{{0,12}}")
    for words in ("low|lower|min|minimum|from|lln", "high|upper|max|maximum|to|uln")
)
RANGES = re.compile(
    r"(?i)(?:ref\w*|normal|biological)?\W*(?:ref\w*|ranges?|intervals?|limits)\W*(?:flags?)?"
)
"""Headings of columns."""
TEST = re.compile(r"(?P<name>[^()\[\]]{1,60}?)(?:\s?[(\[](?P<unit>[^()\[\]]{1,20})[)\]])?")
NO_RESULT = re.compile(
    r"(?i)\b(?:ref\w*|ranges?|normal|limits?|lower|upper|min\w*|max\w*|units?|targets?|mean|average|"
    r"median|sd|change|flags?)\b"
)
"""A column's heading with its unit, and what stands before a row that is no result."""
BAR = re.compile(r"\s\|(?=\s|$)")
"""What parts cells."""
DATE = re.compile(r"\d{4}-\d\d-\d\d")
BEFORE = re.compile(
    r"^.*[)\]}][,;.]?\s+(?:[-–•]\s)?(?=[A-Za-z])|^.*[.;]\s+(?=[A-Z])|^(?:H{1,2}|L{1,2}|high|low|abnormal)[,;.]?\s+"
)
"""What stands before a name: another sentence, the range or the flag of the test before it."""
PAIR = re.compile(
    rf"(?P<name>(?<![\w/])[A-Za-z][^:=;|<>≤≥]{{1,90}}?)\s?[:=]\s?(?P<value>[<>≤≥]?\s?{SIGNED})"
    r"(?![-/:'’٫٬]\d)"
)
PLAIN = re.compile(
    r"^(?P<name>[A-Za-z][A-Za-z0-9 ,.()\[\]/+'’-]{1,90}?)\s?[:=]?\s"
    rf"(?P<rest>[<>≤≥]?\s?{SIGNED}{_LATER}.*)$"
)


TURNED = re.compile(
    rf"^(?P<name>[A-Za-z][A-Za-z ,'’-]{{0,60}}?)\s?[:=]?\s?"
    rf"(?:[(\[](?P<aside>[^()\[\]]{{3,30}})[)\]]|(?P<range>{SIGNED}\s?[-–—]\s?{SIGNED})(?![-/\d])"
    r"|(?P<day>\d\d?/\d\d?/\d{2,4}|\d\d?\.\d\d?\.\d{4}|\d{4}-\d\d-\d\d)(?: \d\d:\d\d)?)"
    rf"\s?[:=]?\s(?P<rest>[<>≤≥]?\s?{SIGNED}.*)$"
)
"""`Potassium (3.5-5.1): 6.2`, `Potassium 01/02/2024 6.9 mmol/L`: its range or its date stands
before a value."""
TIMED = re.compile(
    r"(?i)\d\s?(?:h|hr|hrs|hours?|min|minutes?|d|days?|weeks?|months?|y|yrs?|years?)\b"
)
"""`Glucose (2-4 h)`, which is no range."""
PLAINLY = Around()
"""Of a line of which nothing else is known."""


def measured(text: str, around: Around) -> list[Value]:
    """The values of a line."""
    return (
        by_columns(text, around)
        or row(text, around)
        or _pairs(text, around)
        or list(in_sentences(text, around))
    )


def every(text: str) -> Iterator[Value]:
    """All that a sentence may say of values."""
    yield from row(text)
    yield from _pairs(text, PLAINLY)
    yield from in_sentences(text, PLAINLY)


def headings(cells: Sequence[str], before: Sequence[str]) -> Sequence[str]:
    """The headings of the table that a line is of: those of its first row, where that has no
    values."""
    if len(cells) < 2 or before:
        return before if cells else ()
    is_result = (not is_time(c) and (is_value(c) or RANGE.search(c)) for c in cells[1:])
    return () if any(is_result) else cells


def row(text: str, around: Around = PLAINLY) -> list[Value]:
    """A row `Potassium | 5.9 | mmol/L | 3.5-5.1 | H`, or the same with blanks; of two tables side
    by side each has its own."""
    cells = cells_of(text)
    if cells == around.heads and any(map(is_time, cells)):
        return []
    if " | " in text and (second := _second(cells, around.heads)):
        place = [bar.end() for bar in BAR.finditer(text)][second - 1]
        rest = replace(around, heads=around.heads[second:])
        place += text[place : place + 1] == " "
        return row(text[:place].rstrip(" |"), around) + [
            one.at(place) for one in row(text[place:], rest)
        ]
    several = False
    if not cells:
        cells, several = _apart(text)
    if not cells or (" | " not in text and not is_known(cells)):
        return []
    at = [n for n, cell in enumerate(cells) if n and is_value(cell)]
    name = next(
        (c for c in cells[: at[0] if at else 1] if re.search(r"[A-Za-z]{2}", c) or labs(c)), ""
    )
    if not name:
        return []
    if not at:
        return _found(text, name, cells)
    heads = around.heads
    at = [n for n in at if n >= len(heads) or not RANGES.fullmatch(heads[n])]
    if not at:
        return []
    numbers = at[:1] + [n for n in at[1:] if cells[n][0] not in "<>≤≥"]
    low, high = (next((n for n in numbers if n < len(heads) and p.fullmatch(heads[n])), 0)
                 for p in (LOWEST, HIGHEST))  # fmt: skip
    if low and high and len(numbers) > 2:
        numbers = [n for n in numbers if n not in (low, high)]
        cells = [*cells, f"{cells[low]} - {cells[high]}"]
        cells[low] = cells[high] = ""
    present = _present(numbers, heads)
    timed = present is None and all(n < len(heads) and is_time(heads[n]) for n in numbers)
    sure = (present is not None or timed) and not several
    taken = set(numbers)
    others = [c for n, c in enumerate(cells) if n not in taken and c != name]
    sure = sure and (" | " in text or not of_another(text, text.find(name)))
    some = numbers if timed else [numbers[-1] if present is None else present]
    each = [
        value_of(0, len(text), name, cells[at], others, around, sure,
                 [cells[n] for n in numbers if n != at])
        for at in some
    ]  # fmt: skip
    one = max(each, key=lambda found: (found.critical, bool(found.side)))
    if timed:
        one = replace(one, told=f"{one.told} (it is not sure which is the latest)")
    one = _dated(one, text)
    known = " | " in text or labs(name) or one.doubt
    ranged = any("/" in c for c in others) and any(RANGE.search(c) for c in others)
    return [one] if one.side or one.judged or known or ranged else []


def _apart(text: str) -> tuple[list[str], bool]:
    """The cells of a line of one test that is no table, and whether it has more than one value."""
    if turned := _turned(text):
        return turned, False
    plain = PLAIN.match(text) if len(text) <= LINE else None
    if (
        plain is None
        or len(PAIR.findall(text)) > 1
        or _names(plain["rest"])
        or RANGED.search(plain["rest"])
    ):
        return [], False
    several = _several(plain["rest"])
    if several and labs(plain["name"]):
        return [], True
    return [plain["name"], *apart(plain["rest"])], several


def _turned(text: str) -> list[str]:
    """The cells of a line that gives the range or the date before the value."""
    one = TURNED.match(text) if len(text) <= LINE else None
    if one is None or not labs(one["name"]) or _names(one["rest"]):
        return []
    limits, rest = one["aside"] or one["range"] or "", one["rest"]
    if limits and (TIMED.search(limits) or not RANGE.search(limits) or RANGE.search(rest)):
        return []
    found = [] if _several(rest) else apart(f"{rest} ({limits})" if limits else rest)
    sure = found and (not one["range"] or len(found) > 2)  # no `120-130 80`
    return [one["name"], *found] if sure else []


def _dated(one: Value, text: str) -> Value:
    """A value with the date that stands before it in its line."""
    turned = TURNED.match(text) if " | " not in text and len(text) <= LINE else None
    return replace(one, told=f"{one.told} ({turned['day']})") if turned and turned["day"] else one


def by_columns(text: str, around: Around) -> list[Value]:
    """A row of a table whose tests are its columns: `2024-01-02 | 6.9 | 118`."""
    cells, heads = cells_of(text), [TEST.fullmatch(head) for head in around.heads]
    if " | " not in text or not cells or len(cells) > len(heads) or labs(cells[0]):
        return []
    if len(heads) < 2 or labs(around.heads[0]) or NO_RESULT.search(cells[0]):
        return []
    return [
        value_of(0, len(text), head["name"], cell, [head["unit"] or ""], around)
        for head, cell in zip(heads, cells, strict=False)
        if head and labs(head["name"]) and is_value(cell)
    ]


def _second(cells: Sequence[str], heads: Sequence[str]) -> int:
    """Which cell is the name of a second test in a row, or none: a word behind a value and its
    range, or under the heading that the first name has, and a value behind it."""
    first = next((n for n, cell in enumerate(cells) if n and is_value(cell)), len(cells))
    ranged = next(
        (n for n, cell in enumerate(cells) if n >= first and RANGE.search(cell)), len(cells)
    )
    for n in range(first + 1, len(cells) - 1):
        cell, behind = cells[n], next(filter(None, cells[n + 1 :]), "")
        word = re.search(r"[A-Za-z]{2}", cell) or labs(cell)
        note = (
            canonical(cell) is not None or RANGE.search(cell) or HIGH.match(cell) or LOW.match(cell)
        )
        again = len(heads) > n and heads[n] and heads[n] in heads[:first]
        done = again or labs(cell) or ranged < n
        if word and not note and done and is_value(behind):
            return n
    return 0


def _present(numbers: Sequence[int], heads: Sequence[str]) -> int | None:
    """Which of several numbers of a row is the value of now, by the headings; None: not sure."""
    if len(numbers) == 1:
        return numbers[0]
    told = {n: heads[n] for n in numbers if n < len(heads)}
    later = [n for n in numbers if not EARLIER.search(told.get(n, ""))]
    for some in (later, [n for n in later if NOW.search(told.get(n, ""))]):
        if len(some) == 1 and told:
            return some[0]
    last = latest([told.get(n, "") for n in numbers])
    return None if last is None else numbers[last]


def _names(text: str) -> bool:
    """Whether a text names a test that has a number of its own."""
    words = tokens(text)
    return any(
        re.match(r"\d?[+-]?[ :=]{1,3}[<>]?\d", text[words[last - 1].end :])
        for _, last, _ in lookup.names_as("lab").found(words, text)
    )


def _found(text: str, name: str, cells: Sequence[str]) -> list[Value]:
    """`HIV | REACTIVE | Non-reactive`: what is there and should not be."""
    found = next((cell for cell in cells[1:] if FOUND.fullmatch(cell)), "")
    if not found:
        return []
    others = [cell[:SHORT] for cell in cells[1:] if cell and cell != found]
    odd = any(ABSENT.fullmatch(one) or HIGH.match(one) or ODD.match(one) for one in others)
    told = f"{name.strip(' :')}: {found}" + (", ABNORMAL" if odd else "")
    return [Value(0, len(text), name, "abnormal" if odd else "", told, odd)]


def _pairs(text: str, around: Around) -> list[Value]:
    """Several on a line: `Sodium: 128 mmol/L (135-145) Potassium: 4.1 mmol/L (3.5-5.1)`."""
    found: list[Value] = []
    pairs = [(each.start() + _before(each["name"]), each) for each in PAIR.finditer(text)]
    # `5.2 % (diabetes: >6.5)` tells of one value.
    pairs = pairs[:1] + [(at, each) for at, each in pairs[1:] if text[at - 1] not in "(["]
    ends = [start for start, _ in pairs[1:]] + [len(text)]
    for (start, one), end in zip(pairs, ends, strict=False):
        name = text[start : one.end("name")]
        said, whole = text[one.start("value") : end][:CELL], text[start:end]
        over = OVER.search(text, one.end("value"), end)
        end = over.start() if over else end
        cells = [name, *apart(text[one.start("value") : end][:CELL])]
        if _several(said) and labs(name):
            found += (v.at(start) for v in in_sentences(whole, around))
        elif len(cells) > 1 and is_known(cells):
            stop = start + len(text[start:end].rstrip(" ;,"))
            found.append(value_of(start, stop, name, cells[1], cells[2:], around))
    return found


def _several(rest: str) -> bool:
    """Whether behind a name stands more than one value of it: a sentence tells which is of now."""
    value = VALUE.match(rest)
    unit = UNIT.match(value["rest"]) if value else None
    if value is None or unit is None or canonical(unit["unit"]) is None:
        return value is not None and others(value["rest"], "")
    return others(value["rest"][unit.end() :], unit["unit"])


def _before(name: str) -> int:
    """Characters of a name that belong to the test before it: `mmol/L (3.5-5.1), sodium`."""
    found = BEFORE.match(name)
    at = found.end() if found else 0
    unit = UNIT.match(name, at)
    behind = unit and re.compile(r"[,;.]?\s+(?=[A-Za-z])").match(name, unit.end())
    return behind.end() if unit and behind and canonical(unit["unit"]) is not None else at
