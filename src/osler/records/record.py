"""A patient's record: typed, immutable, and the same from whatever format it was read.

An entry's id says what it is (`condition:38341003:2014-01-29`), so that it is the same after every
import and a sentence can be traced to it. What only one format carries has `compare=False`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from osler.records.moments import Moment, Precision


@dataclass(frozen=True, slots=True)
class Code:
    """A concept, in the code system that the source names."""

    system: str
    """SNOMED CT, LOINC, RxNorm, CVX, or the system's URI."""
    value: str
    text: str = field(compare=False)
    """The source's own words, without the kind in brackets that SNOMED CT puts behind them."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, as written; `unit` is UCUM where the unit is a known one."""

    value: float
    unit: str
    comparator: str = ""
    """<, <=, >= or > where only that is known: below or above what could be measured."""

    def __str__(self) -> str:
        shown = f"{self.value:g} {self.unit}".strip() if abs(self.value) < 1e6 else str(self.value)
        return f"{self.comparator} {shown}".lstrip()


@dataclass(frozen=True, slots=True)
class Range:
    """A reference range that came with a value."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What all entries have."""

    id: str
    code: Code
    start: Moment


@dataclass(frozen=True, slots=True)
class Condition(Entry):
    """A diagnosis or a finding."""

    end: Moment | None
    ended: bool
    """True also where the source says so without a date."""
    certainty: str = field(default="", compare=False)
    """Empty for what is confirmed."""


@dataclass(frozen=True, slots=True)
class Dose:
    """How a medicine is to be taken."""

    text: str
    """In words: '1 twice a day', 'as needed'."""


@dataclass(frozen=True, slots=True)
class Medicine(Entry):
    """A prescription; or the statement that something is taken."""

    ended: bool
    end: Moment | None = field(default=None, compare=False)
    reason: Code | None = field(default=None)
    dose: Dose | None = field(default=None, compare=False)
    standing: str = field(default="", compare=False)
    """`on hold`, `intended` or `status unknown`; empty for what is known to be taken, or to be
    past."""
    stated: bool = False
    """Whether somebody states that it is taken; else it is an order."""

    def other_dose(self, other: Medicine) -> bool:
        """Whether it has a dose that is not the other's."""
        one, two = (" ".join(e.dose.text.lower().split()) if e.dose else "" for e in (self, other))
        return bool(one) and one.rstrip(".") != two.rstrip(".")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an allergy did."""

    code: Code
    severity: str
    """mild, moderate, severe or empty."""


@dataclass(frozen=True, slots=True)
class Allergy(Entry):
    """An allergy or intolerance."""

    kind: str
    """allergy or intolerance."""
    category: str
    """food, medication, environment, biologic."""
    reactions: tuple[Reaction, ...]
    end: Moment | None = None
    ended: bool = False
    certainty: str = field(default="", compare=False)
    criticality: str = field(default="", compare=False)
    """`high` where it may threaten life; empty for all else."""


@dataclass(frozen=True, slots=True)
class Observation(Entry):
    """A measured, counted or reported value."""

    category: str
    """laboratory, vital-signs, survey, social-history, procedure, exam."""
    value: Quantity | str
    reference: Range | None = field(default=None, compare=False)
    panel: Code | None = field(default=None, compare=False)
    """What it was a component of."""


@dataclass(frozen=True, slots=True)
class Immunization(Entry):
    """A vaccine that was given."""


@dataclass(frozen=True, slots=True)
class Procedure(Entry):
    """Something done."""

    reason: Code | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Encounter(Entry):
    """A visit or stay."""

    kind: str
    """ambulatory, emergency, inpatient, home, virtual, or as the source says."""
    reason: Code | None = None
    end: Moment | None = field(default=None, compare=False)
    where: str = field(default="", compare=False)
    who: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CarePlan(Entry):
    """A plan, and what belongs to it."""

    end: Moment | None
    ended: bool
    reasons: tuple[Code, ...] = ()
    activities: tuple[Code, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Note(Entry):
    """A report or note in words; data, never an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the record is of."""

    id: str
    given: str
    family: str
    born: date
    died: date | None
    sex: str
    """female, male, other or unknown."""
    race: str = ""
    ethnicity: str = ""
    marital: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    county: str = field(default="", compare=False)
    language: str = field(default="", compare=False)
    dead: bool = field(default=False, compare=False)
    """True also where the source says so without a date."""
    born_to: Precision = field(default="day", compare=False)
    """day; month or year where no more is known of the birth. `born` is then its first day."""
    died_to: Precision = field(default="day", compare=False)
    """The same of the death."""

    @property
    def birth(self) -> Moment:
        """The day of the birth, as far as it is known."""
        return Moment(self.born, None, self.born_to)

    @property
    def death(self) -> Moment | None:
        """The day of the death, as far as it is known."""
        return Moment(self.died, None, self.died_to) if self.died else None


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of a patient, each kind in order of time."""

    person: Person
    conditions: tuple[Condition, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    observations: tuple[Observation, ...] = ()
    immunizations: tuple[Immunization, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    care_plans: tuple[CarePlan, ...] = ()
    notes: tuple[Note, ...] = field(default=(), compare=False)

    @property
    def kinds(self) -> tuple[tuple[Entry, ...], ...]:
        """The entries, kind by kind."""
        return (
            self.conditions, self.medicines, self.allergies, self.observations,
            self.immunizations, self.procedures, self.encounters, self.care_plans, self.notes,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many entries there are."""
        return sum(map(len, self.kinds))
