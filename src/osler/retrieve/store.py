"""An index on disk: a folder, readable by its owner alone.

    manifest.json     format, encoder, counts, and the name of the folder below; nothing of any text
    data-NAME/        a segment with all documents, and words/, the BM25 of its chunks
    parts/NAME/       segments that a build has finished and not yet joined

The manifest is replaced last and at once, so whoever opens the index sees the old one or the new
one. What a killed build has left is used or swept by the next.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.encoder import Encoder, encoder_name
from osler.errors import DataError
from osler.retrieve import chunks
from osler.retrieve.segment import Segment
from osler.retrieve.words import Words

FORMAT = 1
MANIFEST, PARTS, DATA, WORDS = "manifest.json", "parts", "data-", "words"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index is."""

    data: str
    documents: int
    chunks: int
    encoder: str
    encoder_digest: str
    format: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": self.format,
            "encoder": {"name": self.encoder, "digest": self.encoder_digest},
            "documents": self.documents,
            "chunks": self.chunks,
            "data": self.data,
        }


def format_name() -> str:
    """Of how an index lies on disk, and how its documents were cut."""
    return f"{FORMAT}.{chunks.VERSION}"


def manifest_for(encoder: Encoder, data: str, documents: int, chunks: int) -> Manifest:
    """What this program writes."""
    return Manifest(data, documents, chunks, encoder_name(), encoder.digest, format_name())


def read_manifest(folder: Path) -> Manifest:
    """Raises `DataError` where there is no index or none that can be read."""
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder.", _build(folder))
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        encoder = said["encoder"]
        return Manifest(
            said["data"], said["documents"], said["chunks"],
            encoder["name"], encoder["digest"], said["format"],
        )  # fmt: skip
    except FileNotFoundError:
        raise DataError(f"{folder}: is not an index (no {MANIFEST}).", _build(folder)) from None
    except (ValueError, KeyError, TypeError):
        raise damaged(folder, MANIFEST) from None


def refuse_another(folder: Path, manifest: Manifest, encoder: Encoder) -> None:
    """Raise `DataError` for an index that this program or this encoder has not made."""
    if manifest.format != format_name():
        raise DataError(
            f"{folder}: an index of format {manifest.format}; this version reads {format_name()}.",
            _build(folder),
        )
    if manifest.encoder_digest != encoder.digest:
        raise DataError(
            f"{folder}: made by another encoder ({manifest.encoder}, "
            f"{manifest.encoder_digest[:12]}) than the one here ({encoder_name()}, "
            f"{encoder.digest[:12]}): its vectors do not compare.",
            _build(folder),
        )


def open_data(folder: Path) -> tuple[Manifest, Segment]:
    """The manifest and what it names. A build that ends meanwhile sweeps what was named before: the
    manifest is then read again."""
    while True:
        manifest = read_manifest(folder)
        try:
            segment = Segment(folder / manifest.data)
        except (OSError, ValueError):  # pyarrow's faults are ValueErrors
            if read_manifest(folder) == manifest:
                raise damaged(folder, manifest.data) from None
        else:
            if len(segment) != manifest.chunks:
                raise damaged(folder, manifest.data)
            return manifest, segment


def open_words(segment: Segment) -> Words:
    """The BM25 of an index's chunks."""
    try:
        return Words.load(segment.folder / WORDS, len(segment))
    except (OSError, ValueError, KeyError):
        raise damaged(segment.folder.parent, f"{segment.folder.name}/{WORDS}") from None


def damaged(folder: Path, name: str) -> DataError:
    """The error for an index of which something is lost."""
    return DataError(f"{folder}: damaged ({name} cannot be read).", _build(folder))


def _build(folder: Path) -> str:
    return f"Build it: osler index build SOURCES… --out {folder}"
