"""A record from a kidney clinic, made by hand: failing kidneys, high potassium, an anaphylaxis."""

from __future__ import annotations

from datetime import date

from osler.records.entries import in_order
from osler.records.moments import read_moment
from osler.records.record import (
    Allergy,
    Code,
    Condition,
    Dose,
    Encounter,
    Immunization,
    Medicine,
    Observation,
    Person,
    Procedure,
    Quantity,
    Reaction,
    Record,
)
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit
from osler.summaries.template import Section, Template
from osler.summaries.text import Written

ON = date(2025, 6, 1)
NOTES = Template(sections=(Section(title="Notes", about="all", parts=("labs", "vitals")),))
KIDNEYS = "Chronic kidney disease, stage 3b"
PNEUMONIA = "Pneumonia, unspecified organism"
DIABETES = "Type 2 diabetes mellitus with diabetic chronic kidney disease"
GFR = "mL/min/{1.73_m2}"


def _icd(code: str, text: str) -> Code:
    return Code("ICD-10-CM", code, text)


def _condition(code: str, text: str, start: str, end: str = "") -> Condition:
    stop = read_moment(end) if end else None
    return Condition("", _icd(code, text), read_moment(start), stop, bool(end))


def _medicine(code: str, text: str, start: str, dose: str, reason: Code) -> Medicine:
    name = Code("RxNorm", code, text)
    return Medicine("", name, read_moment(start), ended=False, dose=Dose(dose), reason=reason)


def _seen(day: str, text: str, reason: Code | None) -> Encounter:
    name = Code("SNOMED CT", "185349003", text)
    return Encounter("", name, read_moment(day), "ambulatory", reason=reason)


def _series(
    code: str, text: str, unit: str, *values: float, kind: str = "laboratory"
) -> list[Observation]:
    """The last of the values in May of 2025, and one a year before each."""
    return [
        Observation("", Code("LOINC", code, text), read_moment(f"{2025 - back}-05-20"), kind,
                    Quantity(value, unit))
        for back, value in enumerate(reversed(values))
    ]  # fmt: skip


def clinic() -> Record:
    """A man of 67; every series rises or falls the wrong way."""
    kidneys, pressure = _icd("N18.32", KIDNEYS), _icd("I10", "Essential (primary) hypertension")
    lipids, pneumonia = _icd("E78.5", "Hyperlipidemia, unspecified"), _icd("J18.9", PNEUMONIA)
    penicillin = Allergy(
        "", Code("SNOMED CT", "764146007", "Penicillin"), read_moment("1990-02-03"), "allergy",
        "medication", (Reaction(Code("SNOMED CT", "39579001", "Anaphylaxis"), "severe"),),
    )  # fmt: skip
    sulfa = Allergy(
        "", Code("SNOMED CT", "387406002", "Sulfonamide"), read_moment("2001-02-03"), "allergy",
        "medication", (Reaction(Code("SNOMED CT", "271807003", "Eruption of skin"), "mild"),),
    )  # fmt: skip
    person = Person("c1", "Carl", "Grey1", date(1958, 1, 2), None, "male", marital="married")
    return Record(
        person,
        conditions=in_order([
            _condition("E11.22", DIABETES, "2012-03-04"),
            _condition("N18.32", KIDNEYS, "2019-03-04"),
            _condition("I10", "Essential (primary) hypertension", "2008-03-04"),
            _condition("J45.40", "Moderate persistent asthma, uncomplicated", "1999-03-04"),
            _condition("J18.9", PNEUMONIA, "2023-01-12", "2023-02-01"),
        ]),
        medicines=in_order([
            _medicine("310429", "furosemide 20 MG Oral Tablet", "2020-01-01", "every morning",
                      kidneys),
            _medicine("617311", "atorvastatin 40 MG Oral Tablet", "2015-01-01", "at bedtime",
                      lipids),
            _medicine("314076", "lisinopril 10 MG Oral Tablet", "2012-05-06", "once a day",
                      pressure),
        ]),
        allergies=in_order([penicillin, sulfa]),
        observations=in_order([
            *_series("2823-3", "Potassium", "mmol/L", 4.8, 5.1, 5.7),
            *_series("2160-0", "Creatinine", "mg/dL", 1.7, 1.9, 2.2),
            *_series("33914-3", "Estimated glomerular filtration rate", GFR, 46, 40, 34),
            *_series("4548-4", "Hemoglobin A1c", "%", 7.6, 8.4),
            *_series("718-7", "Hemoglobin", "g/dL", 11.8, 10.2),
            *_series("3084-1", "Uric acid", "mg/dL", 8.9),
            *_series("2951-2", "Sodium", "mmol/L", 139, 140),
            *_series("29463-7", "Body weight", "kg", 96.1, 94.3, kind="vital-signs"),
            *_series("8302-2", "Body height", "cm", 176, kind="vital-signs"),
        ]),
        encounters=in_order([
            _seen("2025-05-20", "Nephrology clinic visit", kidneys),
            _seen("2024-05-20", "Nephrology clinic visit", kidneys),
            _seen("2023-01-12", "Urgent care clinic", pneumonia),
            _seen("2022-10-01", "Encounter for check up", None),
        ]),
        procedures=in_order([
            Procedure("", Code("SNOMED CT", "1", "Ultrasonography of left kidney"),
                      read_moment("2022-01-25"), reason=kidneys),
            Procedure("", Code("SNOMED CT", "1", "Ultrasonography of left kidney"),
                      read_moment("2020-03-01"), reason=pneumonia),
            Procedure("", Code("SNOMED CT", "399208008", "Plain X-ray of chest"),
                      read_moment("2023-01-12"), reason=pneumonia),
        ]),
        immunizations=in_order([
            Immunization("", Code("CVX", "140", "Influenza"), read_moment("2024-10-11")),
        ]),
    )  # fmt: skip


def audited(text: str, record: Record | None = None) -> Audit:
    """What the audit says of a text about this patient."""
    book = ledger(view(record or clinic(), ON))
    return audit([Written("Notes", text)], book, NOTES)


def kinds(text: str) -> set[str]:
    """The classes of what it finds in it."""
    return {finding.kind for finding in audited(text).findings}
