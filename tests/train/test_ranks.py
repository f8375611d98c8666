"""Several ranks: two train as one does, go on as one does, and stop as one does."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from accelerate.data_loader import BatchSamplerShard
from safetensors.torch import load_file
from torch.utils.data import SequentialSampler

from osler.cli import main
from osler.disk import file_digest
from osler.engine.packing import PackedCollator, PaddedCollator
from osler.errors import RecipeError
from osler.ranks import share
from osler.recipe_train import Train
from osler.run import Interrupted, Run
from osler.stages import run_stage
from osler.train.checkpoint import checkpoints, is_whole
from osler.train.shared import EvenBatches

MakeRun = Callable[..., Run]
FULL = ("train.method=full", "train.learning_rate=1e-3")


def curve(run: Run, name: str) -> dict[int, float]:
    """Step -> value of one measure."""
    return {m["step"]: m[name] for m in run.metrics("train") if name in m}


def trained(run: Run, gpus: int) -> Run:
    run.gpus = gpus
    run_stage("train", run)
    return run


def assert_same_training(one: Run, two: Run) -> None:
    """The same losses at the same steps, and the same weights, but for the order of additions."""
    for name in ("loss", "eval_loss"):
        assert curve(two, name) == pytest.approx(curve(one, name), abs=1e-5)
    (file,) = (one.path / "train").glob("[am]*/*.safetensors")
    ours = load_file(file)
    theirs = load_file(two.path / file.relative_to(one.path))
    torch.testing.assert_close(theirs, ours, atol=1e-4, rtol=1e-3)


@pytest.fixture
def without_lora(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    recipe_file.write_text(text.replace("  lora: {r: 4}\n", ""), encoding="utf-8")


@pytest.mark.parametrize(
    "overrides",
    [
        # 42 rows: of the last step's two, one rank gets both, and the other a batch of none.
        (),
        ("train.packing=true", "train.per_device_train_batch_size=1",
         "train.gradient_accumulation_steps=2"),
        ("train.sharding=fsdp",),
    ],
    ids=["ddp", "packed", "fsdp"],
)  # fmt: skip
def test_two_ranks_have_the_loss_curve_of_one(
    prepared_run: MakeRun, overrides: tuple[str, ...]
) -> None:
    settings = ("train.max_steps=-1", "train.num_train_epochs=2", "train.save_steps=4", *overrides)
    one, two = (trained(prepared_run(f"on-{n}", *settings), n) for n in (1, 2))
    assert_same_training(one, two)
    facts = two.record("train")
    assert (facts["ranks"], facts["sharded"]) == (2, "fsdp" in "".join(overrides))


def test_sharded_full_tuning_ends_in_the_model_of_one_rank(
    prepared_run: MakeRun, without_lora: None
) -> None:
    one, two = (trained(prepared_run(f"on-{n}", *FULL), n) for n in (1, 2))
    assert two.record("train")["sharded"]
    assert_same_training(one, two)


@pytest.mark.parametrize(("method", "gib"), [("full", 0.0007), ("lora", 0.00088)])
def test_what_fits_only_when_the_weights_are_shared_out_is_trained(
    prepared_run: MakeRun, request: pytest.FixtureRequest, method: str, gib: float
) -> None:
    if method == "full":
        request.getfixturevalue("without_lora")
    settings = (f"train.memory={gib}", *(FULL if method == "full" else ()))
    whole = prepared_run("whole", *settings, "train.sharding=none")
    with pytest.raises(RecipeError, match="does not fit") as fault:
        trained(whole, 2)
    assert "train.sharding=auto" in str(fault.value)
    facts = trained(prepared_run("shared", *settings), 2).record("train")
    assert facts["sharded"]
    assert facts["memory_foretold_gib"] <= gib


def test_every_token_counts_the_same_on_whichever_rank_it_is(
    prepared_run: MakeRun, clinic_csv: Path
) -> None:
    """One row a rank: some have two tokens, others a hundred."""
    with clinic_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["answer"] = f"{number}" if number % 2 else f"{row['answer']} " * 4
    with clinic_csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    settings = ("train.per_device_train_batch_size=2",)
    one, two = (trained(prepared_run(f"on-{n}", *settings), n) for n in (1, 2))
    assert_same_training(one, two)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_run_goes_on_with_another_number_of_ranks(
    prepared_run: MakeRun, request: pytest.FixtureRequest, method: str
) -> None:
    """From one to two to one: the rows that one rank would have seen, and its losses."""
    if method == "full":
        request.getfixturevalue("without_lora")
    settings = ("train.max_steps=60", "train.save_steps=30", *(FULL if method == "full" else ()))
    whole = trained(prepared_run("whole", *settings), 1)
    run = prepared_run("changing", *settings)
    for gpus, after in ((1, 3), (2, 12)):
        _stop_after(run, after)
        with pytest.raises(Interrupted):
            trained(Run.open(run.path), gpus)
        assert all(map(is_whole, checkpoints(run.path / "train" / "checkpoints")))
    again = trained(Run.open(run.path), 1)
    assert 12 <= again.record("train")["resumed_from_step"] < 60
    assert_same_training(whole, again)


@pytest.mark.parametrize("sharding", ["none", "fsdp"])
def test_on_as_many_ranks_a_resumed_run_ends_in_the_same_adapter_bit_for_bit(
    prepared_run: MakeRun, sharding: str
) -> None:
    settings = (f"train.sharding={sharding}", "train.lora.lora_dropout=0.2", "train.max_steps=30",
                "train.save_steps=15")  # fmt: skip
    whole = trained(prepared_run("whole", *settings), 2)
    run = prepared_run("stopped", *settings)
    _stop_after(run, 3)
    with pytest.raises(Interrupted):
        trained(run, 2)
    again = trained(Run.open(run.path), 2)
    assert 3 <= again.record("train")["resumed_from_step"] < 30
    assert file_digest(again.path / "train" / "adapter") == file_digest(
        whole.path / "train" / "adapter"
    )


def _stop_after(run: Run, losses: int) -> None:
    """A child that sends this process SIGTERM as soon as metrics.jsonl shows so many losses."""
    script = (
        "import os, sys, time, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "while not path.exists() or path.read_text().count('\"loss\"') < int(sys.argv[3]):\n"
        "    time.sleep(0.01)\n"
        "os.kill(int(sys.argv[2]), 15)\n"
    )
    words = [str(run.path / "metrics.jsonl"), str(os.getpid()), str(losses)]
    subprocess.Popen([sys.executable, "-c", script, *words])


# -- the command line --------------------------------------------------------------------------


@pytest.fixture
def begun(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Words of a command that trains for long, in a folder `d` whose data stage is done."""
    monkeypatch.chdir(recipe_file.parent)
    words = [recipe_file.name, "train.max_steps=100000", "train.save_steps=100000"]
    words += ["--run-dir", "d"]
    assert main(["data", *words]) == 0
    return words


