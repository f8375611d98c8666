"""What of a message is judged: its pieces, and what their scores say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from osler.serve.scope.subject import sentences

TURN = " [SEP] "
"""Between the turns of a conversation, as the encoder was taught to see two texts."""
TURNS = 3
"""Of a conversation that are read, the one that is judged included."""


ENDS = 300
"""Characters of the beginning and of the end that are read of a long whole: the encoder reads no
more, and what is asked often stands last."""


def in_turn(earlier: Sequence[str], text: str) -> str:
    """A message behind those before it, as one text."""
    return TURN.join([*earlier[-(TURNS - 1) :], text])


def units(text: str) -> list[str]:
    """The pieces of a message that are judged: its sentences, and the whole before several. Of a
    conversation the whole alone."""
    parts = [text] if TURN in text else sentences(text)
    whole = text if len(text) <= 2 * ENDS else f"{text[:ENDS]}\n{text[-ENDS:]}"
    return parts if len(parts) == 1 else [whole, *parts]


def gather(scores: NDArray[np.float64], named: bool, asked: int) -> NDArray[np.float64]:
    """A message in one row: the score of the whole, the highest of its sentences, the mean of the
    two highest, how many there are, whether it names something the lexicon knows, and the score of
    the sentence that asks (`asked`, counted among the sentences), and the lower of that and the
    whole's.

    Of a single sentence the five scores are the same.
    """
    if len(scores) == 1:
        return np.array([*[scores[0]] * 3, 0.0, named, *[scores[0]] * 2])
    each = scores[1:]
    highest = np.sort(each)[::-1]
    several = np.log(len(each))
    lower = min(scores[0], each[asked])
    return np.array([scores[0], highest[0], highest[:2].mean(), several, named, each[asked], lower])
