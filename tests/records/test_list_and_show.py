"""`osler records list` and `show`: whom they mean, of which day they tell, and how much."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    bundle,
    condition,
    observation,
    patient,
    record_of,
    write_bundle,
    write_tables,
)

from osler.records.record import Person
from osler.records.render import as_text, render
from osler.records.search import BEGINNINGS, WHOLE_WORDS, nearness
from osler.records.view import view


def test_patients_are_listed_without_names(source: Path, out: Path, told: Any) -> None:
    told("import", source, "--out", out)
    _, said, _ = told("list", "--records", out)
    assert "p1" in said
    assert "Zwillinger" not in said
    assert "Oda" not in said


def test_a_stored_record_that_changed_or_is_lost_is_named(
    source: Path, out: Path, told: Any
) -> None:
    told("import", source, "--out", out)
    (path,) = (out / "patients").iterdir()
    path.write_bytes(path.read_bytes().replace(b"Hypertension", b"Hypotension"))
    for words in (("list",), ("show", "p1")):
        code, _, errors = told(*words, "--records", out)
        assert code == 2
        assert f"{path}: changed since the import" in errors
    path.unlink()
    for words in (("list",), ("show", "p1")):
        code, _, errors = told(*words, "--records", out)
        assert code == 2
        assert str(path) in errors
        assert "Import the records again" in errors
    (out / "import.json").write_text("{", "utf-8")
    assert told("list", "--records", out)[0] == 2


def test_an_id_that_begins_another_is_still_an_id(tmp_path: Path, out: Path, told: Any) -> None:
    people = [{"Id": one, "LAST": "Same"} for one in ("1", "10", "100")]
    tables = write_tables(tmp_path / "in", {"patients": people})
    told("import", tables, "--out", out)
    for folder in (tables, out):
        assert told("show", "1", "--records", folder, "--budget", 500)[0] == 0
        code, _, errors = told("show", "Same", "--records", folder)
        assert code == 2
        assert "3 patients are meant" in errors
        code, _, errors = told("show", "7", "--records", folder)
        assert code == 2
        assert f"osler records list --records {folder}" in errors


PEOPLE = [
    {"Id": "a1", "FIRST": "Ada604 Noor", "LAST": "Byron36"},
    {"Id": "b2", "FIRST": "José", "LAST": "Gómez-Byrne", "BIRTHDATE": "1971-07-07"},
    {"Id": "c3", "FIRST": "Lee", "LAST": "O'Hara"},
    {"Id": "d4", "FIRST": "Leeann", "LAST": "Ohara", "BIRTHDATE": "1982-08-08"},
    {"Id": "adab5", "FIRST": "Max", "LAST": "Lee"},
]


@pytest.fixture
def people(tmp_path: Path, out: Path, told: Any) -> list[Path]:
    """Five people, as tables and imported."""
    tables = write_tables(tmp_path / "in", {"patients": PEOPLE})
    told("import", tables, "--out", out)
    return [tables, out]


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("byron", "a1"), ("ADA byron", "a1"), ("Byron, Ada", "a1"), ("noor", "a1"),
        ("jose GOMEZ", "b2"), ("gomez byrne", "b2"), ("lee o'hara", "c3"), ("leeann", "d4"),
        ("adab", "adab5"), ("max lee", "adab5"),
    ],
)  # fmt: skip
def test_a_patient_is_shown_by_part_of_the_name_in_any_case(
    name: str, who: str, people: list[Path], told: Any
) -> None:
    for folder in people:
        code, said, _ = told("show", name, "--records", folder)
        assert code == 0
        assert f"Patient {who}, born " in said


@pytest.mark.parametrize(
    ("name", "ids"), [("ohara", "c3 d4"), ("lee", "c3 adab5"), ("by", "a1 b2"), ("ada", "a1 adab5")]
)
def test_a_name_of_several_lists_their_ids_and_births_and_no_names(
    name: str, ids: str, people: list[Path], told: Any
) -> None:
    births = {"b2": "1971-07-07", "d4": "1982-08-08"}
    for folder in people:
        code, said, errors = told("show", name, "--records", folder)
        assert (code, said) == (2, "")
        assert f"{len(ids.split())} patients are meant by {name!r}" in errors
        for one in ids.split():
            assert f"  {one}  born {births.get(one, '1960-05-20')}\n" in errors
        others = errors.replace(repr(name), "")
        assert "hara" not in others
        assert "Byr" not in others


def test_the_list_can_be_of_one_name(people: list[Path], told: Any) -> None:
    for folder in people:
        code, said, _ = told("list", "--records", folder, "--name", "lee")
        assert code == 0
        assert [line.split()[0] for line in said.splitlines()[1:4]] == ["c3", "d4", "adab5"]
        assert "a1 " not in said
        code, _, errors = told("list", "--records", folder, "--name", "nobody")
        assert code == 2
        assert "none of 5 patients has this name" in errors


def test_no_name_means_nobody(people: list[Path], told: Any) -> None:
    for nothing in ("", " ", "-", "'"):
        code, _, errors = told("show", nothing, "--records", people[0])
        assert code == 2
        assert "no patient of the id or name" in errors


def test_a_list_of_a_raw_folder_says_what_it_could_not_read(source: Path, told: Any) -> None:
    write_bundle(source, b"{", "bad.json")
    code, said, _ = told("list", "--records", source)
    assert code == 0
    assert "1 place could not be read: osler records import says which" in said


@pytest.mark.parametrize(
    ("day", "why"),
    [("soon", "no day"), ("2021-02-30", "no day"), ("1950-01-01", "before the patient's birth")],
)
def test_a_day_that_makes_no_sense_is_refused(day: str, why: str, source: Path, told: Any) -> None:
    code, _, errors = told("show", "p1", "--records", source, "--as-of", day)
    assert code == 2
    assert f"--as-of {day}" in errors
    assert why in errors


def test_show_tells_of_the_day_and_the_length(source: Path, told: Any) -> None:
    _, said, _ = told("show", "p1", "--records", source, "--as-of", "2014-01-30")
    assert "Age 53 years on 2014-01-30" in said
    assert "- Hypertension, since 2014-01-29" in said
    assert "Current medicines: none recorded" in said
    assert "tokens of nano" in said
    _, said, _ = told("show", "p1", "--records", source, "--budget", 20)
    assert "This does not fit 20 tokens" in said
    assert "lisinopril 10 MG Oral Tablet" in said


# -- a day long after the record ---------------------------------------------------------------

GLUCOSE = observation(day="2021-03-04")
LONG = "The record's last entry is of 2021-03-04, {} before {}"


@pytest.mark.parametrize(
    ("day", "since"),
    [("2023-03-03", ""), ("2023-03-04", "2 years"), ("2032-01-01", "10 years"), ("2015-01-01", "")],
)
def test_a_day_two_years_after_the_last_entry_is_remarked_on(
    day: str, since: str, tmp_path: Path, told: Any
) -> None:
    write_bundle(tmp_path, bundle(condition(), GLUCOSE))
    _, said, _ = told("show", "p1", "--records", tmp_path, "--as-of", day)
    assert ("last entry" in said) == bool(since)
    assert not since or LONG.format(since, day) in said


def test_the_remark_is_not_part_of_what_a_model_sees(tmp_path: Path) -> None:
    seen = view(record_of(tmp_path, condition(), GLUCOSE), date(2032, 1, 1))
    assert "last entry" not in as_text(render(seen))


def test_nothing_is_remarked_on_of_the_dead_or_of_what_has_no_date(
    tmp_path: Path, told: Any
) -> None:
    undated = condition(onsetDateTime="")
    for n, (some, whom) in enumerate(
        (
            ([GLUCOSE], patient(deceasedDateTime="2021-05-05")),
            ([GLUCOSE], patient(deceasedBoolean=True)),
            ([undated], patient()),
            ([], patient()),
        )
    ):
        write_bundle(tmp_path / str(n), bundle(*some, of=whom))
        code, said, _ = told("show", "p1", "--records", tmp_path / str(n), "--as-of", "2032-01-01")
        assert code == 0
        assert "last entry" not in said


@pytest.mark.parametrize(
    ("family", "asked"),
    [("Łukasz", "lukasz"), ("Ørsted", "Orsted"), ("Æthel", "aethel"), ("O\u02bcNeil", "oneil")],
)
def test_letters_that_are_no_accent_are_found_without_them(family: str, asked: str) -> None:
    born = date(1960, 1, 1)
    assert nearness(Person("P1", "Ada", family, born, None, "female"), asked) == WHOLE_WORDS
    assert nearness(Person("P1-7", "Ada", family, born, None, "female"), "p1") == BEGINNINGS
