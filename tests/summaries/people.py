"""A small record, made by hand."""

from __future__ import annotations

from datetime import date

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import (
    Allergy,
    Code,
    Condition,
    Dose,
    Immunization,
    Medicine,
    Observation,
    Person,
    Quantity,
    Reaction,
    Record,
)

ON = date(2022, 3, 4)
METFORMIN = "Metformin hydrochloride 500 MG Oral Tablet"
AMLODIPINE = "amlodipine 5 MG Oral Tablet"


def _condition(code: str, text: str, start: str, end: str = "") -> Condition:
    stop = read_moment(end) if end else None
    return Condition("", Code("SNOMED CT", code, text), read_moment(start), stop, bool(end))


def _medicine(code: str, text: str, start: str, dose: str, *, ended: bool = False) -> Medicine:
    name = Code("RxNorm", code, text)
    return Medicine("", name, read_moment(start), ended, dose=Dose(dose))


def _lab(code: str, text: str, day: str, value: float, unit: str) -> Observation:
    name = Code("LOINC", code, text)
    return Observation("", name, read_moment(day), "laboratory", Quantity(value, unit))


def patient() -> Record:
    """A woman of 61 with diabetes, failing kidneys, a broken left ankle once, and an allergy."""
    shellfish = Allergy(
        "", Code("SNOMED CT", "735029006", "Shellfish"), read_moment("2001-02-03"), "allergy",
        "food", (Reaction(Code("SNOMED CT", "271807003", "Eruption of skin"), "moderate"),),
    )  # fmt: skip
    person = Person("p1", "Ada", "Byron1", date(1960, 5, 6), None, "female", marital="married")
    return Record(
        person,
        conditions=in_order([
            _condition("44054006", "Diabetes mellitus type 2", "2010-04-05"),
            _condition("59621000", "Hypertension", "2005-06-07"),
            _condition("16114001", "Fracture of left ankle", "2015-01-02", "2015-03-04"),
        ]),
        medicines=in_order([
            _medicine("860975", METFORMIN, "2010-04-05", "twice a day"),
            _medicine("314076", "lisinopril 10 MG Oral Tablet", "2005-06-07", "once a day"),
            _medicine("197361", AMLODIPINE, "2012-01-01", "once a day", ended=True),
        ]),
        allergies=in_order([shellfish]),
        observations=in_order([
            _lab("4548-4", "Hemoglobin A1c", "2020-05-06", 6.1, "%"),
            _lab("4548-4", "Hemoglobin A1c", "2021-05-06", 7.4, "%"),
            _lab("2160-0", "Creatinine", "2021-05-06", 4.2, "mg/dL"),
            _lab("2951-2", "Sodium", "2021-05-06", 140.0, "mmol/L"),
        ]),
        immunizations=in_order([
            Immunization("", Code("CVX", "140", "Influenza"), read_moment("2021-10-11")),
        ]),
    )  # fmt: skip
