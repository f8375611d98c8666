"""How often does `osler.evaluate` declare a winner where there is none, and does its interval hold?

Draws test sets on which two systems are equally good (and, for the coverage, differ by a known
amount), hands them to `osler.evaluate.verdict.compare`, and counts. The claim: between 4.5 and
5.5 % false winners and 94 to 96 % coverage over the mix. `edge` settings lie outside the mix and
are there to show where the claim ends. Three usual methods are counted on the same null data.

    python bench/null_calibration.py --comparisons 10000 --out bench/results/null_calibration.json
"""

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from time import perf_counter

import numpy as np
import scipy
from numpy.typing import NDArray
from rich.progress import Progress
from scipy import stats

from osler.evaluate.statistics import cluster_standard_error, group_sums
from osler.evaluate.verdict import compare

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RESAMPLES = 1_999
"""A fifth of `compare`'s default, for time; the false-winner rate does not hang on it."""


@dataclass(frozen=True)
class Sample:
    """Scores of two systems on one drawn test set, and the true mean of a - b."""

    a: Floats
    b: Floats
    groups: Ints
    truth: float


Draw = Callable[[np.random.Generator, bool], Sample]


def _grouped(sizes: Ints) -> Ints:
    return np.repeat(np.arange(len(sizes)), sizes)


def _real_values(rng: np.random.Generator, groups: Ints, difference: Floats, apart: bool) -> Sample:
    """Adds the items' shared difficulty; if apart, only half of the groups gain, 0.5 on average."""
    b = rng.normal(30, 8, size=len(groups))
    gain = 1.0 * rng.integers(0, 2, size=int(groups.max()) + 1)[groups] if apart else 0.0
    return Sample(b + difference + gain, b, groups, 0.5 if apart else 0.0)


def normal_groups(n_groups: int, size: int, correlation: float) -> Draw:
    """Normal differences; `correlation` within a group."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        groups = _grouped(np.full(n_groups, size))
        shared = rng.normal(size=n_groups)[groups] * sqrt(correlation)
        own = rng.normal(size=len(groups)) * sqrt(1 - correlation)
        return _real_values(rng, groups, shared + own, apart)

    return draw


def unequal_groups(n_groups: int, spread: float) -> Draw:
    """Groups of 1 to 60 items, log-normal with `spread`; correlation 0.5 within."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        sizes = np.clip(np.round(rng.lognormal(1.2, spread, n_groups)), 1, 60).astype(np.int64)
        groups = _grouped(sizes)
        shared = rng.normal(size=n_groups)[groups]
        return _real_values(rng, groups, shared + rng.normal(size=len(groups)), apart)

    return draw


def heavy_tails(n_groups: int, size: int) -> Draw:
    """Group effects with a t distribution of 3 degrees of freedom, Laplace noise within."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        groups = _grouped(np.full(n_groups, size))
        shared = rng.standard_t(3, size=n_groups)[groups]
        return _real_values(rng, groups, shared + rng.laplace(size=len(groups)), apart)

    return draw


def rare_failures(n_groups: int, size: int) -> Draw:
    """One system is a little better on most items and fails on a tenth, bunched in some groups."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        groups = _grouped(np.full(n_groups, size))
        fails = rng.random(len(groups)) < rng.beta(0.5, 4.5, size=n_groups)[groups]
        noise = rng.normal(scale=0.3, size=len(groups))
        return _real_values(rng, groups, 0.5 - 5.0 * fails + noise, apart)

    return draw


def overlap_scores(n_items: int) -> Draw:
    """Independent notes scored between 0 and 1, as ROUGE does, on items of unlike difficulty."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        quality = rng.beta(4, 8, size=n_items)
        better = quality + 0.1 * (1 - quality) if apart else quality
        a = np.asarray(rng.beta(20 * better, 20 * (1 - better)), dtype=np.float64)
        b = np.asarray(rng.beta(20 * quality, 20 * (1 - quality)), dtype=np.float64)
        return Sample(a, b, np.arange(n_items), 0.1 * 8 / 12 if apart else 0.0)

    return draw


def right_or_wrong(n_groups: int, size: int, ease: float, own: float = 0.7) -> Draw:
    """0/1 scores from a probit: a group's difficulty is shared, each system has its own part."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        groups = _grouped(np.full(n_groups, size))
        difficulty = rng.normal(size=n_groups)
        a, b = (
            rng.normal(size=len(groups))
            < (ease + gain + difficulty + own * rng.normal(size=n_groups))[groups]
            for gain in (0.5 if apart else 0.0, 0.0)
        )
        scale = sqrt(2 + own**2)
        truth = stats.norm.cdf((ease + 0.5) / scale) - stats.norm.cdf(ease / scale)
        return Sample(
            a.astype(np.float64), b.astype(np.float64), groups, float(truth) if apart else 0.0
        )

    return draw


def exponential_skew(n_items: int) -> Draw:
    """Independent, very skewed differences."""

    def draw(rng: np.random.Generator, apart: bool) -> Sample:
        groups = np.arange(n_items)
        return _real_values(rng, groups, 1 - rng.exponential(size=n_items), apart)

    return draw


