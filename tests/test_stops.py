"""Stops and crashes: Ctrl-C, SIGTERM and faults of ours, and what is on the disk after them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.run import Run
from osler.train.checkpoint import checkpoints, is_whole

OSLER = [sys.executable, "-m", "osler"]


@pytest.fixture
def recipe(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe in the current folder."""
    monkeypatch.chdir(recipe_file.parent)
    return Path(recipe_file.name)


def osler(*words: Any) -> int:
    return main([str(word) for word in words])


def stop_training(words: list[str], stop: Callable[[int], None]) -> tuple[int, str]:
    """`osler train` with these words, stopped after its first steps: exit code and what it said.

    It leads a process group of its own, as a shell's job does.
    """
    with subprocess.Popen(
        [*OSLER, "train", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            deadline = time.monotonic() + 120
            while len(Run.open("d").metrics("train")) < 3:
                assert time.monotonic() < deadline
                assert process.poll() is None, "it ended before it was stopped"
                time.sleep(0.02)
            stop(process.pid)
            said = process.communicate(timeout=120)[1]
        finally:
            process.kill()
    assert "Traceback" not in said
    return process.returncode, said


def newest_step() -> int:
    """Step of the newest checkpoint, after a look that every one of them is whole."""
    found = checkpoints(Path("d/train/checkpoints"))
    assert found
    assert all(map(is_whole, found))
    return int(found[-1].name.split("-")[1])


def test_ctrl_c_to_the_whole_group_keeps_the_step_and_resume_finishes(recipe: Path) -> None:
    words = [str(recipe), "train.max_steps=150", "train.save_steps=150", "--run-dir", "d"]
    assert osler("data", *words) == 0
    code, said = stop_training(words, lambda pid: os.killpg(pid, signal.SIGINT))
    assert code == 130
    assert f"Go on: osler train {' '.join(words)} --resume" in said
    run = Run.open("d")
    assert run.status("train") == "interrupted"
    assert not (run.path / "train" / "adapter").exists()
    step = newest_step()
    assert step >= max(m["step"] for m in run.metrics("train"))
    assert osler("train", *words, "--resume") == 0
    record = Run.open("d").record("train")
    assert record["status"] == "done"
    assert (record["resumed_from_step"], record["steps"]) == (step, 150)
    steps = [m["step"] for m in run.metrics("train") if "loss" in m]
    assert steps == list(range(1, 151))  # none is missing, none is done twice


def test_sigterm_ends_in_143_and_the_command_that_goes_on(recipe: Path) -> None:
    words = [str(recipe), "train.max_steps=100000", "--run-dir", "d"]
    assert osler("data", *words) == 0
    code, said = stop_training(words, lambda pid: os.kill(pid, signal.SIGTERM))
    assert code == 143
    assert "Go on: osler train recipe.yaml train.max_steps=100000 --run-dir d --resume" in said
    assert Run.open("d").status("train") == "interrupted"
    assert newest_step() >= 3


def test_ctrl_c_between_stages_ends_in_130(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", press)
    assert osler("run", recipe, "--run-dir", "d") == 130
    assert "--run-dir d --resume" in capsys.readouterr().err
    assert Run.open("d").status("data") == "interrupted"


def test_what_no_user_can_mend_crashes_with_a_traceback(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", fail)
    with pytest.raises(ZeroDivisionError):
        osler("data", recipe, "--run-dir", "d")
    assert Run.open("d").record("data")["error"] == "ZeroDivisionError"


def test_a_sigterm_that_falls_into_a_destructor_still_stops(recipe: Path) -> None:
    """Python drops an exception that is raised there."""
    code = (
        "import os, signal, time\nfrom osler import cli\n"
        "class Last:\n    def __del__(self):\n        os.kill(os.getpid(), 15); time.sleep(0.2)\n"
        "def work(args):\n    last = Last()\n    del last\n    time.sleep(60)\n"
        "cli.VERBS['doctor'] = (work, 'work', lambda parser: None)\n"
        "raise SystemExit(cli.main(['doctor']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 143
    assert done.stderr.endswith("Stopped.\n")


def test_a_killed_run_is_shown_as_killed(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert osler("data", recipe, "--run-dir", "d", "train.max_steps=4000") == 0
    words = [str(recipe), "train.max_steps=4000", "--run-dir", "d"]
    stop_training(words, lambda pid: os.kill(pid, signal.SIGKILL))
    capsys.readouterr()
    assert osler("show", "d") == 0
    assert "train     killed" in capsys.readouterr().out
