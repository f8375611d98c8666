"""An order that meets a known allergy is told, whatever else its sentence says."""

from __future__ import annotations

import pytest

from osler.documents.document import Document
from osler.serve.documents.advice import as_it_applies
from osler.serve.documents.allergies import allergies
from osler.serve.documents.conflicts import conflicts
from osler.serve.documents.findings import orders
from osler.serve.documents.lines import Finding
from osler.serve.documents.substances import reacted_to
from osler.serve.documents.text import Tally


def told(line: str) -> tuple[list[str], list[str]]:
    """What meets an allergy to penicillin or aspirin, and what names one of these beside it."""
    text = f"Größe 170 cm.\n\nAllergies: penicillin, aspirin\n\n{line}\n"
    paper = Document("d", "d.txt", "d", text, (), ())
    against, beside = conflicts(paper, allergies(paper), orders(paper))
    return _quoted(text, against), _quoted(text, beside)


def _quoted(text: str, found: list[Finding]) -> list[str]:
    return [text.encode()[one.start : one.end].decode() for one in found]


@pytest.mark.parametrize(
    "line",
    [
        "Amoxicillin 500 mg three times daily, not with milk.",
        "Amoxicillin 500 mg instead of doxycycline.",
        "Instead of doxycycline, amoxicillin 500 mg twice daily.",
        "Stop metformin; start amoxicillin 500 mg three times daily.",
        "Stop metformin and start amoxicillin.",
        "Penicillin V 250 mg, no refills.",
        "Do not miss a dose of amoxicillin.",
        "Never stop amoxicillin before the course ends.",
        "Amoxicillin should not be stopped early; take it daily.",
        "Amoxicillin 500 mg tds (hold if vomiting).",
        "No delay: start amoxicillin.",
        "Avoid alcohol with amoxicillin 500 mg.",
        "Stop doxycycline, amoxicillin 500 mg tds.",
        "Rx amoxicillin 500 mg",
        "Amoxicillin prescribed.",
        "Patient was given amoxicillin.",
        "We have started amoxicillin.",
        "TTO: amoxicillin",
        "TTOs: paracetamol, amoxicillin",
        "Amoxicillin 500 mg | 1 tds | 7 days",
        "IV ceftriaxone and ampicillin overnight",
        "Ibuprofen 400 mg daily, and avoid penicillin.",
    ],
)
def test_an_order_is_told_that_meets_an_allergy(line: str) -> None:
    against, beside = told(line)
    assert len(against) == 1
    assert against[0] in line or line in against[0] or against[0] in line.partition(": ")[2]
    assert beside == []


@pytest.mark.parametrize(
    "line",
    [
        "Do not give amoxicillin.",
        "Please don't take any ibuprofen or aspirin.",
        "Stop amoxicillin.",
        "Avoid NSAIDs.",
        "Avoid ibuprofen, naproxen and aspirin.",
        "Amoxicillin was stopped.",
        "Amoxicillin 500 mg was discontinued on Monday.",
        "Amoxicillin must not be given.",
        "Start doxycycline 100 mg daily instead of amoxicillin.",
        "Switch from amoxicillin to clarithromycin 500 mg daily.",
        "No penicillin.",
        "Hold aspirin.",
        "Start metformin 500 mg daily.",
    ],
)
def test_what_is_taken_back_or_meets_none_is_not_told(line: str) -> None:
    assert told(line) == ([], [])


@pytest.mark.parametrize("line", ["Cover with amoxicillin is an option.", "Amoxicillin?"])
def test_where_it_is_doubtful_the_sentence_is_told_apart(line: str) -> None:
    assert told(line) == ([], [line])


@pytest.mark.parametrize(
    ("order", "says", "kept"),
    [
        ("Start amoxicillin 500 mg.", "Amoxicillin is ordered and conflicts with it.", True),
        ("Start amoxicillin 500 mg.", "Penicillin is ordered and conflicts with it.", True),
        ("Start metformin 500 mg.", "Penicillin is ordered and conflicts with it.", False),
        ("Stop amoxicillin.", "Amoxicillin is ordered and conflicts with it.", False),
        ("Start metformin 500 mg.", "Penicillin is ordered.", False),
        ("Start metformin 500 mg.", "Allergy to penicillin: avoid it.", True),
    ],
)
def test_a_model_tells_of_no_conflict_without_such_an_order(
    order: str, says: str, kept: bool
) -> None:
    paper = Document("d", "d.txt", "d", f"Allergies: penicillin\n\nPlan\n{order}\n", (), ())
    forbidden = reacted_to("penicillin")
    said = as_it_applies(f"- Attention: {says}", [], orders(paper), forbidden, Tally())
    assert bool(said) is kept


@pytest.mark.parametrize(
    ("allergy", "order", "meets"),
    [
        ("Teicoplanin", "Teicoplanin 400 mg once daily", True),
        ("Teicoplanin", "Stop teicoplanin.", False),
        ("Patent Blue dye (hives)", "Patent Blue dye 2 ml once daily", True),
        ("Septrin", "Co-trimoxazole 960 mg twice daily", True),
        ("sulfa drugs", "Sulfasalazine 1 g twice daily", True),
        ("sulfa drugs", "Ondansetron 4 mg twice daily", False),
        ("Alergias: penicilina", "Amoxicillin 500 mg three times daily", True),
        ("Penicillin - nausea, severe", "Ondansetron 4 mg daily for severe nausea", False),
        ("Xyzol", "Metformin 500 mg daily", False),
    ],
)
def test_an_allergy_meets_an_order_of_its_own_name_known_or_not(
    allergy: str, order: str, meets: bool
) -> None:
    listed = allergy if ":" in allergy else f"Allergies: {allergy}"
    paper = Document("d", "d.txt", "d", f"{listed}\n\nMedications\n{order}\n", (), ())
    against, _ = conflicts(paper, allergies(paper), orders(paper))
    assert [one.text for one in against] == ([order] if meets else [])


