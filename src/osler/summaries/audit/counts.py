"""Numbers that are how many of something there are: conditions, visits, exacerbations."""

from __future__ import annotations

import re
from datetime import date

from osler.summaries.audit.evidence import CURRENT, Ledger
from osler.summaries.audit.fact import SPANS, Fact
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.windows import window
from osler.summaries.audit.words import norms

OUT_OF_RANGE = re.compile(
    r"(?i)^\s*(?:of (?:her|his|the) )?(?:\w+ )?(?:labs?|results?|values?|tests?|abnormal\w*)\b"
    r"[^,;]*\b(?:out of|abnormal|outside|flagged)|^\s*(?:abnormal|out-of-range|flagged) \w+"
)
STAYS = (
    (re.compile(r"(?i)^\W*(?:emergency|er|ed|a&e)\b[\w -]*\b(?:visit|encounter|admission)"),
     "emergency"),
    (re.compile(r"(?i)^\W*(?:hospitali[sz]ation|inpatient|hospital (?:stay|admission))"),
     "inpatient"),
)  # fmt: skip
"""Visits that are counted by themselves -> their kind."""
KINDS_COUNTED = (
    (re.compile(r"(?i)\bconditions?|problems?|diagnos\w+"), "condition"),
    (re.compile(r"(?i)\bmedic\w+|drugs?|prescriptions?"), "medicine"),
    (re.compile(r"(?i)\ballerg\w+"), "allergy"),
    (re.compile(r"(?i)\bcare plans?"), "care plan"),
    (re.compile(r"(?i)\bencounters?|visits?"), "encounter"),
    (re.compile(r"(?i)\bimmuni[sz]ations?|vaccin\w+"), "immunization"),
    (re.compile(r"(?i)\bprocedures?"), "procedure"),
)  # fmt: skip


ENTRIES = re.compile(
    r"(?i)\s+(?:entries|items|lines|records|in all|in total|overall)\b|\s*[.;]?\s*$"
)
LIST_OF = re.compile(
    r"(?i)\b(?:list|number|count|total|tally|register|record|"
    r"inventory)\s+of\s+(?P<what>[\w -]+?)\s+"
    r"(?:has|have|had|holds?|contains?|comprises?|includes?|counts?|totals?|is|are|stands? at|"
    r"amounts? to|comes? to|consists? of|runs? to|numbers?)\s+(?:a total of\s+|now\s+)?$"
)
"""`the list of active diagnoses has eight`."""


def counted(clause: Clause, fact: Fact, ledger: Ledger) -> bool:
    """Whether a number is how many of something there are."""
    after = clause.text[fact.end : fact.end + 40]
    listed = LIST_OF.search(clause.text[: fact.start])
    if listed and ENTRIES.match(after):
        after = listed["what"]
    if OUT_OF_RANGE.search(after):
        flagged = [
            [i for i in ledger.of(*kinds) if i.flag] for kinds in (("lab",), ("lab", "vital"))
        ]
        return int(fact.number) in [len(some) for some in flagged]
    of_kind = next((kind for pattern, kind in STAYS if pattern.search(after)), "")
    if of_kind:
        return int(fact.number) == sum(e.kind == of_kind for e in ledger.seen.encounters)
    for pattern, kind in KINDS_COUNTED:
        if pattern.search(after.split(",")[0]):
            items = ledger.of(kind)
            first, last = window(clause, ledger.on)
            if kind in ("encounter", "procedure", "immunization"):
                starts = [m.day for item in items for m in item.starts]
                if first > date.min:
                    return int(fact.number) == sum(first <= day <= last for day in starts)
            current = [item for item in items if item.status in ("", CURRENT)]
            return int(fact.number) in (len(items), len(current))
    return False


def by_name(fact: Fact, ledger: Ledger) -> bool:
    """`four exacerbations`: whether that many entries are called so."""
    if fact.what != "number" or fact.unit or len(fact.word) < 5 or fact.word in SPANS:
        return False
    for kind in ("condition", "procedure", "encounter"):
        named = [i for i in ledger.of(kind) if fact.word in norms(i.name)]
        if named and int(fact.number) == sum(len(i.ids) for i in named):
            return True
    return False
