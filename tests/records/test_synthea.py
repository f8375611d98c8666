"""Synthea's CSV tables: what is read of each, and that no row goes without a line."""

from __future__ import annotations

import codecs
import gzip
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from record_shapes import read, write_tables

from osler.errors import DataError
from osler.records.record import Code, Quantity


def test_every_row_has_a_line(tmp_path: Path) -> None:
    write_tables(
        tmp_path,
        {
            "conditions": [{}, {"CODE": "", "DESCRIPTION": "?"}, {"PATIENT": "who"}],
            "observations": [{}, {"VALUE": ""}, {"PATIENT": ""}],
            "providers": [{"Id": "dr", "NAME": "Ana Ortiz"}],
        },
    )
    (tmp_path / "imaging_studies.csv").write_text("Id,DATE\n1,2020-01-01\n2,2020-01-02\n", "utf-8")
    (record,), account = read(tmp_path)
    assert record.size == 2
    assert account.read == {"patients": 1, "conditions": 1, "observations": 1, "providers": 1}
    assert account.ignored == {"imaging_studies": 2}
    assert sorted(map(str, account.refused)) == [
        "conditions.csv:3: no CODE",
        "conditions.csv:4: its PATIENT is not among those read from patients.csv",
        "observations.csv:3: no VALUE",
        "observations.csv:4: no PATIENT",
    ]
    assert account.total == 10


def test_what_each_table_says(tmp_path: Path) -> None:
    reason = {"REASONCODE": "38341003", "REASONDESCRIPTION": "Hypertension"}
    write_tables(
        tmp_path,
        {
            "conditions": [{"STOP": "2015-01-01"}],
            "medications": [{"STOP": "2016-01-01T08:00:00Z"} | reason],
            "allergies": [{"REACTION1": "39579001", "DESCRIPTION1": "Anaphylaxis (disorder)",
                           "SEVERITY1": "SEVERE"}],
            "immunizations": [{}],
            "procedures": [reason],
            "encounters": [{"ORGANIZATION": "o", "PROVIDER": "d", "ENCOUNTERCLASS": "urgentcare"}],
            "careplans": [reason],
            "organizations": [{"Id": "o", "NAME": "Norwalk Clinic"}],
            "providers": [{"Id": "d", "NAME": "Ana Ortiz"}],
        },
    )  # fmt: skip
    (record,), account = read(tmp_path)
    assert account.refused == []
    hypertension = Code("SNOMED CT", "38341003", "Hypertension")
    (condition,), (medicine,), (allergy,) = record.conditions, record.medicines, record.allergies
    assert (condition.code, condition.ended) == (hypertension, True)
    assert (medicine.code.system, medicine.ended, medicine.reason) == ("RxNorm", True, hypertension)
    (reaction,) = allergy.reactions
    assert (allergy.code.text, reaction.code.text, reaction.severity) == (
        "Fish", "Anaphylaxis", "severe"
    )  # fmt: skip
    assert record.immunizations[0].code.system == "CVX"
    assert record.procedures[0].reason == record.care_plans[0].reasons[0] == hypertension
    (visit,) = record.encounters
    assert (visit.kind, visit.where, visit.who) == ("ambulatory", "Norwalk Clinic", "Ana Ortiz")


