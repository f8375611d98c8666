"""Which run directory a command works in, and which of its stages still have to be done.

A run is never overwritten and never continued by accident: an existing one needs `--resume`, a
run of another recipe is refused, and two processes cannot work on one run at once. A stage is
skipped only if it is recorded done and what it read and wrote is still the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from osler.disk import is_out_of_room, out_of_room
from osler.errors import OutOfRoom, RunError, UserError
from osler.outcome import outcome
from osler.ranks import share_in_words, wanted
from osler.recipe_file import LoadedRecipe
from osler.run import LOCK, Run
from osler.runs import RUNS, nearest_run, new_path, newest_run, refuse_other_recipe
from osler.stages import STAGES, inputs_now, is_current, refuse_unready, run_stage

UNFINISHED = ("running", "interrupted", "failed")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What a command line asks for. `again` is the command without its flags."""

    loaded: LoadedRecipe
    again: str
    run_dir: Path | None = None
    resume: bool = False
    force: bool = False
    gpus: int = 1
    remarks: Callable[[str, Run], Sequence[str]] = lambda name, run: ()
    """What else there is to say after a stage."""
    begun: list[Path] = field(default_factory=list[Path])
    """The run directory, once there is a run in it."""

    def go_on(self, path: Path) -> str:
        """The command that continues the run at `path`."""
        gpus = f" --gpus {self.gpus}" if self.gpus > 1 else ""
        return f"{self.again} --run-dir {shlex.quote(str(path))}{gpus} --resume"


def _what_is_at(path: Path) -> str:
    """`nothing`, `beginning` (killed while it was being made), `run` or `other`."""
    if not path.exists():
        return "nothing"
    if not path.is_dir():
        raise RunError(f"{path}: is a file, not a folder.", "Choose another --run-dir.")
    if (path / "recipe.lock.json").is_file():
        return "run"
    names = {p.name for p in path.iterdir()} - {LOCK}
    ours = {"recipe.yaml", "run.json", *(f".{name}.part" for name in _MADE_FIRST)}
    return "nothing" if not names else "beginning" if names <= ours else "other"


_MADE_FIRST = ("recipe.yaml", "run.json", "recipe.lock.json")


