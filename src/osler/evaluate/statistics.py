"""Intervals and tests for an examination of two systems on the same items.

Test items that share a source (a patient, a topic, a web page) are not independent, so every
paired test here treats the *group* as the unit. What is estimated is the plain mean over items.

The paired method is one test and its inversion, so the p-value and the interval cannot disagree:

* Under the null hypothesis each group's summed difference could as well have had the other sign.
  The signs of whole groups are flipped and the statistic is recomputed each time (Fisher 1935; the
  wild cluster bootstrap with the null imposed, Cameron, Gelbach & Miller 2008). With symmetric
  differences this is exact, for any group sizes and any correlation within a group.
* The statistic is the cluster-robust t after Hall's (1992) cubic transformation, which takes out
  its skewness. It keeps the test honest where symmetry fails: a system that is slightly better on
  most items and much worse on a few.
* Ties count half (mid-p). Without that, 0/1 scores are judged at 2 % where 5 % is promised.
* The interval holds each difference that the test would not reject.
* Right-or-wrong scores that differ in fewer than MIN_GROUPS groups get two imagined items, one for
  each side, since differences too rare to be met must not be taken for none.
* For the same reason an interval alone never shows that two systems are equivalent: see
  `farthest_mean`.

`bench/null_calibration.py` measures the false-winner rate and the coverage, and those of two
methods that were set aside for it: the percentile cluster bootstrap (8 % false winners at 20
groups, 10 % at 8) and the t-interval with G - 1 degrees of freedom (6 to 7 % with unequal groups,
7 to 8 % with skewed differences).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import ceil, inf, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from osler.errors import UserError
from osler.evaluate.flips import SignFlipTest, without_noise

Floats = NDArray[np.float64]
Scores = Sequence[float] | Floats

MIN_GROUPS = 8
"""Below this the test has too few sign patterns and the variance too few degrees of freedom."""
MOST_IN_ONE = 0.9
"""A group with more than this share of all items is the result; the others add next to nothing."""
MOST_ITEMS = 100_000
"""Beyond this many further items, advice to collect more is of no use."""


def wilson_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's (1927) score interval of a proportion; keeps its coverage at 0 and at small n."""
    _check_counts(successes, n, level)
    return _wilson(successes / n, n, level)


def grouped_wilson_interval(
    hits: Floats, trials: Floats, level: float = 0.95
) -> tuple[float, float] | None:
    """Wilson's interval of a rate whose trials come in groups: all hits over all trials.

    `hits` and `trials` are summed by group; groups without trials say nothing. As many trials
    count as these groups are worth: their number over the design effect, which is the CR2 variance
    over the binomial one (Kish 1965), and less by (z / t)^2, since that was estimated from few
    groups (Korn & Graubard 1998), or from fewer where they are of unlike size. Where all trials or
    none are hits no spread is seen, and each group counts as one trial, as if what is in it were
    all alike. None: there is a spread, and too few groups to judge it by.
    `bench/rate_intervals.py` measures the coverage.
    """
    hits, trials = hits[trials > 0], trials[trials > 0]
    n, n_groups = float(trials.sum()), len(trials)
    rate = float(hits.sum()) / n
    if np.all(trials == 1):
        return _wilson(rate, n, level)
    if rate in (0.0, 1.0):
        return _wilson(rate, n_groups, level)
    if too_few_groups(trials) is not None:
        return None
    tail = (1 + level) / 2
    z, t = float(stats.norm.ppf(tail)), float(stats.t.ppf(tail, df=_effective(trials) - 1))
    variance = cluster_standard_error(hits - rate * trials, trials) ** 2
    effect = max(1.0, variance * n / (rate * (1 - rate)))
    return _wilson(rate, n / effect * (z / t) ** 2, level)


def _wilson(rate: float, n: float, level: float) -> tuple[float, float]:
    z = float(stats.norm.ppf((1 + level) / 2))
    shrink = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink
    low = 0.0 if rate == 0 else max(0.0, centre - half)
    high = 1.0 if rate == 1 else min(1.0, centre + half)
    return low, high


