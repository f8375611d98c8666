"""What is the matter with entries that are read all the same, judged by the record alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from osler.records.account import Remark
from osler.records.moments import last_day_of
from osler.records.names import of_code
from osler.records.ranges import implausible
from osler.records.record import Encounter, Entry, Medicine, Observation, Person, Quantity
from osler.records.units import canonical

OLDEST = 130
"""Years after a birth in which nothing is of the patient's life."""
AFTER_VISITS = 20
"""Years after the last visit that no record goes on for: such a day is a slip of the pen."""

Placed = tuple[str, Entry]
"""An entry and its place in a file."""


def remarks_on(who: Person, placed: Iterable[Placed]) -> Iterator[Remark]:
    """What is the matter with the entries of a patient, each with its place."""
    placed = list(placed)
    orders = [e for _, e in placed if isinstance(e, Medicine) and not (e.stated or e.ended)]
    last = horizon(who, (entry for _, entry in placed))
    for place, entry in placed:
        doubts = (_of_itself(entry), _of_its_day(entry, who, last), _of_its_dose(entry, orders))
        yield from (Remark(place, why) for some in doubts for why in some)


def _of_itself(entry: Entry) -> Iterator[str]:
    code = entry.code
    if code.text == of_code(code.system, code.value):
        yield "its code has no words: told by the code"
    if isinstance(entry, Observation) and isinstance(entry.value, Quantity):
        if entry.value.unit and canonical(entry.value.unit) is None:
            yield "a unit that is not known: kept as written, and never flagged"
        elif implausible(entry):
            yield "a value that cannot be in its unit: kept as written, and never flagged"
    end = getattr(entry, "end", None)
    if end is not None and entry.start.is_known and last_day_of(end) < entry.start.day:
        yield "it ends before it begins: told as written"


def _of_its_day(entry: Entry, who: Person, last: date) -> Iterator[str]:
    """A time of another zone may lie a day before the birth."""
    if last_day_of(entry.start) < who.born - timedelta(days=1):
        yield "its date is before the patient's birth: told as written"
    elif who.died and entry.start.day > who.died + timedelta(days=366):
        yield "its date is more than a year after the patient's death: told as written"
    elif entry.start.day > last:
        yield "its date is decades after all visits: kept, and told of no day before it"


def _of_its_dose(entry: Entry, orders: Iterable[Medicine]) -> Iterator[str]:
    if isinstance(entry, Medicine) and entry.stated and not entry.ended:
        name = entry.code.text.lower()
        same = [e for e in orders if e.dose and e.code.text.lower() == name]
        if same and all(entry.other_dose(order) for order in same):
            yield "states another dose than the order of the medicine: both are told"


def horizon(who: Person, entries: Iterable[Entry]) -> date:
    """The last day that an entry can be of: of a lifetime, and decades after the last visit.

    The wall clock is never read; 2999 is after any life, 2201 after any visit of this one.
    """
    life = _years_after(who.born, OLDEST)
    visits = [e.start.day for e in entries if isinstance(e, Encounter) and e.start.day <= life]
    return min(life, _years_after(max(visits), AFTER_VISITS)) if visits else life


def _years_after(day: date, years: int) -> date:
    return day + timedelta(days=365.25 * years) if day.year + years < date.max.year else date.max


def possible(who: Person) -> tuple[Person, str]:
    """A person, and what is left out of it: a death before the birth is on no day."""
    if who.death is None or last_day_of(who.death) >= who.born:
        return who, ""
    said = "a death before the birth: the day is left out, the patient is read as dead"
    return dataclasses.replace(who, died=None, dead=True), said
