"""From measures to a score that can be taken apart: positions, points, ranks, bands.

A county's position in a measure is its percentile rank among the counties of the same release that
have it: the share of the others that are better off, an equal one counting half, from 0 (best) to
100 (worst). Ranks, and not z-scores, since measures are skewed (all teeth lost, binge drinking) and
a few extreme counties would make a z-score's unit; and since "worse than 83 % of counties" can be
said to anyone. The same choice as the CDC/ATSDR Social Vulnerability Index (Flanagan et al. 2011).
What is lost is distance: two counties far apart at the end of a measure can be neighbours in rank.

The score is the weighted mean of positions, so 50 is a county in the middle of everything, and a
measure's contribution is its position times its share of the weight. Where measures are missing the
others share their weight: the county is taken to be, in what is not known, as in what is.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


@dataclass(frozen=True, slots=True)
class Band:
    """A fifth of the counties with a score; `low` belongs to it, `high` to the next."""

    name: str
    low: float | None
    high: float | None

    def __str__(self) -> str:
        return f"{self.name} ({self.limits})"

    @property
    def limits(self) -> str:
        """Its cut-offs in words."""
        if self.low is None:
            return f"below {self.high:.2f}"
        if self.high is None:
            return f"{self.low:.2f} and above"
        return f"{self.low:.2f} to below {self.high:.2f}"


def positions(values: Sequence[float | None], *, higher_is_worse: bool) -> list[float | None]:
    """Percentile rank of each value, 0 the best and 100 the worst; None where there is no value.

    With fewer than two values there is nothing to compare with, and no position.
    """
    ordered = sorted(value for value in values if value is not None)
    others = len(ordered) - 1

    def position(value: float | None) -> float | None:
        if value is None or others < 1:
            return None
        below, upto = bisect_left(ordered, value), bisect_right(ordered, value)
        share = 100 * (below + (upto - below - 1) / 2) / others
        return share if higher_is_worse else 100 - share

    return [position(value) for value in values]


def points(at: Sequence[float | None], weights: Sequence[float], needed: float) -> list[int] | None:
    """Hundredths of a point that each measure adds to the score; their sum is the score.

    at: positions, None where missing, which adds 0 hundredths; weights: of the same length.
    None where less than `needed` percent of the weight is present. Hundredths are given out by
    largest remainders, so that what is printed adds up without a rounding error.
    """
    present = math.fsum(w for w, a in zip(weights, at, strict=True) if a is not None)
    if present <= 0 or 100 * present < needed * math.fsum(weights):
        return None
    exact = [100 * (a or 0.0) * w / present for w, a in zip(weights, at, strict=True)]
    parts = [math.floor(each) for each in exact]
    left = round(math.fsum(exact)) - sum(parts)
    by_remainder = sorted(range(len(exact)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_remainder[:left]:
        parts[n] += 1
    return parts


def ranks(scores: Sequence[float | None]) -> list[int | None]:
    """1 for the highest score; equal scores share a rank, and the next ones are skipped."""
    ordered = sorted(-score for score in scores if score is not None)
    return [None if score is None else bisect_left(ordered, -score) + 1 for score in scores]


def bands(scores: Sequence[float | None]) -> tuple[Band, ...]:
    """The five bands, from the lowest; none for fewer than five scores.

    A cut-off is the lowest score of the next fifth of the ordered counties; equal scores are in one
    band, the higher one, so a band may hold a few more or less than a fifth.
    """
    ordered = sorted(score for score in scores if score is not None)
    if len(ordered) < len(FIFTHS):
        return ()
    cuts = [ordered[math.ceil(n * len(ordered) / len(FIFTHS))] for n in range(1, len(FIFTHS))]
    edges = [None, *cuts, None]
    return tuple(Band(name, edges[n], edges[n + 1]) for n, name in enumerate(FIFTHS))


def band_of(score: float | None, among: Sequence[Band]) -> Band | None:
    """The band a score lies in."""
    if score is None or not among:
        return None
    return among[bisect_right([band.low for band in among[1:] if band.low is not None], score)]
