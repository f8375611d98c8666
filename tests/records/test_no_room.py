"""Disks that fill up, limits and permissions: an error of a few lines with the cure that fits."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from record_shapes import write_tables

from osler.cli import main

AGAIN = "then run the same command again"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Tables of two megabytes."""
    people = [{"Id": f"p{n}"} for n in range(10)]
    rows = [{"PATIENT": f"p{n % 10}", "VALUE": str(n)} for n in range(20_000)]
    return write_tables(tmp_path / "in", {"patients": people, "observations": rows})


def fails(*words: object, most: int | None = None, temporary: Path | None = None) -> str:
    """Run a command that must end with code 2; what it says. `most`: bytes of a file."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        [sys.executable, "-m", "osler", *map(str, words)], capture_output=True, text=True,
        preexec_fn=limit, env=os.environ | ({"TMPDIR": str(temporary)} if temporary else {}),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    said = done.stderr[done.stderr.index("osler: ") :]
    assert "Traceback" not in done.stderr
    assert "--resume" not in said
    assert "--run-dir" not in said
    assert len(said.splitlines()) <= 3
    return said


def fill(disk: Path, leave: int) -> None:
    (disk / "ballast").write_bytes(b"\0" * (shutil.disk_usage(disk).free - leave))


@pytest.mark.parametrize("most", [100_000, 3_000])
def test_a_limit_on_files_is_named(most: int, tables: Path, tmp_path: Path) -> None:
    said = fails("records", "import", tables, "--out", tmp_path / "out", most=most)
    assert "ulimit -f" in said
    assert AGAIN in said
    said = fails("records", "synthesize", "--patients", 3, "--out", tmp_path / "c", most=most)
    assert "ulimit -f" in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_summaries_under_a_limit_on_files(tables: Path, tmp_path: Path) -> None:
    stored = tmp_path / "records"
    assert main(["records", "import", str(tables), "--out", str(stored)]) == 0
    words = ["--records", stored, "--as-of", "2022-01-01", "--out", tmp_path / "s"]
    assert "may not be as large" in fails("summarize", "draft", *words, most=1_000)


def test_a_full_disk_of_temporary_files(tables: Path, tmp_path: Path, small_disk: Path) -> None:
    """Read without an import, tables are sorted there."""
    fill(small_disk, leave=100_000)
    words = ["--records", tables, "--as-of", "2022-01-01", "--out", tmp_path / "s"]
    said = fails("summarize", "draft", *words, temporary=small_disk)
    assert said.startswith("osler: No room to sort the tables")
    assert "TMPDIR" in said
    assert [p.name for p in small_disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize("leave", [0, 8_192, 100_000])
def test_a_full_disk_where_the_output_goes(tables: Path, small_disk: Path, leave: int) -> None:
    fill(small_disk, leave)
    for words in (
        ("records", "import", tables, "--out", small_disk / "out"),
        ("records", "synthesize", "--patients", 5, "--out", small_disk / "c"),
    ):
        said = fails(*words)
        assert said.startswith("osler: No room")
        assert AGAIN in said
        assert [p.name for p in small_disk.iterdir() if p.is_dir()] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_is_not_permitted_has_its_own_cure(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["records", "import", str(tables), "--out", str(out)]) == 0
    (out / "import.json").chmod(0)
    assert main(["records", "list", "--records", str(out)]) == 2
    assert "Check its permissions." in capsys.readouterr().err
    tmp_path.chmod(0o500)
    try:
        assert main(["records", "import", str(tables), "--out", str(tmp_path / "b")]) == 2
    finally:
        tmp_path.chmod(0o700)
    assert "give --out in a folder of your own" in capsys.readouterr().err
