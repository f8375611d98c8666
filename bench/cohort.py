"""What a synthetic cohort is like, and what it takes: `python bench/cohort.py [--patients N]`.

Writes the cohort in both formats with `osler records synthesize` in a process of its own (wall and
processor seconds, peak memory), reads both back and compares every record, and prints how many
entries patients have, what is common, and how many have a latest value outside its range.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from osler.records.account import Account
from osler.records.fhir import read_bundles
from osler.records.record import Observation, Quantity, Record
from osler.records.synthea import read_tables
from osler.records.synthetic.notes import SOCIAL
from osler.records.synthetic.tables import tables


def write(folder: Path, patients: int, seed: int) -> dict[str, float]:
    """Wall and processor seconds and the peak of resident memory (MB) of the command."""
    command = [sys.executable, "-m", "osler", "records", "synthesize", "--out", str(folder)]
    command += ["--patients", str(patients), "--seed", str(seed)]
    begun = time.perf_counter()
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall seconds": round(time.perf_counter() - begun, 1),
        "processor seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak memory, MB": round(used.ru_maxrss / 1024),
    }


def size(record: Record) -> int:
    """Entries of a record."""
    groups = (record.conditions, record.medicines, record.allergies, record.observations,
              record.immunizations, record.procedures, record.encounters, record.care_plans,
              record.notes)  # fmt: skip
    return sum(map(len, groups))


def abnormal(record: Record) -> bool:
    """Whether the latest value of any laboratory measure is outside the range it came with."""
    latest: dict[str, Observation] = {o.code.value: o for o in record.observations}
    for one in latest.values():
        if one.category == "laboratory" and one.reference and isinstance(one.value, Quantity):
            low, high = one.reference.low, one.reference.high
            value = one.value.value
            if (low is not None and value < low) or (high is not None and value > high):
                return True
    return False


def describe(records: list[Record]) -> None:
    """Print the figures."""
    social = {tables().terms[key].code for key in SOCIAL}
    sizes = sorted(map(size, records))
    print(f"entries a patient: {sizes[0]} to {sizes[-1]}, median {statistics.median(sizes):.0f}")
    common: Counter[str] = Counter()
    for record in records:
        names = {c.code.value: c.code.text for c in record.conditions if not c.ended}
        common.update(code for code in names if code not in social)
    names = {term.code: term.text for term in tables().terms.values()}
    print("active conditions, share of all patients:")
    for code, number in common.most_common(15):
        print(f"  {100 * number / len(records):5.1f} %  {names[code]}")
    print(f"a latest laboratory value out of range: {share(map(abnormal, records)):.0f} %")
    print(f"any allergy: {share(bool(r.allergies) for r in records):.0f} %")
    print(f"died: {share(r.person.died is not None for r in records):.0f} %")


def share(found: Iterable[bool]) -> float:
    """Percent that are true."""
    values = list(found)
    return 100 * sum(values) / len(values)


def main() -> None:
    """Write, read, compare, describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "cohort"
        for name, value in write(folder, args.patients, args.seed).items():
            print(f"{name}: {value}")
        accounts = Account(), Account()
        bundles = sorted((folder / "fhir").iterdir())
        found = {r.person.id: r for r in read_bundles(bundles, accounts[0])}
        same = sum(found[r.person.id] == r for r in read_tables(folder / "csv", accounts[1]))
        refused = sum(len(account.refused) for account in accounts)
        print(f"equal in both formats: {same} of {len(found)}; refused: {refused}")
        describe(list(found.values()))


if __name__ == "__main__":
    main()
