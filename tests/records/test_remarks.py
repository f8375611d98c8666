"""What a reader of a record of an earlier day is told that the record cannot say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import condition, observation, order, record_of, write_tables

from osler.records.remarks import remarks, unknown_then
from osler.records.view import view

LATER = observation(day="2021-03-04")


def told(folder: Path, day: str, *some: Any) -> tuple[str, ...]:
    return remarks(view(record_of(folder, *some, LATER), date.fromisoformat(day)))


def test_a_stopped_order_may_have_been_current_on_an_earlier_day(tmp_path: Path) -> None:
    (said,) = told(tmp_path, "2015-01-01", order(status="stopped"))
    assert said == (
        "The record goes on to 2021-03-04 and does not say when 1 medicine ended: what is told as "
        "past of these may have been current on 2015-01-01."
    )


def test_kinds_are_counted_apart(tmp_path: Path) -> None:
    ended = condition("7", "Past illness", clinicalStatus={"coding": [{"code": "resolved"}]})
    some = [order(status="stopped"), order("1", "warfarin", status="completed"), ended]
    (said,) = told(tmp_path, "2015-01-01", *some)
    assert "when 2 medicines and 1 condition ended" in said


@pytest.mark.parametrize(
    ("day", "status"),
    [("2021-03-04", "stopped"), ("2021-06-01", "stopped"), ("2015-01-01", "active")],
)
def test_nothing_is_said_where_the_present_status_is_that_of_the_day(
    day: str, status: str, tmp_path: Path
) -> None:
    assert told(tmp_path, day, order(status=status)) == ()


def test_nothing_is_said_where_the_record_knows_the_end(tmp_path: Path) -> None:
    from record_shapes import read

    tables = write_tables(tmp_path, {
        "medications": [{"START": "2010-01-01T10:00:00Z", "STOP": "2011-06-01T10:00:00Z"}],
        "observations": [{"DATE": "2021-01-01T10:00:00Z"}],
    })  # fmt: skip
    (record,), _ = read(tables)
    assert unknown_then(view(record, date(2015, 1, 1))) == ""
