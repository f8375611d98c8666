"""Memory and time foretold, beside measured: `python bench/forecast.py`.

Runs each setting through `bench/engine.py` in a process of its own, and writes
`bench/results/forecast.json` after each, so that what is interrupted goes on from there (`--again`
begins anew; `--only TEXT` runs those with this text in their name). `--fit` measures nothing: it
prints the constants of `osler.engine.duration` with which the stored measurements are met best.
`--dry` tries the script itself on a small model, on any machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import transformers
from rich.console import Console
from rich.table import Table
from scipy.optimize import least_squares

import engine as bench
import stand_in
from headline import ROWS
from measured import HERE, measure_all
from osler.disk import write_json
from osler.engine import duration
from osler.engine.memory import peak
from osler.engine.plan import Plan
from osler.engine.shape import shape_of
from osler.engine.work import Work
from osler.train.budget import Place, work_of

GIB = 2**30
STEPS = "--steps 14"

SHARED = (
    "0.5B bf16: Osler", "0.5B bf16: Osler, float8 base", "7B bf16: Osler", "7B float8: Osler",
    "7B NF4, 16 GiB: Osler", "24 GiB: Osler, 65,536 tokens", "24 GiB: Osler, 163,840 tokens",
)  # fmt: skip
"""Rows of headline.py, which are taken from there when they are measured."""
SEVEN = f"engine.py --model llama7 {STEPS}"
HALF = f"engine.py --model qwen05 {STEPS}"
SETTINGS = {name: ROWS[name] for name in SHARED} | {
    "0.5B LoRA, not compiled": f"{HALF} --without compile --batch 8",
    "0.5B LoRA, rows of 512": f"{HALF} --batch 64 --length 512",
    "0.5B LoRA, rows of 16,384": f"{HALF} --batch 2 --length 16384 --fixed 16384",
    "0.5B NF4, 12 of 24 recomputed": f"{HALF} --method qlora --batch 16 --recompute 12",
    "0.5B full": f"{HALF} --method full --batch 8",
    "0.5B full, recomputed": f"{HALF} --method full --batch 16 --recompute 24",
    "7B LoRA, recomputed": f"{SEVEN} --batch 8 --length 4096 --recompute 32",
    "7B NF4, recomputed": f"{SEVEN} --method qlora --batch 4 --length 4096 --recompute 32",
    "7B NF4, one row of 16,384": (
        f"{SEVEN} --method qlora --batch 1 --length 16384 --fixed 16384 --recompute 32"
    ),
    "7B float8, one row of 32,768, offload": (
        f"{SEVEN} --float8 --batch 1 --length 32768 --fixed 32768 --recompute 32 --offload"
    ),
    "7B full, recomputed": f"{SEVEN} --method full --batch 1 --length 4096 --recompute 32",
}
"""Name -> bench/engine.py and its arguments."""

TINY = f"engine.py --model tiny --without compile {STEPS}"
DRY = {
    "tiny LoRA": f"{TINY} --batch 2 --length 256",
    "tiny full, recomputed": f"{TINY} --method full --batch 2 --length 256 --recompute 2",
    "tiny LoRA, recomputed in tiles": f"{TINY} --batch 1 --length 512 --recompute 2 --tile 128",
}

FITTED = {
    "PRODUCTS": None, "FLOAT8_RATE": None, "ATTENTION": None, "ATTENTION_ALONE": None,
    "ATTENTION_START": None, "PASSES": True, "FLOAT8_PASSES": None, "UNPACKING": None,
}  # fmt: skip
"""Constants of time that `--fit` moves; those of a table with the key that is."""


def main() -> None:
    """Measure what is not measured yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    name = "forecast-dry.json" if given.dry else "forecast.json"
    out = given.out or HERE / "results" / name
    wanted = {} if given.fit else DRY if given.dry else SETTINGS
    headline = HERE / "results" / "headline.json"
    found = measure_all(wanted, out, again=given.again, only=given.only, known=headline)
    machine = found["machine"]
    points = [point_of(name, row, machine) for name, row in found["rows"].items()]
    if given.fit:
        fit(points, machine)
        return show(points, machine)
    show(points, machine)
    found["forecast"] = {point.name: point.errors(machine) for point in points}
    return write_json(out, found)


