"""Patients' records of a folder: FHIR bundles, Synthea's tables, or what an import has stored."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

import msgspec

from osler.disk import atomic_writer, folder_beside
from osler.errors import DataError
from osler.progress import progress
from osler.records.account import Account, told
from osler.records.fhir import read_bundles
from osler.records.fhir_files import BUNDLES, LINES, has_lines
from osler.records.names import counted, one_line
from osler.records.record import Record
from osler.records.synthea import PATIENTS, read_tables, tables

Format = Literal["FHIR R4 bundles", "Synthea CSV tables", "imported records"]

INDEX = "import.json"
FHIR = (*BUNDLES, *LINES)
NAMED = 5
"""How many folders that are not read are named."""
SHOWN = 20
"""How many refused places are printed."""
AGAIN = "Import the records again: osler records import FOLDER."


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
    absent: tuple[str, ...] = ()
    """Tables that no patient has anything from."""
    not_read: tuple[str, ...] = ()
    """Files that no reader is for, and folders within."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A folder and what is in it."""

    folder: Path
    format: Format
    files: tuple[Path, ...] = field(default=())
    not_read: tuple[str, ...] = field(default=())
    """A line for each kind of file that no reader is for, and for folders within."""


def find(folder: Path) -> Source:
    """What kind of records a folder holds. Raises DataError for none, and for two kinds."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "no such folder"
        raise DataError(f"{folder}: {what}.", "Give the folder with the records.")
    if (folder / INDEX).is_file():
        return Source(folder, "imported records")
    try:
        bundles = tuple(
            path
            for path in sorted(folder.iterdir())
            if path.name.lower().endswith(FHIR) and not path.is_dir()
        )
        csv = tables(folder)
        not_read = _not_read(folder, {*bundles, *csv.values()})
    except OSError as fault:
        raise DataError(f"{folder}: cannot be opened ({fault.strerror}).") from None
    has_tables = PATIENTS in csv
    if bundles and has_tables:
        raise DataError(
            f"{folder}: holds both FHIR bundles and CSV tables.",
            "Put them in folders of their own, or every patient would be there twice.",
        )
    if has_tables:
        return Source(folder, "Synthea CSV tables", not_read=not_read)
    if bundles:
        return Source(folder, "FHIR R4 bundles", bundles, not_read)
    below = [str(folder / name) for name in ("fhir", "csv") if (folder / name).is_dir()]
    cure = "Give the folder that holds them; an archive must be unpacked first."
    there = f" What is here: {', '.join(not_read)}." if not_read else ""
    raise DataError(
        f"{folder}: no FHIR bundles (*.json, *.json.gz, *.ndjson) and no patients.csv here.{there}",
        f"Did you mean {' or '.join(below)}?" if below else cure,
    )


def _not_read(folder: Path, taken: Collection[Path]) -> tuple[str, ...]:
    """`2 files .pdf`, `1 folder: old`: what would be left out without a word."""
    others = [path for path in sorted(folder.iterdir()) if path not in taken]
    kinds = Counter(_ending(path) for path in others if not path.is_dir())
    inside = [one_line(path.name) for path in others if path.is_dir()]
    said = [f"{counted(number, 'file')} {kind}" for kind, number in sorted(kinds.items())]
    if inside:
        more = f" and {len(inside) - NAMED:,} more" if len(inside) > NAMED else ""
        said.append(f"{counted(len(inside), 'folder')}: {', '.join(inside[:NAMED])}{more}")
    return tuple(said)


def _ending(path: Path) -> str:
    """`.pdf`, `.txt.gz`."""
    both = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else ""
    return one_line(f"{both}{path.suffix}").lower() or "without an ending"


def records_of(
    source: Source, account: Account, zone: tzinfo | None = None, scratch: Path | None = None
) -> Iterator[Record]:
    """The records of a folder, one patient at a time, each thing seen put into the account.

    `scratch`: where large tables may be sorted; else where temporary files are.
    """
    if source.format == "imported records":
        index = read_index(source.folder)
        account.absent += index.absent
        for stored in index.patients:
            try:
                record = load(source.folder, stored)
            except DataError as fault:
                account.damaged[stored.id] = f"{fault.message} Not read. {fault.cure}"
            else:
                account.read["patients"] += 1
                yield record
    elif source.format == "Synthea CSV tables":
        yield from read_tables(source.folder, account, zone, scratch)
    else:
        yield from read_bundles(list(source.files), account, zone)


def read_index(folder: Path) -> Index:
    """What an import left behind."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except OSError as fault:
        raise DataError(
            f"{folder / INDEX}: cannot be opened ({fault.strerror}).", "Check its permissions."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DataError(f"{folder / INDEX}: not the index of an import.", AGAIN) from None


def load(folder: Path, stored: Stored) -> Record:
    """A stored record; DataError where it is not the one that was stored."""
    path = folder / stored.file
    try:
        content = path.read_bytes()
    except OSError as fault:
        cure = "Check its permissions." if isinstance(fault, PermissionError) else AGAIN
        raise DataError(f"{path}: cannot be opened ({fault.strerror}).", cure) from None
    if hashlib.sha256(content).hexdigest() != stored.digest:
        raise DataError(f"{path}: changed since the import.", AGAIN)
    try:
        return msgspec.json.decode(content, type=Record)
    except msgspec.DecodeError:
        raise DataError(f"{path}: written by another version of Osler.", AGAIN) from None


def encode(record: Record) -> bytes:
    """A record as JSON, the same bytes for the same record."""
    return msgspec.json.encode(record)


def digest(record: Record) -> str:
    """SHA-256 of a record as it is stored."""
    return hashlib.sha256(encode(record)).hexdigest()


def store(source: Source, out: Path, account: Account, zone: tzinfo | None = None) -> Index:
    """Read a folder and write its records below `out`, all of them or nothing.

    What an earlier import has left there is replaced at the end. Raises DataError where nothing
    could be read, and leaves the earlier import alone.
    """
    if source.format == "imported records":
        raise DataError(
            f"{source.folder}: these records are imported already.",
            "Use them with --records, or give the folder that they came from.",
        )
    out = out.resolve()
    _refuse_to_lose(out)
    with folder_beside(out) as fresh:
        (fresh / "patients").mkdir(mode=0o700)
        index = _write(source, fresh, account, zone)
        _refuse_to_lose(out)  # again, for reading may have taken hours
        _swap(fresh, out)
    return index


OURS = re.compile(r"import\.json|patients|patients/[0-9a-f]{16}\.json")
"""What an import writes."""


def _refuse_to_lose(out: Path) -> None:
    """Raise DataError where something is in the folder that no import has written."""
    if not out.exists():
        return
    if not out.is_dir():
        raise DataError(f"{out}: is a file.", "Give a folder with --out.")
    for path in sorted(out.rglob("*")):
        if not OURS.fullmatch(path.relative_to(out).as_posix()):
            raise DataError(
                f"{path}: no import has written this, and it would be lost with {out}.",
                "Move it elsewhere, or give another folder with --out.",
            )


def _write(source: Source, fresh: Path, account: Account, zone: tzinfo | None) -> Index:
    """All records and the index, into a new folder."""
    found: list[Stored] = []
    count = None if any(map(has_lines, source.files)) else len(source.files) or None
    records = records_of(source, account, zone, fresh)
    for record in progress(records, "patients", count):
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
    if not found:
        raise DataError(f"{source.folder}: no patient could be read.", first_refused(account))
    index = Index(
        source.format, str(zone or "as written"), tuple(found), dict(account.read),
        dict(account.ignored), tuple(map(str, account.refused)), tuple(map(str, account.remarks)),
        tuple(account.absent), source.not_read,
    )  # fmt: skip
    with atomic_writer(fresh / INDEX, private=True) as file:
        file.write(msgspec.json.format(msgspec.json.encode(index), indent=1).decode() + "\n")
    return index


def first_refused(account: Account) -> str:
    """The first places that were refused, where nothing could be read."""
    return "\n".join([*list(account.damaged.values())[:SHOWN], *told(account.refused, SHOWN)])


def _swap(fresh: Path, out: Path) -> None:
    """Put what is in a new folder in the place of what an import wrote before.

    The one before goes in among what is removed at the end.
    """
    whole = fresh / "whole"
    whole.mkdir(mode=0o700)
    for path in ((fresh / "patients"), (fresh / INDEX)):
        path.rename(whole / path.name)
    if out.exists():
        out.rename(fresh / "before")
    whole.rename(out)
