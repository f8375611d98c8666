"""Bad input through the command line: two plain lines, exit code 2, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.disk import file_digest
from osler.run import Run
from osler.train.checkpoint import checkpoints, is_whole

SECRET = "zqxsecret"
"""Stands in every bad row, and must not be shown."""

HEAD = "id,question,answer,topic\n"


def osler(*words: Any) -> int:
    return main([str(word) for word in words])


def complaint(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on standard error, after a look that they are plain."""
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert SECRET not in printed.out + printed.err
    lines = printed.err.splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("osler: ")) :]


# -- a run that is there, and data that went bad -----------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A folder with a recipe, its data, its model, and the run `d` with data and train done."""
    folder = tmp_path_factory.mktemp("trained")
    shutil.copytree(tiny_model, folder / "model")
    rows = [f"r{n},What is {n}?,It is {n} of {n * 7}.,topic {n % 20}\n" for n in range(60)]
    (folder / "clinic.csv").write_text(HEAD + "".join(rows))
    (folder / "recipe.yaml").write_text(
        "name: small\nmodel: {id: ./model}\ndata:\n  sources:\n"
        "    - {type: csv, path: clinic.csv, columns: {prompt: question, completion: answer, "
        "group: topic}}\n  test_share: 0.25\n  near_duplicate: null\n"
        "train: {max_steps: 2, save_steps: 1, learning_rate: 5.0e-3, warmup_steps: 0}\n"
    )
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert [osler(v, "recipe.yaml", "--run-dir", "d") for v in ("data", "train")] == [0, 0]
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, which is the current one."""
    own = tmp_path / "own"
    shutil.copytree(trained, own)
    monkeypatch.chdir(own)
    return own


def bad_lines(text: str) -> Callable[[Path], object]:
    """Puts lines at the end of the good ones."""
    return lambda path: path.write_text(path.read_text() + text)


def bad_bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes() + content)


def last_column_renamed(path: Path) -> None:
    path.write_text(path.read_text().replace(",answer,", ",reply,"))


BAD_DATA: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing column": (last_column_renamed, "clinic.csv:1: no column 'answer'", "columns.complet"),
    "cells too few": (bad_lines(f"x,{SECRET}\n"), "clinic.csv:62: 2 cells", "delimiter"),
    "open quote": (bad_lines(f'x,"{SECRET},b,c\n'), "clinic.csv:62: a quoted cell", "Close it"),
    "wrong encoding": (
        bad_bytes(f"x,Fièvre {SECRET},b,c\n".encode("cp1252")),
        "clinic.csv:62: not utf-8 text",
        "encoding: cp1252",
    ),
    "empty file": (lambda path: path.write_text(""), "clinic.csv: the file is empty", "Write it"),
    "header alone": (lambda path: path.write_text(HEAD), "clinic.csv:1: a header and no", "Fill"),
    "row of 30 MB": (
        bad_lines(f"x,{SECRET * (30 * 2**20 // len(SECRET))},b,c\n"),
        "clinic.csv:62: one row of more than 8 MB",
        "Split it",
    ),
    "NUL bytes": (bad_bytes(f"x,{SECRET}\0,b,c\n".encode()), "clinic.csv:62: NUL byte", "tr -d"),
    "duplicate id": (
        bad_lines(f"r3,{SECRET}?,b,c\n"),
        "clinic.csv:62: id 'r3' was already used at clinic.csv:5",
        "Make ids unique",
    ),
    "row too long": (
        bad_lines(f"x,{SECRET * 900}?,b,c\n"),
        "clinic.csv:62: row x has",
        "data.max_length",
    ),
    "no file": (lambda path: path.unlink(), "clinic.csv: no such file", "sources[0].path"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_DATA)
def test_data_that_went_bad_ends_in_two_lines_and_nothing_is_lost(
    folder: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, fault, cure = BAD_DATA[case]
    data, weights = file_digest(folder / "d" / "data"), file_digest(folder / "d/train/adapter")
    good = (folder / "clinic.csv").read_bytes()
    spoil(folder / "clinic.csv")
    assert osler("run", "recipe.yaml", "--run-dir", "new") == 2
    said = complaint(capsys)
    assert said[0].startswith(f"osler: {fault}")
    assert cure in said[1]
    assert len(said) == 2
    assert not Path("new").exists()
    assert osler("run", "recipe.yaml", "--run-dir", "d", "--resume") == 2
    told = complaint(capsys)[0]
    assert "clinic.csv has changed since" in told or told.startswith("osler: clinic.csv: no such")
    assert file_digest(folder / "d" / "data") == data
    assert file_digest(folder / "d" / "train" / "adapter") == weights
    # And with the file put right, the run is what it was: the training is not done again.
    (folder / "clinic.csv").write_bytes(good)
    assert osler("data", "recipe.yaml", "--run-dir", "d", "--resume") == 0
    assert osler("train", "recipe.yaml", "--run-dir", "d", "--resume") == 0
    assert "already done" in capsys.readouterr().out
    assert file_digest(folder / "d" / "train" / "adapter") == weights


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f'{{"prompt": "{SECRET}", "completion":\n', "not valid JSON"),
        (f'["{SECRET}"]\n', "JSON, but no object"),
        (f'{{"prompt": "{SECRET}", "completion": "b", "id": "1"}}\n', "id '1' was already used"),
    ],
)
def test_a_bad_line_of_json_is_told_by_its_number(
    folder: Path, text: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = "".join(f'{{"prompt": "a{n}", "completion": "b", "id": "{n}"}}\n' for n in range(9))
    Path("notes.jsonl").write_text(good + "\n" + text)
    assert osler("data", "recipe.yaml", "data.sources=[{type: jsonl, path: notes.jsonl}]") == 2
    said = complaint(capsys)
    assert said[0].startswith(f"osler: notes.jsonl:11: {fault}")
    assert len(said) == 2


def test_a_group_in_both_splits_is_told_with_both_places(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("exam.csv").write_text(f"{HEAD}e1,{SECRET}?,b,Topic 3\n")
    mapping = "columns: {prompt: question, completion: answer, group: topic}"
    sources = ", ".join(
        f"{{type: csv, path: {name}.csv, side: {side}, {mapping}}}"
        for name, side in (("clinic", "train"), ("exam", "test"))
    )
    assert osler("data", "recipe.yaml", f"data.sources=[{sources}]") == 2
    said = complaint(capsys)
    assert said[0] == (
        "osler: exam.csv:2: group 'Topic 3' is in test here and in train at clinic.csv:5."
    )
    assert "A group must be on one side" in said[1]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("train: {", "train: {learning_rat: 1.0, ", "recipe.yaml:8: train.learning_rat: unknown"),
        ("test_share:", "test_shar:", "recipe.yaml:6: data.test_shar: unknown key"),
        ("name: small", "name: small\nname: big", "recipe.yaml:2: name is given twice"),
        ("max_steps: 2", "max_steps: many", "recipe.yaml:8: train.max_steps"),
        ("type: csv", "type: cvs", "recipe.yaml:5: data.sources[0]"),
        ("{id: ./model}", "{id: ./model", "recipe.yaml:3: not valid YAML"),
    ],
)
def test_a_bad_recipe_is_told_by_its_line_and_begins_no_run(
    folder: Path, old: str, new: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("recipe.yaml").read_text()
    assert old in text
    Path("recipe.yaml").write_text(text.replace(old, new))
    assert osler("run", "recipe.yaml") == 2
    said = complaint(capsys)
    assert said[0].startswith(f"osler: {fault}")
    assert len(said) <= 2
    assert not Path("runs").exists()


# -- bad models --------------------------------------------------------------------------------


def without(name: str) -> Callable[[Path], object]:
    return lambda model: (model / name).unlink()


def pickled(model: Path) -> None:
    """Weights as a pickle, which would write a file if anybody opened it."""
    (model / "model.safetensors").unlink()
    code = b"cposix\nsystem\n(S'touch " + str(model / "ran").encode() + b"'\ntR."
    (model / "pytorch_model.bin").write_bytes(code)


def cut_short(name: str) -> Callable[[Path], object]:
    return lambda model: (model / name).write_bytes((model / name).read_bytes()[:900])


def with_weight(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    """Replace a weight by `change(weight)`, or leave it out where that is None."""

    def spoil(model: Path) -> None:
        from safetensors.torch import load_file, save_file

        weights = load_file(model / "model.safetensors")
        changed = change(weights.pop(name))
        more = {} if changed is None else {name: changed}
        save_file(weights | more, model / "model.safetensors", metadata={"format": "pt"})

    return spoil


def with_code(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "evil.Model"}
    (model / "config.json").write_text(json.dumps(config))
    (model / "evil.py").write_text(f"open({str(model / 'ran')!r}, 'w')\nclass Model: pass\n")


BAD_MODELS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no tokenizer": (without("tokenizer.json"), "has no tokenizer", "Copy the tokenizer"),
    "no config": (without("config.json"), "has no config.json", "Give the folder"),
    "no weights": (without("model.safetensors"), "has no weights", "save_pretrained"),
    "pickled weights": (pickled, "only safetensors are read", "save_pretrained"),
    "code of its own": (with_code, "which is never run", "part of transformers"),
    "no folder": (shutil.rmtree, "a folder that is there", "./"),
    "weights cut short": (cut_short("model.safetensors"), "cannot be loaded", "complete"),
    "a weight missing": (
        with_weight("model.layers.1.mlp.up_proj.weight", lambda weight: None),
        "1 are missing (model.layers.1.mlp.up_proj.weight first)",
        "config.json that belongs",
    ),
    "weights of another model": (
        with_weight("model.layers.1.mlp.up_proj.weight", lambda weight: weight[:5].clone()),
        "1 are of another shape (model.layers.1.mlp.up_proj.weight first)",
        "config.json that belongs",
    ),
    "tokenizer cut short": (cut_short("tokenizer.json"), "cannot be loaded", "complete"),
    "config cut short": (
        lambda model: (model / "config.json").write_text('{"model_type": "lla'),
        "cannot be loaded",
        "complete",
    ),
}


@pytest.mark.parametrize("case", BAD_MODELS)
def test_a_bad_model_folder_is_told_with_the_cure_and_none_of_it_is_run(
    folder: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, fault, cure = BAD_MODELS[case]
    spoil(folder / "model")
    assert osler("run", "recipe.yaml", "--run-dir", "new") == 2
    said = complaint(capsys)
    assert said[0].startswith("osler: model.id: ")
    assert fault in said[0]
    assert cure in said[1]
    begun = Path("new").exists()  # a run whose data could not be read leaves nothing behind
    assert len(said) == (3 if begun and Run.open("new").status("data") == "done" else 2)
    assert not (folder / "model" / "ran").exists()
    assert not Path("new/train/adapter").exists()


def test_a_model_larger_than_the_memory_is_told_with_the_cure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = json.loads((folder / "model" / "config.json").read_text())
    config["intermediate_size"] = 2**40
    (folder / "model" / "config.json").write_text(json.dumps(config))
    assert osler("run", "recipe.yaml", "model.init=random", "--run-dir", "new") == 2
    said = complaint(capsys)
    assert said[0] == "osler: train: out of memory."
    assert "train.per_device_train_batch_size" in said[1]
    assert Run.open("new").status("data") == "done"


# -- a full disk -------------------------------------------------------------------------------


def fill(disk: Path, *, leave: int) -> Path:
    """Fill the disk up to so many bytes; returns the file that does."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * max(shutil.disk_usage(disk).free - leave, 0))
    assert shutil.disk_usage(disk).free <= leave + 4096
    return ballast


