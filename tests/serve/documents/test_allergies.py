"""An allergy that is written is not lost; what is denied or somebody else's is not asserted."""

from __future__ import annotations

import pytest

from osler.documents.document import Document
from osler.serve.documents.allergies import allergies
from osler.serve.documents.substances import reacted_to


def forbidden(text: str) -> frozenset[str]:
    """What the document says is reacted to; what is quoted must be its own bytes."""
    text = f"Größe 170 cm.\n\n{text}"
    found = allergies(Document("d", "d.txt", "d", text, (), ()))
    data = text.encode()
    assert [data[one.start : one.end].decode().replace("\n", " ") for one in found] == [
        one.text for one in found
    ]
    return frozenset(key for one in found for key in reacted_to(one.name))


@pytest.mark.parametrize(
    ("text", "substance"),
    [
        ("Allergies: NKDA except penicillin.", "penicillin"),
        ("NKDA except penicillin.", "penicillin"),
        ("ALLERGIES\n\nDrug | Reaction\nPenicillin G | none recorded | severe", "penicillin G"),
        ("Allergies\nLatex | None | -", "latex"),
        ("Allergies\nSulfamethoxazole | Denies rash", "sulfamethoxazole"),
        ("Allergen | Reaction\nPenicillin | rash", "penicillin"),
        ("Allergies: No known food allergies; penicillin causes anaphylaxis.", "penicillin"),
        ("Allergies: no known allergies to food, allergic to penicillin", "penicillin"),
        ("He denies latex allergy but is allergic to penicillin.", "penicillin"),
        ("She has no allergy to latex and is allergic to penicillin.", "penicillin"),
        ("Penicillin: anaphylaxis 2019.", "penicillin"),
        ("Reacted to penicillin with hives.", "penicillin"),
        ("Developed angioedema on lisinopril.", "lisinopril"),
        ("Cannot take aspirin (bronchospasm).", "aspirin"),
        ("Penicillin-allergic.", "penicillin"),
        ("Known penicillin allergy.", "penicillin"),
        ("PENICILLIN ALLERGY", "penicillin"),
        ("Sulfa allergy.", "sulfa"),
        ("Penicillin and latex allergy.", "penicillin"),
        ("Allergic to penicillin, latex and aspirin.", "aspirin"),
        ("Had Stevens-Johnson syndrome from carbamazepine.", "carbamazepine"),
        ("Anaphylactic shock after ceftriaxone.", "ceftriaxone"),
        ("Do not give NSAIDs - allergic.", "NSAIDs"),
        ("Mother reports he is allergic to penicillin.", "penicillin"),
        ("Sensitivities: aspirin", "aspirin"),
        ("Allergens: penicillin", "penicillin"),
        ("Alerts: penicillin", "penicillin"),
        ("Hypersensitivities: penicillin", "penicillin"),
        ("Drug reactions: penicillin", "penicillin"),
        ("Adverse reactions: penicillin", "penicillin"),
        ("Drug allergies & intolerances: amoxicillin", "amoxicillin"),
        ("ALLERGY/ADR\nVancomycin", "vancomycin"),
        ("Allergic to\nPenicillin.", "penicillin"),
        ("Allergies: the patient developed a severe reaction in hospital years ago to\namoxicillin "
         "and was admitted.", "amoxicillin"),
        ("Reaction | Allergen\nAnaphylaxis | Penicillin", "penicillin"),
        ("[x] Penicillin allergy", "penicillin"),
        ("Penicillin allergy has not been ruled out.", "penicillin"),
        ("Amoxicillin was stopped because of a widespread rash.", "amoxicillin"),
        ("We stopped amoxicillin due to an itchy rash.", "amoxicillin"),
        ("Trimethoprim made her vomit; cannot tolerate.", "trimethoprim"),
        ("History of anaphylaxis (peanut).", "peanut"),
        ("NOT allergic to penicillin (tested 2020), but to cefuroxime.", "cefuroxime"),
        ("Any allergies? No - except penicillin", "penicillin"),
        ("Penicillin => anaphylactic shock", "penicillin"),
        ("Pen allergic.", "penicillin"),
        ("Allergies: pen, latex", "penicillin"),
        ("MedicAlert bracelet for penicillin.", "penicillin"),
        ("Allergic: mother (penicillin), patient (latex)", "latex"),
        ("Penicillin allergy: Yes ☒ No ☐", "penicillin"),
        ("Latex allergy: ☐ Yes ☒ No  Penicillin allergy: ☒ Yes ☐ No", "penicillin"),
        ("Unsure if allergic to penicillin.", "penicillin"),
        ("Allergy status in the chart is wrong: allergic to penicillin.", "penicillin"),
        ("Allergies: NKDA. Penicillin - rash as a child.", "penicillin"),
        ("Do not give penicillin, allergic.", "penicillin"),
        ("Allergies: Penicillin on file", "penicillin"),
        ("Allergies: Latex. Was given codeine and vomited.", "codeine"),
        ("Allergies: Penicillin 500 mg - rash\nCodeine 30 mg - vomiting", "codeine"),
        ("Allergies were reviewed: penicillin, codeine.", "penicillin"),
        ("Allergies as per GP record; penicillin", "penicillin"),
        ("Her allergies include penicillin and codeine.", "codeine"),
        ("His only allergy is penicillin.", "penicillin"),
        ("Nil by mouth. Allergic penicillin. Plan doxycycline.", "penicillin"),
        ("Allergies recorded on system: Penicillin V", "penicillin"),
        ("Allergies [x] Yes [ ] No - Penicillin", "penicillin"),
        ("Is the patient allergic to anything? Yes, penicillin.", "penicillin"),
        ("She is not only allergic to penicillin but also to latex.", "latex"),
        ("Latex allergy ☐  Penicillin allergy ☒", "penicillin"),
        ("Allergies and reactions: Penicillins - rash; Ibuprofen - Wheeze", "ibuprofen"),
        ("Allergies: Drugs: penicillin. Food: nuts.", "nuts"),
        ("ALLERGIES\nDrugs: penicillin\nFood: nuts\n\nMEDICATIONS\nRamipril", "nuts"),
        ("Came out in hives when given amoxicillin.", "amoxicillin"),
        ("Codeine caused vomiting.", "codeine"),
        ("Intolerant of statins.", "statins"),
    ],
)  # fmt: skip
def test_an_allergy_is_found_however_it_is_written(text: str, substance: str) -> None:
    assert reacted_to(substance) <= forbidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "She has no allergy to latex.",
        "Family history: mother is allergic to aspirin.",
        "Family history\nAllergy to aspirin.",
        "Her father was allergic to aspirin.",
        "He is not known to be allergic to penicillin.",
        "Never allergic to penicillin.",
        "Without allergy to penicillin.",
        "Allergic to penicillin: no.",
        "Allergic to penicillin? No",
        "Allergy to latex: No",
        "Allergy to latex: N",
        "Allergy to penicillin was excluded.",
        "Penicillin allergy was ruled out by challenge.",
        "Allergies: Penicillin (removed 2023, delabelled after oral challenge)",
        "Allergies: none to penicillin",
        "Allergies: denies latex",
        "[ ] Latex allergy",
        "Allergic rhinitis: loratadine 10 mg daily.",
        "Hives treated with cetirizine.",
        "Rash: hydrocortisone cream.",
        "Sensitivities\nAmoxicillin | S",
        "If you are allergic to penicillin, tell us.",
        "Penicillin allergy denied.",
        "Allergies: None - tolerates penicillin.",
        "Allergies: nil of note; regular aspirin.",
        "Allergies - nil, medications - aspirin",
        "Allergies are treated with aspirin.",
        "Not truly penicillin allergic.",
        "She does not have a penicillin allergy.",
        "Penicillin allergy: ruled out 2022",
        "Penicillin allergy in chart is an error.",
        "Penicillin allergy (label removed 2022)",
        "Allergies: Penicillin (label removed 2022)",
        "Penicillin allergy: Yes ☐ No ☒",
        "Nut allergy: ☐ Yes ☒ No",
        "Penicillin allergy: [ ] Yes [x] No",
        "If allergic to penicillin give clarithromycin.",
        "Amoxicillin 500 mg tds (clarithromycin if penicillin allergic)",
        "Patients allergic to penicillin should not take amoxicillin.",
        "Suitable for people with a penicillin allergy.",
        "Lisinopril may cause angioedema.",
        "Stop lamotrigine if rash develops.",
        "MedicAlert bracelet for warfarin.",
        "For penicillin-allergic patients: azithromycin 500 mg od.",
        "Ask about penicillin allergy before the first dose.",
        "Are you allergic to latex? [ ] Yes [X] No",
        "Latex allergy ☐",
        "Allergies | Medication\nNKDA | Aspirin 75 mg od",
        "Allergies: NKA. DH: amoxicillin, ramipril.",
        "Allergies: none. She was treated with amoxicillin.",
        "Allergies: NKDA\nPenicillin V 250 mg bd\nRamipril 5 mg od",
        "Aspirin was stopped because of bleeding.",
        "Allergies: None. Current medications: penicillin V 250 mg bd.",
        "Allergies: nil. On penicillin V prophylaxis.\nContinue penicillin V",
        "Allergies: none, on penicillin V prophylaxis.",
    ],
)
def test_what_is_denied_or_somebody_elses_is_no_allergy(text: str) -> None:
    assert forbidden(text) == frozenset()


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("title", ["Medication", "Current medications", "Plan", "History"])
def test_a_list_of_allergies_ends_where_another_section_begins(gap: str, title: str) -> None:
    text = f"Allergies\nPenicillin\nNone to food\n{gap}{title}\nTazocin 4.5 g\nRamipril"
    assert forbidden(text) == reacted_to("penicillin")