def test_who_it_is(tmp_path: Path) -> None:
    row = {"DEATHDATE": "2020-02-02", "MARITAL": "W", "ETHNICITY": "hispanic"}
    write_tables(tmp_path, {"patients": [row]})
    who = read(tmp_path)[0][0].person
    assert (who.born, who.died, who.dead) == (date(1960, 5, 20), date(2020, 2, 2), True)
    assert (who.sex, who.race, who.ethnicity) == ("female", "White", "Hispanic or Latino")
    assert (who.marital, who.city, who.state) == ("widowed", "Norwalk", "CA")


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ({"VALUE": "92.5", "UNITS": "MG/DL"}, Quantity(92.5, "mg/dL")),
        ({"VALUE": "66045", "UNITS": "/a", "TYPE": "text"}, Quantity(66045, "/a")),
        ({"VALUE": "Never smoker", "UNITS": "", "TYPE": "text"}, "Never smoker"),
        ({"VALUE": "12", "UNITS": "", "TYPE": "text"}, "12"),
        ({"VALUE": "6.1", "UNITS": "furlongs"}, Quantity(6.1, "furlongs")),
        ({"VALUE": "<5", "UNITS": "mg/dL"}, Quantity(5, "mg/dL", "<")),
        ({"VALUE": ">= 60.0", "UNITS": "mg/dL"}, Quantity(60, "mg/dL", ">=")),
    ],
)
def test_values_are_numbers_with_units_or_words(
    row: dict[str, str], value: object, tmp_path: Path
) -> None:
    write_tables(tmp_path, {"observations": [row]})
    assert read(tmp_path)[0][0].observations[0].value == value


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "high", "1e999", "<", "<high"])
def test_a_number_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    write_tables(tmp_path, {"observations": [{"VALUE": text}]})
    (record,), account = read(tmp_path)
    assert record.observations == ()
    assert [str(one) for one in account.refused] == ["observations.csv:2: VALUE is no number"]


def test_a_day_is_that_of_the_clinic(tmp_path: Path) -> None:
    write_tables(tmp_path, {"observations": [{"DATE": "2021-03-04T02:30:00Z"}]})
    for zone, day in ((None, 4), (ZoneInfo("America/Los_Angeles"), 3)):
        (record,), _ = read(tmp_path, zone)
        assert record.observations[0].start.day == date(2021, 3, day)


def test_rows_need_be_in_no_order(tmp_path: Path) -> None:
    people = [{"Id": "p1"}, {"Id": "p2"}]
    rows = [{"VALUE": v, "PATIENT": p} for v, p in (("1", "p1"), ("2", "p2"), ("3", "p1"))]
    for name, order in (("a", rows), ("b", rows[::-1])):
        write_tables(tmp_path / name, {"patients": people, "observations": order})
    assert read(tmp_path / "a")[0] == read(tmp_path / "b")[0]


def test_windows_files_with_a_mark_and_other_line_ends_are_read_alike(tmp_path: Path) -> None:
    rows = {"conditions": [{"DESCRIPTION": "Ménière's disease"}], "observations": [{}]}
    write_tables(tmp_path / "a", rows)
    write_tables(tmp_path / "b", rows)
    for path in (tmp_path / "b").iterdir():
        text = path.read_text("utf-8")
        path.write_bytes(codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode())
    first, second = read(tmp_path / "a"), read(tmp_path / "b")
    assert first == second
    assert first[0][0].conditions[0].code.text == "Ménière's disease"


def test_zipped_tables_are_read_alike(tmp_path: Path) -> None:
    write_tables(tmp_path / "a", {"observations": [{}]})
    write_tables(tmp_path / "b", {"observations": [{}]})
    plain = tmp_path / "b" / "observations.csv"
    (tmp_path / "b" / "observations.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(DataError, match=r"observations\.csv and observations\.csv\.gz are the"):
        read(tmp_path / "b")
    plain.unlink()
    assert read(tmp_path / "a")[0] == read(tmp_path / "b")[0]


def test_text_that_a_terminal_would_obey_is_put_on_one_plain_line(tmp_path: Path) -> None:
    rows = [{"VALUE": "no\tgrowth\x1b[2J", "UNITS": "", "TYPE": "text"}]
    write_tables(tmp_path, {"observations": rows})
    assert read(tmp_path)[0][0].observations[0].value == "no growth [2J"


def test_a_death_before_the_birth_is_on_no_day(tmp_path: Path) -> None:
    (record,), account = read(write_tables(tmp_path, {"patients": [{"DEATHDATE": "1950-01-01"}]}))
    assert [one.place for one in account.remarks] == ["patients.csv:2"]
    assert (record.person.died, record.person.dead) == (None, True)


def test_a_row_without_a_start_is_refused(tmp_path: Path) -> None:
    (record,), account = read(write_tables(tmp_path, {"conditions": [{"START": ""}]}))
    assert record.conditions == ()
    assert [str(one) for one in account.refused] == ["conditions.csv:2: no START"]
