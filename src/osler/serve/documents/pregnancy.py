"""What is usual in pregnancy, though the shipped ranges, those of adults, call it low or high."""

from __future__ import annotations

import re

from osler.records.units import canonical, convert
from osler.retrieve.sentences import sentences
from osler.serve.documents.known import codes_of, labs
from osler.serve.documents.limits import readings
from osler.serve.documents.whose import of_another

SIGN = re.compile(
    r"(?i)\b(?:is|was|she['’]s|currently|now|who is|while|being)\s+"
    r"(?!not\b|never\b)(?:\w+\s+)?pregnant\b"
    r"|\bantenatal clinic\b|(?<!born at )(?<!delivered at )\b\d{1,2}\s?\+\s?[0-6] (?:weeks|/40)\b"
    r"|\bpregnant (?:woman|lady|patient)\b"
    r"|(?<!born at )(?<!delivered at )\b\d{1,2}(?:\s?\+\s?\d)?\s?(?:/40\b|(?:weeks?|wks?)['’]?\s+"
    r"(?:pregnant|gestation|of (?:her )?(?:pregnancy|gestation)))"
)
"""Not `is not pregnant`, and not how long ago somebody was born."""
DOUBT = re.compile(r"(?i)\b(?:if|whether|unless|when|in case)\b[^.;]{0,30}$")
USUAL = {
    "creatinine": ("low", 0.4, "mg/dL"),
    "blood urea nitrogen": ("low", 3.0, "mg/dL"),
    "albumin": ("low", 2.3, "g/dL"),
    "hemoglobin": ("low", 10.5, "g/dL"),
    "hematocrit": ("low", 30.0, "%"),
    "sodium": ("low", 130.0, "mmol/L"),
    "calcium": ("low", 8.2, "mg/dL"),
    "white blood cell count": ("high", 16.9, "10*3/uL"),
    "alkaline phosphatase": ("high", 229.0, "U/L"),
}
"""How far a test may go in the third trimester (Abbassi-Ghanavati 2009), haemoglobin from the
second on (BSH 2020)."""


def is_pregnant(text: str) -> bool:
    """Whether a document says so of its patient."""
    return SIGN.search(text) is not None and any(
        not DOUBT.search(text[start : one.start()])
        and not of_another(text[start:end], one.start() - start)
        for start, end in sentences(text) for one in SIGN.finditer(text, start, end)
    )  # fmt: skip


def usual(name: str, value: str, unit: str, side: str | None) -> bool:
    """Whether a value that is low or high for others is not known to be so in pregnancy."""
    keys = labs(name)
    known = USUAL.get(keys[0].partition(":")[2]) if len(keys) == 1 else None
    if known is None or side != known[0]:
        return False
    (way, limit, of), written, code = known, canonical(unit) or "", codes_of(name)[0]
    numbers = [
        one if written == of else convert(one, written, of, code)
        for one in readings(value).values()
    ]
    return all(
        one is not None and (one >= limit if way == "low" else one <= limit) for one in numbers
    )
