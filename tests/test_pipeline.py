"""Run directories: never overwritten, never mixed up, continued where they stopped."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.disk import write_json
from osler.errors import RunError
from osler.pipeline import Wish, run_all
from osler.recipe_file import load_recipe
from osler.run import Run
from osler.runs import first_difference, newest_run, run_named


@pytest.fixture
def recipe(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe in the current folder, with two steps of training."""
    monkeypatch.chdir(recipe_file.parent)
    text = recipe_file.read_text().replace("max_steps: 6", "max_steps: 2")
    recipe_file.write_text(text.replace("save_steps: 2", "save_steps: 1"))
    return Path(recipe_file.name)


def runs() -> list[Path]:
    return sorted(Path("runs").glob("small-*"))


def osler(*words: Any) -> int:
    return main([str(word) for word in words])


def started(path: Path) -> str:
    """When the data stage of a run began; changes when it is done again."""
    return json.dumps(json.loads((path / "run.json").read_text())["stages"]["data"])


# -- new runs ----------------------------------------------------------------------------------


def test_data_makes_a_new_run_each_time(recipe: Path) -> None:
    assert osler("data", recipe) == 0
    assert osler("data", recipe) == 0
    assert len(runs()) == 2  # within one second, too
    assert all(path.stat().st_mode & 0o777 == 0o700 for path in runs())


