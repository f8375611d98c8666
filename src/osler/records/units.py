"""Units of measurement as records write them: known by their UCUM code, read out, converted.

The Unified Code for Units of Measure (https://ucum.org/ucum), in its case-sensitive form (§3) as
FHIR has it. Only whole codes are known, those of `assets/records/units.tsv`, each with what else
people write for it. Temperatures are special units, with an offset (§21-22); international units
are arbitrary ones (§24-25), and become others only for the analytes that `analytes.tsv` names.
In one thing medicine is followed instead: an annotation in braces means nothing to UCUM (§6), but
here a score does not turn into a percentage, nor a clearance into one for 1.73 m².
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from osler.records.tables import read_table


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the table. A value in base units is `factor * (value + offset)`."""

    code: str
    readable: str
    dimension: str
    """What can be converted into what: 'mass/volume'."""
    factor: float
    offset: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """From one dimension to another, for one analyte: `into = slope * value + offset`."""

    into: str
    slope: float
    offset: float = 0.0


NGSP = Bridge("fraction", 0.9148, 0.02152)
"""NGSP (%) = 0.09148 * IFCC (mmol/mol) + 2.152, here both as ratios: the master equation of
Hoelzel et al., Clin Chem 2004;50:166-174, as the NGSP gives it (https://ngsp.org/ifcc.asp)."""

POWER = re.compile(r"^[xX*]?10(?:\^|\*\*?|[eE]|\()(\d+)\)?")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
LITRE = re.compile(r"(?<![A-Za-z])([dmufcnpµ]?)l(?![A-Za-z])")
PER_LITRE = re.compile(r"(?<=[A-Za-z%])[ ·⋅.*]?([dmu]?)[lL](?:\*|\^)?-1$")
"""`mmol·L-1`, `g dL⁻¹`."""
FLAT = re.compile(r"^[xX]?10(3|6|9|12)(?=/[A-Za-zµ])")
"""A power whose exponent is no longer raised: `109/L`."""
MICRO = re.compile(r"mc(?=(?:g|L|l|mol|IU|U)(?![A-Za-z]))|MC(?=(?:G|L|MOL)(?![A-Za-z]))")
MEANS_TWO = {"G/L"}
"""In capitals: gram to one laboratory, giga (of cells) to another."""


def canonical(text: str) -> str | None:
    """The UCUM code of a unit as written, or None where it is not known or not clear.

    Case tells units apart (mg from Mg, g from G). Text in one case throughout (MG/DL, mmol/l) is
    taken all the same where only one known unit reads like it; a single letter never is.
    """
    return _canonical(text.strip())


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str | None:
    units, written, folded = _units()
    if text in units:
        return text
    tidy = _tidy(text)
    if tidy in written:
        return written[tidy]
    one_case = text in (text.upper(), text.lower())
    if one_case and sum(map(str.isalpha, text)) > 1 and text not in MEANS_TWO:
        return folded.get(tidy.lower())
    return None


def unit_of(text: str) -> str:
    """The UCUM code of a unit as written; one that is not known stays as it is."""
    return canonical(text) or text


def readable(unit: str) -> str:
    """A unit as people read it: 'mmHg', '10³/µL', nothing for a pure number.

    One that is not known stays as it is written.
    """
    code = canonical(unit)
    return unit.strip() if code is None else _units()[0][code].readable


def dimension(unit: str) -> str | None:
    """What a unit measures ('mass/volume'), or None where the unit is not known."""
    code = canonical(unit)
    return None if code is None else _units()[0][code].dimension


def convert(value: float, unit: str, to: str, loinc: str = "") -> float | None:
    """A value in another unit, or None where that cannot be.

    `loinc`: which analyte it is of, for conversions that need to know: mass to substance (by
    molar mass), equivalents to moles (by charge), A1c between NGSP and IFCC (master equation).
    Not rounded.
    """
    units = _units()[0]
    code, aim = canonical(unit), canonical(to)
    if code is None or aim is None:
        return None
    if code == aim:
        return value
    start, end = units[code], units[aim]
    base = start.factor * (value + start.offset)
    if start.dimension != end.dimension:
        crossed = _cross(base, start.dimension, end.dimension, _bridges().get(loinc, {}))
        if crossed is None:
            return None
        base = crossed
    return base / end.factor - end.offset


def _cross(base: float, start: str, end: str, bridges: dict[str, Bridge]) -> float | None:
    """From a dimension to another over the one that an analyte's bridges lead to."""
    here, there = start, end
    if start in bridges:
        bridge = bridges[start]
        base, here = bridge.slope * base + bridge.offset, bridge.into
    back = bridges.get(end)
    if back is not None:
        there = back.into
    if here != there:
        return None
    return base if back is None else (base - back.offset) / back.slope


def _tidy(text: str) -> str:
    """One spelling of what differs without meaning: blanks, µ, superscripts, l for litre, 10^3."""
    text = re.sub(r"(?<=10)[⁰¹²³⁴-⁹]+", lambda m: "*" + m[0].translate(SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("×", "x")
    text = PER_LITRE.sub(r"/\1L", text.replace("−", "-").replace("∕", "/").replace("⁄", "/"))
    text = "".join(text.split())
    text = MICRO.sub(lambda m: "u" if m[0] == "mc" else "U", text)
    text = LITRE.sub(r"\1L", text)
    text = FLAT.sub(r"10*\1", text)
    return POWER.sub(r"10*\1", text) if POWER.match(text) else text.removeprefix("x")


@cache
def _units() -> tuple[dict[str, Unit], dict[str, str], dict[str, str | None]]:
    """Units by code; codes by what is written; codes by that in small letters, None if unclear."""
    units: dict[str, Unit] = {}
    written: dict[str, str] = {}
    alike: dict[str, set[str]] = defaultdict(set)
    for row in read_table("units"):
        code = row["code"]
        units[code] = Unit(
            code, row["readable"], row["dimension"], float(row["factor"]), float(row["offset"] or 0)
        )
        forms = [code, row["readable"], *row["written"].split("|")]
        for form in filter(None, map(_tidy, forms)):
            if written.setdefault(form, code) != code:
                raise ValueError(f"units.tsv: {form} is written for {written[form]} and {code}")
            alike[form.lower()].add(code)
    folded = {form: next(iter(codes)) if len(codes) == 1 else None for form, codes in alike.items()}
    return units, written, folded


@cache
def _bridges() -> dict[str, dict[str, Bridge]]:
    """LOINC code -> dimension -> where it leads."""
    bridges: dict[str, dict[str, Bridge]] = defaultdict(dict)
    for row in read_table("analytes"):
        by_table = row["divisor"] != "ngsp"
        bridge = Bridge(row["into"], 1 / float(row["divisor"])) if by_table else NGSP
        for code in row["codes"].split():
            bridges[code][row["from"]] = bridge
    return dict(bridges)
