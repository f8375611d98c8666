"""How much the words of a question weigh beside its meaning: as much as the question allows.

Ranks are not fused but scores (Bruch, Gai & Ingber 2022, arXiv 2210.11934): the cosine, and the
share of the question's words, weighed by idf, that a chunk tells of.
"""

from __future__ import annotations

from collections.abc import Sequence

from osler.retrieve.words import Words

WEIGHT = 0.3


def weight_of_words(words: Sequence[str], known: Words) -> float:
    """The weight of BM25's share beside the cosine."""
    return WEIGHT if any(map(known.knows, words)) else 0.0
