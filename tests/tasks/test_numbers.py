"""Numbers written and numbers said: what a summary states is looked for in what was told."""

from __future__ import annotations

import pytest

from osler.tasks.numbers import told_numbers, written_numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A 76-year-old with 2.50 mg, 1,000 mL and 120/80.", "76 2.5 1000 120 80"),
        ("seen on 07/31/2008", "7 31 2008"),
        ("twenty-five days, one hundred and twenty pounds, two thousand eight", "25 120 2008"),
        ("It was ninety eight point six; two, three times.", "98.6 2 3"),
        ("one of them, a second look, first of all, oh no", ""),
        ("vitamin B12 at C5-C6 after COVID-19", ""),
        ("1. Gout. 2. Asthma. 3. Two sons.", "2"),
        ("1. Metformin 500 mg\n2. Insulin\n", "500"),
        ("", ""),
    ],
)
def test_a_text_states_these_numbers_and_no_others(text: str, values: str) -> None:
    assert written_numbers(text) == set(values.split())


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I am seventy six years old", "76"),
        ("one thirty eight over seventy", "138/70"),
        ("since nineteen ninety eight", "1998"),
        ("July thirty first O eight", "07/31/2008"),
        ("it was one oh five point two", "105.2"),
        ("point one percent cream", "0.1 %"),
        ("twice a day for a week and a half", "2 times a day for 1 week, 0.5"),
        ("two thousand and eight", "2008"),
        ("three hundred, or a dozen", "300 and 12"),
        ("on May twenty fifth", "5/25"),
    ],
)
def test_a_number_is_found_however_it_was_said(said: str, written: str) -> None:
    assert written_numbers(written) <= told_numbers(said)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I am seventy six years old", "67"),
        ("forty milligrams", "80 mg"),
        ("it may be fifteen", "5"),
        ("one hundred and twenty", "1200"),
        ("", "1"),
    ],
)
def test_a_number_that_was_not_said_is_not_found(said: str, written: str) -> None:
    assert not written_numbers(written) & told_numbers(said)


def test_whatever_a_text_states_it_also_tells() -> None:
    for text in (
        "forty one and two", "eighty nine nine", "one hundred thousand and", "zero point five",
        "two hundred thousand", "twenty twenty", "thousand", "9" * 400, "1,2,3.4.5", "point",
    ):  # fmt: skip
        assert written_numbers(text) <= told_numbers(text), text