# -- opening it --------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a run directory for this process; the lock ends with it, however it ends.

    A record lock rather than `flock`, for worker processes inherit the latter and would keep it.
    """
    with _folder_faults(path):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = (path / LOCK).open("a+")
    with handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise RunError(
                f"{path}: another process (pid {handle.read().strip() or 'unknown'}) is working "
                "on this run.",
                "Wait until it ends, or choose another --run-dir.",
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def is_locked(path: Path) -> bool:
    """True while a process is working on the run."""
    if not (path / LOCK).exists():
        return False
    with (path / LOCK).open("r+") as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextlib.contextmanager
def _folder_faults(path: Path) -> Generator[None]:
    """Turn what a file system refuses into an error that says what to do."""
    try:
        yield
    except OSError as fault:
        if is_out_of_room(fault):
            raise out_of_room(path, fault) from None
        raise RunError(
            f"{path}: cannot be made or written ({os.strerror(fault.errno or 0)}).",
            "Choose a --run-dir in a folder of your own.",
        ) from None


def place_for_run(wish: Wish) -> Path:
    """The folder in which `osler run` works, before anything is written to it."""
    if wish.run_dir is None and not wish.resume:
        return new_path(wish.loaded.recipe.name)
    if wish.run_dir is not None:
        return wish.run_dir
    return _newest(wish, "Leave out --resume for a new run, or name the run with --run-dir.").path


def place_for_stage(name: str, wish: Wish) -> Path:
    """The folder in which one stage works: a new run's for `data`, else the newest one's."""
    if wish.run_dir is not None:
        return wish.run_dir
    if name == "data" and not (wish.resume or wish.force):
        return new_path(wish.loaded.recipe.name)
    return _newest(wish, "First: " + wish.again.replace(f"osler {name}", "osler data", 1)).path


def _newest(wish: Wish, cure: str) -> Run:
    run = newest_run(wish.loaded.recipe)
    if run is None:
        said = f"No run of this recipe (with these settings) is in {RUNS}/."
        if near := nearest_run(wish.loaded.recipe):
            said += f" In {near[0].path}, the newest of its name, {near[1]}."
            cure = f"Set that key as it was there. {cure}"
        raise RunError(said, cure)
    return run


def open_or_create(path: Path, wish: Wish, say: Say) -> Run:
    """The run at `path`, new or continued. To be called with the folder locked."""
    there = _what_is_at(path)
    if there == "other":
        raise RunError(
            f"{path}: not empty, and not a run of Osler.",
            "Choose a --run-dir that is empty or not there yet.",
        )
    if there == "run":
        run = Run.open(path)
        refuse_other_recipe(run, wish.loaded.recipe)
        run.go_on_with(wish.loaded.recipe)
        return run
    if wish.resume:
        say(f"{path}: nothing to resume there; beginning.")
    with _folder_faults(path):
        for name in _MADE_FIRST:
            (path / name).unlink(missing_ok=True)
            (path / f".{name}.part").unlink(missing_ok=True)
        return Run.create(wish.loaded, path)


# -- doing it ----------------------------------------------------------------------------------


def run_all(wish: Wish, say: Say) -> Run:
    """`osler run`: every stage that is not done yet, in order."""
    path = place_for_run(wish)
    _look_before(path)
    with _no_trace_of_a_false_start(path, wish), locked(path):
        already = _what_is_at(path) == "run"
        run = open_or_create(path, wish, say)
        if already and not wish.resume:
            raise RunError(f"{path}: this run is already there.", f"Go on: {wish.go_on(path)}")
        _begin(path, wish, say)
        for name in STAGES:
            if is_current(name, run):
                say(f"{name:<9} already done")
            else:
                refuse_to_lose(name, run)
                _do(name, run, wish, say)
    return run


def run_one(name: str, wish: Wish, say: Say) -> Run:
    """One stage. Begun and unfinished needs --resume or --force; done needs --force."""
    path = place_for_stage(name, wish)
    _look_before(path)
    if name != "data" and _what_is_at(path) != "run":
        raise RunError(
            f"{path}: no run is there, and {name} needs one.",
            f"First: osler data RECIPE --run-dir {path}",
        )
    with _no_trace_of_a_false_start(path, wish), locked(path):
        run = open_or_create(path, wish, say)
        if run.status(name) in UNFINISHED and not (wish.resume or wish.force):
            raise RunError(
                f"{path}: {name} was begun here and is {_state(run.status(name))}.",
                f"Go on: {wish.go_on(path)}\nOr begin it afresh: --force",
            )
        _begin(path, wish, say)
        if wish.force:
            refuse_unready(name, run)  # before anything is taken away
            with run.afresh(name):
                _do(name, run, wish, say)
            return run
        if is_current(name, run):
            say(f"{name:<9} already done (again: --force)")
            return run
        refuse_to_lose(name, run)
        _do(name, run, wish, say)
    return run


def _do(name: str, run: Run, wish: Wish, say: Say) -> None:
    run.gpus = wish.gpus
    do_stage(name, run, say)
    for line in wish.remarks(name, run):
        say(line)


def refuse_to_lose(name: str, run: Run) -> None:
    """Raise `RunError` when doing a stage would discard a training of other rows.

    Whatever else is out of date can be made again at little cost, and is.
    """
    trained = run.status("train") if name == "data" else "not started"
    if run.status(name) != "done" or (name != "train" and trained == "not started"):
        return
    changed = run.changed_inputs(name, inputs_now(name, run))
    if changed:
        raise RunError(
            f"{run.path}: {name} is done, and {', '.join(changed[:3])} "
            f"{'has' if len(changed) == 1 else 'have'} changed since it was read.",
            "Leave out --resume and --run-dir for a new run; or discard what was made of it: "
            f"osler {name} RECIPE --run-dir {run.path} --force",
        )


@contextlib.contextmanager
def _no_trace_of_a_false_start(path: Path, wish: Wish) -> Generator[None]:
    """Remove a new run whose data cannot be read: there is nothing in it to go on with."""
    was_there = path.exists()
    new = _what_is_at(path) != "run"
    try:
        yield
    except OutOfRoom:
        raise
    except UserError:
        if new and _what_is_at(path) == "run" and Run.open(path).status("data") != "done":
            shutil.rmtree(path)
            if was_there:
                path.mkdir(mode=0o700)
            wish.begun.clear()
        raise


def _begin(path: Path, wish: Wish, say: Say) -> None:
    wish.begun.append(path)
    say(f"run: {path}")


def _look_before(path: Path) -> None:
    """Refuse a folder of somebody else's before a lock file is put into it."""
    with _folder_faults(path):
        there = _what_is_at(path)
    if there == "other":
        raise RunError(
            f"{path}: not empty, and not a run of Osler.",
            "Choose a --run-dir that is empty or not there yet.",
        )


def _state(status: str) -> str:
    return "unfinished" if status == "running" else status


def do_stage(name: str, run: Run, say: Say) -> None:
    """Do a stage and say in one line what came of it.

    Checkpoints of other rows must not be continued, so they go first. The other stages keep
    only what they recognise themselves.
    """
    if name == "train" and not run.has_same_inputs(name):
        if run.status(name) != "not started":
            say("train     begins afresh: what it had begun with has changed")
        run.clear(name)
    if name == "train" and (ranks := wanted(run.gpus)) > 1:
        say(f"train     {share_in_words(run.recipe.train, ranks)}")
    run.log(f"{name} begins")
    begun = time.monotonic()
    try:
        run_stage(name, run)
    finally:
        run.log(f"{name} is {run.status(name)}")
    say(f"{name:<9} {outcome(name, run)}   {time.monotonic() - begun:.1f} s")
