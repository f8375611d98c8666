"""Emergencies are recognised, and questions about them are questions."""

from __future__ import annotations

import pytest

from osler.serve.scope.emergency import advice, emergency
from osler.serve.scope.emergency_signs import KINDS
from osler.serve.scope.texts import is_greeting, refusal
from osler.serve.scope.urgent_examples import urgent_examples
from osler.serve.scope.weights import NONE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have a crushing pain in my chest.", "heart"),
        ("my father's face droops and he can't speak", "stroke"),
        ("I want to kill myself", "self_harm"),
        ("My toddler drank bleach!", "poisoning"),
        ("The cut won't stop bleeding.", "bleeding"),
        ("My throat is closing after eating peanuts", "allergy"),
        ("he stopped breathing", "breathing"),
        ("She collapsed and won't wake up", "unconscious"),
        ("My son has been having a seizure for ten minutes", "seizure"),
        ("I'm 36 weeks pregnant and bleeding", "birth"),
        ("My 3 week old has a fever of 38.5", "infant"),
    ],
)
def test_somebody_in_danger_now_is_an_emergency(text: str, kind: str) -> None:
    assert emergency(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "What are the signs of a stroke?",
        "What should I do if somebody has a heart attack?",
        "I have no chest pain.",
        "I had a heart attack two years ago, can I fly?",
        "My back is killing me.",
        "Who wrote the film in which she takes an overdose?",
        "My computer is not responding.",
        "My two-year-old has a fever of 38.5",
        "A 60-year-old man presents with chest pain, which drug is given first?",
    ],
)
def test_a_question_about_one_is_a_question(text: str) -> None:
    assert emergency(text) is None


@pytest.mark.parametrize(
    "kind", sorted({*KINDS, *(one.kind for one in urgent_examples())} - {NONE})
)
def test_advice_names_the_number_that_is_set(kind: str) -> None:
    assert "112 in Europe" in advice(kind)
    assert "144" in advice(kind, "144")
    assert "112" not in advice(kind, "144")


def test_who_thinks_of_suicide_gets_words_of_their_own() -> None:
    said = advice("self_harm", "112", "0800 111 0 111")
    assert "0800 111 0 111" in said
    assert "alone" in said


def test_a_refusal_is_the_same_for_the_same_question_and_repeats_none_of_it() -> None:
    texts = [f"Who built the zebrabridge {n}?" for n in range(40)]
    said = {refusal(text) for text in texts}
    assert len(said) > 3
    assert all("health" in one and "zebrabridge" not in one for one in said)
    assert refusal(texts[0]) == refusal(texts[0])
    assert "English" in refusal("¿Quién es?", read=False)


def test_a_question_behind_a_greeting_is_no_greeting() -> None:
    assert is_greeting("Hi there, thank you!")
    assert not is_greeting("Hi there, my knee hurts")
    assert not is_greeting("thanks, and for children?")
