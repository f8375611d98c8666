"""Runs that are trained, with the data stage's files written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from osler.disk import write_json
from osler.recipe_file import load_recipe
from osler.rows import Row, write_rows
from osler.run import Run
from osler.train.sft import train

SECRET = "zebrafish-0451"
"""Stands in every prompt: it must come up nowhere outside the data."""

NAMES = ("asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "lupus")


def make_rows(start: int, stop: int) -> list[Row]:
    """Questions with the secret, and answers, for numbers from start to stop."""
    return [
        Row(
            f"row-{number}",
            f"group-{number}",
            "clinic.csv",
            prompt=(
                {"role": "user", "content": f"What is {NAMES[number % 8]} {number}? {SECRET}"},
            ),
            completion=(
                {"role": "assistant", "content": f"It is {NAMES[number % 8]}, {number} in all."},
            ),
        )
        for number in range(start, stop)
    ]


def make_report() -> dict[str, object]:
    """What the data stage says of these rows."""
    return {
        "input": 60,
        "kept": {"train": 40, "validation": 8, "test": 12},
        "dropped": {},
        "groups": {"train": 20, "validation": 8, "test": 12},
        "licences": {"clinic.csv": "CC0-1.0"},
        "identifiers": {},
    }


@pytest.fixture(scope="session")
def trained_run(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Makes a trained run: `trained_run(*overrides, model=folder)`. 40 training, 8 validation
    rows; the test rows' file cannot be read, so whoever opens it fails."""

    def make(*overrides: str, model: Path = tiny_model) -> Run:
        folder = tmp_path_factory.mktemp("trained")
        recipe = folder / "recipe.yaml"
        recipe.write_text(
            json.dumps(
                {
                    "name": "small",
                    "model": {"id": str(model)},
                    "data": {"sources": [{"type": "csv", "path": "clinic.csv"}], "max_length": 256},
                    "train": {"learning_rate": 0.02, "max_steps": 12, "save_steps": 12},
                    "export": {"prompts": 12},
                }
            )
        )
        run = Run.create(load_recipe(recipe, overrides), folder / "run")
        write_rows(run.dir("data") / "train.jsonl", make_rows(0, 40))
        write_rows(run.dir("data") / "validation.jsonl", make_rows(40, 48))
        (run.dir("data") / "test.jsonl").write_text("not to be opened by export\n")
        write_json(run.dir("data") / "report.json", make_report())
        train(run.recipe, run)
        return run

    return make
