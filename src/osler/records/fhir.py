"""FHIR R4 bundles and bulk exports -> records, one file or one patient in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from osler.records.account import Account
from osler.records.fhir_files import heads_in, heads_of
from osler.records.fhir_known import Known
from osler.records.fhir_records import records_in
from osler.records.fhir_split import read_joined, shared
from osler.records.record import Record


def read_bundles(
    paths: list[Path], account: Account, zone: tzinfo | None = None
) -> Iterator[Record]:
    """The records of all patients. What cannot be read is refused in the account, the rest goes on.

    Files that have a patient in common are read as one. `zone`: where the clinic is; without it
    days are as written.
    """
    joined = shared(paths)
    for path in paths:
        if path not in joined:
            yield from records_in(list(heads_of(path, account)), Known(zone), account)
    if joined:
        yield from read_joined([path for path in paths if path in joined], account, zone)


def read_bytes(
    content: bytes, file: str, account: Account, zone: tzinfo | None = None
) -> list[Record]:
    """The records of a bundle's bytes; `file` is what its places are called."""
    return records_in(list(heads_in(content, file, account)), Known(zone), account)
