"""The pipeline's order, stated once, and how a stage is run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from osler.memory import is_out_of_memory, out_of_memory
from osler.run import Run

STAGES = {
    "data": "osler.data.prepare:prepare",
    "train": "osler.train.sft:train",
    "evaluate": "osler.evaluate.suite:evaluate",
    "export": "osler.export.merge:export",
}
"""Stage -> the plain function `(recipe, run) -> None` that does it."""

GROWING = {
    "data": "osler.data.prepare:inputs_of",
    "export": "osler.export.merge:inputs_of",
}
"""Stage -> the function `run -> list[Path]` with which it lists what it reads."""


def run_stage(name: str, run: Run) -> None:
    """Run one stage of a run. Raises `RunError` when what it reads is not ready, and when the
    memory does not suffice."""
    refuse_unready(name, run)
    module, function = STAGES[name].split(":")
    try:
        getattr(import_module(module), function)(run.recipe, run)
    except (MemoryError, RuntimeError) as fault:
        if is_out_of_memory(fault):
            raise out_of_memory(name) from fault
        raise


def refuse_unready(name: str, run: Run) -> None:
    """Raise a `UserError` when what a stage reads is not there, or not as it was written."""
    for earlier in list(STAGES)[: list(STAGES).index(name)][:2]:
        run.refuse_lost(earlier, test_rows=name != "train")
    inputs_now(name, run)  # names a file of the user's own that is not there


def is_current(name: str, run: Run) -> bool:
    """True when a stage is done, and what it read and wrote is as it was."""
    return run.status(name) == "done" and run.is_done(name, inputs_now(name, run))


def inputs_now(name: str, run: Run) -> list[Path] | None:
    """What a stage would read now; None where that is what it has recorded.

    A stage states its inputs once, where it records them (`run.stage`). Two of them have a list
    that can grow: a folder gains a file, a run gains a verdict.
    """
    if name not in GROWING:
        return None
    module, function = GROWING[name].split(":")
    return getattr(import_module(module), function)(run)
