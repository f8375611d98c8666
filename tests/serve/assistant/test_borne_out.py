"""Where answers are held to the sources, nothing else is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest

from osler.serve.assistant.borne_out import Strays, unless_borne_out
from osler.serve.assistant.cite import Cited, cite
from osler.serve.assistant.events import Event, Final, Note, Piece, Source

TEXT = "Gout is a joint disease. It comes from uric acid.\nIt is treated with allopurinol."
OTHER = "Heparin is given as an injection. Warfarin is given as a pill."


def source(number: int, text: str, similarity: float) -> Source:
    """A passage that does not begin where its document does."""
    return Source(number, f"d{number}", "", "", None, 100, 100 + len(text), text, similarity)


SOURCES = (source(1, TEXT, 0.7), source(2, OTHER, 0.5))
SHOWN, REPEATED = Note("Only the first 1 of 2 sources fitted."), Note("It was ended there.")
QUOTE = Piece("A source says so.")


def told(
    *sentences: str, sources: Sequence[Source] = SOURCES, reason: str = "stop"
) -> tuple[str, Final]:
    """What is told where a model writes these sentences, cited as they would be."""
    said = " ".join(sentences)
    known = [Cited(one.number, one.text, one.start) for one in sources]
    end = Final("nano", "medical_qa", "model", reason, cite(said, known), 30, 12)

    async def answer() -> AsyncGenerator[Event]:
        yield SHOWN
        for at in range(0, len(said), 7):
            yield Piece(said[at : at + 7])
        yield REPEATED
        yield end

    async def instead(end: Final) -> AsyncGenerator[Event]:
        yield QUOTE
        yield replace(end, written_by="rule")

    async def collect() -> list[Event]:
        return [event async for event in unless_borne_out(answer(), sources, instead)]

    events = asyncio.run(collect())
    assert events[0] == SHOWN
    assert isinstance(events[-1], Final)
    by_model = events[-1].written_by == "model"
    assert not said or (REPEATED in events) == (by_model and reason != "cancelled")
    return "".join(event.text for event in events if isinstance(event, Piece)), events[-1]


@pytest.mark.parametrize(
    "sentences",
    [
        ("Gout is a joint disease.",),
        ("Gout is a joint disease.", "It is treated with allopurinol."),
        ("Gout is a joint disease. It comes from uric acid.",),
    ],
)
def test_sentences_of_the_first_source_are_told(sentences: tuple[str, ...]) -> None:
    said, end = told(*sentences)
    assert said == " ".join(sentences)
    assert end.written_by == "model"


@pytest.mark.parametrize(
    "sentences",
    [
        ("Gout is a joint disease.", "Everybody has it."),  # its own
        ("Gout is a disease of a joint.",),  # in other words
        ("Gout is a joint disease that comes from uric acid.",),  # of two sentences
        ("It is treated with allopurinol.", "Gout is a joint disease."),  # in another order
        ("Gout is a joint disease.", "Gout is a joint disease."),  # twice
        ("Gout is a joint disease.", "Warfarin is given as a pill."),  # of two sources
        ("Warfarin is given as an injection.",),  # what is said of another
        ("Warfarin is given as a pill.",),  # of a source that is farther off
        ("",),
    ],
)
def test_an_answer_that_is_anything_else_is_never_told(sentences: tuple[str, ...]) -> None:
    said, end = told(*sentences)
    assert said == QUOTE.text
    assert end.written_by == "rule"


def test_of_sources_about_as_near_either_may_be_told() -> None:
    as_near = (SOURCES[0], source(2, OTHER, 0.68))
    assert told("Warfarin is given as a pill.", sources=as_near)[1].written_by == "model"


def test_an_answer_without_an_end_is_not_told_and_one_that_was_stopped_is_told_to_be() -> None:
    assert told("Gout is a joint disease.", reason="length")[0] == QUOTE.text
    assert told("Gout is a joint disease.", reason="cancelled")[0] == ""


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("Gout is a joint disease. It is treated with allopurinol.", None),
        ("Gout is a joint disease. It comes from uric acid.\nIt is treated", None),
        ("Gout is a disease of the joints.", "of"),
        ("Gout is a joint disease. Everybody has it.", "has"),
        ("Warfarin is given as a pill.", "is"),  # of a source that is farther off
    ],
)
def test_an_answer_is_ended_at_the_word_with_which_it_strays(said: str, at: str | None) -> None:
    """Not at its end: nobody waits for what is not told."""
    strays, told = Strays(SOURCES), ""
    for piece in re.findall(r"\s*\S+", said):
        told += piece
        if strays(told, piece):
            assert piece.strip() == at
            return
    assert at is None
