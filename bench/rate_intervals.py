"""Do the 95 % intervals of rates in groups hold the true rate in 95 of 100 samples?

Draws patients of unlike numbers of things (claims, sections), each patient with a rate of its own
around the true one (beta-binomial), and hands their sums to `grouped_wilson_interval`. Beside it
stand Wilson's interval of all things as if they were independent, and the t interval of the groups.

    python bench/rate_intervals.py --out bench/results/rate_intervals.json
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy import stats

from osler.disk import write_json
from osler.evaluate.statistics import (
    cluster_standard_error,
    grouped_wilson_interval,
    wilson_interval,
)
from osler.progress import progress
from osler.run import installed_versions, now

Floats = NDArray[np.float64]
SETTINGS = (
    # groups, true rate, correlation within a group, things a group on average
    (28, 0.97, 0.05, 25), (28, 0.90, 0.10, 5), (28, 0.70, 0.20, 4), (28, 0.995, 0.02, 10),
    (28, 0.01, 0.02, 10), (12, 0.97, 0.10, 20), (8, 0.80, 0.30, 10), (100, 0.95, 0.30, 12),
)  # fmt: skip


def drawn(
    rng: np.random.Generator, setting: tuple[int, float, float, int]
) -> tuple[Floats, Floats]:
    """Hits and trials by group."""
    groups, rate, correlation, size = setting
    trials = 1 + rng.poisson(size * rng.gamma(2, 0.5, groups))
    own = rng.beta(rate * (1 / correlation - 1), (1 - rate) * (1 / correlation - 1), groups)
    return rng.binomial(trials, own).astype(np.float64), trials.astype(np.float64)


def t_interval(hits: Floats, trials: Floats) -> tuple[float, float]:
    rate = hits.sum() / trials.sum()
    half = stats.t.ppf(0.975, len(hits) - 1) * cluster_standard_error(hits - rate * trials, trials)
    return rate - half, rate + half


def measured(setting: tuple[int, float, float, int], samples: int, seed: int) -> dict[str, float]:
    """Shares of samples whose interval holds the true rate, and the mean width of ours."""
    rng = np.random.default_rng(seed)
    held, width = {"grouped_wilson": 0, "wilson": 0, "t": 0}, 0.0
    for _ in range(samples):
        hits, trials = drawn(rng, setting)
        ours = grouped_wilson_interval(hits, trials)
        assert ours is not None
        found = {
            "grouped_wilson": ours,
            "wilson": wilson_interval(int(hits.sum()), int(trials.sum())),
            "t": t_interval(hits, trials),
        }
        width += ours[1] - ours[0]
        for name, (low, high) in found.items():
            held[name] += low <= setting[1] <= high
    return {name: count / samples for name, count in held.items()} | {"width": width / samples}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    table = Table(
        "groups", "rate", "correlation", "things", "grouped Wilson", "Wilson", "t", "width"
    )
    rows: list[dict[str, float]] = []
    for setting in progress(SETTINGS, "coverage"):
        found = measured(setting, asked.samples, asked.seed)
        names = ("groups", "rate", "correlation", "things")
        rows.append(dict(zip(names, setting, strict=True)) | found)
        table.add_row(*map(str, setting), *(f"{100 * found[k]:.1f}" for k in found))
    Console(width=110).print(table)
    if asked.out:
        write_json(asked.out, {
            "date": now(), "versions": installed_versions(), "samples": asked.samples,
            "seed": asked.seed, "settings": rows,
        })  # fmt: skip


if __name__ == "__main__":
    main()
