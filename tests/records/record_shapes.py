"""Bundles and tables of one small patient, for tests to change and to break."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from osler.records.account import Account
from osler.records.folder import find, records_of
from osler.records.record import Record

Resource = dict[str, Any]
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
RXNORM, CVX = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/cvx"
PATIENT = {"reference": "urn:uuid:p1"}


# -- FHIR --------------------------------------------------------------------------------------


def concept(code: str, text: str, system: str = SNOMED) -> Resource:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def resource(kind: str, one: str, **parts: Any) -> Resource:
    """A resource of patient p1."""
    whose = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return {"resourceType": kind, "id": one, whose: PATIENT} | parts


def patient(one: str = "p1", **parts: Any) -> Resource:
    """A woman born in 1960."""
    name = [{"use": "official", "family": "Zwillinger", "given": ["Oda", "Marit"]}]
    found: Resource = {"resourceType": "Patient", "id": one, "name": name, "gender": "female"}
    home = [{"line": ["17 Larkspur Close"], "city": "Norwalk", "state": "CA"}]
    return found | {"birthDate": "1960-05-20", "address": home} | parts


def condition(code: str = "38341003", text: str = "Hypertension", **parts: Any) -> Resource:
    """An active condition since 2014-01-29."""
    given: Resource = {"code": concept(code, text), "onsetDateTime": "2014-01-29"}
    return resource("Condition", f"c-{code}", **(given | parts))


def order(
    code: str = "314076", text: str = "lisinopril 10 MG Oral Tablet", **parts: Any
) -> Resource:
    """An active MedicationRequest of 2014."""
    given: Resource = {
        "status": "active", "intent": "order", "authoredOn": "2014-02-01T09:00:00-08:00",
        "medicationCodeableConcept": concept(code, text, RXNORM),
    }  # fmt: skip
    return resource("MedicationRequest", f"m-{code}", **(given | parts))


def statement(
    code: str = "314076", text: str = "lisinopril 10 MG Oral Tablet", **parts: Any
) -> Resource:
    """A MedicationStatement that a medicine is taken."""
    given: Resource = {"status": "active", "medicationCodeableConcept": concept(code, text, RXNORM)}
    return resource("MedicationStatement", f"s-{code}", **(given | parts))


def quantity(value: float, unit: str, **parts: Any) -> Resource:
    """A valueQuantity."""
    return {"value": value, "unit": unit, "code": unit} | parts


def observation(
    code: str = "2339-0", text: str = "Glucose", day: str = "2021-03-04", **parts: Any
) -> Resource:
    """A laboratory value: 92 mg/dL unless told otherwise."""
    given: Resource = {
        "status": "final", "code": concept(code, text, LOINC),
        "category": [concept("laboratory", "laboratory", "x")],
        "effectiveDateTime": f"{day}T08:30:00-08:00",
    }  # fmt: skip
    if not any(key.startswith(("value", "component", "dataAbsent", "hasMember")) for key in parts):
        given["valueQuantity"] = quantity(92, "mg/dL")
    return resource("Observation", f"o-{code}-{day}", **(given | parts))


def bundle(*resources: Resource, of: Resource | None = None) -> Resource:
    """A transaction of a patient and some resources."""
    entries = [
        {"fullUrl": f"urn:uuid:{r.get('id', 'x')}", "resource": r}
        for r in (of or patient(), *resources)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


GOOD = bundle(condition(), order(), observation())
"""A bundle with nothing wrong in it."""


def write_bundle(folder: Path, content: Resource | bytes, name: str = "one.json") -> Path:
    """A bundle as a file of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


# -- CSV ---------------------------------------------------------------------------------------

