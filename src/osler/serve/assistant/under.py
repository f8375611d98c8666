"""An answer that begins with a line by rule, whom to call.

The line is part of the answer, so that every client shows it, and no sentence of the model's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from osler.errors import UserError
from osler.serve.assistant.events import Event, Final, Note, Piece
from osler.serve.engines.protocol import Busy

NO_MODEL = "No model could answer this now. Ask again later, or in fewer words."


async def under(
    line: str, events: AsyncGenerator[Event], instead: Final | None
) -> AsyncGenerator[Event]:
    """The events of an answer, which begins with `line`. `instead`: where the line is urgent, the
    end of an answer that it is alone; then it is told at once, and also where no model can answer.
    """
    opening = f"{line}\n\n"
    told = instead is not None
    if told:
        yield Piece(opening)
    answering = False
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Piece):
                    answering = True
                    if not told:
                        told = True
                        yield Piece(opening)
                yield _moved(event, len(opening)) if isinstance(event, Final) else event
    except (Busy, UserError):
        if instead is None or answering:
            raise
        yield Note(NO_MODEL)
        yield instead


def _moved(end: Final, by: int) -> Final:
    """The end of an answer whose sentences stand so many characters further on."""
    moved = (replace(one, start=one.start + by, end=one.end + by) for one in end.sentences)
    return replace(end, sentences=tuple(moved))
