"""A fault in one line of a table takes no other line with it, and has its place in the account."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from record_shapes import read, write_tables

NO_END = "a cell does not end on this line: is a quotation mark missing?"
PEOPLE = [{"Id": f"p{n}"} for n in range(1, 6)]
ONE_EACH = [{"PATIENT": f"p{n}"} for n in range(1, 6)]


def edited(path: Path, line: int, old: str, new: str) -> None:
    """Change one line of a file, counted from 1."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("".join(lines), "utf-8")


def test_a_missing_quotation_mark_costs_its_own_row_alone(tmp_path: Path) -> None:
    write_tables(tmp_path, {"patients": PEOPLE, "conditions": ONE_EACH})
    edited(tmp_path / "conditions.csv", 3, "Hypertension", '"Hypertension')
    records, account = read(tmp_path)
    assert [len(one.conditions) for one in records] == [1, 0, 1, 1, 1]
    (refused,) = account.refused
    assert refused.place == "conditions.csv:3"
    assert refused.reason.startswith(NO_END)
    assert account.total == 10


def test_the_last_row_with_a_missing_quotation_mark_is_refused_too(tmp_path: Path) -> None:
    write_tables(tmp_path, {"patients": PEOPLE, "conditions": ONE_EACH})
    path = tmp_path / "conditions.csv"
    edited(path, 6, "Hypertension (disorder)", '"Hypertension')
    path.write_text(path.read_text("utf-8").rstrip(), "utf-8")
    assert [(one.place, one.reason[:20]) for one in read(tmp_path)[1].refused] == [
        ("conditions.csv:6", NO_END[:20])
    ]


def test_a_cell_of_two_lines_is_refused_and_the_places_after_it_are_right(tmp_path: Path) -> None:
    rows = [{"VALUE": "no\ngrowth", "UNITS": "", "TYPE": "text"}, {"VALUE": ""}, {}]
    write_tables(tmp_path, {"observations": rows})
    (record,), account = read(tmp_path)
    assert len(record.observations) == 1
    assert [one.place for one in account.refused] == [f"observations.csv:{n}" for n in (2, 3, 4)]
    assert account.refused[0].reason.startswith(NO_END)
    assert account.refused[1].reason == "3 cells where the head has 9"
    assert account.refused[2].reason == "no VALUE"


def test_quoted_cells_with_commas_and_quotation_marks_are_read(tmp_path: Path) -> None:
    said = 'Fracture, "greenstick", of left wrist'
    write_tables(tmp_path, {"conditions": [{"DESCRIPTION": said}]})
    (record,), account = read(tmp_path)
    assert record.conditions[0].code.text == said
    assert (account.refused, account.remarks) == ([], [])


def test_a_row_longer_than_its_head_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, {"patients": PEOPLE, "conditions": ONE_EACH})
    edited(tmp_path / "conditions.csv", 2, "Hypertension", "Hypertension, essential")
    assert [str(one) for one in read(tmp_path)[1].refused] == [
        "conditions.csv:2: 7 cells where the head has 6"
    ]


def test_a_head_without_end_is_refused_with_its_table(tmp_path: Path) -> None:
    write_tables(tmp_path, {"patients": PEOPLE, "conditions": ONE_EACH})
    edited(tmp_path / "conditions.csv", 1, "CODE", '"CODE')
    records, account = read(tmp_path)
    assert len(records) == 5
    assert [one.place for one in account.refused] == ["conditions.csv:1"]


@pytest.mark.parametrize("elsewhere", [131_072, 2**24])
def test_a_cell_of_a_megabyte_is_refused_and_the_rest_is_read(
    elsewhere: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whatever limit another reader has set: the csv module has one for the whole process."""
    before = csv.field_size_limit(elsewhere)
    request.addfinalizer(lambda: csv.field_size_limit(before))
    rows = [{"DESCRIPTION": "x" * 2**20}, {}]
    write_tables(tmp_path, {"conditions": rows})
    (record,), account = read(tmp_path)
    assert len(record.conditions) == 1
    assert str(account.refused[0]).startswith("conditions.csv:2: a cell of more than 131,072")


@pytest.mark.parametrize(("ending", "remarks"), [("\n", []), ("\r\n", []), ("", [6])])
def test_a_file_that_may_have_been_cut_in_its_last_cell_has_a_remark(
    ending: str, remarks: list[int], tmp_path: Path
) -> None:
    write_tables(tmp_path, {"patients": PEOPLE, "conditions": ONE_EACH})
    path = tmp_path / "conditions.csv"
    text = path.read_text("utf-8").rstrip()
    path.write_bytes((text + ending if ending else text[:-9]).encode())
    records, account = read(tmp_path)
    assert [len(one.conditions) for one in records] == [1, 1, 1, 1, 1]
    found = [one for one in account.remarks if "cut off" in one.reason]
    assert [one.place for one in found] == [f"conditions.csv:{line}" for line in remarks]
