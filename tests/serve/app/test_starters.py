"""The questions that the chat begins with are of its own index."""

from __future__ import annotations

from osler.retrieve.chunk import Chunk
from osler.serve.app.starters import starters


def chunks(*titles: str) -> list[Chunk]:
    return [Chunk(title, 0, title, "", None, 0, 4, "Text", None) for title in titles]


def test_questions_to_begin_with_are_titles_of_documents_that_would_be_answered() -> None:
    index = chunks(
        "What is gout?", "What is gout?", "leaflet", "Where may I park?", "How is mumps\nfound?"
    )
    medical = ("What is gout?", "How is mumps found?")
    assert starters(index, lambda asked: asked in medical) == medical


def test_an_index_of_leaflets_has_none() -> None:
    assert starters(chunks("warfarin", "Opening hours"), lambda asked: True) == ()
    assert starters([], lambda asked: True) == ()
