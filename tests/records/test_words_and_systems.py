"""What a source calls a thing is kept, and codes stay in the system that they are of."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from osler.records.account import Account
from osler.records.fhir import read_bundles
from osler.records.record import Record
from osler.records.synthea import read_tables

PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}


def read_one(folder: Path, *resources: dict[str, object]) -> Record:
    """The record of a bundle with these resources of one patient."""
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    path = folder / "p.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}), encoding="utf-8")
    account = Account()
    (record,) = read_bundles([path], account)
    assert account.refused == []
    return record


def test_the_words_somebody_chose_are_read_before_the_name_of_the_nearest_code(
    tmp_path: Path,
) -> None:
    coding = {
        "system": "http://snomed.info/sct",
        "code": "16114001",
        "display": "Fracture of ankle",
    }
    record = read_one(
        tmp_path,
        {
            "resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
            "code": {"coding": [coding], "text": "Fracture of left ankle"},
            "onsetDateTime": "2020-02-03",
        },
    )  # fmt: skip
    (fracture,) = record.conditions
    assert fracture.code.text == "Fracture of left ankle"
    assert (fracture.code.system, fracture.code.value) == ("SNOMED CT", "16114001")


def test_scores_of_quality_of_life_are_no_loinc(tmp_path: Path) -> None:
    tables = {
        "patients": [{"Id": "p", "BIRTHDATE": "1970-01-01", "DEATHDATE": "", "FIRST": "A",
                      "LAST": "B", "GENDER": "F"}],
        "observations": [
            {"DATE": "2020-01-01T10:00:00Z", "PATIENT": "p", "ENCOUNTER": "", "CATEGORY": "",
             "CODE": code, "DESCRIPTION": code, "VALUE": "1.0", "UNITS": "", "TYPE": "numeric"}
            for code in ("QOLS", "8867-4")
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    account = Account()
    (record,) = read_tables(tmp_path, account)
    assert account.refused == []
    systems = {one.code.value: one.code.system for one in record.observations}
    assert systems == {"QOLS": "http://synthetichealth.github.io/synthea", "8867-4": "LOINC"}
