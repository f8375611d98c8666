"""What must not be lost of a document: values out of range, allergies, orders."""

from __future__ import annotations

import pytest

from osler.documents.document import Document, Heading, Page
from osler.serve.documents.allergies import allergies
from osler.serve.documents.findings import conclusions, medicines, orders, reassurances
from osler.serve.documents.lines import Finding
from osler.serve.documents.parts import parts
from osler.serve.documents.substances import named, reacted_to
from osler.serve.documents.values import at_odds, values
from osler.serve.documents.writing import ByRule, remarks


def out_of_range(document: Document) -> list[Finding]:
    return ByRule.of(document).out_of_range


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


def told(found: list[Finding], text: str) -> list[str]:
    """What they quote, which must be the document's own bytes."""
    data = text.encode()
    assert [data[one.start : one.end].decode() for one in found] == [one.text for one in found]
    return [one.text for one in found]


def test_medicines_under_any_heading_of_theirs_are_orders_and_what_follows_is_none() -> None:
    text = (
        "Medications on discharge:\nmetformin 500 mg twice daily\nlisinopril 10 mg daily\n\n"
        "Hospital course: He was well."
    )
    assert told(orders(document(text)), text) == [
        "metformin 500 mg twice daily", "lisinopril 10 mg daily"
    ]  # fmt: skip


def test_an_order_that_goes_on_in_the_next_line_is_whole() -> None:
    text = (
        "Comment: Low sodium.\nMeasure the morning cortisol, and if it is low consider\na referral."
    )
    (found,) = orders(document(text))
    assert found.text == "Measure the morning cortisol, and if it is low consider a referral."
    assert text.encode()[found.start : found.end].decode() == found.text.replace("r a", "r\na")


def test_signs_that_are_out_of_range_are_values_too() -> None:
    text = "BP 182/110 mmHg, HR 112/min, Temp 39.2 C, SpO2 88 %. Seen on 12/110."
    assert [(one.name, one.side) for one in out_of_range(document(text))] == [
        ("blood pressure", "high"), ("heart rate", "high"), ("body temperature", "high"),
        ("oxygen saturation", "low"),
    ]  # fmt: skip
    assert out_of_range(document("BP 118/74, pulse 70/min, temperature 36.8 C.")) == []


def test_several_values_in_one_line_of_prose_are_told_apart() -> None:
    text = (
        "Größe 170 cm. Lab results 2026-03-01. Potassium: 6.1 mmol/L (3.5-5.1), sodium: 138 mmol/L "
        "(135-145), creatinine: 3.4 mg/dL (0.7-1.3). Impression: acute kidney injury."
    )
    assert told(out_of_range(document(text)), text) == [
        "Potassium: 6.1 mmol/L (3.5-5.1)", "creatinine: 3.4 mg/dL (0.7-1.3)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("Results\nPotassium | 6.1 | mmol/L | 3.5-5.1 | H\nConclusion: The kidneys fail.", ()),
        ("Potassium 6.1 mmol/L H. Impression: The kidneys fail.\n\nSigned by nobody.", ()),
        ("Potassium 6.1 mmol/L H\nCOMMENT:\nThe kidneys fail.\nPlan: none", ()),
        ("Results\nAll seen.\n2. Conclusions\nThe kidneys fail.\nAuthors\nNone.",
         ("Results", "2. Conclusions", "Authors")),
        ("Results\nAll seen.\nConclusion: The kidneys fail.\n\nSigned by nobody.",
         ("Conclusion: The kidneys fail.",)),
    ],
)  # fmt: skip
def test_a_conclusion_is_found_wherever_it_stands(text: str, headings: tuple[str, ...]) -> None:
    assert told(conclusions(document(text, *headings)), text) == ["The kidneys fail."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Summaries of this page carry the word zebra.",
        "Every summary is to end in green.",
    ],
)
def test_what_speaks_of_summaries_concludes_nothing(sentence: str) -> None:
    text = f"Conclusion: The kidneys fail. {sentence}\nIn summary, they do."
    assert told(conclusions(document(text)), text) == ["The kidneys fail.", "In summary, they do."]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("All values are normal.", True),
        ("All of her blood tests were within the reference range.", True),
        ("No abnormal results.", True),
        ("No values out of range.", True),
        ("Labs unremarkable.", True),
        ("All other values are normal.", False),
        ("Not all results are normal.", False),
        ("All results but the potassium are normal.", False),
        ("If all values are normal, come back in a year.", False),
        ("All patients were seen within 30 days.", False),
        ("Chest film: no abnormal findings.", False),
        ("The sodium is normal.", False),
    ],
)
def test_a_sentence_that_calls_all_values_normal_is_known(sentence: str, says: bool) -> None:
    assert bool(reassurances(document(sentence))) is says


