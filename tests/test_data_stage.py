"""The data stage: a row lands on the side it was meant for, and the report says what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.checks.groups import after_data
from osler.cli import main
from osler.disk import read_json
from osler.errors import DataError
from osler.recipe_file import load_recipe
from osler.rows import read_rows
from osler.run import Run
from osler.stages import run_stage

RECIPE = """\
name: small
model: {{id: {model}}}
data:
  sources:
{sources}
  near_duplicate: null
  too_long: drop
"""
Prepare = Callable[..., Run]


@pytest.fixture
def prepare(tmp_path: Path, tiny_model: Path) -> Prepare:
    """Runs the data stage over sources, each given as a line of YAML."""

    def do(*sources: str) -> Run:
        path = tmp_path / "recipe.yaml"
        lines = "\n".join(f"    - {{{source}}}" for source in sources)
        path.write_text(RECIPE.format(model=tiny_model, sources=lines))
        run = Run.create(load_recipe(path), tmp_path / "run")
        run_stage("data", run)
        return run

    return do


def write_csv(path: Path, topics: list[str], answer: str = "It is one.") -> None:
    lines = [f"What is {topic}?,{answer} {topic},{topic}\n" for topic in topics]
    path.write_text("prompt,completion,group\n" + "".join(lines))


def groups(run: Run, side: str) -> set[str]:
    return {row.group for row in read_rows(run.path / "data" / f"{side}.jsonl")}


def test_a_source_lands_whole_on_the_side_it_names(prepare: Prepare, tmp_path: Path) -> None:
    names = [f"topic-{n}" for n in range(90)]
    for at, side in enumerate(("train", "validation", "test")):
        write_csv(tmp_path / f"{side}.csv", names[at::3])
    run = prepare(
        *(f"type: csv, path: {s}.csv, side: {s}" for s in ("train", "validation", "test"))
    )
    for at, side in enumerate(("train", "validation", "test")):
        assert groups(run, side) == set(names[at::3])
    assert read_json(run.path / "data" / "report.json")["kept"] == dict.fromkeys(
        ("train", "validation", "test"), 30
    )


def test_a_group_on_two_sides_is_refused_with_both_places(prepare: Prepare, tmp_path: Path) -> None:
    write_csv(tmp_path / "mine.csv", ["asthma", "gout"])
    write_csv(tmp_path / "exam.csv", ["measles", "gout"], answer="Another answer.")
    with pytest.raises(DataError) as fault:
        prepare("type: csv, path: mine.csv, side: train", "type: csv, path: exam.csv, side: test")
    said = str(fault.value)
    assert "exam.csv:3: group 'gout' is in test here and in train at mine.csv:3." in said
    assert "A group must be on one side" in said
    assert "Another answer" not in said


def test_a_side_and_the_hash_may_not_tear_a_group_apart(prepare: Prepare, tmp_path: Path) -> None:
    names = [f"topic-{n}" for n in range(40)]
    write_csv(tmp_path / "mine.csv", names)
    write_csv(tmp_path / "exam.csv", names, answer="Another answer.")
    with pytest.raises(DataError, match=r"is in test here and in (train|validation) at mine\.csv"):
        prepare("type: csv, path: mine.csv", "type: csv, path: exam.csv, side: test")


def test_a_held_out_row_stays_and_its_copy_in_training_goes(
    prepare: Prepare, tmp_path: Path
) -> None:
    def rows(name: str, numbers: range) -> None:
        lines = [f"What is disease {n}?,It is illness {n}.\n" for n in numbers]
        (tmp_path / name).write_text("prompt,completion\n" + "".join(lines))

    rows("mine.csv", range(1, 60))
    rows("look.csv", range(15, 25))
    rows("exam.csv", range(21))
    run = prepare(
        "type: csv, path: mine.csv, side: train",
        "type: csv, path: look.csv, side: validation",
        "type: csv, path: exam.csv, side: test",
    )
    report = read_json(run.path / "data" / "report.json")
    assert report["kept"] == {"train": 35, "validation": 4, "test": 21}
    assert report["dropped"] == {
        "exact duplicate of a test row": 20 + 6,
        "exact duplicate of a validation row": 4,
    }
    assert report["input"] == 59 + 10 + 21
    receipt = [
        json.loads(line) for line in (run.path / "data" / "receipt.jsonl").read_text().splitlines()
    ]
    test_ids = {entry["id"] for entry in receipt if entry["split"] == "test"}
    dropped = [entry for entry in receipt if entry["reason"].endswith("of a test row")]
    assert {entry["of"] for entry in dropped} < test_ids
    assert {entry["source"] for entry in dropped} == {"mine.csv", "look.csv"}
    lines = after_data(run.recipe, run.path / "data")
    assert not [line for line in lines if "few" in line]


def test_what_the_checks_say_of_groups_can_be_said_after_the_stage(
    prepare: Prepare, tmp_path: Path
) -> None:
    lines = [f"What is ill {n}?,It is {n}.,ward-{n % 6}\n" for n in range(40)]
    (tmp_path / "a.csv").write_text("prompt,completion,ward\n" + "".join(lines))
    run = prepare("type: csv, path: a.csv")
    (no_group,) = (
        line for line in after_data(run.recipe, run.path / "data") if "names a group" in line
    )
    assert no_group.startswith("warning: data.sources[0].columns.group: no row of a.csv names")
    assert "`ward` has 6 values in 40 rows" in no_group
    assert "\n" not in no_group
    assert "ward-" not in no_group


def test_files_named_like_patients_are_not_named_in_the_report(
    tmp_path: Path, tiny_model: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(30):
        (notes / f"Planted-{number}.txt").write_text(f"A note on case {number}.")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: small\nmodel: {{id: {tiny_model}, init: random}}\n"
        "data: {sources: [{type: text, path: notes}]}\n"
        "train: {objective: pretrain, method: full}\n"
    )
    run = Run.create(load_recipe(path), tmp_path / "run")
    run_stage("data", run)
    assert "Planted" not in (run.path / "data" / "report.json").read_text()
    assert read_json(run.path / "data" / "report.json")["licences"] == {"notes": None}


def test_an_id_that_is_text_is_in_no_report(prepare: Prepare, tmp_path: Path) -> None:
    lines = [f"What is ill {n}?,Mrs Planted has {n}.\n" for n in range(30)]
    (tmp_path / "Planted.csv").write_text("prompt,completion\n" + "".join(lines))
    run = prepare("type: csv, path: Planted*.csv, columns: {id: completion}")
    report = read_json(run.path / "data" / "report.json")
    assert "Planted" not in json.dumps(report["lengths"])
    assert report["shortened"] == 0


def test_the_report_counts_the_rows_that_were_cleaned(
    prepare: Prepare, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "mine.csv", [f"topic-{n}" for n in range(20)])
    with (tmp_path / "mine.csv").open("a") as out:
        out.write('Why?,"Because  of \r\nthat.",why\nHow?,It   goes.,how\n')
    run = prepare("type: csv, path: mine.csv")
    report = read_json(run.path / "data" / "report.json")
    assert report["cleaned"] == 2
    assert report["input"] == sum(report["kept"].values()) == 22
    assert main(["show", str(run.path), "receipt"]) == 0
    assert "22 read" in (said := capsys.readouterr().out)
    assert "2 cleaned" in said


def test_the_report_names_whom_a_public_set_asks_to_be_named(
    prepare: Prepare, shared_data: Path, tmp_path: Path
) -> None:
    write_csv(tmp_path / "mine.csv", ["asthma"])
    run = prepare(
        "type: public, name: medquad-csv, limit: 30, repeat: 2",
        "type: csv, path: mine.csv, licence: CC0-1.0",
    )
    report: dict[str, Any] = json.loads((run.path / "data" / "report.json").read_text())
    assert list(report["attributions"]) == ["medquad-csv"]
    assert "Ben Abacha" in report["attributions"]["medquad-csv"]
    assert report["licences"] == {"medquad-csv": "CC-BY-4.0", "mine.csv": "CC0-1.0"}
