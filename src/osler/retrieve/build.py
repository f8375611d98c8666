"""An index made, or brought up to date: what is new is embedded, what is gone is left out.

A build can be killed at any moment. What it has embedded lies in parts, which the next build takes;
the index that was there stays whole until the new one takes its place at once.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from osler.disk import held, text_digest, write_json
from osler.encoder import Encoder
from osler.errors import DataError
from osler.progress import Lines
from osler.retrieve.chunk import Chunk
from osler.retrieve.chunks import NEEDS, chunks_of, embedded_text
from osler.retrieve.segment import (
    AT_ONCE,
    Entry,
    Segment,
    Writer,
    document_digest,
    table_of,
    to_disk,
)
from osler.retrieve.sources import Found, Refusal
from osler.retrieve.store import (
    DATA,
    MANIFEST,
    PARTS,
    WORDS,
    format_name,
    manifest_for,
    open_data,
    open_words,
    read_manifest,
    refuse_another,
)
from osler.retrieve.words import Words

PART = 1_000
"""Chunks from which on a part is written: about what a killed build loses at most."""


@dataclass
class Built:
    """What a build did."""

    documents: int = 0
    chunks: int = 0
    embedded: int = 0
    """Documents whose vectors were made now, not taken from the index or a part."""
    removed: int = 0
    """Documents that the index held before and does not now."""
    twice: int = 0
    """Documents that were given before; the first was taken."""
    refusals: list[Refusal] = field(default_factory=list[Refusal])


def build(
    out: Path,
    items: Iterable[Found | Refusal],
    *,
    add: bool = False,
    encoder: Encoder | None = None,
) -> Built:
    """Make `out` the index of the documents given, or of these and those that it has (`add`).

    Raises `DataError` when there is nothing to be indexed, when `out` is something else, or when
    another process writes there.
    """
    encoder = encoder or Encoder(*NEEDS)
    with held(out):
        _begin(out)
        old = _old(out, encoder, add=add)
        wanted = _Wanted(out / PARTS, encoder, old)
        for item in items:
            wanted.take(item)
        wanted.finish_part()
        if add and old is not None:
            wanted.keep(old.entries)
        built = wanted.built
        if not wanted.entries:
            raise _nothing(built)
        if old is None or not _alike(old.entries, wanted.entries):
            _join(out, wanted, encoder)
        _sweep(out)
        built.documents, built.chunks = len(wanted.entries), read_manifest(out).chunks
        now = {entry.id for entry in wanted.entries}
        built.removed = sum(entry.id not in now for entry in old.entries) if old else 0
        return built


def _nothing(built: Built) -> DataError:
    lines = [f"  {one.name}: {one.reason}" for one in built.refusals[:5]]
    return DataError(
        "\n".join(["nothing could be indexed.", *lines]),
        "Name files or folders with documents, or a set such as medquad.",
    )


def _alike(old: Sequence[Entry], new: Sequence[Entry]) -> bool:
    """Whether the index holds what is wanted already, in this order."""
    return [(e.digest, e.source, e.origin) for e in old] == [
        (e.digest, e.source, e.origin) for e in new
    ]


# -- the folder --------------------------------------------------------------------------------


def _begin(out: Path) -> None:
    """The folder for the index, without the leftovers of a killed build that are of no use."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: is a file; an index is a folder.", "Give a new one with --out.")
    if out.is_dir() and any(out.iterdir()) and not _is_index(out):
        raise DataError(
            f"{out}: holds other things than an index.", "Give a new folder with --out."
        )
    (out / PARTS).mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)  # it holds the text of all its documents


def _is_index(out: Path) -> bool:
    return (out / MANIFEST).is_file() or (out / PARTS).is_dir()


def _old(out: Path, encoder: Encoder, *, add: bool) -> Segment | None:
    """What the index holds. One that cannot be used is made anew, unless it is to be added to."""
    named, segment = "", None
    if (out / MANIFEST).is_file():
        try:
            refuse_another(out, read_manifest(out), encoder)
            manifest, segment = open_data(out)
            open_words(segment)
            named = manifest.data
        except DataError:
            if add:
                raise
            named, segment = _named(out), None
    _sweep_data(out, named)
    return segment


def _named(out: Path) -> str:
    """The data of an index that cannot be used: it stays until there is another."""
    try:
        return read_manifest(out).data
    except DataError:
        return ""


def _sweep(out: Path) -> None:
    """Remove all that the manifest does not name."""
    _sweep_data(out, read_manifest(out).data)
    shutil.rmtree(out / PARTS, ignore_errors=True)


def _sweep_data(out: Path, named: str) -> None:
    for folder in out.glob(f"{DATA}*"):
        if folder.name != named:
            shutil.rmtree(folder, ignore_errors=True)


# -- what the new index is to hold ------------------------------------------------------------


