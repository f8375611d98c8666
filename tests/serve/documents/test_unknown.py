"""What is known of no value is said, and a reassurance only where all of it is known."""

from __future__ import annotations

import pytest

from osler.documents.read import read
from osler.serve.documents.text import Text
from osler.serve.documents.values import at_odds, values
from osler.serve.documents.writing import ByRule, _first


def told(text: str) -> str:
    """What a summary begins with, behind what is urgent."""
    said = Text()
    list(_first(ByRule.of(read("a.txt", f"Letter\nPatient: Ann Lee\n{text}\n".encode())), [], said))
    return said.said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Troponin I 2,340 ng/L (<14)", "Troponin I 2,340 ng/L (<14)"),
        ("Baby girl, 30 hours old.\nGlucose 1.4 mmol/L.", "Glucose 1.4 mmol/L."),
        ("FEV1 0.8 L. Ferritin 30.", "FEV1 0.8 L. Ferritin 30."),
    ],
)
def test_a_value_that_cannot_be_judged_is_told_and_not_called_well(text: str, line: str) -> None:
    said = told(text)
    assert "read and could not be judged\n" in said
    assert f"- {line}" in said
    assert "within" not in said


def test_that_all_is_well_is_said_of_a_sheet_of_values_alone() -> None:
    rows = "Sodium | 138 | mmol/L | 135-145\nPotassium | 4.2 | mmol/L | 3.5-5.1"
    assert told(rows) == "2 values were read, all within their ranges.\n"
    assert told("Age 12 weeks, weight 5.4 kg.") == ""
    for more in ("CT shows pulmonary emboli.", "Conclusion: breast cancer.", "Lactate | 9 | U"):
        assert "within" not in told(f"{rows}\n{more}")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Sodium 138 mmol/L. Ferritin 30.", True),
        ("Sodium 138 mmol/L. Potassium 4.2 mmol/L.", False),
    ],
)
def test_no_model_says_that_all_is_well_where_a_value_is_not_known(text: str, wrong: bool) -> None:
    said = "No value in the report is marked as out of its range."
    assert at_odds(said, values(read("a.txt", text.encode()))) is wrong


def test_thousands_are_read_as_the_document_writes_its_decimals() -> None:
    text = "Troponin I 2,340 ng/L (<14). Potassium 4.2 mmol/L."
    for one, side in ((text, "high"), (text.replace("4.2", "4,2"), "")):
        assert [v.side for v in values(read("a.txt", one.encode()))] == [side, ""]


def test_a_sentence_with_several_values_is_told_once() -> None:
    text = "Potassium 5.6 mmol/L, sodium 130 mmol/L, haemoglobin 100 g/L."
    said = told(text)
    assert said.count(text) == 1
    assert f"- {text} [potassium high, sodium low, hemoglobin low]\n" in said


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Oxygen saturation 82% on air at rest, 91% on 2 L.", ["low"]),
        ("Oxygen saturation 82% on air at rest, 97% on 2 L.", [""]),
        ("Haemoglobin 109 g/L (in pregnancy 105-140). Urate 0.44 mmol/L (0.14-0.35).",
         ["", "high"]),
        ("Ferritin was 412 micrograms per litre, the laboratory's upper limit being 300.",
         ["high"]),
        ("She had a ferritin of 9 micrograms per litre.", ["low"]),
        ("Testosterone was 6.1 nmol/L; the reference interval runs from 8.6 to 29.", ["low"]),
        ("Rate 38 bpm. Complete heart block. QTc 512 ms (normal <460). LAVI 44 (<=34).",
         ["low", "high", "high"]),
        ("Ventricular rate 38 (60-100). PR 180 ms (120-200). QTc 560 (<460).",
         ["low", "", "high"]),
        ("Pulse 38", ["low"]),
        ("LAVI 44 mL/m2 (<=34).", ["high"]),
        ("Fetal heart rate 142/min, normal.", [""]),
        ("Infusion rate 38 ml/h.", []),
        ("Respiratory rate 14 bpm.", [""]),
        ("Room 12 (2-4) is free.", []),
        ("The target for QTc 560 (<460) was missed.", []),
        ("Her brother had QTc 560 (<460).", []),
        ("Temperature 40.2 C", ["high"]),
        ("He has a fever of 38.6 C.", ["high"]),
        ("Blood pressure 128/78, goal below 130/80.", [""]),
        ("Blood pressure 148/78, goal below 130/80.", ["high"]),
        ("Potassium was 6.9 mmol/L this morning and is 4.9 mmol/L after treatment.", [""]),
    ],
)  # fmt: skip
def test_a_sentence_is_judged_by_all_that_it_says(text: str, sides: list[str]) -> None:
    assert [v.side for v in values(read("a.txt", text.encode()))] == sides


@pytest.mark.parametrize(
    "text",
    [
        "WCC 0.4 x10^9/L",
        "Leucocytes 0.4 x10^9/L",
        "BSL 1.9 mmol/L",
        "Adj. calcium | 3.62 | mmol/L | 2.2-2.6",
        "Adjusted calcium 3.62 mmol/L",
    ],
)
def test_a_value_that_cannot_wait_is_known_by_its_british_name(text: str) -> None:
    assert [v.critical for v in values(read("a.txt", text.encode()))] == [True]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("She is pregnant, 33 weeks.\nHaemoglobin 107 g/L. Creatinine 40 umol/L.", ["", ""]),
        ("She is pregnant.\nHaemoglobin 80 g/L. Creatinine 140 umol/L.", ["low", "high"]),
        ("Seen at 33+4 weeks of gestation.\nCreatinine 40 umol/L.", [""]),
        ("Antenatal Clinic\nCreatinine 40 umol/L.", [""]),
        ("She is pregnant.\nPlatelets 88 x10^9/L.", ["low"]),
        ("She is not pregnant.\nCreatinine 40 umol/L.", ["low"]),
        ("Her sister is pregnant.\nCreatinine 40 umol/L.", ["low"]),
        ("Tell us if she is pregnant.\nCreatinine 40 umol/L.", ["low"]),
        ("He was born at 33 weeks of gestation.\nCreatinine 40 umol/L.", ["low"]),
    ],
)
def test_what_is_usual_in_pregnancy_is_not_called_low(text: str, sides: list[str]) -> None:
    assert [v.side for v in values(read("a.txt", text.encode()))] == sides
