"""What is known of a test by its name: what it is in the lexicon, and its shipped range."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from osler.records.moments import Moment
from osler.records.ranges import flag, reference_for
from osler.records.record import Code, Observation, Quantity
from osler.records.units import canonical
from osler.serve.assistant.limits import Limits, meant, readings
from osler.summaries import lexicon
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms

ADULT = 45 * 365
"""Days of age for which the shipped ranges are looked up."""
LOINC = re.compile(
    r"\s*\[[^\]]*\]|/[A-Z]\w+\.total\b"
    r"|\s+(?:in|of|by|on)\s(?:serum|plasma|blood|urine|arterial|venous|capillary|body|automated).*$",
    re.IGNORECASE,
)
"""What LOINC's long names say beside the test: [Mass/volume] in Serum or Plasma."""


@lru_cache(4096)
def labs(name: str) -> list[str]:
    """What of the lexicon a test is; LOINC's long names say behind it of what and how."""
    plain = LOINC.sub("", name).strip()
    of, _, what = plain.partition(" in ")  # `Cholesterol in HDL` is HDL cholesterol
    names = (name, plain, f"{what} {of}")
    return next((k for each in names if (k := lookup.names_as("lab").whole(norms(each)))), [])


def by_table(name: str, value: str, unit: str, sign: str, style: str) -> str | None:
    """What the shipped ranges say of a value in its unit; None where there is none."""
    known, judged = canonical(unit) if unit else None, None
    read = readings(value)
    for key in labs(name):
        for loinc in lexicon.by_name("lab")[key.partition(":")[2]].codes:
            sides: dict[str, str] = {}
            ends: list[Limits] = []
            for mark, number in read.items():
                seen = Observation(
                    "", Code("LOINC", loinc, name), Moment(date.min), "laboratory",
                    Quantity(number, known or "", sign),
                )  # fmt: skip
                if reference := reference_for(seen, "unknown", ADULT):
                    low, high = (
                        "" if at is None else f"{at:g}" for at in (reference.low, reference.high)
                    )
                    sides[mark] = flag(seen, reference)
                    ends = [Limits("", low, high, "plain")]
            if not sides:
                continue
            if len(set(sides.values())) > 1:
                mark = meant(value, ends, style)
                side = sides.get(mark)
            else:
                side = next(iter(sides.values()))
            if side and sign:
                side = ends[0].side(next(iter(read.values())), sign, ".")
            elif sign:
                side = None
            if side:
                return side
            judged = side if judged is None else judged
    return judged
