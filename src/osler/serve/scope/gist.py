"""Of a very long message, what is judged: how it begins, how it ends, and what tells most between.

The encoder takes seconds for some ten thousand characters, and a server has others to answer. The
rules for emergencies and for languages are quick and read all of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from osler.serve.scope import emergency_signs as signs
from osler.serve.scope.subject import ASKS, SENTENCE_END, names

READ = 4_000
"""Characters that are judged; a shorter message is left as it is."""
ENDS = 1_200
"""Of them, what the beginning and the end have each."""
LONGEST = 300
"""Characters of a sentence; a longer one is read in pieces."""


def gist(text: str, known: frozenset[str]) -> str:
    """The sentences that are judged, a line each, in their order. `known`: names of health."""
    if len(text) <= READ:
        return text
    parts = list(dict.fromkeys(_sentences(text)))
    count = len(parts)
    kept = _fitting(parts, range(count), ENDS)
    kept |= _fitting(parts, reversed(range(count)), ENDS)
    telling = sorted(set(range(count)) - kept, key=lambda at: (-_tells(parts[at], known), at))
    kept |= _fitting(parts, telling, READ - 2 * ENDS)
    return "\n".join(parts[at] for at in sorted(kept))


def _sentences(text: str) -> Iterable[str]:
    for part in SENTENCE_END.split(text):
        for start in range(0, len(part), LONGEST):
            if piece := part[start : start + LONGEST].strip():
                yield piece


def _fitting(parts: list[str], order: Iterable[int], room: int) -> set[int]:
    """The first of them that have room together."""
    found: set[int] = set()
    for at in order:
        room -= len(parts[at]) + 1
        if room < 0:
            break
        found.add(at)
    return found


def _tells(part: str, known: frozenset[str]) -> int:
    """How much a sentence says of what the message is: a sign of an emergency most."""
    return 3 * signs.names_one(part) + 2 * names(part, known) + bool(ASKS.search(part))
