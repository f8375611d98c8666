"""Rows that say nearly the same: exact Jaccard index of five-word shingles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

WORDS = 5
_word = re.compile(r"\w+")


def shingles(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
    """Sorted unique hashes of every run of five words of each text (Broder 1997).

    A text of fewer words is one shingle, and so is one without any word (emoji, signs): white
    space apart, all of it counts. Otherwise case, punctuation and white space do not count.
    """
    vocabulary: dict[str, int] = {}
    found: list[NDArray[np.uint64]] = []
    mix = np.uint64(0x9E3779B97F4A7C15)
    for text in texts:
        words = _word.findall(text.lower()) or [" ".join(text.split())]
        ids = np.array(
            [vocabulary.setdefault(word, len(vocabulary) + 1) for word in words], dtype=np.uint64
        )
        width = min(WORDS, len(ids))
        total = np.zeros(max(len(ids) - WORDS + 1, 1), dtype=np.uint64)
        with np.errstate(over="ignore"):  # the hash wraps around on purpose
            for offset in range(width):
                total = (total ^ ids[offset : offset + len(total)]) * mix
                total ^= total >> np.uint64(29)
        found.append(np.unique(total))
    return found


def near_duplicates(
    training: Sequence[str], held_out: Sequence[str], threshold: float
) -> dict[int, int]:
    """Training index -> the held-out index it shares at least `threshold` of its shingles with.

    Exact: no sampling. Memory follows the number of shingles shared, not the number of pairs.
    """
    if not training or not held_out:
        return {}
    sets = shingles([*training, *held_out])
    train_sets, held_sets = sets[: len(training)], sets[len(training) :]
    known = np.unique(np.concatenate(held_sets))
    shared: Any = (_matrix(train_sets, known) @ _matrix(held_sets, known).T).tocoo()
    train_sizes = np.array([len(s) for s in train_sets])
    held_sizes = np.array([len(s) for s in held_sets])
    union = train_sizes[shared.row] + held_sizes[shared.col] - shared.data
    likeness = shared.data / union  # rounds as the threshold was: 14/25 is 0.56, not less
    close = likeness >= threshold
    # Ascending by likeness, so that the closest held-out row is the one kept in the mapping.
    order = np.argsort(likeness[close], kind="stable")
    rows, columns = shared.row[close][order], shared.col[close][order]
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True)}


def _matrix(sets: Sequence[NDArray[np.uint64]], known: NDArray[np.uint64]) -> Any:
    """Rows: texts; columns: shingles in `known`; ones where a text has the shingle."""
    rows = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    every = np.concatenate(sets)
    columns = np.minimum(np.searchsorted(known, every), len(known) - 1)
    hit = known[columns] == every
    ones = np.ones(int(hit.sum()), dtype=np.int32)
    return sparse.csr_matrix((ones, (rows[hit], columns[hit])), shape=(len(sets), len(known)))
