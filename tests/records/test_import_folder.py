"""The folder of an import: one process at a time, whole or not at all, and nobody else's files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from record_shapes import write_tables

from locks import holding
from osler.cli import main

PEOPLE = {"patients": [{"Id": f"p{n}"} for n in range(40)]}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Tables of forty patients."""
    return write_tables(tmp_path / "in", PEOPLE)


def imported(tables: Path, out: Path) -> int:
    return main(["records", "import", str(tables), "--out", str(out)])


def started(*words: object) -> subprocess.Popen[bytes]:
    """Osler in a process of its own, which can be interrupted even where the tests ignore that."""
    quiet: Any = subprocess.DEVNULL
    command = [sys.executable, "-m", "osler", *map(str, words)]
    return subprocess.Popen(
        command, stdout=quiet, stderr=quiet,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def hidden(folder: Path) -> list[Path]:
    """Files and folders that are no business of the user's."""
    return [path for path in folder.rglob("*") if any(p.startswith(".") for p in path.parts[-3:])]


def test_the_second_of_two_imports_is_told_who_is_there(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(tmp_path / ".records.lock") as pid:
        assert imported(tables, tmp_path / "records") == 2
        said = capsys.readouterr().err
        assert f"another process (pid {pid}) is writing there" in said
        assert not (tmp_path / "records").exists()
    assert imported(tables, tmp_path / "records") == 0, "the lock ends with its process"
    assert hidden(tmp_path) == []


def test_imports_side_by_side_leave_one_whole_import(tables: Path, tmp_path: Path) -> None:
    out = tmp_path / "records"
    several = [started("records", "import", tables, "--out", out) for _ in range(3)]
    codes = [one.wait() for one in several]
    assert 0 in codes
    assert set(codes) <= {0, 2}
    assert main(["records", "list", "--records", str(out)]) == 0
    assert len(list((out / "patients").iterdir())) == 40
    assert hidden(tmp_path) == []


def test_a_killed_import_leaves_no_rows_behind_and_the_next_one_tidies_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {"patients": [{"Id": f"p{n}", "LAST": "Zwillinger"} for n in range(30_000)]}
    tables = write_tables(tmp_path / "in", many)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    out = tmp_path / "out" / "records"
    killed = started("records", "import", tables, "--out", out)
    while not list(tmp_path.glob("out/.records.new-*/patients/*")):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    (left,) = (tmp_path / "out").glob(".records.new-*")
    assert left.stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "out").rglob("*.sqlite*"))
    assert not [p for p in temporary.rglob("*") if p.is_file()]
    assert imported(write_tables(tmp_path / "in", PEOPLE), out) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["records"]


@pytest.mark.parametrize("where", ["notes.txt", "patients/notes.txt", "s/report.json"])
def test_files_of_others_are_not_replaced(
    where: str, tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "records"
    assert imported(tables, out) == 0
    mine = out / where
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("words", "utf-8")
    before = sorted(out.rglob("*"))
    assert imported(tables, out) == 2
    said = capsys.readouterr().err
    assert str(mine if where != "s/report.json" else mine.parent) in said
    assert "Move it elsewhere, or give another folder with --out." in said
    assert sorted(out.rglob("*")) == before


def test_all_that_an_import_writes_is_for_its_owner_only(tables: Path, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert imported(tables, tmp_path / "records") == 0
    finally:
        os.umask(before)
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "records").rglob("*"))


def test_an_interrupted_cohort_leaves_none(tmp_path: Path) -> None:
    """Part of a cohort reads like a smaller one."""
    out = tmp_path / "cohort"
    made = started("records", "synthesize", "--patients", 5000, "--out", out)
    while not list(tmp_path.glob(".cohort.new-*/fhir/*")):
        assert made.poll() is None
        time.sleep(0.01)
    made.send_signal(signal.SIGINT)
    assert made.wait() == 130
    assert list(tmp_path.iterdir()) == []


def test_a_cohort_goes_into_an_empty_folder_that_is_there(tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    out.mkdir()
    assert main(["records", "synthesize", "--patients", "1", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["csv", "fhir"]
    assert [path.name for path in tmp_path.iterdir()] == ["cohort"]
