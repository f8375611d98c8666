"""Training: it learns, it can be stopped at any moment, and it never ends well by mistake."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from osler.cli import main
from osler.disk import file_digest
from osler.errors import RecipeError, RunError
from osler.pipeline import do_stage
from osler.run import Interrupted, Run
from osler.stages import run_stage
from osler.train.checkpoint import checkpoints, is_whole, newest_whole_checkpoint

MakeRun = Callable[..., Run]


def adapter_digest(run: Run) -> str:
    return file_digest(run.path / "train" / "adapter" / "adapter_model.safetensors")


@pytest.mark.parametrize(
    "overrides",
    [
        ("train.method=lora",),
        ("train.method=lora", "train.packing=true"),
        # DoRA starts with every norm held, so a step of the same rate moves it less.
        ("train.lora.use_dora=true", "train.learning_rate=2e-2"),
    ],
)
def test_training_lowers_the_loss(prepared_run: MakeRun, overrides: tuple[str, ...]) -> None:
    run = prepared_run("run", *overrides, "train.max_steps=30", "train.save_steps=30")
    run_stage("train", run)
    losses = [m["loss"] for m in run.metrics("train") if "loss" in m]
    assert losses[-1] < losses[0] - 0.2
    assert run.status("train") == "done"


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_a_resumed_run_ends_in_the_same_adapter_bit_for_bit(
    prepared_run: MakeRun, wide_model: Path, method: str
) -> None:
    settings = (f"model.id={wide_model}", f"train.method={method}")
    whole = prepared_run("whole", *settings)
    run_stage("train", whole)
    stopped = prepared_run("stopped", *settings)
    script = "import sys; from osler.run import Run; from osler.stages import run_stage; "
    script += "run_stage('train', Run.open(sys.argv[1]))"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(stopped.path)],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    while not any(map(is_whole, checkpoints(stopped.path / "train" / "checkpoints"))):
        assert process.poll() is None, "it ended before the first checkpoint"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = Run.open(stopped.path)
    assert again.status("train") == "running"
    run_stage("train", again)
    assert again.record("train")["resumed_from_step"] > 0
    assert adapter_digest(again) == adapter_digest(whole)


def test_sigterm_ends_in_a_whole_checkpoint_of_the_step_it_came_in(prepared_run: MakeRun) -> None:
    run = prepared_run("run", "train.max_steps=4000", "train.save_steps=4000")
    _signal_once_training_runs(run, signal.SIGTERM)
    with pytest.raises(Interrupted, match="SIGTERM"):
        run_stage("train", run)
    newest = newest_whole_checkpoint(run.path / "train" / "checkpoints")
    assert newest is not None
    assert Run.open(run.path).status("train") == "interrupted"
    logged = [m["step"] for m in run.metrics("train")]
    assert int(newest.name.split("-")[1]) >= max(logged)


def _signal_once_training_runs(run: Run, number: signal.Signals) -> None:
    """A child that signals this process as soon as metrics.jsonl shows three steps."""
    script = (
        "import os, sys, time, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "while not path.exists() or path.read_text().count('\"loss\"') < 3: time.sleep(0.01)\n"
        "os.kill(int(sys.argv[2]), int(sys.argv[3]))\n"
    )
    subprocess.Popen(
        [sys.executable, "-c", script, str(run.path / "metrics.jsonl"), str(os.getpid()),
         str(int(number))],
    )  # fmt: skip


def test_training_needs_no_test_rows(prepared_run: MakeRun) -> None:
    run = prepared_run("run", "train.max_steps=2")
    (run.path / "data" / "test.jsonl").unlink()
    run_stage("train", run)
    assert run.status("train") == "done"


def test_a_damaged_checkpoint_is_passed_over(prepared_run: MakeRun) -> None:
    run = prepared_run("run")
    run_stage("train", run)
    folder = run.path / "train" / "checkpoints"
    older, newest = checkpoints(folder)
    with (newest / "optimizer.pt").open("r+b") as file:
        file.seek(100)
        file.write(b"XXXX")
    assert newest_whole_checkpoint(folder) == older
    assert not newest.exists()


def test_a_loss_that_is_not_finite_ends_the_run_as_failed(
    prepared_run: MakeRun, overflowing_model: Path
) -> None:
    run = prepared_run("run", f"model.id={overflowing_model}")
    with pytest.raises(RunError, match=r"not finite.*\n.*learning_rate"):
        run_stage("train", run)
    assert Run.open(run.path).status("train") == "failed"
    assert not (run.path / "train" / "adapter").exists()


def test_weights_that_did_not_change_end_the_run_as_failed(prepared_run: MakeRun) -> None:
    run = prepared_run("run", "train.learning_rate=1e-45", "train.max_steps=1")
    with pytest.raises(RunError, match="No weight has changed"):
        run_stage("train", run)


def test_the_best_checkpoint_by_validation_loss_is_the_result(prepared_run: MakeRun) -> None:
    # A learning rate at which the validation loss soon turns up again.
    run = prepared_run(
        "run", "train.learning_rate=5e-2", "train.max_steps=24", "train.lr_scheduler_type=constant",
        "train.early_stopping_patience=2",
    )  # fmt: skip
    run_stage("train", run)
    looks = {m["step"]: m["eval_loss"] for m in run.metrics("train") if "eval_loss" in m}
    best = min(looks, key=lambda step: looks[step])
    saved = run.path / "train" / "checkpoints" / f"checkpoint-{best}" / "adapter_model.safetensors"
    assert file_digest(saved) == adapter_digest(run)


def test_the_step_whose_weights_were_kept_is_told(
    prepared_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rate far too high: the first look is the best one, and patience ends it early."""
    run = prepared_run(
        "run", "train.learning_rate=0.9", "train.max_steps=40", "train.warmup_steps=0",
        "train.early_stopping_patience=1",
    )  # fmt: skip
    do_stage("train", run, print)
    looks = {m["step"]: m["eval_loss"] for m in run.metrics("train") if "eval_loss" in m}
    facts = run.record("train")
    assert facts["stopped_early"]
    assert facts["best_step"] == min(looks, key=lambda step: looks[step]) < facts["steps"] < 40
    assert f"of 40, ended early, best at step {facts['best_step']}" in capsys.readouterr().out


