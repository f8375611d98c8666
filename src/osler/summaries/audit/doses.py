"""Doses that are said to have been changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.mentions import Clause, Mention
from osler.summaries.audit.result import Claim
from osler.summaries.audit.trends import DENIED

CHANGED = (
    r"(?:(?:re|up|down)?-?(?:increased|raised|doubled|tripled|halved|reduced|decreased|lowered|"
    r"titrated|adjusted|escalated|changed|cut))"
)
DOSE_BEHIND = re.compile(
    rf"(?i)\s*(?:(?:\d[\d.]* ?m?c?g|dose|dosage|strength)\s+)*(?:(?:was|were|has|have|had|been|is|"
    rf"being|recently|since|then|just)\s+)+(?P<what>{CHANGED})\b"
)
"""`lisinopril was increased`, `lisinopril dose has been doubled`."""
DOSE_BEFORE = re.compile(
    rf"(?i)\b(?P<what>(?:{CHANGED}|(?:increase|reduction|change|adjustment|escalation|titration) "
    r"(?:of|in))(?: the| her| his| their)?(?: dos(?:e|es|age)(?: of)?)?)(?: the| her| his| their)?"
    r"\s+$"
)
"""`increased the dose of lisinopril`."""


def claims(clause: Clause, named: Sequence[Mention], ledger: Ledger) -> Iterator[Claim]:
    """`the lisinopril dose was increased`, where the record has but one dose of it."""
    for one in named:
        items = [item for item in one.items if item.kind == "medicine"]
        if not items or one.negated or one.supposed:
            continue
        before = clause.text[: one.first(clause)]
        found = DOSE_BEHIND.match(clause.text, one.last(clause)) or DOSE_BEFORE.search(before)
        if (
            found
            and found.start("what") < clause.supposed
            and not DENIED.search(clause.text[: found.start("what")])
            and len(_orders(items, ledger)) == 1
        ):
            wrong = f"the record has one dose of {items[0].name}"
            yield at(clause, *found.span("what"), "dose", items[0].ids[:3], wrong)


def _orders(items: Sequence[Evidence], ledger: Ledger) -> set[tuple[str, str]]:
    """The strengths and doses that the record has of a medicine."""
    ids = {id for item in items for id in item.ids}
    given = [m for m in ledger.seen.record.medicines if m.id in ids]
    return {(m.code.text, m.dose.text if m.dose else "") for m in given}
