"""How a medicine is to be taken: nothing that the prescriber wrote is lost, nothing is made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import concept, order, record_of

from osler.records.render import render, whole
from osler.records.view import view


def daily(**parts: Any) -> dict[str, Any]:
    """Timing of once a day, or of what is given."""
    return {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"} | parts}


def given(value: float, unit: str = "tablet") -> list[Any]:
    """A doseAndRate."""
    return [{"doseQuantity": {"value": value, "unit": unit}}]


METHOTREXATE = {
    "text": "Take 6 tablets ONCE WEEKLY on Monday, never daily.",
    "timing": {"repeat": {"dayOfWeek": ["mon"]}}, "doseAndRate": given(6),
}  # fmt: skip


@pytest.mark.parametrize(
    ("dosage", "said"),
    [
        (METHOTREXATE, "Take 6 tablets ONCE WEEKLY on Monday, never daily"),
        ({"text": "one puff\nwhen short of breath", "asNeededBoolean": True},
         "one puff when short of breath"),
        ({"text": "Every four to six hours (qualifier value)\n", "doseAndRate": given(1),
          "timing": daily(period=4, periodUnit="h"),
          "additionalInstruction": [concept("1", "Every four to six hours (qualifier value)")]},
         "1 tablet, every four to six hours"),
        ({"text": "Complete the course.", "timing": daily(frequency=2), "doseAndRate": given(1)},
         "1 tablet, complete the course, twice a day"),
        ({"text": "one tablet at bedtime", "doseAndRate": given(1), "timing": daily(periodMax=2)},
         "one tablet at bedtime"),
    ],
)  # fmt: skip
def test_the_prescribers_own_words_are_told(dosage: Any, said: str, tmp_path: Path) -> None:
    assert told(tmp_path, dosage) == said


@pytest.mark.parametrize(
    ("dosage", "said"),
    [
        ({"timing": daily(frequency=2), "doseAndRate": given(1)}, "1 tablet, twice a day"),
        ({"timing": daily(period=8, periodUnit="h"), "asNeededBoolean": True,
          "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]},
         "dose 1 to 2, every 8 hours, as needed"),
        ({"timing": daily(frequencyMax=3)}, "1 to 3 times a day"),
        ({"timing": daily(period=4, periodMax=6, periodUnit="h")}, "every 4 to 6 hours"),
        ({"timing": daily(periodUnit="a")}, "once a year"),
        ({"timing": {"repeat": {"dayOfWeek": ["mon", "thu"]}}, "doseAndRate": given(6)},
         "6 tablet, every Monday and Thursday"),
        ({"timing": daily(when=["ACM"])}, "once a day, before breakfast"),
        ({"timing": {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}}}, "at 08:00 and 20:00"),
        ({"timing": {"code": {"text": "BID"}}, "doseAndRate": given(10, "U")},
         "10 U, twice a day"),
        ({"timing": {"code": {"coding": [{"code": "QOD"}]}}}, "every 2 days"),
        ({"timing": {"code": {"text": "with every feed"}}}, "with every feed"),
        ({"timing": daily(boundsDuration={"value": 10, "code": "d"})},
         "once a day, for 10 days"),
        ({"asNeededCodeableConcept": {"text": "severe pain"}, "doseAndRate": given(1)},
         "1 tablet, as needed for severe pain"),
        ({"asNeededBoolean": True}, "as needed"),
        ({"route": concept("26643006", "Oral route (qualifier value)"),
          "maxDosePerPeriod": {"numerator": {"value": 4, "unit": "g"},
                               "denominator": {"value": 1, "unit": "d"}}},
         "Oral route, at most 4 g per 1 d"),
        ({"doseAndRate": [{"rateQuantity": {"value": 100, "unit": "mL/h"}}],
          "patientInstruction": "Do not stop on your own."},
         "at 100 mL/h, Do not stop on your own"),
    ],
)  # fmt: skip
def test_without_words_every_part_is_told(dosage: Any, said: str, tmp_path: Path) -> None:
    assert told(tmp_path, dosage) == said


def told(folder: Path, *dosages: Any) -> str:
    (medicine,) = record_of(folder, order(dosageInstruction=list(dosages))).medicines
    assert medicine.dose
    return medicine.dose.text


def test_every_instruction_is_told(tmp_path: Path) -> None:
    both = ({"text": "10 units in the morning"}, {"text": "6 units at night"})
    assert told(tmp_path, *both) == "10 units in the morning, and 6 units at night"


@pytest.mark.parametrize(
    ("status", "said"),
    [("active", ""), ("on-hold", " (on hold)"), ("unknown", " (status unknown)")],
)
def test_what_may_not_be_taken_is_not_told_as_if_it_were(
    status: str, said: str, tmp_path: Path
) -> None:
    record = record_of(tmp_path, order(status=status))
    parts = {part.name: part for part in render(view(record, date(2022, 1, 1)))}
    (line,) = parts["medicines"].lines
    assert whole(line) == f"lisinopril 10 MG Oral Tablet{said}, since 2014-02-01"
    assert line.short == whole(line)
