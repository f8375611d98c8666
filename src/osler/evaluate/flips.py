"""The test by flipped signs of whole groups, for any supposed difference; see `statistics`."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def without_noise(values: Floats, size: Floats) -> Floats:
    """Values that rounding alone explains become 0, lest a verdict be given on rounding."""
    return np.where(np.abs(values) <= 1e-12 * size, 0.0, values)


class SignFlipTest:
    """p-value of any supposed mean difference, from one set of sign patterns.

    A supposed difference d leaves the groups x = sums - d * sizes. All that the statistic needs of
    a flipped x are sums of products of residuals e and sizes n, polynomials in d: they are
    computed once, so that each further d costs a few operations per pattern.

    A pattern and its opposite give the same statistic, so the largest group's sign stays +, and it
    is kept out of those sums: where it holds nearly all items, its residual from the mean is a
    small difference of large numbers, which is written out below in a form that loses no digits.
    """

    def __init__(
        self, sums: Floats, sizes: Floats, error: float, resamples: int, seed: int
    ) -> None:
        """`error`: a standard error of the mean, by which the ends of an interval are sought."""
        self._mean = float(sums.sum() / sizes.sum())
        n = sizes / sizes.mean()
        e = without_noise(sums - self._mean * sizes, np.abs(sums))
        # Free of the scores' unit, so that the thresholds below mean the same for any measure.
        self._scale = float(np.sqrt(np.mean(e**2))) or float(np.abs(sums).mean())
        e = e / self._scale
        self._scale /= float(sizes.mean())
        self._groups = len(sums)
        self._error = error
        largest = int(np.argmax(sizes))
        self._largest_e, self._largest_n = float(e[largest]), float(n[largest])
        self._exact, signs = _sign_patterns(self._groups, largest, resamples, seed)
        e, n = np.delete(e, largest), np.delete(n, largest)
        self._sum_ee = float(np.sum(e * e))
        columns = np.stack([e, n, e * n, n * n, e**3, e * e * n, e * n * n, n**3], axis=1)
        self._observed: Floats = columns.sum(axis=0)[:, None]
        self._flipped: Floats = np.concatenate([columns.T @ part.T for part in signs], axis=1)

    def p_value(self, supposed: float) -> float:
        """Two-sided mid-p of the hypothesis that the true mean difference is `supposed`."""
        shift = (supposed - self._mean) / self._scale
        observed = float(self._statistic(self._observed, shift)[0])
        slack = 1e-9 * (1 + observed)
        if observed <= slack:
            return 1.0
        flipped = self._statistic(self._flipped, shift)
        at_least = int(np.count_nonzero(flipped >= observed - slack))
        more = int(np.count_nonzero(flipped > observed + slack))
        if self._exact:
            return (at_least + more) / (2 * flipped.size)
        # The pattern that was observed is one of those that could have been drawn.
        return (at_least + more + 1) / (2 * (flipped.size + 1))

    def _statistic(self, m: Floats, shift: float) -> Floats:
        """|Hall's transformation of the cluster-robust t|; m: (8, patterns) signed sums."""
        _, n, en, nn, _, een, enn, nnn = (float(value) for value in self._observed[:, 0])
        s, s2 = shift, shift * shift
        sum_xx = self._sum_ee - 2 * s * en + s2 * nn
        sum_xxn = een - 2 * s * enn + s2 * nnn
        largest, others = self._largest_e - s * self._largest_n, m[0] - s * m[1]
        total = largest + others
        mean = total / self._groups
        # largest - mean * its n, for all n together are the number of groups
        residual = (largest * n - others * self._largest_n) / self._groups
        spread = residual**2 + sum_xx - 2 * mean * (m[2] - s * m[3]) + mean**2 * nn
        cubes = m[4] - 3 * s * m[5] + 3 * s2 * m[6] - s2 * s * m[7]
        third = cubes - 3 * mean * sum_xxn + 3 * mean**2 * (m[6] - s * m[7]) - mean**3 * nnn
        third = third + residual**3
        spread = np.maximum(spread, 1e-12 * max(largest**2 + sum_xx, 1e-300))
        root = np.sqrt(spread)
        t = total / (root * np.sqrt(self._groups / (self._groups - 1)))
        # No numbers have a skewness beyond 1 on this scale; where the spread is 0, it is noise.
        skew = np.clip(third / (spread * root), -1, 1)
        bend = skew * t / 3
        return np.abs(t * (1 + bend + bend * bend / 3) + skew / 6)

    def interval(self, level: float) -> tuple[float, float]:
        """The differences that are not rejected at 1 - level: both ends by bisection."""
        low = high = self._mean
        if self._error:
            low, high = self._end(level, -self._error), self._end(level, self._error)
        if self.p_value(0.0) >= 1 - level:
            # 0/1 scores can put a jump of the p-value at 0 itself, which bisection never lands on.
            low, high = min(low, 0.0), max(high, 0.0)
        return low, high

    def _end(self, level: float, step: float) -> float:
        inside, reach = 0.0, 2 * step
        while self.p_value(self._mean + reach) >= 1 - level:
            inside, reach = reach, 2 * reach
        for _ in range(16):  # to a ten-thousandth of the standard error
            middle = (inside + reach) / 2
            if self.p_value(self._mean + middle) >= 1 - level:
                inside = middle
            else:
                reach = middle
        return self._mean + inside


def _sign_patterns(
    groups: int, fixed: int, resamples: int, seed: int
) -> tuple[bool, Iterator[Floats]]:
    """Signs of all groups but the one that is `fixed` at +, in parts of (patterns, groups - 1).

    True if the patterns are all there are.
    """
    if 2 ** (groups - 1) <= resamples:
        bits = np.arange(2 ** (groups - 1))[:, None] >> np.arange(groups - 1)[None, :]
        return True, iter([1.0 - 2.0 * (bits & 1)])
    return False, _drawn_signs(groups, fixed, resamples, np.random.default_rng(seed))


def _drawn_signs(
    groups: int, fixed: int, resamples: int, rng: np.random.Generator
) -> Iterator[Floats]:
    at_once = max(1, 2_000_000 // groups)
    for start in range(0, resamples, at_once):
        shape = (min(at_once, resamples - start), groups)
        signs = 2.0 * rng.integers(0, 2, size=shape, dtype=np.int8) - 1.0
        yield np.delete(signs * signs[:, [fixed]], fixed, axis=1)
