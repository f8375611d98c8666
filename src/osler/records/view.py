"""A record as it was known on a day: what is active, what is past, what was measured last.

Everything that is told of a patient is told from here, relative to a day that is given; the wall
clock is never read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Generic, TypeVar

from osler.records.doubts import horizon
from osler.records.labels import label, panel
from osler.records.moments import Moment, age, last_day_of
from osler.records.ranges import Reference, age_days, doubtful, flag, reference_for
from osler.records.record import (
    Allergy,
    CarePlan,
    Condition,
    Encounter,
    Entry,
    Immunization,
    Medicine,
    Note,
    Observation,
    Person,
    Procedure,
    Quantity,
    Record,
)

E = TypeVar("E", bound=Entry)
E_co = TypeVar("E_co", bound=Entry, covariant=True)

SIDES = frozenset({"left", "right", "bilateral"})
WORDS = re.compile(r"[a-z]+")
QUALITY_OF_LIFE = ("QALY", "DALY", "QOLS")
"""Codes of Synthea's scores: quality- and disability-adjusted life years, and the score itself."""
PAUSE = 92
"""Days without a medicine after which it is begun anew; as long as a supply for three months."""
RENEWED = 400
"""Days after its start by which an order without an end is taken to have been renewed."""
WHO_IT_IS = ("56799-0", "32624-9", "56051-6")
"""LOINC: the address; race and ethnicity, which the person has. Some call these laboratory."""


@dataclass(frozen=True, slots=True)
class Course(Generic[E_co]):
    """All entries of one code: a medicine that is prescribed again, a vaccine given again."""

    entries: tuple[E_co, ...]
    """Newest first."""
    lasting: tuple[E_co, ...] = ()
    """Those of them that last on the day; none of what is past, or does not last."""

    @property
    def last(self) -> E_co:
        """The newest."""
        return self.entries[0]

    @property
    def first(self) -> E_co:
        """The oldest."""
        return self.entries[-1]

    @property
    def told(self) -> E_co:
        """The newest that lasts; of what is past, the newest.

        Where somebody states that a medicine is taken and an order of it lasts, the order: it says
        how.
        """
        newest = (self.lasting or self.entries)[0]
        if isinstance(newest, Medicine) and newest.stated:
            return next(filter(_in_force, self.lasting), newest)
        return newest

    @property
    def since(self) -> Moment:
        """When the oldest that lasts began; of what is past, the oldest."""
        return _oldest(self.lasting or self.entries)

    @property
    def begun(self) -> Moment:
        """When the oldest began."""
        return _oldest(self.entries)

    @property
    def run(self) -> tuple[E_co, ...]:
        """The newest, and those before it that were not parted from the next by a pause."""
        at = self.entries.index((self.lasting or self.entries[:1])[-1])
        while at + 1 < len(self.entries):
            older = self.entries[at + 1]
            end = getattr(older, "end", None)
            pause = (self.entries[at].start.day - (end or older.start).day).days
            if older.start.is_known and pause > (PAUSE if end else RENEWED):
                break
            at += 1
        return self.entries[: at + 1]

    @property
    def taken(self) -> Moment:
        """When this run began."""
        return _oldest(self.run)


def _in_force(entry: Entry) -> bool:
    """Whether it is an order; one on hold, too, for the hold must be told."""
    if not isinstance(entry, Medicine) or entry.stated:
        return False
    return entry.standing != "status unknown"


def _outlived(entry: Entry, others: Sequence[Entry]) -> bool:
    """Whether it states that a medicine is taken of which a newer order was stopped."""
    return isinstance(entry, Medicine) and entry.stated and any(
        isinstance(other, Medicine) and not other.stated and other.ended
        and other.start.day >= entry.start.day
        for other in others
    )  # fmt: skip