def test_a_folder_with_other_files_is_left_alone(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("keep")
    for verb in ("run", "data"):
        assert osler(verb, recipe, "--run-dir", "mine") == 2
    assert "not empty, and not a run" in capsys.readouterr().err
    assert [p.name for p in Path("mine").iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_taken(recipe: Path) -> None:
    Path("here").mkdir()
    assert osler("data", recipe, "--run-dir", "here") == 0
    assert Run.open("here").status("data") == "done"


@pytest.mark.parametrize("place", ["clinic.csv", "clinic.csv/run", "/sys/osler-run"])
def test_a_run_dir_that_cannot_be_made_is_a_plain_error(
    recipe: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", place) == 2
    assert "--run-dir" in capsys.readouterr().err


def test_a_full_disk_is_a_plain_error(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    Path("d/log.txt").unlink(missing_ok=True)
    Path("d/log.txt").symlink_to("/dev/full")
    assert osler("data", recipe, "--run-dir", "d", "--force") == 2
    said = capsys.readouterr().err
    assert "No room left on the disk" in said
    assert "--resume" in said


# -- runs that are there -----------------------------------------------------------------------


def test_a_run_that_is_there_needs_resume_and_the_command_is_given(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "seed=3", "--run-dir", "d") == 0
    before = started(Path("d"))
    assert osler("run", recipe, "seed=3", "--run-dir", "d") == 2
    assert "osler run recipe.yaml seed=3 --run-dir d --resume" in capsys.readouterr().err
    assert started(Path("d")) == before


def test_a_run_of_another_recipe_is_refused_by_its_first_difference(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    for flags in ([], ["--resume"]):
        assert osler("run", recipe, "train.lora.r=5", "--run-dir", "d", *flags) == 2
        assert "train.lora.r was 4 there and is 5 now" in capsys.readouterr().err


def test_done_is_not_done_twice_unless_forced(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    before = started(Path("d"))
    assert osler("data", recipe, "--run-dir", "d") == 0
    assert "already done" in capsys.readouterr().out
    assert started(Path("d")) == before
    Path("d/data/stray.txt").write_text("from before")
    time.sleep(1.1)
    assert osler("data", recipe, "--run-dir", "d", "--force") == 0
    assert started(Path("d")) != before
    assert not Path("d/data/stray.txt").exists()


def test_data_that_changed_is_read_again(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    with Path("clinic.csv").open("a") as out:
        out.write("new-0,What is new?,This line is.,novelty\n")
    capsys.readouterr()
    assert osler("data", recipe, "--run-dir", "d") == 0
    assert "already done" not in capsys.readouterr().out
    assert "new-0" in Path("d/data/receipt.jsonl").read_text()


def test_a_file_that_appears_in_a_folder_is_noticed(recipe: Path) -> None:
    Path("notes").mkdir()
    Path("clinic.csv").rename("notes/a.csv")
    where = "data.sources[0].path=notes"
    assert osler("data", recipe, where, "--run-dir", "d") == 0
    Path("notes/b.csv").write_text("id,question,answer,topic\nb-0,What is b?,This is.,b\n")
    assert osler("data", recipe, where, "--run-dir", "d") == 0
    assert "b-0" in Path("d/data/receipt.jsonl").read_text()


def test_a_stage_without_run_dir_takes_the_newest_run_of_its_recipe(recipe: Path) -> None:
    assert osler("data", recipe) == 0
    assert osler("data", recipe) == 0
    assert osler("data", recipe, "seed=9") == 0
    loaded = load_recipe(recipe)
    newest = newest_run(loaded.recipe)
    assert newest is not None
    assert newest.path == runs()[1]
    assert osler("train", recipe) == 0
    assert [Run.open(path).status("train") for path in runs()] == [
        "not started", "done", "not started",
    ]  # fmt: skip


def test_a_stage_without_any_run_says_what_to_do_first(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("train", recipe, "seed=4") == 2
    assert "First: osler data recipe.yaml seed=4" in capsys.readouterr().err
    assert osler("train", recipe, "--run-dir", "nowhere") == 2
    assert "First: osler data" in capsys.readouterr().err
    assert osler("run", recipe, "--resume") == 2
    assert "Leave out --resume" in capsys.readouterr().err


def test_what_was_begun_needs_resume_or_force(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    manifest = json.loads(Path("d/run.json").read_text())
    manifest["stages"]["train"] = {"status": "running", "started": "", "inputs": {}}
    write_json(Path("d/run.json"), manifest)
    assert osler("train", recipe, "--run-dir", "d") == 2
    assert "osler train recipe.yaml --run-dir d --resume" in capsys.readouterr().err
    assert osler("train", recipe, "--run-dir", "d", "--resume") == 0


def test_a_run_killed_while_it_was_being_made_is_begun_again(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    Path("d/recipe.lock.json").rename("d/.recipe.lock.json.part")
    shutil.rmtree("d/data")
    Path("d/log.txt").unlink()
    assert osler("data", recipe, "--run-dir", "d", "--resume") == 0
    assert "nothing to resume there; beginning" in capsys.readouterr().out


def test_a_finished_training_is_never_discarded_without_force(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever changes below it: the source, the rows, or a file that is gone."""
    assert [osler(verb, recipe, "--run-dir", "d") for verb in ("data", "train")] == [0, 0]
    adapter = Path("d/train/adapter/adapter_model.safetensors")
    weights, rows = adapter.read_bytes(), Path("d/data/train.jsonl").read_bytes()
    source = Path("clinic.csv").read_text()

    def refused(fault: str, *words: object) -> None:
        capsys.readouterr()
        assert osler(*words) == 2
        assert fault in capsys.readouterr().err
        assert adapter.read_bytes() == weights

    Path("clinic.csv").write_text(source + "n,What is new?,This.,novelty\n")
    for words in (
        ("data", recipe, "--run-dir", "d"),
        ("run", recipe, "--run-dir", "d", "--resume"),
    ):
        refused("data is done, and ../clinic.csv has changed since it was read", *words)
    Path("clinic.csv").unlink()
    refused("clinic.csv: no such file", "data", recipe, "--run-dir", "d", "--force")
    assert Path("d/data/train.jsonl").read_bytes() == rows
    Path("clinic.csv").write_text(source)
    Path("d/data/train.jsonl").write_bytes(rows[:-9])
    refused("data/train.jsonl has changed since", "train", recipe, "--run-dir", "d")
    refused("train.jsonl: has changed since", "train", recipe, "--run-dir", "d", "--force")
    Path("d/data/train.jsonl").unlink()
    refused("train.jsonl: is gone", "train", recipe, "--run-dir", "d", "--force")


def test_a_training_begun_afresh_and_refused_leaves_the_one_there_was(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [osler(verb, recipe, "--run-dir", "d") for verb in ("data", "train")] == [0, 0]
    files = {path: path.read_bytes() for path in Path("d/train").rglob("*") if path.is_file()}
    metrics = Run.open("d").metrics("train")
    assert osler("train", recipe, "train.memory=1e-6", "--run-dir", "d", "--force") == 2
    assert "does not fit" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in Path("d/train").rglob("*") if p.is_file()} == files
    assert Run.open("d").status("train") == "done"
    assert Run.open("d").metrics("train") == metrics
    assert osler("train", recipe, "--run-dir", "d") == 0
    assert "already done" in capsys.readouterr().out


def test_a_resume_that_finds_no_run_names_the_nearest_and_the_key_that_differs(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "seed=4") == 0
    assert osler("run", recipe, "--resume") == 2
    assert "the newest of its name, seed was 4 there and is 0 now" in capsys.readouterr().err


def test_checkpoints_of_other_rows_are_not_continued(recipe: Path) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    assert osler("train", recipe, "--run-dir", "d") == 0
    first = Path("d/train/adapter/adapter_model.safetensors").read_bytes()
    with Path("clinic.csv").open("a") as out:
        out.write("".join(f"n-{i},What is n{i}?,Number {i}.,g{i}\n" for i in range(30)))
    assert osler("data", recipe, "--run-dir", "d", "--force") == 0
    assert osler("train", recipe, "--run-dir", "d", "--force") == 0
    run = Run.open("d")
    assert run.record("train")["resumed_from_step"] == 0
    assert [m["step"] for m in run.metrics("train") if "loss" in m] == [1, 2]
    assert Path("d/train/adapter/adapter_model.safetensors").read_bytes() != first


def test_a_fault_after_the_data_says_how_to_go_on(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("run", recipe, "data.max_length=10", "--run-dir", "d") == 2
    assert "Go on" not in capsys.readouterr().err  # nothing is done, and the recipe must change
    assert not Path("d").exists(), "there is nothing in it to go on with"
    assert osler("run", recipe, "train.max_steps=1", "--run-dir", "e") == 2  # warm-up alone
    said = capsys.readouterr().err
    assert "No weight has changed" in said
    assert "What is done is kept. A changed recipe makes a new run, unless" in said
    assert osler("data", recipe, "--run-dir", "f") == 0
    Path("f/train").touch()
    assert osler("run", recipe, "--run-dir", "f", "--resume") == 2
    assert "osler run recipe.yaml --run-dir f --resume" in capsys.readouterr().err


# -- two at once -------------------------------------------------------------------------------


def test_two_processes_cannot_work_on_one_run(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("data", recipe, "--run-dir", "d") == 0
    holder = (
        "import sys, time\nfrom pathlib import Path\nfrom osler.pipeline import locked\n"
        "with locked(Path('d')):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            assert osler("train", recipe, "--run-dir", "d") == 2
            assert f"another process (pid {other.pid})" in capsys.readouterr().err
        finally:
            other.kill()
    assert osler("data", recipe, "--run-dir", "d") == 0  # the lock ended with its process


# -- the whole way -----------------------------------------------------------------------------


def test_a_run_goes_all_the_way_and_a_second_command_finds_nothing_to_do(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("run", recipe, "export.prompts=2") == 0
    said = capsys.readouterr().out
    path = runs()[0]
    for stage in ("data", "train", "evaluate", "export"):
        assert f"\n{stage}" in said
    assert "Verdict: " in said
    assert f"Next: osler chat {path}" in said
    assert (path / "export" / "merged" / "model.safetensors").is_file()
    assert osler("run", recipe, "export.prompts=2", "--resume") == 0
    again = capsys.readouterr().out
    assert again.count("already done") == 4
    assert "Verdict: " in again
    _show_it(path, capsys)
    no_example_text_in_what_is_kept(path)


def _show_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("show", path) == 0
    said = capsys.readouterr().out
    assert "export    done" in said
    assert "60 read" in said
    assert "▁" in said
    assert osler("show", path.name, "losses") == 0
    assert "validation loss" in capsys.readouterr().out


def no_example_text_in_what_is_kept(path: Path) -> None:
    """Logs, metrics and manifests hold no word of the examples."""
    for name in ("log.txt", "metrics.jsonl", "run.json", "recipe.lock.json"):
        text = (path / name).read_text()
        assert "clinician treats" not in text
        assert "What is asthma" not in text


# -- parts -------------------------------------------------------------------------------------


def test_a_folder_that_only_looks_like_a_run_is_refused(recipe: Path) -> None:
    wish = Wish(load_recipe(recipe), "osler run recipe.yaml", Path("d"), resume=True)
    Path("d").mkdir()
    Path("d/data").mkdir()
    with pytest.raises(RunError, match="not a run of Osler"):
        run_all(wish, print)


def test_first_difference_names_lists_and_missing_keys() -> None:
    assert first_difference({"a": 1}, {"a": 1}) is None
    assert first_difference({"a": [1, 2]}, {"a": [1, 3]}) == ("a[1]", 2, 3)
    assert first_difference({"a": [1]}, {"a": [1, 3]}) == ("a[1]", None, 3)
    assert first_difference({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}) == ("a.c", None, 2)


def test_a_run_is_found_by_its_name_below_runs(recipe: Path) -> None:
    assert osler("data", recipe) == 0
    assert run_named(runs()[0].name).path == runs()[0]
    with pytest.raises(RunError, match="The newest: small-"):
        run_named("smal")
