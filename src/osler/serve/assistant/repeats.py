"""Whether an answer goes round in circles, as small models do where they have nothing to say."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable

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
    if _one_thing(said):
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


def _one_thing(said: str) -> bool:
    return bool(ONE_THING.search(said[-TAIL:].rstrip()))


TURNS, LEAST, LONGEST = 4, 12, 40
"""How often words come in a row, how many words that is at least, and how many come back at most.
Of a document or a person the same may be said of several things, but not in a row."""


async def told_once(pieces: AsyncIterable[str]) -> tuple[str, bool]:
    """What a model wrote, and whether it was ended for going round in circles; then what goes round
    is told once, where it is a sentence."""
    said = ""
    async for piece in pieces:
        said += piece
        once = _once(said) if not piece.isalnum() else ""
        if not once and _one_thing(said):
            once = said
        if once:
            ends = [end for _, end in sentences(once) if once[:end].endswith((".", "!", "?"))]
            return once[: max(ends, default=0)], True
    return said, False


def _once(said: str) -> str:
    """A text without the words that come back again and again at its end; empty where none do."""
    words = list(re.finditer(r"\S+", said))
    for period in range(1, LONGEST + 1):
        size = period * max(TURNS, -(-LEAST // period))
        tail = [word[0] for word in words[-size:]]
        if len(tail) == size and tail[period:] == tail[:-period]:
            return said[: words[len(words) - size + period - 1].end()]
    return ""
