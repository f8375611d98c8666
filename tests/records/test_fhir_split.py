"""One patient in several files, as searches and bulk exports write them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from record_shapes import (
    bundle,
    concept,
    condition,
    observation,
    order,
    patient,
    read,
    record_of,
    resource,
    write_bundle,
)

GOUT = condition("1", "Gout")


def page(*resources: dict[str, Any]) -> dict[str, Any]:
    """A bundle of a search, without the patient."""
    return {"resourceType": "Bundle", "type": "searchset",
            "entry": [{"resource": one} for one in resources]}  # fmt: skip


def lines(folder: Path, **files: list[Any]) -> Path:
    """A bulk export: `Condition=[...]` is Condition.ndjson."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, some in files.items():
        text = "".join(json.dumps(one) + "\n" for one in some)
        (folder / f"{name.replace('_', '.')}.ndjson").write_text(text, "utf-8")
    return folder


def of(one: str, made: dict[str, Any]) -> dict[str, Any]:
    """A resource of another patient."""
    key = "patient" if "patient" in made else "subject"
    return made | {key: {"reference": f"Patient/{one}"}, "id": f"{one}-{made['id']}"}


def test_two_bundles_of_one_patient_are_one_record(tmp_path: Path) -> None:
    write_bundle(tmp_path / "in", bundle(condition(), order()), "a.json")
    write_bundle(tmp_path / "in", bundle(GOUT, condition()), "b.json")
    write_bundle(tmp_path / "in", bundle(of=patient("p2")), "c.json")
    records, account = read(tmp_path / "in")
    assert [one.person.id for one in records] == ["p2", "p1"]
    assert records[1] == record_of(tmp_path / "whole", condition(), order(), GOUT)
    assert account.refused == account.remarks == []
    assert account.ignored == {"Patient (the same again)": 1, "Condition (the same again)": 1}
    assert account.total == 7


def test_pages_of_a_search_need_not_repeat_the_patient(tmp_path: Path) -> None:
    because = [{"reference": "urn:uuid:c-38341003"}]
    write_bundle(tmp_path / "in", page(observation(), order(reasonReference=because)), "1.json")
    write_bundle(tmp_path / "in", bundle(condition()), "2.json")
    (record,), account = read(tmp_path / "in")
    assert (len(record.observations), len(record.conditions)) == (1, 1)
    assert record.medicines[0].reason == record.conditions[0].code
    assert account.refused == []


def test_two_people_with_one_id_are_told_apart_by_their_files(tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(condition()), "a.json")
    write_bundle(tmp_path, bundle(GOUT, of=patient(birthDate="1931-01-01")), "b.json")
    write_bundle(tmp_path, bundle(of=patient(gender="male")), "c.json")
    (record,), account = read(tmp_path)
    assert [one.code.text for one in record.conditions] == ["Hypertension"]
    said = "a patient of this id was read from a.json already; this one is not, for the"
    cure = "is another: two people need two ids, or a folder each"
    assert [str(one) for one in account.refused] == [
        f"b.json: entry 1 (Patient): {said} day of birth {cure}",
        f"c.json: entry 1 (Patient): {said} sex {cure}",
        "b.json: entry 2 (Condition): is of a patient who was not read: another has the id",
    ]


@pytest.mark.parametrize("later", [patient(birthDate="1960"), patient(gender="unknown")])
def test_who_is_known_less_well_is_the_same_person(later: Any, tmp_path: Path) -> None:
    write_bundle(tmp_path, bundle(condition()), "a.json")
    write_bundle(tmp_path, bundle(GOUT, of=later | {"deceasedDateTime": "2020-01-01"}), "b.json")
    (record,), account = read(tmp_path)
    assert (len(record.conditions), account.refused) == (2, [])
    assert (record.person.sex, record.person.born_to) == ("female", "day")
    assert str(record.person.died) == "2020-01-01"


