"""Where no sentence of a model stands for a section, those of its own do that tell most."""

from __future__ import annotations

import pytest
from tests.serve.documents.test_documents import events_of, said

from osler.commands.serve import Wish, make_service
from osler.documents.read import read
from osler.serve.api.service import Service
from osler.serve.documents.salient import LEAD, gist, is_sensitivity, sensitivities
from osler.serve.documents.summary import summarise

FORM = """Clinic 4 November 2026
Dear Dr Patel,
Patient: Ann Lee, 50 years, seen with her husband
Thank you for referring her to our clinic.
Scanner: a 3 tesla machine of the usual make
Technique: axial and sagittal sequences were acquired as usual
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "He has low mood and early waking for three months.",
        "He denies suicidal thoughts or plans.",
        "Complete heart block.",
        "Culture: Klebsiella pneumoniae, ESBL producer.",
        "Blood cultures grew Staphylococcus aureus.",
        "She takes tacrolimus with clarithromycin.",
        "Urgent referral to the foot team today.",
        "A 3.2 cm enhancing mass of the right kidney is suspicious.",
        "Left femoral artery occluded.",
        "There is a fracture of the left hip.",
        "Metformin was stopped because of diarrhoea.",
        "Pneumonia of the right lower lobe was treated.",
    ],
)
def test_what_was_found_stands_for_a_section_and_not_its_form(sentence: str) -> None:
    assert sentence in gist(f"{FORM}{sentence}\n")
    assert gist(f"{FORM}{sentence}\n").count("Dear") == 0


def test_no_more_sentences_stand_than_are_few_and_in_their_order() -> None:
    told = gist(
        "He came by car to the clinic. He has asthma. No rash. His wife has breast cancer. "
        "He has severe pneumonia. He was given doxycycline for pneumonia."
    )
    assert told == (
        "He has asthma. He has severe pneumonia. He was given doxycycline for pneumonia."
    )
    assert LEAD == 3


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (
            "Ceftriaxone   >64   R\nGentamicin    1     S",
            "Sensitive: Gentamicin. Resistant: Ceftriaxone.",
        ),
        ("Meropenem | <=0.25 | S", "Sensitive: Meropenem."),
        ("Ciprofloxacin: resistant", "Resistant: Ciprofloxacin."),
        ("Co-amoxiclav 32 R", "Resistant: Co-amoxiclav."),
        ("Potassium 4.1 mmol/L", ""),
        ("Amoxicillin 500 mg three times daily", ""),
        ("Room   12   S", ""),
        ("Ann Lee, R", ""),
    ],
)
def test_an_antibiogram_is_told_in_a_line(rows: str, line: str) -> None:
    assert sensitivities(rows) == line
    assert all(is_sensitivity(row) for row in rows.splitlines()) is bool(line)


def test_a_summary_tells_the_germ_and_what_it_is_sensitive_to(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    service: Service = make_service(Wish(state=tmp_path_factory.mktemp("state")), "t" * 20)
    text = f"{FORM}Culture: Klebsiella pneumoniae, ESBL producer\n"
    text += "Ceftriaxone           >64          R\nMeropenem             <=0.25       S\n"
    shown = said(events_of(summarise(service.assistant, read("m.txt", text.encode()), "nano")))  # type: ignore[arg-type]
    assert "Sensitive: Meropenem. Resistant: Ceftriaxone." in shown
