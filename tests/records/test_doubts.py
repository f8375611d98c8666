"""What is read though something is the matter with it: remarked on with its place, never lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    bundle,
    condition,
    observation,
    patient,
    quantity,
    read,
    record_of,
    resource,
    write_bundle,
    write_tables,
)

from osler.records.render import as_text, render
from osler.records.view import last_day, view

BEFORE = "its date is before the patient's birth: told as written"
FAR = "its date is decades after all visits: kept, and told of no day before it"
NO_WORDS = "its code has no words: told by the code"


def visit(day: str, **parts: Any) -> dict[str, Any]:
    """An Encounter of a day."""
    kind = [{"coding": [{"system": "x", "code": "c", "display": "Check-up"}]}]
    return resource("Encounter", f"e-{day}", type=kind, period={"start": day}, **parts)


def remarks(folder: Path, *some: dict[str, Any]) -> list[str]:
    """What is remarked on in one bundle, of which nothing is refused or left out."""
    write_bundle(folder, bundle(*some))
    (record,), account = read(folder)
    assert record.size == len(some)
    assert account.refused == []
    return list(map(str, account.remarks))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("1950-01-01", BEFORE), ("1959", BEFORE), ("1960-05-20", ""), ("1960", ""),
        ("2035-01-01", ""), ("2201-03-04", FAR), ("2999-01-01", FAR), ("9999-12-31", FAR),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_remarked_on(day: str, why: str, tmp_path: Path) -> None:
    found = remarks(tmp_path, visit("2020-01-01"), condition(onsetDateTime=day))
    assert found == ([f"one.json: entry 3 (Condition): {why}"] if why else [])


def test_a_day_after_any_life_is_remarked_on_where_no_visit_is_known(tmp_path: Path) -> None:
    some = [observation(), observation(day="2060-01-01"), observation(day="2999-01-01")]
    assert remarks(tmp_path, *some) == [f"one.json: entry 4 (Observation): {FAR}"]


def test_a_day_long_after_the_death_is_remarked_on(tmp_path: Path) -> None:
    dead = patient(deceasedDateTime="2019-06-01")
    some = [observation(day="2019-06-20"), observation(day="2021-01-01")]
    write_bundle(tmp_path, bundle(*some, of=dead))
    (record,), account = read(tmp_path)
    assert len(record.observations) == 2
    assert [str(one) for one in account.remarks] == [
        "one.json: entry 3 (Observation): its date is more than a year after the patient's death: "
        "told as written"
    ]


@pytest.mark.parametrize(
    ("end", "impossible"), [("2013", True), ("2014", False), ("2014-01", False)]
)
def test_an_end_before_the_start_is_remarked_on_as_far_as_it_is_known(
    end: str, impossible: bool, tmp_path: Path
) -> None:
    found = remarks(tmp_path, condition(abatementDateTime=end))
    said = "one.json: entry 2 (Condition): it ends before it begins: told as written"
    assert found == ([said] if impossible else [])


def test_such_a_day_is_not_the_last_of_the_record(tmp_path: Path) -> None:
    some = [visit("2020-01-01"), observation(day="2021-05-06"), condition("1", "Gout")]
    late = condition("2", "Asthma", onsetDateTime="2999-01-01")
    record = record_of(tmp_path, *some, late)
    assert last_day(record) == date(2021, 5, 6)
    assert "Asthma" not in as_text(render(view(record, last_day(record))))


def test_tables_are_judged_alike(tmp_path: Path) -> None:
    rows = [
        {}, {"START": "1950-01-01"}, {"START": "2999-01-01"}, {"CODE": "1", "DESCRIPTION": ""},
    ]  # fmt: skip
    write_tables(tmp_path, {"encounters": [{}], "conditions": rows})
    (record,), account = read(tmp_path)
    assert len(record.conditions) == 4
    assert list(map(str, account.remarks)) == [
        f"conditions.csv:3: {BEFORE}", f"conditions.csv:4: {FAR}", f"conditions.csv:5: {NO_WORDS}",
    ]  # fmt: skip


def test_a_code_without_words_is_told_by_the_code(tmp_path: Path) -> None:
    bare = condition() | {
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}]}
    }
    assert remarks(tmp_path, bare) == [f"one.json: entry 2 (Condition): {NO_WORDS}"]
    write_bundle(tmp_path / "none", bundle(condition() | {"code": {}}))
    _, account = read(tmp_path / "none")
    assert list(map(str, account.refused)) == ["one.json: entry 2 (Condition): no code"]


def glucose(value: float, unit: str, hour: int = 8, day: str = "2021-03-04") -> dict[str, Any]:
    """A measurement of an hour."""
    at = f"{day}T{hour:02}:00:00-08:00"
    return observation(valueQuantity=quantity(value, unit), effectiveDateTime=at, id=f"o{value}")


@pytest.mark.parametrize("doubtful", [(900, "furlongs"), (92000, "mg/dL")])
def test_a_value_that_tells_nothing_is_not_the_latest_of_its_day(
    doubtful: tuple[float, str], tmp_path: Path
) -> None:
    some = [glucose(92, "mg/dL", 8), glucose(*doubtful, 9)]
    for folder, each in (("a", some), ("b", some[::-1])):
        (found,) = view(record_of(tmp_path / folder, *each, of=patient()), date(2022, 1, 1)).labs
        assert [one.value.value for one in found.values if not isinstance(one.value, str)] == [
            92, doubtful[0],
        ]  # fmt: skip
    (alone,) = view(
        record_of(tmp_path / "c", *some, glucose(7, "cubits", day="2021-03-05")), date(2022, 1, 1)
    ).labs
    assert str(alone.last.value) == "7 cubits", "of a day of its own it is the latest"
