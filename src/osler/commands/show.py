"""`osler show`: what happened in a run, from the files in its folder."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.commands.environment import set_environment
from osler.commands.stages import plain_console, verdict
from osler.disk import read_json
from osler.errors import RunError, UserError
from osler.pipeline import is_locked
from osler.rows import Row, read_rows
from osler.run import Run
from osler.runs import run_named
from osler.stages import STAGES

BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 60
MOST_IDS = 20
"""Ids listed for one reason of being dropped; the file has all of them."""


def show(name: str, what: str | None, row_id: str | None, *, force: bool) -> None:
    """Print one view of a run."""
    run, console = run_named(name), plain_console()
    if what == "row":
        if row_id is None:
            raise UserError("Which row?", f"osler show {name} row ID")
        show_row(run, row_id, console, force=force)
    elif what == "receipt":
        show_receipt(run, console)
    elif what == "losses":
        show_losses(run, console)
    else:
        show_run(run, console)


def _plain(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


# -- the whole run -----------------------------------------------------------------------------


def show_run(run: Run, console: Console) -> None:
    """Status of each stage, rows, losses, verdict, files."""
    recipe = run.recipe
    _plain(
        console, f"{run.path}: {recipe.model.id}, {recipe.train.method}, {recipe.train.objective}"
    )
    for stage in STAGES:
        entry = run.record(stage)
        seconds = f"{entry['seconds']:>8.1f} s" if "seconds" in entry else ""
        fault = f"  ({entry['error']})" if "error" in entry else ""
        status = run.status(stage)
        if status == "running" and not is_locked(run.path):
            status, fault = "killed", "  (go on with --resume)"
        _plain(console, f"  {stage:<9} {status:<12} {seconds}{fault}".rstrip())
    if run.status("data") == "done":
        _plain(console, f"rows      {_rows_in_words(_report(run))}")
    for name, label in (("loss", "loss"), ("eval_loss", "val. loss")):
        values = _losses(run, name)[1]
        if values:
            _plain(console, f"{label:<9} {sparkline(values)}  {values[0]:.3f} to {values[-1]:.3f}")
    for sentence in verdict(run):
        _plain(console, sentence)
    files = [name for stage in STAGES for name in run.record(stage).get("outputs", {})]
    if files:
        _plain(console, "files")
        for name in files:
            _plain(console, f"  {run.path / name}")


def _report(run: Run) -> dict[str, Any]:
    if run.status("data") != "done":
        raise RunError(
            f"{run.path}: the data stage is {run.status('data')}, so there are no rows to show.",
            f"First: osler data RECIPE --run-dir {run.path}",
        )
    return read_json(run.path / "data" / "report.json")


def _rows_in_words(report: dict[str, Any]) -> str:
    kept = ", ".join(f"{count} {split}" for split, count in report["kept"].items())
    dropped = sum(report["dropped"].values())
    changed = "".join(f", {report[n]} {n}" for n in ("cleaned", "shortened") if report[n])
    return f"{report['input']} read: {kept}; {dropped} dropped{changed}"


# -- receipt -----------------------------------------------------------------------------------


def show_receipt(run: Run, console: Console) -> None:
    """Counts, and each dropped row's id with its reason."""
    run.refuse_lost("data", test_rows=False)
    report = _report(run)
    _plain(console, f"rows      {_rows_in_words(report)}")
    dropped: dict[str, list[str]] = {}
    with (run.path / "data" / "receipt.jsonl").open(encoding="utf-8") as lines:
        for entry in map(json.loads, lines):
            if not entry["kept"]:
                of = f" (of {entry['of']})" if entry.get("of") else ""
                dropped.setdefault(entry["reason"], []).append(
                    f"{entry['id']} {entry['place']}{of}"
                )
    for reason, rows in sorted(dropped.items(), key=lambda pair: -len(pair[1])):
        _plain(console, f"{len(rows)} dropped: {reason}")
        for row in rows[:MOST_IDS]:
            _plain(console, f"    {row}")
        if len(rows) > MOST_IDS:
            more = len(rows) - MOST_IDS
            _plain(console, f"    … and {more} more in {run.path / 'data' / 'receipt.jsonl'}")
    counts = Counter(report["dropped"])
    if counts.total() != sum(map(len, dropped.values())):
        raise AssertionError("receipt and report do not agree")  # a fault of ours


# -- losses ------------------------------------------------------------------------------------


