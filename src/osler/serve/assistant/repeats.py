"""Whether an answer goes round in circles, as small models do where they have nothing to say."""

from __future__ import annotations

import re

from osler.retrieve.sentences import sentences

SHORT = 5
"""Words; a shorter sentence may be said twice."""
ROUND = 8
"""Words that come back a third time, sentence or not."""


ONE_THING = re.compile(r"([^\W_]|[^\W_][\w ]{1,5})\1{11}$")
"""A character or a few that come twelve times in a row."""
TAIL = 80
"""Characters of the end in which that is looked for."""


def repeats(said: str, piece: str) -> bool:
    """Whether, with its last piece, an answer has said a whole sentence again or one thing only."""
    if ONE_THING.search(said[-TAIL:].rstrip()):
        return True
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
