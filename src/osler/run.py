"""The run directory: what was given, what will run, what happened.

    recipe.yaml  recipe.lock.json  run.json  metrics.jsonl  log.txt  data/ train/ evaluate/ export/

Lock before, manifest during, metrics along. Every file but the two append-only ones is written
beside its name and renamed into place. No example text, user, host, token or absolute path goes
into any of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Any, cast

from osler.disk import (
    atomic_writer,
    file_digest,
    is_out_of_room,
    out_of_room,
    read_json,
    write_json,
)
from osler.errors import OutOfRoom, RunError
from osler.prompts import digests, prompts_of
from osler.recipe import Recipe
from osler.recipe_file import LoadedRecipe, recipe_from_lock
from osler.recipe_train import CHANGE_NO_RESULT

PACKAGES = (
    "osler",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "tokenizers",
    "safetensors",
    "bitsandbytes",
    "numpy",
)

LOCK = ".lock"
"""File in a run's folder that the process working on it holds locked."""


class Interrupted(Exception):
    """The user or the system asked to stop; what was done is on the disk.

    `number` is the signal that asked.
    """

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.number = int(number)


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def installed_versions() -> dict[str, str]:
    """Versions of the packages that decide what a run computes."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


class Run:
    """A run directory on disk. Create with `Run.create`, open with `Run.open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.gpus = 1
        """GPUs to train on, of this call and not of the run: it goes on with any number."""
        self.recipe: Recipe = recipe_from_lock(path / "recipe.lock.json")
        self._manifest: dict[str, Any] = read_json(path / "run.json")
        try:
            whole = isinstance(self._manifest["recipe_folder"], str)
            whole = whole and all(isinstance(x, dict) for x in self._manifest["stages"].values())
        except (KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise RunError(f"{path / 'run.json'}: damaged.", "Start a new run.")

    # -- making and finding ---------------------------------------------------------------

    @classmethod
    def create(cls, loaded: LoadedRecipe, path: Path | None = None) -> Run:
        """Make a new run directory (mode 0700) and write what was given and what will run."""
        if path is None:
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            path = Path("runs") / f"{loaded.recipe.name}-{stamp}"
        if path.exists() and any(p.name != LOCK for p in path.iterdir()):
            raise RunError(
                f"{path}: already there and not empty.",
                "Continue it with --resume, or choose another --run-dir.",
            )
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
        with atomic_writer(path / "recipe.yaml") as out:
            out.write(loaded.text)
        resolved = loaded.recipe.model_dump(mode="json", exclude_unset=False)
        if loaded.recipe.train.method == "full":
            del resolved["train"]["lora"]  # it has no effect there, and the schema says so
        lock = {
            "recipe": resolved,
            "overrides": list(loaded.overrides),
            "versions": installed_versions(),
        }
        if prompts := prompts_of(loaded.recipe, loaded.folder):
            lock["prompts"] = digests(prompts)
        write_json(
            path / "run.json",
            {
                "name": loaded.recipe.name,
                "created": now(),
                "recipe_folder": os.path.relpath(loaded.folder.resolve(), path.resolve()),
                "stages": {},
            },
        )
        write_json(path / "recipe.lock.json", lock)
        return cls(path)

    @classmethod
    def open(cls, path: Path | str) -> Run:
        """Open a run directory that is already there."""
        path = Path(path)
        if not (path / "recipe.lock.json").is_file():
            raise RunError(
                f"{path}: not a run directory (no recipe.lock.json).",
                "Give a folder that `osler run` made, for example one under runs/.",
            )
        return cls(path)

    def belongs_to(self, recipe: Recipe) -> bool:
        """True when this run was made from settings with the same result."""
        return self.recipe.deciding() == recipe.deciding()

    def go_on_with(self, recipe: Recipe) -> None:
        """Take over the settings that change no result from another form of the recipe."""
        if self.recipe == recipe:
            return
        lock = read_json(self.path / "recipe.lock.json")
        for name in CHANGE_NO_RESULT:
            lock["recipe"]["train"][name] = getattr(recipe.train, name)
        write_json(self.path / "recipe.lock.json", lock)
        self.recipe = recipe

    # -- what is where --------------------------------------------------------------------

    @property
    def recipe_folder(self) -> Path:
        """The folder that the recipe's relative paths start from."""
        return self.path / self._manifest["recipe_folder"]

    @property
    def tuned_weights(self) -> Path:
        """The folder that holds what the training ended with: a whole model, or an adapter."""
        name = "model" if self.recipe.train.method == "full" else "adapter"
        return self.path / "train" / name

    def dir(self, stage: str) -> Path:
        """The folder of a stage, made when it is not there."""
        folder = self.path / stage
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError:
            raise RunError(f"{folder}: is a file, not a folder.", "Remove it.") from None
        return folder

    def relative(self, path: Path) -> str:
        """A path as the manifest holds it: relative to the run."""
        return os.path.relpath(path.resolve(), self.path.resolve())

    # -- what happened --------------------------------------------------------------------

    def status(self, stage: str) -> str:
        """`done`, `running`, `failed`, `interrupted` or `not started`."""
        return self._manifest["stages"].get(stage, {}).get("status", "not started")

    def record(self, stage: str) -> dict[str, Any]:
        """What the manifest says of a stage."""
        return dict(self._manifest["stages"].get(stage, {}))

    def is_done(self, stage: str, inputs: Sequence[Path] | None = None) -> bool:
        """True when the stage is recorded done, from these inputs, and its outputs are whole.

        None means the inputs that the stage itself recorded.
        """
        entry = self.record(stage)
        if entry.get("status") != "done" or not self.has_same_inputs(stage, inputs):
            return False
        return self._are_as_recorded(entry["outputs"])

    def refuse_lost(self, stage: str, *, test_rows: bool = True) -> None:
        """Raise `RunError` unless a stage is done and its outputs are as it left them.

        `test_rows=False` is for those that must not open the test rows, not even for a digest.
        """
        entry = self.record(stage)
        if entry.get("status") != "done":
            raise RunError(
                f"{self.path}: {stage} has to be done first, and is {self.status(stage)}.",
                f"First: osler {stage} RECIPE --run-dir {self.path}",
            )
        for name, digest in entry["outputs"].items():
            if name == "data/test.jsonl" and not test_rows:
                continue
            if not self._are_as_recorded({name: digest}):
                there = "has changed since" if (self.path / name).exists() else "is gone"
                raise RunError(
                    f"{self.path / name}: {there}; {stage} had written it.",
                    "Put it back as it was, or do the stage again: "
                    f"osler {stage} RECIPE --run-dir {self.path} --force",
                )

    def changed_inputs(self, stage: str, inputs: Sequence[Path] | None = None) -> list[str]:
        """Names of what a stage has read, or would read now, that is not as it was then."""
        recorded: dict[str, str] = self.record(stage).get("inputs", {})
        reads = set(recorded) if inputs is None else {self.relative(path) for path in inputs}
        changed = {name for name in recorded if not self._are_as_recorded({name: recorded[name]})}
        return sorted(changed | (reads ^ set(recorded)))

    def has_same_inputs(self, stage: str, inputs: Sequence[Path] | None = None) -> bool:
        """True when what a stage has read (or would read now) is what it read when it began."""
        return not self.changed_inputs(stage, inputs)

    def _are_as_recorded(self, digests: dict[str, str]) -> bool:
        return all(
            (self.path / name).exists() and file_digest(self.path / name) == digest
            for name, digest in digests.items()
        )

    def clear(self, stage: str) -> None:
        """Take a stage back: its folder, its record and its metrics go."""
        if self._manifest["stages"].pop(stage, None) is not None:
            write_json(self.path / "run.json", self._manifest)
        if (self.path / stage).exists():
            shutil.rmtree(self.path / stage)
        metrics = self.path / "metrics.jsonl"
        if metrics.exists():
            lines = metrics.read_text(encoding="utf-8").splitlines(keepends=True)
            with atomic_writer(metrics) as out:
                out.writelines(x for x in lines if not x.startswith(f'{{"stage": "{stage}",'))

    @contextlib.contextmanager
    def afresh(self, stage: str) -> Generator[None]:
        """As `clear`, but what was there comes back unless what follows leaves something to keep:
        the stage done, or a checkpoint that can be gone on from."""
        folder, aside = self.path / stage, self.path / f".{stage}.before"
        metrics = self.path / "metrics.jsonl"
        before = self._manifest["stages"].get(stage)
        lines = metrics.read_text(encoding="utf-8") if metrics.exists() else ""
        shutil.rmtree(aside, ignore_errors=True)
        if folder.exists():
            folder.rename(aside)
        self.clear(stage)
        try:
            yield
        except BaseException:
            if aside.exists() and not any(folder.rglob("seal.json")):
                self.clear(stage)
                aside.rename(folder)
                with atomic_writer(metrics) as out:
                    out.write(lines)
                if before:
                    self._set(stage, before)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    @contextlib.contextmanager
    def stage(self, name: str, inputs: Sequence[Path] = ()) -> Generator[StageRecord]:
        """Record a stage while it runs: status, times, digests of inputs and outputs.

        Raises `OutOfRoom` in place of any error that means a full disk.
        """
        record = StageRecord(self.dir(name))
        entry: dict[str, Any] = {
            "status": "running",
            "started": now(),
            "inputs": self._digests(inputs),
        }
        self._set(name, entry)
        begun = time.monotonic()
        try:
            yield record
            entry["outputs"] = self._digests(record.outputs)
            entry |= {"status": "done", **record.facts}
        except (KeyboardInterrupt, Interrupted):
            entry["status"] = "interrupted"
            raise
        except BaseException as fault:
            entry |= {"status": "failed", "error": type(fault).__name__}
            if is_out_of_room(fault):
                raise out_of_room(record.folder / "its files", fault) from None
            raise
        finally:
            entry |= {"ended": now(), "seconds": round(time.monotonic() - begun, 1)}
            with contextlib.suppress(OutOfRoom):  # a full disk must not hide the first error
                self._set(name, entry)

    def add_metrics(self, stage: str, **values: float | int | str) -> None:
        """Append one line to metrics.jsonl."""
        self._append("metrics.jsonl", json.dumps({"stage": stage, **values}, allow_nan=False))

    def metrics(self, stage: str) -> list[dict[str, Any]]:
        """The stage's lines of metrics.jsonl; a line torn by a kill is left out."""
        path = self.path / "metrics.jsonl"
        found: list[dict[str, Any]] = []
        for line in path.read_bytes().splitlines() if path.exists() else []:
            with contextlib.suppress(ValueError):
                entry: Any = json.loads(line)
                if isinstance(entry, dict) and entry.get("stage") == stage:
                    found.append(cast(dict[str, Any], entry))
        return found

    def log(self, line: str) -> None:
        """Append one line to log.txt. Never pass example text."""
        self._append("log.txt", f"{now()} {line}")

    def _append(self, name: str, line: str) -> None:
        path = self.path / name
        try:
            with path.open("a+b") as out:
                torn = out.tell() > 0 and _last_byte(out) != b"\n"
                out.write((b"\n" if torn else b"") + line.encode() + b"\n")
        except OSError as fault:
            raise out_of_room(path, fault) from None if is_out_of_room(fault) else fault

    def _digests(self, paths: Sequence[Path]) -> dict[str, str]:
        return {self.relative(path): file_digest(path) for path in paths}

    def _set(self, stage: str, entry: dict[str, Any]) -> None:
        self._manifest["stages"][stage] = dict(entry)
        write_json(self.path / "run.json", self._manifest)


class StageRecord:
    """What a running stage says of itself: its folder, its outputs, facts for the manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outputs: list[Path] = []
        self.facts: dict[str, Any] = {}

    def __truediv__(self, name: str) -> Path:
        """The path of a file in the stage's folder, which becomes an output."""
        path = self.folder / name
        if path not in self.outputs:
            self.outputs.append(path)
        return path


def _last_byte(file: IO[bytes]) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
