"""A table whose first line is no head of Synthea's is refused, and told what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_shapes import read, write_tables

HYPERTENSION = {"conditions": [{}, {"CODE": "2"}], "medications": [{}]}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A patient with two conditions and a medicine."""
    return write_tables(tmp_path / "in", HYPERTENSION)


def changed(path: Path, how: Callable[[str], str], encoding: str = "utf-8") -> None:
    """Write a table anew."""
    path.write_bytes(how(path.read_text("utf-8")).encode(encoding))


@pytest.mark.parametrize(
    ("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), ('";"', "semicolons")]
)
def test_a_table_with_other_marks_between_cells_is_told_so_and_the_cure(
    mark: str, name: str, tables: Path
) -> None:
    changed(tables / "conditions.csv", lambda text: text.replace(",", mark))
    (record,), account = read(tables)
    assert len(record.medicines) == 1
    assert [str(one) for one in account.refused] == [
        f"conditions.csv:1: the whole table is refused, its head is one cell with {name} in it: "
        "save it with commas between the cells, numbers with decimal points"
    ]
    assert account.absent[0].startswith("conditions.csv had no row that could be read")


def test_where_it_is_the_table_of_patients_the_import_says_so(
    tables: Path, tmp_path: Path, told: Any
) -> None:
    for path in tables.iterdir():
        changed(path, lambda text: text.replace(",", ";"))
    code, _, errors = told("import", tables, "--out", tmp_path / "out")
    assert code == 2
    assert "patients.csv:1: the whole table is refused, its head is one cell with sem" in errors
    assert "Hypertension" not in errors


def test_a_table_in_utf16_is_told_so(tables: Path) -> None:
    changed(tables / "conditions.csv", lambda text: text.replace(",", "\t"), "utf-16")
    _, account = read(tables)
    (refused,) = account.refused
    assert refused.reason.endswith(
        "its head is UTF-16: save it with commas between the cells in UTF-8"
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("CODE,DESCRIPTION", "CODE,NAME", "no column DESCRIPTION"),
        ("PATIENT", "PATIENT_ID", "no column PATIENT (is it PATIENT_ID?)"),
        ("DESCRIPTION", "DESCRIPTION,STOP", "STOP more than once"),
        ("START,STOP", "STARTED,ENDED", "no columns START (is it STARTED?), STOP"),
    ],
)
def test_columns_that_are_lacking_are_named_with_what_may_be_meant(
    old: str, new: str, why: str, tables: Path
) -> None:
    changed(tables / "conditions.csv", lambda text: text.replace(old, new, 1))
    (record,), account = read(tables)
    assert record.conditions == ()
    assert [str(one) for one in account.refused] == [
        f"conditions.csv:1: the whole table is refused, its head has {why}"
    ]


def test_a_table_without_a_head_is_told_the_columns_and_repeats_nobodys_words(tables: Path) -> None:
    changed(tables / "patients.csv", lambda text: text.partition("\n")[2])
    records, account = read(tables)
    assert records == []
    refused = account.refused[0]
    assert refused.place == "patients.csv:1"
    assert refused.reason.endswith("BIRTHDATE, DEATHDATE, FIRST, LAST, GENDER")
    assert "has none of the columns of Synthea's table" in refused.reason
    assert "ZWILLINGER" not in str(account).upper()


def test_columns_in_another_order_more_of_them_and_blank_lines_are_read(tables: Path) -> None:
    rows = "\n\ndescription,MORE,Stop,PATIENT,CODE,START\nGout,x,,p1,3,2015-01-01\n"
    changed(tables / "conditions.csv", lambda _: rows)
    (record,), account = read(tables)
    assert [one.code.text for one in record.conditions] == ["Gout"]
    assert account.refused == []
