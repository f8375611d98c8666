"""Where answers are held to the sources, nothing else is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from osler.serve.assistant.borne_out import unless_borne_out
from osler.serve.assistant.events import Citation, Event, Final, Note, Piece, Sentence

CITED = Sentence(0, 10, (Citation(1, 0, 10),))
OWN = Sentence(11, 20)
SHOWN, REPEATED = Note("Only the first 1 of 2 sources fitted."), Note("It was ended there.")
END = Final("nano", "medical_qa", "model", "stop", (CITED,), 30, 12)
QUOTE = Piece("A source says so.")


def told(end: Final) -> list[Event]:
    async def answer() -> AsyncGenerator[Event]:
        yield SHOWN
        yield Piece("Gout is ")
        yield Piece("a.")
        yield REPEATED
        yield end

    async def instead(end: Final) -> AsyncGenerator[Event]:
        yield QUOTE
        yield replace(end, written_by="rule")

    async def collect() -> list[Event]:
        return [event async for event in unless_borne_out(answer(), instead)]

    return asyncio.run(collect())


def test_what_the_sources_bear_out_is_told_with_its_notes() -> None:
    assert told(END) == [SHOWN, Piece("Gout is a."), REPEATED, END]


@pytest.mark.parametrize(
    "end",
    [
        replace(END, sentences=(CITED, OWN)),
        replace(END, sentences=()),
        replace(END, finish_reason="length"),
    ],
)
def test_an_answer_with_a_sentence_of_its_own_or_no_end_is_never_told(end: Final) -> None:
    assert told(end) == [SHOWN, QUOTE, replace(end, written_by="rule")]


def test_one_that_was_stopped_is_told_to_be_stopped() -> None:
    stopped = replace(END, finish_reason="cancelled")
    assert told(stopped) == [SHOWN, stopped]
