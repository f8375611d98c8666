"""Is a patient the same whichever format the record was read from?

Reads real Synthea patients from FHIR R4 bundles and from CSV tables, and says for every kind of
entry how many records are equal as they are, how many once it is allowed for what one of the two
formats does not carry, and how many times each of these allowances was made.

    python bench/formats.py                              # what OSLER_DATA has, 40 patients
    python bench/formats.py --fhir FOLDER --csv FOLDER --zone America/Los_Angeles

Ends with exit code 1 where a patient is not equal for another reason.
"""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from osler.records.account import Account
from osler.records.folder import find, records_of
from osler.records.record import Allergy, CarePlan, Entry, Observation, Person, Quantity, Record
from osler.records.view import QUALITY_OF_LIFE

ZONE = "America/Los_Angeles"
"""Where the patients of the shared data live: the offset of the times in their bundles."""
KINDS = (
    "person", "conditions", "medicines", "allergies", "observations", "immunizations",
    "procedures", "encounters", "care_plans",
)  # fmt: skip
ALLOWED = {
    "CSV rounds a quantity to one decimal": "observations",
    "FHIR rounds a quantity to five digits": "observations",
    "CSV alone has QALY, DALY and QOLS": "observations",
    "CSV takes the commas out of text": "observations",
    "CSV calls the question for the address laboratory": "observations",
    "CSV has two reactions of an allergy that has more": "allergies",
    "CSV has no marital status of the unmarried young, FHIR writes never married": "person",
    "FHIR leaves out the reason of a care plan": "care_plans",
}
"""What may differ, and in which kind: nothing else may. Fields that only one format has at all
(language, dose, notes, the county's name, when a medicine was stopped, activities, words beside
a code) do not take part in the comparison of records: `compare=False` in osler.records.record."""
ADDRESS = "56799-0"


@dataclass(slots=True)
class Compared:
    """What came of the comparison."""

    patients: int = 0
    plain: Counter[str] = field(default_factory=Counter)
    """Patients that are equal as they are, by kind."""
    equal: Counter[str] = field(default_factory=Counter)
    """With allowances, by kind."""
    allowances: Counter[str] = field(default_factory=Counter)
    """How many entries needed each."""
    patients_with: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    different: list[str] = field(default_factory=list)
    """Patients and kinds that differ for another reason."""


def compare(fhir: dict[str, Record], csv: dict[str, Record]) -> Compared:
    """All patients that are in both."""
    found = Compared()
    for one in sorted(fhir.keys() & csv.keys()):
        found.patients += 1
        for kind in KINDS:
            a, b = getattr(fhir[one], kind), getattr(csv[one], kind)
            found.plain[kind] += a == b
            used = [] if a == b else differences(kind, a, b)
            if used is None:
                found.different.append(f"{one}: {kind}")
                continue
            found.equal[kind] += 1
            found.allowances.update(used)
            for why in used:
                found.patients_with[why].add(one)
    return found


def differences(kind: str, fhir: Any, csv: Any) -> list[str] | None:
    """The allowances that make the two equal, one for each entry; None where nothing does."""
    if kind == "person":
        return _people(fhir, csv)
    used: list[str] = []
    if kind == "observations":
        used += [
            "CSV alone has QALY, DALY and QOLS" for o in csv if o.code.value in QUALITY_OF_LIFE
        ]
        csv = [o for o in csv if o.code.value not in QUALITY_OF_LIFE]
    if len(fhir) != len(csv):
        return None
    check = {"observations": _values, "allergies": _reactions, "care_plans": _reasons}.get(kind)
    for a, b in zip(_paired(fhir), _paired(csv), strict=True):
        if without_id(a) == without_id(b):
            continue
        why = check(a, b) if check else None
        if why is None:
            return None
        used += why
    return used


def _paired(entries: Sequence[Entry]) -> list[Entry]:
    """In an order that rounding does not change: time and code, then the value as a number."""

    def key(entry: Entry) -> tuple[Any, ...]:
        value = getattr(entry, "value", None)
        size = value.value if isinstance(value, Quantity) else 0.0
        return (*entry.start.order, entry.code.system, entry.code.value, size)

    return sorted(entries, key=key)


def without_id(entry: Entry) -> Entry:
    """Ids number what is alike, in an order that a rounded value may change."""
    return replace(entry, id="")


