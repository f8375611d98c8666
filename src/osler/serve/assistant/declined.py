"""A model that declines what is a question about health does not have the last word.

Small models refuse too much, and say too often that the sources do not answer. The pieces of an
answer that opens like a refusal are held back until it is known whether it is one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from osler.prompts import UNHELPFUL
from osler.serve.assistant.events import Event, Final, Note, Piece
from osler.tasks.refusal import LONGEST, is_refusal

OPENS = re.compile(
    r"(?i)^\W*(?:sorry|apolog\w+|i\b|i['’]m|my\b|that\b|this\b|unfortunately|thank|please"
    r"|as (?:an?|far as)\b|we\b|the sources\b)"
)
"""How refusals begin; few answers about health do."""
FEW = 2
"""Words by which it is seen how an answer begins."""


async def unless_declined(
    events: AsyncGenerator[Event], instead: Callable[[Final], AsyncGenerator[Event]]
) -> AsyncGenerator[Event]:
    """The events of an answer; those of `instead`, given its end, where it is a refusal. Nothing of
    it was told."""
    held, deciding = "", True
    notes: list[Note] = []
    async with aclosing(events):
        async for event in events:
            if deciding and isinstance(event, Piece):
                held += event.text
                deciding = _may_decline(held)
                if not deciding:
                    yield Piece(held)
                continue
            if deciding and held and isinstance(event, Note):
                notes.append(event)  # on an answer that may not be told
                continue
            if deciding and isinstance(event, Final):
                if is_refusal(held) or held.strip() == UNHELPFUL:
                    declined = event
                    break
                deciding = False
                if held:
                    yield Piece(held)
                for note in notes:
                    yield note
            yield event
        else:
            return
    async for event in instead(declined):
        yield event


def _may_decline(said: str) -> bool:
    words = said.split()
    return len(words) <= FEW or (OPENS.match(said) is not None and len(words) <= LONGEST)
