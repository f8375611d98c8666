"""Values that sentences tell: `haemoglobin of 7.2 g/dL`. By rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.assistant.cells import CELL, Value
from osler.serve.assistant.known import by_table
from osler.serve.assistant.limits import NUMBER, readings
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

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


def in_sentences(text: str, style: str) -> Iterator[Value]:
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
