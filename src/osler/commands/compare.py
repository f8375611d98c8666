"""`osler compare`: a table of every task against every adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.commands.environment import set_for
from osler.commands.stages import plain_console, refuse_untuned
from osler.runs import run_named


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    runs: Sequence[str]
    out: Path
    items: int | None
    new_tokens: int | None


def compare_runs(wish: Wish) -> None:
    """Examine them, print the table, and say where it lies."""
    runs = [run_named(name) for name in wish.runs]
    for run in runs:
        refuse_untuned(run)
    set_for(runs[0].recipe)
    from osler.evaluate.compare import Limits, compare
    from osler.evaluate.overview import print_overview

    results = compare(runs, wish.out, Limits(wish.items, wish.new_tokens))
    console = plain_console()
    print_overview(results["tasks"], console)
    for note in results["notes"]:
        console.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
    print(f"Table: {wish.out}/compare.html and results.json")
