"""What a document tells of a relative is not the patient's; nothing of the patient's is lost."""

from __future__ import annotations

import pytest

from osler.documents.read import read
from osler.serve.documents.allergies import allergies
from osler.serve.documents.text import Tally
from osler.serve.documents.values import values
from osler.serve.documents.whose import of_another
from osler.serve.documents.writing import kept_of


@pytest.mark.parametrize(
    "text",
    [
        "His brother has haemochromatosis with a *ferritin of 2300 ug/L",
        "His sister has a *cholesterol of 9.1",
        "Her partner is allergic to *penicillin.",
        "Reports her partner is allergic to *penicillin.",
        "Mother: allergic to *codeine.",
        "Donor was allergic to *peanuts.",
        "The patient's daughter, who is allergic to *nuts",
        "Father died of *myocardial infarction at 61",
        "She has a family history of *hypertension and cystic fibrosis",
        "She has a family history of hypertension and *cystic fibrosis",
        "Death of her father from *myocardial infarction",
        "*Penicillin allergy in her mother",
        "*Diabetes (father)",
        "Mother and father both have *diabetes",
        "Lives with his wife, who has *dementia",
        "Her mother says that her sister is allergic to *penicillin",
        "Her mother, aged 60, has *asthma",
        "Father: stroke; *gout",
        "Mother: diabetes, *breast cancer",
        "The husband of the patient is allergic to *latex",
        "His mother-in-law has *tuberculosis",
        "Her sister is allergic to penicillin and is allergic to *latex",
        "Two brothers with *haemophilia",
        "Maternal aunt had *breast cancer at 40",
        "Her baby has *jaundice",
        "His son's *potassium was 6.9",
        "Brother's *potassium 6.9 mmol/L",
        "*Breast cancer runs in the family",
        "Contact with her brother who has *tuberculosis",
        "The kidney came from his brother, whose *creatinine was 80",
        "*Hypertension in both parents",
        "Her husband was found to have *hepatitis B",
        "His late father had *prostate cancer",
        "Grandmother with *Alzheimer's disease",
        "Her flatmate has *meningitis",
        "*Colorectal cancer - mother aged 52",
        "wife known to have *HIV",
        "Strong family history of *ischaemic heart disease",
    ],
)
def test_what_is_said_of_a_relative_is_known(text: str) -> None:
    """Of the word behind the star."""
    assert of_another(text.replace("*", ""), text.index("*"))


@pytest.mark.parametrize(
    "text",
    [
        "Mother reports he is allergic to *penicillin.",
        "Mother reports allergy to *penicillin.",
        "His wife found him unconscious with *glucose 1.4",
        "Seen with his wife; *potassium 6.9",
        "Seen with his wife, allergic to *penicillin",
        "Lives with wife, *potassium 6.9",
        "According to her mother she is allergic to *penicillin",
        "Her mother has asthma and she is allergic to *penicillin",
        "Her brother is well and her *ferritin is 2300",
        "His wife is a nurse and *potassium was 6.9",
        "The patient is allergic to *penicillin",
        "Mother is worried, *potassium 6.9",
        "Wife at bedside, *potassium 6.9",
        "She is a mother of two and is allergic to *penicillin",
        "Your son is allergic to *penicillin",
        "Kidney transplant from his brother in 2019, *creatinine 180",
        "Living donor transplant with *creatinine 180",
        "Donor-specific antibodies negative, *creatinine 180",
        "Husband says she gets hives with *penicillin",
        "Mother: he is allergic to *penicillin",
        "Her father had ferritin 900, her own *ferritin 2300",
        "Mother measured his *glucose at 2.1",
        "Wife well, allergic to *penicillin",
        "History from daughter: allergic to *penicillin",
        "Accompanied by her mother. *asthma",
        "(brother has haemochromatosis) *ferritin 2300",
        "Discussed with mother, *penicillin allergy confirmed",
        "The family physician noted *hypertension",
        "She was seen by her family doctor for *asthma",
        "Unlike her mother, she has *asthma",
        "She cares for her husband and has *hypertension",
        "*Asthma, on inhalers, lives with her mother",
        "*Potassium 6.9 discussed with his wife",
        "*Hypertension and asthma in mother",
        "As per mother, *penicillin causes rash",
        "Troponin rose; wife informed; *potassium 6.9",
        "Her husband gave her *aspirin",
        "Mother and baby well, she has *asthma",
        "He has *diabetes and his father had stroke",
        "*Diabetes; father had stroke",
        "Brought in by her partner after *seizure",
    ],
)
def test_a_relative_who_is_only_named_takes_nothing_from_the_patient(text: str) -> None:
    assert not of_another(text.replace("*", ""), text.index("*"))


def reacts(text: str) -> bool:
    return bool(allergies(read("a.txt", f"Letter\nAnn Lee, 50 years.\n{text}\n".encode())))


@pytest.mark.parametrize(
    "text",
    [
        "Her partner is allergic to penicillin. She has no allergies to medicines.",
        "Reports her partner is allergic to penicillin.",
        "Mother: allergic to codeine.",
        "Donor was allergic to peanuts.",
        "The patient's daughter, who is allergic to nuts, visited.",
        "Aspirin allergy was ruled out in 2019.",
        "She was thought allergic to aspirin; this was ruled out in 2019.",
        "Allergies: aspirin, which was ruled out in 2019",
        "Intolerances: none.",
        "Allergies: none. Intolerances: none.",
        "Allergies\nMother: penicillin",
        "Her sister gets hives with penicillin.",
        "Penicillin anaphylaxis in her mother.",
        "Her brother vomits with morphine.",
        "His father had malignant hyperthermia with suxamethonium.",
        "Her friend reacts to latex.",
        "Wife allergic to latex.",
        "Her son has an allergy to peanuts.",
        "Penicillin allergy (mother).",
        "Her mother is G6PD deficient: avoid primaquine.",
        "Allergies: NKDA. Her husband is allergic to penicillin.",
        "No intolerances.",
        "Allergic to aspirin was ruled out.",
        "Penicillin allergy, ruled out in 2019.",
        "Father developed angioedema on lisinopril.",
        "Her daughter carries an EpiPen for peanut allergy.",
    ],
)
def test_an_allergy_of_somebody_else_or_one_ruled_out_is_none(text: str) -> None:
    assert not reacts(text)


