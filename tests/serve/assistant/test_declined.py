"""A question about health is not left with a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from osler.prompts import UNHELPFUL
from osler.serve.assistant.declined import unless_declined
from osler.serve.assistant.events import Event, Final, Piece
from osler.tasks.refusal import REFUSALS, UNKNOWN

END = Final("m", "medical_qa", "model", "stop", (), 30, 12, prompt_digest="a" * 64)
"""What a refusal cost is told with what stands in its place."""


def told(*pieces: str) -> list[Event]:
    async def answer() -> AsyncGenerator[Event]:
        for piece in pieces:
            yield Piece(piece)
        yield END

    async def instead(end: Final) -> AsyncGenerator[Event]:
        yield Piece("A source says so.")
        yield replace(end, written_by="rule")

    async def collect() -> list[Event]:
        return [event async for event in unless_declined(answer(), instead)]

    return asyncio.run(collect())


@pytest.mark.parametrize("refusal", [*REFUSALS, *UNKNOWN, UNHELPFUL])
def test_a_refusal_is_never_told_and_something_else_is(refusal: str) -> None:
    pieces = [f"{word} " for word in refusal.split()]
    assert told(*pieces) == [Piece("A source says so."), replace(END, written_by="rule")]


def test_an_answer_is_told_piece_by_piece_as_it_comes() -> None:
    assert told("Asthma ", "is ", "a ", "disease ", "of ", "the airways.") == [
        Piece("Asthma is a "), Piece("disease "), Piece("of "), Piece("the airways."), END
    ]  # fmt: skip


def test_an_answer_that_begins_like_a_refusal_is_told_whole() -> None:
    events = told("I ", "would ", "see a doctor ", "about a cough ", "that lasts.")
    assert "".join(e.text for e in events if isinstance(e, Piece)) == (
        "I would see a doctor about a cough that lasts."
    )
    assert events[-1] == END


def test_a_short_answer_and_none_are_told() -> None:
    assert told("Yes.") == [Piece("Yes."), END]
    assert told() == [END]
