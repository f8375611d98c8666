"""A resource that is there twice is read once; of two versions the newer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from record_shapes import bundle, concept, condition, observation, quantity, read, write_bundle

from osler.records.account import Account
from osler.records.record import Record


def both(folder: Path, *resources: dict[str, Any], urls: tuple[str, ...] = ()) -> Any:
    """The record and the account of one bundle; `urls` for the last entries."""
    content = bundle(*resources)
    for entry, url in zip(content["entry"][1:], urls, strict=False):
        entry["fullUrl"] = url
    write_bundle(folder, content)
    (record,), account = read(folder)
    return record, account


def test_a_resource_that_is_twice_in_a_bundle_is_read_once(tmp_path: Path) -> None:
    record, account = both(tmp_path, condition(), observation(), observation(), condition())
    assert (len(record.conditions), len(record.observations)) == (1, 1)
    assert account.ignored == {"Condition (the same again)": 1, "Observation (the same again)": 1}
    assert account.total == 5
    assert [one.place for one in account.remarks] == [
        "one.json: entry 4 (Observation)", "one.json: entry 5 (Condition)",
    ]  # fmt: skip
    assert {one.reason for one in account.remarks} == {
        "this resource is in the file already: it is read once"
    }


def test_one_full_url_is_one_resource_though_it_has_no_id(tmp_path: Path) -> None:
    some = [observation(), observation()]
    for one in some:
        del one["id"]
    record, account = both(tmp_path, *some, urls=("urn:uuid:a", "urn:uuid:a"))
    assert len(record.observations) == 1
    assert account.ignored == {"Observation (the same again)": 1}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"lastUpdated": "2021-12-31T10:00:00-05:00"}, {"lastUpdated": "2022-01-01T00:00:00Z"}),
        ({"versionId": "9"}, {"versionId": "10"}),
        ({"versionId": "2", "lastUpdated": "2021-01-01T00:00:00Z"},
         {"versionId": "1", "lastUpdated": "2022-01-01T00:00:00Z"}),
    ],
)  # fmt: skip
def test_of_two_versions_in_a_bundle_the_newer_is_read(
    older: Any, newer: Any, tmp_path: Path
) -> None:
    def version(status: str, meta: Any) -> dict[str, Any]:
        return condition(clinicalStatus=concept(status, status), meta=meta)

    some = [version("active", older), version("resolved", newer)]
    for folder, each in (("a", some), ("b", some[::-1])):
        record, account = both(tmp_path / folder, *each)
        assert [one.ended for one in record.conditions] == [True]
        assert account.ignored == {"Condition (an older version)": 1}
        assert "in another version: the newer is read" in account.remarks[0].reason


@pytest.mark.parametrize("meta", [{}, {"versionId": "x"}, {"versionId": 3}, "wrong"])
def test_two_that_differ_are_both_read_where_none_is_the_newer(meta: Any, tmp_path: Path) -> None:
    some = [observation(valueQuantity=quantity(value, "mg/dL")) for value in (92, 180)]
    some[1]["meta"] = meta
    found: tuple[Record, Account] = both(tmp_path, *some)
    assert len(found[0].observations) == 2
    assert ["says something else" in one.reason for one in found[1].remarks] == [True]


def test_ids_of_two_servers_are_two_resources(tmp_path: Path) -> None:
    some = [condition(id="1"), condition("1", "Gout", id="1")]
    for number, one in enumerate(some):
        one["meta"] = {"versionId": str(number)}
    urls = ("https://one.org/fhir/Condition/1", "https://two.org/fhir/Condition/1")
    record, account = both(tmp_path, *some, urls=urls)
    assert {one.code.text for one in record.conditions} == {"Hypertension", "Gout"}
    assert account.ignored == {}
