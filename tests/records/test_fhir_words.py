"""What a resource says of itself in any form that FHIR allows: status, site, value, allergen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    bundle,
    concept,
    condition,
    observation,
    patient,
    quantity,
    read,
    record_of,
    resource,
    write_bundle,
)

from osler.records.record import Record
from osler.records.render import render, whole
from osler.records.view import view

KIND = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def allergy(code: str = "91936005", text: str = "Penicillin", **parts: Any) -> dict[str, Any]:
    """An allergy since 2001."""
    given: dict[str, Any] = {"code": concept(code, text), "recordedDate": "2001-02-03"}
    return resource("AllergyIntolerance", f"a-{code}", **(given | parts))


def lines(record: Record, part: str) -> list[str]:
    """What is told in a part."""
    seen = view(record, date(2022, 3, 4))
    return [whole(line) for p in render(seen) if p.name == part for line in p.lines]


# -- status ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"coding": [{"system": "x", "code": "x1"}, {"system": KIND, "code": "refuted"}]},
         "refuted"),
        ({"text": "Refuted"}, "refuted"),
        ({"text": "ruled out"}, "refuted"),
        ({"text": "Entered in Error"}, "entered in error"),
        ({"coding": [{"code": "17", "display": "Entered in error"}]}, "entered in error"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_set_aside_in_whatever_form_it_says_it(
    status: Any, why: str, tmp_path: Path
) -> None:
    some = [condition(verificationStatus=status), allergy(verificationStatus=status)]
    write_bundle(tmp_path, bundle(*some))
    (record,), account = read(tmp_path)
    assert record.size == 0
    assert account.ignored == {f"Condition ({why})": 1, f"AllergyIntolerance ({why})": 1}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"text": "Confirmed"}, ""),
        ({"text": "Provisional"}, " (provisional)"),
        ({"coding": [{"code": "x1"}, {"code": "differential"}]}, " (differential)"),
    ],
)
def test_what_is_unsure_says_so(status: Any, said: str, tmp_path: Path) -> None:
    record = record_of(tmp_path, condition(verificationStatus=status))
    assert lines(record, "conditions") == [f"Hypertension{said}, since 2014-01-29"]


@pytest.mark.parametrize(
    "status",
    [{"text": "Resolved"}, {"text": "inactive"}, {"text": "in remission"},
     {"coding": [{"code": "9"}, {"code": "remission"}]}],
)  # fmt: skip
def test_what_is_over_is_not_active(status: Any, tmp_path: Path) -> None:
    record = record_of(tmp_path, condition(clinicalStatus=status), allergy(clinicalStatus=status))
    assert lines(record, "conditions") == lines(record, "allergies") == []
    assert lines(record, "resolved") == ["Hypertension, 2014-01-29, resolved"]


# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sites", "said"),
    [
        ("Osteoarthritis", [concept("1", "Left knee (body structure)")],
         "Osteoarthritis (left knee)"),
        ("Osteoarthritis", [{"text": "left knee"}, {"text": "right hip"}],
         "Osteoarthritis (left knee, right hip)"),
        ("Fracture of left ankle", [{"text": "Left ankle structure"}], "Fracture of left ankle"),
        ("Osteoarthritis of knee", [{"text": "Left knee"}], "Osteoarthritis of knee (left knee)"),
    ],
)  # fmt: skip
def test_where_in_the_body_is_told(name: str, sites: Any, said: str, tmp_path: Path) -> None:
    done = resource("Procedure", "p", status="completed", performedDateTime="2019-05-05",
                    code=concept("2", name), bodySite=sites)  # fmt: skip
    record = record_of(tmp_path, condition("1", name, bodySite=sites), done)
    assert lines(record, "conditions") == [f"{said}, since 2014-01-29"]
    assert lines(record, "procedures") == [f"{said}: 2019-05-05"]


def test_two_sides_are_two_conditions(tmp_path: Path) -> None:
    both = [
        condition("1", "Cataract", id=side, bodySite=[{"text": f"{side} eye"}])
        for side in ("left", "right")
    ]
    record = record_of(tmp_path, *both)
    assert sorted(lines(record, "conditions")) == [
        "Cataract (left eye), since 2014-01-29", "Cataract (right eye), since 2014-01-29"
    ]  # fmt: skip


def test_a_coding_that_has_no_code_is_passed_over(tmp_path: Path) -> None:
    bare = {"extension": [{"url": "a"}]}
    some = [
        condition() | {"id": "c1", "code": {"coding": [bare], "text": "Sugar diabetes"}},
        condition() | {"id": "c2", "code": {"coding": [bare, {"code": "44054006"}]}},
        condition() | {"id": "c3", "code": {"coding": [bare]}},
    ]
    write_bundle(tmp_path, bundle(*some))
    (record,), account = read(tmp_path)
    assert sorted(one.code.text for one in record.conditions) == ["Sugar diabetes", "code 44054006"]
    assert [str(one) for one in account.refused] == ["one.json: entry 4 (Condition): no code"]


# -- allergies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text"),
    [("716186003", "No known allergy"), ("409137002", "No known drug allergy"),
     ("428607008", "No known environmental allergy"), ("429625007", "No known food allergy"),
     ("428197003", "No known insect allergy"), ("no-known-allergies", "None"),
     ("x", "NKDA"), ("y", "No known drug allergies.")],
)  # fmt: skip
def test_that_there_is_no_allergy_is_no_allergy(code: str, text: str, tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(allergy(code, text), allergy()))
    (record,), account = read(tmp_path)
    assert [one.code.text for one in record.allergies] == ["Penicillin"]
    assert account.ignored == {"AllergyIntolerance (no known allergy stated)": 1}


def test_a_grave_allergy_and_what_it_is_to_are_told(tmp_path: Path) -> None:
    shown = {"manifestation": [{"text": "Anaphylaxis"}], "severity": "severe"}
    nut = allergy("1", "Nuts", criticality="high",
                  reaction=[shown | {"substance": {"text": "Cashew"}}])  # fmt: skip
    latex = allergy("2", reaction=[shown | {"substance": concept("3", "Latex (substance)")}])
    del latex["code"]
    assert sorted(lines(record_of(tmp_path, nut, latex), "allergies")) == [
        "Latex (allergy): anaphylaxis (severe), since 2001-02-03",
        "Nuts (allergy, high criticality): anaphylaxis to cashew (severe), since 2001-02-03",
    ]


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"valueRange": {"low": quantity(3, "mg/dL"), "high": quantity(4, "mg/dL")}},
         "3 to 4 mg/dL"),
        ({"valueRange": {"low": {"value": 3}}}, "at least 3"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128"),
        ({"valueRatio": {"numerator": quantity(5, "mg"), "denominator": quantity(2, "mL")}},
         "5 mg per 2 mL"),
        ({"valueDateTime": "2020-01-01"}, "2020-01-01"),
        ({"valueTime": "08:30:00"}, "08:30:00"),
        ({"valuePeriod": {"start": "2020-01-01", "end": "2020-01-09"}}, "2020-01-01 to 2020-01-09"),
    ],
)  # fmt: skip
def test_what_is_no_single_number_is_told_in_words(parts: Any, said: str, tmp_path: Path) -> None:
    (found,) = record_of(tmp_path, observation(**parts)).observations
    assert found.value == said


def test_a_value_without_a_time_is_of_when_it_was_released(tmp_path: Path) -> None:
    made = observation(issued="2021-03-05T10:00:00Z")
    del made["effectiveDateTime"]
    (found,) = record_of(tmp_path, made).observations
    assert str(found.start) == "2021-03-05"


# -- whose -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "is_read"),
    [("Patient/p1", True), ("urn:uuid:p1", True), ("https://h/fhir/Patient/p1", True),
     ("Patient/p1/_history/2", True), ("Group/p1", False), ("Device/p1", False)],
)  # fmt: skip
def test_only_a_reference_to_the_patient_is_one(
    reference: str, is_read: bool, tmp_path: Path
) -> None:
    made = condition(subject={"reference": reference})
    write_bundle(tmp_path, bundle(made, of=patient()))
    (record,), account = read(tmp_path)
    assert bool(record.conditions) == is_read
    assert bool(account.refused) == (not is_read)
