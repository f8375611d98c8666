"""FHIR R4 bundles and bulk exports -> records, one file or one patient in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from osler.records import fhir_shapes as shapes
from osler.records.account import Account
from osler.records.fhir_files import heads_in, heads_of
from osler.records.fhir_known import Known
from osler.records.fhir_records import records_in
from osler.records.fhir_split import read_joined, survey
from osler.records.record import Record

PARTS: dict[str, tuple[type[shapes.Resource], ...]] = {
    "conditions": (shapes.Condition,),
    "medicines": (shapes.MedicationRequest, shapes.MedicationStatement),
    "allergies": (shapes.AllergyIntolerance,), "observations": (shapes.Observation,),
    "immunizations": (shapes.Immunization,), "procedures": (shapes.Procedure,),
    "encounters": (shapes.Encounter,), "care plans": (shapes.CarePlan,),
}  # fmt: skip
"""What a record has, and the kinds of resource that it comes from."""


def read_bundles(
    paths: list[Path], account: Account, zone: tzinfo | None = None
) -> Iterator[Record]:
    """The records of all patients. What cannot be read is refused in the account, the rest goes on.

    Files that have a patient in common are read as one. `zone`: where the clinic is; without it
    days are as written.
    """
    joined, kinds = survey(paths)
    account.absent += _absent(kinds)
    for path in paths:
        if path not in joined:
            yield from records_in(list(heads_of(path, account)), Known(zone), account)
    if joined:
        yield from read_joined([path for path in paths if path in joined], account, zone)


def _absent(kinds: set[type[shapes.Resource]]) -> Iterator[str]:
    """A line for each part of a record that no file has anything of."""
    for part, some in PARTS.items():
        if not kinds.intersection(some):
            names = " or ".join(kind.__name__ for kind in some)
            yield f"no {names} was there: {part} are not known of any patient"


def read_bytes(
    content: bytes, file: str, account: Account, zone: tzinfo | None = None
) -> list[Record]:
    """The records of a bundle's bytes; `file` is what its places are called."""
    return records_in(list(heads_in(content, file, account)), Known(zone), account)