# -- beside the forecast -----------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A setting, and what was measured of it."""

    name: str
    work: Work
    plan: Plan
    gib: float | None
    ms: float | None

    def foretold(self, machine: dict[str, Any]) -> tuple[float, float]:
        """GiB at the peak, and milliseconds a step."""
        speed = duration.Speed(machine["rate"], machine["bandwidth"])
        gib = peak(self.work, self.plan) / GIB
        return gib, 1e3 * duration.seconds(self.work, self.plan, speed)

    def errors(self, machine: dict[str, Any]) -> dict[str, Any]:
        """Foretold, measured and by how many percent the forecast is off."""
        gib, ms = self.foretold(machine)
        return {
            "gib": [round(gib, 2), self.gib, percent(gib, self.gib)],
            "ms": [round(ms, 1), self.ms, percent(ms, self.ms)],
        }


def percent(foretold: float, measured: float | None) -> float | None:
    """How far the forecast is off."""
    return None if not measured else round(100 * (foretold / measured - 1), 1)


def point_of(name: str, row: dict[str, Any], machine: dict[str, Any]) -> Point:
    """The same step as the engine sees it."""
    given = bench.setting(row["command"].split()[1:])
    family, sizes = stand_in.SHAPES[given.model]
    shape = shape_of(getattr(transformers, f"{family}Config")(**sizes))
    lengths = [int(n) for row in stand_in.rows(given)["seq_lengths"] for n in row]
    place = Place(machine["device"], machine["bf16"], tuple(machine["capability"]), 0)
    work = work_of(bench.recipe_of(given, Path("model")), shape, lengths, place)
    return Point(name, work, bench.plan_of(given), row.get("peak_gib"), row.get("median_ms"))


def show(points: Sequence[Point], machine: dict[str, Any]) -> None:
    """All settings, forecast beside measurement."""
    table = Table("setting", title=f"{machine['name']}: foretold, measured, off by %")
    for column in ("GiB", "measured", "%", "ms", "measured", "%"):
        table.add_column(column, justify="right")
    for point in points:
        found = point.errors(machine)
        cells = ["" if value is None else str(value) for value in (*found["gib"], *found["ms"])]
        table.add_row(point.name, *cells)
    Console(width=130).print(table)
    for what in ("gib", "ms"):
        off = [point.errors(machine)[what][2] for point in points]
        known = [abs(value) for value in off if value is not None]
        if known:
            print(f"{what}: {len(known)} settings, off by {max(known)} % at the most")


def fit(points: Sequence[Point], machine: dict[str, Any]) -> None:
    """Move the constants of time until the measurements are met best, and print them."""
    known = [point for point in points if point.ms]
    before = np.array([constant(name) for name in FITTED])

    def residuals(logs: np.ndarray) -> np.ndarray:
        for name, value in zip(FITTED, before * np.exp(logs), strict=True):
            set_constant(name, float(value))
        off = [np.log(p.foretold(machine)[1] / p.ms) for p in known]
        return np.array([*off, *(0.05 * logs)])  # what no setting shows stays where it is

    # A row that an unquiet machine spoilt counts less than by its square.
    found = least_squares(residuals, np.zeros(len(before)), loss="soft_l1", f_scale=0.05)
    residuals(found.x)
    for name in FITTED:
        print(f"{name} = {constant(name):.3g}")


def constant(name: str) -> float:
    """A constant of the forecast."""
    value = getattr(duration, name)
    return value if FITTED[name] is None else value[FITTED[name]]


def set_constant(name: str, value: float) -> None:
    """Set it, in this process alone."""
    if FITTED[name] is None:
        setattr(duration, name, value)
    else:
        getattr(duration, name)[FITTED[name]] = value


if __name__ == "__main__":
    main()
