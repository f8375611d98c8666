"""`osler summarize RUN`: whole summaries whatever the model wrote, and whatever stopped it."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.commands.stages import print_end
from osler.disk import file_digest
from osler.records.synthetic.cohort import synthesize
from osler.run import Interrupted, Run
from osler.summaries import store
from osler.summaries.template import load_template

DAY = "2024-12-31"


def words(ward: Path, records: Path, out: Path, *more: str) -> list[str]:
    """The command line of `osler summarize` with the run's model."""
    said = ["summarize", str(ward / "run"), "--template", str(ward / "sections.yaml")]
    said += ["--records", str(records), "--as-of", DAY, "--out", str(out), *more]
    return said


def patients(records: Path) -> set[str]:
    """Ids of all patients of a folder of bundles."""
    found = [json.loads(path.read_bytes())["entry"] for path in records.glob("*.json")]
    kinds = [entry["resource"] for entries in found for entry in entries]
    return {one["id"] for one in kinds if one["resourceType"] == "Patient"}


def report(out: Path) -> dict[str, Any]:
    return json.loads((out / "report.json").read_text("utf-8"))


def test_a_tuned_models_summaries_are_whole_audited_and_say_who_made_them(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesize(tmp_path / "c", 4, 5, form="fhir")
    records, out = tmp_path / "c" / "fhir", tmp_path / "s"
    assert main(words(ward, records, out, "--tries", "1", "--html")) == 0
    assert "4 patients as of 2024-12-31: 4 written" in capsys.readouterr().out
    found = list(store.summaries(out))
    assert {one.patient for one in found} == patients(records)
    template, run = load_template(ward / "sections.yaml"), Run.open(ward / "run")
    for one in found:
        assert [s.title for s in one.sections] == [s.title for s in template.sections]
        assert one.audit.clean, "what a model of two steps wrote was mended"
        assert one.made_by.name == "ward"
        assert one.made_by.digest == file_digest(run.tuned_weights)
        assert one.made_by.recipe == file_digest(run.path / "recipe.lock.json")
        assert one.template_digest == template.digest
    assert any(one.removed for one in found), "the model did write"
    assert report(out)["tokens"] > 0
    assert len(list(out.glob("*.html"))) == 4 + 1
    assert main(["audit", str(out), "--records", str(records), *_template(ward)]) == 0


def _template(ward: Path) -> list[str]:
    return ["--template", str(ward / "sections.yaml")]


def test_a_finished_run_proposes_a_command_that_writes_summaries_in_its_own_sections(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesize(tmp_path / "c", 1, 5, form="fhir")
    print_end(Run.open(ward / "run"))
    said = capsys.readouterr().out
    assert f"Next: osler summarize {ward / 'run'} --records FOLDER --as-of DATE" in said
    filled = {"FOLDER": str(tmp_path / "c" / "fhir"), "DATE": DAY}
    line = next(line for line in said.splitlines() if line.startswith("Next: "))
    typed = [filled.get(word, word) for word in shlex.split(line)[2:]]
    assert main([*typed, "--tries", "0", "--out", str(tmp_path / "s")]) == 0
    (summary,) = store.summaries(tmp_path / "s")
    assert summary.template_digest == load_template(ward / "sections.yaml").digest


def test_a_run_without_a_tuned_model_says_what_to_do(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wait for whoever is training it; else go on with it, by a command that finishes the run."""
    run = tmp_path / "run"
    assert main(["data", str(ward / "ward.yaml"), "--run-dir", str(run)]) == 0
    synthesize(tmp_path / "c", 1, 5, form="fhir")
    words = ["summarize", str(run), "--records", str(tmp_path / "c" / "fhir"), "--as-of", DAY]
    words += ["--out", str(tmp_path / "s")]
    held = (
        "import sys, time\nfrom pathlib import Path\nfrom osler.pipeline import locked\n"
        f"with locked(Path({str(run)!r})):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            assert main(words) == 2
        finally:
            other.kill()
    said = capsys.readouterr().err
    assert "a process is still working on this run; there is no tuned model yet" in said
    assert f"Wait until train is done; how far it is: osler show {run}" in said
    for verb in (words, ["chat", str(run)]):
        assert main(verb) == 2
        said = capsys.readouterr().err
        assert "train has not begun, and no process is working on this run" in said
        assert f"Go on: osler run RECIPE --run-dir {run} --resume" in said
    with pytest.raises(Interrupted), Run.open(run).stage("train"):
        raise Interrupted
    assert main(words) == 2
    assert "train was interrupted, and no process" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_the_same_model_and_day_write_nothing_anew_and_another_model_does(
    ward: Path, tmp_path: Path
) -> None:
    synthesize(tmp_path / "c", 2, 5, form="fhir")
    records, out = tmp_path / "c" / "fhir", tmp_path / "s"
    for _ in range(2):
        assert main(words(ward, records, out, "--tries", "0")) == 0
    assert (report(out)["kept"], report(out)["tokens"]) == (2, 0)
    draft = ["summarize", "draft", *words(ward, records, out)[2:]]
    assert main(draft) == 0
    assert (report(out)["kept"], report(out)["written"]) == (0, 2)
    before = [json.loads(path.read_bytes()) for path in (out / store.OLDER).iterdir()]
    assert [one["made_by"]["name"] for one in before] == ["ward", "ward"]


def write_bundles(folder: Path, count: int) -> None:
    """As many people, of whom hardly more is known than vaccines."""
    folder.mkdir(parents=True)
    for number in range(count):
        who = {"reference": f"Patient/p{number}"}
        code = {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "140"}]}
        some: list[dict[str, Any]] = [
            {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1960-05-20"}
        ]
        some += [
            {"resourceType": "Immunization", "id": f"i{year}", "status": "completed",
             "patient": who, "vaccineCode": code | {"text": f"Influenza {year}"},
             "occurrenceDateTime": f"{year}-10-11"} for year in range(2014, 2022)
        ]  # fmt: skip
        content = {"resourceType": "Bundle", "entry": [{"resource": one} for one in some]}
        (folder / f"{number}.json").write_text(json.dumps(content), "utf-8")


def killed_in_mid_run(command: list[str], out: Path) -> None:
    """Begin a command, and kill it as soon as the first summary lies in the folder."""
    with subprocess.Popen(
        [sys.executable, "-m", "osler", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            deadline = time.monotonic() + 240
            while not any(out.glob("*.json")):
                assert time.monotonic() < deadline
                assert process.poll() is None, "it ended before it was killed"
                time.sleep(0.002)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL


def test_a_killed_job_goes_on_with_nobody_missing_and_nobody_made_twice(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """More patients than share a batch, so that the model still has some to write when it dies."""
    count, records, out = 80, tmp_path / "c", tmp_path / "s"
    write_bundles(records, count)
    command = words(ward, records, out, "--tries", "0")
    killed_in_mid_run(command, out)
    there = {path: path.read_bytes() for path in out.glob("*.json")}
    assert 0 < len(there) < count
    assert all(one.sections for one in store.summaries(out)), "what is there can be read"
    assert main(command) == 0
    assert f"{count - len(there)} written, {len(there)} were there" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in there} == there
    assert {one.patient for one in store.summaries(out)} == patients(records)
    names = {store.file_name(one) for one in patients(records)}
    assert {path.name for path in out.iterdir()} == {*names, "report.json"}, "no second versions"
    assert report(out)["patients"] == report(out)["written"] + report(out)["kept"] == count
