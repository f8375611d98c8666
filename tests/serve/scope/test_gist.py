"""Very long messages are judged by what tells most of them."""

from __future__ import annotations

import pytest

from osler.serve.scope.gist import READ, gist
from osler.serve.scope.guard import Guard

TALK = "".join(
    f"On day {n} we walked to the old bridge and ate our bread there. " for n in range(400)
)


def test_a_message_of_common_length_is_left_as_it_is() -> None:
    text = "My knee hurts.  \n\nIt clicks! " * 100
    assert gist(text, frozenset()) == text


def test_beginning_end_and_what_tells_most_are_kept() -> None:
    middle = "Then my chest was crushed by pain. He has sarcoidosis. "
    text = f"My father writes this. {TALK}{middle}{TALK}What should we do?"
    kept = gist(text, frozenset({"sarcoidosis"}))
    lines = kept.split("\n")
    assert len(kept) <= READ
    assert lines[0] == "My father writes this."
    assert lines[-1] == "What should we do?"
    assert {"Then my chest was crushed by pain.", "He has sarcoidosis."} <= set(lines)


@pytest.mark.parametrize("text", ["x" * 10**5, " \n" * 10**5, "gout. " * 10**5, "\0" * 10**5])
def test_what_has_no_sentences_is_bounded_too(text: str) -> None:
    assert len(gist(text, frozenset())) <= READ


def test_the_question_at_the_end_of_a_long_text_decides() -> None:
    guard = Guard.load()
    pasted = TALK * 10
    assert guard.judge(f"{pasted}\nHow is rheumatoid arthritis treated?").kind == "medical"
    assert guard.judge(f"{pasted}\nWhich of these bridges is the oldest?").kind == "out_of_scope"