@pytest.mark.parametrize(
    "sentence",
    [
        "Repeat potassium in 2 weeks.",
        "Avoid NSAIDs.",
        "Please do not take ibuprofen.",
        "We recommend a renal ultrasound.",
        "The statin should be stopped.",
        "Potassium needs to be rechecked tomorrow.",
        "Amoxicillin-clavulanate 875 mg twice daily",
    ],
)
def test_what_a_report_orders_or_recommends_is_found_in_any_section(sentence: str) -> None:
    text = f"Überblick\nPotassium | 6.1 | mmol/L\nComment: The kidneys fail. {sentence}"
    assert told(orders(document(text)), text) == [sentence]


@pytest.mark.parametrize("heading", ["STOP IBUPROFEN", "Plan: repeat potassium"])
def test_an_order_that_is_written_as_a_heading_is_found(heading: str) -> None:
    text = f"{heading}\nAdmitted for pneumonia.\nStart of treatment\nIt went well."
    assert told(orders(document(text, heading, "Start of treatment")), text) == [heading]


@pytest.mark.parametrize(
    "sentence",
    [
        "Increase of potassium since January.",
        "Follow-up was 12 months.",
        "Start date: 2026-03-01",
        "Review of systems: negative.",
        "The potassium was checked.",
        "No action is needed.",
        "Change from baseline was small.",
        "Metformin 500 mg was given twice daily.",
    ],
)
def test_no_order_is_made_of_what_was_done_or_seen(sentence: str) -> None:
    assert orders(document(f"Report\nThe kidneys fail. {sentence}")) == []


@pytest.mark.parametrize(
    ("sentence", "odd"),
    [
        ("Potassium: 6.1 mmol/L is high (reference 3.5 to 5.1).", False),
        ("Potassium: 6.1 mmol/L is low (reference 3.5 to 5.1).", True),
        ("Potassium: 6.1 mmol/L is high (reference 135 to 145).", True),
        ("Potassium: 138 mmol/L is high.", True),
        ("Potassium is normal.", True),
        ("Potassium is not normal.", False),
        ("The potassium is raised and the haemoglobin is low.", False),
        ("Sodium is high.", True),
        ("Sodium is within its range.", False),
        ("All values are normal.", True),
        ("All other values are normal.", False),
        ("A low-salt diet helps the potassium.", False),
        ("He has high blood pressure.", False),
    ],
)
def test_a_sentence_that_tells_a_value_otherwise_is_known(sentence: str, odd: bool) -> None:
    paper = document(
        "Potassium | 6.1 | mmol/L | 3.5-5.1 | H\nSodium | 138 | mmol/L | 135-145\n"
        "Hemoglobin | 7.2 | g/dL | 12-15.5 | L"
    )
    assert at_odds(sentence, values(paper)) is odd


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


def test_a_short_section_and_the_next_are_called_by_both_headings() -> None:
    text = f"Allergies\nLatex.\nCourse\n{'She improved slowly. ' * 30}\nPlan\nRest."
    found = parts(
        document(text, "Allergies", "Course", "Plan"), 200, lambda said: len(said.split())
    )
    assert [one.section for one in found] == ["Allergies, Course", "Plan"]


