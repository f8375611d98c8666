"""A table that is not there must never look like health: it is told of, at import and later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_shapes import GOOD, bundle, observation, patient, read, write_bundle, write_tables

from osler.cli import main

WITHOUT_ALLERGIES = "allergies.csv was not there: allergies are not known of any patient"
ALL = ("conditions", "medications", "allergies", "observations", "immunizations", "procedures",
       "encounters", "careplans")  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """All tables, of one row each."""
    return write_tables(tmp_path / "in", {name: [{}] for name in ALL})


def test_all_tables_there_is_nothing_to_tell(tables: Path) -> None:
    _, account = read(tables)
    assert (account.absent, account.remarks) == ([], [])


def test_a_table_that_is_lacking_is_told_of_at_import_and_by_all_who_use_it(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tables / "allergies.csv").unlink()
    stored, out = tmp_path / "records", tmp_path / "s"
    assert main(["records", "import", str(tables), "--out", str(stored)]) == 0
    assert f"LACKING   {WITHOUT_ALLERGIES}" in capsys.readouterr().out
    index = json.loads((stored / "import.json").read_text("utf-8"))
    assert index["absent"] == [WITHOUT_ALLERGIES]
    for records in (stored, tables):
        words = ["--records", str(records)]
        assert main(["records", "list", *words]) == 0
        assert WITHOUT_ALLERGIES in capsys.readouterr().out.splitlines()
        assert main(["records", "show", "p1", *words]) == 0
        assert WITHOUT_ALLERGIES in capsys.readouterr().out.splitlines()
        said = ["summarize", "draft", *words, "--as-of", "2022-01-01", "--out", str(out), "--html"]
        assert main(said) == 0
        assert WITHOUT_ALLERGIES in capsys.readouterr().out.splitlines()
        report = json.loads((out / "report.json").read_text("utf-8"))
        assert report["lacking"] == [WITHOUT_ALLERGIES]
        assert WITHOUT_ALLERGIES in (out / "p1.html").read_text("utf-8"), "beside `none recorded`"
        assert main(["audit", str(out), *words]) == 0
        assert WITHOUT_ALLERGIES in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "had no rows"),
        ("START,STOP,PATIENT,CODE,DESCRIPTION\n", "had no rows"),
        ("START,PERSON,CODE\n2014-01-29,p1,38341003\n", "had no row that could be read"),
        ("START,PATIENT,CODE\nsoon,p1,38341003\n", "had no row that could be read"),
        ("START,PATIENT,CODE\n2014-01-29,p7,38341003\n", "had no row that could be read"),
    ],
)
def test_a_table_that_nothing_came_from_is_lacking_too(text: str, why: str, tables: Path) -> None:
    (tables / "conditions.csv").write_text(text, "utf-8")
    _, account = read(tables)
    assert account.absent == [f"conditions.csv {why}: conditions are not known of any patient"]


def test_a_misnamed_table_is_named_with_what_it_may_be(tables: Path) -> None:
    (tables / "medications.csv").rename(tables / "medication.csv")
    (tables / "beds.csv").write_text("A,B\n1,2\n", "utf-8")
    (tables / "claims.csv").write_text("A,B\n1,2\n", "utf-8")
    _, account = read(tables)
    assert account.absent == [
        "medications.csv was not there: medicines are not known of any patient"
    ]
    unknown = "no table of Synthea's has this name, so it is not read"
    assert list(map(str, account.remarks)) == [
        f"beds.csv: {unknown}",
        f"medication.csv: {unknown}; should it be medications.csv?",
    ]
    assert account.ignored == {"beds": 1, "claims": 1, "medication": 1}


def test_a_kind_of_resource_that_no_bundle_has_is_told_of_as_a_table_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bundle(tmp_path / "in", GOOD, "a.json")
    write_bundle(tmp_path / "in", bundle(observation(), of=patient("p2")), "b.json")
    assert main(["records", "import", str(tmp_path / "in"), "--out", str(tmp_path / "r")]) == 0
    said = capsys.readouterr().out
    assert "LACKING" in said
    assert "no AllergyIntolerance was there: allergies are not known of any patient\n" in said
    assert "Condition was there" not in said, "one of them has some"
    draft = ["summarize", "draft", "--as-of", "2022-01-01", "--html", "--out", str(tmp_path / "s")]
    for records in ("r", "in"):
        assert main([*draft, "--records", str(tmp_path / records), "--force"]) == 0
        page = (tmp_path / "s" / "p2.html").read_text("utf-8")
        assert "no AllergyIntolerance was there" in page, "beside `none recorded`"