def clopper_pearson_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's (1934) interval: coverage never under `level`, for safety claims."""
    _check_counts(successes, n, level)
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(stats.beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes == n else float(stats.beta.ppf(1 - tail, successes + 1, n - successes))
    return low, high


def mcnemar_mid_p(b: int, c: int) -> float:
    """Two-sided McNemar mid-p from the discordant counts b (only A right) and c (only B right).

    Mid-p, because the exact conditional test rejects far below its nominal level, while mid-p keeps
    it in practice (Fagerland, Lydersen & Laake 2013). It assumes independent items: where items
    share a source use `clustered_difference`, which gives this same p for groups of one item.
    """
    if b < 0 or c < 0:
        raise UserError(f"discordant counts must not be negative, but are {b} and {c}")
    if b == c:
        return 1.0
    fewer, n = min(b, c), b + c
    return float(2 * stats.binom.cdf(fewer, n, 0.5) - stats.binom.pmf(fewer, n, 0.5))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given; holds for dependent measures too."""
    if not all(0 <= p <= 1 for p in p_values):
        raise UserError("a p-value lies outside 0 to 1")
    adjusted, floor = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted


@dataclass(frozen=True)
class Difference:
    """Mean of a - b over items, with what can be said about it given the groups.

    `interval` and `p` come from one test: a winner is declared if and only if p < 1 - level.
    `interval_90` is for two one-sided tests of equivalence (TOST) at 5 %. `standard_error` is the
    one that the interval's width implies: with unequal groups the CR2 error promises 80 % power
    where the test has 63 %, this one where it has 74 % (30 groups of 1 to 60 items).
    """

    difference: float
    standard_error: float
    n_items: int
    n_clusters: int
    p: float
    interval: tuple[float, float]
    interval_90: tuple[float, float]
    unseen: float
    """Share of groups of which none may have been met: see `unseen_share`."""


def clustered_difference(
    a: Scores,
    b: Scores,
    groups: Sequence[Hashable],
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    span: float | None = None,
) -> Difference:
    """Judge the paired difference a - b of two systems, item by item, by flips of whole groups.

    `a`, `b` and `groups` have one entry per item; `span` is the score of an item that is right
    where scores are right or wrong, which all-wrong ones do not tell. Up to 14 groups all sign
    patterns are gone through and the seed has no effect. Raises UserError for groups that allow
    no verdict, see `too_few_groups`.
    """
    differences = paired_differences(a, b)
    sums, sizes = group_sums(differences, groups)
    few = too_few_groups(sizes)
    if few is not None:
        raise UserError(
            f"no verdict can be given: {few}",
            f"Examine on items of at least {MIN_GROUPS} groups (patients, topics, sources), none "
            f"of them with more than {MOST_IN_ONE:.0%} of the items.",
        )
    mean, n_items, n_clusters = float(sums.sum() / sizes.sum()), len(differences), len(sums)
    unseen = unseen_share(sizes)
    judged = _with_unseen(sums, sizes, _right_score(a, b, span))
    if not np.any(judged[0]):
        return Difference(mean, 0.0, n_items, n_clusters, 1.0, (0.0, 0.0), (0.0, 0.0), unseen)
    test = SignFlipTest(*judged, cluster_standard_error(*judged), resamples, seed)
    low, high = test.interval(level)
    error = (high - low) / 2 / float(stats.t.ppf((1 + level) / 2, df=n_clusters - 1))
    p, interval_90 = test.p_value(0.0), test.interval(0.90)
    if p < 1 - level and low < 0 < high:
        # Where a few groups hold most of the items, p need not fall steadily. To claim a gain is to
        # reject every loss as well, so the loss that was not rejected decides.
        p = test.p_value(low if mean > 0 else high)
    return Difference(mean, error, n_items, n_clusters, p, (low, high), interval_90, unseen)


def too_few_groups(sizes: Floats) -> str | None:
    """Why groups of these sizes allow no verdict, or None.

    A group that holds nearly all items is a sample of one, however many tiny ones stand beside it.
    """
    if len(sizes) < MIN_GROUPS:
        return f"at least {MIN_GROUPS} groups are needed, and there {_are(len(sizes))}"
    share = float(sizes.max() / sizes.sum())
    if share > MOST_IN_ONE:
        return (
            f"one of the {len(sizes)} groups holds {min(99.9, 100 * share):.3g} % of the items, so "
            "the mean is that group's"
        )
    return None


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"


def unseen_share(sizes: Floats) -> float:
    """Largest share of groups of which, with a chance of 5 %, not one is in the sample.

    1 - 0.05^(1/G), the rule of three made exact (Hanley & Lippman-Hand 1983). Of groups of unlike
    size there are as many as they are worth: Kish's (1965) effective number.
    """
    return 1 - 0.05 ** (1 / _effective(sizes))


def _effective(sizes: Floats) -> float:
    """Kish's (1965) effective number of groups of unlike size."""
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def farthest_mean(mean: float, unseen: float, span: float) -> float:
    """How far from 0 the true mean may lie if all of the unseen groups differ by `span`.

    An interval knows only the spread that was met. Where a tenth of all groups differ by 20 points
    and the others by nothing, 8 groups show no difference at all in 43 % of samples, and its width
    is 0; with a little noise on top no interval of the t kind is the wiser. For scores of a known
    range this bound is; it is the Chernoff-Hoeffding (1963) bound where no difference was met.
    """
    return abs(mean) + unseen * max(0.0, span - abs(mean))


def groups_needed(margin: float, span: float) -> int | None:
    """Groups of one size from which no difference at all would show equivalence."""
    return ceil(log(0.05) / log1p(-margin / span)) if 0 < margin < span < inf else None


def paired_differences(a: Scores, b: Scores) -> Floats:
    """a - b per item; rounding noise counts as 0. Raises UserError on what cannot be compared."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise UserError(
            f"paired scores need one number per item on both sides, but have the shapes "
            f"{first.shape} and {second.shape}",
            "Score both systems on the same items in the same order.",
        )
    if first.size == 0:
        raise UserError("there are no scores to compare", "Add test items.")
    bad = np.flatnonzero(~(np.isfinite(first) & np.isfinite(second)))
    if bad.size:
        raise UserError(
            f"{bad.size} of {first.size} items have a score that is not a finite number, the first "
            f"is item {bad[0]}",
            "Give an item that cannot be scored the worst score; do not leave it out.",
        )
    differences = first - second
    return without_noise(differences, np.maximum(np.abs(first), np.abs(second)))


def group_sums(values: Floats, groups: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """Sum of values and number of items per group, groups in sorted order of their name.

    Sorted, so that the order of the items does not alter a result drawn with a seed.
    """
    if len(groups) != len(values):
        raise UserError(f"{len(values)} items are compared, but {len(groups)} groups are named")
    names = sorted(set(groups), key=str)
    place = {name: index for index, name in enumerate(names)}
    codes = np.fromiter((place[group] for group in groups), dtype=np.intp, count=len(values))
    sums, size, counts = (
        np.bincount(codes, weights=weights, minlength=len(names)).astype(np.float64)
        for weights in (values, np.abs(values), np.ones_like(values))
    )
    return without_noise(sums, size), counts


def _right_score(a: Scores, b: Scores, span: float | None) -> float:
    """1 or 100 (or `span`) where every score is that or 0; 0 for graded scores.

    It is 0 too where every score is 0 and no span is given: whether 1 or 100 was to be had cannot
    be told from them.
    """
    values = np.unique(np.concatenate([a, b]))
    if not values.any():
        return span or 0.0
    return float(values[-1]) if values[-1] in (1, 100) and np.all(values[:-1] == 0) else 0.0


def _with_unseen(sums: Floats, sizes: Floats, right: float) -> tuple[Floats, Floats]:
    """Where right-or-wrong scores hardly ever differ: one more item that only a, or only b, has.

    After Bonett & Price (2012). Without it, 40 right of 40 against 40 of 40 has the interval 0 to 0
    and would be called equivalent, and rare differences are covered in 63 % of cases.
    """
    if right == 0 or np.count_nonzero(sums) >= MIN_GROUPS:
        return sums, sizes
    return np.append(sums, [right, -right]), np.append(sizes, [1.0, 1.0])


def cluster_standard_error(sums: Floats, sizes: Floats) -> float:
    """CR2 standard error (Bell & McCaffrey 2002) of sums.sum() / sizes.sum(), in score units."""
    if len(sums) < 2:
        raise UserError("the spread between groups cannot be told from a single group")
    share = sizes / sizes.sum()
    residuals = without_noise(sums - share * sums.sum(), np.abs(sums))
    return float(np.sqrt(np.sum(residuals**2 / (1 - share))) / sizes.sum())


def minimal_detectable_difference(
    standard_error: float, n_clusters: int, *, alpha: float = 0.05, power: float = 0.80
) -> float:
    """Smallest true difference that a test at `alpha` would show with `power`, in score units."""
    if n_clusters < 2:
        raise UserError("what could be detected cannot be told from a single group")
    t = stats.t(df=n_clusters - 1)
    return float((t.ppf(1 - alpha / 2) + t.ppf(power)) * standard_error)


def items_needed(difference: float, detectable: float, n_items: int) -> int | None:
    """How many *more* items, grouped alike, would show `difference` as surely as `detectable`.

    The standard error falls with the root of the number of items. None: more than MOST_ITEMS,
    since the difference is about 0.
    """
    if detectable <= abs(difference):
        return 0
    if abs(difference) * sqrt(1 + MOST_ITEMS / n_items) < detectable:
        return None
    return ceil(n_items * ((detectable / difference) ** 2 - 1))


def _check_counts(successes: int, n: int, level: float) -> None:
    if n < 1 or not 0 <= successes <= n or not 0 < level < 1:
        raise UserError(
            f"{successes} of {n} at level {level} is not a proportion",
            "Count at least one trial, at most n successes, and a level between 0 and 1.",
        )