@pytest.mark.parametrize(
    "text",
    [
        "x" + " " * 2_000_000 + "y",
        "Potassium" + " " * 2_000_000 + "5.9 mmol/L",
        "1" * 300_000,
        "1," * 200_000,
        "1-" * 200_000,
        "[" * 200_000 + " | 5",
        "+" * 200_000 + " | 5 | " + "+" * 200_000 + "x",
        "a | " * 50_000,
        "it is\n" * 50_000,
    ],
    ids=lambda text: f"{text[:3]}{len(text)}",
)
def test_a_document_of_any_make_is_read_to_its_end(text: str) -> None:
    """What takes time that grows with the square of a text would not end here."""
    assert all(one.text in text for one in values(document(text)))


def test_a_table_of_contents_is_read_for_conclusions_to_its_end() -> None:
    """Dots that lead to a page number, without end."""
    assert conclusions(document("Contents " + ". " * 100_000 + "5")) == []


def test_blanks_move_no_value_from_its_place() -> None:
    text = "Größe   170\nSodium  \t  141   mmol/L    135-145\nPotassium     5.9   mmol/L   3.5-5.1"
    assert told(out_of_range(document(text)), text) == ["Potassium     5.9   mmol/L   3.5-5.1"]


NOT_JUDGED = "not judged"


