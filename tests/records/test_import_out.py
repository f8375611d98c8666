"""What an import leaves: the same bytes for the same folder, and nothing of anybody else's lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from record_shapes import GOOD, bundle, condition, patient, write_bundle, write_tables


def test_folders_that_make_no_sense_end_with_2_and_a_cure(tmp_path: Path, told: Any) -> None:
    both = write_tables(tmp_path / "both")
    write_bundle(both, GOOD)
    above = tmp_path / "above"
    write_bundle(above / "fhir", GOOD)
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder, why in (
        (both, "holds both FHIR bundles and CSV tables"),
        (above, f"Did you mean {above / 'fhir'}?"),
        (empty, "no FHIR bundles (*.json, *.json.gz, *.ndjson) and no patients.csv here"),
        (both / "one.json", "is a file, not a folder"),
        (tmp_path / "none", "no such folder"),
    ):
        code, _, errors = told("import", folder, "--out", tmp_path / "out")
        assert code == 2
        assert why in errors
    assert not (tmp_path / "out").exists()


def test_a_zone_that_is_none_is_refused(source: Path, out: Path, told: Any) -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", "America"):
        code, _, errors = told("import", source, "--out", out, "--zone", zone)
        assert code == 2
        assert f"--zone {zone}: no such time zone" in errors


def test_where_nothing_can_be_read_the_import_before_stays(
    source: Path, out: Path, tmp_path: Path, told: Any
) -> None:
    told("import", source, "--out", out)
    before = {path: path.read_bytes() for path in out.rglob("*.json")}
    write_bundle(tmp_path / "bad", b"{", "bad.json")
    code, _, errors = told("import", tmp_path / "bad", "--out", out)
    assert code == 2
    assert "no patient could be read" in errors
    assert "bad.json: the whole file is refused" in errors
    assert {path: path.read_bytes() for path in out.rglob("*.json")} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "in", "records"]


def test_an_import_replaces_the_one_before_and_nothing_else(
    source: Path, out: Path, tmp_path: Path, told: Any
) -> None:
    told("import", source, "--out", out)
    write_bundle(source, bundle(of=patient("p9")), "good.json")
    assert told("import", source, "--out", out)[0] == 0
    assert "p9" in told("list", "--records", out)[1]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("words", "utf-8")
    code, _, errors = told("import", source, "--out", mine)
    assert code == 2
    assert "no import has written this" in errors
    assert (mine / "thesis.txt").read_text("utf-8") == "words"
    code, _, errors = told("import", out, "--out", tmp_path / "again")
    assert code == 2
    assert "imported already" in errors


def test_records_are_for_their_owner_only(source: Path, out: Path, told: Any) -> None:
    told("import", source, "--out", out)
    assert out.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (out / "patients").iterdir())


def test_the_same_folder_gives_the_same_bytes(source: Path, tmp_path: Path, told: Any) -> None:
    for name in ("a", "b"):
        told("import", source, "--out", tmp_path / name)
    first, second = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.json")}
        for n in ("a", "b")
    )
    assert first == second


def test_what_no_reader_is_for_has_a_line(source: Path, out: Path, told: Any) -> None:
    for name in ("x.xml", "a.PDF", "b.pdf", "notes.txt.gz", "README"):
        (source / name).write_bytes(b"x")
    for name in ("older", "o\x1b[31m"):
        (source / name).mkdir()
    code, said, _ = told("import", source, "--out", out)
    assert code == 0
    lines = said.splitlines()
    first = lines.index("not read  2 files .pdf")
    assert [line.strip() for line in lines[first + 1 : first + 5]] == [
        "1 file .txt.gz", "1 file .xml", "1 file without an ending", "2 folders: o [31m, older",
    ]  # fmt: skip
    (source / "good.json").unlink()
    code, _, errors = told("import", source, "--out", out)
    assert code == 2
    assert "What is here: 2 files .pdf, 1 file .txt.gz, 1 file .xml" in errors


def test_nothing_printed_turns_a_terminal(source: Path, out: Path, told: Any) -> None:
    """Escapes in ids, names, kinds and names of files."""
    red = "\x1b[31mp\u202e1\x07"
    whom = patient(red, name=[{"family": red, "given": [red]}])
    some = [
        {"resourceType": red},
        condition(subject={"reference": f"Patient/{red}"}, onsetDateTime="x"),
    ]
    write_bundle(source, bundle(*some, of=whom), f"{red}.json")
    said = [
        told("import", source, "--out", out), told("list", "--records", out),
        told("list", "--records", source), told("show", "[31mp", "--records", out),
    ]  # fmt: skip
    assert [code for code, _, _ in said] == [0, 0, 0, 0]
    for _, *texts in said:
        assert all(line.isprintable() for text in texts for line in text.split("\n"))
    assert "[31mp 1" in said[1][1]


@pytest.mark.parametrize("words", [
    ["import", "in", "--out", "{}"],
    ["synthesize", "--patients", "1", "--out", "{}"],
    ["county", "--all", "--places", "places_2022_release.csv", "--weights", "weights.yaml",
     "--out", "{}"],
])  # fmt: skip
def test_a_place_that_cannot_be_written_is_named(
    words: list[str], source: Path, five: Path, weights: Path, told: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(source.parent)
    for place, why in (
        ("in/good.json/x", "cannot be written (a file is where one of its folders would be)"),
        ("/proc/none/x", "cannot be written (No such file or directory)"),
        ("y" * 300, "the name is too long"),
    ):
        code, _, errors = told(*(word.format(place) for word in words))
        assert code == 2
        assert place[:60] in errors
        assert why in errors
        assert "Give a" in errors
