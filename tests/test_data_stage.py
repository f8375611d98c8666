"""The data stage: a row lands on the side it was meant for, and the report says what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
