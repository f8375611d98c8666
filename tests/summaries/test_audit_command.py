"""`osler audit FOLDER` of summaries that somebody else wrote: a text file for each patient."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from osler.cli import main
from osler.records.synthetic.cohort import synthesize
from osler.summaries import store
from osler.summaries.template import shipped_text
from osler.summaries.text import document

DAY = "2024-12-31"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records, and in texts/ a right summary of each patient, .md and .txt."""
    folder = tmp_path_factory.mktemp("made")
    synthesize(folder, 4, 11, form="fhir")
    words = ["summarize", "draft", "--records", str(folder / "fhir"), "--as-of", DAY]
    assert main([*words, "--out", str(folder / "s")]) == 0
    (folder / "texts").mkdir()
    for number, one in enumerate(store.summaries(folder / "s")):
        ending = (".md", ".txt")[number % 2]
        (folder / "texts" / f"{one.patient}{ending}").write_text(document(one.sections), "utf-8")
    return folder


@pytest.fixture
def texts(made: Path, tmp_path: Path) -> Path:
    """Those texts, to be changed."""
    return Path(shutil.copytree(made / "texts", tmp_path / "texts"))


def audited(made: Path, texts: Path, *more: str) -> int:
    return main(["audit", str(texts), "--records", str(made / "fhir"), *more])


def replace_first(texts: Path, old: str, new: str) -> str:
    """Change the first text that has some words; the patient's id."""
    for path in sorted(texts.iterdir()):
        text = path.read_text("utf-8")
        if old in text:
            path.write_text(text.replace(old, new, 1), "utf-8")
            return path.stem
    raise AssertionError(f"nobody's summary says {old}")


