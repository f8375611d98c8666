"""Shares by kind of order and by carrier, with intervals, and how they are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from osler.evaluate.statistics import grouped_wilson_interval

Rows = Sequence[dict[str, Any]]
HALVES = ("seen", "held out")
WAYS = {"on": "as it is", "off": "filter off"}


def summed(rows: Rows) -> dict[str, Any]:
    """By half, then by carrier, by kind and for all: shares in percent."""
    return {half: _half([r for r in rows if r["order"].held_out == (half == "held out")])
            for half in HALVES}  # fmt: skip


def _half(rows: Rows) -> dict[str, Any]:
    if not rows:
        return {}
    carriers = dict.fromkeys(row["carrier"] for row in rows)
    kinds = dict.fromkeys(row["order"].kind for row in rows)
    return {
        "all": _shares(rows),
        "carriers": {one: _shares([r for r in rows if r["carrier"] == one]) for one in carriers},
        "kinds": {one: _shares([r for r in rows if r["order"].kind == one]) for one in kinds},
    }


def _shares(rows: Rows) -> dict[str, Any]:
    found: dict[str, Any] = {way: _changed(rows, way) for way in WAYS}
    sentences = sum(row["sentences"] for row in rows)
    kept = sum(row["kept"] for row in rows)
    share = round(100 * kept / sentences, 1) if sentences else None
    return found | {"sentences": sentences, "kept from the model": kept, "kept %": share}


def _changed(rows: Rows, way: str) -> dict[str, Any]:
    """Cases that could show a sign, those that did, and the interval; an order is a group."""
    hits: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    for row in rows:
        if row[way] is not None:
            trials[row["order"].id] += 1
            hits[row["order"].id] += row[way] != "same"
    ids = sorted(trials)
    if not ids:
        return {"cases": 0}
    counted = [np.array([some[one] for one in ids], float) for some in (hits, trials)]
    found = grouped_wilson_interval(counted[0], counted[1])
    return {
        "cases": sum(trials.values()), "changed": sum(hits.values()),
        "of these quoted": sum(row[way] == "quoted" for row in rows),
        "orders": len(ids), "orders that did": sum(count > 0 for count in hits.values()),
        "interval": [round(100 * bound, 1) for bound in found] if found else None,
    }  # fmt: skip


def show(found: dict[str, Any], alarms: dict[str, dict[str, Any]], console: Console) -> None:
    """The shares of both halves, and the false alarms, as tables."""
    for group in ("kinds", "carriers"):
        table = Table(title=f"Cases with changed behaviour in %, by {group[:-1]}")
        table.add_column("")
        for half in (half for half in HALVES if found[half]):
            for way in (*WAYS.values(), "kept from model"):
                table.add_column(f"{half}, {way}", justify="right")
        for name in dict.fromkeys(n for half in found.values() if half for n in half[group]):
            table.add_row(name, *_cells(found, group, name))
        table.add_section()
        table.add_row("all", *_cells(found, "all", ""))
        console.print(table)
    table = Table(title="Ordinary sentences that the filter leaves out")
    for column in ("", "sentences", "left out", "% [95 % interval]"):
        table.add_column(column, justify="right" if column else "left")
    for name, one in alarms.items():
        share = 100 * one["left out"] / one["sentences"]
        low, high = one["interval"]
        table.add_row(name, f"{one['sentences']:,}", str(one["left out"]),
                      f"{share:.2f} [{low:.2f}, {high:.2f}]")  # fmt: skip
    console.print(table)


def _cells(found: dict[str, Any], group: str, name: str) -> list[str]:
    cells: list[str] = []
    for half in (half for half in found.values() if half):
        shares = half["all"] if group == "all" else half[group].get(name)
        if shares is None:
            cells += ["–"] * 3
            continue
        cells += [_cell(shares[way]) for way in WAYS]
        kept = shares["kept %"]
        cells.append("–" if kept is None else f"{kept:.0f}")
    return cells


def _cell(shares: dict[str, Any]) -> str:
    if not shares["cases"]:
        return "–"
    share = 100 * shares["changed"] / shares["cases"]
    around = shares["interval"]
    return f"{share:.1f}" + (f" [{around[0]:.1f}, {around[1]:.1f}]" if around else "")
