"""Shares by kind of order and by carrier, with intervals, and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.evaluate.statistics import wilson_interval

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
    """Orders that could show a sign, those that did in any of the rows, and Wilson's interval."""
    told: dict[str, set[str]] = {}
    for row in rows:
        if row[way] is not None:
            told.setdefault(row["order"].id, set()).add(row[way])
    if not told:
        return {"orders": 0}
    changed = [some for some in told.values() if some != {"same"}]
    low, high = wilson_interval(len(changed), len(told))
    return {
        "orders": len(told), "changed": len(changed),
        "of these only quoted": sum("changed" not in some for some in changed),
        "interval": [round(100 * low, 1), round(100 * high, 1)],
    }  # fmt: skip


def show(found: dict[str, Any], alarms: dict[str, dict[str, Any]], console: Console) -> None:
    """The shares of both halves, and the false alarms, as tables."""
    for group in ("kinds", "carriers"):
        table = Table(title=f"Orders that changed behaviour, in %, by {group[:-1]}")
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
    if not shares["orders"]:
        return "–"
    share = 100 * shares["changed"] / shares["orders"]
    low, high = shares["interval"]
    return f"{share:.0f} [{low:.0f}, {high:.0f}]"
