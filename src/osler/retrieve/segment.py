"""Some documents on disk: their chunks as an Arrow table, and a vector for each chunk.

    documents.arrow   id, title, licence, digest, source, origin; which chunks are its own
    chunks.arrow      a row for each chunk
    vectors.npy       float16, (chunks, 384), unit length

All are mapped, not read. A segment is written whole, under another name, and never changed.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from osler.documents.document import Document
from osler.encoder import WIDTH
from osler.retrieve.chunk import Chunk

TEXT, NUMBER = pa.large_string(), pa.int64()
CHUNKS = pa.schema(
    [
        ("document", TEXT), ("number", NUMBER), ("title", TEXT), ("section", TEXT),
        ("page", NUMBER), ("start", NUMBER), ("end", NUMBER), ("text", TEXT), ("licence", TEXT),
        ("date", TEXT), ("address", TEXT),
    ]
)  # fmt: skip
DOCUMENTS = pa.schema(
    [
        ("id", TEXT), ("title", TEXT), ("licence", TEXT), ("digest", TEXT), ("source", TEXT),
        ("origin", TEXT), ("first", NUMBER), ("count", NUMBER),
    ]
)  # fmt: skip
AT_ONCE = 8_192
"""Chunks copied at once."""

Half = NDArray[np.float16]
Vectors = NDArray[Any]
"""Of float16 on disk, of float32 in memory."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a segment: its chunks are rows [first, first + count).

    `digest` is of all that its chunks are made from; `origin` of the place where it was found, so
    that what is read there later takes its place.
    """

    id: str
    title: str
    licence: str | None
    digest: str
    source: str
    origin: str
    first: int = 0
    count: int = 0


def document_digest(document: Document) -> str:
    """SHA-256 of a document with all that is known of it."""
    said = json.dumps(dataclasses.asdict(document), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


class Segment:
    """A segment that was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = _mapped(folder / "chunks.arrow")
        self._documents = _mapped(folder / "documents.arrow")
        self.vectors: Half = np.load(folder / "vectors.npy", mmap_mode="r")
        if self.vectors.shape != (len(self), WIDTH):
            raise ValueError(f"{self.vectors.shape[0]} vectors for {len(self)} chunks")

    @functools.cached_property
    def entries(self) -> list[Entry]:
        """Its documents."""
        rows: list[dict[str, Any]] = self._documents.to_pylist()
        return [Entry(**row) for row in rows]

    def __len__(self) -> int:
        return self.table.num_rows

    def __getitem__(self, number: int) -> Chunk:
        row: dict[str, Any] = self.table.slice(number, 1).to_pylist()[0]
        return Chunk(**row)

    def __iter__(self) -> Any:
        for batch in self.table.to_batches():
            yield from (Chunk(**row) for row in batch.to_pylist())


def _mapped(path: Path) -> Any:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


class Writer:
    """Writes a segment into a folder that is there and empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: list[Entry] = []
        self._count = 0
        self._chunks: Any = pa.ipc.new_file(str(folder / "chunks.arrow"), CHUNKS)
        self._vectors = (folder / "vectors.npy").open("wb")
        self._head()

    def add(self, entries: Iterable[Entry], table: Any, vectors: Vectors) -> None:
        """Documents, with the rows and vectors of all their chunks in order."""
        for entry in entries:
            self._entries.append(dataclasses.replace(entry, first=self._count))
            self._count += entry.count
        self._chunks.write_table(table.combine_chunks())
        self._vectors.write(np.ascontiguousarray(vectors, np.float16).tobytes())

    def close(self) -> None:
        """Finish the files and bring them to the disk."""
        self._chunks.close()
        self._vectors.seek(0)
        self._head()
        self._vectors.close()
        rows = [dataclasses.asdict(entry) for entry in self._entries]
        with pa.ipc.new_file(str(self._folder / "documents.arrow"), DOCUMENTS) as out:
            out.write_table(pa.Table.from_pylist(rows, DOCUMENTS))

    def _head(self) -> None:
        """The header of the array; NumPy leaves room in it for the number of rows to grow."""
        np.lib.format.write_array_header_1_0(
            self._vectors,
            {"descr": "<f2", "fortran_order": False, "shape": (self._count, WIDTH)},
        )


def table_of(chunks: Sequence[Chunk]) -> Any:
    """Chunks as a table."""
    return pa.Table.from_pylist([dataclasses.asdict(chunk) for chunk in chunks], CHUNKS)


def to_disk(folder: Path) -> None:
    """Bring a folder, and all that is in it, to the disk."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
