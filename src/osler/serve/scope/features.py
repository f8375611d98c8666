"""What the classifier sees: each sentence, and its subject, as vectors of the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from osler.encoder import WIDTH
from osler.serve.scope.emergency import cues
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


def urgent_features(pieces: Sequence[str], embed: Embed) -> Floats:
    """What emergencies are told by: the vector of each piece, and what the rules see in it."""
    return seen_with_cues(pieces, np.round(embed(list(pieces)).astype(np.float32), DECIMALS))


def seen_with_cues(pieces: Sequence[str], vectors: Floats) -> Floats:
    """As `urgent_features`, of vectors (or `features`) that are there already."""
    return np.hstack([vectors[:, :WIDTH], np.array([cues(piece) for piece in pieces], np.float32)])


def gather(scores: NDArray[np.float64], named: bool, asked: int) -> NDArray[np.float64]:
    """A message in one row: the score of the whole, the highest of its sentences, the mean of the
    two highest, how many there are, whether it names something the lexicon knows, and the score of
    the sentence that asks (`asked`, counted among the sentences).

    Of a single sentence the four scores are the same.
    """
    if len(scores) == 1:
        return np.array([*[scores[0]] * 3, 0.0, named, scores[0]])
    each = scores[1:]
    highest = np.sort(each)[::-1]
    several = np.log(len(each))
    return np.array([scores[0], highest[0], highest[:2].mean(), several, named, each[asked]])
