"""Values that sentences tell: `haemoglobin of 7.2 g/dL`. By rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.assistant.cells import CELL, FLUID, Around, Value
from osler.serve.assistant.critical import critical
from osler.serve.assistant.known import by_table
from osler.serve.assistant.limits import NUMBER, readings
from osler.serve.assistant.unitless import if_usual
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

_IS = (
    r"(?:\s+(?:was|is|of|at|to|level|levels|measured|remained|reached|fell|rose|from|now|:|=)){0,6}"
    r"[\s:=|]{0,6}"
)
SAID = re.compile(
    rf"{_IS}(?P<value>{NUMBER})(?![-/:'’٫٬]\d)\s?"
    r"(?P<unit>(?:10[*^]{1,2}\d|[/%°A-Za-zµμ])[\w%/µμ.^]{0,30})?"
)
PRESSURE = re.compile(rf"{_IS}(?P<systolic>\d{{2,3}})/(?P<diastolic>\d{{2,3}})(?![/\d])")
"""How a sentence goes on behind the name of what was measured."""
LAST = re.compile(rf"(?i)\b(?:to|now|today|currently|is|at present)(?: \w+)? (?P<value>{NUMBER})")
"""The present one of several values that a sentence tells."""
ALONE = re.compile(r"\s?(?:[.,;)]|$|and\b|[A-Z])")
"""What stands behind a number that has no unit."""
OF_FLUID = re.compile(rf"{FLUID.pattern}\W+(?:\w+\W+)?$")
NEAR = 40
"""`Pleural fluid glucose`, and characters before a name that are looked at."""
SAFE = {"heart rate": "/min", "respiratory rate": "/min"}
"""Signs that are counted in one unit alone."""


def in_sentences(text: str, around: Around) -> Iterator[Value]:
    """The values, each with the characters of its sentence."""
    for start, end in sentences(text):
        said = text[start:end]
        words = tokens(said)
        names = [
            (words[last - 1].end, keys[0].partition(":")[2], words[first].start)
            for first, last, keys in lookup.names_as("lab").found(words, said)
        ]
        stops = [first for *_, first in names[1:]] + [len(said)]
        for (at, name, first), stop in zip(names, stops, strict=False):
            behind = said[at : min(stop, at + CELL)]
            of_fluid = OF_FLUID.search(said[max(0, first - NEAR) : first])
            here = replace(around, fluid=True) if of_fluid else around
            if name == "blood pressure" and (two := PRESSURE.match(behind)):
                yield _pressure(start, end, name, two, here)
            elif one := _one(start, end, name, behind, here):
                yield one


def _pressure(start: int, end: int, name: str, two: re.Match[str], around: Around) -> Value:
    """A blood pressure, by both of its numbers."""
    parts = ("systolic", "diastolic")
    sides = [by_table(f"{part} {name}", two[part], "mmHg", "", around.style)
             for part in parts if around.judges(name)]  # fmt: skip
    side = next((one for one in ("high", "low", "") if one in sides), None)
    return _told(start, end, name, f"{two['systolic']}/{two['diastolic']} mmHg", side)


def _one(start: int, end: int, name: str, said: str, around: Around) -> Value | None:
    """The value that stands behind a name."""
    value = SAID.match(said)
    if value is None:
        return None
    number, unit = value["value"], (value["unit"] or "").rstrip(".")
    if name == "body temperature" and unit in ("C", "F"):
        unit = f"°{unit}"
    if canonical(unit) is None or not unit:
        if not ALONE.match(said, value.end("value")):
            return None
        unit = SAFE.get(name, "")
    after = said[value.end() :]
    last = next(reversed(list(LAST.finditer(after))), None)
    more = len(re.findall(NUMBER, after))
    number = last["value"] if last else number
    same = unit and more and re.search(rf"{NUMBER} ?{re.escape(unit)}", after)
    sure = bool(readings(number)) and (last is not None or not same) and around.judges(name)
    side = by_table(name, number, unit, "", around.style) if sure else None
    far = bool(side) and side == critical(name, number, unit)
    one = _told(start, end, name, f"{number} {unit}".rstrip(), side)
    return replace(one, critical=far, doubt="" if unit or not sure else if_usual(name, number))


def _told(start: int, end: int, name: str, shown: str, side: str | None) -> Value:
    told = f"{name}: {shown}" + (f", {side.upper()}" if side else "")
    return Value(start, end, name, side or "", told, side is not None)
