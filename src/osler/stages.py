"""The pipeline's order, stated once, and how a stage is run."""

from __future__ import annotations

from importlib import import_module

from osler.errors import RunError
from osler.run import Run

STAGES = {
    "data": "osler.data.prepare:prepare",
    "train": "osler.train.sft:train",
    "evaluate": "osler.evaluate.suite:evaluate",
    "export": "osler.export.merge:export",
}
"""Stage -> the plain function `(recipe, run) -> None` that does it."""


def run_stage(name: str, run: Run) -> None:
    """Run one stage of a run. Raises `RunError` when the stage before it is not done."""
    order = list(STAGES)
    before = order[: order.index(name)]
    needed = before[:1] if name == "train" else before[:2]
    for earlier in needed:
        if run.status(earlier) != "done":
            raise RunError(
                f"{run.path}: {name} needs {earlier}, which is {run.status(earlier)}.",
                f"First: osler {earlier} RECIPE --run-dir {run.path}",
            )
    module, function = STAGES[name].split(":")
    getattr(import_module(module), function)(run.recipe, run)
