"""Values that sentences tell: `haemoglobin of 7.2 g/dL`. By rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.records.units import canonical
from osler.retrieve.sentences import sentences
from osler.serve.documents.cells import (
    CELL,
    CRITICAL,
    FLUID,
    HIGH,
    LOW,
    ODD,
    UNIT,
    UNSURE,
    VOLUMES,
    Around,
    Value,
)
from osler.serve.documents.critical import critical
from osler.serve.documents.known import another, by_table, unit_of
from osler.serve.documents.limits import NUMBER, RANGE, limits_of, readings, side_of
from osler.serve.documents.series import ASIDE, last_of, more
from osler.serve.documents.unitless import if_usual
from osler.serve.documents.whose import (
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
    r"(?:, (?:which|that|although|though|previously|usually|formerly)\b[^,.;:()\d]{0,60},)?"
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
GOAL = re.compile(
    r"(?i)\b(?:goal|target|aim)\w*\b[^.;\d]{0,25}(?P<systolic>\d{2,3})/(?P<diastolic>\d{2,3})"
)
"""Below its own goal no pressure is called high."""
NEXT = re.compile(
    r"(?i)(?:(?!target|goal|aim|usual|normal|range|ref)[^\d.;()]){1,30}"
    r"(?P<systolic>\d{2,3})/(?P<diastolic>\d{2,3})(?![/\d])"
)
"""How a sentence goes on behind the name of what was measured."""
FROM = re.compile(r"(?i)\b(?:from|rose|risen|fell|fallen|dropped|climbed|(?:in|de)creased|went)\b")
"""With these `6.9 to 7.4` is a course; without it is a range."""
ALONE = re.compile(
    r"\s?(?:[.,;()]|/\s|$|and\b|to\b|[A-Z])|\s(?:yesterday|today|now|initially|this|last)\b"
)
"""What stands behind a number that has no unit."""
MARK = re.compile(
    r"\s{0,2}[(\[]?(?P<mark>(?:HH?|LL?|↑{1,3}|↓{1,3}|\*{1,3})(?![\w/*^’'-])"
    r"|(?i:(?:critically )?(?:high|low|raised|elevated|reduced))"
    r"(?=[)\]]|\s?(?:[.,;:/|]|and\b)|$))[)\]]?"
)
"""How a value is marked: `54 L`, `118 (low)`; not by what is said of the next, as `138 low sugar`,
nor by hours, `12 h`."""
MARKS = (("high", HIGH), ("low", LOW), ("abnormal", ODD))
OF_FLUID = re.compile(rf"{FLUID.pattern}\W+(?:\w+\W+)?$")
NEAR = 40
"""`Pleural fluid glucose`, and characters before a name that are looked at."""
IN_WORDS = re.compile(
    r"(?i)[\s,;:(–—-]*(?:(?:and|with|where|while|for which|against|the|our|its|their|an?|this|"
    r"local|own|usual|hospital|laborator(?:y|ies)|lab)(?:['’]s)?\s+)*(?:"
    r"(?P<end>upper|lower) limit(?: of (?:the )?(?:normal|range|reference))?\W+"
    rf"(?:(?:is|was|being|of|at|stands?|set)\s+)*(?P<limit>{NUMBER})"
    r"|(?:(?:normal|reference) )?(?:range|interval|limits|values?)\W+"
    r"(?:(?:is|are|was|being|of|runs?|running|goes|from|between|here|for adults)\s+)*"
    rf"(?P<low>{NUMBER})\s*(?:to|and|until|-|–)\s*(?P<high>{NUMBER}))"
)
"""`…, the laboratory's upper limit being 300`, `the reference interval runs from 8.6 to 29`."""
WORDED = re.compile(
    r"(?i)\s?(?P<part>milli|micro|nano|pico)?(?P<of>gram|mole|mol)(?:me)?s? per "
    r"(?P<volume>deci|milli)?lit(?:re|er)\b"
)
"""`412 micrograms per litre`."""
PARTS = {"milli": "m", "micro": "u", "nano": "n", "pico": "p", "deci": "d"}
SIGNS = (
    (re.compile(
        r"(?:(?<![A-Za-z] )|(?<=[Tt]he ))\b[Rr]ate(?=\W{1,3}(?:(?:of|is|was)\s)?\d{2,3}\s?"
        r"(?:bpm|beats|/min))"
    ), "heart rate"),
    (re.compile(
        r"(?i)\b(?:fever|pyrexia|febrile)(?=\W{1,3}(?:(?:of|at|to|up|was|is)\s)*\d{2,3}(?:[.,]\d)?"
        r"\s?°?\s?[CF]\b)"
    ), "body temperature"),
)  # fmt: skip
"""`Rate 38 bpm`, `fever of 39 C`: what names a sign only beside its number."""
RANGED = re.compile(
    rf"(?:^|[\s(])(?P<name>[A-Z][\w'’/-]{{0,20}}(?: [a-z][\w'’/-]{{1,20}}){{0,3}})[\s:=]{{1,3}}"
    rf"(?P<value>{NUMBER})(?:\s?(?P<unit>[A-Za-z%µμ][\w%/µμ²^]{{0,12}}))?\s?\((?P<range>[^()]{{2,40}})\)"
)
"""`QTc 560 ms (<460)`: what stands with its own range, whatever it is called."""
SHORT_NAME = re.compile(r"\b\w*[A-Z]{2}\w*\b")


def in_sentences(text: str, around: Around) -> Iterator[Value]:
    """The values, each with the characters of its sentence."""
    for start, end in sentences(text):
        said = text[start:end]
        words = tokens(said)
        names = sorted(
            [
                (words[last - 1].end, keys[0].partition(":")[2], words[first].start)
                for first, last, keys in lookup.names_as("lab").found(words, said)
            ]
            + [
                (one.end(), name, one.start())
                for sign, name in SIGNS
                for one in sign.finditer(said)
            ]
        )
        spans = [(first, at) for at, _, first in names]
        yield from (replace(one, start=start, end=end) for one in by_range(said, spans, around))
        stops = [first for *_, first in names[1:]] + [len(said)]
        for (at, name, first), stop in zip(names, stops, strict=False):
            behind = said[at : min(stop, at + CELL)]
            before = said[max(0, first - CELL) : first]
            of_fluid = OF_FLUID.search(before[-NEAR:])
            waits = WHEN.search(before[-80:]) and not PAST.match(behind)
            sure = not (waits or NOT_OF_NOW.search(before[-80:]) or MODIFIED.search(before))
            sure = sure and not of_another(said[max(0, first - CELL) : stop], min(first, CELL))
            here = replace(around, sure=sure, fluid=around.fluid or bool(of_fluid))
            if name == "blood pressure" and PRESSURE.match(behind):
                yield from _pressures(start, end, name, behind, here)
            elif one := _one(start, end, (name, said[first:at]), behind, here):
                yield one


def by_range(said: str, known_as: Sequence[tuple[int, int]], around: Around) -> Iterator[Value]:
    """Values of a sentence whose name is not known, by the range that stands beside each."""
    for one in RANGED.finditer(said):
        of = one["unit"] or ""
        if any(first < one.start("value") and end > one.start("name") for first, end in known_as):
            continue
        limits = limits_of(one["range"])
        known = (canonical(of) is not None or "/" in of if of else "") or (
            not of and (one["range"].lstrip()[:1] in "<>≤≥" or SHORT_NAME.search(one["name"]))
        )
        before = said[: one.start("name")]
        mine = around.sure and not (
            NOT_OF_NOW.search(before) or of_another(said, one.start("name"))
        )
        if limits and known and mine:
            side = side_of(one["value"], "", limits, around.style)
            yield _told(0, len(said), one["name"], f"{one['value']} {of}".rstrip(), side)


def _pressures(start: int, end: int, name: str, said: str, around: Around) -> Iterator[Value]:
    """Blood pressures: `110/70 lying, 70/40 standing`."""
    two, at, goal = PRESSURE.match(said), 0, GOAL.search(said)
    while two:
        yield _pressure(start, end, name, two, around, goal)
        at = two.end()
        two = NEXT.match(said, at)


def _pressure(
    start: int,
    end: int,
    name: str,
    two: re.Match[str],
    around: Around,
    goal: re.Match[str] | None,
) -> Value:
    """One, by both of its numbers."""
    parts = ("systolic", "diastolic")
    sides = [by_table(f"{part} {name}", two[part], "mmHg", "", around.style)
             for part in parts if around.judges(name)]  # fmt: skip
    side = next((one for one in ("high", "low", "") if one in sides), None)
    if side == "high" and goal and all(int(two[part]) <= int(goal[part]) for part in parts):
        side = ""
    return _told(start, end, name, f"{two['systolic']}/{two['diastolic']} mmHg", side)


def _one(start: int, end: int, names: tuple[str, str], said: str, around: Around) -> Value | None:
    """The value that stands behind a name, which is given as the lexicon has it and as it is
    written."""
    name, written = names
    if (read := _read(name, written, said)) is None:
        return None
    number, unit, marked, after = read
    last, unit = last_of(after, unit)
    number, unit = last or number, unit_of(name, unit)
    several = [] if last else more(after, unit)
    beside, shown = ASIDE.match(after.lstrip()), "" if last else _range(after)
    here = around.sure and (bool(last) or not LONG_AGO.match(after))
    flag = _flag(after, marked, beside) if here and not last and not several else ""
    here = here and bool(readings(number)) and not another(written, unit)
    limits = limits_of(shown)
    side = side_of(number, "", limits, around.style) if here and limits and not several else None
    here = here and around.judges(name)
    if side is None and here and not shown:  # of several what all of them are
        sides = {around.by_table(name, one, unit) for one in (number, *several)}
        side = sides.pop() if len(sides) == 1 else None
    sure = here and not several
    marks = next((way for way, says in MARKS if says.match(flag)), "")
    against = bool(marks and limits) and side is not None and marks not in (side, "abnormal")
    if marks and not against and not (marks == "abnormal" and side):
        side = marks
    far = sure and bool(side) and side == critical(name, number, unit)
    far = far or bool(CRITICAL.match(flag) and not against)
    one = _told(start, end, name, f"{number} {unit}".rstrip(), side)
    if against:
        one = replace(one, told=f"{one.told} (marked {marks} in the document)")
    return replace(
        one, critical=far, doubt="" if unit or side or not sure else if_usual(name, number)
    )


def _read(name: str, written: str, said: str) -> tuple[str, str, str, str] | None:
    """The number, unit and mark that stand behind a name, and what stands behind them."""
    value = SAID.match(said)
    if value is None:
        return None
    if worded := WORDED.match(said, value.end("value")):
        said = f"{said[: value.end('value')]} {_unit(worded)}{said[worded.end() :]}"
        value = SAID.match(said)
        assert value is not None
    number, unit, at = value["value"], (value["unit"] or "").strip(), value.end("value")
    if UNSURE.match(said, value.start("value")) and not FROM.search(value[0]):
        return None
    marked = MARK.match(said, at)
    if marked and marked["mark"] == "L" and VOLUMES.search(f"{name} {written}"):
        marked = None
    if marked:
        behind = UNIT.match(said, marked.end())
        unit, end = (behind["unit"], behind.end()) if behind else ("", at)
        at = marked.end()
    else:
        end = value.end("unit")
    unit = unit_of(name, unit) if unit else ""
    if unit and canonical(unit) is not None:
        return number, unit, marked["mark"] if marked else "", said[end:]
    if not marked and not ALONE.match(said, at):
        return None
    return number, "", marked["mark"] if marked else "", said[at:]


def _flag(after: str, marked: str, beside: re.Match[str] | None) -> str:
    """How a value is marked: behind its number, its unit, or what stands in brackets there."""
    at = len(after) - len(after.lstrip()) + beside.end() if beside else 0
    found = MARK.match(after) or MARK.match(after, at)
    return marked or (found["mark"] if found else "")


def _unit(worded: re.Match[str]) -> str:
    part, volume = (PARTS.get((worded[key] or "").lower(), "") for key in ("part", "volume"))
    return f"{part}{'g' if worded['of'].lower() == 'gram' else 'mol'}/{volume}L"


def _range(after: str) -> str:
    """The range that is told behind a value: in brackets, or in words."""
    beside = ASIDE.match(after.lstrip())
    if beside:
        return beside[0].strip("()[]") if RANGE.search(beside[0]) else ""
    words = IN_WORDS.match(after)
    if words is None:
        return ""
    if words["end"]:
        return f"{'up to' if words['end'].lower() == 'upper' else 'at least'} {words['limit']}"
    return f"{words['low']} - {words['high']}"


def _told(start: int, end: int, name: str, shown: str, side: str | None) -> Value:
    told = f"{name}: {shown}" + (f", {side.upper()}" if side else "")
    return Value(start, end, name, side or "", told, side is not None)
