"""The runs there are: finding one by name or recipe, and telling one recipe from another."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from osler.disk import read_json
from osler.errors import RunError, UserError
from osler.recipe import Recipe
from osler.run import Run

RUNS = Path("runs")
"""Where runs are made, below the folder in which the command is given."""


def new_path(name: str) -> Path:
    """A folder for a new run that is not there yet: runs/NAME-TIMESTAMP."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path, number = RUNS / f"{name}-{stamp}", 1
    while path.exists():
        number += 1
        path = RUNS / f"{name}-{stamp}-{number}"
    return path


def all_runs() -> list[Run]:
    """The runs below runs/ that can be opened, oldest first."""
    found: list[tuple[tuple[str, str], Run]] = []
    for lock in RUNS.glob("*/recipe.lock.json"):
        with contextlib.suppress(UserError):
            run = Run.open(lock.parent)
            created = read_json(run.path / "run.json").get("created", "")
            found.append(((created, run.path.name), run))
    return [run for _, run in sorted(found, key=lambda pair: pair[0])]


def newest_run(recipe: Recipe) -> Run | None:
    """The newest run below runs/ that was made from the same settings."""
    return next((run for run in reversed(all_runs()) if run.belongs_to(recipe)), None)


def run_named(name: str) -> Run:
    """A run by its folder, or by the folder's name below runs/."""
    path = Path(name)
    if not path.exists() and (RUNS / name).is_dir():
        path = RUNS / name
    if not path.exists():
        known = [run.path.name for run in all_runs()][-3:]
        newest = f" The newest: {', '.join(reversed(known))}." if known else ""
        raise RunError(f"{name}: there is no such run.", f"Give a run's folder.{newest}")
    return Run.open(path)


def first_difference(ours: Any, theirs: Any, at: str = "") -> tuple[str, Any, Any] | None:
    """The first key in which two resolved recipes differ, with both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        mine, other = cast(dict[str, Any], ours), cast(dict[str, Any], theirs)
        for key in [*mine, *(key for key in other if key not in mine)]:
            place = f"{at}.{key}" if at else key
            found = first_difference(mine.get(key), other.get(key), place)
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list):
        left, right = cast(list[Any], ours), cast(list[Any], theirs)
        for index in range(max(len(left), len(right))):
            pair = [each[index] if index < len(each) else None for each in (left, right)]
            found = first_difference(pair[0], pair[1], f"{at}[{index}]")
            if found:
                return found
        return None
    return None if ours == theirs else (at, ours, theirs)


def refuse_other_recipe(run: Run, recipe: Recipe) -> None:
    """Raise `RunError` naming the first key in which the run's recipe differs."""
    if found := _difference(run, recipe):
        raise RunError(
            f"{run.path}: this run was made from another recipe: {found}.",
            "Choose another --run-dir (or leave it out for a new run), or set the key back.",
        )


def nearest_run(recipe: Recipe) -> tuple[Run, str] | None:
    """The newest run of a recipe of this name, and in what it differs."""
    same = (run for run in reversed(all_runs()) if run.recipe.name == recipe.name)
    return next(((run, found) for run in same if (found := _difference(run, recipe))), None)


def _difference(run: Run, recipe: Recipe) -> str:
    """The first key in which the run's recipe differs, with both values; empty where none does."""
    found = first_difference(recipe.deciding(), run.recipe.deciding())
    if not found:
        return ""
    key, now, then = found
    return f"{key} was {_short(then)} there and is {_short(now)} now"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
