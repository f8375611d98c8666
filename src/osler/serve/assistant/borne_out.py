"""Only answers that the sources bear out to the last sentence.

A small model copies most of what it is shown, and joins it wrongly at times: what one disease does
to another's name. Its answer is held back until all of it has been compared with the sources.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from osler.serve.assistant.events import Event, Final, Note, Piece


async def unless_borne_out(
    events: AsyncGenerator[Event], instead: Callable[[Final], AsyncGenerator[Event]]
) -> AsyncGenerator[Event]:
    """The events of an answer; those of `instead`, given its end, where it ran out of tokens or a
    sentence of it has no citation. Nothing of it was told."""
    held = ""
    notes: list[Note] = []
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                held += event.text
            elif isinstance(event, Note) and held:
                notes.append(event)  # on an answer that may not be told
            elif not isinstance(event, Final) or event.finish_reason == "cancelled":
                yield event
            elif _is_borne_out(event):
                yield Piece(held)
                for note in notes:
                    yield note
                yield event
            else:
                end = event
                break
        else:
            return
    async for event in instead(end):
        yield event


def _is_borne_out(end: Final) -> bool:
    whole = end.finish_reason == "stop" and bool(end.sentences)
    return whole and all(one.citations for one in end.sentences)
