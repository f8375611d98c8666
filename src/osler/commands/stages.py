"""`osler run` and the stages one at a time: from flags to the pipeline, and back to words."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler import crew, ranks
from osler.commands.environment import set_for
from osler.disk import SPACE, SPACE_RESUME, read_json
from osler.errors import OutOfRoom, RecipeError, RunError, TrainingFailed, UserError
from osler.memory import is_out_of_memory, out_of_memory
from osler.pipeline import Wish, is_locked, run_all, run_one
from osler.recipe_file import load_recipe
from osler.recipe_train import refuse_missing_trackers
from osler.run import Interrupted, Run
from osler.runs import RUNS
from osler.stages import STAGES

INTERRUPTED = 130
TERMINATED = 143


@dataclass(frozen=True)
class Command:
    """What was typed."""

    verb: str
    recipe: str
    overrides: Sequence[str]
    run_dir: Path | None
    resume: bool
    force: bool = False
    gpus: int = 1


class Terminated(KeyboardInterrupt):
    """SIGTERM outside of training, treated like Ctrl-C but for the exit code."""


def carry_out(command: Command) -> int:
    """Do it. Returns the exit code: 0, or 130 and 143 after an interruption."""
    loaded = load_recipe(command.recipe, command.overrides)
    set_for(loaded.recipe)
    refuse_missing_trackers(loaded.recipe.train)
    if command.verb in ("run", "train"):
        ranks.refuse_impossible(loaded.recipe, ranks.wanted(command.gpus))
    again = shlex.join(["osler", command.verb, command.recipe, *command.overrides])
    wish = Wish(
        loaded, again, command.run_dir, command.resume, command.force, command.gpus, remarks
    )
    try:
        if command.verb == "run":
            run = run_all(wish, _say)
            print_end(run)
        else:
            run = run_one(command.verb, wish, _say)
            print_next(run, command)
    except UserError as fault:
        if wish.begun and Run.open(wish.begun[-1]).status("data") == "done":
            on = (
                "A changed recipe makes a new run, unless train.memory alone is changed."
                if isinstance(fault, TrainingFailed | RecipeError)
                else (_how_to_go_on(wish))
            )
            fault.add_note(f"What is done is kept. {on}")
        raise _resumable(fault) from None
    except (KeyboardInterrupt, Interrupted) as fault:
        by_term = isinstance(fault, Terminated) or getattr(fault, "number", 2) == 15
        print(f"\n{str(fault) or 'Stopped.'} {_how_to_go_on(wish)}", file=sys.stderr)
        return TERMINATED if by_term else INTERRUPTED
    return 0


def _resumable(fault: UserError) -> UserError:
    """A full disk, with the cure of a run: it goes on from where it was."""
    if not isinstance(fault, OutOfRoom) or fault.cure != SPACE:
        return fault
    told = OutOfRoom(fault.message, SPACE_RESUME)
    for note in getattr(fault, "__notes__", ()):
        told.add_note(note)
    return told


def follow() -> int:
    """What all ranks but the first do: wait for a training, and take part in it.

    They say nothing unless they fail alone: what befalls all, the first rank tells.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first rank hears it too, and decides
    with crew.awaited_order() as (path, store):
        return help_train(Run.open(path), store) if path else 0


def help_train(run: Run, store: Any) -> int:
    """Take part in the training of a run that the first rank has opened; exit code."""
    set_for(run.recipe)
    warnings.simplefilter("ignore")
    from osler.train.sft import tune

    try:
        with crew.joined(store):
            tune(run.recipe, run, [])
    except Interrupted:
        pass
    except Exception as fault:
        time.sleep(crew.GRACE / 4)  # if it befalls the first rank too, that ends us here
        known = out_of_memory("train") if is_out_of_memory(fault) else fault
        if not isinstance(known, UserError):
            raise
        print(f"osler: {known}", file=sys.stderr)
        return 2
    return 0