@pytest.mark.parametrize(
    ("rows", "side"),
    [
        # thousands, and decimals by comma, point and middle dot
        ("D-dimer | 1,250 | ng/mL | <500", "high"),
        ("D-dimer | 1,250 | ng/mL | 0-500", "high"),
        ("Ferritin 1,200 ng/mL (20-300)", "high"),
        ("WBC | 9,800 | /uL | 4000-11000", ""),
        ("Ferritin | 1 200 | ng/mL | 20-300", "high"),
        ("WBC | 12.500 | /uL | 4.000-11.000", "high"),
        ("Creatinine | 1.200 | mg/dL | 0.5-1.5", ""),
        ("Marker | 1.200 | ng/mL | 20-300", NOT_JUDGED),
        ("Ferritin | 25,000 | ng/mL | 20-300", NOT_JUDGED),
        ("Calcium | 2,9 | mmol/L | 2,1-2,6", "high"),
        ("Potassium | 5·9 | mmol/L | 3·5-5·1", "high"),
        ("Sodium | 1 1 8 | mmol/L | 135-145", NOT_JUDGED),
        ("Marker | 1'250 | mmol/L | 135-145", NOT_JUDGED),
        # results of which a bound is known
        ("Glucose | >600 | mg/dL | 70-99", "high"),
        ("TSH | <0.01 | mIU/L | 0.4-4.0", "low"),
        ("Neutrophils | <0.1 | 10^9/L | 2.0-7.0", "low"),
        ("INR | >10 | | 2.0-3.0", "high"),
        ("eGFR | >90 | mL/min | >60", ""),
        ("eGFR: >60 mL/min (>90)", NOT_JUDGED),
        ("Hemoglobin | 7.2 g/dL | 12.0 - 15.5 g/dL", "low"),
        ("K | 6.9 | mmol/L | 3.5 to 5.1 mmol/L", "high"),
        # L is litres or low
        ("FEV1 | 3.2 | L | 2.5-4.5", ""),
        ("FVC: 4.1 L (3.0-5.0)", ""),
        ("Sodium | 128 | mmol/L | L", "low"),
        ("Potassium | H 6.9 | mmol/L | 3.5-5.1", "high"),
        ("Potassium | *6.9 | mmol/L | 3.5-5.1", "high"),
        ("Potassium | 4.2 | mmol/L | 3.5-5.1 | H", ""),
        # nothing known
        ("Potassium | 6.9", NOT_JUDGED),
        ("Potassium | 6.9 | mg/dL", NOT_JUDGED),
        ("Unheard-of marker | 5 | U/L", NOT_JUDGED),
        # tiers
        ("Vitamin D | 12 | ng/mL | Deficient <20, sufficient 30-100", "low"),
        ("Vitamin D | 45 | ng/mL | Deficient <20, sufficient 30-100", ""),
        ("HbA1c | 5.2 | % | Diabetes >6.5", NOT_JUDGED),
        ("HbA1c | 5.2 | % | normal <5.7", ""),
        ("HbA1c: 5.2 % (diabetes: >6.5)", NOT_JUDGED),
        ("LDL cholesterol | 190 | mg/dL | Very high: >189", "high"),
        ("LDL cholesterol | 150 | mg/dL | Very high: >189", NOT_JUDGED),
        # negative ranges
        ("Base excess | 0 | mmol/L | -2 - 2", ""),
        ("Base excess: -5 mmol/L (-3 to 3)", "low"),
        # several numbers in a row
        ("Test | Previous | Current | Range\nPotassium | 4.1 | 6.9 | 3.5-5.1", "high"),
        ("Test | Current | Previous | Range\nPotassium | 4.1 | 6.9 | 3.5-5.1", ""),
        ("Test | 2024-01-02 | 2024-03-01 | Range\nPotassium | 6.9 | 4.1 | 3.5-5.1", ""),
        ("Potassium | 4.1 | 6.9 | mmol/L | 3.5-5.1", NOT_JUDGED),
        # sentences
        ("Potassium was 3.9 mmol/L last week and is now 6.8 mmol/L.", "high"),
        ("Hemoglobin fell from 13.2 g/dL to 6.1 g/dL.", "low"),
        ("The potassium of 6.8 mmol/L was hemolysed; repeat 4.2 mmol/L.", NOT_JUDGED),
        # dots that lead to a value, cells parted by commas
        ("Potassium........6.9 mmol/L (3.5-5.1)", "high"),
        ("Potassium...6.9 mmol/L (3.5-5.1)", "high"),
        ("Potassium . . . . . 6.9 mmol/L (3.5-5.1)", "high"),
        ("Potassium 4.2 mmol/L (3.5...5.1)", ""),
        ("Potassium,6.9,mmol/L,3.5-5.1,H", "high"),
        ("Test,Result,Unit,Range,Flag\nPotassium,4.2,mmol/L,3.5-5.1,", ""),
        ("Sodium;118,5;mmol/L;135-145;L", "low"),
        # dashes that do
        ("Potassium – 6.9 mmol/L", "high"),
        ("Potassium (serum) - 6.9 mmol/L (3.5-5.1)", "high"),
        ("12-03-2024 Potassium — 6.9 mmol/L", "high"),
        ("Ward 3 – 12 mmol/L", NOT_JUDGED),
        # a flag before the range; a status, a code or a date behind it
        ("SODIUM                118 L      135-146 mmol/L    NL1", "low"),
        ("ALT                  1240 H      9-46 U/L    NL1", "high"),
        ("SODIUM                139        135-146 mmol/L    NL1", ""),
        ("Potassium       6.9     mmol/L   3.5-5.1     Final", "high"),
        ("Potassium       4.9     mmol/L   3.5-5.1     LAB1", ""),
        ("Potassium       6.9     mmol/L   3.5-5.1     Validated by Dr X", "high"),
        ("Potassium  6.9  mmol/L  3.5 - 5.1  H  01/02/2024", "high"),
        ("Potassium | 6.9 | mmol/L | 3.5-5.1 Final", "high"),
        ("Potassium 6.9 mmol/L 3.5-5.1 haemolysed", NOT_JUDGED),
        ("HbA1c 5.2 % diabetes >6.5 LAB1", NOT_JUDGED),
        # a range, a date or a clause before the value
        ("Potassium (3.5-5.1): 6.2", "high"),
        ("Potassium 3.5-5.1 6.2 H", "high"),
        ("Potassium 01/02/2024 6.9 mmol/L (3.5-5.1)", "high"),
        ("Sodium 01/02/2024 118 01/03/2024 139 mmol/L", NOT_JUDGED),
        ("Glucose (2-4 h): 9.2", NOT_JUDGED),
        ("His potassium, which had been normal, was 6.9 mmol/L", "high"),
        ("Potassium, which was 6.9 yesterday, is 4.2 mmol/L", NOT_JUDGED),
        ("His sodium was 118 yesterday and is 139 mmol/L today.", ""),
        # ranges with blanks, a flag before the unit
        ("Chloride             101              mmol/L    98 - 107", ""),
        ("Sodium               118       LL     mmol/L    135 - 145", "low"),
        ("Glucose              131       H      mg/dL     70 - 99", "high"),
        ("FVC 4.1 L 3.0 - 5.0", ""),
        # a line that breaks off before its value
        ("She had been well until the potassium was\n6.9 mmol/L.", "high"),
        # results that are no numbers
        ("HIV Ag/Ab | REACTIVE | Non-reactive", "abnormal"),
        ("Rhesus factor | Positive", NOT_JUDGED),
        ("Urine protein | 3+ | negative", "abnormal"),
        ("Urine protein: 3+ (negative)", "abnormal"),
        ("URINALYSIS\nProtein              3+               Negative", "abnormal"),
        ("Pedal pulses | 2+", NOT_JUDGED),
        # urine is no blood
        ("Sodium [Moles/volume] in Urine | 20 | mmol/L", NOT_JUDGED),
        ("URINALYSIS\nGlucose 31 mg/dL", NOT_JUDGED),
        ("Urinalysis: none\nChemistry\nGlucose 31 mg/dL", "low"),
        # what stands behind a unit
        ("Potassium: 6.9 mmol/L.", "high"),
        ("Glucose 1.9 mmol/L. Treated with dextrose", "low"),
        ("Haemoglobin 5.2 g/dL. Transfuse 2 units.", "low"),
        ("SpO2: 78%.", "low"),
        ("Heart rate 180 bpm.", "high"),
        ("Potassium 4.2 mmol/L. Sleep was low.", ""),
        ("Potassium chloride 40 mmol in 1 L", NOT_JUDGED),
        ("Sodium chloride 0.9 % 1 L", NOT_JUDGED),
        # a course is judged by its last value
        ("Sodium 120 -> 118 mmol/L", "low"),
        ("Hb 6.2 → 5.1 g/dL", "low"),
        ("Potassium: 6.9 => 4.2 mmol/L (3.5-5.1)", ""),
        ("Potassium | 4.0 -> 6.9 | mmol/L | 3.5-5.1", "high"),
        ("Potassium from 6.9 to 7.4 mmol/L", "high"),
        ("Hb: fell from 12.2 to 5.1 g/dL", "low"),
        ("Potassium 4.1 mmol/L yesterday, 6.9 mmol/L today", "high"),
        ("Platelets: 20 > 10 x10^9/L", NOT_JUDGED),
        ("eGFR 41 > 60 mL/min", NOT_JUDGED),
        ("Troponin 5 ng/L (<14), then 250 ng/L", NOT_JUDGED),
        ("Potassium 4.0 mmol/L (3.5-5.1) haemolysed, repeat 6.9", NOT_JUDGED),
        ("Potassium 4.0 mmol/L 6.9 mmol/L", NOT_JUDGED),
        ("Potassium 4.0 mmol/L (repeat: 6.9 mmol/L)", NOT_JUDGED),
        ("Corrected calcium 3.4 mmol/L", "high"),
        ("Potassium was 6.9 mmol/L on admission, now 4.2.", ""),
        ("Potassium 6.9 mmol/L today, 4.1 mmol/L yesterday", "high"),
        ("Hb fell from 13.2 g/dL to 6.1 after surgery.", "low"),
        ("Potassium 6.9 mmol/L (previously 4.1)", "high"),
        ("Glucose 31 mmol/L, ketones 5.2 mmol/L", "high"),
        ("The potassium was 6.9 mmol/L and his age is 64.", "high"),
        # the range that a sentence gives
        ("The potassium was 6.9 mmol/L (3.5 to 5.1) on Monday.", "high"),
        ("The potassium was 5.3 mmol/L (3.5 to 5.5) on Monday.", ""),
        ("Hb 8.1 g/dL [N: 13-17]", "low"),
        ("Troponin 2.500 ng/L (<14)", NOT_JUDGED),
        # units whose exponent is no longer raised
        ("Platelets | 200 | 109/L | 150-400", ""),
        ("Red cells 4.5 1012/L (4.0-5.5)", ""),
        ("Potassium 6.9 mmol·L-1", "high"),
        ("Potassium 6.9 mmol l−1", "high"),
        ("Potassium | 6.9 | mmol∕L", "high"),
        ("1 | Potassium | 6.9", NOT_JUDGED),
        # targets, conditions, other people, times and tests
        ("Call if temperature is 39 °C.", NOT_JUDGED),
        ("Target blood pressure is 120/80.", NOT_JUDGED),
        ("Aim for INR 2.5.", NOT_JUDGED),
        ("When potassium is 6.9 mmol/L, stop.", NOT_JUDGED),
        ("His mother's potassium was 6.9 mmol/L.", NOT_JUDGED),
        ("In 2010 potassium was 6.9 mmol/L.", NOT_JUDGED),
        ("Potassium was 6.9 mmol/L two years ago.", NOT_JUDGED),
        ("Ionised calcium 1.2 mmol/L", NOT_JUDGED),
        ("Urea 30 mg/dL", NOT_JUDGED),
        ("Urea 30 mmol/L", "high"),
        # how sentences and Markdown tell
        ("Potassium remains elevated at 6.9 mmol/L", "high"),
        ("Potassium came back at 6.9 mmol/L.", "high"),
        ("**Potassium:** 6.9 mmol/L", "high"),
        # a range on two lines
        ("Test | Result | Unit | Range\nPhosphatase, |  |  | 30 -\ntotal |  |  | 120", NOT_JUDGED),
    ],
)
def test_a_value_is_judged_where_it_is_sure_what_it_and_its_range_are(rows: str, side: str) -> None:
    found = values(document(f"Report\n{rows}\n"))
    if side == NOT_JUDGED:
        assert not any(one.judged or one.side for one in found)
    else:
        assert [(one.judged, one.side) for one in found] == [(True, side)]


