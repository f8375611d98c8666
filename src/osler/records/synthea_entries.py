"""Rows of Synthea's CSV tables -> entries of a record. Each raises NotReadable with the reason."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import tzinfo

from osler.records import record
from osler.records.account import NotReadable
from osler.records.fhir_entries import in_order_of_code
from osler.records.fhir_person import MARITAL
from osler.records.moments import Moment, read_moment
from osler.records.names import of_code, plain
from osler.records.record import Code, Quantity
from osler.records.synthea_rows import Row
from osler.records.units import unit_of

NAMED = ("organizations", "providers")
"""Tables that are read for their names."""
CODED = ("PATIENT", "CODE", "DESCRIPTION")
COLUMNS: dict[str, tuple[str, ...]] = {
    "patients": ("ID", "BIRTHDATE", "DEATHDATE", "FIRST", "LAST", "GENDER"),
    "conditions": (*CODED, "START", "STOP"),
    "medications": (*CODED, "START", "STOP"),
    "allergies": (*CODED, "START", "STOP"),
    "observations": (*CODED, "DATE", "VALUE", "UNITS"),
    "immunizations": (*CODED, "DATE"),
    "procedures": (*CODED, "START"),
    "encounters": (*CODED, "START", "STOP", "ENCOUNTERCLASS"),
    "careplans": (*CODED, "START", "STOP"),
} | {name: ("ID",) for name in NAMED}
"""What the head of each table must have; the other columns that are read may be lacking."""
RACES = {
    "white": "White", "black": "Black or African American", "asian": "Asian",
    "native": "American Indian or Alaska Native",
    "hawaiian": "Native Hawaiian or Other Pacific Islander", "other": "Other",
}  # fmt: skip
ETHNICITIES = {"hispanic": "Hispanic or Latino", "nonhispanic": "Not Hispanic or Latino"}
VISITS = {
    "wellness": "ambulatory", "outpatient": "ambulatory", "urgentcare": "ambulatory",
    "hospice": "home", "snf": "inpatient",
}  # fmt: skip
"""Synthea's ENCOUNTERCLASS in the words for FHIR's; others are alike."""
STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA",
    "Colorado": "CO", "Connecticut": "CT", "Delaware": "DE", "District of Columbia": "DC",
    "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL",
    "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN",
    "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY",
    "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR",
    "Pennsylvania": "PA", "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD",
    "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT", "Virginia": "VA",
    "Washington": "WA", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
}  # fmt: skip
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LOINC = re.compile(r"\d+-\d")
SYNTHEA = "http://synthetichealth.github.io/synthea"
"""The system of what is no LOINC among observations: QALY, DALY and QOLS."""
ABSENT = ("", "n/a", "null", "NULL", "NA")
"""What stands for no unit."""


@dataclass(frozen=True, slots=True)
class Names:
    """Of organizations and providers by id."""

    by_id: dict[str, str]

    def of(self, one: str) -> str:
        """The name, or nothing."""
        return self.by_id.get(one, "")


def cell(row: Row, name: str) -> str:
    """A cell of one of the columns that the table must have."""
    return row[name].strip()


def moment(row: Row, name: str, zone: tzinfo) -> Moment | None:
    """A date or time, or None for an empty cell."""
    text = cell(row, name)
    try:
        return read_moment(text, zone) if text else None
    except ValueError:
        raise NotReadable(f"{name} is no date") from None


def start_of(row: Row, zone: tzinfo, name: str = "START") -> Moment:
    """The time that a row must have."""
    found = moment(row, name, zone)
    if found is None:
        raise NotReadable(f"no {name}")
    return found


def code(row: Row, system: str) -> Code:
    """CODE and DESCRIPTION."""
    value = cell(row, "CODE")
    if not value:
        raise NotReadable("no CODE")
    return Code(system, value, plain(cell(row, "DESCRIPTION")) or of_code(system, value))


def reason(row: Row) -> Code | None:
    """REASONCODE and REASONDESCRIPTION."""
    value = row.get("REASONCODE", "").strip()
    return Code("SNOMED CT", value, plain(row.get("REASONDESCRIPTION", ""))) if value else None


def day_of(moment: Moment | None) -> Moment | None:
    """Without the hour."""
    return moment and Moment(moment.day, None, moment.precision)


def person(row: Row) -> record.Person:
    """A row of patients.csv."""
    born, died = (_date(row, name) for name in ("BIRTHDATE", "DEATHDATE"))
    if born is None:
        raise NotReadable("no BIRTHDATE")
    sex = {"F": "female", "M": "male"}.get(cell(row, "GENDER"), "unknown")
    state = row.get("STATE", "")
    return record.Person(
        cell(row, "ID"), cell(row, "FIRST"), cell(row, "LAST"), born.day,
        died.day if died else None, sex,
        RACES.get(row.get("RACE", ""), row.get("RACE", "")),
        ETHNICITIES.get(row.get("ETHNICITY", ""), row.get("ETHNICITY", "")),
        MARITAL.get(row.get("MARITAL", ""), ""), row.get("CITY", ""), STATES.get(state, state),
        row.get("ZIP", ""), row.get("COUNTY", ""), dead=died is not None,
    )  # fmt: skip


def _date(row: Row, name: str) -> Moment | None:
    text = cell(row, name)
    try:
        return read_moment(text) if text else None
    except ValueError:
        raise NotReadable(f"{name} is no date") from None


def condition(row: Row, zone: tzinfo, names: Names) -> record.Condition:
    """A row of conditions.csv."""
    start, end = day_of(start_of(row, zone)), day_of(moment(row, "STOP", zone))
    assert start
    return record.Condition("", code(row, "SNOMED CT"), start, end, end is not None)


def medicine(row: Row, zone: tzinfo, names: Names) -> record.Medicine:
    """A row of medications.csv."""
    end = moment(row, "STOP", zone)
    return record.Medicine(
        "", code(row, "RxNorm"), start_of(row, zone), end is not None, end, reason(row)
    )


def allergy(row: Row, zone: tzinfo, names: Names) -> record.Allergy:
    """A row of allergies.csv, which may be of a substance or of a medicine."""
    start, end = day_of(start_of(row, zone)), day_of(moment(row, "STOP", zone))
    assert start
    system = row.get("SYSTEM", "SNOMED-CT")
    reactions = in_order_of_code(
        record.Reaction(
            Code("SNOMED CT", row[f"REACTION{n}"], plain(row.get(f"DESCRIPTION{n}", ""))),
            row.get(f"SEVERITY{n}", "").lower(),
        )
        for n in (1, 2)
        if row.get(f"REACTION{n}")
    )
    return record.Allergy(
        "", code(row, {"SNOMED-CT": "SNOMED CT"}.get(system, system)), start,
        row.get("TYPE", "") or "allergy", row.get("CATEGORY", ""), reactions, end, end is not None,
    )  # fmt: skip


def observation(row: Row, zone: tzinfo, names: Names) -> record.Observation:
    """A row of observations.csv."""
    text, unit = cell(row, "VALUE"), cell(row, "UNITS")
    if not text:
        raise NotReadable("no VALUE")
    value: Quantity | str = plain(text)
    bound = BOUND.match(text)
    number = _number(text[bound.end() :] if bound else text)
    if number is not None and (row.get("TYPE") == "numeric" or unit not in ABSENT):
        beyond = bound["sign"] if bound else ""
        value = Quantity(number, "" if unit in ABSENT else unit_of(unit), beyond)
    elif row.get("TYPE") == "numeric":
        raise NotReadable("VALUE is no number")
    system = "LOINC" if LOINC.fullmatch(cell(row, "CODE")) else SYNTHEA
    return record.Observation(
        "", code(row, system), start_of(row, zone, "DATE"), row.get("CATEGORY", ""), value
    )


BOUND = re.compile(r"(?P<sign>[<>]=?)\s*")
"""`<5`: what a laboratory writes of a value beyond what it can measure."""


def _number(text: str) -> float | None:
    """A finite number as people write it; the library also knows `nan`, `inf` and `1_000`."""
    return float(text) if NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def immunization(row: Row, zone: tzinfo, names: Names) -> record.Immunization:
    """A row of immunizations.csv."""
    return record.Immunization("", code(row, "CVX"), start_of(row, zone, "DATE"))


def procedure(row: Row, zone: tzinfo, names: Names) -> record.Procedure:
    """A row of procedures.csv."""
    return record.Procedure("", code(row, "SNOMED CT"), start_of(row, zone), reason(row))


def encounter(row: Row, zone: tzinfo, names: Names) -> record.Encounter:
    """A row of encounters.csv."""
    kind = cell(row, "ENCOUNTERCLASS")
    return record.Encounter(
        "", code(row, "SNOMED CT"), start_of(row, zone), VISITS.get(kind, kind), reason(row),
        moment(row, "STOP", zone), names.of(row.get("ORGANIZATION", "")),
        names.of(row.get("PROVIDER", "")),
    )  # fmt: skip


def care_plan(row: Row, zone: tzinfo, names: Names) -> record.CarePlan:
    """A row of careplans.csv."""
    start, end = day_of(start_of(row, zone)), day_of(moment(row, "STOP", zone))
    why = reason(row)
    assert start
    return record.CarePlan(
        "", code(row, "SNOMED CT"), start, end, end is not None, (why,) if why else ()
    )
