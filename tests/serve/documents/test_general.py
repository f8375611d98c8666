"""Under general advice stands advice, and nothing else that a model says."""

from __future__ import annotations

import pytest
from tests.serve.documents.test_documents import events_of, said

from osler.commands.serve import Wish, make_service
from osler.documents.read import read
from osler.serve.api.service import Service
from osler.serve.documents.advice import advise
from osler.serve.documents.general import advises
from osler.tasks.advice import advice_table


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return make_service(Wish(state=tmp_path_factory.mktemp("state")), "t" * 20)


@pytest.mark.parametrize(
    "sentence",
    [
        "Drink plenty of water each day.",
        "If you feel shaky, take sugar at once.",
        "A balanced diet and regular activity help.",
        "Ask your doctor about a flu vaccine.",
        "Potassium: Have it checked again soon.",
        "You should rest and avoid heavy lifting.",
        "Regular exercise lowers blood pressure.",
        "Do not smoke.",
        "Don't stop your tablets on your own.",
        "For pain, use a warm compress.",
        "It is important to finish the course.",
        "Smoking worsens it.",
        "Seek care at once for chest pain or fainting.",
        "People with diabetes should have their feet checked every year.",
        "Please see your dentist regularly.",
        "Keep the wound clean and dry.",
        "Your clinician will say which further test is of use.",
        "Inflammation is common; see your clinician if it lasts.",
        "To prevent falls, keep the floor clear.",
        "Eat less salt, be active and lose weight.",
        "When you are dizzy, sit down.",
        "Weigh yourself daily.",
    ],
)
def test_what_bids_or_is_of_use_is_advice(sentence: str) -> None:
    assert advises(sentence)


def test_each_line_of_the_table_is() -> None:
    assert [line for *_, line in advice_table() if not advises(line)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "I am afraid that is beyond what I was made for: questions about health.",
        "The sources shown here do not answer this question.",
        "I am afraid that is general advice.",
        "The right hand is for use.",
        "Closer to the source of the red blood cell.",
        "Negative for heart block.",
        "She has a family history of hypertension and cystic fibrosis.",
        "I am a health assistant, so I cannot help with this.",
        "Please ask me about a medical condition, a test or a treatment.",
        "No value in the report is marked as out of its range.",
        "His heart rate should be checked.",
        "The patient was advised to rest.",
        "There is no evidence of pulmonary embolism.",
        "Use of the left hand is normal.",
        "The report tells of a stroke.",
        "Heart failure is a chronic condition.",
        "Rest of the examination is normal.",
        "Brain lesions in keeping with demyelination.",
        "We are unable to answer this.",
        "As an AI, that cannot be said.",
        "This question is not about health.",
        "Klebsiella was found in the blood.",
        "Review of systems negative.",
    ],
)
def test_what_is_told_of_a_person_a_report_or_the_model_is_none(sentence: str) -> None:
    assert not advises(sentence)


def asked(service: Service, question: str) -> str:
    text = "MRI spine report\nImpression: severe cauda equina compression.\n"
    text += "Emergency neurosurgical referral advised.\nRepeat MRI in six months.\n"
    paper = read("mri.txt", text.encode())
    return said(events_of(advise(service.assistant, paper, "advice", question)))  # type: ignore[arg-type]


def test_who_asks_whether_it_can_wait_reads_the_urgent_order_first(service: Service) -> None:
    told = asked(service, "Can I wait until my appointment next month?")
    assert told.startswith("What you asked about\n- Emergency neurosurgical referral advised.\n")
    other = asked(service, "What does compression of the cauda equina mean?")
    assert not other.startswith("What you asked about")
