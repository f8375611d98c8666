"""Ids of entries, and their order: the same for every format."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any, TypeVar

from osler.records.record import Entry

E = TypeVar("E", bound=Entry)

MADE: dict[str, str] = {
    "Condition": "condition", "Medicine": "medicine", "Allergy": "allergy",
    "Observation": "observation", "Immunization": "immunization", "Procedure": "procedure",
    "Encounter": "encounter", "CarePlan": "care-plan", "Note": "note",
}  # fmt: skip


def in_order(entries: Iterable[E]) -> tuple[E, ...]:
    """By time, then by code; each with the id that says what it is, numbered where two agree."""
    seen: Counter[str] = Counter()
    found: list[E] = []
    for _, same in groupby(sorted(entries, key=_place), key=_place):
        tied = list(same)
        for entry in sorted(tied, key=_all_else) if len(tied) > 1 else tied:
            name = f"{MADE[type(entry).__name__]}:{entry.code.value}:{entry.start.key}"
            seen[name] += 1
            # A reader made the entry just now and has shown it to nobody.
            object.__setattr__(entry, "id", name if seen[name] == 1 else f"{name}#{seen[name]}")
            found.append(entry)
    return tuple(found)


def _place(entry: Entry) -> tuple[Any, ...]:
    return (*entry.start.order, entry.code.system, entry.code.value)


def _all_else(entry: Entry) -> list[str]:
    """Ties are told apart by all that is compared, so that no file's order shows."""
    compared = (f.name for f in dataclasses.fields(entry) if f.compare and f.name != "id")
    return [str(getattr(entry, name)) for name in compared]
