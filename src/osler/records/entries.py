"""Ids of entries, and their order: the same for every format."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, TypeVar

from osler.records.ranges import implausible
from osler.records.record import Entry, Observation, Person, Quantity
from osler.records.units import canonical

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


def doubts(entry: Entry) -> Iterator[str]:
    """What is the matter with an entry that is read all the same."""
    if isinstance(entry, Observation) and isinstance(entry.value, Quantity):
        if entry.value.unit and canonical(entry.value.unit) is None:
            yield "a unit that is not known: kept as written, and never flagged"
        elif implausible(entry):
            yield "a value that cannot be in its unit: kept as written, and never flagged"
    end = getattr(entry, "end", None)
    if end is not None and entry.start.is_known and end.precision == "day" and (
        end.day < entry.start.day
    ):  # fmt: skip
        yield "it ends before it begins: told as written"


def possible(who: Person) -> tuple[Person, str]:
    """A person, and what is left out of it: a death before the birth is on no day."""
    if who.died is None or who.died >= who.born:
        return who, ""
    said = "a death before the birth: the day is left out, the patient is read as dead"
    return dataclasses.replace(who, died=None, dead=True), said


def _place(entry: Entry) -> tuple[Any, ...]:
    return (*entry.start.order, entry.code.system, entry.code.value)


def _all_else(entry: Entry) -> list[str]:
    """Ties are told apart by all that is compared, so that no file's order shows."""
    compared = (f.name for f in dataclasses.fields(entry) if f.compare and f.name != "id")
    return [str(getattr(entry, name)) for name in compared]