HEADS = {
    "patients": "Id BIRTHDATE DEATHDATE FIRST LAST MARITAL RACE "
                "ETHNICITY GENDER CITY STATE COUNTY ZIP",
    "conditions": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION",
    "medications": "START STOP PATIENT CODE DESCRIPTION REASONCODE REASONDESCRIPTION",
    "allergies": "START STOP PATIENT CODE SYSTEM DESCRIPTION TYPE CATEGORY REACTION1 DESCRIPTION1 "
                 "SEVERITY1 REACTION2 DESCRIPTION2 SEVERITY2",
    "observations": "DATE PATIENT ENCOUNTER CATEGORY CODE DESCRIPTION VALUE UNITS TYPE",
    "immunizations": "DATE PATIENT ENCOUNTER CODE DESCRIPTION",
    "procedures": "START STOP PATIENT CODE DESCRIPTION REASONCODE REASONDESCRIPTION",
    "encounters": "Id START STOP PATIENT ORGANIZATION PROVIDER ENCOUNTERCLASS CODE DESCRIPTION "
                  "REASONCODE REASONDESCRIPTION",
    "careplans": "Id START STOP PATIENT CODE DESCRIPTION REASONCODE REASONDESCRIPTION",
    "organizations": "Id NAME",
    "providers": "Id NAME",
}  # fmt: skip
"""Of Synthea's tables, the columns that are used here."""

OF_P1 = {"PATIENT": "p1", "START": "2014-01-29", "DATE": "2021-03-04T16:30:00Z"}
DEFAULTS = {
    "patients": {"Id": "p1", "BIRTHDATE": "1960-05-20", "FIRST": "Oda", "LAST": "Zwillinger",
                 "GENDER": "F", "RACE": "white", "CITY": "Norwalk", "STATE": "California"},
    "conditions": {"CODE": "38341003", "DESCRIPTION": "Hypertension (disorder)"},
    "medications": {"START": "2014-02-01T17:00:00Z", "CODE": "314076",
                    "DESCRIPTION": "lisinopril 10 MG Oral Tablet"},
    "allergies": {"CODE": "735971005", "SYSTEM": "SNOMED-CT", "DESCRIPTION": "Fish (substance)",
                  "TYPE": "allergy", "CATEGORY": "food"},
    "observations": {"CATEGORY": "laboratory", "CODE": "2339-0", "DESCRIPTION": "Glucose",
                     "VALUE": "92.0", "UNITS": "mg/dL", "TYPE": "numeric"},
    "immunizations": {"CODE": "140", "DESCRIPTION": "Influenza seasonal injectable"},
    "procedures": {"START": "2015-06-01T10:00:00Z", "CODE": "23426006", 
                   "DESCRIPTION": "Spirometry"},
    "encounters": {"Id": "e1", "START": "2014-01-29T17:00:00Z", "ENCOUNTERCLASS": "wellness",
                   "CODE": "162673000", "DESCRIPTION": "General examination"},
    "careplans": {"Id": "cp1", "CODE": "443402002", "DESCRIPTION": "Lifestyle education"},
}  # fmt: skip

Rows = Mapping[str, Iterable[Mapping[str, str]]]


def write_tables(folder: Path, rows: Rows | None = None) -> Path:
    """Synthea's tables; of each row only what differs from the defaults need be given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, some in ({"patients": [{}]} | dict(rows or {})).items():
        head = HEADS[name].split()
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, head, restval="")
            writer.writeheader()
            for row in some:
                whole = OF_P1 | DEFAULTS.get(name, {}) | dict(row)
                writer.writerow({key: whole.get(key, "") for key in head})
    return folder


# -- what comes of them ------------------------------------------------------------------------


def read(folder: Path, zone: Any = None) -> tuple[list[Record], Account]:
    """The records of a folder, and the account."""
    account = Account()
    return list(records_of(find(folder), account, zone)), account


def record_of(folder: Path, *resources: Resource, of: Resource | None = None) -> Record:
    """The record of one bundle, of which nothing may be refused."""
    write_bundle(folder, bundle(*resources, of=of))
    records, account = read(folder)
    assert account.refused == []
    return records[0]
