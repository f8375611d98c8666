"""Signs that cannot wait stand first, and nobody gets mild advice beside them."""

from __future__ import annotations

import pytest
from tests.serve.documents.test_advised import advised
from tests.serve.documents.test_documents import events_of, said

from osler.commands.serve import Wish, make_service
from osler.documents.read import read
from osler.serve.api.service import Service
from osler.serve.documents.summary import summarise
from osler.serve.documents.writing import ByRule

HEAD = "Clinic letter\nPatient: Ann Lee, 50 years.\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    wish = Wish(state=tmp_path_factory.mktemp("state"), emergency_number="112")
    return make_service(wish, "t" * 20)


def grave(text: str) -> list[str]:
    """The sides of what cannot wait."""
    return [one.side for one in ByRule.of(read("a.txt", text.encode())).critical]


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("BP 78/40 mmHg", "low"),
        ("BP 90/60", "low"),
        ("Blood pressure is 180/100 mmHg.", "high"),
        ("Blood pressure was 150/122 mmHg.", "high"),
        ("Blood pressure | 212/118 | mmHg", "high"),
        ("Heart rate 141/min", "high"),
        ("Her heart rate was 38 bpm.", "low"),
        ("SpO2 81 %", "low"),
        ("Oxygen saturation 86% on air at rest.", "low"),
        ("Respiratory rate 34/min", "high"),
        ("Respiratory rate | 7 | /min", "low"),
        ("Temperature 40.2 °C", "high"),
        ("Temperature 104.5 °F", "high"),
        ("Temperature 34.1 °C", "low"),
        ("GCS 9", "low"),
        ("On arrival his GCS was 6/15.", "low"),
        ("Glasgow Coma Score: 12", "low"),
        ("Blood pressure 128/78 at baseline, now 78/40.", "low"),
    ],
)
def test_a_sign_beyond_its_limit_cannot_wait(said: str, side: str) -> None:
    assert grave(f"{HEAD}{said}\n") == [side]


@pytest.mark.parametrize(
    "said",
    [
        "BP 91/60 mmHg",
        "BP 178/112 mmHg",
        "Heart rate 130/min",
        "Heart rate 41/min",
        "SpO2 92 %",
        "Respiratory rate 24/min",
        "Temperature 39.9 °C",
        "GCS 15/15",
        "GCS 13",
        "Call us if her GCS is below 8.",
        "Call us if the heart rate is 140 bpm.",
        "His brother's blood pressure was 78/40.",
        "Aim for a blood pressure of 180/90.",
        "Peak heart rate 165 bpm on the treadmill.",
        "SpO2 84% on exertion.",
        "BP 210/125 on admission. BP 134/78 at discharge.",
        "2024-01-01 | BP 210/125\n2024-03-01 | BP 134/78",
        "Fetal heart rate 142/min.",
        "SpO2 90 % (88-92)",
        "SpO2 98 %",
        "Sodium | 133 | mmol/L | 135-145 | L",
    ],
)
def test_what_is_within_or_not_so_now_alarms_nobody(said: str) -> None:
    assert grave(f"{HEAD}{said}\n") == []


@pytest.mark.parametrize(
    ("who", "sign", "sides"),
    [
        ("29 years, 33+4 weeks", "BP 168/108", ["high"]),
        ("29 years, 30 weeks pregnant", "BP 150/112", ["high"]),
        ("29 years, 30 weeks pregnant", "BP 158/98", []),
        ("29 years, not pregnant", "BP 168/108", []),
        ("29 years, has never been pregnant", "BP 168/108", []),
        ("29 years, pregnancy test negative", "BP 168/108", []),
        ("29 years. Her sister is 50.", "BP 168/108", []),
        ("age 12 weeks", "Temperature 38.6 °C", ["high"]),
        ("newborn boy", "Temperature 38.1 °C", ["high"]),
        ("age 12 weeks", "Temperature 37.6 °C", []),
        ("4 years old", "Temperature 38.6 °C", []),
        ("4 years old", "Heart rate 140/min (70-120)", []),
        ("4 years old", "GCS 8", ["low"]),
    ],
)
def test_the_limits_are_those_of_whom_it_is_about(who: str, sign: str, sides: list[str]) -> None:
    assert grave(f"Letter\nPatient: Ann Lee, {who}.\n{sign}\n") == sides


def test_they_stand_first_with_whom_to_call(service: Service) -> None:
    text = f"{HEAD}Potassium 3.3 mmol/L (3.5-5.1).\nBlood pressure 78/40 mmHg.\n"
    shown = said(events_of(summarise(service.assistant, read("a.txt", text.encode()), "nano")))  # type: ignore[arg-type]
    assert shown.startswith("Far out of range")
    assert "- Blood pressure 78/40 mmHg. [low]\nCall the team that treats you today." in shown


@pytest.mark.parametrize(
    "report",
    [
        f"{HEAD}BP 78/40\nTemperature 38.4 °C\nWhite cells 22 x10^9/L (4-11)\n",
        "Letter\nAnn Lee, 29 years, 33+4 weeks\nBP 144/92\nPlatelets 118 10^9/L (150-400)\n",
        "Letter\nLeo, 4 years old\nHeart rate | 150 | /min | 70-120\n",
    ],
)
def test_no_mild_advice_is_given_beside_them_in_pregnancy_or_to_a_child(
    service: Service, report: str
) -> None:
    (line,) = advised(service, report)
    assert line.startswith("No advice in general is given here for: ")
    assert line.endswith("The team that treats you has to judge it, with all else that it knows.")


@pytest.mark.parametrize(
    "line", ["CSF: white cells 1200 x10^6/L (<5)", "White cell count 1200 /uL (<5) in CSF."]
)
def test_a_fluid_is_named_and_gets_no_advice_that_is_for_blood(service: Service, line: str) -> None:
    (told,) = advised(service, f"{HEAD}{line}\n")
    assert told.startswith("No advice is at hand for: ")
    assert "CSF" in told