@pytest.mark.parametrize(
    "label",
    [
        "Allergies (updated 03/06/2024):", "Allergies [last updated 03/06/2024]:",
        "ALLERGIES (reviewed with patient):", "Allergies on file:", "Allergies to medications:",
        "PMH/Allergies:", "Allergies=", "Reported drug reactions:", "Allergic history:", "ALL:",
        "Allergy Band: RED -", "She is allergic to the following:\n-", "Active Allergies\n",
        "Allergies Documented\n", "Allergies |", "Allergies   ",
    ],
)  # fmt: skip
def test_a_label_may_say_more_than_that_these_are_allergies(label: str) -> None:
    assert forbidden(f"{label} Penicillin\nPlan: start aspirin") == reacted_to("penicillin")


@pytest.mark.parametrize("indent", ["", "           ", "- ", "| "])
def test_a_list_goes_on_below_its_label(indent: str) -> None:
    below = f"{indent}Codeine\n{indent}Latex\n"
    for end in (
        "Plan: aspirin 75 mg",
        "Aspirin - continue",
        "TTO\nAspirin",
        "John Smith\nAspirin",
        "\nAspirin",
        "Aspirin 75 mg od",
        "Lives alone. On aspirin.",
    ):
        told = forbidden(f"Allergies: Penicillin\n{below}{end}")
        assert told == reacted_to("penicillin, codeine, latex")


