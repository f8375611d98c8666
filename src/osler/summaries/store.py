"""Summaries on disk: one file a patient, with all that is needed to check it again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from osler.disk import atomic_writer
from osler.errors import DataError
from osler.summaries.audit.result import Audit
from osler.summaries.text import Written, sections_of

REPORT = "report.json"
"""The file beside the summaries that says what became of all patients."""
TEXTS = (".md", ".txt")
"""Summaries of others: one file a patient, named by the patient's id. Capitals do as well."""
TAKEN = ("report", "index")
"""Names of files beside the summaries (report.json, index.html): no patient's file is so called."""
DRAFT = "draft"
"""The name of who writes by rule, without a model."""
OLDER = "older"
"""The folder beside the summaries where those that were replaced are kept."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that failed the audit, and what was done about it."""

    section: str
    text: str
    why: tuple[str, ...]
    regenerated: int
    """How often the section was written anew before the sentence was removed."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who wrote a summary: a model, or the draft by rule."""

    name: str
    digest: str = ""
    """Of the model's weights; empty for a server's, and for none."""
    recipe: str = ""
    """Digest of the recipe."""
    osler: str = ""

    @property
    def by_rule(self) -> bool:
        """Whether it was no model. One that a server has is not known by a digest either."""
        return self.name == DRAFT and not self.digest


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary with its audit and its origin."""

    patient: str
    as_of: date
    sections: tuple[Written, ...]
    audit: Audit
    made_by: Maker
    record_digest: str
    template_digest: str
    written_at: str
    """UTC, as ISO 8601; given by the command, for nothing here reads the clock."""
    removed: tuple[Removed, ...] = ()
    added: tuple[Written, ...] = ()
    """What was told nowhere and was added by rule, by section."""
    left_out: dict[str, int] = field(default_factory=dict[str, int])
    """Lines of the record that did not fit what the model read, by part."""
    by_rule: tuple[str, ...] = ()
    """Sections that were written by rule: too long for the model, left empty, or not answered."""
    county: tuple[str, ...] = ()
    """The lines of county context that it was written from."""
    unanswered: tuple[str, ...] = ()
    """Those of `by_rule` for which no answer came: another call asks for them again."""
    absent: tuple[str, ...] = ()
    """Tables that the records lack, in words: what they would tell must not look like health."""
    long_ago: str = ""
    """How long before its day the record ends, where that is long."""
    version: int = 1


def file_name(patient: str) -> str:
    """The name of a patient's file: the id where it can be one and is free, else its digest."""
    plain = 0 < len(patient.encode()) <= 80 and all(c.isalnum() or c in "-_." for c in patient)
    if plain and not patient.startswith(".") and patient.casefold() not in TAKEN:
        return f"{patient}.json"
    return f"{hashlib.sha256(patient.encode()).hexdigest()[:24]}.json"


def write(folder: Path, summary: Summary) -> Path:
    """Put a summary in its place, whole; one that is there is kept under older/."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / file_name(summary.patient)
    if path.exists():
        _keep(path)
    with atomic_writer(path, private=True) as file:
        file.write(msgspec.json.format(msgspec.json.encode(summary), indent=1).decode() + "\n")
    return path


def _keep(path: Path) -> None:
    older = path.parent / OLDER
    older.mkdir(mode=0o700, exist_ok=True)
    number = 1 + sum(1 for _ in older.glob(f"{path.stem}.*.json"))
    kept = older / f"{path.stem}.{number}.json"
    if path.is_dir():
        path.rename(kept)
    else:
        shutil.copy2(path, kept)


class Damaged(DataError):
    """A file that is in the place of a summary and is none."""


def read(path: Path) -> Summary:
    """A summary that `write` wrote. Raises Damaged for a file that is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except OSError:
        raise DataError(f"{path}: not readable.", "Check its permissions.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged(
            f"{path}: damaged, or no summary of Osler's.",
            "Move it away, or write it anew with `osler summarize`.",
        ) from None


def read_text(path: Path) -> tuple[Written, ...]:
    """A summary that somebody wrote: titles as headings, and what stands under them."""
    try:
        return tuple(sections_of(path.read_text("utf-8-sig")))
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8.", "Save it as UTF-8.") from None
    except OSError:
        raise DataError(f"{path}: not readable.", "Check its permissions.") from None


def paths(folder: Path) -> list[Path]:
    """The files of a folder that `write` wrote, in order."""
    return [path for path in sorted(folder.glob("*.json")) if path.name != REPORT]


def summaries(folder: Path) -> Iterator[Summary]:
    """All summaries of a folder, in the order of their files."""
    return map(read, paths(folder))
