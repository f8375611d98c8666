"""Only answers that are a source's own sentences.

A small model copies most of what it is shown, and joins it wrongly at times: what one disease does
to another's name, what heparin is to warfarin's. Such a splice has nearly all words of a sentence
of the source, and is often borne out by the rule of citations (cite.py). So an answer is held back
until all of it has been compared with the sources, and is told where it is a choice of sentences
from the first of them, the one that answers (kinds.py): the model at times copies another.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from itertools import pairwise

from osler.retrieve.sentences import sentences
from osler.serve.assistant.events import Event, Final, Note, Piece, Sentence, Source

AS_NEAR = 0.03
"""Cosine with the question by which a source may differ from the first, to count as near."""


async def unless_borne_out(
    events: AsyncGenerator[Event],
    sources: Sequence[Source],
    instead: Callable[[Final], AsyncGenerator[Event]],
) -> AsyncGenerator[Event]:
    """The events of an answer; those of `instead`, given its end, where it ran out of tokens or is
    anything but sentences of the first source, or one as near, word for word and in its order.
    Nothing of it was told.
    """
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
            elif _is_borne_out(held, event, sources):
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


class Strays:
    """Whether an answer, as far as it is written, can be sentences of these sources no more."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._texts = [" ".join(one.text.split()) for one in sources if _as_near(one, sources)]

    def __call__(self, said: str, piece: str) -> bool:
        """`piece`: the last of what is said. Looked at is the last sentence, when a word ends."""
        if not piece[:1].isspace():
            return False
        before = said[: -len(piece)]
        spans = sentences(before)
        last = before[slice(*spans[-1])].rstrip(".") if spans else ""
        words = " ".join(last.split())
        return not any(words in text for text in self._texts)


def _as_near(one: Source, sources: Sequence[Source]) -> bool:
    return abs(one.similarity - sources[0].similarity) <= AS_NEAR


def _is_borne_out(said: str, end: Final, sources: Sequence[Source]) -> bool:
    places = [_copied(said, one, sources) for one in end.sentences]
    found = [one for one in places if one]
    if end.finish_reason != "stop" or not found or len(found) < len(places):
        return False
    in_order = all(before < after for before, after in pairwise(found))
    of = [one for one in sources if one.number in {number for number, _ in found}]
    return in_order and len(of) == 1 and _as_near(of[0], sources)


def _copied(said: str, one: Sentence, sources: Sequence[Source]) -> tuple[int, int] | None:
    """The source and the byte at which a sentence stands there as it is cited, word for word."""
    words = said[one.start : one.end].rstrip(".").split()
    for cited in one.citations:
        for source in sources:
            if source.number == cited.source:
                begin, end = cited.start - source.start, cited.end - source.start
                there = source.text.encode()[begin:end].decode(errors="replace")
                if there.rstrip(".").split() == words:
                    return source.number, begin
    return None
