"""`osler summarize`: nobody is left out, a stopped job goes on, and what fails is mended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from people import ON, patient

from locks import holding
from osler.cli import main
from osler.records.account import Account
from osler.records.folder import find, records_of
from osler.records.record import Record
from osler.records.synthetic.cohort import synthesize
from osler.serve.summarize import Ask, Job, Reply, close, open_case, write_all
from osler.summaries import store
from osler.summaries.draft import write
from osler.summaries.template import load_template


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    synthesize(folder, 3, 5, form="fhir")
    return folder / "fhir"


def summarized(cohort: Path, out: Path, day: str = "2024-12-31", more: Sequence[str] = ()) -> int:
    words = ["summarize", "draft", "--records", str(cohort), "--as-of", day, "--out", str(out)]
    return main([*words, *more])


def test_every_patient_has_a_summary_that_the_audit_command_finds_clean(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert summarized(cohort, tmp_path / "s") == 0
    assert len(list(store.summaries(tmp_path / "s"))) == 3
    assert main(["audit", str(tmp_path / "s"), "--records", str(cohort)]) == 0
    assert "3 summaries, 3 clean" in capsys.readouterr().out


def test_a_second_call_writes_what_is_missing_and_keeps_older_versions(
    cohort: Path, tmp_path: Path
) -> None:
    out = tmp_path / "s"
    summarized(cohort, out)
    first, *others = sorted(p for p in out.glob("*.json") if p.name != "report.json")
    before = {path: path.read_bytes() for path in others}
    first.unlink()
    summarized(cohort, out)
    assert first.is_file()
    assert {path: path.read_bytes() for path in others} == before
    summarized(cohort, out, "2024-12-30")
    assert len(list((out / store.OLDER).iterdir())) == 3


def test_a_patient_who_cannot_be_written_is_a_line_in_the_report(
    cohort: Path, tmp_path: Path
) -> None:
    summarized(cohort, tmp_path / "s", "1900-01-01")
    report = json.loads((tmp_path / "s" / "report.json").read_text())
    assert report["patients"] == len(report["failed"]) == 3


def people(cohort: Path) -> list[Record]:
    return list(records_of(find(cohort), Account()))


def test_only_the_patients_that_are_named_have_summaries(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By id, by the start of one and by name, from what was imported and from bundles alike."""
    first, second, third = (one.person for one in people(cohort))
    named = ["--patient", third.id[:-1], "--patient", f"{first.given} {first.family}"]
    named += ["--patient", third.id]
    main(["records", "import", str(cohort), "--out", str(tmp_path / "records")])
    for folder in (cohort, tmp_path / "records"):
        out = tmp_path / f"of {folder.name}"
        assert summarized(folder, out, more=[*named, "--html"]) == 0
        assert "2 patients as of 2024-12-31: 2 written" in capsys.readouterr().out
        assert {one.patient for one in store.summaries(out)} == {first.id, third.id}
        assert second.id not in (out / "index.html").read_text("utf-8")
        assert summarized(folder, out) == 0, "the others are written later, and these are kept"
        assert "1 written, 2 were there" in capsys.readouterr().out


