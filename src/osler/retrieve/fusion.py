"""One score of a chunk from three: how near the whole question, how near its nearest sentence,
and how much of what its words tell the chunk has.

Scores are added, not ranks (Bruch, Gai & Ingber 2022, arXiv 2210.11934). What makes the words'
weight fit the question is what they are measured in: the share of the question's words, weighed by
idf, words that no chunk has among them. A long message has many words, so that each counts little;
a rare name in a short question is most of it; of a name mistyped nothing is found and little is
claimed. `bench/retrieval.py` chooses the two numbers on topics of their own and measures on others.
A weight learned from the question's length, idf or margins gained at most 0.3 points of nDCG on the
topics that it was learned from, and was left out.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from osler.retrieve.words import words_of

Floats = NDArray[np.float32]

WORDS = 0.8
"""Weight of the words' share beside the nearness, which is a cosine."""
SENTENCE = 0.3
"""Part of the nearness that is the nearest sentence's, the rest is the whole question's."""
MOST_SENTENCES = 32
"""Sentences of a message that are looked at one by one."""

_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
"""Where a sentence of a message ends: people who type in haste begin without a capital."""


def sentences_of(question: str) -> list[str]:
    """The sentences of a message that say something; none where there is only one."""
    said = [sentence for sentence in _END.split(question) if words_of(sentence)]
    return said[:MOST_SENTENCES] if len(said) > 1 else []


def fused(whole: Floats, sentence: Floats | None, words: Floats) -> Floats:
    """The score of each chunk. `sentence`: of each chunk's nearest sentence of the question."""
    near = whole if sentence is None else (1 - SENTENCE) * whole + SENTENCE * sentence
    return (near + WORDS * words).astype(np.float32, copy=False)