@pytest.mark.parametrize(
    "text",
    [
        "NKDA but vomits with morphine.",
        "Had airway swelling after lisinopril.",
        "Malignant hyperthermia with suxamethonium.",
        "G6PD deficient: avoid primaquine.",
        "Mother reports he is allergic to penicillin.",
        "Mother reports allergy to penicillin.",
        "Wife says he gets hives with penicillin.",
        "Her mother has asthma and she is allergic to penicillin.",
        "Wife well, allergic to penicillin.",
        "Your son is allergic to peanuts.",
        "According to his wife he is allergic to latex.",
        "Swelling of the lips after ibuprofen.",
        "Tongue swelling with ramipril.",
        "Allergies: penicillin (reported by mother)",
        "Allergies: penicillin - rash, per mother",
        "Allergic to penicillin and her partner to latex.",
        "She itches with codeine.",
        "Her husband noticed a rash after amoxicillin.",
        "Allergies\nPenicillin (rash as a child, mother told her)",
        "She was seen with her partner. Allergic to penicillin.",
        "History from mother: allergic to codeine.",
        "Aspirin allergy. Penicillin allergy was ruled out.",
        "G6PD deficiency, avoid nitrofurantoin.",
        "Laryngeal oedema with enalapril.",
        "Mother: he is allergic to penicillin",
        "Patient's mother confirms penicillin allergy.",
    ],
)
def test_no_allergy_of_the_patient_is_lost(text: str) -> None:
    assert reacts(text)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("His brother has haemochromatosis with a ferritin of 2300 ug/L.", ""),
        ("His sister has a cholesterol of 9.1 mmol/L.", ""),
        ("Brother: potassium 6.9 mmol/L", ""),
        ("Potassium 6.9 mmol/L in her mother.", ""),
        ("The donor haemoglobin was 45 g/L.", ""),
        ("Previous ferritin of 9 ug/L in May, now treated.", ""),
        ("Her brother is well and her potassium was 6.9 mmol/L.", "high"),
        ("Wife reports glucose of 1.9 mmol/L.", "low"),
        ("Mother measured his glucose at 2.1 mmol/L.", "low"),
        ("Seen with his wife: potassium 6.9 mmol/L.", "high"),
    ],
)
def test_a_relatives_value_is_not_judged_as_the_patients(text: str, side: str) -> None:
    assert [one.side for one in values(read("a.txt", text.encode()))] == [side]


LETTER = """Clinic letter
Mr Lee, a 45-year-old man, has T2DM and asthma. Takes metformin. Pain in the abdomen for a week.
Father died of myocardial infarction at 61. His mother has hypertension and takes warfarin.
Brother: colorectal cancer.

Family history
Cystic fibrosis, stroke

Social history
Smokes. Has gout.
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "The patient has a history of myocardial infarction at 61.",
        "He has hypertension.",
        "The patient takes warfarin.",
        "The patient has colorectal cancer.",
        "The patient has cystic fibrosis.",
        "He had a stroke.",
        "You have colon cancer.",
        "The patient has epilepsy.",
        "He was diagnosed with pneumonia.",
        "Asthma, hypertension and type 2 diabetes.",
        "History of heart attack.",
        "The patient's father has asthma and he has hypertension.",
        "Mr Lee has a history of stroke.",
        "He suffers from high blood pressure.",
        "Known with myocardial infarction.",
        "He is on warfarin for hypertension.",
        "This man has leukaemia.",
        "The patient was diagnosed with lupus.",
        "She has been known to have stroke.",
        "He had a myocardial infarction like his father.",
    ],
)
def test_a_model_gives_no_disease_of_a_relative_or_of_its_own_to_the_patient(sentence: str) -> None:
    tally = Tally()
    assert kept_of(sentence, LETTER, frozenset(), tally) == ""
    assert tally.unfounded == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "The patient has type 2 diabetes and asthma.",
        "The patient has diabetes.",
        "His father died of myocardial infarction at 61.",
        "His mother takes warfarin.",
        "He has a family history of stroke.",
        "The patient has abdominal pain.",
        "He has gout.",
        "He takes metformin.",
        "Family history of cystic fibrosis and hypertension.",
        "If you have pneumonia, call.",
        "The patient has no epilepsy.",
        "Diabetes can lead to kidney disease.",
        "Mr Lee is a 45-year-old man with asthma.",
        "The patient has asthma and his mother has hypertension.",
        "He is a smoker with gout.",
        "There is a family history of colorectal cancer in his brother.",
        "Your father had a heart attack at 61.",
        "The patient has asthma, with myocardial infarction in his father.",
        "Asthma is treated with inhalers.",
        "He smokes, and his brother has colorectal cancer.",
    ],
)
def test_what_a_model_tells_of_whom_it_is_stands(sentence: str) -> None:
    assert kept_of(sentence, LETTER, frozenset(), Tally()) == sentence
