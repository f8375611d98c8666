"""What is asked for is found, whatever the question looks like."""

from __future__ import annotations

import pytest

from osler.commands.index import read_source
from osler.encoder import Encoder
from osler.retrieve.chunk import Chunk
from osler.retrieve.chunks import NEEDS, chunks_of
from osler.retrieve.search import Index
from osler.retrieve.sources import Found, Given


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(*NEEDS)


@pytest.fixture(scope="module")
def embedded(encoder: Encoder) -> Index:
    """The answers that come with the package."""
    chunks: list[Chunk] = []
    for item in read_source("embedded", Given()):
        assert isinstance(item, Found)
        chunks += chunks_of(item.document)
    return Index.in_memory(chunks, encoder)


PARAPHRASES = {
    "What would a doctor do to tell whether I have asthma?": "qs-asthma-2",
    "which signs does asthma give": "qs-asthma-3",
    "tretment of asthma usualy?": "qs-asthma-4",
    "Hello, I am 54 and my wife says I should ask. We were at the sea last week and I slept "
    "badly. The practice nurse mentioned asthma to me. What is that? Thank you so much!": (
        "qs-asthma-1"
    ),
}


@pytest.mark.parametrize("question", PARAPHRASES)
def test_an_answer_is_found_in_other_words(embedded: Index, question: str) -> None:
    hits = embedded.search(question, 3)
    assert PARAPHRASES[question] in [hit.chunk.document for hit in hits]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(-1 <= hit.similarity <= 1 for hit in hits)


@pytest.mark.parametrize(
    "question",
    ["哮喘的症状是什么?", "Was ist Asthma?", "🤒🤧", "a" * 20_000, "what is it", "\x00?", "…"],
)
def test_any_question_has_an_answer(embedded: Index, question: str) -> None:
    assert len(embedded.search(question, 3)) == 3


@pytest.mark.parametrize("question", ["", "  \n"])
def test_no_question_has_none(embedded: Index, question: str) -> None:
    assert embedded.search(question) == []


def test_more_than_there_is_gives_all_once(embedded: Index) -> None:
    hits = embedded.search("asthma", 10_000)
    assert len(hits) == embedded.count == len({hit.chunk.document for hit in hits})
    assert embedded.search("asthma", 0) == []


def test_an_empty_index_finds_nothing(encoder: Encoder) -> None:
    assert Index.in_memory([], encoder).search("asthma") == []


def test_chunks_without_a_word_are_found_by_meaning_alone(encoder: Encoder) -> None:
    chunks = [Chunk("d", n, "", "", None, 0, 4, text) for n, text in enumerate(("🤒", "…"))]
    assert len(Index.in_memory(chunks, encoder).search("fever")) == 2


def test_of_equal_chunks_the_first_comes_first(encoder: Encoder) -> None:
    texts = ("Gout.", "GOUT.", "gout.")
    chunks = [Chunk(text, 0, "Gout", "", None, 0, 5, text) for text in texts]
    hits = Index.in_memory(chunks, encoder).search("gout", 2)
    assert [hit.chunk.document for hit in hits] == ["Gout.", "GOUT."]


def test_the_same_text_is_found_once_with_how_often_it_stands_there(encoder: Encoder) -> None:
    """As MedQuAD tells one paragraph of hundreds of diseases."""
    same = "These resources address the diagnosis or management of the disease."
    names = ["Gout", *(f"Syndrome {n}" for n in range(60))]
    chunks = [Chunk(name, 0, name, "treatment", None, 0, 67, same) for name in names]
    chunks += [Chunk(f"d{n}", 0, "Gout", "", None, 0, 9, f"Gout hurts, part {n}.") for n in (1, 2)]
    index = Index.in_memory(chunks, encoder)
    for question in ("treatment of gout", "resources for the management of the disease"):
        hits = index.search(question, 3)
        assert len({hit.chunk.text for hit in hits}) == 3
        assert [hit.others > 0 for hit in hits] == [hit.chunk.text == same for hit in hits]
    assert (hits[0].chunk.text, hits[0].others) == (same, 60)
    (best,) = index.search("treatment of gout", 1)
    assert best.chunk.title == "Gout"


def test_a_rare_name_is_found_though_the_encoder_does_not_know_it(encoder: Encoder) -> None:
    names = ["Xyrotadine", "Xyrotadone", "Xyratidine", "Xerotadine"]
    chunks = [
        Chunk(name, 0, "", "", None, 0, 9, f"{name} is given with food twice a day.")
        for name in names
    ]
    index = Index.in_memory(chunks, encoder)
    for name in names:
        assert index.search(f"How is {name.lower()} taken?", 1)[0].chunk.document == name