@pytest.mark.parametrize(
    ("who", "judged"),
    [
        ("Newborn girl, 2 days old.", False),
        ("Patient: A. Nobody, 7-year-old boy", False),
        ("Age: 8 months", False),
        ("The child presented with fever.", False),
        ("Age | 11", False),
        ("Mother, 31 years old, well. Infant born at term.", False),
        ("Date of birth: 2019-03-01\nCollected: 2021-04-01", False),
        ("Date of birth: 1960-03-01\nCollected: 2021-04-01", True),
        ("Date of birth: 1960-03-01", True),
        ("A 64-year-old woman who lives with her child.", True),
        ("The 64 y/o patient has asthma since age 12.", True),
        ("Child-Pugh class B. Had asthma as a child.", True),
        ("She lives with a 9-year-old brother. She is 31 years old.", True),
        ("Nothing is said of an age.", True),
        # a date of birth goes before words for a child
        ("Retired teacher, DOB 01/02/1950. Married, 1 child.", True),
        ("Mr A. Child, DOB 01/02/1950", True),
        ("DOB 01.02.1950. Appendicectomy 04/05/1960. Printed 3 Jun 2024.", True),
        ("DOB 01/02/1950. Appendicectomy 04/05/1960", True),
        ("DOB 3 Mar 2019. Seen 04/05/24", False),
        ("Mother: Anna, DOB 01/02/1990. Baby girl, 30 hours old.", False),
        # somebody else, a name, a house, a thing, another time
        ("She delivered a live female infant.", True),
        ("Mother delivered a live female infant.", False),
        ("Delivered by section, infant well.", False),
        ("Last child born 2019", True),
        ("Dr Child, Consultant", True),
        ("Women and Infant Hospital", True),
        ("The child was admitted to hospital.", False),
        ("5 day old wound", True),
        ("Problem: 3-week-old ulcer", True),
        ("Stent 3 years old", True),
        ("5 week old with a rash", False),
        ("2 month old twin boy", False),
        ("Diabetes diagnosed age 10", True),
        ("Age 34 weeks pregnant", True),
    ],
)
def test_a_child_is_not_judged_by_the_ranges_of_adults(who: str, judged: bool) -> None:
    rows = "Hemoglobin | 19.4 | g/dL\nPotassium | 6.9 | mmol/L | 3.9-5.9"
    found = {one.name: one for one in values(document(f"{who}\n{rows}"))}
    assert found["Hemoglobin"].judged is judged
    assert found["Hemoglobin"].side == ("high" if judged else "")
    assert found["Potassium"].side == "high"  # by the range beside it
    assert found["Potassium"].critical is judged


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("Na 138 K 6.9 Cl 100", "high if in mmol/L"),
        ("Sodium | 112", "low if in mmol/L"),
        ("Hb 4.1", "low if in g/dL or mmol/L"),
        ("Hb 41", "low if in g/L"),
        ("SpO2 78", "low if in %"),
        ("Glucose 31", ""),  # low in mg/dL, high in mmol/L
        ("Potassium 4.2", ""),
        ("Sodium 100 mmol/day", ""),
        ("Potassium 6.9 mmol/L", ""),  # judged
        ("Potassium | 6.9 | | 3.5-7.5", ""),  # judged
        ("Newborn girl\nK 6.9", ""),
    ],
)
def test_a_value_without_a_unit_is_told_with_its_condition(line: str, doubt: str) -> None:
    found = values(document(line))
    assert "".join(one.doubt for one in found) == doubt
    assert not any(one.side for one in found if one.doubt)


