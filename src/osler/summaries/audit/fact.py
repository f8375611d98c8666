"""A fact: something that must be so of the thing that a clause is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osler.summaries.audit.words import When, word_set

Role = Literal["", "start", "end", "last", "earlier", "reference"]

ROLES: dict[str, Role] = {
    "since": "start", "started": "start", "starting": "start", "start": "start",
    "began": "start", "beginning": "start", "onset": "start", "diagnosed": "start",
    "to": "end", "until": "end", "till": "end", "through": "end", "ended": "end",
    "resolved": "end", "ending": "end", "stopped": "end", "discontinued": "end",
    "last": "last", "latest": "last", "recent": "last", "recently": "last",
    "before": "earlier", "previous": "earlier", "previously": "earlier", "prior": "earlier",
    "earlier": "earlier", "from": "earlier", "against": "earlier", "versus": "earlier",
    "reference": "reference", "range": "reference", "ref": "reference", "limit": "reference",
}  # fmt: skip
SPANS = {
    "decade": 3652.5,
    "year": 365.25,
    "yr": 365.25,
    "month": 30.44,
    "mo": 30.44,
    "week": 7.0,
    "day": 1.0,
}
SEVERITIES = ("mild", "moderate", "severe")
COUNTED = word_set("time dose x occasion episode injection shot visit prescription")
SERIES = ("lab", "vital", "score", "answer", "quality")
CLASS_OF = {
    "medicine": "dose", "lab": "lab", "vital": "vital", "score": "lab", "quality": "lab",
    "answer": "social", "social": "number", "immunization": "number",
    "county": "county figure", "allergy": "number", "condition": "number", "person": "demographic",
}  # fmt: skip
"""Kind of evidence -> class of a number that does not fit it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that must be so of the thing that the clause is about."""

    what: Literal[
        "date",
        "number",
        "pair",
        "frequency",
        "hour",
        "flag",
        "side",
        "severity",
        "recent",
        "form",
        "setting",
    ]
    start: int
    end: int
    """Characters in the clause."""
    place: int
    """The word where it begins."""
    role: Role = ""
    when: When | None = None
    number: float = 0.0
    second: float = 0.0
    decimals: int = 0
    unit: str = ""
    """UCUM; of a side, the part of the body behind it; of a severity, the words beside it."""
    word: str = ""
    """A frequency, time of the day, flag, side, form or setting, or the word behind a number."""
    about: bool = False
    """Of a number that is said to be rounded."""
