"""`osler records show PATIENT --budget N`: must-haves stay, and what was left out is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from record_shapes import bundle, concept, condition, observation, order, resource, write_bundle

from osler.cli import main

MUST = (
    "- Hypertension, since 2014-01-29",
    "- lisinopril 10 MG Oral Tablet",
    "- Shellfish",
    "- Glucose: 126 mg/dL on 2021-03-04, HIGH",
)
"""Of the patient below, what a summary must never lack."""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A patient with one of each thing that must be told, and sixty years of visits."""
    high = {"value": 126, "unit": "mg/dL", "code": "mg/dL"}
    some = [condition(), order(), observation(valueQuantity=high)]
    some.append(resource("AllergyIntolerance", "a", code=concept("1", "Shellfish"),
                         recordedDate="2001-01-01"))  # fmt: skip
    for year in range(1961, 2021):
        day = f"{year}-06-01"
        some.append(condition(str(year), f"Illness {year}", onsetDateTime=day,
                              abatementDateTime=day))  # fmt: skip
        some.append(resource("Procedure", f"p{year}", status="completed", performedDateTime=day,
                             code=concept(f"9{year}", f"Operation {year}")))  # fmt: skip
    write_bundle(tmp_path / "in", bundle(*some))
    return tmp_path / "in"


@pytest.fixture
def shown(records: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A budget -> what is printed."""

    def show(*words: object) -> str:
        assert main(["records", "show", "p1", "--records", str(records), *map(str, words)]) == 0
        return capsys.readouterr().out

    return show


def tokens(said: str) -> int:
    """The length that is printed."""
    found = re.search(r"^As of 2021-03-04\. ([\d,]+) tokens of nano", said, re.MULTILINE)
    assert found
    return int(found[1].replace(",", ""))


def test_the_length_keeps_to_the_budget_with_all_must_haves(shown: Any) -> None:
    whole = tokens(shown())
    for budget in (1600, 800, 500):
        said = shown("--budget", budget)
        assert tokens(said) <= budget < whole
        assert f"of {whole:,} without a budget" in said
        assert "does not fit" not in said
        assert all(line in said for line in MUST)


def test_what_was_left_out_is_counted_by_kind_and_adds_up(shown: Any) -> None:
    said = shown("--budget", 800)
    for name, word in (("resolved", "Illness"), ("procedures", "Operation")):
        (line,) = [each for each in said.splitlines() if each.startswith("Left out")]
        found = re.search(rf"(\d+) of {name}", line.removeprefix("Left out for length: "))
        assert found
        assert int(found[1]) + said.count(f"- {word} ") == 60
    assert "- Illness 2020" in said
    assert "- Illness 1961" not in said, "the oldest goes first"


def test_a_budget_that_is_large_enough_leaves_nothing_out(shown: Any) -> None:
    said = shown("--budget", 100_000)
    assert "Left out" not in said
    assert said.count("- Illness ") == said.count("- Operation ") == 60


def test_must_haves_that_do_not_fit_are_shown_and_named(shown: Any) -> None:
    said = shown("--budget", 60)
    assert all(line in said for line in MUST)
    (told,) = [line for line in said.splitlines() if line.startswith("This does not fit")]
    assert told.startswith("This does not fit 60 tokens: ")
    for part in ("conditions", "medicines", "allergies", "labs"):
        assert f"1 of {part}" in told
    assert f"and take {tokens(said):,}:" in told


@pytest.mark.parametrize("budget", [0, -1])
def test_a_budget_of_nothing_is_refused(
    budget: int, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["records", "show", "p1", "--records", str(records), "--budget", str(budget)]
    assert main(words) == 2
    assert f"--budget {budget}: no number of tokens" in capsys.readouterr().err
