"""Synthea's CSV tables -> records, in bounded memory.

Rows are sorted by patient in a temporary SQLite file, for tables come patient by patient but no
format promises it. https://github.com/synthetichealth/synthea/wiki/CSV-File-Data-Dictionary
"""

from __future__ import annotations

import csv
import gzip
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from pathlib import Path
from typing import IO, Any

import msgspec

from osler.records import synthea_entries as made
from osler.records.account import Account, NotReadable, Remark
from osler.records.entries import doubts, in_order
from osler.records.record import Person, Record
from osler.records.synthea_entries import Row

PATIENTS = "patients"
TABLES: dict[str, tuple[str, Callable[[Row, tzinfo, made.Names], Any]]] = {
    "conditions": ("conditions", made.condition),
    "medications": ("medicines", made.medicine),
    "allergies": ("allergies", made.allergy),
    "observations": ("observations", made.observation),
    "immunizations": ("immunizations", made.immunization),
    "procedures": ("procedures", made.procedure),
    "encounters": ("encounters", made.encounter),
    "careplans": ("care_plans", made.care_plan),
}
"""Table -> the record's field, and what makes an entry of a row. Other tables are ignored."""


def tables(folder: Path) -> dict[str, Path]:
    """The CSV files of a folder by the name of their table."""
    found = (p for p in sorted(folder.iterdir()) if p.name.endswith((".csv", ".csv.gz")))
    return {path.name.split(".")[0].lower(): path for path in found}


def read_tables(folder: Path, account: Account, zone: tzinfo | None = None) -> Iterator[Record]:
    """The records of all patients, in the order of patients.csv.

    `zone`: where the clinic is. Synthea writes times in UTC; a day is taken there.
    """
    with tempfile.TemporaryDirectory(prefix="osler-records-") as scratch:
        store = sqlite3.connect(Path(scratch) / "rows.sqlite")
        store.execute("PRAGMA journal_mode=OFF")
        store.execute("PRAGMA synchronous=OFF")
        store.execute("CREATE TABLE rows (patient TEXT, name TEXT, line INT, cells TEXT)")
        found = tables(folder)
        for name, path in found.items():
            _load(store, name, path, account)
        store.execute("CREATE INDEX by_patient ON rows (patient, name, line)")
        yield from _records(store, found, account, zone or UTC)
        store.close()


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _rows(path: Path, account: Account, name: str) -> Iterator[tuple[int, Row]]:
    """The rows of a table with their lines; one with too few or too many cells is refused."""
    with _opened(path) as file:
        reader = csv.reader(file)
        try:
            head = [cell.strip().upper() for cell in next(reader, [])]
            for cells in reader:
                place = f"{path.name}:{reader.line_num}"
                if len(cells) == len(head):
                    yield reader.line_num, dict(zip(head, cells, strict=True))
                elif cells:
                    said = f"{len(cells)} cells where the head has {len(head)}"
                    account.refused.append(Remark(place, said))
        except (csv.Error, OSError, EOFError):
            said = "not readable from here on"
            account.refused.append(Remark(f"{path.name}:{reader.line_num + 1}", said))


def _load(store: sqlite3.Connection, name: str, path: Path, account: Account) -> None:
    """Put the rows of a table in, or count them where it is not read."""
    read = name in TABLES or name in (PATIENTS, *made.NAMED)
    key = "ID" if name in (PATIENTS, *made.NAMED) else "PATIENT"

    def rows() -> Iterator[tuple[str, str, int, str]]:
        for line, row in _rows(path, account, name):
            if not read:
                account.ignored[name] += 1
            elif not row.get(key):
                account.refused.append(Remark(f"{path.name}:{line}", f"no {key}"))
            else:
                yield row[key], name, line, msgspec.json.encode(row).decode()

    store.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows())


def _records(
    store: sqlite3.Connection, found: dict[str, Path], account: Account, zone: tzinfo
) -> Iterator[Record]:
    """Patient by patient."""
    known: set[str] = set()
    names = made.Names(dict(_named(store, account)))
    select = "SELECT line, cells FROM rows WHERE name = ? ORDER BY line"
    for line, cells in store.execute(select, (PATIENTS,)).fetchall():
        place = f"{found[PATIENTS].name}:{line}"
        row: Row = msgspec.json.decode(cells)

        def add(row: Row = row) -> Person:
            if row["ID"] in known:
                raise NotReadable("a patient of this id was there already")
            return made.person(row)

        person = account.take(PATIENTS, place, add)
        if person is not None:
            known.add(person.id)
            yield _record(store, found, person, account, zone, names)
    _without_patient(store, found, account, known)


def _named(store: sqlite3.Connection, account: Account) -> Iterator[tuple[str, str]]:
    """Names of organizations and providers."""
    for name in made.NAMED:
        select = "SELECT patient, cells FROM rows WHERE name = ?"
        for one, cells in store.execute(select, (name,)):
            account.read[name] += 1
            yield one, msgspec.json.decode(cells).get("NAME", "")


def _record(
    store: sqlite3.Connection,
    found: dict[str, Path],
    person: Person,
    account: Account,
    zone: tzinfo,
    names: made.Names,
) -> Record:
    """One patient's rows of all tables."""
    entries: dict[str, list[Any]] = defaultdict(list)
    select = "SELECT name, line, cells FROM rows WHERE patient = ? ORDER BY name, line"
    for name, line, cells in store.execute(select, (person.id,)):
        if name in TABLES:
            field, make = TABLES[name]
            row = msgspec.json.decode(cells)
            place = f"{found[name].name}:{line}"
            entry = account.take(name, place, lambda row=row, make=make: make(row, zone, names))
            if entry is not None:
                entries[field].append(entry)
                account.remarks += (Remark(place, why) for why in doubts(entry))
    return Record(person, **{field: in_order(some) for field, some in entries.items()})


def _without_patient(
    store: sqlite3.Connection, found: dict[str, Path], account: Account, known: set[str]
) -> None:
    """Refuse the rows of patients that are in no row of patients.csv."""
    for patient, name, line in store.execute("SELECT patient, name, line FROM rows"):
        if name in TABLES and patient not in known:
            place = f"{found[name].name}:{line}"
            account.refused.append(Remark(place, "its patient was not read"))
