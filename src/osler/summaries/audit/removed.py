"""Operations in plain words: the gallbladder removed, the appendix out, the tonsils still there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.systems import FAMILY

ORGANS: tuple[tuple[str, str], ...] = (
    ("appendix", r"append(?:ic)?ectomy"), ("gall ?bladder", r"cholecystectomy"),
    ("uterus|womb", r"hysterectomy"), ("tonsils?", r"tonsillectomy"),
    ("adenoids?", r"adenoidectomy"), ("spleen", r"splenectomy"), ("prostate", r"prostatectomy"),
    ("thyroid(?: gland)?", r"thyroidectomy"), ("ovar(?:y|ies)", r"oophorectomy"),
    ("breasts?", r"mastectomy"), ("colon|bowel", r"colectomy"), ("stomach", r"gastrectomy"),
    ("kidneys?", r"nephrectomy"), ("lungs?", r"pneumonectomy|lobectomy"),
)  # fmt: skip
"""Organ -> parts of what an entry is called that has taken it out."""
_SAID = tuple(
    (
        re.compile(
            rf"(?i)\b(?:{organ})\s+(?:(?:was|were|is|has been|have been|had been|never|not)\s+)*"
            r"(?:surgically |previously |since )?(?:(?:taken )?out\b|removed|excised|resected)|"
            rf"\b(?:removal|excision) of (?:the |her |his )?(?:{organ})\b|"
            rf"\b(?:without|lost|lacks|missing|no longer has) (?:an? |the |her |his )?(?:{organ})\b"
        ),
        re.compile(
            rf"(?i)\b(?:still has|retains|kept) (?:an? |the |her |his )?(?:{organ})\b|"
            rf"\b(?:{organ}) (?:is|are) (?:still )?(?:in place|in situ|intact|present)\b"
        ),
        re.compile(rf"(?i){done}"),
    )
    for organ, done in ORGANS
)
HINT = re.compile(
    r"(?i)\b(?:out|removed|removal|excis\w+|resected|without|lost|lacks|missing|has|retains|kept|"
    r"place|situ|intact|present)\b"
)
"""Words without one of which nothing is said of an organ that is out."""
DENIED = re.compile(r"(?i)\b(?:never|not|no|denies|without having)\b|n['’]t\b")
PART = re.compile(r"(?i)\b(?:polyps?|stones?|nodules?|part|tumou?r|lump|cyst|biops\w+|lesions?)\b")
"""Of which something was taken out, and not the organ."""


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each organ that is told to be out, or to be there."""
    if not HINT.search(clause.text) or FAMILY.search(clause.text) or PART.search(clause.text):
        return
    for out, there, done in _SAID:
        gone, kept = out.search(clause.text), there.search(clause.text)
        found = gone or kept
        if found is None or found.start() >= clause.supposed:
            continue
        items = [i for i in ledger.of("procedure", "condition") if done.search(_names(i))]
        denied = gone is None or DENIED.search(clause.text[: found.end()]) is not None
        if denied and gone is not None and gone[0].lower().startswith(("without", "no longer")):
            denied = False
        kind = "negation" if denied else "procedure"
        wrong = "" if bool(items) != denied else "the record has it" if items else NOT_THERE
        at = (clause.offset + found.start(), clause.offset + found.end())
        yield Claim(kind, *at, tuple(i.ids[0] for i in items[:3]), wrong)


NOT_THERE = "not in the record"


def _names(item: Evidence) -> str:
    return " ".join((item.name, *item.names))
