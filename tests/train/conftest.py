"""A run whose data stage is done, small enough to train in a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from osler.recipe_file import load_recipe
from osler.run import Run
from osler.stages import run_stage


@pytest.fixture
def prepared_run(recipe_file: Path, tmp_path: Path) -> Callable[..., Run]:
    """Makes a run directory with the data stage done: `prepared_run(name, *overrides)`."""

    def make(name: str, *overrides: str) -> Run:
        run = Run.create(load_recipe(recipe_file, overrides), tmp_path / name)
        run_stage("data", run)
        return run

    return make
