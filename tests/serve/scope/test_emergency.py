"""Emergencies are recognised, and questions about them are questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from osler.serve.scope.emergency import advice, emergency
from osler.serve.scope.emergency_languages import call_now, emergency_elsewhere
from osler.serve.scope.emergency_signs import KINDS
from osler.serve.scope.language import Reading, has_english, read_language
from osler.serve.scope.texts import is_greeting, refusal
from osler.serve.scope.urgent_examples import urgent_examples
from osler.serve.scope.weights import GREETING, NONE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have a crushing pain in my chest.", "heart"),
        ("my father's face droops and he can't speak", "stroke"),
        ("I want to kill myself", "self_harm"),
        ("i want to kms", "self_harm"),
        ("im gonna unalive myself tonight", "self_harm"),
        ("My toddler drank bleach!", "poisoning"),
        ("The cut won't stop bleeding.", "bleeding"),
        ("My throat is closing after eating peanuts", "allergy"),
        ("he stopped breathing", "breathing"),
        ("She collapsed and won't wake up", "unconscious"),
        ("My son has been having a seizure for ten minutes", "seizure"),
        ("I'm 36 weeks pregnant and bleeding", "birth"),
        ("My 3 week old has a fever of 38.5", "infant"),
        ("my blood sugar is 1.8 and I am confused", "diabetic"),
        ("blood sugar is 35 mg/dl and my mum is dizzy", "diabetic"),
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
        "I want to run 10 kms, what should I eat?",
        "I had a heart attack two years ago, can I fly?",
        "My back is killing me.",
        "Who wrote the film in which she takes an overdose?",
        "My computer is not responding.",
        "My two-year-old has a fever of 38.5",
        "How much sugar is in 1.5 litres of cola?",
        "My fasting sugar dropped from 8 to 6.5",
        "A 60-year-old man presents with chest pain, which drug is given first?",
    ],
)
def test_a_question_about_one_is_a_question(text: str) -> None:
    assert emergency(text) is None


MESSAGES = Path(__file__).with_name("emergency_messages.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", [line for line in MESSAGES if line[0] != "#"])
def test_somebody_in_danger_is_understood_in_their_language(line: str) -> None:
    kind, _, text = line.partition(": ")
    assert read_language(text) is not Reading.ENGLISH or not has_english(text)
    found = emergency_elsewhere(text)
    assert found is not None
    assert found[0] == kind
    assert "112" in call_now(found[1], "112")


@pytest.mark.parametrize(
    "text",
    [
        "Ho preso due compresse di paracetamolo da 500 mg, posso prendere ibuprofene?",
        "Vilka är symtomen på hjärtinfarkt?",
        "Hva er symptomer på hjerneslag?",
        "Jaké jsou příznaky infarktu?",
        "Care sunt simptomele unui infarct?",
        "Ποια είναι τα συμπτώματα του εμφράγματος;",
        "Які симптоми інфаркту?",
        "Apa saja gejala serangan jantung?",
        "Triệu chứng của bệnh tim là gì?",
        "Tôi muốn được tư vấn về bệnh viện, uống nhiều nước có tốt không?",
        "Mik a szívinfarktus tünetei?",
        "Min baby vil ikke sove",
        "Mitä on reuma?",
    ],
)
def test_a_question_in_another_language_is_a_question(text: str) -> None:
    assert emergency_elsewhere(text) is None


@pytest.mark.parametrize(
    "kind", sorted({*KINDS, *(one.kind for one in urgent_examples())} - {NONE, GREETING})
)
def test_advice_names_the_number_that_is_set(kind: str) -> None:
    assert "112 in Europe" in advice(kind)
    assert "144" in advice(kind, "144")
    assert "112" not in advice(kind, "144")


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("stroke", "my brother is slurring and his meter says 1.9", "give sugar"),
        ("poisoning", "My insulin was doubled by mistake and I feel shaky", "give sugar"),
        ("stroke", "my father's face droops and he can't speak", "Give nothing to eat or drink"),
        ("poisoning", "carbon monoxide alarm going off", "fresh air"),
        ("poisoning", "chemical splashed in my eye", "Rinse the eye"),
        ("poisoning", "My toddler drank bleach!", "Do not make the person vomit"),
        ("stroke", "heatstroke: he talks nonsense", "cool them"),
        ("bleeding", "vomiting blood like coffee grounds", "Eat and drink nothing"),
        ("bleeding", "a nosebleed that won't stop", "pinch"),
        ("bleeding", "The cut won't stop bleeding.", "Press firmly"),
        ("birth", "7 weeks pregnant, sharp pain in one side", "eat and drink nothing"),
        ("birth", "i think the cord is coming out before the baby", "Do not push the cord back"),
    ],
)
def test_first_aid_is_of_what_is_told_and_not_of_its_kind_alone(
    kind: str, text: str, first: str
) -> None:
    assert first in advice(kind, text=text)


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


def test_what_cannot_be_read_and_may_be_an_emergency_is_told_whom_to_call() -> None:
    said = refusal("¿Quién es?", read=False)
    assert "English" in said
    assert "If somebody is in danger now, call your local emergency number (112" in said
    assert "call 144." in refusal("¿Quién es?", read=False, number="144")


def test_a_question_behind_a_greeting_is_no_greeting() -> None:
    assert is_greeting("Hi there, thank you!")
    assert not is_greeting("Hi there, my knee hurts")
    assert not is_greeting("thanks, and for children?")
