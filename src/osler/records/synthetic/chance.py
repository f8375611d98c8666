"""Draws. A life has one stream of its own, so that nobody's life depends on another's."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Python's generator (Mersenne Twister), seeded by text, with the draws that are used here."""

    def happens(self, chance: float) -> bool:
        """True with this chance."""
        return self.random() < chance

    def pick(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def about(self, mean: float, deviation: float, low: float, high: float) -> float:
        """A normal draw, kept within limits."""
        return min(high, max(low, self.gauss(mean, deviation)))

    def between(self, span: Sequence[float]) -> float:
        """Anywhere in a span."""
        return self.uniform(span[0], span[1])
