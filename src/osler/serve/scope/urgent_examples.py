"""Messages to learn emergencies from: assets/scope/urgent.txt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from osler.serve.scope.choices import draw, made, read_choices
from osler.serve.scope.examples import misspelt, read_frames, wrapped
from osler.serve.scope.weights import GREETING, NONE

EACH, MOST = 8, {NONE: 14, GREETING: 5}
"""Messages made of one line: of an emergency, of what only sounds like one, of a greeting."""
HELD = 0.1
"""Share of the lines that are kept for validation."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """A message, its kind of emergency or `NONE`, and whether its line is kept for validation."""

    text: str
    kind: str
    held: bool = False


@cache
def urgent_examples() -> tuple[Urgent, ...]:
    """All messages, each text once."""
    found = {one.text: one for one in _all()}
    return tuple(found.values())


def _all() -> Iterator[Urgent]:
    lines, words = read_choices("urgent")
    for kind, text in lines:
        held = draw("held", text).random() < HELD
        for count in range(MOST.get(kind, EACH)):
            yield Urgent(typed(made(text, words, count), count), kind, held)


def typed(text: str, count: int) -> str:
    """Every fourth message with slips of the finger, every fourth in haste, every eighth within a
    story, the rest as it is."""
    if count % 8 == 7:
        return next(wrapped([text], False, read_frames(), "raw")).text
    if count % 4 == 1:
        return misspelt(text)
    return hasty(text) if count % 4 == 2 else text


def hasty(text: str) -> str:
    """In small letters, without a mark at the end."""
    return text.casefold().rstrip(".?! ")
