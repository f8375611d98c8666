"""What is told of a patient on a day: nothing later, all that is active, ages as people say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from record_shapes import (
    bundle,
    concept,
    condition,
    observation,
    order,
    patient,
    quantity,
    record_of,
    resource,
    write_bundle,
    write_tables,
)

from osler.records.moments import age, read_moment
from osler.records.render import as_text, render
from osler.records.view import View, last_day, view


def seen(folder: Path, on: str, *some: Any, of: Any = None) -> View:
    return view(record_of(folder, *some, of=of), date.fromisoformat(on))


def text(of: View) -> str:
    return as_text(render(of))


def test_nothing_is_told_that_was_later(tmp_path: Path) -> None:
    later = {"onsetDateTime": "2020-01-02"}
    some = [
        condition(), condition("1", "Gout", **later), order(authoredOn="2020-01-02T00:10:00-08:00"),
        observation(day="2020-01-01"), observation("718-7", "Hemoglobin", day="2020-01-02"),
        resource("Immunization", "i", status="completed", vaccineCode=concept("140", "Influenza"),
                 occurrenceDateTime="2020-06-01"),
        resource("AllergyIntolerance", "a", code=concept("2", "Latex"), recordedDate="2020-01-02"),
    ]  # fmt: skip
    before = text(seen(tmp_path, "2020-01-01", *some))
    assert "Hypertension" in before
    assert "Glucose" in before
    for word in ("Gout", "lisinopril", "Hemoglobin", "Influenza", "Latex"):
        assert word.lower() not in before.lower()
        assert word.lower() in text(seen(tmp_path, "2020-06-01", *some)).lower()


def test_an_active_condition_is_told_whenever_it_began(tmp_path: Path) -> None:
    old = condition(onsetDateTime="1979-03-03")
    assert "- Hypertension, since 1979-03-03" in text(seen(tmp_path, "2024-01-01", old))


def test_what_was_resolved_later_was_still_active(tmp_path: Path) -> None:
    ended = condition("1", "Gout", onsetDateTime="2019-01-01", abatementDateTime="2019-03-01")
    before, after = (seen(tmp_path, day, ended) for day in ("2019-02-28", "2019-03-01"))
    assert [c.last.code.text for c in before.conditions] == ["Gout"]
    assert before.resolved == ()
    assert after.conditions == ()
    assert "- Gout, 2019-01-01 to 2019-03-01" in text(after)


def test_an_illness_that_comes_again_is_active_since_its_return(tmp_path: Path) -> None:
    spells = (("2001-01-01", "2001-02-01"), ("2010-01-01", "2010-02-01"))
    some = [
        condition("1", "Sinusitis", onsetDateTime=start, abatementDateTime=end)
        for start, end in spells
    ]
    assert "- Sinusitis, since 2010-01-01" in text(seen(tmp_path, "2010-01-15", *some))
    assert "2010-01-01 to 2010-02-01 (2 times)" in text(seen(tmp_path, "2011-01-01", *some))


def test_resolved_conditions_come_by_recency(tmp_path: Path) -> None:
    some = [
        condition(
            str(n), f"Illness {n}", onsetDateTime=f"{n}-01-01", abatementDateTime=f"{n}-02-01"
        )
        for n in (2001, 2015, 2008)
    ]
    found = seen(tmp_path, "2020-01-01", *some)
    assert [c.last.code.value for c in found.resolved] == ["2015", "2008", "2001"]


def test_a_side_of_the_body_is_an_illness_of_its_own(tmp_path: Path) -> None:
    some = [
        condition("1", f"Fracture of {side} ankle", id=side, onsetDateTime=f"20{n}-01-01",
                  clinicalStatus=concept(status, ""))
        for side, n, status in (("left", 10, "resolved"), ("right", 12, "active"))
    ]  # fmt: skip
    found = seen(tmp_path, "2020-01-01", *some)
    assert [c.last.code.text for c in found.conditions] == ["Fracture of right ankle"]
    assert [c.last.code.text for c in found.resolved] == ["Fracture of left ankle"]


def test_stopped_medicines_are_past_and_current_ones_current(tmp_path: Path) -> None:
    found = seen(tmp_path, "2020-01-01", order(), order("1", "warfarin", status="stopped"))
    assert [m.last.code.text for m in found.medicines] == ["lisinopril 10 MG Oral Tablet"]
    assert "- warfarin, 2014-02-01, stopped" in text(found)


def test_the_dose_is_that_of_the_order_that_still_lasts(tmp_path: Path) -> None:
    old = order(dosageInstruction=[{"text": "one at night"}])
    new = order(id="m2", authoredOn="2016-01-01", status="stopped",
                dosageInstruction=[{"text": "three a day"}])  # fmt: skip
    said = text(seen(tmp_path, "2020-01-01", old, new))
    assert "lisinopril 10 MG Oral Tablet, one at night, since 2014-02-01" in said


def test_a_medicine_of_tables_was_current_until_it_was_stopped(tmp_path: Path) -> None:
    from record_shapes import read

    tables = write_tables(tmp_path, {"medications": [{"STOP": "2015-06-01T10:00:00Z"}]})
    (record,), _ = read(tables)
    assert view(record, date(2015, 5, 31)).medicines
    assert not view(record, date(2015, 6, 1)).medicines


@pytest.mark.parametrize(
    ("born", "on", "said"),
    [
        ("2020-05-20", "2020-05-20", "0 months"),
        ("2020-05-20", "2020-06-20", "1 month"),
        ("2020-05-20", "2022-05-19", "23 months"),
        ("2020-05-20", "2022-05-20", "2 years"),
        ("2020-02-29", "2021-02-28", "11 months"),
        ("2020-02-29", "2021-03-01", "12 months"),
        ("2000-02-29", "2022-02-28", "21 years"),
        ("2000-02-29", "2022-03-01", "22 years"),
        ("2000-02-29", "2024-02-29", "24 years"),
        ("1910-01-01", "2015-01-01", "105 years"),
    ],
)
def test_ages(born: str, on: str, said: str) -> None:
    assert age(date.fromisoformat(born), date.fromisoformat(on)) == said


def test_a_day_before_the_birth_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="birth"):
        seen(tmp_path, "1960-05-19")
    assert seen(tmp_path, "1960-05-20").age == "0 months"


def test_the_dead_have_the_age_they_reached(tmp_path: Path) -> None:
    whom = patient(deceasedDateTime="2020-02-02")
    told = "Died 2020-02-02 at age 59 years, female, born 1960-05-20"
    assert told in text(seen(tmp_path, "2024-01-01", of=whom))
    assert "Died" not in text(seen(tmp_path, "2020-02-01", of=whom))
    unknown = patient(deceasedBoolean=True)
    assert "Died, the day is not recorded" in text(seen(tmp_path, "2024-01-01", of=unknown))


def test_the_dead_take_no_medicines(tmp_path: Path) -> None:
    whom = patient(deceasedDateTime="2020-02-02")
    taken = order(authoredOn="2019-05-05")
    assert seen(tmp_path, "2020-02-01", taken, of=whom).medicines
    after = seen(tmp_path, "2024-01-01", taken, of=whom)
    assert not after.medicines
    assert len(after.past_medicines) == 1


def test_a_medicine_taken_again_after_years_is_taken_since_then(tmp_path: Path) -> None:
    orders = [
        order(id="a", authoredOn="2005-04-29", status="completed"),
        order(id="b", authoredOn="2020-11-05", status="completed"),
        order(id="c", authoredOn="2021-09-01"),
    ]
    said = text(seen(tmp_path, "2022-03-04", *orders))
    since = "since 2020-11-05 (first prescribed 2005-04-29, last prescribed 2021-09-01)"
    assert since in said


def test_the_last_day_is_that_of_the_latest_entry_of_any_kind(tmp_path: Path) -> None:
    allergy = resource(
        "AllergyIntolerance", "a", code=concept("2", "Latex"), recordedDate="2022-08-08"
    )
    record = record_of(tmp_path, condition(), allergy)
    assert last_day(record) == date(2022, 8, 8)
    assert last_day(record_of(tmp_path)) == date(1960, 5, 20)


@pytest.mark.parametrize(
    ("written", "zone", "day"),
    [
        ("2021-03-04T02:30:00Z", None, date(2021, 3, 4)),
        ("2021-03-04T02:30:00Z", "America/Los_Angeles", date(2021, 3, 3)),
        ("2021-03-04T23:30:00-08:00", "UTC", date(2021, 3, 5)),
        ("2021-03-04", "America/Los_Angeles", date(2021, 3, 4)),
        ("2021-03", None, date(2021, 3, 1)),
        ("2021", None, date(2021, 1, 1)),
    ],
)
def test_days_are_taken_where_the_clinic_is(written: str, zone: str | None, day: date) -> None:
    found = read_moment(written, ZoneInfo(zone) if zone else None)
    assert found.day == day
    assert str(found) == (written if "T" not in written else str(day))


@pytest.mark.parametrize("written", ["", "now", "2021-13", "2021-02-30", "20210304T10:00:00Z",
                                     "2021-03-04T25:00:00Z"])  # fmt: skip
def test_what_is_no_date_is_none(written: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day|hour|isoformat"):
        read_moment(written)


def test_a_time_beyond_the_calendar_is_no_date() -> None:
    with pytest.raises(ValueError, match="no date"):
        read_moment("0001-01-01T00:00:00+14:00", UTC)


SCRIPT = """
import sys
from datetime import date
from pathlib import Path
from osler.records.account import Account
from osler.records.folder import find, records_of
from osler.records.render import as_text, render
from osler.records.view import view
for record in records_of(find(Path(sys.argv[1])), Account()):
    sys.stdout.write(as_text(render(view(record, date(2022, 3, 4)))))