def test_right_texts_pass(made: Path, texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(made, texts, "--as-of", DAY) == 0
    assert "4 summaries, 4 clean" in capsys.readouterr().out


def test_a_wrong_dose_is_found_with_its_sentence_and_the_entry(
    made: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patient = replace_first(texts, " 10 MG Oral Tablet, 1 tablet", " 20 MG Oral Tablet, 1 tablet")
    out = tmp_path / "found.json"
    assert audited(made, texts, "--as-of", DAY, "--show", "--json", str(out)) == 1
    told = capsys.readouterr().out
    assert "4 summaries, 3 clean" in told
    assert "  high   dose: Current Medications and Allergies, sentence" in told
    assert " 20 MG Oral Tablet, 1 tablet" in told, "--show prints the sentence"
    (wrong,) = [one for one in json.loads(out.read_text("utf-8")) if one["audit"]["findings"]]
    (finding,) = wrong["audit"]["findings"]
    assert wrong["patient"] == patient
    assert finding["kind"] == "dose"
    assert finding["ids"][0].startswith("medicine:")


def test_sentences_are_not_printed_unless_asked_for(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_first(texts, "## Care Plans\n", "## Care Plans\n- Takes warfarin.\n")
    assert audited(made, texts, "--as-of", DAY) == 1
    told = capsys.readouterr().out
    assert "drug: Care Plans, sentence" in told
    assert "Takes warfarin" not in told


def test_a_patient_without_a_record_is_named_and_the_others_are_audited(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (texts / "nobody-1.txt").write_text("## Patient Summary\nWell.\n", "utf-8")
    assert audited(made, texts, "--as-of", DAY) == 1
    told = capsys.readouterr().out
    assert "nobody-1: no record of this id, so nothing could be checked" in told
    assert "4 summaries, 4 clean" in told
    assert "1 without a record" in told


def test_two_texts_of_one_patient_are_both_held_against_the_record(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = min(texts.glob("*.txt"))
    right.with_suffix(".md").write_text("## Patient Summary\nTakes warfarin.\n", "utf-8")
    assert audited(made, texts, "--as-of", DAY) == 1
    told = capsys.readouterr().out
    assert "5 summaries, 4 clean" in told
    assert f"{right.name}: clean" in told, "which of the two"
    assert "drug: Patient Summary, sentence 1" in told


def test_what_a_text_leaves_out_is_listed(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(p for p in sorted(texts.iterdir()) if "\nCurrent medicines:\n- " in p.read_text())
    path.write_text("## Patient Summary\nNothing to tell.\n", "utf-8")
    assert audited(made, texts, "--as-of", DAY) == 1
    told = capsys.readouterr().out
    assert "omission of medicine: medicine:" in told
    assert "section: Care Plans, section: " in told, "what is missing has its name"


def test_summaries_of_another_template_are_told_of_with_the_cure(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(shipped_text().replace("title: Patient Summary", "title: In Short"), "utf-8")
    words = ["summarize", "draft", "--records", str(made / "fhir"), "--as-of", DAY]
    assert main([*words, "--template", str(own), "--out", str(tmp_path / "s")]) == 0
    capsys.readouterr()
    hint = "4 written with another template than they are held against: give theirs with --template"
    assert audited(made, tmp_path / "s") == 1
    assert hint in capsys.readouterr().out
    assert audited(made, tmp_path / "s", "--template", str(own)) == 0
    assert "another template" not in capsys.readouterr().out
    assert audited(made, made / "s", "--template", str(own)) == 1
    assert f"{hint} FILE, or leave it out for the shipped one" in capsys.readouterr().out


def test_what_is_left_out_is_named_to_whoever_asks_for_it(
    made: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the record tells of it, with its id; the file for machines has the same words."""
    path = next(p for p in sorted(texts.iterdir()) if "\nActive conditions:\n- " in p.read_text())
    whole = path.read_text("utf-8")
    told = re.search(r"^Active conditions:\n- (.*, since .*)\.$", whole, re.MULTILINE)
    assert told
    path.write_text("## Patient Summary\nNothing to tell.\n", "utf-8")
    assert audited(made, texts, "--as-of", DAY) == 1
    assert told[1] not in capsys.readouterr().out
    out = tmp_path / "found.json"
    assert audited(made, texts, "--as-of", DAY, "--show", "--json", str(out)) == 1
    said = capsys.readouterr().out
    assert f"  omission of condition: {told[1]} (condition:" in said
    (wrong,) = [one for one in json.loads(out.read_text("utf-8")) if one["missing"]]
    assert told[1] in wrong["missing"]
    assert len(wrong["missing"]) == len(wrong["audit"]["omissions"])


def test_what_cannot_be_audited_says_why(
    made: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for words, why in (
        ((texts,), "does not say for which day it was written"),
        ((texts, "--as-of", "1900-01-01"), "Give a later day"),
        ((tmp_path / "empty", "--as-of", DAY), "no summaries here"),
        ((tmp_path / "none", "--as-of", DAY), "no such folder"),
    ):
        folder, *more = words
        assert audited(made, Path(folder), *map(str, more)) == 2
        assert why in capsys.readouterr().err


def test_a_text_that_cannot_be_read_is_named_and_the_others_are_audited(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = min(texts.iterdir())
    bad.write_bytes(b"## Patient Summary\nM\xe9ni\xe8re.\n")
    assert audited(made, texts, "--as-of", DAY) == 1
    told = capsys.readouterr().out
    assert f"{bad}: not UTF-8. Not checked. Save it as UTF-8." in told
    assert "3 summaries, 3 clean" in told
    assert "1 not checked" in told


def test_texts_from_windows_are_read_alike(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a byte order mark, other line ends, colons behind titles, and capitals in the name."""
    for path in sorted(texts.iterdir()):
        lines = path.read_text("utf-8").splitlines()
        lines = [f"{line}:" if line.startswith("## ") else line for line in lines]
        path.with_suffix(path.suffix.upper()).write_text("\r\n".join(lines), "utf-8-sig")
        path.unlink()
    assert audited(made, texts, "--as-of", DAY) == 0
    assert "4 summaries, 4 clean" in capsys.readouterr().out


def test_a_place_for_the_claims_that_cannot_be_written_is_named_before_the_audit(
    made: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, why in ((tmp_path, "is a folder"), ("/proc/none", "cannot be written")):
        assert audited(made, texts, "--as-of", DAY, "--json", str(place)) == 2
        said = capsys.readouterr()
        assert f"{place}: {why}" in said.err
        assert said.out == ""
    assert not list(tmp_path.glob(".*"))


def test_texts_of_other_headings_are_held_to_what_they_say(
    made: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is right passes whatever stands above it, and what is wrong is found."""
    for path in texts.iterdir():
        text = re.sub(r"(?m)^## .*\n", "", path.read_text("utf-8")).replace("Not recorded.", "")
        path.write_text(f"# Pre-visit note\n{text}", "utf-8")
    assert audited(made, texts, "--as-of", DAY) == 1
    assert "--free-form" in capsys.readouterr().out
    assert audited(made, texts, "--as-of", DAY, "--free-form") in (0, 1)
    assert "section:" not in capsys.readouterr().out
    wrong = replace_first(texts, "# Pre-visit note\n", "# Pre-visit note\nTakes warfarin.\n")
    assert audited(made, texts, "--as-of", DAY, "--free-form") == 1
    told = capsys.readouterr().out
    assert f"{wrong}: " in told
    assert "drug: Pre-visit note" in told
