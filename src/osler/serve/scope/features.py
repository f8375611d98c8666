"""What the classifier sees: each sentence, and its subject, as vectors of the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from osler.serve.scope.subject import sentences, subject

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
DECIMALS = 3
"""Of a vector, kept: below them the encoder's own sums differ from machine to machine."""


def units(text: str) -> list[str]:
    """The pieces of a message that are judged: its sentences, and the whole before several."""
    parts = sentences(text)
    return parts if len(parts) == 1 else [text, *parts]


def features(pieces: Sequence[str], embed: Embed) -> Floats:
    """Two vectors side by side for each piece, (pieces, 768): of it and of its subject."""
    both = embed([*pieces, *map(subject, pieces)])
    both = np.round(both.astype(np.float32), DECIMALS)
    return np.hstack([both[: len(pieces)], both[len(pieces) :]])


def gather(scores: NDArray[np.float64], named: bool) -> NDArray[np.float64]:
    """A message in one row: the score of the whole, the highest of its sentences, the mean of the
    two highest, how many there are, and whether it names something the lexicon knows.

    Of a single sentence the three scores are the same.
    """
    if len(scores) == 1:
        return np.array([scores[0], scores[0], scores[0], 0.0, named])
    highest = np.sort(scores[1:])[::-1]
    return np.array([scores[0], highest[0], highest[:2].mean(), np.log(len(scores) - 1), named])