"""


def test_the_same_text_whatever_the_machines_zone_hashes_and_language(tmp_path: Path) -> None:
    parts = [{"code": concept("8480-6", "Systolic"), "valueQuantity": quantity(131, "mm[Hg]")}]
    write_bundle(
        tmp_path, bundle(condition(), order(), observation("1-1", "Panel", component=parts))
    )
    said: set[bytes] = set()
    for zone, seed, language in (("UTC", "1", "C"), ("Pacific/Kiritimati", "2", "C.UTF-8")):
        env = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": language}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
        said.add(subprocess.run(command, check=True, capture_output=True, env=env).stdout)
    assert len(said) == 1
    assert b"Hypertension" in next(iter(said))


def test_the_order_of_the_file_does_not_show_in_the_text(tmp_path: Path) -> None:
    some = [condition(str(n), f"Illness {n}") for n in range(6)] + [order(), observation()]
    forth, back = (json.dumps(bundle(*order_)) for order_ in (some, some[::-1]))
    assert forth != back
    assert text(seen(tmp_path / "a", "2022-01-01", *some)) == text(
        seen(tmp_path / "b", "2022-01-01", *some[::-1])
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [("8867-4", "vitals"), ("29463-7", "vitals"), ("72166-2", "answers"), ("2823-3", "labs")],
)
def test_what_is_measured_is_known_where_a_source_names_no_category(
    tmp_path: Path, code: str, kind: str
) -> None:
    """FHIR need not say of which category an Observation is, and some tables have no column."""
    value: dict[str, Any] = {"valueString": "Never smoker"}
    if kind != "answers":
        value = {"valueQuantity": quantity(70, "/min")}
    some = observation(code, "Some words", **value)
    del some["category"]
    found = seen(tmp_path, "2022-03-04", some)
    assert [one.last.code.value for one in getattr(found, kind)] == [code]
