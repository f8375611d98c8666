"""What a resource says of itself: whether it is so, still so, or says that there is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.records.account import SetAside
from osler.records.fhir_shapes import Clinical
from osler.records.fhir_types import Concept
from osler.records.names import one_line

WRONG = "entered-in-error"
REFUTED = "refuted"
SYNONYMS = {
    "error": WRONG, "entered-in-error": WRONG, "ruled-out": REFUTED, "disproved": REFUTED,
    "in-remission": "remission",
}  # fmt: skip
"""Other words for a status, as some write them in a text."""
UNSURE = ("unconfirmed", "provisional", "differential", "presumed")
ENDED = frozenset({"resolved", "inactive", "remission"})

NOTHING = {
    "716186003", "409137002", "428607008", "429625007", "428197003", "716220001", "716184000",
    "1003774007", "160244002", "160245001",
    "no-known-allergies", "no-known-medication-allergies", "no-known-food-allergies",
    "no-known-environmental-allergies", "no-allergy-info", "no-known-problems", "no-problem-info",
    "no-known-medications", "no-medication-info",
}  # fmt: skip
"""SNOMED CT and the International Patient Summary: none known, and nothing known. These state
that there is no allergy, problem or medicine, or nothing about them; none is one."""
NO_ALLERGY = re.compile(
    r"(?i)n(?:o|il) (?:known )?(?:\w+ ){0,2}allerg(?:y|ies)(?: known| recorded)?|nkd?a|"
    r"(?:patient )?denies (?:any )?allerg(?:y|ies)"
)


def certainty(resource: Clinical) -> str:
    """Words for what is not confirmed; what was refuted or entered in error is set aside."""
    said = list(_said(resource.verification_status))
    for status in (WRONG, REFUTED):
        if status in said:
            raise SetAside(status.replace("-", " "))
    if not said or "confirmed" in said:
        return ""
    return next((status for status in said if status in UNSURE), said[0].replace("-", " "))


def has_ended(status: Concept | None) -> bool:
    """Whether a clinical status says that something is over."""
    return not ENDED.isdisjoint(_said(status))


def _said(concept: Concept | None) -> Iterator[str]:
    """Every code of a status, then how it is shown and its text, in the form of a code."""
    if concept is None:
        return
    codings = concept.coding
    for text in (*(c.code for c in codings), *(c.display for c in codings), concept.text):
        word = one_line(text).lower().rstrip(".").replace(" ", "-")
        if word:
            yield SYNONYMS.get(word, word)


def not_wrong(status: str) -> None:
    """Set aside what was entered in error."""
    if status == WRONG:
        raise SetAside("entered in error")


def not_absent(concept: Concept | None, what: str) -> None:
    """Set aside the statement that there is none: it is no allergy, problem or medicine."""
    if concept is None:
        return
    texts = (concept.text, *(c.display for c in concept.coding))
    codes = {c.code for c in concept.coding}
    none = what == "allergy" and any(NO_ALLERGY.fullmatch(one_line(t).rstrip(".")) for t in texts)
    if none or codes & NOTHING:
        raise SetAside(f"no known {what} stated")
