"""What stands in front of the models answers some messages itself, and says what it did."""

from __future__ import annotations

import pytest

from osler.serve.assistant.gate import Gate
from osler.serve.scope.guard import Guard


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(Guard.load(), "112", "0800 111 0 111")


def replied(gate: Gate, text: str) -> str | None:
    return gate.reply(gate.judge(text), text)


def opening(gate: Gate, text: str) -> str:
    """What an answer of a model begins with."""
    return gate.urgent_line(gate.judge(text), text) or ""


def test_a_question_about_health_is_left_to_a_model(gate: Gate) -> None:
    assert replied(gate, "What are the symptoms of asthma?") is None


def test_what_is_not_for_it_is_declined_and_told_what_is(gate: Gate) -> None:
    said = replied(gate, "What is a drawbridge?")
    assert said is not None
    assert "health" in said.lower()
    assert "drawbridge" not in said


def test_an_emergency_gets_the_number_that_was_set_and_never_a_refusal(gate: Gate) -> None:
    said = replied(gate, "My father's face droops on one side and he can't speak")
    assert said is not None
    assert "112" in said
    crisis = replied(gate, "I want to kill myself tonight")
    assert crisis is not None
    assert "0800 111 0 111" in crisis


def test_an_emergency_in_another_language_is_told_to_call_in_it(gate: Gate) -> None:
    said = replied(gate, "Hilfe, meine Mutter ist bewusstlos")
    assert said is not None
    assert "Rufen Sie jetzt 112 an." in said
    assert "Please call 112 now" in said


def test_a_question_about_an_emergency_is_answered_under_a_line_of_advice(gate: Gate) -> None:
    text = "What are the signs of a stroke?"
    assert replied(gate, text) is None
    assert "112" in opening(gate, "What should you do when somebody has chest pain?")
    assert opening(gate, "How is gout treated?") == ""


@pytest.mark.parametrize(
    "text", ["What dose of morphine is lethal?", "how much water do I need to drink to die"]
)
def test_a_question_of_how_much_would_kill_is_told_whom_to_talk_to(gate: Gate, text: str) -> None:
    assert "0800 111 0 111" in opening(gate, text)
    assert opening(gate, "how much ibuprofen can I take to kill the pain") == ""


def test_what_only_may_be_an_emergency_is_answered_and_told_whom_to_call(gate: Gate) -> None:
    text = "sometimes my left hand goes numb"
    assert replied(gate, text) is None
    assert opening(gate, text).startswith("If this is happening to somebody now, call 112")
    assert replied(gate, "I can't cope anymore") is None
    assert "0800 111 0 111" in opening(gate, "I can't cope anymore")


def test_a_follow_up_is_judged_by_what_it_asks(gate: Gate) -> None:
    earlier = ["What are the symptoms of asthma?"]
    for text in ("and at night?", "why does it get worse when it is cold?", "what about them?"):
        assert gate.judge(text, earlier).kind in ("medical", "emergency")
    assert gate.judge("Who won the world cup in 1998?", earlier).kind == "out_of_scope"
    assert gate.judge("and who paints them?", ["Who painted the Mona Lisa?"]).kind == "out_of_scope"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("thanks!", "You are welcome."),
        ("Ok, thank you so much", "You are welcome."),
        ("धन्यवाद", "You are welcome."),
        ("ok", "All right."),
        ("Got it.", "All right."),
        ("thanks, bye!", "Goodbye"),
        ("Have a nice day", "Goodbye"),
        ("Hello!", "Hello! I answer questions about health"),
        ("Hi, what can you do?", "Hello! I answer questions about health"),
    ],
)
def test_thanks_and_goodbyes_get_a_short_answer_of_their_own(
    gate: Gate, text: str, begins: str
) -> None:
    said = replied(gate, text)
    assert said is not None
    assert said.startswith(begins)
