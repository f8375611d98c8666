"""Patients' records of a folder: FHIR bundles, Synthea's tables, or what an import has stored."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

import msgspec

from osler.disk import atomic_writer
from osler.errors import DataError
from osler.progress import progress
from osler.records.account import Account
from osler.records.fhir import read_bundles
from osler.records.record import Record
from osler.records.synthea import PATIENTS, read_tables, tables

Format = Literal["FHIR R4 bundles", "Synthea CSV tables", "imported records"]

INDEX = "import.json"
BUNDLES = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Stored:
    """A patient in the index of an import."""

    id: str
    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Index:
    """What an import wrote, and what became of all it saw."""

    format: str
    zone: str
    patients: tuple[Stored, ...]
    read: dict[str, int]
    ignored: dict[str, int]
    refused: tuple[str, ...]
    remarks: tuple[str, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A folder and what is in it."""

    folder: Path
    format: Format
    files: tuple[Path, ...] = field(default=())


def find(folder: Path) -> Source:
    """What kind of records a folder holds. Raises DataError for none, and for two kinds."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder.", "Give the folder with the records.")
    if (folder / INDEX).is_file():
        return Source(folder, "imported records")
    bundles = tuple(p for p in sorted(folder.iterdir()) if p.name.endswith(BUNDLES))
    has_tables = PATIENTS in tables(folder)
    if bundles and has_tables:
        raise DataError(
            f"{folder}: holds both FHIR bundles and CSV tables.",
            "Put them in folders of their own, or every patient would be there twice.",
        )
    if has_tables:
        return Source(folder, "Synthea CSV tables")
    if bundles:
        return Source(folder, "FHIR R4 bundles", bundles)
    below = [name for name in ("fhir", "csv") if (folder / name).is_dir()]
    raise DataError(
        f"{folder}: no FHIR bundles (*.json) and no patients.csv here.",
        f"Did you mean {folder / below[0]}?" if below else "Unpack an archive first.",
    )


def records_of(source: Source, account: Account, zone: tzinfo | None = None) -> Iterator[Record]:
    """The records of a folder, one patient at a time, each thing seen put into the account."""
    if source.format == "imported records":
        for stored in read_index(source.folder).patients:
            account.read["patients"] += 1
            yield load(source.folder, stored)
    elif source.format == "Synthea CSV tables":
        yield from read_tables(source.folder, account, zone)
    else:
        yield from read_bundles(list(source.files), account, zone)


def read_index(folder: Path) -> Index:
    """What an import left behind."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.DecodeError):
        raise DataError(
            f"{folder / INDEX}: not readable.", "Import the records again: osler records import."
        ) from None


def load(folder: Path, stored: Stored) -> Record:
    """A stored record; DataError where it is not the one that was stored."""
    path = folder / stored.file
    try:
        content = path.read_bytes()
    except OSError:
        raise DataError(f"{path}: not readable.", "Import the records again.") from None
    if hashlib.sha256(content).hexdigest() != stored.digest:
        raise DataError(f"{path}: changed since the import.", "Import the records again.")
    return msgspec.json.decode(content, type=Record)


def encode(record: Record) -> bytes:
    """A record as JSON, the same bytes for the same record."""
    return msgspec.json.encode(record)


def digest(record: Record) -> str:
    """SHA-256 of a record as it is stored."""
    return hashlib.sha256(encode(record)).hexdigest()


def store(source: Source, out: Path, account: Account, zone: tzinfo | None = None) -> Index:
    """Read a folder and write its records below `out`, all of them or nothing."""
    if out.exists() and not (out / INDEX).is_file():
        raise DataError(
            f"{out}: is there, and is no folder of an import.", "Give another folder with --out."
        )
    fresh = out.with_name(f".{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "patients").mkdir(parents=True, mode=0o700)
    fresh.chmod(0o700)
    found: list[Stored] = []
    count = len(source.files) or None
    for record in progress(records_of(source, account, zone), "patients", count):
        content = encode(record)
        name = hashlib.sha256(record.person.id.encode()).hexdigest()[:16]
        stored = Stored(
            record.person.id, f"patients/{name}.json", hashlib.sha256(content).hexdigest()
        )
        path = fresh / stored.file
        with path.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
        found.append(stored)
    index = Index(
        source.format, str(zone or "as written"), tuple(found), dict(account.read),
        dict(account.ignored), tuple(map(str, account.refused)), tuple(map(str, account.remarks)),
    )  # fmt: skip
    with atomic_writer(fresh / INDEX) as file:
        file.write(msgspec.json.format(msgspec.json.encode(index), indent=1).decode() + "\n")
    before = out.with_name(f".{out.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if out.exists():
        out.rename(before)
    fresh.rename(out)
    shutil.rmtree(before, ignore_errors=True)
    return index