def _losses(run: Run, name: str) -> tuple[list[int], list[float]]:
    """Steps and values; a step logged twice, after a resume, counts once."""
    by_step = {entry["step"]: entry[name] for entry in run.metrics("train") if name in entry}
    return sorted(by_step), [by_step[step] for step in sorted(by_step)]


def show_losses(run: Run, console: Console) -> None:
    """A small plot and the table of what was logged."""
    steps, losses = _losses(run, "loss")
    if not losses:
        cure = "Set train.logging_steps lower." if run.status("train") == "done" else "Train first."
        raise RunError(f"{run.path}: no loss was logged; train is {run.status('train')}.", cure)
    for line in plot(losses):
        _plain(console, line)
    _plain(console, f"{'':>9}step {steps[0]} to {steps[-1]}")
    table = Table("step", "loss", "validation loss", "learning rate", box=None)
    looks = dict(zip(*_losses(run, "eval_loss"), strict=True))
    rates = dict(zip(*_losses(run, "learning_rate"), strict=True))
    values = dict(zip(steps, losses, strict=True))
    kept = run.record("train").get("best_step")
    for step in sorted({*values, *looks}):
        cells = (values.get(step), looks.get(step))
        rate = f"{rates[step]:.2e}" if step in rates else ""
        table.add_row(
            f"{step}{' kept' * (step == kept)}",
            *("" if v is None else f"{v:.4f}" for v in cells),
            rate,
        )
    console.print(table)


def sparkline(values: list[float]) -> str:
    """The values as one line of bars, thinned by averaging."""
    means = _thinned(values, MOST_BARS)
    low, high = min(means), max(means)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((mean - low) * scale)] for mean in means)


def plot(values: list[float], height: int = 10) -> list[str]:
    """The values as columns of `height` lines, with the scale on the left."""
    means = _thinned(values, MOST_BARS)
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    levels = [(mean - low) / span * (height - 1) for mean in means]
    lines: list[str] = []
    for line in range(height - 1, -1, -1):
        marks = "".join("•" if round(level) == line else " " for level in levels)
        lines.append(f"{low + span * line / (height - 1):>8.3f} │{marks}".rstrip())
    return lines


def _thinned(values: list[float], most: int) -> list[float]:
    if len(values) <= most:
        return values
    edges = [round(i * len(values) / most) for i in range(most + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


# -- one row -----------------------------------------------------------------------------------


def show_row(run: Run, row_id: str, console: Console, *, force: bool) -> None:
    """One row as the model reads it. Its text goes to a terminal, or elsewhere with --force."""
    run.refuse_lost("data", test_rows=False)
    entry = _receipt_of(run, row_id)
    _plain(
        console,
        f"{entry['id']}: {entry['place']}, group {entry['group'] or '–'}, "
        + (f"split {entry['split']}" if entry["kept"] else f"dropped: {entry['reason']}"),
    )
    if not entry["kept"]:
        return
    if entry["split"] == "test":
        # Test rows are opened to score and to keep them out of training, and nowhere else.
        _plain(console, "A test row: only `osler evaluate` opens it; see its report.html.")
        return
    set_environment(network=False)
    from osler.checks.report import print_row
    from osler.model import load_tokenizer
    from osler.template import tokenize_rows

    row = _row(run, entry["split"], row_id)
    tokenizer = load_tokenizer(run.recipe.model, run.recipe_folder)
    tokens = tokenize_rows(tokenizer, [row], run.recipe.data.system)[0]
    with_text = console.is_terminal or force
    print_row(row, tokens, tokenizer, console, with_text=with_text)
    if not with_text:
        _plain(console, "Its text is printed to a terminal only (or with --force).")


def _receipt_of(run: Run, row_id: str) -> dict[str, Any]:
    path: Path = run.path / "data" / "receipt.jsonl"
    with path.open(encoding="utf-8") as lines:
        found = [entry for entry in map(json.loads, lines) if entry["id"].startswith(row_id)]
    exact = [entry for entry in found if entry["id"] == row_id and entry["kept"]]
    exact = exact or [entry for entry in found if entry["id"] == row_id]
    if not exact and len(found) != 1:
        what = "no row has that id" if not found else f"{len(found)} rows have ids that begin so"
        raise UserError(f"{row_id[:40]}: {what}.", f"Ids are in {path}.")
    return (exact or found)[0]


def _row(run: Run, split: str, row_id: str) -> Row:
    rows = read_rows(run.path / "data" / f"{split}.jsonl")
    return next(row for row in rows if row.id.startswith(row_id))