@pytest.mark.parametrize(
    "boxes",
    [
        "Allergies | Current medication\nPenicillin | Aspirin 75 mg od\nLatex | Ramipril 5 mg",
        "MEDICATION | ALLERGIES\nAspirin 75 mg od | Penicillin\nRamipril 5 mg | Latex",
        "Allergies      Medication\nPenicillin     Aspirin 75 mg od\n               Ramipril 5 mg\n"
        "Latex",
        "ALLERGIES Penicillin Latex | MEDICATION Aspirin 75 mg",
        "Name | DOB | Allergies\nJohn Smith | 01/02/1950 | Penicillin, latex",
        "Allergies | Reaction\nPenicillin | Rash\nLatex | Itch\nMedication | Dose\nRamipril | 5 mg",
        "DOB | 01/02/1950 | Allergies | Penicillin, latex | Medication | aspirin",
        "Allergies: Penicillin, latex     Medication: aspirin 75 mg",
        "Drug allergies   Reaction   Date\nPenicillin   Rash   2010\nLatex   None seen   2011\n\n"
        "Aspirin",
    ],
)  # fmt: skip
def test_a_column_or_a_cell_of_allergies_ends_where_the_next_begins(boxes: str) -> None:
    assert forbidden(boxes) == reacted_to("penicillin, latex")


def test_of_one_line_only_what_is_not_denied_is_an_allergy() -> None:
    assert forbidden("He denies latex allergy but is allergic to penicillin.") == reacted_to(
        "penicillin"
    )
    assert forbidden("Allergies: [ ] latex [x] penicillin") == reacted_to("penicillin")


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("Allergies: Teicoplanin", "Teicoplanin"),
        ("Allergies: Teicoplanin. Tegaderm. Retired.", "Teicoplanin|Tegaderm"),
        ("Allergies\n\nTeicoplanin\nTegaderm: blisters", "Teicoplanin|Tegaderm: blisters"),
        ("Allergies: Patent Blue dye, contrast", "Patent Blue dye, contrast"),
        ("Drug intolerances: Xyzol (drowsy)", "Xyzol (drowsy)"),
        ("Allergien: Penicillin", "Penicillin"),
        ("Alergias: penicilina", "penicilina"),
        ("Allergies: pénicilline", "pénicilline"),
        ("Drug allergies? penicillin", "penicillin"),
        ("- __Allergic to__: codeine", "codeine"),
        ("She denies allergies other than penicillin.", "penicillin"),
        ("Allergies: Penicillin ☒  Latex ☐  Codeine ☒", "☒ Penicillin; ☒ Codeine"),
        ("Allergies: ☒ Penicillin  ☐ Latex", "☒ Penicillin"),
        ("Allergen | Reaction\nTeicoplanin | vomiting", "Teicoplanin | vomiting"),
        ("Allergies\nPenicillin\nGP: Dr Smith", "Penicillin"),
        ("Allergies\nNKDA\nCode status: full\nLives with wife", ""),
        ("Allergies: none known; patient confirmed at triage", ""),
        ("Allergies: Unknown", ""),
        ("Allergies: reviewed 12/3/2020", ""),
        ("Allergies: nil known. Smoker.", ""),
        ("Alerts: falls risk", ""),
    ],
)
def test_what_stands_under_such_a_heading_is_told_word_for_word(listed: str, told: str) -> None:
    found = allergies(Document("d", "d.txt", "d", listed, (), ()))
    assert "|".join(one.name for one in found) == told
