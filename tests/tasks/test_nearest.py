"""The control: the answer of the most similar training question."""

from __future__ import annotations

from osler.rows import Row
from osler.tasks.nearest import nearest_rows


def row(number: int, question: str) -> Row:
    return Row(
        id=str(number),
        group="g",
        source="s",
        prompt=(
            {"role": "system", "content": "What treats gout?"},
            {"role": "user", "content": question},
        ),
        completion=({"role": "assistant", "content": f"answer {number}"},),
    )


TRAINING = [
    row(0, "What is asthma?"),
    row(1, "How is gout treated?"),
    row(2, "How is GOUT treated?"),
    row(3, "Who gets migraine?"),
]


def found(*questions: str) -> list[str | None]:
    return [near.reference if near else None for near in nearest_rows(TRAINING, questions)]


def test_the_nearest_question_is_found_whatever_the_case() -> None:
    assert found("who gets a MIGRAINE", "What's asthma") == ["answer 3", "answer 0"]


def test_of_equally_similar_questions_it_is_always_the_first() -> None:
    assert found("how is gout treated?", "gout", "treated gout") == ["answer 1"] * 3


def test_a_question_without_a_known_word_has_no_answer() -> None:
    assert found("xyzzy", "", "gout") == [None, None, "answer 1"]


def test_training_rows_without_words_answer_nothing() -> None:
    assert nearest_rows([row(0, "?!")], ["gout"]) == [None]
    assert nearest_rows([], ["gout"]) == [None]