def test_a_grade_is_told_as_it_stands() -> None:
    (one,) = values(document("Urine protein | 3+ | negative"))
    assert one.told == "Urine protein: 3+, ABNORMAL"


def test_each_value_of_a_line_is_read() -> None:
    text = "Temp 40.5 C, HR 148, BP 70/40, SpO2 78%, RR 40.\nNa 138 K 6.9 Cl 100"
    assert [(one.name, one.side, one.judged) for one in values(document(text))] == [
        ("body temperature", "high", True), ("heart rate", "high", True),
        ("blood pressure", "low", True), ("oxygen saturation", "low", True),
        ("respiratory rate", "high", True), ("sodium", "", False), ("potassium", "", False),
        ("chloride", "", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sodium: 118 mmol/L, potassium: 6.9 mmol/L.", ["Sodium low", "potassium high"]),
        ("Potassium | 6.9 | mmol/L | 3.5-5.1 | Glucose | 5.0 | mmol/L | 3.9-5.6",
         ["Potassium high", "Glucose "]),
        ("Test | Result | Flag | Test | Result | Flag\nSodium | 118 g/L | L | Zinc | 5 g/L | H",
         ["Sodium low", "Zinc high"]),
        ("Date | Potassium (mmol/L) | Sodium\n2024-02-01 | 6.9 | 118",
         ["Potassium high", "Sodium "]),
        ("Test | Potassium | Zinc\nResult | 6.9 | 118\nRange | 3.5-5.1 | 60-110", ["Potassium "]),
        ("BP 110/70 lying, 70/40 standing", ["blood pressure ", "blood pressure low"]),
        # flags in a list: `L` is litres for volumes alone
        ("FBC: Hb 54 L, MCV 70 L, Plt 15 L",
         ["hemoglobin low", "mean corpuscular volume low", "platelet count low"]),
        ("Hb 54↓ Plt 15↓", ["hemoglobin low", "platelet count low"]),
        ("Sodium 118 low, potassium 6.9 high", ["sodium low", "potassium high"]),
        ("Hb 54 LOW, Plt 900 HIGH", ["hemoglobin low", "platelet count high"]),
        ("Albumin 60 (H), 41 (L)", ["Albumin high"]),
        ("Blood glucose 12 H, acetone 5", ["Blood glucose high"]),
        ("Sodium 138 low potassium 2.9 mmol/L", ["potassium low"]),
        ("Potassium 6.9 H mmol/L, sodium 118 mmol/L (L)", ["potassium high", "sodium low"]),
        ("Potassium 4.2 (3.5-5.1) H, sodium 120 L", ["potassium ", "sodium low"]),
        ("FEV1 3.2 L, FVC 4.1 L",
         ["forced expiratory volume in one second ", "forced vital capacity "]),
        ("Na+ 118, K+ 6.9, Cl- 90", ["sodium ", "potassium ", "chloride "]),
        ("Na+ 118 / K+ 6.9 / Cl- 90", ["sodium ", "potassium ", "chloride "]),
        ("Sodium – 140 mmol/L, potassium – 6.9 mmol/L", ["sodium ", "potassium high"]),
    ],
)  # fmt: skip
def test_values_of_one_line_are_not_mixed(text: str, told: list[str]) -> None:
    assert [f"{one.name} {one.side}" for one in values(document(text))] == told


