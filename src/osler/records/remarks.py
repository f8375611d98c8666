"""What a reader of a record on a day must know, beside what the record says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.moments import age, months_between
from osler.records.names import counted
from osler.records.record import Allergy, CarePlan, Condition, Medicine
from osler.records.view import View

LONG_AFTER = 24
"""Months without an entry from which on it is said how long it has been."""
Lasting = Condition | Medicine | Allergy | CarePlan


def remarks(seen: View) -> tuple[str, ...]:
    """All that there are."""
    return tuple(filter(None, (long_ago(seen), unknown_then(seen))))


def long_ago(seen: View) -> str:
    """A remark on a day that is long after all that is known of somebody who may live, or none."""
    days = [e.start.day for kind in seen.record.kinds for e in kind if e.start.is_known]
    if not days or seen.dead or months_between(max(days), seen.on) < LONG_AFTER:
        return ""
    return (
        f"The record's last entry is of {max(days)}, {age(max(days), seen.on)} before {seen.on}: "
        "what is told as current may be past."
    )


def unknown_then(seen: View) -> str:
    """A remark on a day before the record's last, where the record says of something that it has
    ended and not when: a status of FHIR is that of the present."""
    counts = list(_undated(seen)) if seen.on < seen.until else []
    if not counts:
        return ""
    listed = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    return (
        f"The record goes on to {seen.until} and does not say when {listed} ended: what is told as "
        f"past of these may have been current on {seen.on}."
    )


def _undated(seen: View) -> Iterator[str]:
    """By kind, how many things are told as past of which no entry says when it ended."""
    current = {entry.code for course in seen.allergies for entry in course.entries}
    gone = {a.code: (a,) for a in seen.record.allergies if a.code not in current}
    for name, some in (
        ("medicine", [course.entries for course in seen.past_medicines]),
        ("condition", [course.entries for course in seen.resolved]),
        ("care plan", [course.entries for course in seen.past_care_plans]),
        ("allergy", list(gone.values())),
    ):
        count = sum(_has_no_end(entries) for entries in some)
        if count:
            yield counted(count, name)


def _has_no_end(entries: Sequence[Lasting]) -> bool:
    return any(entry.ended and entry.end is None for entry in entries)
