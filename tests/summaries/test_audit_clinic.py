"""Sentences about failing kidneys: why somebody was seen, what has changed, what is brief."""

from __future__ import annotations

import pytest
from clinic import audited, kinds


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
        "Ultrasonography of left kidney: 2022-01-25 (2 times since 2020-03-01), for CKD stage 3b.",
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


@pytest.mark.parametrize(
    "text",
    [
        "Potassium has normalized (since last visit).", "Potassium normalised.",
        "Potassium has corrected.", "Potassium resolved with binder.",
        "Normalization of the potassium.", "Renal function has recovered.",
        "Renal function is back to baseline.", "Creatinine has returned to baseline.",
        "Creatinine is at baseline.", "Creatinine, 2.2 mg/dL, is unchanged.",
        "No change in kidney function.", "Potassium has not changed.",
    ],
)  # fmt: skip
def test_what_got_worse_has_not_recovered_and_is_not_unchanged(text: str) -> None:
    assert kinds(text) == {"false reassurance"}


@pytest.mark.parametrize(
    "text",
    [
        "Sodium has normalized.",
        "Sodium is unchanged.",
        "Creatinine has not normalized.",
        "Potassium has not returned to baseline.",
        "Creatinine is not at baseline.",
        "Pneumonia has resolved.",
        "Creatinine rose; mental status at baseline.",
    ],
)
def test_what_did_recover_passes_and_what_is_said_not_to_have(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Furosemide 20 mg every morning.", True), ("Furosemide 20 mg in the morning.", True),
        ("Furosemide 20 mg every evening.", False), ("Furosemide 20 mg at night.", False),
        ("Atorvastatin 40 mg nightly.", True), ("Atorvastatin 40 mg qhs.", True),
        ("Atorvastatin 40 mg every morning.", False), ("Atorvastatin 40 mg QAM.", False),
        ("Lisinopril 10 mg once daily in the evening.", True),
        ("Lisinopril dose was increased last visit.", False),
        ("Lisinopril was recently doubled.", False),
        ("Increased the dose of lisinopril.", False), ("Furosemide has been reduced.", False),
        ("Consider increasing the dose of lisinopril.", True),
        ("Lisinopril dose was not increased.", True),
    ],
)  # fmt: skip
def test_a_dose_has_the_time_of_day_and_the_changes_of_the_record(
    text: str, *, right: bool
) -> None:
    assert kinds(text) == (set() if right else {"dose"})


@pytest.mark.parametrize(
    "text",
    ["On the transplant list.", "He is listed for a kidney transplant.", "Transplant candidate."],
)
def test_nobody_waits_for_a_transplant_of_whom_no_entry_says_so(text: str) -> None:
    assert "condition" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "T2DM since 2012.", "DM2 with nephropathy.", "Diabetic kidney disease.",
        "eGFR fell from 46 to 34 over two years.", "eGFR fell from 46 to 34 in two years.",
        "Potassium rose from 4.8 to 5.7 mmol/L between May 2023 and May 2025.",
        "Between May 2023 and May 2025, potassium rose from 4.8 to 5.7 mmol/L.",
        "Creatinine 2.2 up from 1.7 two years ago.", "A1c 8.4 % (7.6 % a year ago).",
        "A1c is 8.4 % against 7.6 % a year ago.",
        "A1c 8.4 % vs. 7.6 % in 2024.", "Creatinine rose 30% since 2023.",
        "Creatinine has increased by about 16% since 2024.", "eGFR fell by 26 % in two years.",
        "Left kidney ultrasound on 2022-01-25.", "Renal ultrasound on 2022-01-25.",
        "Pneumonia Jan 12 to Feb 1, 2023.", "Pneumonia 12 January to 1 February 2023.",
        "Hyperkalemia (K 5.7).", "Anemia, Hgb 10.2 g/dL.", "Hyperuricemia.",
        "Check vitamin D.", "Check PTH and vitamin D.", "Order PTH, phosphate and vitamin D.",
        "Measure lithium level.", "Weight 94.3 kg, height 176 cm, BMI about 30.4.",
        "BMI 30.4 kg/m².",
    ],
)  # fmt: skip
def test_what_follows_from_the_record_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Type 1 diabetes.", "condition"),
        ("Hypokalemia.", "condition"),
        ("eGFR fell from 46 to 34 over five years.", "lab"),
        ("Potassium rose from 4.8 to 5.1 mmol/L between May 2023 and May 2025.", "lab"),
        ("Creatinine 2.2 up from 1.2 two years ago.", "lab"),
        ("A1c is 8.4 % against 6.9 % a year ago.", "lab"),
        ("Creatinine rose 50% since 2023.", "lab"),
        ("eGFR fell 40% since 2023.", "lab"),
        ("Right kidney ultrasound on 2022-01-25.", "laterality"),
        ("Pneumonia Jan 12 to Feb 3, 2023.", "date"),
        ("Hyperkalemia (K 5.9).", "lab"),
        ("Hyperkalemia since 2020.", "date"),
        ("Hyperkalemia resolved.", "false reassurance"),
        ("Resolved hyperkalemia.", "false reassurance"),
        ("Takes vitamin D.", "drug"),
        ("Order amoxicillin.", "drug"),
        ("Weight 94.3 kg, height 176 cm, BMI 34.", "vital"),
        ("No vaccines have been given.", "negation"),
        ("No vaccinations have been administered.", "negation"),
        ("No procedures have been performed.", "negation"),
        ("Asthma is a thing of the past.", "condition"),
    ],
)
def test_what_does_not_follow_is_found(text: str, kind: str) -> None:
    assert kinds(text) == {kind}


@pytest.mark.parametrize(
    ("text", "allergen"),
    [
        ("Amoxicillin would be safe to give.", "Penicillin"),
        ("Start ampicillin.", "Penicillin"),
        ("Start amoxicillin 500 mg TID.", "Penicillin"),
        ("Augmentin twice daily.", "Penicillin"),
        ("Piperacillin may be used.", "Penicillin"),
        ("Bactrim twice daily.", "Sulfonamide"),
        ("Start azithromycin.", ""),
    ],
)
def test_a_new_drug_is_told_with_the_allergy_to_its_class(text: str, allergen: str) -> None:
    why = next(f.why for f in audited(text).findings if f.kind == "drug")
    assert ("an allergy to its class" in why) == bool(allergen)
    assert allergen in why


def test_the_kind_of_an_allergy_is_no_entry() -> None:
    sentence = audited("Penicillin (medication allergy): anaphylaxis.").sentences[0]
    assert not sentence.flagged
    assert len({id for claim in sentence.claims for id in claim.ids}) == 1, "that to penicillin"
