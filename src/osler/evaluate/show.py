"""Results on the terminal: the verdict in words, and a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from osler.evaluate.sentences import counted

DIGITS = {"bits": 3, "points": 1, "%": 1, "ratio": 2}
INTERVAL = 13
"""Characters of the longest interval, which would be cut in a narrower column."""
ARROWS = {"higher": "↑", "lower": "↓", "neither": ""}


def figure(unit: str, value: float) -> str:
    """A value with the decimals that suit its measure's unit."""
    return f"{value:.{DIGITS[unit]}f}"


def figure_with_interval(unit: str, found: dict[str, Any]) -> str:
    """`41.2 (38.0–44.1)`, or the bare figure where there is no interval."""
    mean, interval = figure(unit, found["mean"]), interval_of(unit, found)
    return f"{mean} ({interval})" if interval else mean


def interval_of(unit: str, found: dict[str, Any]) -> str:
    """`38.0–44.1`; no measure is ever negative. Nothing where there is no interval."""
    if found["low"] is None:
        return ""
    return f"{figure(unit, found['low'])}–{figure(unit, found['high'])}"


def print_results(results: dict[str, Any], console: Console | None = None) -> None:
    """Print the verdict, what it rests on, and every measure of every system."""
    console = console or Console()
    for sentence in results["verdict"].values():
        console.print(f"{sentence}.", markup=False, highlight=False, style="bold")
    for comparison in results["comparisons"]:
        console.print(f"  {comparison['sentence']}.", markup=False, highlight=False)
    systems = results["systems"]
    table = Table(
        "measure",
        *(Column(name, min_width=INTERVAL) for name in systems),
        title=_title(results),
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for name, measure in results["measures"].items():
        cells = [
            figure_with_interval(measure["unit"], system["measures"][name])
            if name in system["measures"]
            else "–"
            for system in systems.values()
        ]
        if any(cell != "–" for cell in cells):
            table.add_row(f"{measure['label']} {ARROWS[measure['better']]}".strip(), *cells)
    console.print(table)
    for name, system in systems.items():
        for reason, count in system["zero_scores"].items():
            console.print(f"{name}: {count} scored 0: {reason}", markup=False, highlight=False)
    for note in results["notes"]:
        console.print(f"Note: {note}", markup=False, highlight=False)


def size_of(results: Mapping[str, Any]) -> str:
    """`240 items in 31 groups`."""
    items, groups = results["items"], results["groups"]
    if items == groups:
        return f"{counted(items, 'items')}, treated as independent"
    return f"{counted(items, 'items')} in {counted(groups, 'groups')}"


def _title(results: dict[str, Any]) -> str:
    size = size_of(results)
    level = f"mean ({100 * results['settings']['confidence']:g} % interval)"
    look = f", look {results['look']} at this test set" if "look" in results else ""
    return f"{size}{look}; {level}"
