"""Reference summaries that a clinician, or a model, has written: a file for each patient."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osler.errors import DataError
from osler.summaries import store

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class References:
    """A folder of summaries; None stands for the draft by rule."""

    folder: Path | None

    def of(self, patient: str) -> dict[str, str]:
        """A patient's sections by title; none where there is no file."""
        assert self.folder
        stored = self.folder / store.file_name(patient)
        if stored.is_file():
            return {one.title: one.text for one in store.read(stored).sections}
        for ending in (*store.TEXTS, *map(str.upper, store.TEXTS)):
            path = self.folder / f"{patient}{ending}"
            if path.is_file():
                return {one.title: one.text for one in store.read_text(path)}
        return {}


def open_references(name: str, folder: Path, setting: str) -> References:
    """The references that a recipe names."""
    if name == DRAFT:
        return References(None)
    path = folder / name
    if not path.is_dir():
        raise DataError(
            f"{setting}.references: {name}: no such folder.",
            "Give a folder of PATIENT.md files or of what `osler summarize` wrote, or `draft`.",
        )
    return References(path)