def test_of_two_versions_the_newer_is_read(tmp_path: Path) -> None:
    def version(status: str, **meta: str) -> dict[str, Any]:
        return condition(clinicalStatus=concept(status, status), meta=meta)

    newer = version("resolved", lastUpdated="2022-01-01T00:00:00Z")
    older = version("active", lastUpdated="2021-12-31T23:00:00-05:00")
    older["meta"]["lastUpdated"] = "2021-12-31T10:00:00-05:00"
    for folder, some in (("a", (older, newer)), ("b", (newer, older))):
        for number, one in enumerate(some):
            write_bundle(tmp_path / folder, bundle(one), f"{number}.json")
        (record,), account = read(tmp_path / folder)
        assert [one.ended for one in record.conditions] == [True]
        assert account.ignored["Condition (an older version)"] == 1
    for number, one in enumerate((version("active"), version("resolved"))):
        write_bundle(tmp_path / "c", bundle(one), f"{number}.json")
    (record,), account = read(tmp_path / "c")
    assert len(record.conditions) == 2
    assert "both are read" in account.remarks[0].reason


# -- bulk exports ------------------------------------------------------------------------------


def test_a_bulk_export_gives_the_records_of_its_bundles(tmp_path: Path) -> None:
    drug = {"resourceType": "Medication", "id": "med", "code": concept("2", "Aspirin")}
    request = order(medicationReference={"reference": "Medication/med"})
    people = [patient("p1"), patient("p2", birthDate="1990-01-01")]
    both = [of(one, made) for made in (condition(), GOUT) for one in ("p1", "p2")]
    folder = lines(
        tmp_path / "bulk", AllergyIntolerance=[], Condition_000=both[:2], Condition_001=both[2:],
        Medication=[drug], MedicationRequest=[of("p2", request)], Patient=people,
        Claim=[{"resourceType": "Claim", "id": "x"}],
    )  # fmt: skip
    records, account = read(folder)
    whole = [bundle(*(b for b in both if b["id"].startswith("p1")), of=people[0]),
             bundle(*(b for b in both if b["id"].startswith("p2")), of("p2", request), drug,
                    of=people[1])]  # fmt: skip
    for number, one in enumerate(whole):
        write_bundle(tmp_path / "bundles", one, f"{number}.json")
    assert records == read(tmp_path / "bundles")[0]
    assert account.refused == []
    assert account.ignored == {"Claim": 1}
    assert account.total == 9


def test_lines_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = lines(tmp_path, Patient=[patient()], Condition=[condition(), of("p9", GOUT)])
    with (folder / "Condition.ndjson").open("a", encoding="utf-8") as file:
        file.write('\n{"resourceType": "Condition", "id"\n')
    (record,), account = read(folder)
    assert len(record.conditions) == 1
    assert sorted(map(str, account.refused)) == [
        "Condition.ndjson:2 (Condition): names no patient that was read from these files",
        "Condition.ndjson:4: it ends early, after 34 bytes: copy it again",
    ]


def test_a_compressed_export_and_one_that_is_called_json(tmp_path: Path) -> None:
    some = [patient(), condition(), GOUT]
    text = "\n".join(map(json.dumps, some)).encode()
    write_bundle(tmp_path / "a", gzip.compress(text), "all.ndjson.gz")
    write_bundle(tmp_path / "b", text, "all.json")
    whole = record_of(tmp_path / "c", condition(), GOUT)
    for name in ("a", "b"):
        (record,), account = read(tmp_path / name)
        assert (record, account.refused, account.total) == (whole, [], 3)
    write_bundle(tmp_path / "a", gzip.compress(text)[:-12], "all.ndjson.gz")
    _, account = read(tmp_path / "a")
    assert any("gzip data end early: copy it again" in str(one) for one in account.refused)


def test_a_resource_may_stand_before_its_patient(tmp_path: Path) -> None:
    """And refer to it by the fullUrl, where the patient has an id of its own."""
    visit = resource(
        "Procedure", "p", status="completed", code=concept("1", "Spirometry"),
        performedDateTime="2019-05-05", subject={"reference": "urn:uuid:full"},
    )  # fmt: skip
    whole = page(visit, patient())
    whole["entry"][1]["fullUrl"] = "urn:uuid:full"
    write_bundle(tmp_path, whole, "a.json")
    write_bundle(tmp_path, page(condition()), "b.json")
    (record,), account = read(tmp_path)
    assert (len(record.procedures), len(record.conditions), account.refused) == (1, 1, [])