def with_two_ranks(words: list[str], act: Callable[[int, int], None]) -> tuple[int, str]:
    """`osler train --gpus 2`, and what is done to the two in mid-training: exit code, stderr."""
    with subprocess.Popen(
        [sys.executable, "-m", "osler", "train", *words, "--gpus", "2"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    ) as first:  # fmt: skip
        try:
            deadline = time.monotonic() + 180
            while len(Run.open("d").metrics("train")) < 3:
                assert time.monotonic() < deadline
                assert first.poll() is None, "it ended before anything was done to it"
                time.sleep(0.02)
            (other,) = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
            act(first.pid, int(other))
            said = first.communicate(timeout=120)[1]
        finally:
            first.kill()
    _wait_until_gone(int(other))
    return first.returncode, said


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "the other rank lives on"
        time.sleep(0.05)


def test_a_stop_that_reaches_one_rank_stops_all_after_the_same_step(begun: list[str]) -> None:
    code, said = with_two_ranks(begun, lambda first, other: os.kill(other, signal.SIGTERM))
    assert code == 143
    assert "--run-dir d --gpus 2 --resume" in said
    assert "Traceback" not in said
    run = Run.open("d")
    assert run.status("train") == "interrupted"
    (checkpoint,) = checkpoints(run.path / "train" / "checkpoints")
    assert is_whole(checkpoint)
    assert {p.name for p in checkpoint.glob("rng*")} == {"rng_state_0.pth", "rng_state_1.pth"}
    assert checkpoint.name == f"checkpoint-{max(curve(run, 'loss'))}"


def test_a_rank_that_dies_ends_the_others_with_one_line_and_the_cure(begun: list[str]) -> None:
    code, said = with_two_ranks(begun, lambda first, other: os.kill(other, signal.SIGKILL))
    assert code == 2
    assert "osler: Rank 1 has ended in mid-training (exit code -9)" in said
    assert "--resume" in said
    assert "Traceback" not in said


def test_no_rank_outlives_the_first(begun: list[str]) -> None:
    code, said = with_two_ranks(begun, lambda first, other: os.kill(first, signal.SIGKILL))
    assert code == -signal.SIGKILL
    assert "Traceback" not in said


def test_torchrun_trains_one_run_and_says_everything_once(begun: list[str]) -> None:
    words = [begun[0], "train.max_steps=4", "--run-dir", "t"]
    assert main(["data", *words]) == 0
    for verb, said in (
        (["train", *words], "4 steps on 2 ranks"),
        (["show", "t"], "data      done"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
             "-m", "osler", *verb],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(said) == 1
    run = Run.open("t")
    assert run.record("train")["ranks"] == 2
    lines = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    assert [m["step"] for m in lines if "loss" in m] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--gpus", "3"], "A step has 4 rows .* which 3 ranks cannot share equally"),
        (["--gpus", "0"], "--gpus 0"),
        (["--gpus", "2", "train.sharding=fsdp", "train.optim=adamw_8bit"], "cannot update weights"),
        (["train.sharding=fsdp", "train.method=qlora"], "cannot shard a base held in 4 bits"),
    ],
)
def test_what_ranks_cannot_do_is_refused_before_anything_is_loaded(
    recipe_file: Path, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(recipe_file), *words, "--run-dir", str(recipe_file.parent / "d")]) == 2
    assert re.search(complaint, capsys.readouterr().err)
    assert not (recipe_file.parent / "d").exists()
    assert main(["check", str(recipe_file), *words]) == 2
    assert re.search(complaint, "".join(capsys.readouterr()))


