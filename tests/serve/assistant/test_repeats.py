"""A model that goes round in circles is stopped; one that lists or counts is not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from osler.serve.assistant.repeats import repeats, told_once


def stopped_at(text: str) -> str | None:
    """What was said when it was stopped, word by word; None where it never was."""
    said = ""
    for piece in re.findall(r"\s*\S+\n?", text):
        said += piece
        if repeats(said, piece):
            return said
    return None


def test_a_sentence_that_is_said_again_ends_the_answer() -> None:
    text = "It is common in adults everywhere. Rest helps. It is common in adults everywhere. More."
    assert stopped_at(text) == text.removesuffix(" More.")


def test_a_digit_or_a_syllable_without_an_end_ends_the_answer() -> None:
    said = ""
    while len(said) < 200 and not repeats(said, "3"):
        said += "3"
    assert len(said) < 20
    assert (
        stopped_at("A normal value is 1000000 or 12 12 12, ---------------------- and so on.")
        is None
    )


def test_words_without_an_end_that_go_round_end_the_answer() -> None:
    circle = "Abnormality of the abdominal wall in 90 percent of people "
    said = stopped_at(circle * 20)
    assert said is not None
    assert len(said) < 4 * len(circle)


@pytest.mark.parametrize(
    "text",
    [
        "Yes. It can. Yes. It can. Yes.",
        "- Sodium: 140 mmol/L\n- Potassium: 4.0 mmol/L\n- Chloride: 140 mmol/L\n",
        "Take 1 tablet in the morning. Take 1 tablet in the evening. Take 2 tablets at night.",
        "Asthma is common. Asthma is treated with inhalers. Asthma is not contagious.",
        "",
    ],
)
def test_lists_and_short_words_go_on(text: str) -> None:
    assert stopped_at(text) is None


def written(text: str) -> tuple[str, bool, int]:
    """What is kept of a model's text, whether it was ended, and how many pieces were taken."""
    taken = 0

    async def pieces() -> AsyncIterator[str]:
        nonlocal taken
        for piece in re.findall(r"\s*\S+\n?", text):
            taken += 1
            yield piece

    return (*asyncio.run(told_once(pieces())), taken)


@pytest.mark.parametrize(
    ("before", "circle", "kept"),
    [
        ("Seen today. Body temperature:", " 39 °C, HIGH:", "Seen today."),
        ("She has asthma", " and asthma was seen in clinic", ""),
        ("He is well.", " He was seen in clinic.", "He is well. He was seen in clinic."),
        ("He is well.", " Rest. Drink water.", "He is well. Rest. Drink water."),
        ("He is well. The value is 1", "0", "He is well."),
    ],
)
def test_of_a_document_what_goes_round_is_told_once_and_ended(
    before: str, circle: str, kept: str
) -> None:
    text, ended, taken = written(before + circle * 400)
    assert (text, ended) == (kept, True)
    assert taken < 60


@pytest.mark.parametrize(
    "text",
    [
        "".join(
            f"- {one}: have it checked again soon, please.\n" for one in ("Na", "K", "Fe", "Mg")
        ),
        "No. No. No. No. It is 1 1 1 1 1 and not more.",
        "",
    ],
)
def test_of_a_document_the_same_may_hold_for_several_things(text: str) -> None:
    assert written(text)[:2] == (text, False)