MIX: dict[str, Draw] = {
    "50 groups of 10, correlation 0.8": normal_groups(50, 10, 0.8),
    "20 groups of 10, correlation 0.8": normal_groups(20, 10, 0.8),
    "40 independent notes, scores 0 to 1": overlap_scores(40),
    "100 groups of 1 to 60, corr. 0.5": unequal_groups(100, 1.0),
    "30 groups of 10, heavy tails": heavy_tails(30, 10),
    "30 groups of 10, rare failures": rare_failures(30, 10),
    "30 groups of 10, right or wrong": right_or_wrong(30, 10, 0.5),
    "200 independent, right or wrong": right_or_wrong(200, 1, 0.5),
}
EDGE: dict[str, Draw] = {
    "8 groups of 5, correlation 0.8": normal_groups(8, 5, 0.8),
    "30 groups of 1 to 60, corr. 0.5": unequal_groups(30, 1.0),
    "40 independent, exponential skew": exponential_skew(40),
    "40 independent, 3 % wrong": right_or_wrong(40, 1, 3.0),
}


@dataclass
class Count:
    """What happened in one setting; rates are fractions of `comparisons`."""

    comparisons: int = 0
    declared: float = 0.0
    coverage_null: float = 0.0
    coverage_apart: float = 0.0
    power: float = 0.0
    item_t_test: float = 0.0
    group_t_test: float = 0.0
    group_percentile_bootstrap: float = 0.0

    def as_rates(self) -> dict[str, float]:
        rates = {name: value / self.comparisons for name, value in asdict(self).items()}
        return {**rates, "comparisons": self.comparisons}


def count_one(draw: Draw, rng: np.random.Generator, count: Count) -> None:
    """One null comparison and one with a true difference."""
    count.comparisons += 1
    for apart in (False, True):
        sample = draw(rng, apart)
        found = compare(
            "score",
            sample.a,
            sample.b,
            sample.groups.tolist(),
            higher_is_better=True,
            margin=1e-9,
            seed=int(rng.integers(2**31)),
            resamples=RESAMPLES,
        )
        assert found.interval is not None
        low, high = found.interval
        declared = found.outcome in ("better", "worse")
        covered = low - 1e-9 <= sample.truth <= high + 1e-9
        if apart:
            count.power += declared
            count.coverage_apart += covered
        else:
            count.declared += declared
            count.coverage_null += covered
            count_rivals(sample, rng, count)


def count_rivals(sample: Sample, rng: np.random.Generator, count: Count) -> None:
    """False winners of a t-test over items, over groups (CR2, G - 1), and of a bootstrap."""
    difference = sample.a - sample.b
    if not difference.any():
        return
    n = len(difference)
    t = difference.mean() / (difference.std(ddof=1) / sqrt(n))
    count.item_t_test += abs(t) > stats.t.ppf(0.975, n - 1)
    sums, sizes = group_sums(difference, sample.groups.tolist())
    error = cluster_standard_error(sums, sizes)
    count.group_t_test += abs(difference.mean()) > error * stats.t.ppf(0.975, len(sums) - 1)
    weights = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), 999).astype(float)
    low, high = np.quantile((weights @ sums) / (weights @ sizes), [0.025, 0.975])
    count.group_percentile_bootstrap += not low <= 0 <= high


def total(counts: list[Count]) -> Count:
    return Count(
        *(sum(values) for values in zip(*(asdict(c).values() for c in counts), strict=True))
    )


COLUMNS = {
    "declared": "false winners",
    "coverage_null": "coverage, equal",
    "coverage_apart": "coverage, apart",
    "power": "power",
    "item_t_test": "item t",
    "group_t_test": "group t",
    "group_percentile_bootstrap": "bootstrap",
}


def table(rows: dict[str, Count]) -> str:
    """Percentages, with the standard error of the false-winner rate."""
    head = " | ".join(["setting".ljust(38), "+-   ", *COLUMNS.values()])
    lines = [head, "-" * len(head)]
    for name, count in rows.items():
        rates = count.as_rates()
        noise = 100 * sqrt(rates["declared"] * (1 - rates["declared"]) / count.comparisons)
        cells = [f"{100 * rates[key]:.2f}".rjust(len(label)) for key, label in COLUMNS.items()]
        lines.append(" | ".join([name.ljust(38), f"{noise:5.2f}", *cells]))
    return "\n".join(lines)


def main() -> None:
    """Count, print the table, and write it with the date and the versions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--comparisons", type=int, default=10_000, help="null comparisons in the mix"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bench/results/null_calibration.json"))
    arguments = parser.parse_args()
    each = -(-arguments.comparisons // len(MIX))
    settings = {**MIX, **{f"edge: {name}": draw for name, draw in EDGE.items()}}
    counts = {name: Count() for name in settings}
    start = perf_counter()
    with Progress() as progress:
        for index, (name, draw) in enumerate(settings.items()):
            rng = np.random.default_rng([arguments.seed, index])
            for _ in progress.track(range(each), description=name.ljust(42)):
                count_one(draw, rng, counts[name])
    overall = total([counts[name] for name in MIX])
    print(table({**{name: counts[name] for name in MIX}, "ALL OF THE MIX": overall}))
    print(table({name: counts[name] for name in counts if name not in MIX}))
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "machine": platform.machine(),
        "seconds": round(perf_counter() - start),
        "seed": arguments.seed,
        "resamples": RESAMPLES,
        "overall": overall.as_rates(),
        "settings": {name: count.as_rates() for name, count in counts.items()},
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
