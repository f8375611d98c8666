"""`osler records synthesize`: a folder of people who never were."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from osler.disk import folder_beside
from osler.errors import DataError
from osler.progress import progress
from osler.records.names import counted
from osler.records.synthetic.cohort import UNTIL, Written, synthesize


def synthesize_records(
    folder: Path, patients: int, seed: int, until: str | None, form: str, zipped: bool
) -> str:
    """Write the cohort, and say what is in it."""
    if patients < 1:
        raise DataError(f"--patients {patients}: there must be one.", "Write a number from 1 on.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is there and not empty.", "Name a folder that is new or empty.")
    last = _day(until)
    with folder_beside(folder.resolve()) as fresh:
        done = synthesize(
            fresh, patients, seed, until=last, form=form, zipped=zipped,
            over=lambda numbers: progress(numbers, "synthesize"),
        )  # fmt: skip
        folder.mkdir(exist_ok=True)
        for part in sorted(fresh.iterdir()):
            part.rename(folder / part.name)
    return said(done, folder, seed, last, form)


def _day(text: str | None) -> date:
    if text is None:
        return UNTIL
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DataError(f"--until {text}: no date.", "Write it as 2024-12-31.") from None
    if not 1990 <= day.year <= 2100:
        raise DataError(f"--until {text}: too far off.", "Write a day from 1990 to 2100.")
    return day


def said(done: Written, folder: Path, seed: int, last: date, form: str) -> str:
    """What was written, in words."""
    counts = dict(done.entries)
    patients = counted(counts.pop("patients"), "patient")
    entries = ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in counts.items())
    written = " or ".join(f"{folder}/{one}" for one in ("fhir", "csv") if form in (one, "both"))
    return (
        f"{patients} who never were, until {last} (seed {seed}): {entries}.\n"
        f"In {folder}; read them with: osler records import {written}"
    )