def one_clear_line(capsys: pytest.CaptureFixture[str], run: Path) -> None:
    said = complaint(capsys)
    assert said[0].startswith("osler: No room left on the disk while writing ")
    assert "run the same command with --resume" in said[1]
    assert all(f"--run-dir {run} --resume" in line for line in said[2:])
    assert len(said) <= 3


def test_data_on_a_full_disk_ends_in_one_clear_line_and_resumes_with_room(
    folder: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = file_digest(folder / "d" / "data")
    for number, leave in enumerate((0, 8, 16, 24, 32)):  # pages of 4 kB
        run = small_disk / f"run{number}"
        words = ("data", "recipe.yaml", "--run-dir", run)
        ballast = fill(small_disk, leave=leave * 1024)
        assert osler(*words) == 2, "it had room"
        one_clear_line(capsys, run)
        ballast.unlink()
        assert osler(*words, "--resume") == 0
        assert file_digest(run / "data") == wanted
        assert Run.open(run).status("data") == "done"
        shutil.rmtree(run)


@pytest.mark.parametrize("leave", [0, 12, 60, 140, 400])
def test_training_on_a_full_disk_ends_in_one_clear_line_and_resumes_with_room(
    folder: Path, small_disk: Path, leave: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = small_disk / "run"
    words = ("recipe.yaml", "--run-dir", run)
    wanted = file_digest(folder / "d" / "train" / "adapter" / "adapter_model.safetensors")
    assert osler("data", *words) == 0
    data = file_digest(run / "data")
    ballast = fill(small_disk, leave=leave * 1024)
    assert osler("train", *words) == 2, "it had room"
    one_clear_line(capsys, run)
    assert not (run / "train" / "adapter").exists()
    assert file_digest(run / "data") == data, "what was done is kept"
    ballast.unlink()
    assert osler("train", *words, "--resume") == 0
    assert file_digest(run / "train" / "adapter" / "adapter_model.safetensors") == wanted


def test_evaluate_and_export_on_a_full_disk_end_in_one_clear_line_and_resume_with_room(
    folder: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = small_disk / "run"
    settings = ("evaluate.max_new_tokens=4", "evaluate.bertscore=false", "export.prompts=2")
    words = ("recipe.yaml", *settings, "--run-dir", run)
    assert [osler(verb, *words) for verb in ("data", "train")] == [0, 0]
    weights = file_digest(run / "train" / "adapter")
    for verb, rooms in (("evaluate", (0, 12, 36)), ("export", (0, 60))):
        for leave in rooms:
            ballast = fill(small_disk, leave=leave * 1024)
            flag = () if leave == 0 else ("--resume",)
            capsys.readouterr()
            assert osler(verb, *words, *flag) == 2, f"{verb} had room with {leave} kB"
            one_clear_line(capsys, run)
            ballast.unlink()
        assert osler(verb, *words, "--resume") == 0
        assert Run.open(run).status(verb) == "done"
    assert file_digest(run / "train" / "adapter") == weights
    looks = (small_disk / "test-looks.jsonl").read_text().splitlines()
    assert len(looks) == 1, "what was not shown was not a look"


# -- a run that was interrupted ----------------------------------------------------------------

LONG = (
    "train.method=full", "train.max_steps=24", "train.save_steps=2", "train.learning_rate=1.0",
    "train.lr_scheduler_type=constant_with_warmup", "train.warmup_steps=8",
    "data.validation_share=0.2",
)  # fmt: skip
"""A training that soon goes astray: its best checkpoint is one of the first."""


def killed(words: list[str], run: Path, step: int) -> None:
    """`osler WORDS`, killed once a whole checkpoint of this step or a later one is there."""
    with subprocess.Popen(
        [sys.executable, "-m", "osler", *words], stdout=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + 120
            while not any(
                int(found.name.split("-")[1]) >= step and is_whole(found)
                for found in checkpoints(run / "train" / "checkpoints")
            ):
                assert time.monotonic() < deadline
                assert process.poll() is None, "it ended before it was killed"
                time.sleep(0.005)
        finally:
            process.send_signal(signal.SIGKILL)


def test_a_killed_run_needs_resume_and_the_project_may_have_been_moved_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("data", "train"):
        assert osler(verb, "recipe.yaml", *LONG, "--run-dir", "whole") == 0
    losses = [m["eval_loss"] for m in Run.open("whole").metrics("train") if "eval_loss" in m]
    assert losses.index(min(losses)) < 6, "the best is to be before the kill"
    words = ["recipe.yaml", *LONG, "--run-dir", "e"]
    assert osler("data", *words) == 0
    killed(["train", *words], Path("e"), step=16)
    kept = [path.name for path in checkpoints(Path("e/train/checkpoints"))]
    capsys.readouterr()
    for verb in ("train", "run"):
        assert osler(verb, *words) == 2
        said = complaint(capsys)
        assert f"osler {verb} recipe.yaml {' '.join(LONG)} --run-dir e --resume" in said[1]
        assert [path.name for path in checkpoints(Path("e/train/checkpoints"))] == kept
    monkeypatch.chdir(folder.parent)
    folder.rename("moved")
    words = ["moved/recipe.yaml", *LONG, "--run-dir", "moved/e", "--resume"]
    assert osler("train", *words) == 0
    assert Run.open("moved/e").record("train")["resumed_from_step"] >= 16
    same = [file_digest(Path("moved") / run / "train" / "model") for run in ("whole", "e")]
    assert same[0] == same[1]


def test_a_run_of_another_recipe_is_refused_and_left_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "d" / ".lock").unlink()
    before = file_digest(folder / "d")
    for flag in ((), ("--resume",), ("--force",)):
        for key, was, now in (("seed", 0, 3), ("data.test_share", 0.25, 0.5)):
            verb = "data" if flag else "run"
            assert osler(verb, "recipe.yaml", f"{key}={now}", "--run-dir", "d", *flag) == 2
            said = complaint(capsys)
            assert said[0] == (
                f"osler: d: this run was made from another recipe: {key} was {was} there and is "
                f"{now} now."
            )
            assert "Choose another --run-dir" in said[1]
    (folder / "d" / ".lock").unlink()
    assert file_digest(folder / "d") == before
