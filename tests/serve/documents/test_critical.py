"""A value far out of its range is told first, with what is to be done today."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from osler.commands.serve import Wish, make_service
from osler.documents.read import read
from osler.serve.api.service import Service
from osler.serve.assistant.events import Event, Piece
from osler.serve.documents.advice import advise, as_it_applies
from osler.serve.documents.critical import critical
from osler.serve.documents.summary import summarise
from osler.serve.documents.text import Tally
from osler.serve.documents.values import values

TOLD_AT_ONCE = "Far out of range: the treating team has to know of such values at once\n"
CALL = "Call the team that treats you today. If you cannot reach it, or feel ill, call 112.\n"
REPORT = """Laboratory report

Allergies: Penicillin (rash)

Test | Result | Units | Reference | Flag
Sodium | 133 | mmol/L | 135-145 | L
Potassium | 6.9 | mmol/L | 3.5-5.1 | H
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    wish = Wish(state=tmp_path_factory.mktemp("state"), emergency_number="112")
    return make_service(wish, "t" * 20)


def said(events: AsyncIterator[Event]) -> str:
    async def collect() -> str:
        return "".join([each.text async for each in events if isinstance(each, Piece)])

    return asyncio.run(collect())


def test_summary_and_advice_begin_with_it_and_whom_to_call(service: Service) -> None:
    paper = read("report.txt", REPORT.encode())
    begins = (
        f"{TOLD_AT_ONCE}- Potassium | 6.9 | mmol/L | 3.5-5.1 | H [high]\n{CALL}"
        "\nOut of range\n- Sodium | 133 | mmol/L | 135-145 | L [low]\n\nAllergies\n"
    )
    text = said(summarise(service.assistant, paper, "nano"))
    assert text.startswith(begins)
    assert text.count("Potassium | 6.9") == 1
    assert said(advise(service.assistant, paper, "advice")).startswith(begins)
    asked = said(advise(service.assistant, paper, "advice", "What should I do about my sodium?"))
    assert asked.startswith(f"{TOLD_AT_ONCE}- Potassium | 6.9")
    assert f"{CALL}\nWhat you asked about\n- Sodium | 133" in asked


def test_nobody_is_told_to_call_for_a_value_just_out_of_range(service: Service) -> None:
    paper = read("report.txt", REPORT.replace("6.9", "5.6").encode())
    text = said(summarise(service.assistant, paper, "nano"))
    assert text.startswith("Out of range\n- Sodium")
    assert "Far out" not in text
    assert "Call the team" not in text


def test_mild_advice_is_not_given_for_it() -> None:
    mild = (
        "General advice: Have it checked again soon, for it can disturb the heart, and ask about "
    )
    mild += "your medicines."
    for value, kept in (("6.9", ""), ("5.6", mild.replace("advice: ", "advice: Potassium: "))):
        paper = read("report.txt", REPORT.replace("6.9", value).encode())
        assert as_it_applies(mild, values(paper), [], frozenset(), Tally()) == kept


@pytest.mark.parametrize(
    "line",
    [
        "K 6.9 mmol/L",
        "Potassium: 2.4 mEq/L",
        "Hb 4.1 g/dL",
        "Haemoglobin: 41 g/L",
        "Glucose 31 mmol/L",
        "Glucose | 31 | mg/dL",
        "The sodium was 112 mmol/L.",
        "Platelets | 8 | x10^9/L | 150-400 | L",
        "Glucose | >600 | mg/dL | 70-99 | H",
        "INR 9",
        "Sodium               118       L      mmol/L    135 - 145",
        "Platelets            8         LL     10^9/L    150 - 400",
        "Potassium (K): 6.9 mmol/l",
        "Haemoglobin|4.1|g/dL|12-16|L",
        "WBC 0.3 10^3/uL",
        "The WBC was 0.3 10^3/uL.",
        "Potassium 6.9 mmol/L on admission",
        "Potassium | 5.9 | mmol/L | 3.5-5.1 | HH",  # marked so by the laboratory
        "Unheard-of marker | 5 | U/L | 1-2 | critical",
    ],
)
def test_what_laboratories_telephone_about_is_known(line: str) -> None:
    assert [one.critical for one in values(read("a.txt", line.encode()))] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "K 5.6 mmol/L",
        "K 6.9",  # no unit
        "Hb 41 g/dL",  # not possible: the unit is another
        "Potassium | 6.9 | mmol/L | 3.5-7.5",  # within the range beside it
        "Potassium [Moles/volume] in Urine | 9 | mmol/L",
        "URINE\nSodium 20 mmol/L",
        "CSF glucose 31 mg/dL",
        "Pleural fluid glucose of 31 mg/dL.",
        "Potassium (urine): 9 mmol/L",
        "Potassium 6.9 mmol/L on admission\nPotassium 4.2 mmol/L today",
        "Date | Potassium (mmol/L)\n2024-01-01 | 6.9\n2024-02-01 | 4.2",
        "Glucose | <600 | mg/dL | 70-99",
        "Potassium | 4.1 | 6.9 | mmol/L | 3.5-5.1",  # not sure which is of now
        "Potassium | 4.2 | mmol/L | 3.5-5.1 | HH",  # a flag against its range
        "Newborn girl\nGlucose 45 mg/dL",
        "The potassium was 6.9 mmol/L and is now 4.4 mmol/L.",
    ],
)
def test_where_it_is_not_sure_nobody_is_alarmed(line: str) -> None:
    assert not any(one.critical for one in values(read("a.txt", line.encode())))


def test_a_number_with_two_readings_is_critical_only_where_both_are() -> None:
    assert critical("Platelets", "8,000", "/uL") == "low"
    assert critical("Glucose", "1,250", "mg/dL") == "high"  # 1.25 is not possible
    assert critical("Leukocytes", "1,900", "/uL") == "low"
    assert critical("Leukocytes", "9,000", "/uL") == ""  # 9 or 9,000