def _people(fhir: Person, csv: Person) -> list[str] | None:
    if fhir.marital == "never married" and not csv.marital and replace(fhir, marital="") == csv:
        return ["CSV has no marital status of the unmarried young, FHIR writes never married"]
    return None


def _values(fhir: Observation, csv: Observation) -> list[str] | None:
    """Two observations of one code and instant."""
    used: list[str] = []
    if fhir.code.value == ADDRESS and (fhir.category, csv.category) == ("survey", "laboratory"):
        used.append("CSV calls the question for the address laboratory")
        csv = replace(csv, category="survey")
    why = "".join(_rounding(fhir.value, csv.value))
    if why:
        used.append(why)
        csv = replace(csv, value=fhir.value)
    return used if without_id(fhir) == without_id(csv) else None


def _rounding(fhir: Quantity | str, csv: Quantity | str) -> Iterator[str]:
    """Why two values are one."""
    if isinstance(fhir, str) and isinstance(csv, str):
        if fhir != csv and _words(fhir) == _words(csv):
            yield "CSV takes the commas out of text"
    elif isinstance(fhir, Quantity) and isinstance(csv, Quantity) and fhir != csv:
        if fhir.unit == csv.unit and abs(fhir.value - csv.value) <= 0.05 + 1e-9:
            yield "CSV rounds a quantity to one decimal"
        elif fhir.unit == csv.unit and fhir.value == float(f"{csv.value:.5g}"):
            yield "FHIR rounds a quantity to five digits"


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _reactions(fhir: Allergy, csv: Allergy) -> list[str] | None:
    if replace(fhir, id="", reactions=()) != replace(csv, id="", reactions=()):
        return None
    more = len(fhir.reactions) > len(csv.reactions) == 2
    if more and set(csv.reactions) <= set(fhir.reactions):
        return ["CSV has two reactions of an allergy that has more"]
    return None


def _reasons(fhir: CarePlan, csv: CarePlan) -> list[str] | None:
    if replace(fhir, id="", reasons=()) != replace(csv, id="", reasons=()):
        return None
    if len(csv.reasons) == 1 and not fhir.reasons:
        return ["FHIR leaves out the reason of a care plan"]
    return None


def records(folder: Path, zone: str) -> dict[str, Record]:
    """The records of a folder by patient."""
    read = records_of(find(folder), Account(), ZoneInfo(zone))
    return {record.person.id: record for record in read}


def unpacked(data: Path, into: Path) -> Path:
    """The bundles of the shared data, unpacked."""
    with tarfile.open(data / "synthea" / "fhir_r4_bundles.tar.xz") as archive:
        archive.extractall(into, filter="data")
    return next(into.rglob("*.json")).parent


def show(found: Compared) -> None:
    """As two tables."""
    table = Table(title=f"{found.patients} patients in both formats")
    for column in ("", "equal as they are", "equal with allowances"):
        table.add_column(column, justify="right" if column else "left")
    for kind in KINDS:
        table.add_row(kind.replace("_", " "), str(found.plain[kind]), str(found.equal[kind]))
    told = Table(title="what one of the formats does not carry")
    for column in ("", "entries", "patients"):
        told.add_column(column, justify="right" if column else "left")
    for why in ALLOWED:
        told.add_row(why, f"{found.allowances[why]:,}", str(len(found.patients_with[why])))
    console = Console(width=110)
    console.print(table, told)
    for line in found.different:
        console.print(f"different: {line}")


def main(words: Iterable[str] | None = None) -> int:
    """Compare and print; 1 where two records are not equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fhir", type=Path, metavar="FOLDER", help="bundles")
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help="tables")
    parser.add_argument("--zone", default=ZONE, metavar="NAME", help=f"default: {ZONE}")
    args = parser.parse_args(None if words is None else list(words))
    data = os.environ.get("OSLER_DATA")
    if not (args.fhir and args.csv) and not data:
        parser.error("give --fhir and --csv, or set OSLER_DATA")
    with tempfile.TemporaryDirectory() as scratch:
        bundles = args.fhir or unpacked(Path(data or ""), Path(scratch))
        tables = args.csv or Path(data or "") / "synthea" / "csv"
        found = compare(records(bundles, args.zone), records(tables, args.zone))
    show(found)
    return int(bool(found.different) or not found.patients)


if __name__ == "__main__":
    sys.exit(main())
