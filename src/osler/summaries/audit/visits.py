"""The day of the last visit, and appointments, of which a record of what was holds none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.summaries.audit.context import at
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.holds import within
from osler.summaries.audit.mentions import Clause
from osler.summaries.audit.result import Claim
from osler.summaries.audit.words import When

_VISIT = r"(?:visits?|encounters?|appointments?|consultations?|attendances?|contacts?)"
_LINK = r"\s*(?:was|took place|occurred|happened|dated|here|in clinic|:|,|\()*\s*(?:on|in|:)?\s*"
LAST = re.compile(
    rf"(?i)\b(?:(?:last|latest|most recent)(?:ly)? (?P<kind>\w+ )?(?:{_VISIT}|seen)|"
    rf"(?:was )?last (?:visited|attended|presented|came))(?:{_LINK})$"
)
"""Before a day."""
KINDS = {
    "emergency": ("emergency",), "er": ("emergency",), "ed": ("emergency",),
    "hospital": ("emergency", "inpatient"), "inpatient": ("inpatient",),
    "recorded": (), "documented": (), "clinic": (), "medical": (), "known": (), "office": (),
}  # fmt: skip
"""Words for a kind of visit -> those of the record; none for any."""
NEXT = re.compile(
    rf"(?i)\b(?:next|upcoming|follow-?up) {_VISIT}\b|"
    rf"\b(?:is|are|has been|was) (?:booked|scheduled)\b|"
    rf"\b(?:has|have) (?:an?|another) (?:\w+ )?appointment\b|\bappointment (?:is|on|booked)\b|"
    rf"^\W*follow-?up (?:is )?on\b"
)
PROPOSED = re.compile(
    r"(?i)\b(?:recommend\w*|suggest\w*|advis\w+|should|due|propos\w+|consider|plan(?:ned|s)?|by|"
    r"before|no later than|ask|offer|arrange|aim\w*|target)\b"
)
"""In a clause that tells of what ought to be."""
NO_APPOINTMENT = "the record has no appointment"


def claims(clause: Clause, ledger: Ledger) -> Iterator[Claim]:
    """Each day of a last visit, and each appointment on a day."""
    for day in clause.dates:
        if day.low > ledger.on:
            found = NEXT.search(clause.text)
            if found and found.start() < day.start and not PROPOSED.search(clause.text):
                yield at(clause, day.start, day.end, "encounter", (), NO_APPOINTMENT)
            continue
        found = LAST.search(clause.text[: day.start])
        if found:
            yield from _last(clause, day, (found["kind"] or "").strip().lower(), ledger)


def _last(clause: Clause, day: When, kind: str, ledger: Ledger) -> Iterator[Claim]:
    if kind and kind not in KINDS:
        return
    wanted = KINDS.get(kind, ())
    ids = {e.id for e in ledger.seen.encounters if not wanted or e.kind in wanted}
    visits = [i for i in ledger.of("encounter") if ids.intersection(i.ids) and i.starts]
    if not visits:
        return
    last: Evidence = max(visits, key=lambda i: i.starts[0].day)
    days = (*last.starts, *last.ends)
    wrong = "" if any(within(m, day) for m in days) else f"the last was on {last.starts[0].day}"
    yield at(clause, day.start, day.end, "encounter", last.ids[:1], wrong)
