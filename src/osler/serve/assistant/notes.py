"""What a reader should know of an answer, beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from osler.records.names import be, counted
from osler.serve.assistant.conversation import Sent
from osler.serve.assistant.events import Event, Final, Note, Piece, Source
from osler.serve.assistant.quoted import shown

NOTHING_FOUND = "No source on this was found."
NOT_ENGLISH = (
    "This assistant reads English; a question in another language may be misunderstood, and finds "
    "few sources."
)
UNSUPPORTED = "No sentence of this answer rests on the sources; read the passages themselves."
QUOTED = "These are the nearest source's own words."
DECLINED = f"The model gave no answer, though this is a question about health. {QUOTED}"
NOT_BORNE_OUT = f"The sources did not bear out all that the model wrote. {QUOTED}"
NO_ANSWER = "I have no answer to this: no source on it is at hand."
UNREAD = (
    "This model was not tuned to read sources and was not shown them; its answer is held to them."
)
REPEATED = "The answer began to repeat itself and was ended there."
SAME = "The same was told before: the sources that were found say no more on this."


def not_sent(sent: Sent, sources: Sequence[Source]) -> list[str]:
    """What a reader should know of what the model was not shown."""
    said: list[str] = []
    if sent.left_out:
        exchanges = "exchange" if sent.left_out == 1 else counted(sent.left_out, "exchange")
        said.append(
            f"The oldest {exchanges} of this conversation did not fit and "
            f"{be(sent.left_out, past=True)} not sent."
        )
    if sent.passages < len(sources):
        said.append(f"Only the first {sent.passages} of {counted(len(sources), 'source')} fitted.")
    for source in sources[: sent.passages]:
        if count := shown(source.text).left_out:
            said.append(
                f"{counted(count, 'sentence')} of source {source.number} {be(count)} written to "
                "an assistant and not to a reader. The model was not shown "
                f"{'it' if count == 1 else 'them'}: look at that document."
            )
    return said


async def noting_the_same(
    events: AsyncGenerator[Event], earlier: Sequence[str]
) -> AsyncGenerator[Event]:
    """The events of an answer, with a note where all of it is one of the `earlier` ones."""
    told, said = {one.strip() for one in earlier} - {NO_ANSWER}, ""
    async with aclosing(events):
        async for event in events:
            said += event.text if isinstance(event, Piece) else ""
            if isinstance(event, Final) and said.strip() in told:
                yield Note(SAME)
            yield event
