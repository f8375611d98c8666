"""What is written down of a life: the same for every format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from osler.records.synthetic.tables import Drug, Measure, Panel, Place, Term, Vaccine

Value = float | int | str


@dataclass(frozen=True, slots=True)
class Doctor:
    """A practitioner of a clinic."""

    id: str
    number: str
    """As a national provider identifier; not one that is given out."""
    name: str
    sex: str


@dataclass(frozen=True, slots=True)
class Clinic:
    """An organization."""

    id: str
    name: str
    kind: str
    """clinic, hospital, urgent or specialist."""
    place: Place
    street: str
    doctors: tuple[Doctor, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The person."""

    id: str
    given: str
    family: str
    sex: str
    born: date
    race: str
    ethnicity: str
    language: str
    place: Place
    street: str


@dataclass(slots=True)
class Visit:
    """A visit or stay. Times are UTC."""

    id: str
    start: datetime
    end: datetime
    kind: str
    """wellness, ambulatory, outpatient, urgentcare, emergency, inpatient, home, hospice or snf."""
    term: Term
    reason: Term | None
    clinic: Clinic
    doctor: Doctor
    kept: bool
    """False for what was before the record begins."""


@dataclass(slots=True)
class Problem:
    """A diagnosis or finding."""

    id: str
    key: str
    term: Term
    text: str
    """In words: the term's, with the side where there is one."""
    start: date
    visit: Visit | None
    end: date | None = None


@dataclass(slots=True)
class Prescription:
    """A medicine that was ordered."""

    id: str
    drug: Drug
    start: datetime
    reason: Problem | None
    visit: Visit | None
    end: datetime | None = None
    course: bool = False
    """True for one that was ordered for some time only."""


@dataclass(slots=True)
class Plan:
    """A care plan."""

    id: str
    term: Term
    activities: tuple[Term, ...]
    start: date
    reason: Problem | None
    visit: Visit | None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, with the range of the laboratory where it gives one."""

    id: str
    measure: Measure
    value: Value
    at: datetime
    visit: Visit
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Values that were found together."""

    id: str
    panel: Panel
    values: tuple[Measured, ...]
    visit: Visit


@dataclass(frozen=True, slots=True)
class Shot:
    """A vaccine that was given."""

    id: str
    vaccine: Vaccine
    at: datetime
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Act:
    """A procedure."""

    id: str
    term: Term
    start: datetime
    end: datetime
    reason: Term | None
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """An allergy or intolerance, with two reactions at most, which is what CSV has room for."""

    id: str
    term: Term
    kind: str
    category: str
    reactions: tuple[tuple[Term, str], ...]
    since: date
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A note in plain text."""

    id: str
    text: str
    visit: Visit


@dataclass(slots=True)
class History:
    """A person and all that is written down."""

    who: Who
    marital: str
    """As HL7 has it: M, S, D, W; empty for children."""
    died: datetime | None = None
    visits: list[Visit] = field(default_factory=list[Visit])
    problems: list[Problem] = field(default_factory=list[Problem])
    medicines: list[Prescription] = field(default_factory=list[Prescription])
    plans: list[Plan] = field(default_factory=list[Plan])
    measured: list[Measured] = field(default_factory=list[Measured])
    reports: list[Report] = field(default_factory=list[Report])
    shots: list[Shot] = field(default_factory=list[Shot])
    acts: list[Act] = field(default_factory=list[Act])
    allergies: list[Sensitivity] = field(default_factory=list[Sensitivity])
    papers: list[Paper] = field(default_factory=list[Paper])