def test_a_patient_who_is_not_there_is_named_before_anything_is_written(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = people(cohort)[0].person.id
    for wrong, why in (("Nobody", "no patient of the id or name 'Nobody'"), ("", "name ''")):
        more = ["--patient", known, "--patient", wrong]
        assert summarized(cohort, tmp_path / "s", more=more) == 2
        said = capsys.readouterr().err
        assert why in said
        assert f"osler records list --records {cohort}" in said
    assert not (tmp_path / "s").exists()


def test_a_model_that_errs_is_asked_again_then_mended_and_all_of_it_is_told() -> None:
    """Every answer has a drug that is not taken; the second time one section is right."""
    asked: list[str] = []

    def model(asks: Sequence[Ask]) -> list[Reply]:
        asked.extend(ask.prompt.section.title for ask in asks)
        return [Reply("Takes warfarin. Has hypertension.", ended=True) for _ in asks]

    template = load_template()
    job = Job(template, store.Maker("test"), 4096, lambda texts: [len(t) // 4 for t in texts], 1)
    case = open_case(patient(), ON, job)
    write_all([case], job, model)
    summary = close(case, job, "2022-03-04T00:00:00Z")
    assert [section.title for section in summary.sections] == [s.title for s in template.sections]
    assert not any("warfarin" in section.text for section in summary.sections)
    assert {removed.text for removed in summary.removed} == {"Takes warfarin."}
    assert all(removed.regenerated == 1 for removed in summary.removed)
    assert "Quality of Life" not in asked, "nothing is recorded for it"
    assert summary.added, "what must be told and was told nowhere"
    assert not summary.audit.omissions
    assert not any(sentence.flagged for sentence in summary.audit.sentences)


def test_how_many_labs_a_model_leaves_untold_is_counted_by_rule(cohort: Path) -> None:
    template = load_template()
    job = Job(template, store.Maker("test"), 4096, lambda texts: [len(t) // 4 for t in texts], 0)
    case = open_case(people(cohort)[0], date(2024, 12, 31), job)
    parts = {part.name: part for part in case.parts}

    def model(asks: Sequence[Ask]) -> list[Reply]:
        """By rule, without the last three labs, and with a number of its own."""
        texts = [write(ask.prompt.section, parts).split("\nVital signs:") for ask in asks]
        return [
            Reply("\n".join([*labs.splitlines()[:-3], "- And 99 more labs.", *vitals]), ended=True)
            if vitals
            else Reply(labs, ended=True)
            for labs, *vitals in texts
        ]

    write_all([case], job, model)
    summary = close(case, job, "2024-12-31T00:00:00Z")
    text = next(one.text for one in summary.sections if one.title.startswith("Lab Results"))
    assert "99 more" not in text
    assert re.search(r"And \d+ more labs, none known to be out of range", text)
    assert summary.audit.clean
    assert not summary.removed


def written(model: Callable[[str, str], str]) -> store.Summary:
    """A summary by a model that changes what the draft says of a section."""
    template = load_template()
    job = Job(template, store.Maker("test"), 4096, lambda texts: [len(t) // 4 for t in texts], 0)
    case = open_case(patient(), ON, job)
    parts = {part.name: part for part in case.parts}
    sections = {s.title: write(s, parts) for s in template.sections}
    write_all(
        [case], job,
        lambda asks: [
            Reply(model(title, sections[title]), ended=True)
            for title in (ask.prompt.section.title for ask in asks)
        ],
    )  # fmt: skip
    return close(case, job, "2022-03-04T00:00:00Z")


def test_of_what_is_said_twice_once_stays() -> None:
    summary = written(lambda _, text: "\n".join([text, text.splitlines()[-1].upper()]))
    text = {one.title: one.text for one in summary.sections}
    assert text["Medical Conditions"].lower().count("fracture of left ankle, 2015-01-02") == 1
    assert summary.audit.clean
    assert "Medical Conditions" in {removed.section for removed in summary.removed}


def test_what_was_wrong_in_a_section_that_is_written_by_rule_is_told() -> None:
    summary = written(lambda _, text: "None recorded. Takes warfarin.")
    assert "Medical Conditions" in summary.by_rule
    told = {(removed.section, removed.text) for removed in summary.removed}
    assert ("Medical Conditions", "Takes warfarin.") in told
    assert summary.audit.clean


def test_what_is_wrong_only_when_something_else_is_gone_goes_too() -> None:
    """Amlodipine is a past medicine; without the title above it, it is one of the allergies."""

    def model(_: str, text: str) -> str:
        return text.replace("Past medicines:", "Past medicines of 2 wives:").replace(
            ", stopped", ""
        )

    summary = written(model)
    text = {one.title: one.text for one in summary.sections}
    assert "amlodipine" not in text["Current Medications and Allergies"].lower()
    assert summary.audit.clean


def test_a_list_of_what_is_current_is_whole_whatever_other_sections_tell() -> None:
    """The first section tells of hypertension; a list of conditions without it looks complete."""
    summary = written(
        lambda title, text: (
            text
            if title == "Patient Summary"
            else "\n".join(line for line in text.splitlines() if "Hypertension" not in line)
        )
    )
    text = {one.title: one.text for one in summary.sections}["Medical Conditions"]
    active, _, resolved = text.partition("Resolved conditions:")
    assert "- Hypertension, since 2005-06-07." in active
    assert "Hypertension" not in resolved
    assert [one.title for one in summary.added] == ["Medical Conditions"]
    assert summary.audit.clean


def test_a_section_in_which_a_model_says_nothing_is_written_by_rule() -> None:
    template = load_template()
    job = Job(template, store.Maker("test"), 4096, lambda texts: [len(t) // 4 for t in texts], 0)
    case = open_case(patient(), ON, job)
    write_all([case], job, lambda asks: [Reply("Nothing to add.", ended=True) for _ in asks])
    summary = close(case, job, "2022-03-04T00:00:00Z")
    assert set(case.prompts) <= set(summary.by_rule)
    assert summary.audit.clean


def test_one_process_at_a_time_writes_to_a_folder(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(tmp_path / ".s.lock") as pid:
        assert summarized(cohort, tmp_path / "s") == 2
        assert f"another process (pid {pid}) is writing there" in capsys.readouterr().err
        assert not (tmp_path / "s").exists()
    assert summarized(cohort, tmp_path / "s") == 0
    assert not (tmp_path / ".s.lock").exists()


def test_a_day_long_after_the_record_is_told_on_the_page(cohort: Path, tmp_path: Path) -> None:
    for day, told in (("2030-06-01", True), ("2024-12-31", False)):
        out = tmp_path / day
        assert summarized(cohort, out, day, ["--html"]) == 0
        alive = [one for one in store.summaries(out) if one.long_ago or not told]
        assert alive
        for one in alive:
            page = (out / f"{one.patient}.html").read_text("utf-8")
            assert ("what is told as current may be past" in page) == told


def test_pages_that_are_there_stay_those_of_the_summaries(cohort: Path, tmp_path: Path) -> None:
    out = tmp_path / "s"
    assert summarized(cohort, out, "2024-12-31", ["--html"]) == 0
    assert summarized(cohort, out, "2024-12-30") == 0
    for page in out.glob("*.html"):
        assert "2024-12-31" not in page.read_text("utf-8").partition("How it was made")[0][:9000]
        assert "2024-12-30" in page.read_text("utf-8")


def test_records_are_not_sent_elsewhere_unless_that_is_said(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["summarize", "http://192.0.2.1/v1", "--model", "m", "--records", str(cohort)]
    assert main([*said, "--as-of", "2024-12-31", "--out", str(tmp_path / "s")]) == 2
    assert "--send-elsewhere" in capsys.readouterr().err


def test_a_call_that_no_patient_has_a_summary_from_does_not_end_well(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["summarize", "draft", "--records", str(cohort), "--out", str(tmp_path / "s")]
    assert main([*words, "--as-of", "1900-01-01"]) == 2
    told = capsys.readouterr().out
    assert "0 written, 0 were there" in told
    assert told.count("failed  ") == told.count("before the patient's birth") > 0
