"""Real Synthea patients are the same, read from bundles or from tables."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osler.records.record import Record

BENCH = Path(__file__).parents[2] / "bench" / "formats.py"
Pair = tuple[dict[str, Record], dict[str, Record]]


@pytest.fixture(scope="module")
def formats() -> Iterator[Any]:
    """The command that compares."""
    spec = importlib.util.spec_from_file_location("bench_formats", BENCH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def both(formats: Any, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The records of both formats."""
    bundles = formats.unpacked(shared_data, tmp_path_factory.mktemp("bundles"))
    tables = shared_data / "synthea" / "csv"
    return formats.records(bundles, formats.ZONE), formats.records(tables, formats.ZONE)


@pytest.mark.shared_data
def test_forty_patients_are_equal_but_for_what_a_format_does_not_carry(
    formats: Any, both: Pair
) -> None:
    found = formats.compare(*both)
    assert found.patients == 40
    assert found.different == []
    assert all(found.equal[kind] == 40 for kind in formats.KINDS)
    for kind in ("conditions", "medicines", "immunizations", "procedures", "encounters"):
        assert found.plain[kind] == 40
    assert set(found.allowances) == set(formats.ALLOWED)


@pytest.mark.shared_data
def test_the_comparison_sees_what_is_not_the_formats_doing(formats: Any, both: Pair) -> None:
    fhir, tables = both
    one = next(k for k in sorted(fhir.keys() & tables.keys()) if fhir[k].medicines)
    record = fhir[one]
    changes: list[dict[str, Any]] = [
        {"conditions": record.conditions[1:]},
        {"medicines": (replace(record.medicines[0], ended=not record.medicines[0].ended),)},
        {"observations": record.observations[:-1]},
        {"person": replace(record.person, sex="other")},
    ]
    for change in changes:
        found = formats.compare({one: replace(record, **change)}, tables)
        assert found.different == [f"{one}: {next(iter(change))}"]
