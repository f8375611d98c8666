"""A line that says whom to call stands over an answer, whatever becomes of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from osler.serve.assistant.events import Event, Final, Note, Piece, Sentence
from osler.serve.assistant.under import NO_MODEL, under
from osler.serve.engines.protocol import Busy

LINE = "Call 112."
ANSWER = "Rest \N{PILL}. Drink."
END = Final("nano", "medical_qa", "model", "stop", (Sentence(0, 7), Sentence(8, 14)))
ALONE = Final("nano", "medical_qa", "rule", "stop", (Sentence(0, len(LINE)),))


async def written() -> AsyncGenerator[Event]:
    yield Note("Only the first of 2 sources fitted.")
    yield Piece(ANSWER[:5])
    yield Piece(ANSWER[5:])
    yield END


async def refused() -> AsyncGenerator[Event]:
    raise Busy(3)
    yield END


def events(of: AsyncGenerator[Event], instead: Final | None) -> list[Event]:
    async def all_of_it() -> list[Event]:
        return [event async for event in under(LINE, of, instead)]

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("instead", [None, ALONE])
def test_the_answer_begins_with_the_line_and_its_sentences_are_where_they_stand(
    instead: Final | None,
) -> None:
    found = events(written(), instead)
    text = "".join(event.text for event in found if isinstance(event, Piece))
    assert text == f"{LINE}\n\n{ANSWER}"
    end = found[-1]
    assert isinstance(end, Final)
    assert [text[one.start : one.end] for one in end.sentences] == [ANSWER[:7], ANSWER[8:]]


def test_what_is_urgent_is_told_before_all_and_also_where_no_model_can_answer() -> None:
    assert isinstance(events(written(), ALONE)[0], Piece)
    assert events(refused(), ALONE) == [Piece(f"{LINE}\n\n"), Note(NO_MODEL), ALONE]


def test_a_general_question_is_refused_by_a_full_queue_as_any_is() -> None:
    with pytest.raises(Busy):
        events(refused(), None)
