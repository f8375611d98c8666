"""A citation is a promise: what it points at says what the sentence says."""

from __future__ import annotations

import pytest

from osler.serve.assistant.cite import Cited, cite

ASTHMA = (
    "Asthma is a long-term condition in which the airways are inflamed. Attacks come on after "
    "exercise or in cold air. About 8 % of adults have it, and it is not contagious. Inhaled "
    "corticosteroids taken every day reduce attacks."
)
GOUT = "Gout is a form of arthritis. Allopurinol lowers uric acid. Attacks are not dangerous."
SOURCES = [Cited(1, ASTHMA, 100, "Asthma"), Cited(2, GOUT, 0, "Gout")]


def cited(sentence: str) -> list[tuple[int, str]]:
    """(source, the bytes it points at) for each citation of a sentence."""
    text = {1: ASTHMA.encode(), 2: GOUT.encode()}
    start = {1: 100, 2: 0}
    return [
        (c.source, text[c.source][c.start - start[c.source] : c.end - start[c.source]].decode())
        for said in cite(sentence, SOURCES)
        for c in said.citations
    ]


def test_what_stands_in_a_source_is_cited_with_its_exact_bytes() -> None:
    assert cited("In asthma the airways are inflamed.") == [
        (1, "Asthma is a long-term condition in which the airways are inflamed.")
    ]
    assert cited("Allopurinol lowers uric acid.") == [(2, "Allopurinol lowers uric acid.")]


def test_bytes_are_right_behind_letters_of_several_bytes() -> None:
    text = "Größe – 5 µg. Ménière’s disease causes vertigo."
    (only,) = cite("Ménière's disease causes vertigo.", [Cited(1, text, 7, "")])
    (found,) = only.citations
    assert text.encode()[found.start - 7 : found.end - 7].decode() == (
        "Ménière’s disease causes vertigo."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "About 18 % of adults have asthma.",  # another number
        "Asthma is contagious.",  # a denial lost
        "Gout attacks are dangerous.",
        "Inhaled corticosteroids taken every day increase attacks.",  # an opposite
        "Inhaled antibiotics taken every day reduce attacks.",  # another drug
        "Ibuprofen lowers uric acid.",
        "Diabetes is a long-term condition.",  # another disease
        "The Eiffel Tower is in Paris.",
        "You should rest.",
        "",
    ],
)
def test_what_no_source_says_is_not_cited(sentence: str) -> None:
    assert cited(sentence) == []


def test_each_sentence_has_its_place_in_the_answer() -> None:
    answer = "Asthma is not contagious. Eat well.\n- Allopurinol lowers uric acid."
    said = cite(answer, SOURCES)
    assert [answer[s.start : s.end] for s in said] == [
        "Asthma is not contagious.", "Eat well.", "Allopurinol lowers uric acid."
    ]  # fmt: skip
    assert [bool(s.citations) for s in said] == [True, False, True]


def test_no_sources_bear_nothing_out() -> None:
    assert [s.citations for s in cite("Asthma is common.", [])] == [()]


LETTER = (
    "She was admitted for three days with a cough that would\nnot settle. No pain.\n"
    "Repeat chest film in June\nThere is no sign in these films of old consolidation or of any\n"
    "pneumonia in the left lung."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "She was admitted for three days with a cough that would not settle.",
        "Repeat chest film in June.",
    ],
)
def test_what_stands_word_for_word_on_several_lines_is_cited(sentence: str) -> None:
    (only,) = cite(sentence, [Cited(1, LETTER, 0)])
    (found,) = only.citations
    text = LETTER.encode()[found.start : found.end].decode()
    assert " ".join(text.split()).removesuffix(".") == sentence.removesuffix(".")


def test_words_that_are_a_part_of_a_sentence_alone_are_not_taken_for_it() -> None:
    (only,) = cite("Pneumonia in the left lung.", [Cited(1, LETTER, 0)])
    assert only.citations == ()
