"""Files that are damaged, foreign or in the way: named, kept, and no reason to stop."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from osler.cli import main
from osler.records.synthetic.cohort import synthesize
from osler.summaries import store
from osler.summaries.page.paper import page_name

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fhir/, three patients, and s/, their summaries."""
    folder = tmp_path_factory.mktemp("made")
    synthesize(folder, 3, 11, form="fhir")
    assert main(_summarize(folder, folder / "s")) == 0
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """Those summaries, to be damaged."""
    return Path(shutil.copytree(made / "s", tmp_path / "s"))


def _summarize(made: Path, out: Path) -> list[str]:
    words = ["summarize", "draft", "--records", str(made / "fhir"), "--as-of", DAY]
    return [*words, "--out", str(out)]


def audited(made: Path, out: Path) -> int:
    return main(["audit", str(out), "--records", str(made / "fhir")])


@pytest.mark.parametrize("content", [b"", b"{", b'{"patient": 5}', b"[]", b"\xff\xfe", b'"words"'])
def test_a_damaged_file_is_kept_and_written_anew(
    content: bytes, made: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store.paths(out)[1]
    right = store.read(path)
    path.write_bytes(content)
    assert main([*_summarize(made, out), "--html"]) == 0
    told = capsys.readouterr().out
    assert "1 written, 2 were there, 0 failed" in told
    assert f"damaged {path}: was no summary; written anew" in told
    assert store.read(path).sections == right.sections
    (kept,) = (out / store.OLDER).iterdir()
    assert kept.read_bytes() == content
    assert json.loads((out / store.REPORT).read_text("utf-8"))["damaged"] == [path.name]
    assert main(_summarize(made, out)) == 0
    assert "  damaged " not in capsys.readouterr().out


def test_a_folder_in_the_place_of_a_summary_is_kept_too(made: Path, out: Path) -> None:
    path = store.paths(out)[0]
    path.unlink()
    path.mkdir()
    (path / "notes.txt").write_text("words", "utf-8")
    assert main(_summarize(made, out)) == 0
    assert store.read(path).patient == path.stem
    assert [p.read_text("utf-8") for p in out.rglob("notes.txt")] == ["words"]


def test_an_audit_names_what_it_cannot_check_and_goes_on(
    made: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn, early, _ = store.paths(out)
    torn.write_bytes(torn.read_bytes()[:200])
    early.write_text(early.read_text("utf-8").replace(DAY, "1900-01-01"), "utf-8")
    assert audited(made, out) == 1
    told = capsys.readouterr().out
    assert f"{torn}: damaged, or no summary of Osler's. Not checked." in told
    assert f"{early}: as of 1900-01-01: the day is before the patient's birth. Not checked." in told
    assert "1 summary, 1 clean" in told
    assert "2 not checked" in told


def test_two_summaries_of_one_patient_are_both_audited(
    made: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = store.paths(out)[0].read_text("utf-8")
    title = '"text": "'
    assert title in text
    (out / "aa.json").write_text(text.replace(title, f"{title}Takes warfarin. ", 1), "utf-8")
    (out / "zz.json").write_text(text, "utf-8")
    assert audited(made, out) == 1
    told = capsys.readouterr().out
    assert "5 summaries, 4 clean" in told
    assert "aa.json: 1 finding, " in told
    assert "zz.json: clean" in told


@pytest.mark.parametrize("patient", ["report", "index", "Report", "INDEX"])
def test_no_patient_takes_the_name_of_the_report_or_of_the_index(patient: str) -> None:
    assert store.file_name(patient) not in (f"{patient}.json", store.REPORT)
    assert page_name(patient).lower() != "index.html"
    assert len({store.file_name(one) for one in ("report", "index", "Report", "reports")}) == 4


def test_a_patient_called_report_has_a_summary_that_is_audited(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = min(p for p in (made / "fhir").iterdir() if not p.name.startswith("clinics"))
    own = json.loads(bundle.read_text("utf-8"))["entry"][0]["resource"]["id"]
    (tmp_path / "fhir").mkdir()
    text = bundle.read_text("utf-8").replace(own, "report")
    (tmp_path / "fhir" / "one.json").write_text(text, "utf-8")
    assert main([*_summarize(tmp_path, tmp_path / "s"), "--html"]) == 0
    assert audited(tmp_path, tmp_path / "s") == 0
    assert "1 summary, 1 clean" in capsys.readouterr().out
    assert [one.patient for one in store.summaries(tmp_path / "s")] == ["report"]