def _oldest(entries: Sequence[Entry]) -> Moment:
    """Of those with a date, where there is one."""
    return next((e.start for e in reversed(entries) if e.start.is_known), entries[-1].start)


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one thing that is measured or asked, newest first."""

    name: str
    values: tuple[Observation, ...]
    reference: Reference | None
    """For the newest value, at the age of that day; None where none is known."""
    flag: str
    """low or high, of the newest value; empty for what is within, or has no range."""

    @property
    def last(self) -> Observation:
        """The newest value."""
        return self.values[0]


@dataclass(frozen=True, slots=True)
class View:
    """A record on a day. Groups come in order of time, the newest first."""

    person: Person
    on: date
    record: Record
    """All entries that had begun by then."""
    until: date
    """The last day that the whole record tells of."""
    conditions: tuple[Course[Condition], ...]
    """Active ones, whenever they began."""
    social: tuple[Course[Condition], ...]
    """Active findings about how somebody lives, which some systems keep among conditions."""
    resolved: tuple[Course[Condition], ...]
    """Past ones, of both kinds."""
    medicines: tuple[Course[Medicine], ...]
    """Current ones."""
    past_medicines: tuple[Course[Medicine], ...]
    allergies: tuple[Course[Allergy], ...]
    labs: tuple[Series, ...]
    vitals: tuple[Series, ...]
    scores: tuple[Series, ...]
    """Questionnaires with a number."""
    answers: tuple[Series, ...]
    """Questions with words."""
    quality_of_life: tuple[Series, ...]
    immunizations: tuple[Course[Immunization], ...]
    procedures: tuple[Course[Procedure], ...]
    encounters: tuple[Encounter, ...]
    care_plans: tuple[Course[CarePlan], ...]
    """Active ones."""
    past_care_plans: tuple[Course[CarePlan], ...]
    notes: tuple[Note, ...]

    @property
    def age(self) -> str:
        """In years; under two, in months. The least it can be where the birth is not to the day."""
        who = self.person
        on = min(self.on, who.died) if who.died else self.on
        born = last_day_of(who.birth)
        return age(min(born, max(on, who.born)), on)

    @property
    def dead(self) -> bool:
        """Whether the patient had died by then; also where the day is not known."""
        return self.person.dead if self.person.died is None else self.person.died <= self.on


def last_day(record: Record) -> date:
    """The last day that the record tells of; not one that is decades after all visits."""
    newest = [kind[-1].start.day for kind in record.kinds if kind]
    last = horizon(record.person, record.encounters)
    if newest and max(newest) > last:
        newest = [e.start.day for kind in record.kinds for e in kind if e.start.day <= last]
    return max([record.person.born, *newest])


def view(record: Record, on: date) -> View:
    """What was known on `on`, the end of that day. ValueError for a day before the birth."""
    if on < record.person.born:
        raise ValueError("the day is before the patient's birth")
    known = _known(record, on)
    conditions = _courses(known.conditions, on)
    died = record.person.died
    dead = record.person.dead if died is None else died <= on
    medicines = _courses(known.medicines, on, ended=dead)
    plans = _courses(known.care_plans, on, ended=dead)
    active = [course for course in conditions if course.lasting]
    allergies = [a for a in known.allergies if lasts(a, on)]
    series = _Sorted(known)
    return View(
        record.person, on, known, last_day(record),
        conditions=tuple(c for c in active if not is_social(c.last)),
        social=tuple(c for c in active if is_social(c.last)),
        resolved=tuple(c for c in conditions if not c.lasting),
        medicines=tuple(m for m in medicines if m.lasting),
        past_medicines=tuple(m for m in medicines if not m.lasting),
        allergies=tuple(_courses(allergies, on)),
        labs=series.of("lab"), vitals=series.of("vital"), scores=series.of("score"),
        answers=series.of("answer"), quality_of_life=series.of("quality"),
        immunizations=tuple(_courses(known.immunizations, on)),
        procedures=tuple(_courses(known.procedures, on)),
        encounters=known.encounters[::-1],
        care_plans=tuple(p for p in plans if p.lasting),
        past_care_plans=tuple(p for p in plans if not p.lasting),
        notes=known.notes[::-1],
    )  # fmt: skip


def _known(record: Record, on: date) -> Record:
    """Without what had not begun."""

    def begun(entries: tuple[E, ...]) -> tuple[E, ...]:
        return tuple(entry for entry in entries if entry.start.day <= on)

    return Record(
        record.person, begun(record.conditions), begun(record.medicines), begun(record.allergies),
        begun(record.observations), begun(record.immunizations), begun(record.procedures),
        begun(record.encounters), begun(record.care_plans), begun(record.notes),
    )  # fmt: skip


def lasts(entry: Entry, on: date) -> bool:
    """Whether something that had begun was still so. An end without a date counts as past."""
    if not isinstance(entry, (Condition, Medicine, Allergy, CarePlan)):
        return False
    return entry.end.day > on if entry.end else not entry.ended


def _courses(entries: Sequence[E], on: date, *, ended: bool = False) -> list[Course[E]]:
    """By code and side, the newest course first; entries come in order of time.

    Some codes leave it to the words which of two ears it was. What has no code, or one of another
    system, goes with the code that is called the same. `ended`: by death, whatever entries say.
    """
    coded = {one.code.text.lower(): one.code for one in reversed(entries) if one.code.system}
    found: dict[tuple[str, str, frozenset[str]], list[E]] = defaultdict(list)
    for entry in entries:
        words = entry.code.text.lower()
        code = coded.get(words, entry.code)
        code = entry.code if entry.code.system == code.system else code
        found[code.system, code.value, SIDES & set(WORDS.findall(words))].append(entry)
    courses = [
        Course(
            tuple(some[::-1]),
            tuple(e for e in some[::-1] if lasts(e, on) and not (ended or _outlived(e, some))),
        )
        for some in found.values()
    ]
    return sorted(courses, key=lambda course: course.last.start.order, reverse=True)


class _Sorted:
    """Observations by what they are, each a series."""

    def __init__(self, known: Record) -> None:
        self.person = known.person
        self.by_kind: dict[str, dict[str, list[Observation]]] = {}
        for one in known.observations:
            kind = _kind(one)
            name = label(one.code)
            self.by_kind.setdefault(kind, {}).setdefault(name, []).append(one)

    def of(self, kind: str) -> tuple[Series, ...]:
        """All series of a kind, those measured last first, then by name."""
        made = [self._series(name, some) for name, some in self.by_kind.get(kind, {}).items()]
        return tuple(sorted(made, key=lambda one: (-one.last.start.day.toordinal(), one.name)))

    def _series(self, name: str, some: list[Observation]) -> Series:
        # Of one day, a value that tells nothing is not the latest where another tells something.
        if len({one.start.day for one in some}) < len(some):
            some = sorted(some, key=lambda one: (one.start.day, not doubtful(one)))
        last = some[-1]
        reference = None
        found = ""
        if not isinstance(last.value, str):
            days = age_days(self.person.born, last.start.day)
            reference = reference_for(last, self.person.sex, days)
            found = flag(last, reference) if reference else ""
            # "< 5" is below 10, and says nothing about 3.
            sure = {"low": ("", "<", "<="), "high": ("", ">", ">=")}.get(found, ())
            found = found if last.value.comparator in sure else ""
        return Series(name, tuple(reversed(some)), reference, found)


def _kind(one: Observation) -> str:
    if one.code.value in QUALITY_OF_LIFE:
        return "quality"
    if one.code.system == "LOINC" and one.code.value in WHO_IT_IS:
        return "answer"
    kind = one.category or panel(one.code)  # a source need not say of which category it is
    if kind in ("vital-signs", "vitals"):
        return "vital"
    if kind in ("survey", "social-history", "social"):
        return "score" if isinstance(one.value, Quantity) else "answer"
    return "lab"


def is_social(condition: Condition) -> bool:
    """Whether a condition says how somebody lives, rather than what ails them."""
    return condition.code.system == "SNOMED CT" and condition.code.value in _social_codes()


@cache
def _social_codes() -> frozenset[str]:
    table = resources.files("osler").joinpath("assets/records/social_findings.tsv")
    lines = table.read_text("utf-8").splitlines()
    return frozenset(line.split("\t")[0] for line in lines[1:])
