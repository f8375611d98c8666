"""Synthea's CSV tables -> records, in bounded memory.

Rows are sorted by patient in a temporary SQLite file, for tables come patient by patient but no
format promises it. https://github.com/synthetichealth/synthea/wiki/CSV-File-Data-Dictionary
"""

from __future__ import annotations

import difflib
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Container, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import msgspec

from osler.errors import DataError, OutOfRoom
from osler.records import synthea_entries as made
from osler.records.account import Account, NotReadable, Remark
from osler.records.doubts import Placed, possible, remarks_on
from osler.records.entries import in_order
from osler.records.record import Person, Record
from osler.records.synthea_rows import Row, rows

PATIENTS = "patients"
LOST = "\ufffd"
"""What stands for bytes that are no UTF-8."""
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
NOT_READ = (
    "claims", "claims_transactions", "devices", "imaging_studies", "patient_expenses", "payers",
    "payer_transitions", "supplies",
)  # fmt: skip
"""Synthea's tables that a record takes nothing from."""


def tables(folder: Path) -> dict[str, Path]:
    """The CSV files of a folder by the name of their table."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.lower().endswith((".csv", ".csv.gz")):
            name = path.name.split(".")[0].lower()
            if name in found:
                raise DataError(
                    f"{folder}: {found[name].name} and {path.name} are the same table.",
                    "Leave one of them there.",
                )
            found[name] = path
    return found


def read_tables(
    folder: Path, account: Account, zone: tzinfo | None = None, scratch: Path | None = None
) -> Iterator[Record]:
    """The records of all patients, in the order of patients.csv.

    `zone`: where the clinic is. Synthea writes times in UTC; a day is taken there.
    `scratch`: the folder for what is sorted, about the size of the tables; else where temporary
    files are. Raises OutOfRoom where it has no room.
    """
    with _sorted_rows(scratch) as store:
        found = tables(folder)
        for name, path in found.items():
            _load(store, name, path, account)
        store.execute("CREATE INDEX by_patient ON rows (patient, name, line)")
        account.remarks += _misnamed(found)
        yield from _records(store, found, account, zone or UTC)
        account.absent += _absent(store, found, account)


@contextmanager
def _sorted_rows(scratch: Path | None) -> Generator[sqlite3.Connection]:
    """A database for the rows of all tables, in a file without a name: a process that is killed
    leaves no patient's data behind."""
    with tempfile.TemporaryDirectory(prefix="osler-records-", dir=scratch) as folder:
        path = Path(folder) / "rows.sqlite"
        try:
            with closing(sqlite3.connect(path)) as store:
                store.execute("PRAGMA journal_mode=OFF")
                store.execute("PRAGMA synchronous=OFF")
                store.execute("CREATE TABLE rows (patient TEXT, name TEXT, line INT, cells TEXT)")
                path.unlink()
                yield store
        except sqlite3.OperationalError as fault:
            raise OutOfRoom(
                f"No room to sort the tables, in {path.parent.parent} or where temporary files "
                f"are ({fault}).",
                "Free some space there, lift a limit on the size of files (ulimit -f), or name a "
                "folder with room in TMPDIR; then run the same command again.",
            ) from None


def _misnamed(found: dict[str, Path]) -> Iterator[Remark]:
    """CSV files that are no table of Synthea's, by their names."""
    known = (PATIENTS, *TABLES, *made.NAMED, *NOT_READ)
    for name, path in found.items():
        if name not in known:
            near = difflib.get_close_matches(name, [n for n in known if n not in found], n=1)
            meant = f"; should it be {near[0]}.csv?" if near else ""
            yield Remark(
                path.name, f"no table of Synthea's has this name, so it is not read{meant}"
            )


def _absent(store: sqlite3.Connection, found: dict[str, Path], account: Account) -> Iterator[str]:
    """Tables that nothing was read from, and why."""
    loaded = {name for (name,) in store.execute("SELECT DISTINCT name FROM rows")}
    for name, (field, _) in TABLES.items():
        if account.read[name]:
            continue
        file = found.get(name)
        if file is None:
            why = "was not there"
        elif name in loaded or any(r.place.startswith(f"{file.name}:") for r in account.refused):
            why = "had no row that could be read"
        else:
            why = "had no rows"
        called = file.name if file else f"{name}.csv"
        part = field.replace("_", " ")
        yield f"{called} {why}: {part} are not known of any patient"


def _load(store: sqlite3.Connection, name: str, path: Path, account: Account) -> None:
    """Put the rows of a table in, or count them where it is not read."""
    read = name in TABLES or name in (PATIENTS, *made.NAMED)
    key = "ID" if name in (PATIENTS, *made.NAMED) else "PATIENT"

    def kept() -> Iterator[tuple[str, str, int, str]]:
        for line, row in rows(path, account, made.COLUMNS.get(name, ())):
            if not read:
                account.ignored[name] += 1
            elif not row[key]:
                account.refused.append(Remark(f"{path.name}:{line}", f"no {key}"))
            else:
                cells = msgspec.json.encode(row).decode()
                if LOST in cells:
                    said = f"not UTF-8: letters that are not are read as {LOST}"
                    account.remarks.append(Remark(f"{path.name}:{line}", said))
                yield row[key], name, line, cells

    store.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", kept())


def _records(
    store: sqlite3.Connection, found: dict[str, Path], account: Account, zone: tzinfo
) -> Iterator[Record]:
    """Patient by patient."""
    known: dict[str, int] = {}
    names = made.Names(dict(_named(store, account)))
    select = "SELECT line, cells FROM rows WHERE name = ? ORDER BY line"
    people: list[tuple[int, Row]] = [
        (line, msgspec.json.decode(cells)) for line, cells in store.execute(select, (PATIENTS,))
    ]
    named: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for line, row in people:
        named[row["ID"]].append((line, row))
    for line, row in people:
        place = f"{found[PATIENTS].name}:{line}"

        def add(line: int = line, row: Row = row, place: str = place) -> Person:
            for other, same in named[row["ID"]]:
                if same != row:
                    raise NotReadable(
                        f"line {other} is of another patient with the same id, and no row of the "
                        "other tables says whose it is: neither is read; give each an id"
                    )
                if other < line:
                    raise NotReadable(f"the same as line {other}")
            who, doubt = possible(made.person(row))
            account.remarks.extend([Remark(place, doubt)] if doubt else [])
            return who

        person = account.take(PATIENTS, place, add)
        if person is not None:
            known[person.id] = line
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
    placed: list[Placed] = []
    select = "SELECT name, line, cells FROM rows WHERE patient = ? ORDER BY name, line"
    for name, line, cells in store.execute(select, (person.id,)):
        if name in TABLES:
            field, make = TABLES[name]
            row = msgspec.json.decode(cells)
            place = f"{found[name].name}:{line}"
            entry = account.take(name, place, lambda row=row, make=make: make(row, zone, names))
            if entry is not None:
                entries[field].append(entry)
                placed.append((place, entry))
    account.remarks += remarks_on(person, placed)
    return Record(person, **{field: in_order(some) for field, some in entries.items()})


def _without_patient(
    store: sqlite3.Connection, found: dict[str, Path], account: Account, known: Container[str]
) -> None:
    """Refuse the rows of patients that are in no row of patients.csv."""
    for patient, name, line in store.execute("SELECT patient, name, line FROM rows"):
        if name in TABLES and patient not in known:
            place = f"{found[name].name}:{line}"
            said = f"its PATIENT is not among those read from {found[PATIENTS].name}"
            account.refused.append(Remark(place, said))
