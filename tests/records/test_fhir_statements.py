"""What patients state that they take (MedicationStatement): medicines, and none told twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from record_shapes import RXNORM, bundle, concept, order, read, record_of, statement, write_bundle

from osler.records.record import Record
from osler.records.render import Part, render
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.draft import draft
from osler.summaries.template import load_template

DAY = date(2022, 3, 4)
LISINOPRIL = "lisinopril 10 MG Oral Tablet"


def parts_of(record: Record, day: date = DAY) -> dict[str, Part]:
    return {part.name: part for part in render(view(record, day))}


def told(folder: Path, *some: Any, part: str = "medicines", day: date = DAY) -> list[str]:
    """The lines of a part."""
    found = parts_of(record_of(folder, *some), day)[part]
    return [line.text for line in found.lines]


def test_a_statement_is_told_with_dose_reason_and_start(tmp_path: Path) -> None:
    taken = statement(
        effectivePeriod={"start": "2020-05-01"}, dosage=[{"text": "one in the morning"}],
        reasonCode=[concept("38341003", "Hypertension (disorder)")],
    )  # fmt: skip
    assert told(tmp_path, taken) == [
        f"{LISINOPRIL}, one in the morning, for Hypertension, since 2020-05-01"
    ]


def test_the_medicine_may_be_a_resource_inside_or_beside(tmp_path: Path) -> None:
    code = concept("1", "warfarin 5 MG Oral Tablet", RXNORM)
    held = [{"resourceType": "Medication", "id": "m", "code": code}]
    inside, beside = (
        statement(one, medicationCodeableConcept=None, medicationReference={"reference": to}, **has)
        for one, to, has in (("1", "#m", {"contained": held}), ("2", "Medication/m2", {}))
    )
    other = {"resourceType": "Medication", "id": "m2", "code": concept("2", "timolol", RXNORM)}
    said = told(tmp_path, inside, beside, other)
    assert sorted(line.partition(",")[0] for line in said) == [
        "timolol", "warfarin 5 MG Oral Tablet",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "since"),
    [
        ({"effectiveDateTime": "2019-07"}, "2019-07"),
        ({"dateAsserted": "2021-02-03"}, "2021-02-03"),
        ({"effectivePeriod": {"end": "2030-01-01"}}, "an unknown date"),
        ({}, "an unknown date"),
    ],
)
def test_it_is_taken_since_what_is_said_of_that(
    parts: dict[str, Any], since: str, tmp_path: Path
) -> None:
    assert told(tmp_path, statement(**parts)) == [f"{LISINOPRIL}, since {since}"]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("active", LISINOPRIL),
        ("intended", f"{LISINOPRIL} (intended)"),
        ("on-hold", f"{LISINOPRIL} (on hold)"),
        ("unknown", f"{LISINOPRIL} (status unknown)"),
    ],
)
def test_the_status_is_told(status: str, name: str, tmp_path: Path) -> None:
    taken = statement(status=status, effectiveDateTime="2020-05-01")
    assert told(tmp_path, taken) == [f"{name}, since 2020-05-01"]


def test_what_was_taken_is_past(tmp_path: Path) -> None:
    some = [
        statement("1", "warfarin", status="stopped", effectiveDateTime="2018-01-01"),
        statement("2", "timolol", status="completed",
                  effectivePeriod={"start": "2019-01-01", "end": "2019-06-01"}),
        statement("3", "insulin", effectivePeriod={"start": "2021-01-01", "end": "2021-06-01"}),
    ]  # fmt: skip
    assert told(tmp_path, *some) == []
    assert told(tmp_path, *some, part="past_medicines") == [
        "insulin, 2021-01-01 to 2021-06-01", "timolol, 2019-01-01 to 2019-06-01",
        "warfarin, 2018-01-01, stopped",
    ]  # fmt: skip
    assert told(tmp_path, *some, day=date(2021, 3, 1)) == ["insulin, since 2021-01-01"]


def test_what_is_not_taken_or_was_an_error_is_no_medicine(tmp_path: Path) -> None:
    none = concept("no-medication-info", "No information about medications", "x")
    some = [
        statement("1", status="not-taken"), statement("2", status="entered-in-error"),
        statement("3", medicationCodeableConcept=none),
        statement("4", medicationCodeableConcept=None), statement("5"),
    ]  # fmt: skip
    write_bundle(tmp_path, bundle(*some))
    (record,), account = read(tmp_path)
    assert [one.code.value for one in record.medicines] == ["5"]
    assert account.ignored == {
        "MedicationStatement (not taken)": 1, "MedicationStatement (entered in error)": 1,
        "MedicationStatement (no known medicine stated)": 1,
    }  # fmt: skip
    assert [str(one) for one in account.refused] == [
        "one.json: entry 5 (MedicationStatement): no medication"
    ]
    assert account.read["MedicationStatement"] == 1
    (remark,) = map(str, account.remarks)
    assert remark.startswith("one.json: entry 2 (MedicationStatement): states that a medicine is")


# -- an order and a statement of one medicine ----------------------------------------------------

ORDER = order(dosageInstruction=[{"text": "one at night"}])
UNCODED = {"text": LISINOPRIL.upper()}
NDC = concept("00093111201", LISINOPRIL, "http://hl7.org/fhir/sid/ndc")


@pytest.mark.parametrize("medicine", [concept("314076", LISINOPRIL, RXNORM), UNCODED, NDC])
@pytest.mark.parametrize("start", ["2010-01-01", "2021-01-01"])
def test_what_is_ordered_and_stated_is_one_medicine_and_told_as_ordered(
    start: str, medicine: Any, tmp_path: Path
) -> None:
    taken = statement(medicationCodeableConcept=medicine, effectiveDateTime=start)
    record = record_of(tmp_path, ORDER, taken)
    (line,) = parts_of(record)["medicines"].lines
    assert line.text.startswith(f"{LISINOPRIL}, one at night, since {min(start, '2014-02-01')}")
    assert sorted(line.ids) == sorted(one.id for one in record.medicines)


def test_a_newer_statement_goes_on_where_the_order_was_stopped(tmp_path: Path) -> None:
    taken = statement(effectiveDateTime="2021-01-01", dosage=[{"text": "two a day"}])
    (line,) = told(tmp_path, order(status="stopped"), taken)
    assert line.startswith(f"{LISINOPRIL}, two a day, since ")


def test_a_statement_does_not_outlive_a_newer_order_that_was_stopped(tmp_path: Path) -> None:
    record = record_of(tmp_path, order(status="stopped"), statement(effectiveDateTime="2010-01-01"))
    assert not parts_of(record)["medicines"].lines
    assert len(parts_of(record)["past_medicines"].lines) == 1


def test_a_hold_is_told_whatever_is_stated(tmp_path: Path) -> None:
    taken = statement(effectiveDateTime="2021-01-01", dosage=[{"text": "two a day"}])
    (line,) = told(tmp_path, order(status="on-hold"), taken)
    assert line.startswith(f"{LISINOPRIL} (on hold), stated as taken: two a day, since ")


def test_an_order_goes_on_where_a_statement_has_ended(tmp_path: Path) -> None:
    past = statement(
        status="completed", effectivePeriod={"start": "2010-01-01", "end": "2011-01-01"}
    )
    assert told(tmp_path, ORDER, past) == [
        f"{LISINOPRIL}, one at night, since 2014-02-01 (first recorded 2010-01-01)"
    ]


@pytest.mark.parametrize("medicine", [concept("314076", LISINOPRIL, RXNORM), UNCODED, NDC])
def test_a_dose_that_is_stated_otherwise_is_told_and_remarked_on(
    medicine: Any, tmp_path: Path
) -> None:
    taken = statement(
        medicationCodeableConcept=medicine, effectiveDateTime="2021-01-01",
        dosage=[{"text": "20 mg twice a day"}],
    )  # fmt: skip
    write_bundle(tmp_path, bundle(ORDER, taken))
    (record,), account = read(tmp_path)
    assert [str(one) for one in account.remarks] == [
        "one.json: entry 3 (MedicationStatement): states another dose than the order of the "
        "medicine: both are told"
    ]
    (line,) = parts_of(record)["medicines"].lines
    said = f"{LISINOPRIL}, one at night, stated as taken: 20 mg twice a day, since 2014-02-01"
    assert line.text.startswith(said)
    seen, template = view(record, DAY), load_template()
    found = audit(draft(render(seen), template), ledger(seen), template)
    assert (found.findings, found.omissions) == ((), ())
    same = statement(dosage=[{"text": "One at  night."}])
    assert "stated" not in "".join(told(tmp_path / "same", ORDER, same))


def test_a_draft_that_tells_of_statements_passes_the_audit(tmp_path: Path) -> None:
    some = [
        ORDER, statement(effectiveDateTime="2010-01-01"),
        statement("855332", "warfarin sodium 5 MG Oral Tablet", effectiveDateTime="2012-01-01"),
        statement("855332", "warfarin sodium 5 MG Oral Tablet", id="again",
                  effectiveDateTime="2021-01-01"),
        statement("197361", "amlodipine 5 MG Oral Tablet", status="intended",
                  dateAsserted="2021-11-11"),
    ]  # fmt: skip
    seen = view(record_of(tmp_path, *some), DAY)
    template = load_template()
    found = audit(draft(render(seen), template), ledger(seen), template)
    assert found.findings == ()
    assert found.omissions == ()
