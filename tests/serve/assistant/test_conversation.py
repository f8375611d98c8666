"""What of a conversation is sent, and what a follow-up asks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from osler.prompts import Passage
from osler.rows import Message
from osler.serve.assistant.conversation import TooLong, depends, fitted, standalone
from osler.serve.engines.protocol import TooLong as FarTooLong


def turns(*said: str) -> list[Message]:
    roles = ("user", "assistant")
    return [Message(role=roles[n % 2], content=text) for n, text in enumerate(said)]


FOLLOW_UPS = [
    "and for children?",
    "How is it treated?",
    "is it contagious?",
    "what about pregnancy?",
    "Can I exercise?",
    "How common is it?",
    "Who is at risk?",
    "Why?",
    "Is there a cure?",
    "does diet help?",
    "Symptoms?",
    "How can I prevent them?",
    "Is it worse at night?",
    "how long does it last",
    "Can my baby get it too?",
    "my grandmother had it, am I at higher risk?",
    "mine is 6.2, what now?",
]
QUESTIONS = [
    "What are the symptoms of asthma?",
    "What causes knee pain?",
    "What about the cost of a bridge?",
    "And what are the symptoms of gout?",
    "How is gout treated?",
    "What is a heart attack?",
    "My back hurts",
    "What is flu?",
    "what about gout",
    "I have a cold",
    "Is a stroke dangerous?",
    "What is high blood pressure?",
    "What causes a headache?",
    "Tell me about back pain",
    "How is a broken arm treated?",
]


@pytest.mark.parametrize("question", FOLLOW_UPS)
def test_a_follow_up_is_looked_up_with_what_it_follows(question: str) -> None:
    asked = turns("What is asthma?", "A disease.", "Who gets it?", "Children.", question)
    assert depends(question)
    assert "asthma" in standalone(asked)


@pytest.mark.parametrize(
    ("first", "then", "looked_up"),
    [
        ("What are the symptoms of asthma?", "how is it treated?", "how is asthma treated?"),
        ("Who gets high blood pressure?", "is there a cure?",
         "high blood pressure is there a cure?"),
        ("What are the symptoms of asthma?", "and for children?",
         "What are the symptoms of asthma? and for children?"),
        ("How is gout treated?", "in pregnancy?", "How is gout treated? in pregnancy?"),
    ],
)  # fmt: skip
def test_what_a_follow_up_asks_itself_takes_the_place_of_what_was_asked(
    first: str, then: str, looked_up: str
) -> None:
    assert standalone(turns(first, "So.", then)) == looked_up


def test_a_follow_up_on_a_follow_up_goes_on_with_that_one() -> None:
    asked = turns("What is asthma?", "A disease.", "how is it treated?", "So.", "and for children?")
    assert standalone(asked) == "how is asthma treated? and for children?"
    where = turns("What is gout?", "A disease.", "how is it treated?", "So.", "and in old people?")
    assert standalone(where) == "how is gout treated? and in old people?"


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_its_own_is_looked_up_alone(question: str) -> None:
    assert not depends(question)
    assert standalone(turns("What is asthma?", "A disease.", question)) == question


def test_a_first_question_is_looked_up_as_it_is_whatever_it_says() -> None:
    assert standalone(turns("and for children?")) == "and for children?"


def words(messages: Sequence[Message]) -> int:
    return sum(len(m["content"].split()) for m in messages)


PASSAGES = [Passage("One", "alpha " * 10), Passage("Two", "beta " * 10)]


def test_all_is_sent_where_all_fits() -> None:
    asked = turns("a b", "c d", "e f")
    sent = fitted("system", asked, PASSAGES, 1000, words)
    assert (sent.passages, sent.left_out) == (2, 0)
    assert [m["content"] for m in sent.messages[:3]] == ["system", "a b", "c d"]
    assert "alpha" in sent.messages[-1]["content"]
    assert sent.messages[-1]["content"].endswith("Question: e f")


def test_the_oldest_exchanges_go_first_then_sources_then_the_last_exchange() -> None:
    asked = turns("one " * 10, "two " * 10, "three " * 10, "four " * 10, "five")
    whole = fitted("s", asked, PASSAGES, 1000, words).tokens
    shorter = fitted("s", asked, PASSAGES, whole - 1, words)
    assert (shorter.left_out, shorter.passages) == (1, 2)
    assert [m["role"] for m in shorter.messages] == ["system", "user", "assistant", "user"]
    fewer = fitted("s", asked, PASSAGES, shorter.tokens - 1, words)
    assert (fewer.left_out, fewer.passages) == (1, 1)
    alone = fitted("s", asked, PASSAGES, 3, words)
    assert (alone.left_out, alone.passages) == (2, 0)
    assert [m["content"] for m in alone.messages] == ["s", "five"]


def test_a_question_that_does_not_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(TooLong, match=r"needs 6 tokens.* 5"):
        fitted("s", turns("a b c d e"), PASSAGES, 5, words)


def test_a_conversation_far_longer_than_can_be_counted_is_cut_too() -> None:
    """An engine refuses to count what is far too long: that is no reason to refuse the question."""
    asked = turns(*(f"q{n} " * 50 for n in range(400)), "the last")
    counted: list[int] = []

    def count(messages: Sequence[Message]) -> int:
        counted.append(words(messages))
        if counted[-1] > 2000:
            raise FarTooLong("far too long")
        return counted[-1]

    sent = fitted("s", asked, PASSAGES, 600, count)
    assert sent.tokens <= 600 < sent.tokens + 100
    assert sent.passages == len(PASSAGES)
    assert sent.messages[-2:-1] == tuple(asked[-2:-1])
    assert len(counted) < 20
    with pytest.raises(FarTooLong):
        fitted("s", turns("w " * 3000), PASSAGES, 600, count)