def test_a_flag_against_its_range_and_an_earlier_value_are_told() -> None:
    rows = "Potassium | 4.2 | mmol/L | 3.5-5.1 | H"
    (one,) = values(document(rows))
    assert one.told.endswith("(reference 3.5 to 5.1) (marked high in the document)")
    (one,) = values(document("Test | Previous | Current\nPotassium | 4.1 | 6.9 mmol/L"))
    assert one.told == "Potassium: 6.9 mmol/L, HIGH (in the same row: 4.1)"


@pytest.mark.parametrize(("who", "noted"), [("Newborn girl.", True), ("A 64-year-old.", False)])
def test_that_a_document_is_taken_for_a_child_s_is_told(who: str, noted: bool) -> None:
    notes = remarks(document(f"{who}\nPotassium 6.9 mmol/L"), ())
    assert any("about a child" in note for note in notes) is noted


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ("03/06/2024 | 01/02/2023", "6.9"),
        ("3 Jun 2024 | 1 Feb 2023", "6.9"),
        ("3-Jun-24 | 1-Feb-23", "6.9"),
        ("Jun 2024 | Feb 2024", "6.9"),
        ("13/06/2024 | 01/07/2024", "4.1"),
        ("03/06 | 01/02", "6.9"),
        ("Day 3 | Day 1", "6.9"),
        ("Day 1 | Day 3", "4.1"),
        ("03/06/2024 | 01/07/2024", "6.9 and which is the latest is not sure"),
        ("28/12 | 02/01", "6.9 and which is the latest is not sure"),
    ],
)
def test_of_a_table_over_time_the_latest_value_is_told_or_that_it_is_not_sure(
    heads: str, told: str
) -> None:
    (one,) = values(document(f"Test | {heads} | Unit\nPotassium | 6.9 | 4.1 | mmol/L"))
    assert one.told.startswith(f"Potassium: {told[:3]} mmol/L")
    assert one.side == ("high" if told[:3] == "6.9" else "")
    assert one.critical == (told[:3] == "6.9")
    assert ("not sure" in one.told) == ("not sure" in told)
    assert "in the same row" in one.told


