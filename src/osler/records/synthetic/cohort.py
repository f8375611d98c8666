"""A folder of patients who never were, written one by one."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from osler.disk import atomic_writer
from osler.records.account import Account
from osler.records.fhir import read_bytes
from osler.records.record import Record
from osler.records.synthetic.csv_tables import TableWriter
from osler.records.synthetic.fhir import bundle, clinic_bundle
from osler.records.synthetic.history import History
from osler.records.synthetic.simulate import history

UNTIL = date(2024, 12, 31)
"""The default end of all histories."""
FORMATS = ("fhir", "csv", "both")


@dataclass(slots=True)
class Written:
    """What was written."""

    entries: Counter[str] = field(default_factory=Counter[str])
    """By kind; `patients` among them."""
    files: int = 0


def synthesize(
    folder: Path,
    patients: int,
    seed: int,
    *,
    until: date = UNTIL,
    form: str = "both",
    zipped: bool = False,
    over: Callable[[range], Iterable[int]] = iter,
) -> Written:
    """Write patients 1 to `patients` of a seed into `folder/fhir` and `folder/csv`.

    `until`: the last day of every history. `zipped`: bundles as .json.gz. `over` goes through the
    numbers, under a progress bar perhaps. The same arguments give the same bytes.
    """
    done = Written()
    with ExitStack() as stack:
        tables = stack.enter_context(TableWriter(folder / "csv")) if form != "fhir" else None
        bundles = folder / "fhir" if form != "csv" else None
        if tables is not None:
            tables.clinics(seed)
        if bundles is not None:
            _write(bundles / f"clinics-{seed}.json", clinic_bundle(seed), zipped, done)
        for number in over(range(1, patients + 1)):
            made = history(seed, number, until)
            if tables is not None:
                tables.patient(made)
            if bundles is not None:
                _write(bundles / f"{file_name(made)}.json", bundle(made), zipped, done)
            _count(made, done.entries)
    return done


def cohort(patients: int, seed: int, *, until: date = UNTIL) -> Iterator[Record]:
    """Patients 1 to `patients` of a seed, as a reader of their bundles has them."""
    account = Account()
    for number in range(1, patients + 1):
        content = bundle(history(seed, number, until))
        yield from read_bytes(content, f"patient {number}", account)


def file_name(made: History) -> str:
    """A bundle's, as Synthea has it: the person's name and id."""
    who = made.who
    name = f"{who.given}_{who.family}".replace(" ", "_").replace("/", "_")
    return f"{name}_{who.id}"


def _write(path: Path, content: bytes, zipped: bool, done: Written) -> None:
    done.files += 1
    if zipped:
        # No time of writing in the head, so that the bytes are the same another day.
        content, path = gzip.compress(content, 6, mtime=0), path.with_name(f"{path.name}.gz")
    with atomic_writer(path, "wb") as out:
        out.write(content)


def _count(made: History, entries: Counter[str]) -> None:
    entries["patients"] += 1
    for name, several in (
        ("encounters", made.visits), ("conditions", made.problems), ("medicines", made.medicines),
        ("allergies", made.allergies), ("observations", made.measured),
        ("immunizations", made.shots), ("procedures", made.acts), ("care plans", made.plans),
        ("notes", made.papers),
    ):  # fmt: skip
        entries[name] += len(several)
