"""A control that needs no model: the answer of the most similar training question.

A tuned model that does not beat it has learnt no more than a look-up would know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from osler.progress import progress
from osler.rows import Row

WORD = re.compile(r"\w+")
NEAREST = "answer of the nearest training question|bm25s, Lucene, k1=1.5, b=0.75|lower-cased words"
"""The control's signature."""


def nearest_answers(training: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The answer of the most similar training question; empty where none shares a word."""
    nearest = nearest_rows(training, [asked(row) for row in rows])
    return [row.reference if row else "" for row in nearest]


def nearest_rows(training: Sequence[Row], questions: Sequence[str]) -> list[Row | None]:
    """For each question the training row whose question is most similar by BM25.

    Words are lower-cased; of several equally similar rows it is the first in the training file.
    None where no training question shares a word with it.
    """
    import bm25s

    known = [_words(asked(row)) for row in training]
    if not any(known):
        return [None] * len(questions)
    index = bm25s.BM25()  # Lucene's BM25, k1 = 1.5, b = 0.75
    index.index(known, show_progress=False)
    vocabulary = {word for words in known for word in words}
    found: list[Row | None] = []
    for question in progress(questions, "control"):
        words = [word for word in _words(question) if word in vocabulary]
        if not words:
            found.append(None)
            continue
        scores = np.asarray(index.get_scores(words), dtype=np.float64)
        found.append(training[int(np.argmax(scores))])  # argmax takes the first of equals
    return found


def asked(row: Row) -> str:
    """The question alone, where sources stand before it."""
    return str(row.extra.get("asked", row.question))


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
