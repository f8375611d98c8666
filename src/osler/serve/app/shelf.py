"""Documents that were uploaded: in memory only, few and small, gone with the server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from osler.documents.document import Document, id_of
from osler.documents.limits import LIMITS
from osler.records.names import be, counted
from osler.serve.app.told import Full, NotThere

Read = Callable[[str, bytes], Document]
"""Name and bytes of a file -> what was read; UserError with a sentence for what is refused."""


@dataclass
class Shelf:
    """The documents, by id."""

    read: Read
    most: int = 20
    most_bytes: int = LIMITS.bytes
    """Bytes of the longest file that is taken."""
    most_text: int = 40_000_000
    """Bytes of all texts together."""
    _kept: dict[str, Document] = field(default_factory=dict[str, Document])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, data: bytes) -> Document:
        """Read a file and keep its text. One of the same content takes its place."""
        others = [one for one in self.all() if one.id != id_of(data)]
        if len(others) >= self.most:
            here = f"{counted(self.most, 'document')} {be(self.most)} here already."
            raise Full(here, "Delete one first.")
        document = self.read(name, data)
        with self._lock:
            others = {id: one for id, one in self._kept.items() if id != document.id}
            size = sum(len(one.text.encode()) for one in (*others.values(), document))
            if len(others) >= self.most or size > self.most_text:
                raise Full("The documents here are too long together.", "Delete one first.")
            self._kept = {**others, document.id: document}
        return document

    def all(self) -> list[Document]:
        """The documents, the oldest first."""
        with self._lock:
            return list(self._kept.values())

    def get(self, id: str) -> Document:
        """A document by its id."""
        with self._lock:
            found = self._kept.get(id)
        if found is None:
            raise NotThere("This document is not here any more.", "Upload it again.")
        return found

    def remove(self, id: str) -> None:
        """Forget a document."""
        with self._lock:
            self._kept.pop(id, None)
