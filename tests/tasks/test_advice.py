"""Advice from a report: values told, allergies minded, what is general marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from osler.data.sources import read_source
from osler.data.tables import Ask
from osler.prompts import with_document
from osler.recipe_sources import CohortSource
from osler.rows import Row
from osler.tasks.advice import TASK, avoided

REPORT = """Report of results

Allergies:
- Penicillin V (medication allergy): itching (mild)

Results:
- LDL cholesterol: 178 mg/dL on 2024-07-28, HIGH (reference up to 129 mg/dL)
- Sodium: 140 mmol/L on 2024-07-28 (reference 135 to 145 mmol/L)

Orders:
- none recorded"""
GOOD = "LDL cholesterol: 178 mg/dL is high. General advice: eat less fat. Run 5 km a day."


def figures(answer: str) -> dict[str, float | None]:
    """Each measure of one answer to the report; None where it has nothing to count."""
    row = Row(
        id="1", group="1", source="s",
        prompt=({"role": "user", "content": with_document("Advise me.", REPORT)},),
        completion=({"role": "assistant", "content": GOOD},),
    )  # fmt: skip
    found = TASK.score([row], [answer])
    return {
        name: scores.values[0] if scores.counts and scores.counts[0] else None
        for name, scores in found.items()
    }


def test_a_value_out_of_range_is_told_with_its_name() -> None:
    assert figures(GOOD)["values_told"] == 100
    assert figures("Your cholesterol is high.")["values_told"] == 0
    assert figures("LDL cholesterol: 187 mg/dL is high.")["values_told"] == 0


def test_numbers_are_held_against_the_report() -> None:
    assert figures("LDL cholesterol: 178 mg/dL.")["numbers_right"] == 100
    assert figures("LDL cholesterol: 178 mg/dL, take 40 mg.")["numbers_right"] == 50


def test_what_the_allergies_forbid_is_not_proposed_nor_are_its_relatives() -> None:
    assert {"penicillin v", "amoxicillin"} <= avoided(REPORT)
    assert "ibuprofen" not in avoided(REPORT)
    assert figures("Take amoxicillin twice a day.")["allergies_kept"] == 0
    assert figures("Avoid amoxicillin, for it is a penicillin.")["allergies_kept"] == 100
    assert figures("Drink water.")["allergies_kept"] == 100
    assert figures("")["allergies_kept"] == 0, "silence minds nothing"


def test_what_is_general_is_marked_or_stands_in_the_report() -> None:
    assert figures(GOOD)["sentences_right"] == 100, "the mark holds for its line"
    assert figures("Dragons live in castles.")["sentences_right"] == 0


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    ask = Ask(Path(), "data.sources[0]", "sft", task="advice")
    source = CohortSource(type="cohort", patients=12)
    read = read_source(source, 0, Path(), objective="sft", ask=ask)
    return [item for item in read if isinstance(item, Row)]


def test_some_reports_are_as_a_page_shows_what_it_read_and_others_dated(rows: list[Row]) -> None:
    """Values out of range first, no dates."""
    dated = 0
    for row in rows:
        lines = row.question.splitlines()
        results = lines[lines.index("Results:") + 1 : lines.index("Orders:")]
        out = [("HIGH" in line or "LOW" in line) for line in results]
        if any(re.search(r"\d{4}-\d{2}-\d{2}", line) for line in results):
            dated += 1
        else:
            assert out == sorted(out, reverse=True)
    assert 0 < dated < len(rows)


def test_advice_by_rule_passes_its_own_examination(rows: list[Row]) -> None:
    assert len(rows) > 8
    found = TASK.score(rows, [row.reference for row in rows])
    for name in ("values_told", "numbers_right", "allergies_kept"):
        counts = found[name].counts or []
        assert sum(counts) > 0
        assert all(v == 100 for v, c in zip(found[name].values, counts, strict=True) if c), name