def remarks(name: str, run: Run) -> list[str]:
    """After the data stage: what would leave the examination without a verdict."""
    if name != "data":
        return []
    from osler.checks.groups import after_data

    return after_data(run.recipe, run.path / "data")


def _say(line: str) -> None:
    print(line, flush=True)


def _how_to_go_on(wish: Wish) -> str:
    return f"Go on: {wish.go_on(wish.begun[-1])}" if wish.begun else "Nothing was begun."


def print_end(run: Run) -> None:
    """The verdict, and what to do next."""
    for sentence in verdict(run):
        _say(sentence)
    _say(f"Next: {what_for(run)}")


def what_for(run: Run) -> str:
    """The command that puts a finished run to use; FOLDER and DATE are for the user to fill in."""
    folder = str(run.path)
    if run.recipe.train.objective != "sft":
        return shlex.join(["osler", "show", folder])
    if run.recipe.evaluate.task != "patient_summary":
        return shlex.join(["osler", "chat", folder])
    words = ["osler", "summarize", folder, "--records", "FOLDER", "--as-of", "DATE"]
    files = {getattr(source, "template", None) for source in run.recipe.data.sources}
    if len(files) == 1 and (name := files.pop()):  # what it was taught to write
        words += ["--template", os.path.relpath((run.recipe_folder / name).resolve())]
    return shlex.join(words)


def verdict(run: Run) -> list[str]:
    """The sentences of the evaluation; empty before it."""
    path = run.path / "evaluate" / "results.json"
    if not path.is_file():
        return []
    return [f"Verdict: {sentence}." for sentence in read_json(path)["verdict"].values()]


def print_next(run: Run, command: Command) -> None:
    """The command for the stage after this one."""
    order = list(STAGES)
    at = order.index(command.verb)
    if at + 1 == len(order):
        return print_end(run)
    words = ["osler", order[at + 1], command.recipe, *command.overrides, "--run-dir", str(run.path)]
    _say(f"Next: {shlex.join(words)}")
    return None


def check(recipe: str, overrides: Sequence[str], gpus: int) -> int:
    """`osler check`. Returns 2 when there is an error, else 0."""
    loaded = load_recipe(recipe, overrides)
    set_for(loaded.recipe)
    from osler.checks.examine import examine
    from osler.checks.machine import this_machine
    from osler.checks.report import print_report

    found = examine(loaded, this_machine(RUNS, ranks.wanted(gpus)))
    print_report(found, plain_console())
    return 0 if found.passed else 2


def plain_console() -> Any:
    """Standard output; what is no terminal gets lines of a width that tables fit into."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=140)


def refuse_untuned(run: Run) -> None:
    """Raise `RunError` unless a run's tuned model is there and whole: says what is there instead,
    and how to go on."""
    status = run.status("train")
    if status == "done":
        return run.refuse_lost("train")
    where = shlex.quote(str(run.path))
    if is_locked(run.path):
        raise RunError(
            f"{run.path}: a process is still working on this run; there is no tuned model yet.",
            f"Wait until train is done; how far it is: osler show {where}",
        )
    state = {
        "not started": "has not begun", "running": "was killed", "interrupted": "was interrupted",
        "failed": "failed",
    }[status]  # fmt: skip
    raise RunError(
        f"{run.path}: train {state}, and no process is working on this run: it has no tuned model.",
        f"Go on: osler run RECIPE --run-dir {where} --resume",
    )


def chat(name: str) -> int:
    """`osler chat`."""
    from osler.runs import run_named

    run = run_named(name)
    set_for(run.recipe)
    if run.recipe.train.objective == "pretrain":
        raise UserError(
            f"{run.path}: this model continues text; it was not taught to answer.",
            "Tune it on questions and answers first (train.objective: sft).",
        )
    refuse_untuned(run)
    from osler.serve.chat import chat as talk

    talk(run)
    return 0
