"""The runs of a folder as the page shows them: stages, verdicts, measures, the report."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.disk import read_json
from osler.errors import UserError
from osler.run import LOCK, Run
from osler.serve.app.told import NotThere

MOST_REPORT = 30_000_000
"""Bytes of the longest report that is shown."""


@dataclass(frozen=True)
class RunFolder:
    """A folder of runs. `stages`: the names of all stages, in their order."""

    path: Path
    stages: Sequence[str]

    def all(self) -> list[dict[str, Any]]:
        """What can be opened: runs, then comparisons of runs, the newest of each first."""
        found: list[dict[str, Any]] = []
        for lock in self.path.glob("*/recipe.lock.json"):
            try:
                found.append(self._short(Run.open(lock.parent)))
            except UserError as fault:
                found.append({"run": lock.parent.name, "created": "", "fault": fault.message})
        compared = [_compared(folder.name, told) for folder, told in self._compared().values()]
        return [*_newest_first(found), *_newest_first(compared)]

    def one(self, name: str) -> dict[str, Any]:
        """A run with its results, or what several runs were compared by."""
        if name in (compared := self._compared()):
            return _compared(name, compared[name][1])
        run = self._named(name)
        results = _results(run.path / "evaluate")
        return {
            **self._short(run),
            "verdict": list(results.get("verdict", {}).values()),
            "comparisons": [
                {key: one.get(key) for key in ("a", "b", "measure", "outcome", "sentence")}
                for one in results.get("comparisons", [])
            ],
            "systems": list(results.get("systems", {})),
            "measures": _table(results),
            "confidence": results.get("settings", {}).get("confidence"),
            "items": results.get("items"),
            "groups": results.get("groups"),
            "report": (run.path / "evaluate" / "report.html").is_file(),
        }

    def report(self, name: str) -> str:
        """The report of a run, or of a comparison, as HTML."""
        if name in (compared := self._compared()):
            path = compared[name][0] / "compare.html"
        else:
            path = self._named(name).path / "evaluate" / "report.html"
        if not path.is_file():
            raise NotThere("This run has no report yet.", "osler evaluate writes it.")
        if path.stat().st_size > MOST_REPORT:
            raise UserError(f"{path}: too long to be shown here.", "Open the file itself.")
        return path.read_text("utf-8")

    def _compared(self) -> dict[str, tuple[Path, dict[str, Any]]]:
        """Folders that `osler compare` has written, among the runs or beside their folder where
        it writes by default, with their results, by the folder's name."""
        pages = [*self.path.parent.glob("*/compare.html"), *self.path.glob("*/compare.html")]
        found = {page.parent.name: (page.parent, _results(page.parent)) for page in pages}
        return {name: (folder, told) for name, (folder, told) in found.items() if "tasks" in told}

    def _named(self, name: str) -> Run:
        """A run by the name of its folder, which is one of those that are there."""
        for lock in self.path.glob("*/recipe.lock.json"):
            if lock.parent.name == name:
                return Run.open(lock.parent)
        raise NotThere("There is no such run.")

    def _short(self, run: Run) -> dict[str, Any]:
        manifest = read_json(run.path / "run.json")
        recipe = run.recipe
        return {
            "run": run.path.name, "name": recipe.name, "created": manifest.get("created", ""),
            "model": recipe.model.id, "method": recipe.train.method, "task": recipe.evaluate.task,
            "stages": [self._stage(run, name) for name in self.stages],
        }  # fmt: skip

    def _stage(self, run: Run, name: str) -> dict[str, Any]:
        record, status = run.record(name), run.status(name)
        if status == "running" and not _is_worked_on(run.path):
            status = "killed"
        facts = {key: record[key] for key in ("seconds", "error", "rows") if key in record}
        return {"name": name, "status": status, **facts}


def _newest_first(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: (one["created"], one["run"]), reverse=True)


def _compared(name: str, results: dict[str, Any]) -> dict[str, Any]:
    """Several models on several tasks; all that is to be said of them is in the report."""
    models = list(results.get("runs", {}))
    made = {"created": results.get("time", ""), "model": results.get("base", "")}
    return {"run": name, "name": name, **made, "compared": models}


def _results(folder: Path) -> dict[str, Any]:
    path = folder / "results.json"
    return read_json(path) if path.is_file() else {}


def _table(results: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each measure that any system has, with mean and interval of each."""
    systems = results.get("systems", {})
    rows: list[dict[str, Any]] = []
    for name, about in results.get("measures", {}).items():
        cells = [system["measures"].get(name) for system in systems.values()]
        if any(cells):
            rows.append({"name": name, **about, "cells": cells})
    return rows


def _is_worked_on(path: Path) -> bool:
    """Whether a process holds the run."""
    try:
        with (path / LOCK).open("r+") as handle:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
