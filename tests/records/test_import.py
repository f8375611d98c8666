"""`osler records import`: bad input is named with its place, the rest goes on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    GOOD,
    bundle,
    condition,
    observation,
    order,
    patient,
    read,
    write_bundle,
    write_tables,
)


def test_it_says_what_was_read_ignored_and_refused(source: Path, out: Path, told: Any) -> None:
    p2 = {"reference": "Patient/p2"}
    wrong = condition(onsetDateTime="soon", subject=p2)
    broken = bundle({"resourceType": "Claim"}, wrong, of=patient("p2"))
    write_bundle(source, broken, "other.json")
    code, said, _ = told("import", source, "--out", out)
    assert code == 0
    assert "2 patients read from FHIR R4 bundles" in said
    assert "7 resources: 5 read, 1 ignored, 1 refused" in said
    assert "1  Claim" in said
    assert "other.json: entry 3 (Condition): onset is no date" in said


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps(GOOD).encode()[:-30], "it ends early, after "),
        (b"", "it is empty"),
        (b'{"resourceType": "Bundle", "entry": [}', "it is not JSON at byte 37"),
        (b'{"resourceType": "Patient"}', "it is no Bundle (its resourceType is Patient)"),
        (b'{"resourceType": "Bundle", "entry": 5}', "entry is a whole number, a list is expected"),
        (b'{"x": ' + b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_broken_bundle_is_refused_and_the_others_read(
    content: bytes, why: str, source: Path, out: Path, told: Any
) -> None:
    write_bundle(source, content, "bad.json")
    code, said, _ = told("import", source, "--out", out)
    assert code == 0
    assert "1 patient read" in said
    assert "5 resources: 4 read, 0 ignored, 1 refused" in said
    assert f"bad.json: the whole file is refused, {why}" in said


def test_a_resource_of_another_shape_is_refused_alone(source: Path) -> None:
    wrong = [observation(status=5), observation(valueQuantity={"value": "high"})]
    wrong.append(condition("1", ["Gout"]))  # pyright: ignore[reportArgumentType]
    write_bundle(source, bundle(*wrong, condition()), "good.json")
    (record,), account = read(source)
    assert len(record.conditions) == 1
    assert sorted(str(one) for one in account.refused) == [
        "good.json: entry 2 (Observation): status is a whole number, text is expected",
        "good.json: entry 3 (Observation): valueQuantity.value is text, a number is expected",
        "good.json: entry 4 (Condition): code.coding[0].display is a list, text is expected",
    ]


def test_an_entry_of_another_shape_is_refused_alone(source: Path) -> None:
    content = bundle(condition(), order())
    content["entry"] += [None, "words", {"fullUrl": 5}]
    write_bundle(source, content, "good.json")
    (record,), account = read(source)
    assert (record.size, account.total) == (2, 6)
    assert [str(one) for one in account.refused] == [
        "good.json: entry 4: it is null, an object is expected",
        "good.json: entry 5: it is text, an object is expected",
        "good.json: entry 6: fullUrl is a whole number, text is expected",
    ]


def test_a_bundle_without_entries_has_a_line(source: Path) -> None:
    write_bundle(source, b'{"resourceType": "Bundle"}', "none.json")
    (_,), account = read(source)
    assert [str(one) for one in account.remarks] == [
        "none.json: a Bundle without entries: nothing is read from it"
    ]


def test_letters_that_are_no_utf8_are_named(source: Path) -> None:
    content = json.dumps(bundle(condition(text="Menieres"), order())).encode()
    write_bundle(source, content.replace(b"Menieres", b"M\xe9ni\xe8res"), "good.json")
    (record,), account = read(source)
    assert len(record.medicines) == 1
    assert [one.place for one in account.refused] == ["good.json: entry 2 (Condition)"]
    assert "UTF-8" in account.refused[0].reason.upper()


def test_a_bundle_with_a_byte_order_mark_is_read(source: Path) -> None:
    write_bundle(source, b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), "good.json")
    records, account = read(source)
    assert (len(records), account.refused) == (1, [])


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b[:40] + b"\0" * 40 + b[80:]])
def test_a_damaged_gzip_is_named(damage: Any, source: Path, tmp_path: Path) -> None:
    write_bundle(source, damage(gzip.compress(json.dumps(GOOD).encode())), "bad.json.gz")
    records, account = read(source)
    assert len(records) == 1
    assert [one.place for one in account.refused] == ["bad.json.gz"]
    assert "copy it again" in account.refused[0].reason
    tables = write_tables(tmp_path / "csv", {"conditions": [{}]})
    table = tables / "conditions.csv"
    many = table.read_bytes() + b"2014-01-29,,p1,,1,Gout\r\n" * 50
    (tables / "conditions.csv.gz").write_bytes(damage(gzip.compress(many)))
    table.unlink()
    records, account = read(tables)
    assert len(records) == 1
    assert "not read from here on" in account.refused[0].reason


def test_a_truncated_row_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    tables = write_tables(tmp_path, {"conditions": [{}, {"CODE": "1"}, {"CODE": "2"}]})
    path = tables / "conditions.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[2] = "2014-01-29,,p1"
    path.write_text("\n".join(lines), "utf-8")
    (record,), account = read(tables)
    assert [c.code.value for c in record.conditions] == ["2", "38341003"]
    assert [str(r) for r in account.refused] == ["conditions.csv:3: 3 cells where the head has 6"]


@pytest.mark.parametrize("text", ["soon", "2021-13-01", "2021-02-30", "2021-3-4", "04.03.2021",
                                  "2021-W05-1T10:00:00Z"])  # fmt: skip
def test_a_date_that_is_none_is_named(text: str, tmp_path: Path) -> None:
    write_bundle(tmp_path / "fhir", bundle(condition(onsetDateTime=text), order()))
    (record,), account = read(tmp_path / "fhir")
    assert [str(one) for one in account.refused] == [
        "one.json: entry 2 (Condition): onset is no date"
    ]
    assert len(record.medicines) == 1
    (record,), account = read(
        write_tables(tmp_path / "csv", {"conditions": [{"START": text}], "medications": [{}]})
    )
    assert [str(one) for one in account.refused] == ["conditions.csv:2: START is no date"]
    assert len(record.medicines) == 1


def test_an_observation_without_value_is_named(tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(observation(valueQuantity={"unit": "mg/dL"}), observation()))
    (record,), account = read(tmp_path)
    assert len(record.observations) == 1
    assert account.refused[0].place == "one.json: entry 2 (Observation)"
    assert account.refused[0].reason.startswith("no value")


def test_an_unknown_unit_is_remarked_on_and_never_flagged(
    source: Path, out: Path, told: Any
) -> None:
    odd = observation(valueQuantity={"value": 900, "unit": "furlongs", "code": "furlongs"})
    write_bundle(source, bundle(odd), "good.json")
    code, said, _ = told("import", source, "--out", out)
    assert code == 0
    assert "good.json: entry 2 (Observation): a unit that is not known" in said
    code, said, _ = told("show", "p1", "--records", out)
    assert "Glucose: 900 furlongs on 2021-03-04\n" in said


def test_of_two_people_with_one_id_neither_is_read(tmp_path: Path) -> None:
    """The rows of the other tables may be of either: together they would be of nobody."""
    rows = [{}, {"Id": "p2"}, {"BIRTHDATE": "1999-01-01"}]
    tables = {"patients": rows, "conditions": [{}, {"PATIENT": "p2"}]}
    records, account = read(write_tables(tmp_path, tables))
    assert [(r.person.id, len(r.conditions)) for r in records] == [("p2", 1)]
    said = [str(one) for one in account.refused]
    assert [one.partition(": ")[0] for one in said] == [
        "patients.csv:2", "patients.csv:4", "conditions.csv:2",
    ]  # fmt: skip
    assert "line 4 is of another patient with the same id" in said[0]
    assert "give each an id" in said[0]


def test_what_ends_before_it_begins_is_read_with_a_remark(tmp_path: Path) -> None:
    rows = [{"START": "2014-01-29", "STOP": "2013-01-29"}, {"CODE": "2", "STOP": "2021-01-29"}]
    (record,), account = read(write_tables(tmp_path, {"conditions": rows}))
    assert len(record.conditions) == 2
    assert [str(one) for one in account.remarks] == [
        "conditions.csv:2: it ends before it begins: told as written"
    ]


def test_a_patient_whose_row_is_there_twice_is_read_once(tmp_path: Path) -> None:
    records, account = read(write_tables(tmp_path, {"patients": [{}, {}], "conditions": [{}]}))
    assert [(r.person.id, len(r.conditions)) for r in records] == [("p1", 1)]
    assert [str(one) for one in account.refused] == ["patients.csv:3: the same as line 2"]


def test_a_table_in_another_encoding_is_read_with_a_remark(tmp_path: Path) -> None:
    tables = write_tables(tmp_path, {"conditions": [{"DESCRIPTION": "Ménière"}, {"CODE": "2"}]})
    path = tables / "conditions.csv"
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    (record,), account = read(tables)
    assert len(record.conditions) == 2
    assert [one.place for one in account.remarks] == ["conditions.csv:2"]
    assert "not UTF-8" in account.remarks[0].reason


def test_many_faults_of_one_kind_do_not_hide_another(source: Path, out: Path, told: Any) -> None:
    some = [observation(id=f"o{n}", valueQuantity={}) for n in range(50)]
    write_bundle(source, bundle(*some, condition()), "many.json")
    write_bundle(source, b"{", "torn.json")
    write_bundle(source, bundle(of=patient("p3")), "good.json")
    code, said, _ = told("import", source, "--out", out)
    assert code == 0
    assert "many.json: entry 2 (Observation): no value" in said
    assert "(and 49 more like it in this file)" in said
    assert "torn.json: the whole file is refused" in said
    assert len(json.loads((out / "import.json").read_text("utf-8"))["refused"]) == 51


def test_two_people_of_one_bundle_with_one_id_are_neither_of_them_read(source: Path) -> None:
    """Nothing says whose a condition is: it must not become the other's."""
    content = bundle(patient(birthDate="1990-01-01"), condition())
    write_bundle(source, content, "two.json")
    write_bundle(source, bundle(of=patient("p2")), "good.json")
    records, account = read(source)
    assert [one.person.id for one in records] == ["p2"]
    assert account.total == 4
    said = "two people of this file have this id, and nothing says whose a resource is"
    assert sorted(map(str, account.refused)) == [
        f"two.json: entry 1 (Patient): {said}: neither is read; give each an id",
        f"two.json: entry 2 (Patient): {said}: neither is read; give each an id",
        "two.json: entry 3 (Condition): names no patient that was read from this file",
    ]


def test_files_that_are_no_text_of_ours_are_called_that(source: Path) -> None:
    write_bundle(source, json.dumps(GOOD).encode("utf-16"), "wide.json")
    large = b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation", '
    write_bundle(source, large + b'"valueQuantity": {"value": 1e999}}}]}', "large.json")
    (source / "folder.json").mkdir()
    (_,), account = read(source)
    assert [str(one) for one in account.refused] == [
        "large.json: entry 1 (Observation): valueQuantity.value is a number too large to be read",
        "wide.json: the whole file is refused, it is UTF-16: save it as UTF-8",
    ]
