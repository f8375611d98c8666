"""Whether an answer goes round in circles, as small models do where they have nothing to say."""

from __future__ import annotations

from osler.retrieve.sentences import sentences

SHORT = 5
"""Words; a shorter sentence may be said twice."""
ROUND = 8
"""Words that come back a third time, sentence or not."""


def repeats(said: str, piece: str) -> bool:
    """Whether, with its last piece, an answer has said a whole sentence again."""
    if piece.isalnum():
        return False
    tail = " ".join(said.split()[-ROUND:])
    if len(tail.split()) == ROUND and " ".join(said.split()).count(tail) > 2:
        return True
    if not any(mark in piece for mark in ".!?\n"):
        return False
    whole = [said[start:end] for start, end in sentences(said)]
    if not said.rstrip().endswith((".", "!", "?")) and not said.endswith("\n"):
        whole = whole[:-1]
    return len(whole) > 1 and len(whole[-1].split()) >= SHORT and whole[-1] in whole[:-1]