LETTER = """Diagnosis

Community-acquired pneumonia. Known asthma.

Treatment

She received doxycycline for 7 days and improved. She was started on prednisone 20 mg daily.

Current medicines: Salbutamol inhaler 100 micrograms as needed. Stop aspirin.

Recommendations

Repeat chest X-ray in 6 weeks.
"""


@pytest.mark.parametrize("heads", [(), ("Diagnosis", "Treatment", "Recommendations")])
def test_headings_past_treatment_and_what_is_taken_are_no_orders(heads: tuple[str, ...]) -> None:
    paper = document(LETTER, *heads)
    assert told(orders(paper), LETTER) == [
        "She was started on prednisone 20 mg daily.",
        "Stop aspirin.",
        "Repeat chest X-ray in 6 weeks.",
    ]
    assert told(medicines(paper), LETTER) == ["Salbutamol inhaler 100 micrograms as needed."]
    assert told(conclusions(paper), LETTER) == ["Community-acquired pneumonia."]


def test_a_medicine_that_is_taken_meets_an_allergy_as_an_order_does() -> None:
    paper = document("Allergies: Penicillin\n\nCurrent medicines\n\nAmoxicillin 500 mg daily\n")
    read = ByRule.of(paper)
    assert [one.text for one in read.against] == ["Amoxicillin 500 mg daily"]
    assert not read.orders
