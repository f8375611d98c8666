"""What must not be lost of a document: values out of range, allergies, orders."""

from __future__ import annotations

import pytest

from osler.documents.document import Document, Heading, Page
from osler.serve.assistant.findings import allergies, named, orders, out_of_range, reacted_to
from osler.serve.assistant.parts import parts


def document(text: str, *headings: str) -> Document:
    found = tuple(Heading(title, 1, len(text.encode()[: text.encode().index(title.encode())]))
                  for title in headings)  # fmt: skip
    return Document("d", "d.txt", "d", text, (), found)


@pytest.mark.parametrize(
    ("line", "side"),
    [
        ("Potassium | 5.9 | mmol/L | 3.5-5.1 | H", "high"),
        ("Potassium | 5.9 | mmol/L | 3.5 - 5.1", "high"),
        ("Sodium | 128 | mmol/L | 135–145", "low"),
        ("Sodium 128 mmol/L (135-145) L", "low"),
        ("Troponin I | 0.9 ng/mL | <0.04", "high"),
        ("eGFR | 41 | mL/min | >60", "low"),
        ("Hemoglobin | 7.2 | g/dL", "low"),  # by the shipped ranges
        ("Haemoglobin: 72 g/L", "low"),
        ("Culture | 3 | CFU | | abnormal", "abnormal"),
        ("The hemoglobin was 6.9 g/dL on day 2.", "low"),
    ],
)
def test_a_value_out_of_range_is_found(line: str, side: str) -> None:
    (found,) = out_of_range(document(f"Größe\n{line}\nEnd"))
    assert found.side == side
    assert found.text == line
    assert f"Größe\n{line}\nEnd".encode()[found.start : found.end].decode() == line


@pytest.mark.parametrize(
    "line",
    [
        "Sodium | 140 | mmol/L | 135-145 |",
        "Glucose: 92 mg/dL (70 - 99)",
        "HDL Cholesterol | 62 | mg/dL | >40",
        "Hemoglobin | 14.1 | g/dL",
        "Date of birth | 1960-01-02",
        "Unheard-of marker | 5 | U",
        "The sodium was 141 mmol/L.",
        "Room 12 (2-4 beds)",
    ],
)
def test_what_is_within_its_range_or_has_none_is_not_flagged(line: str) -> None:
    assert out_of_range(document(line)) == []


def test_a_value_is_told_with_its_page() -> None:
    text = "Page one\nPotassium | 5.9 | mmol/L | 3.5-5.1\fSodium | 120 | mmol/L | 135-145"
    cut = text.index("\f") + 1
    two = Document("d", "d", "d", text, (Page(1, 0, cut), Page(2, cut, len(text))))
    assert [(one.name, one.page) for one in out_of_range(two)] == [("Potassium", 1), ("Sodium", 2)]


def test_allergies_and_orders_are_found_where_they_stand() -> None:
    text = (
        "History\nHe is allergic to penicillin. No cough.\nAllergies\nLatex\nSulfa drugs\n"
        "Plan\nRepeat potassium tomorrow.\nOther\nNothing."
    )
    paper = document(text, "History", "Allergies", "Plan", "Other")
    assert [one.text for one in allergies(paper)] == [
        "Latex", "Sulfa drugs", "He is allergic to penicillin."
    ]  # fmt: skip
    assert [one.text for one in orders(paper)] == ["Repeat potassium tomorrow."]


@pytest.mark.parametrize(
    "text", ["Allergies: none known", "Allergies: NKDA", "No known drug allergies to penicillin."]
)
def test_no_allergy_is_made_of_a_denial(text: str) -> None:
    assert allergies(document(text)) == []


@pytest.mark.parametrize(
    ("allergy", "advice", "meets"),
    [
        ("penicillin", "Start amoxicillin 500 mg", True),
        ("sulfa", "trimethoprim-sulfamethoxazole twice daily", True),
        ("aspirin", "Ibuprofen 400 mg", True),
        ("latex", "wear latex gloves", True),
        ("penicillin", "Take azithromycin", False),
        ("peanuts", "Take ibuprofen", False),
    ],
)
def test_a_drug_of_the_group_that_somebody_reacts_to_is_known(
    allergy: str, advice: str, meets: bool
) -> None:
    assert bool(reacted_to(allergy) & named(advice)) == meets


def test_parts_hold_the_whole_document_in_order_within_the_room() -> None:
    text = "Über\n" + "A first sentence here. " * 30 + "\nMethods\n" + "Another one. " * 40
    paper = document(text, "Über", "Methods")
    found = parts(paper, 30, lambda said: len(said.split()))
    assert all(len(one.text.split()) <= 30 for one in found)
    assert [one.text for one in found] == [
        text.encode()[one.start : one.end].decode() for one in found
    ]
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())
    assert {one.section for one in found} == {"Über", "Methods"}
