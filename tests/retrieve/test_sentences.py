"""A citation is of a sentence, so sentences must be where a reader sees them."""

from __future__ import annotations

import pytest

from osler.retrieve.sentences import sentences


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Asthma is common. It can be treated.", ["Asthma is common.", "It can be treated."]),
        ("Dr. Lee gave 2.5 mg, i.e. half. Why? It hurt!", [
            "Dr. Lee gave 2.5 mg, i.e. half.", "Why?", "It hurt!"]),
        ("- Iron | 5.9 | mmol/L\n- Sodium | 140", ["Iron | 5.9 | mmol/L", "Sodium | 140"]),
        ("1. Rest.\n2. Drink water.", ["Rest.", "Drink water."]),
        ("Findings\nNo effusion (see Fig. 2). P. Smith agreed.", [
            "Findings", "No effusion (see Fig. 2).", "P. Smith agreed."]),
        ("Vitamin B. Then rest", ["Vitamin B. Then rest"]),
        ("“It hurts.” She left.", ["“It hurts.”", "She left."]),
        ("哮喘是慢性病。可以治疗。", ["哮喘是慢性病。", "可以治疗。"]),
        ("", []),
        (" \n \f", []),
    ],
)  # fmt: skip
def test_sentences_are_where_a_reader_sees_them(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_nothing_but_white_space_and_marks_of_lists_is_left_out() -> None:
    text = "  A first one. A second\n* three, with 4.5 mg?  Yes.\n\n(5) Five"
    assert " ".join(said(text)) == "A first one. A second three, with 4.5 mg? Yes. Five"
