"""Sentences about failing kidneys: why somebody was seen, what has changed, what is brief."""

from __future__ import annotations

import pytest
from clinic import kinds


@pytest.mark.parametrize(
    "text",
    [
        "2025-05-20: Nephrology clinic visit (ambulatory), for Pneumonia, unspecified organism.",
        "Nephrology clinic visit on 2025-05-20 for pneumonia.",
        "Nephrology clinic visit, for pneumonia.", "Nephrology clinic visit because of pneumonia.",
        "Nephrology clinic visit 2025-05-20 (pneumonia).",
        "The nephrology visit was due to asthma.",
        "Seen on 2025-05-20 because of pneumonia.", "Nephrology clinic visit (asthma).",
        "He was seen in the nephrology clinic on 20 May 2025 for follow-up of his asthma.",
        "2025-05-20: Nephrology clinic visit – pneumonia.",
    ],
)  # fmt: skip
def test_a_visit_was_for_the_reason_that_the_record_states(text: str) -> None:
    assert "encounter" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chest X-ray on 2023-01-12 for asthma.",
        "Ultrasonography of left kidney on 2022-01-25 for pneumonia.",
        "Plain X-ray of chest, for chronic kidney disease.",
    ],
)
def test_a_procedure_was_for_the_reason_that_the_record_states(text: str) -> None:
    assert kinds(text) == {"procedure"}


@pytest.mark.parametrize(
    "text",
    [
        "2025-05-20: Nephrology clinic visit (ambulatory), for Chronic kidney disease, stage 3b.",
        "Nephrology visit on 2025-05-20 for CKD.", "Nephrology clinic visit (CKD stage 3b).",
        "Nephrology clinic visit for kidney disease and hypertension.",
        "Urgent care visit because of pneumonia.", "Plain X-ray of chest for pneumonia.",
        "Seen on 2022-10-01 for asthma.", "Encounter for check up on 2022-10-01 for asthma.",
        "Nephrology clinic visit on 2025-05-20, at which furosemide for CKD was continued.",
        "Nephrology follow-up on 2025-05-20, history of pneumonia.",
    ],
)  # fmt: skip
def test_a_right_reason_passes_and_one_that_no_entry_states(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("Nephrology clinic visit (ambulatory) visit (ambulatory, for CKD.", True),
        ("Takes furosemide (20 mg every morning 20 mg every morning.", True),
        ("Nephrology clinic visit (ambulatory), for CKD.", False),
        ("1) Furosemide 20 mg every morning.", False),
    ],
)
def test_words_said_twice_in_an_open_bracket_are_a_repeat(text: str, *, repeats: bool) -> None:
    assert ("repeat" in kinds(text)) == repeats
