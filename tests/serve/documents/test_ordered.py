"""Orders are found in the usual wordings of letters, and none is made of what was done."""

from __future__ import annotations

import pytest

from osler.documents.read import read
from osler.serve.documents.findings import medicines, orders

HEAD = "Clinic letter\nPatient: Ann Lee, 50 years.\n"


def ordered(text: str) -> list[str]:
    return [one.text for one in orders(read("a.txt", f"{HEAD}{text}\n".encode()))]


@pytest.mark.parametrize(
    "sentence",
    [
        "I would be grateful if you could increase atorvastatin to 80 mg.",
        "We have stopped her aspirin.",
        "Cardiology clinic in 2 weeks.",
        "Daily weights; call the heart failure nurse if weight rises more than 2 kg in 3 days.",
        "Kindly arrange a chest X-ray in six weeks.",
        "Could you arrange an urgent colonoscopy?",
        "Sutures out at day 10.",
        "She is admitted for labetalol 200 mg three times daily and magnesium sulfate 4 g IV.",
        "Delivery by 34 weeks is planned.",
        "Bloods on Monday.",
        "If ferritin exceeds 1000, please refer to haematology.",
        "Urgent two-week-wait referral made.",
        "No driving for one month.",
        "Nil by mouth from midnight.",
        "Suggest urgent CT head.",
        "Needs dialysis tonight.",
        "Would benefit from biopsy.",
        "We will see her again in 3 months.",
        "To be reviewed in clinic in 6 weeks.",
        "Next dose of vaccine due 3 December.",
        "Warfarin to restart on day 3.",
        "Biopsy is indicated.",
        "MRI of both breasts is suggested before surgery.",
        "Immediate surgical review required.",
        "DNACPR in place.",
        "Urgent referral to foot team today.",
        "If potassium rises above 6.0 stop the ramipril he may be started on.",
        "Would you please check her thyroid function?",
        "We will repeat the ultrasound in a month.",
        "Lumbar puncture is planned.",
        "She needs a repeat echocardiogram.",
        "Further imaging is required.",
        "Wound check in 5 days.",
        "Contact precautions.",
        "We have started apixaban 5 mg.",
        "Dressing changes every 2 days.",
        "Please could you recheck her renal function?",
        "Emergency neurosurgical referral advised.",
        "The patient requires urgent surgery.",
        "An urgent MRI has been requested.",
    ],
)
def test_an_order_is_found_in_the_words_of_letters(sentence: str) -> None:
    assert ordered(sentence) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Aspirin was stopped.",
        "He does not take aspirin.",
        "No action is needed.",
        "Biopsy was not required.",
        "MRI showed a mass.",
        "The clinic is open on Monday.",
        "CT head on Monday was normal.",
        "No further imaging is indicated.",
        "His brother needs dialysis.",
        "She attended the clinic today.",
        "He denies the need for oxygen.",
        "Bloods today are normal.",
        "Surgery was planned but cancelled.",
        "She was able to start walking.",
        "He drinks no alcohol.",
        "Past surgery: hernia repair.",
        "She was seen in clinic 6 weeks ago.",
        "A stroke is suggested by the weakness.",
        "Paracetamol as required.",
        "Treatment with insulin was needed in 2019.",
        "The indication is chest pain.",
        "She has had dialysis for two years.",
        "Her weight is down 2 kg in 3 days.",
        "Seen in cardiology clinic today.",
        "Referred by her GP.",
        "The referral was made by her GP.",
        "Mother declined vaccination.",
        "Weight 80 kg today.",
        "Lives alone, carers daily.",
        "The heart needs oxygen.",
    ],
)
def test_none_is_made_of_what_was_done_is_denied_or_is_of_others(sentence: str) -> None:
    assert ordered(sentence) == []


@pytest.mark.parametrize(
    "heading", ["Plan for GP", "Actions for the GP", "GP actions", "Next steps", "Management plan:"]
)
def test_what_stands_under_a_plan_for_somebody_is_ordered(heading: str) -> None:
    assert ordered(f"{heading}\nCardiology clinic in 2 weeks\nRepeat U&E") == [
        "Cardiology clinic in 2 weeks",
        "Repeat U&E",
    ]


def test_what_somebody_takes_is_taken_and_not_ordered() -> None:
    said = "He takes atorvastatin 20 mg and amlodipine 5 mg every day."
    paper = read("a.txt", f"{HEAD}{said} He does not take aspirin.\n".encode())
    assert [one.text for one in medicines(paper)] == [said]
    assert orders(paper) == []
