"""Reading and writing out 1,000 patients within the bounds: 60 s on two cores, 1 GB.

Makes the synthetic cohort (or takes one), then measures in processes of their own: the import of
both formats, the rendering and fitting of all imported patients to a budget of tokens, and the
reading of one bundle of 200 MB. Wall clock, processor seconds and peak resident memory of each.

    python bench/records_bounds.py [--patients 1000] [--cohort FOLDER] \
        [--out bench/results/records_bounds.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from osler.disk import write_json
from osler.run import installed_versions, now

BUDGET = 2048
SECONDS, BYTES = 60.0, 1e9
"""The bounds on import and rendering together, of 1,000 patients."""
LARGE = 200_000_000
"""Bytes of the one large bundle."""


# -- what a child does -------------------------------------------------------------------------


def child_import(folder: str, out: str) -> dict[str, Any]:
    """Import a folder."""
    from osler.records.account import Account
    from osler.records.folder import find, store

    account = Account()
    index = store(find(Path(folder)), Path(out), account)
    return {
        "patients": len(index.patients), "seen": account.total, "read": account.read.total(),
        "ignored": account.ignored.total(), "refused": len(account.refused),
    }  # fmt: skip


def child_render(folder: str, _: str) -> dict[str, Any]:
    """Render every imported patient on the last day of the record, and fit it to the budget."""
    from osler.commands.records import counter
    from osler.records.account import Account
    from osler.records.fit import fit
    from osler.records.folder import find, records_of
    from osler.records.render import as_text, render
    from osler.records.view import last_day, view

    count = counter("nano")
    found: dict[str, Any] = {"patients": 0, "entries": 0, "longest": 0, "over": 0, "shortened": 0}
    spent = {"load": 0.0, "render": 0.0, "fit": 0.0}
    begun = time.process_time()
    for record in records_of(find(Path(folder)), Account()):
        loaded = time.process_time()
        parts = render(view(record, last_day(record)))
        text = as_text(parts)
        rendered = time.process_time()
        fitted = fit(parts, BUDGET, count)
        done = time.process_time()
        for key, seconds in zip(
            spent, (loaded - begun, rendered - loaded, done - rendered), strict=True
        ):
            spent[key] += seconds
        found["patients"] += 1
        found["entries"] += record.size
        found["over"] += not fitted.fits
        found["shortened"] += bool(fitted.left_out or fitted.shortened)
        if len(text) > found["longest"]:
            found |= {"longest": len(text), "longest_tokens": count([text])[0]}
        begun = time.process_time()
    spent_s = {f"{key}_cpu_s": round(seconds, 1) for key, seconds in spent.items()}
    return found | spent_s | {"budget": BUDGET}


def child_large(folder: str, _: str) -> dict[str, Any]:
    """Read one bundle."""
    from osler.records.account import Account
    from osler.records.folder import find, records_of

    account = Account()
    sizes = [record.size for record in records_of(find(Path(folder)), account)]
    return {"patients": len(sizes), "entries": sum(sizes), "seen": account.total}


CHILDREN = {"import": child_import, "render": child_render, "large": child_large}


# -- measuring ---------------------------------------------------------------------------------


def measured(child: str, folder: Path, out: Path) -> dict[str, Any]:
    """What a child found, with its seconds and its peak memory."""
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--child", child, str(folder), str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    wall = time.perf_counter() - begun
    return {"wall_s": round(wall, 1)} | json.loads(done.stdout.splitlines()[-1])


def report(found: dict[str, Any]) -> None:
    """Print a child's finding with what it took. `ru_maxrss` is in kB on Linux."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6),
    }
    print(json.dumps(taken | found))


def write_large(path: Path, size: int) -> None:
    """One patient's bundle of so many bytes: observations, and resources that are not read."""
    patient = {"resourceType": "Patient", "id": "large", "birthDate": "1950-01-01"}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"resourceType": "Bundle", "entry": [')
        file.write(json.dumps({"fullUrl": "urn:uuid:large", "resource": patient}))
        number = 0
        while file.tell() < size:
            number += 1
            file.write("," + json.dumps({"resource": _one(number)}))
        file.write("]}")


def _one(number: int) -> dict[str, Any]:
    """Every third is a claim, as in Synthea's bundles."""
    head = {"id": f"r{number}", "subject": {"reference": "urn:uuid:large"}, "status": "final"}
    if number % 3 == 0:
        item = [{"sequence": n, "productOrService": {"text": "x" * 60}} for n in range(8)]
        return head | {"resourceType": "Claim", "item": item}
    coding = {"system": "http://loinc.org", "code": "2339-0", "display": "Glucose"}
    return head | {
        "resourceType": "Observation",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [coding], "text": "Glucose"},
        "effectiveDateTime": f"{1990 + number % 30}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        f"T08:{number % 60:02}:00-08:00",
        "valueQuantity": {"value": 60 + number % 90, "unit": "mg/dL", "code": "mg/dL"},
    }


def measure(patients: int, cohort: Path | None) -> dict[str, Any]:
    """Everything, in a folder that is gone afterwards."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if cohort is None:
            cohort = folder / "cohort"
            command = [sys.executable, "-m", "osler", "records", "synthesize"]
            subprocess.run(
                [*command, "--patients", str(patients), "--seed", "11", "--out", str(cohort)],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        for form in ("fhir", "csv"):
            found[f"import {form}"] = measured("import", cohort / form, folder / form)
            print(form, found[f"import {form}"], flush=True)
        found["render and fit"] = measured("render", folder / "fhir", folder)
        print("render", found["render and fit"], flush=True)
        (folder / "large").mkdir()
        write_large(folder / "large" / "large.json", LARGE)
        found["one bundle of 200 MB"] = measured("large", folder / "large", folder)
        print("large", found["one bundle of 200 MB"], flush=True)
    return found


def main() -> None:
    """Measure, print, write."""
    if sys.argv[1:2] == ["--child"]:
        report(CHILDREN[sys.argv[2]](*sys.argv[3:]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--cohort", type=Path, help="of `osler records synthesize`, with both")
    parser.add_argument("--out", type=Path, default=Path("bench/results/records_bounds.json"))
    args = parser.parse_args()
    found = measure(args.patients, args.cohort)
    within = {
        form: {
            "cpu_s": round(sum(found[k]["cpu_s"] for k in (f"import {form}", "render and fit")), 1),
            "peak_mb": max(found[k]["peak_mb"] for k in (f"import {form}", "render and fit")),
        }
        for form in ("fhir", "csv")
    }
    for form, row in within.items():
        row["kept"] = row["cpu_s"] <= SECONDS and row["peak_mb"] * 1e6 <= BYTES
        print(f"import of {form}, render and fit: {row}")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    bounds = {"processor seconds": SECONDS, "bytes": BYTES}
    write_json(
        args.out,
        {
            "date": now(), "machine": machine, "versions": installed_versions(),
            "bounds": bounds, "found": found, "import, render and fit": within,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