def test_ranks_that_cannot_meet_say_so_once_with_the_cure(begun: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "osler", "train", *begun, "--gpus", "2"],
        env={**os.environ, "GLOO_SOCKET_IFNAME": "no-such-device"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("osler: The ranks cannot reach each other") == 1
    assert "GLOO_SOCKET_IFNAME" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.gpu
def test_more_ranks_than_gpus_are_refused(
    recipe_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(recipe_file), "--gpus", "64"]) == 2
    assert "64 ranks need as many GPUs" in capsys.readouterr().err


# -- who gets which rows -----------------------------------------------------------------------


@pytest.mark.parametrize("ranks", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("count", [1, 7, 8, 40, 41, 47])
def test_all_ranks_together_have_in_each_step_the_rows_of_one(count: int, ranks: int) -> None:
    settings = Train(per_device_train_batch_size=4, gradient_accumulation_steps=6)
    rows, steps = share(settings, ranks)
    dealt = [
        list(BatchSamplerShard(EvenBatches(SequentialSampler(range(count)), rows, ranks), ranks, r))
        for r in range(ranks)
    ]
    assert len({len(batches) for batches in dealt}) == 1  # else one waits for another for ever
    turns = list(zip(*dealt, strict=True))
    for step in range(0, len(turns), steps):
        here = [i for turn in turns[step : step + steps] for batch in turn for i in batch]
        start = step // steps * 24
        assert here == list(range(start, min(start + 24, count)))


@pytest.mark.parametrize("boundaries", [False, True])
def test_a_batch_of_no_rows_has_no_label(boundaries: bool) -> None:
    for collate in (PackedCollator(16, 0, boundaries=boundaries, rows=2), PaddedCollator(0)):
        batch = collate([])
        assert batch["input_ids"].numel() > 0
        assert (batch["labels"] == -100).all()


@pytest.mark.parametrize("name", ["RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"])
def test_a_word_where_torchrun_writes_a_number_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, value in {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", name: "two"}.items():
        monkeypatch.setenv(key, value)
    assert main(["recipes"]) == 2
    said = capsys.readouterr().err
    assert f"${name} is 'two'" in said
    assert "Unset" in said