class _Wanted:
    """The documents of the new index in order, and where the chunks of each are."""

    def __init__(self, parts: Path, encoder: Encoder, old: Segment | None) -> None:
        self.entries: list[Entry] = []
        self.built = Built()
        self._parts = parts
        self._prefix = f"{format_name()}-{encoder.digest[:16]}-"
        self._encoder = encoder
        self._where: dict[str, tuple[Segment, Entry]] = {}
        """Digest of a document -> the segment that has it, and its entry there."""
        self._texts: dict[str, str] = {}
        """Id of a document -> digest of its text."""
        self._pending: list[tuple[Entry, list[Chunk]]] = []
        self._lines = Lines("documents indexed", None)
        for segment in [*([old] if old else []), *self._finished()]:
            self._know(segment)

    def take(self, item: Found | Refusal) -> None:
        """One thing that was found in the sources."""
        if isinstance(item, Refusal):
            self.built.refusals.append(item)
            return
        document, text = item.document, text_digest(item.document.text)
        if document.id in self._texts:
            if self._texts[document.id] == text:
                self.built.twice += 1
            else:
                self.built.refusals.append(Refusal(item.name, "another document has its id"))
            return
        self._texts[document.id] = text
        digest = document_digest(document)
        entry = Entry(
            document.id, document.title, document.licence, digest, item.source, item.origin
        )
        self.entries.append(entry)
        if digest not in self._where:
            self.built.embedded += 1
            self._pending.append((entry, chunks_of(document)))
            if sum(len(chunks) for _, chunks in self._pending) >= PART:
                self.finish_part()
        self._lines.tell(len(self.entries))

    def keep(self, old: Sequence[Entry]) -> None:
        """Put what the index has, and has not been read anew, before what is new."""
        origins = {entry.origin for entry in self.entries}
        self.entries[:0] = [e for e in old if e.id not in self._texts and e.origin not in origins]

    def finish_part(self) -> None:
        """Embed what is pending, and write it so that it need not be embedded again."""
        if not self._pending:
            return
        chunks = [chunk for _, own in self._pending for chunk in own]
        entries = [replace(entry, count=len(own)) for entry, own in self._pending]
        vectors = self._encoder.embed([embedded_text(chunk) for chunk in chunks])
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self._parts))
        writer = Writer(fresh)
        writer.add(entries, table_of(chunks), vectors)
        writer.close()
        to_disk(fresh)
        number = 1 + max((int(p.name.rpartition("-")[2]) for p in self._folders()), default=0)
        self._know(Segment(fresh.rename(self._parts / f"{self._prefix}{number:06}")))
        self._pending = []

    def stored(self) -> Iterator[tuple[list[Entry], Any, Any]]:
        """All documents in order, some at once, with the rows and vectors of their chunks."""
        for some in _some(self.entries, [self._where[e.digest][1].count for e in self.entries]):
            found = [self._where[entry.digest] for entry in some]
            spans = [(segment, there.first, there.count) for segment, there in found]
            yield (
                [
                    replace(entry, count=count)
                    for entry, (_, _, count) in zip(some, spans, strict=True)
                ],
                pa.concat_tables([s.table.slice(first, count) for s, first, count in spans]),
                np.concatenate([s.vectors[first : first + count] for s, first, count in spans]),
            )

    def _know(self, segment: Segment) -> None:
        self._where |= {entry.digest: (segment, entry) for entry in segment.entries}

    def _finished(self) -> Iterator[Segment]:
        """Parts that a killed build has left."""
        for folder in self._folders():
            with contextlib.suppress(OSError, ValueError):  # lost with the machine's power
                yield Segment(folder)

    def _folders(self) -> list[Path]:
        return sorted(self._parts.glob(f"{self._prefix}*"))


def _some(entries: Sequence[Entry], counts: Sequence[int]) -> Iterator[list[Entry]]:
    """The entries in groups of about AT_ONCE chunks."""
    group, total = list[Entry](), 0
    for entry, count in zip(entries, counts, strict=True):
        group.append(entry)
        total += count
        if total >= AT_ONCE:
            yield group
            group, total = [], 0
    if group:
        yield group


def _join(out: Path, wanted: _Wanted, encoder: Encoder) -> None:
    """Write the whole index under a new name, then let the manifest name it."""
    fresh = Path(tempfile.mkdtemp(prefix=DATA, dir=out))
    writer = Writer(fresh)
    for entries, table, vectors in wanted.stored():
        writer.add(entries, table, vectors)
    writer.close()
    segment = Segment(fresh)
    Words.of(embedded_text(chunk) for chunk in segment).save(fresh / WORDS)
    to_disk(fresh)
    manifest = manifest_for(encoder, fresh.name, len(wanted.entries), len(segment))
    write_json(out / MANIFEST, manifest.as_dict(), private=True)
