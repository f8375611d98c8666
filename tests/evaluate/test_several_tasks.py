"""Recipes of several tasks: examined task by task, and compared adapter by adapter."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from osler.disk import read_json
from osler.errors import RunError, UserError
from osler.evaluate import compare, suite
from osler.prompts import load_prompts, trained_prompts
from osler.recipe_file import load_recipe
from osler.rows import read_rows
from osler.run import Run
from osler.stages import run_stage

RECIPE = """\
name: {name}
model: {{id: {model}}}
data:
  prompts: {prompts}
  weights: {weights}
  sources:
    - {{type: jsonl, path: clinic.jsonl, columns: {{group: group}}, with_sources: 0.5}}
{more}
  max_length: 256
  too_long: drop
  validation_share: 0
  test_share: {test_share}
  near_duplicate: null
train: {{method: lora, lora: {{r: 4}}, learning_rate: 1.0e-2, max_steps: 2, save_steps: 2,
         per_device_train_batch_size: 4}}
evaluate: {{task: each, max_new_tokens: 6, bertscore: false}}
"""
REFUSALS = "    - {type: embedded, name: out_of_scope, limit: 60}"


def begun(folder: Path, model: Path, name: str, **settings: Any) -> Run:
    """A run of the recipe, with nothing done."""
    own: dict[str, Any] = {"prompts": "shipped", "weights": "null", "more": "", "test_share": 0.5}
    recipe = folder / f"{name}.yaml"
    recipe.write_text(RECIPE.format(name=name, model=model, **(own | settings)))
    return Run.create(load_recipe(recipe), folder / "runs" / name)


def trained(run: Run) -> Run:
    run_stage("data", run)
    run_stage("train", run)
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    with (folder / "clinic.jsonl").open("w") as out:
        for topic in range(24):
            for part in ("What is", "Who gets"):
                answer = f"{part} condition {topic} is told here. See a doctor."
                row = {"prompt": f"{part} condition {topic}?", "completion": answer}
                row["group"] = f"topic {topic}"
                out.write(json.dumps(row) + "\n")
    (folder / "runs").mkdir()
    return folder


@pytest.fixture(scope="module")
def mixed(folder: Path, tiny_model: Path) -> Run:
    weights = "{medical_qa: 2, refusal: 1}"
    run = trained(begun(folder, tiny_model, "mixed", more=REFUSALS, weights=weights))
    suite.evaluate(run.recipe, run)
    return run


@pytest.fixture(scope="module")
def single(folder: Path, tiny_model: Path) -> Run:
    """Trained on more topics than `mixed`, so on some that are held out there."""
    return trained(begun(folder, tiny_model, "single", test_share=0.25, prompts="null"))


def test_each_task_is_examined_and_judged_by_itself(mixed: Run) -> None:
    results = read_json(mixed.path / "evaluate" / "results.json")
    tasks = results["tasks"]
    assert list(tasks) == ["medical_qa", "refusal"]
    assert "refused" in tasks["refusal"]["systems"]["tuned"]["measures"]
    assert "refused_wrongly" in tasks["medical_qa"]["systems"]["tuned"]["measures"]
    low_high = tasks["refusal"]["systems"]["tuned"]["measures"]["refused"]
    assert 0 <= low_high["low"] <= low_high["mean"] <= low_high["high"] <= 100
    assert "refusal: tuned against base" in results["verdict"]
    names = {path.name for path in (mixed.path / "evaluate").glob("*.html")}
    assert names == {"report.html", "report-medical_qa.html", "report-refusal.html"}
    rows = list(read_rows(mixed.path / "data" / "test.jsonl"))
    assert {row.task for row in rows} == {"medical_qa", "refusal"}
    for task, one in tasks.items():
        assert one["items"] == sum(row.task == task for row in rows)


def test_rows_stand_behind_the_prompt_of_their_task_and_the_run_keeps_it(mixed: Run) -> None:
    prompts = load_prompts()
    for row in read_rows(mixed.path / "data" / "train.jsonl"):
        assert row.prompt[0] == {"role": "system", "content": prompts[row.task].text}
    digests = {task: prompts[task].digest for task in ("medical_qa", "refusal")}
    assert read_json(mixed.path / "recipe.lock.json")["prompts"] == digests
    assert read_json(mixed.path / "data" / "report.json")["prompts"] == digests
    assert {t: p.digest for t, p in trained_prompts(mixed.path).items()} == digests


def test_weights_decide_what_an_epoch_shows_and_the_report_says_so(mixed: Run) -> None:
    tasks = read_json(mixed.path / "data" / "report.json")["tasks"]
    shown = {task: one["shown"] for task, one in tasks.items()}
    assert shown["medical_qa"] == pytest.approx(2 * shown["refusal"], abs=2)
    rows = list(read_rows(mixed.path / "data" / "train.jsonl"))
    assert sum(row.repeat for row in rows if row.task == "refusal") == shown["refusal"]


def test_prompts_that_change_under_a_run_are_refused(folder: Path, tiny_model: Path) -> None:
    own = folder / "own"
    own.mkdir()
    (own / "medical_qa.txt").write_text("Answer briefly.")
    run = begun(folder, tiny_model, "own-prompts", prompts="./own")
    (own / "medical_qa.txt").write_text("Answer at length.")
    with pytest.raises(RunError, match="changed since this run") as fault:
        run_stage("data", run)
    assert "new run" in fault.value.cure


# -- compared ----------------------------------------------------------------------------------


def test_every_task_is_held_against_every_adapter_and_the_base(
    mixed: Run, single: Run, tmp_path: Path
) -> None:
    results = compare.compare([mixed, single], tmp_path, compare.Limits(new_tokens=4))
    assert list(results["tasks"]) == ["medical_qa", "refusal"]
    for one in results["tasks"].values():
        assert list(one["systems"]) == ["base", "mixed", "single"]
        assert {(c["a"], c["b"]) for c in one["comparisons"]} == {
            ("mixed", "base"), ("single", "base"),
        }  # fmt: skip
    assert "different system prompts" in " ".join(results["notes"])
    page = (tmp_path / "compare.html").read_text()
    assert "refused, and rightly" in page
    assert read_json(tmp_path / "results.json")["tasks"].keys() == results["tasks"].keys()


def test_what_one_of_them_was_trained_on_is_left_out_for_all_and_counted(
    mixed: Run, single: Run
) -> None:
    learnt = {
        row.group for run in (mixed, single) for row in read_rows(run.path / "data" / "train.jsonl")
    }
    held_out = list(read_rows(mixed.path / "data" / "test.jsonl"))
    gathered = compare.gather([mixed, single])
    assert not {row.group for row in gathered.rows} & learnt
    lost = [row for row in held_out if row.group in learnt]
    assert gathered.left_out["medical_qa"] == len(lost) > 0
    assert {row.group for row in gathered.rows} >= {
        row.group for row in held_out if row.group not in learnt
    }


def test_too_few_items_are_refused_by_the_flag_that_set_them(mixed: Run, single: Run) -> None:
    with pytest.raises(UserError, match="--max-items: 1 is less") as fault:
        compare.gather([mixed, single], 1)
    assert "Set --max-items to at least" in fault.value.cure
    assert "evaluate." not in str(fault.value)


def test_runs_on_different_bases_are_refused_with_the_cure(
    mixed: Run, folder: Path, tiny_model: Path
) -> None:
    other = folder / "other-base"
    shutil.copytree(tiny_model, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"name_or_path": "other"}))
    run = trained(begun(folder, other, "elsewhere"))
    with pytest.raises(UserError, match="different bases") as fault:
        compare.compare([mixed, run], folder / "compared", compare.Limits())
    assert "one base" in fault.value.cure