def test_nothing_in_a_run_names_this_machine_or_shows_example_text(
    prepared_run: MakeRun, tmp_path: Path
) -> None:
    run = prepared_run("run")
    run_stage("train", run)
    texts = {
        path: path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file() and path.parent.name != "data" and path.suffix != ".png"
    }
    for path, content in texts.items():
        assert b"A clinician treats" not in content, path
        if path.name not in ("recipe.yaml", "recipe.lock.json", "trainer_state.json",
                             "adapter_config.json", "config.json"):  # fmt: skip
            assert str(tmp_path).encode() not in content, path


def test_metrics_are_json_lines_with_finite_numbers(prepared_run: MakeRun) -> None:
    run = prepared_run("run")
    run_stage("train", run)
    lines = (run.path / "metrics.jsonl").read_text().splitlines()
    assert {json.loads(line)["stage"] for line in lines} == {"train"}
    assert (run.path / "train" / "loss.png").read_bytes().startswith(b"\x89PNG")


# -- memory ------------------------------------------------------------------------------------


def test_how_a_training_fits_the_memory_is_said_and_recorded(
    prepared_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run = prepared_run("run", "train.max_steps=2", "train.gradient_checkpointing=true")
    run_stage("train", run)
    said = capsys.readouterr().out
    assert re.search(r"^memory: 2 of 2 layers recompute; [\d.]+ GiB foretold$", said, re.MULTILINE)
    facts = run.record("train")
    assert facts["recomputed_layers"] == 2
    assert facts["memory_budget_gib"] is None


@pytest.mark.parametrize("packing", ["true", "false"])
def test_a_limit_of_memory_changes_no_result(prepared_run: MakeRun, packing: str) -> None:
    """A little less than all activations take: layers recompute, to the same bits."""
    settings = ("train.max_steps=4", f"train.packing={packing}")
    free = prepared_run("free", *settings)
    run_stage("train", free)
    assert free.record("train")["recomputed_layers"] == 0
    gib = free.record("train")["memory_foretold_gib"]
    tight = prepared_run("tight", *settings, f"train.memory={0.98 * gib}")
    run_stage("train", tight)
    assert tight.record("train")["recomputed_layers"] > 0
    assert adapter_digest(free) == adapter_digest(tight)


def test_a_budget_that_nothing_meets_is_told_before_a_weight_is_loaded(
    prepared_run: MakeRun, tiny_model: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    run = prepared_run("run", f"model.id={model}", "train.memory=1e-6")
    (model / "model.safetensors").write_bytes(b"not read")
    told = r"train\.memory: the training does not fit.*\n.*train\.memory=0\.1"
    with pytest.raises(RecipeError, match=told):
        run_stage("train", run)


def test_a_stopped_run_goes_on_with_another_limit_of_memory(
    recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(recipe_file), "--run-dir", str(tmp_path / "run")]
    assert main(["data", *given]) == 0
    assert main(["train", *given, "train.memory=1e-6"]) == 2
    assert "train.memory: the training does not fit" in capsys.readouterr().err
    assert main(["train", *given, "--resume", "train.learning_rate=1e-5"]) == 2
    assert "made from another recipe" in capsys.readouterr().err
    assert main(["train", *given, "--resume", "train.memory=8"]) == 0
    assert Run.open(tmp_path / "run").recipe.train.memory == 8


LONG_ROW = """\
import resource, sys, threading, time
from pathlib import Path
from osler.run import Run
from osler.stages import run_stage

run = Run.open(sys.argv[1])

def squeeze():
    # Once it trains, no room for more than a little above what it has taken so far.
    while not run.metrics("train"):
        time.sleep(0.01)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 64 * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

threading.Thread(target=squeeze, daemon=True).start()
run_stage("train", run)
"""


def test_without_memory_in_mid_run_the_last_step_is_saved_and_what_would_fit_is_named(
    prepared_run: MakeRun, clinic_csv: Path
) -> None:
    """Short rows, and at the end of the epoch one whose batch takes some hundred megabytes."""
    with clinic_csv.open("a", encoding="utf-8") as out:
        out.write(f'long,What is all of it?,"{"a b c d e f g h " * 700}",long\n')
    run = prepared_run(
        "run", "data.max_length=16000", "data.test_share=0", "data.validation_share=0",
        "train.max_steps=-1", "train.num_train_epochs=1", "train.save_steps=1000",
        "train.per_device_train_batch_size=2", "train.extra.train_sampling_strategy=sequential",
        "train.logging_steps=1", "evaluate.bertscore=false",
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LONG_ROW, str(run.path)], capture_output=True, text=True, check=False
    )
    said = done.stderr.strip().splitlines()[-2:]
    run = Run.open(run.path)
    assert run.status("train") == "failed", done.stderr
    newest = newest_whole_checkpoint(run.path / "train" / "checkpoints")
    assert newest is not None
    step = max(m["step"] for m in run.metrics("train"))
    assert newest.name == f"checkpoint-{step}"
    assert "train: out of memory" in said[0]
    assert f"Kept: the checkpoint of step {step}." in said[0]
    assert said[1].startswith(
        "What would fit: train.per_device_train_batch_size=1 train.gradient_accumulation_steps=2"
    )