@pytest.mark.parametrize(
    "boxes",
    [
        "Allergies | Current medication\nPenicillin | Amoxicillin 500 mg tds",
        "Medication | Allergies\nAmoxicillin 500 mg tds | Penicillin",
        "Allergies        Medication\nPenicillin       Amoxicillin 500 mg tds",
        "ALLERGIES Penicillin Latex | MEDICATION Amoxicillin 500 mg tds",
        "Medicine | Dose | Allergies | Reaction\nAmoxicillin | 500 mg tds | Penicillin | rash",
    ],
)
def test_an_order_beside_an_allergy_in_the_same_row_meets_it(boxes: str) -> None:
    paper = Document("d", "d.txt", "d", boxes, (), ())
    reacts = allergies(paper)
    against, _ = conflicts(paper, reacts, orders(paper))
    assert any("Amoxicillin" in each and "500 mg" in each for each in _quoted(boxes, against))


def met(allergy: str, order: str) -> str:
    """How an order meets an allergy."""
    text = f"Allergies: {allergy}\n\nMedications\n{order}\n"
    paper = Document("d", "d.txt", "d", text, (), ())
    against, beside = conflicts(paper, allergies(paper), orders(paper))
    return "conflict" if against else "beside" if beside else ""


@pytest.mark.parametrize(
    ("allergy", "order", "how"),
    [
        ("heparin (HIT 2020)", "Enoxaparin 40 mg daily", "conflict"),
        ("heparin", "Clexane 40 mg daily", "conflict"),
        ("Heparin-induced thrombocytopenia to heparin", "Dalteparin 5000 units daily", "conflict"),
        ("enoxaparin", "Heparin 5000 units twice daily", "conflict"),
        ("heparin (HIT)", "Fondaparinux 2.5 mg daily", ""),
        ("heparin (HIT)", "Rivaroxaban 20 mg daily", ""),
        ("ACE inhibitors (angioedema)", "Entresto 24/26 mg twice daily", "conflict"),
        ("ramipril (swollen tongue)", "Sacubitril/valsartan 24/26 mg twice daily", "conflict"),
        ("lisinopril (angio-oedema)", "Losartan 50 mg daily", "beside"),
        ("lisinopril (cough)", "Losartan 50 mg daily", ""),
        ("ACE inhibitors (cough)", "Sacubitril/valsartan 24/26 mg twice daily", ""),
        ("iodinated contrast", "CT abdomen with contrast", "conflict"),
        ("contrast media (hives)", "CT pulmonary angiogram tomorrow", "conflict"),
        ("iodinated contrast", "CTPA tomorrow", "conflict"),
        ("iodinated contrast", "Coronary angiography on Monday", "conflict"),
        ("iodinated contrast", "CT head without contrast", ""),
        ("iodinated contrast", "Non-contrast CT head", ""),
        ("iodinated contrast", "MRI with contrast", ""),
        ("penicillin", "Cefalexin 500 mg twice daily", "beside"),
        ("penicillin", "Meropenem 1 g three times daily", ""),
        ("penicillin", "Doxycycline 100 mg daily", ""),
        ("cephalosporins", "Piperacillin-tazobactam 4.5 g three times daily", "beside"),
        ("cephalosporins", "Aztreonam 1 g three times daily", ""),
        ("vancomycin", "Teicoplanin 400 mg daily", "beside"),
        ("vancomycin", "Linezolid 600 mg twice daily", ""),
        ("metronidazole", "Tinidazole 2 g once daily", "conflict"),
        ("metronidazole", "Fluconazole 150 mg once daily", ""),
        ("omeprazole", "Lansoprazole 30 mg daily", "conflict"),
        ("omeprazole", "Famotidine 20 mg daily", ""),
        ("egg (anaphylaxis)", "Yellow fever vaccine today", "conflict"),
        ("egg (anaphylaxis)", "Hepatitis A vaccine today", ""),
        ("penicillin", "Yellow fever vaccine today", ""),
        ("suxamethonium (malignant hyperthermia)", "Sevoflurane for induction", "conflict"),
        ("suxamethonium (rash)", "Sevoflurane for induction", ""),
    ],
)
def test_an_allergy_meets_what_crosses_with_it(allergy: str, order: str, how: str) -> None:
    assert met(allergy, order) == how


@pytest.mark.parametrize(
    "row",
    [
        "Ceftriaxone           >64          R",
        "Ceftriaxone | >64 | R",
        "Ceftriaxone: resistant",
        "The isolate is sensitive to ceftriaxone.",
    ],
)
def test_a_row_of_an_antibiogram_orders_nothing(row: str) -> None:
    text = f"Allergies: cephalosporins (rash)\n\nSensitivities\n{row}\n"
    paper = Document("d", "d.txt", "d", text, (), ())
    assert conflicts(paper, allergies(paper), orders(paper)) == ([], [])
