"""The pages of summaries: one for each patient, and an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osler.disk import atomic_writer
from osler.progress import progress
from osler.records import folder as folders
from osler.records.account import Account
from osler.records.view import view
from osler.summaries import store
from osler.summaries.page.index import Row, failed, index, row
from osler.summaries.page.paper import page_name
from osler.summaries.page.patient import page

INDEX = "index.html"


def write_pages(out: Path, source: folders.Source, failures: Sequence[tuple[str, str]]) -> Path:
    """Write a page for every summary of a folder whose record is there, and index.html."""
    rows: list[Row] = [failed(patient, why) for patient, why in failures]
    for record in progress(folders.records_of(source, Account()), "pages"):
        path = out / store.file_name(record.person.id)
        if not path.is_file():
            continue
        try:
            summary = store.read(path)
            seen = view(record, summary.as_of)
        except (store.Damaged, ValueError):
            continue  # of a patient who failed, and is listed so
        if summary.record_digest != folders.digest(record):
            continue
        _write(out / page_name(summary.patient), page(summary, seen))
        rows.append(row(summary, seen))
    _write(out / INDEX, index(rows))
    return out / INDEX


def _write(path: Path, text: str) -> None:
    with atomic_writer(path, private=True) as file:
        file.write(text)
