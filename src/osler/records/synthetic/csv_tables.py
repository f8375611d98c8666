"""Histories as Synthea's CSV tables, with its columns.

https://github.com/synthetichealth/synthea/wiki/CSV-File-Data-Dictionary. What nobody here invents
(costs, payers, social security numbers) is empty or zero.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

from osler.disk import atomic_writer
from osler.records.synthetic.clinics import clinics
from osler.records.synthetic.history import History, Measured, Prescription, Visit
from osler.records.synthetic.tables import Term

Cells = list[Any]

HEADS: dict[str, str] = {
    "patients": "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,"
    "MARITAL,RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,"
    "HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE",
    "encounters": "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,"
    "DESCRIPTION,BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,"
    "REASONDESCRIPTION",
    "conditions": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
    "medications": "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,"
    "PAYER_COVERAGE,DISPENSES,TOTALCOST,REASONCODE,REASONDESCRIPTION",
    "allergies": "START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,CATEGORY,REACTION1,"
    "DESCRIPTION1,SEVERITY1,REACTION2,DESCRIPTION2,SEVERITY2",
    "observations": "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
    "immunizations": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST",
    "procedures": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,REASONCODE,"
    "REASONDESCRIPTION",
    "careplans": "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION",
    "organizations": "Id,NAME,ADDRESS,CITY,STATE,ZIP,LAT,LON,PHONE,REVENUE,UTILIZATION",
    "providers": "Id,ORGANIZATION,NAME,GENDER,SPECIALITY,ADDRESS,CITY,STATE,ZIP,LAT,LON,"
    "ENCOUNTERS,PROCEDURES",
}
RACES = {"white", "black", "asian", "native", "hawaiian", "other"}
NO_COST = "0.00"


class TableWriter:
    """The tables of a folder, written whole when all patients are in. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._open = folder, ExitStack()
        self._tables: dict[str, Any] = {}

    def __enter__(self) -> TableWriter:
        with ExitStack() as stack:
            for name, head in HEADS.items():
                file = stack.enter_context(atomic_writer(self._folder / f"{name}.csv"))
                self._tables[name] = csv.writer(file, lineterminator="\n")
                self._tables[name].writerow(head.split(","))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *fault: Any) -> None:
        self._open.__exit__(*fault)

    def clinics(self, seed: int) -> None:
        """Organizations and providers."""
        for of in clinics(seed).values():
            for clinic in of.values():
                place = clinic.place
                where = [clinic.street, place.city, place.abbreviation, place.postal_code, "", ""]
                self._row("organizations", [clinic.id, clinic.name, *where, "", "", ""])
                for doctor in clinic.doctors:
                    sex = doctor.sex[0].upper()
                    about = [doctor.id, clinic.id, doctor.name, sex, "GENERAL PRACTICE"]
                    self._row("providers", [*about, *where, "", ""])

    def patient(self, history: History) -> None:
        """All rows of one patient."""
        for name, rows in ROWS.items():
            for row in rows(history, history.who.id):
                self._row(name, row)

    def _row(self, name: str, cells: Cells) -> None:
        self._tables[name].writerow(cells)


def instant(at: datetime | None) -> str:
    """A time in UTC, or nothing."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _day(day: date | None) -> str:
    return str(day) if day else ""


def _at(visit: Visit | None) -> str:
    return visit.id if visit else ""


def _code(term: Term | None) -> Cells:
    return [term.code, term.text] if term else ["", ""]


def _patients(history: History, who: str) -> Iterator[Cells]:
    person, place = history.who, history.who.place
    died = str(history.died)[:10] if history.died else ""
    yield [
        who, person.born, died, "", "", "", "", person.given, person.family, "", "",
        history.marital, person.race, person.ethnicity, person.sex[0].upper(), "",
        person.street, place.city, place.state, place.county, place.postal_code, "", "",
        NO_COST, NO_COST,
    ]  # fmt: skip


def _encounters(history: History, who: str) -> Iterator[Cells]:
    for visit in history.visits:
        yield [
            visit.id, instant(visit.start), instant(visit.end), who, visit.clinic.id,
            visit.doctor.id, "", visit.kind, *_code(visit.term), NO_COST, NO_COST, NO_COST,
            *_code(visit.reason),
        ]  # fmt: skip


def _conditions(history: History, who: str) -> Iterator[Cells]:
    for one in history.problems:
        visit = _at(one.visit)
        yield [_day(one.start), _day(one.end), who, visit, one.term.code, one.text]


def _medications(history: History, who: str) -> Iterator[Cells]:
    for one in history.medicines:
        reason = one.reason.term if one.reason else None
        yield [
            instant(one.start), instant(one.end), who, "", _at(one.visit), one.drug.code,
            one.drug.text, NO_COST, NO_COST, _dispenses(history, one), NO_COST, *_code(reason),
        ]  # fmt: skip


def _dispenses(history: History, order: Prescription) -> int:
    """One a month while it was taken."""
    last = order.end or max((v.start for v in history.visits), default=order.start)
    return 1 if order.course else max(1, (last - order.start).days // 30)


def _allergies(history: History, who: str) -> Iterator[Cells]:
    for one in history.allergies:
        system = "SNOMED-CT" if one.term.system == "SNOMED CT" else one.term.system
        reactions = [c for t, s in one.reactions for c in (t.code, t.text, s.upper())]
        yield [
            _day(one.since), "", who, _at(one.visit), one.term.code, system, one.term.text,
            one.kind, one.category, *reactions, *[""] * (6 - len(reactions)),
        ]  # fmt: skip


def _observations(history: History, who: str) -> Iterator[Cells]:
    for one in history.measured:
        measure = one.measure
        kind = "text" if isinstance(one.value, str) else "numeric"
        yield [
            instant(one.at), who, one.visit.id, measure.category, measure.code, measure.text,
            _number(one), measure.unit, kind,
        ]  # fmt: skip


def _number(one: Measured) -> str:
    return str(one.value)


def _immunizations(history: History, who: str) -> Iterator[Cells]:
    for one in history.shots:
        vaccine = one.vaccine
        yield [instant(one.at), who, _at(one.visit), vaccine.code, vaccine.text, NO_COST]


def _procedures(history: History, who: str) -> Iterator[Cells]:
    for one in history.acts:
        yield [
            instant(one.start), instant(one.end), who, _at(one.visit), *_code(one.term), NO_COST,
            *_code(one.reason),
        ]  # fmt: skip


def _careplans(history: History, who: str) -> Iterator[Cells]:
    for one in history.plans:
        reason = one.reason.term if one.reason else None
        yield [
            one.id, _day(one.start), _day(one.end), who, _at(one.visit), *_code(one.term),
            *_code(reason),
        ]  # fmt: skip


ROWS: dict[str, Callable[[History, str], Iterator[Cells]]] = {
    "patients": _patients, "encounters": _encounters, "conditions": _conditions,
    "medications": _medications, "allergies": _allergies, "observations": _observations,
    "immunizations": _immunizations, "procedures": _procedures, "careplans": _careplans,
}  # fmt: skip
