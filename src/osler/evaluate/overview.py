"""Several tasks at a glance: every measure of every system by task, on screen and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.evaluate.show import ARROWS, figure, figure_with_interval, interval_of
from osler.pages import environment

TOLD = ("bits_per_byte", "rougeLsum", "stop_rate", "empty_rate")
"""Measures of every task that the overview tells, beside those of the task that decide or that are
of a single kind of mistake; a task's own page has all."""
ALSO = ("refused_wrongly", "valid_form", "sentences_right")


def told_measures(summary: Mapping[str, Any]) -> list[str]:
    """Names of the measures of a task that an overview has."""
    return [
        name
        for name, measure in summary["measures"].items()
        if (measure["decides"] or name in TOLD or name in ALSO)
        and any(name in system["measures"] for system in summary["systems"].values())
    ]


def harms(tasks: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """By system, on which measures of which tasks it is worse than the base: `TASK: MEASURE`."""
    found: dict[str, list[str]] = {}
    for task, summary in tasks.items():
        for comparison in summary["comparisons"]:
            if comparison["b"] == "base" and comparison["outcome"] == "worse":
                label = summary["measures"][comparison["measure"]]["label"]
                found.setdefault(comparison["a"], []).append(f"{task}: {label}")
    return found


def unjudged(tasks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The tasks that allow no verdict, so that harm could not be seen there."""
    found: list[str] = []
    for task, summary in tasks.items():
        outcomes = [one["outcome"] for one in summary["comparisons"] if one["b"] == "base"]
        if set(outcomes) <= {"no verdict"}:
            found.append(f"{task}: no verdict can be given on {summary['items']} items in "
                         f"{summary['groups']} groups; harm would not be seen.")  # fmt: skip
    return found


def print_overview(tasks: Mapping[str, Mapping[str, Any]], console: Console | None = None) -> None:
    """A table of every task against every system, and who is worse than the base on what."""
    console = console or Console()
    systems = list(dict.fromkeys(name for one in tasks.values() for name in one["systems"]))
    table = Table("task", "measure", *systems)
    for task, summary in tasks.items():
        for position, name in enumerate(told_measures(summary)):
            measure = summary["measures"][name]
            cells = [_cell(summary, system, name, measure["unit"]) for system in systems]
            label = f"{measure['label']} {ARROWS[measure['better']]}".strip()
            size = f"{task} ({summary['items']})" if position == 0 else ""
            table.add_row(size, label, *cells, end_section=name == told_measures(summary)[-1])
    console.print(table)
    for name, where in harms(tasks).items():
        line = f"{name} is worse than base on {'; '.join(where)}."
        console.print(line, markup=False, highlight=False, style="bold")
    for line in unjudged(tasks):
        console.print(line, markup=False, highlight=False)


def _cell(summary: Mapping[str, Any], system: str, name: str, unit: str) -> str:
    found = summary["systems"].get(system, {"measures": {}})["measures"].get(name)
    return figure_with_interval(unit, found) if found else "–"


def render_overview(
    results: Mapping[str, Any], title: str, pages: Mapping[str, str] | None = None
) -> str:
    """The page: verdicts, then a table for each task. `pages`: the page of each task, by name."""
    tasks: Mapping[str, Any] = results["tasks"]
    template = environment(Path(__file__).parent).get_template("overview.html.j2")
    return template.render(
        results=results,
        title=title,
        pages=pages or {},
        harms=harms(tasks),
        unjudged=unjudged(tasks),
        tables={task: _table(summary) for task, summary in tasks.items()},
        verdicts={task: _outcomes(summary) for task, summary in tasks.items()},
    )


def _table(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in told_measures(summary):
        measure = summary["measures"][name]
        cells = [
            {"mean": figure(measure["unit"], found["mean"]),
             "interval": interval_of(measure["unit"], found)}
            if (found := system["measures"].get(name)) else None
            for system in summary["systems"].values()
        ]  # fmt: skip
        rows.append({"measure": measure, "arrow": ARROWS[measure["better"]], "cells": cells})
    return rows


def _outcomes(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each comparison that came to something, in words."""
    return [
        {"outcome": one["outcome"], "sentence": one["sentence"]}
        for one in summary["comparisons"]
        if one["b"] == "base" and one["outcome"] in ("better", "worse", "equivalent")
    ]
