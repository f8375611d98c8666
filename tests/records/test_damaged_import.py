"""A stored record that is not as its import wrote it: named with the cure, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from record_shapes import bundle, condition, patient, write_bundle

from osler.cli import main

PEOPLE = ("p1", "p2", "p3")
CURE = "Not read. Import the records again: osler records import FOLDER."


@pytest.fixture
def damaged(tmp_path: Path, out: Path, told: Any) -> Path:
    """The file of p2, cut short, in a folder of three."""
    for one in PEOPLE:
        gout = condition("1", "Gout", subject={"reference": f"Patient/{one}"})
        write_bundle(tmp_path / "in", bundle(gout, of=patient(one)), f"{one}.json")
    assert told("import", tmp_path / "in", "--out", out)[0] == 0
    index = json.loads((out / "import.json").read_text("utf-8"))
    path = out / next(each["file"] for each in index["patients"] if each["id"] == "p2")
    path.write_bytes(path.read_bytes()[:-30])
    return path


def test_the_others_are_listed(damaged: Path, out: Path, told: Any) -> None:
    code, said, _ = told("list", "--records", out)
    assert code == 1
    assert [line[:2] for line in said.splitlines()[1:3]] == ["p1", "p3"]
    assert f"{damaged}: changed since the import. {CURE}" in said.splitlines()[3:]
    damaged.unlink()
    code, said, _ = told("list", "--records", out)
    assert (code, f"{damaged}: cannot be opened (No such file or directory). {CURE}" in said) == (
        1, True,
    )  # fmt: skip


def test_only_the_patient_of_it_cannot_be_shown(damaged: Path, out: Path, told: Any) -> None:
    assert told("show", "p1", "--records", out)[0] == 0
    code, _, errors = told("show", "p2", "--records", out)
    assert code == 2
    assert f"{damaged}: changed since the import" in errors
    assert "Import the records again" in errors
    code, _, errors = told("show", "Nobody", "--records", out)
    assert code == 2
    assert f"{damaged}: changed since the import. {CURE}" in errors, "it may be of that name"


def test_the_others_have_summaries_and_the_totals_add_up(
    damaged: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--records", str(out)]
    made = tmp_path / "s"
    draft = ["summarize", "draft", *words, "--as-of", "2022-03-04", "--out", str(made)]
    assert main(draft) == 1
    said = capsys.readouterr().out
    assert "3 patients as of 2022-03-04: 2 written, 0 were there, 1 failed" in said
    assert "failed  p2: its record is damaged" in said
    assert f"{damaged}: changed since the import. {CURE}" in said
    report = json.loads((made / "report.json").read_text("utf-8"))
    assert (report["patients"], report["written"], report["records_damaged"]) == (3, 2, 1)
    assert main(["audit", str(made), *words]) == 1
    said = capsys.readouterr().out
    assert "2 summaries, 2 clean" in said
    assert f"{damaged}: changed since the import. {CURE}" in said
    for path in (out / "patients").iterdir():
        path.write_bytes(b"{")
    assert main(draft) == 2
    assert f"{damaged}: changed since the import" in capsys.readouterr().err
