"""A record within a budget: what must be told stays, the rest goes by rank and is listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from record_shapes import concept, condition, observation, order, quantity, record_of, resource

from osler.records.fit import Fitted, fit
from osler.records.render import Part, as_text, render
from osler.records.view import view

WITHIN = [{"low": {"value": 70}, "high": {"value": 99}}]


def words(texts: Sequence[str]) -> list[int]:
    """A token is a word."""
    return [len(text.split()) for text in texts]


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Part, ...]:
    """Of a long history, with two of each thing that must be told."""
    some = [condition(f"7{n}", f"Chronic illness {n}") for n in range(2)]
    some += [order(f"8{n}", f"medicine {n}") for n in range(2)]
    some += [
        resource("AllergyIntolerance", f"a{n}", code=concept(f"9{n}", f"Allergen {n}"),
                 recordedDate="2001-01-01") for n in range(2)
    ]  # fmt: skip
    for n, value in enumerate((126, 50, 80, 81, 82)):
        some += [
            observation(f"{n}-1", f"Lab {n}", day, valueQuantity=quantity(value, "mg/dL"),
                        referenceRange=WITHIN) for day in ("2021-03-04", "2020-03-04")
        ]  # fmt: skip
    for n in range(40):
        day = f"19{60 + n}-06-01"
        some.append(
            condition(f"6{n}", f"Past illness {n}", onsetDateTime=day, abatementDateTime=day)
        )
        some.append(resource("Procedure", f"p{n}", status="completed", performedDateTime=day,
                             code=concept(f"5{n}", f"Operation {n}")))  # fmt: skip
    return render(view(record_of(tmp_path, *some), date(2022, 1, 1)))


MUST = ("Chronic illness 0", "Chronic illness 1", "medicine 0", "medicine 1", "Allergen 0",
        "Allergen 1", "Lab 0: 126 mg/dL on 2021-03-04, HIGH",
        "Lab 1: 50 mg/dL on 2021-03-04, LOW")  # fmt: skip


@pytest.mark.parametrize("budget", [1, 60, 120, 200, 300, 500, 700])
def test_what_must_be_told_is_told_whatever_the_budget(
    budget: int, parts: tuple[Part, ...]
) -> None:
    found = fit(parts, budget, words)
    for said in MUST:
        assert said in found.text
    assert found.tokens == words([found.text])[0]
    assert found.fits == (found.tokens <= budget)


def test_a_budget_that_is_large_enough_changes_nothing(parts: tuple[Part, ...]) -> None:
    whole = words([as_text(parts)])[0]
    found = fit(parts, whole, words)
    assert (found.text, found.tokens, found.fits) == (as_text(parts), whole, True)
    assert found.left_out == {}
    assert found.shortened == 0


def test_what_is_left_out_is_counted_in_the_text_and_listed(parts: tuple[Part, ...]) -> None:
    found = fit(parts, 200, words)
    assert found.fits
    assert "Left out for length: " in found.text
    for part in parts:
        kept = next((p.lines for p in found.parts if p.name == part.name), ())
        gone = found.left_out.get(part.name, ())
        assert len(kept) + len(gone) == len(part.lines)
        if gone:
            assert f"{len(gone)} of {part.name.replace('_', ' ')}" in found.text


def test_the_oldest_goes_first(parts: tuple[Part, ...]) -> None:
    found = fit(parts, 300, words)
    gone = [line.text for line in found.left_out["resolved"]]
    kept = [line.text for part in found.parts if part.name == "resolved" for line in part.lines]
    assert kept
    assert gone
    assert kept + gone == [
        line.text for part in parts if part.name == "resolved" for line in part.lines
    ]


def test_earlier_values_go_before_latest_ones(parts: tuple[Part, ...]) -> None:
    found = fit(parts, 1, words)
    assert "before:" not in found.text
    assert "earlier values of" in found.text


def test_no_more_is_left_out_than_must_be(parts: tuple[Part, ...]) -> None:
    budgets = range(100, 700, 7)
    fitted = [fit(parts, budget, words) for budget in budgets]
    assert len({told_lines(one) for one in fitted}) > 20
    for budget, one in zip(budgets, fitted, strict=True):
        smaller = [told_lines(other) for other in fitted if other.tokens <= budget]
        assert told_lines(one) == max(smaller, default=told_lines(one))


def told_lines(found: Fitted) -> int:
    return sum(len(part.lines) for part in found.parts)


def test_musts_that_do_not_fit_are_all_told_and_it_says_so(parts: tuple[Part, ...]) -> None:
    found = fit(parts, 10, words)
    assert not found.fits
    assert found.tokens > 10
    assert {part.name for part in found.parts if part.lines} == {
        "person", "conditions", "medicines", "allergies", "labs"
    }  # fmt: skip
