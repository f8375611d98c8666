"""The divisions of a visit note."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from osler.data.sources import read_source
from osler.recipe_sources import PublicSource
from osler.rows import Row
from osler.tasks.note_divisions import divide, division_of

NOTE = """\
CHIEF COMPLAINT

Cough.

REVIEW OF SYSTEMS
Exam anxiety is denied.

PHYSICAL EXAMINATION
Lungs: clear.

RESULTS
X-ray: normal.

ASSESSMENT AND PLAN
Bronchitis.
INSTRUCTIONS
Rest."""


def test_a_note_is_cut_at_the_first_heading_of_each_division() -> None:
    found = divide(NOTE)
    assert list(found) == [
        "subjective", "objective_exam", "objective_results", "assessment_and_plan",
    ]  # fmt: skip
    assert found["objective_exam"] == "PHYSICAL EXAMINATION\nLungs: clear.\n\n"
    assert found["assessment_and_plan"].endswith("INSTRUCTIONS\nRest.")
    assert "".join(found.values()) == NOTE


@pytest.mark.parametrize(
    "text", ["", "\n", "No heading at all.", NOTE, NOTE.lower(), "Plan:\n\nA:"]
)
def test_nothing_of_a_text_is_lost(text: str) -> None:
    assert "".join(divide(text).values()) == text


def test_what_stands_before_any_heading_is_subjective() -> None:
    assert divide("She coughs.\nPLAN\nRest.") == {
        "subjective": "She coughs.\n", "assessment_and_plan": "PLAN\nRest.",
    }  # fmt: skip
    assert list(divide("Plan: rest.\nHPI: cough.")) == ["assessment_and_plan", "subjective"]


@pytest.mark.parametrize(
    ("line", "division"),
    [
        ("HPI: she coughs", "subjective"),
        ("  Past History of gout", "subjective"),
        ("Exam", "objective_exam"),
        ("Examination went well", None),
        ("VITALS REVIEWED", "objective_exam"),
        ("Results of the X-ray", "objective_results"),
        ("findings", "objective_results"),
        ("A / P :", "assessment_and_plan"),
        ("p: rest", "assessment_and_plan"),
        ("planned for spring", None),
        ("IMPRESSION", "assessment_and_plan"),
        ("Impression: normal chest", None),
    ],
)
def test_a_heading_is_marked_by_a_colon_or_stands_alone(line: str, division: str | None) -> None:
    assert division_of(line) == division


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
def test_of_the_real_notes_some_lack_an_examination_or_results() -> None:
    source = PublicSource(type="public", name="aci-bench")
    rows = [r for r in read_source(source, 0, Path(), objective="sft") if isinstance(r, Row)]
    found = Counter((row.side, division) for row in rows for division in divide(row.reference))
    assert found["test", "subjective"] == found["test", "assessment_and_plan"] == 40
    assert (found["test", "objective_exam"], found["test", "objective_results"]) == (40, 32)
    assert (found["train", "objective_exam"], found["train", "objective_results"]) == (64, 53)
