"""Values that sentences tell: `haemoglobin of 7.2 g/dL`. By rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.assistant.cells import (
    CELL,
    FLUID,
    UNIT,
    UNSURE,
    Around,
    Value,
)
from osler.serve.assistant.critical import critical
from osler.serve.assistant.known import another, by_table
from osler.serve.assistant.limits import NUMBER, limits_of, readings, side_of
from osler.serve.assistant.series import ASIDE, last_of, others
from osler.serve.assistant.unitless import if_usual
from osler.serve.assistant.whose import (
    LONG_AGO,
    MODIFIED,
    NOT_OF_NOW,
    PAST,
    WHEN,
    of_another,
)
from osler.summaries.audit import lookup
from osler.summaries.audit.words import tokens

_IS = (
    r"(?:\d?[+-](?=\s))?"  # K+
    r"(?:[\s:=|]{1,3}(?:was|is|were|are|of|at|to|in|an?|level|levels|value|result|count|measured|found|"
    r"remain(?:s|ed)|reached|fell|rose|risen|fallen|dropped|climbed|increased|decreased|went|has|had|"
    r"been|be|came|come|back|returned|up|down|from|now|still|again|only|very|critically|markedly|"
    r"severely|mildly|slightly|elevated|raised|high|low|reduced|currently|today|yesterday)"
    r"(?=[\s:=|])){0,8}[\s:=|]{0,6}"
)
SAID = re.compile(
    rf"{_IS}(?P<value>{NUMBER})(?![-/:'’٫٬]\d)\s?"
    rf"(?P<unit>{UNIT.pattern.replace('(?P<unit>', '(?:')})?"
)
PRESSURE = re.compile(rf"{_IS}(?P<systolic>\d{{2,3}})/(?P<diastolic>\d{{2,3}})(?![/\d])")
NEXT = re.compile(
    r"(?i)(?:(?!target|goal|aim|usual|normal|range|ref)[^\d.;()]){1,30}"
    r"(?P<systolic>\d{2,3})/(?P<diastolic>\d{2,3})(?![/\d])"
)
"""How a sentence goes on behind the name of what was measured."""
FROM = re.compile(r"(?i)\b(?:from|rose|risen|fell|fallen|dropped|climbed|(?:in|de)creased|went)\b")
"""With these `6.9 to 7.4` is a course; without it is a range."""
ALONE = re.compile(r"\s?(?:[.,;()]|/\s|$|and\b|to\b|[A-Z])")
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
            before = said[:first]
            of_fluid = OF_FLUID.search(before[-NEAR:])
            waits = WHEN.search(before[-80:]) and not PAST.match(behind)
            sure = not (waits or NOT_OF_NOW.search(before[-80:]) or MODIFIED.search(before))
            sure = sure and not of_another(said, first)
            here = replace(around, sure=sure, fluid=around.fluid or bool(of_fluid))
            if name == "blood pressure" and PRESSURE.match(behind):
                yield from _pressures(start, end, name, behind, here)
            elif one := _one(start, end, (name, said[first:at]), behind, here):
                yield one


def _pressures(start: int, end: int, name: str, said: str, around: Around) -> Iterator[Value]:
    """Blood pressures: `110/70 lying, 70/40 standing`."""
    two, at = PRESSURE.match(said), 0
    while two:
        yield _pressure(start, end, name, two, around)
        at = two.end()
        two = NEXT.match(said, at)


def _pressure(start: int, end: int, name: str, two: re.Match[str], around: Around) -> Value:
    """One, by both of its numbers."""
    parts = ("systolic", "diastolic")
    sides = [by_table(f"{part} {name}", two[part], "mmHg", "", around.style)
             for part in parts if around.judges(name)]  # fmt: skip
    side = next((one for one in ("high", "low", "") if one in sides), None)
    return _told(start, end, name, f"{two['systolic']}/{two['diastolic']} mmHg", side)


def _one(start: int, end: int, names: tuple[str, str], said: str, around: Around) -> Value | None:
    """The value that stands behind a name, which is given as the lexicon has it and as it is
    written."""
    name, written = names
    value = SAID.match(said)
    if value is None:
        return None
    number, unit = value["value"], (value["unit"] or "").strip()
    if UNSURE.match(said, value.start("value")) and not FROM.search(value[0]):
        return None
    if name == "body temperature" and unit in ("C", "F"):
        unit = f"°{unit}"
    if canonical(unit) is None or not unit:
        if not ALONE.match(said, value.end("value")):
            return None
        unit = ""
    after = said[value.end("unit" if unit and canonical(unit) is not None else "value") :]
    last, unit = last_of(after, unit)
    number, unit = last or number, unit or SAFE.get(name, "")
    sure = around.sure and bool(readings(number)) and not another(written, unit)
    sure = sure and bool(last or not (others(after, unit) or LONG_AGO.match(after)))
    beside = ASIDE.match(after.lstrip())
    limits = limits_of(beside[0].strip("()[]")) if beside and not last else []
    side = side_of(number, "", limits, around.style) if sure and limits else None
    sure = sure and around.judges(name)
    if side is None and sure and not limits:
        side = by_table(name, number, unit, "", around.style)
    far = sure and bool(side) and side == critical(name, number, unit)
    one = _told(start, end, name, f"{number} {unit}".rstrip(), side)
    return replace(one, critical=far, doubt="" if unit or not sure else if_usual(name, number))


def _told(start: int, end: int, name: str, shown: str, side: str | None) -> Value:
    told = f"{name}: {shown}" + (f", {side.upper()}" if side else "")
    return Value(start, end, name, side or "", told, side is not None)
