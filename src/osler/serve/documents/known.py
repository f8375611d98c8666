"""What is known of a test by its name: what it is in the lexicon, and its shipped range."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from osler.records.moments import Moment
from osler.records.ranges import flag, reference_for
from osler.records.record import Code, Observation, Quantity
from osler.records.units import canonical, dimension
from osler.serve.documents.limits import Limits, meant, readings
from osler.summaries import lexicon
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms

ADULT = 45 * 365
"""Days of age for which the shipped ranges are looked up."""
LOINC = re.compile(
    r"\s*\[[^\]]*\]|/[A-Z]\w+\.total\b"
    r"|\s+by\s(?:test strip|automated).*$"
    r"|\s+(?:in|of|on)\s(?:serum|plasma|blood|arterial|venous|capillary|body).*$",
    re.IGNORECASE,
)
"""What LOINC's long names say beside the test: [Mass/volume] in Serum or Plasma."""


BESIDE = re.compile(r"(.+?)(?:,\s*|\s*\()([^(),]+)\)?")
"""`Potassium (K)`, `Glucose, fasting`: what stands behind a name."""
UREA = re.compile(r"(?i)\burea\b(?! nitrogen)")
ADJUSTED = re.compile(r"(?i)^(?:(?:albumin[ -])?(?:adj(?:usted)?|corr(?:ected)?)\.?)\s+(?=calcium)")
"""Of calcium it is the one that the ranges are for."""
SAFE = {"heart rate": "/min", "respiratory rate": "/min"}
"""Signs that are counted in one unit alone."""
DEGREES = {"C": "°C", "F": "°F"}
AS_USUAL = frozenset({"serum", "plasma", "blood", "whole blood", "fasting", "total"})


@lru_cache(4096)
def labs(name: str) -> list[str]:
    """What of the lexicon a test is, also where it is named twice or its usual specimen is."""
    name = ADJUSTED.sub("", name.strip(" :"))
    if (found := _labs(name)) or not (two := BESIDE.fullmatch(name)):
        return found
    one, other = _labs(two[1]), _labs(two[2])
    return one if one == other or two[2].lower() in AS_USUAL else []


def _labs(name: str) -> list[str]:
    """By a name as it stands; LOINC's long names say behind it of what and how."""
    plain = LOINC.sub("", name).strip()
    of, _, what = plain.partition(" in ")  # `Cholesterol in HDL` is HDL cholesterol
    names = (name, plain, f"{what} {of}")
    return next((k for each in names if (k := lookup.names_as("lab").whole(norms(each)))), [])


def unit_of(name: str, unit: str) -> str:
    """The unit of a sign, where it is left out or shortened."""
    keys = [key.partition(":")[2] for key in labs(name)]
    if keys == ["body temperature"]:
        return DEGREES.get(unit, unit)
    return unit or (SAFE.get(keys[0], "") if len(keys) == 1 else "")


def by_table(name: str, value: str, unit: str, sign: str, style: str) -> str | None:
    """What the shipped ranges say of a value in its unit; None where there is none."""
    if another(name, unit):
        return None
    sides = [_by_code(code, value, unit, sign, style) for code in codes_of(name)]
    judged = [side for side in sides if side is not None]
    return next(filter(None, judged), "" if judged else None)


def another(name: str, unit: str) -> bool:
    """Whether a name in a unit is not of what the lexicon takes it for: urea weighs twice what its
    nitrogen does."""
    return bool(UREA.search(name)) and dimension(unit) == "mass/volume"


def codes_of(name: str) -> list[str]:
    """The LOINC codes of a test."""
    keys = [key.partition(":")[2] for key in labs(name)]
    return [code for key in keys for code in lexicon.by_name("lab")[key].codes]


def observed(code: str, number: float, unit: str, sign: str = "") -> Observation:
    """A number as a record would have it; a unit that is not known is none."""
    quantity = Quantity(number, canonical(unit) or "" if unit else "", sign)
    return Observation("", Code("LOINC", code, code), Moment(date.min), "laboratory", quantity)


def _by_code(code: str, value: str, unit: str, sign: str, style: str) -> str | None:
    sides: dict[str, str] = {}
    limits: list[Limits] = []
    for mark, number in readings(value).items():
        seen = observed(code, number, unit, sign)
        if reference := reference_for(seen, "unknown", ADULT):
            sides[mark] = flag(seen, reference)
            low, high = ("" if at is None else f"{at:g}" for at in (reference.low, reference.high))
            limits = [Limits("", low, high, "plain")]
    if not limits:
        return None
    agreed = len(set(sides.values())) == 1
    side = next(iter(sides.values())) if agreed else sides.get(meant(value, limits, style))
    if not sign:
        return side
    return limits[0].side(next(iter(readings(value).values())), sign, ".") if side else None
