"""How much of a document is read at most: what a stranger's file may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one document. The last two hold only where it is read apart (`read_apart`)."""

    bytes: int = 20 * MIB
    """Size of the file."""
    pages: int = 300
    """Of a PDF, or of a text with form feeds."""
    characters: int = 3_000_000
    """Of the text that was read; 300 full pages have about a million."""
    unpacked: int = 100 * MIB
    """All parts of a DOCX unpacked, and each stream of a PDF (a quarter of it)."""
    ratio: int = 200
    """Unpacked to packed, for parts of a DOCX above a MiB: text shrinks to a tenth, not a 200th."""
    entries: int = 2000
    """Parts in a DOCX."""
    seconds: int = 30
    memory: int = 1024 * MIB
    """Address space of the reading process."""


LIMITS = Limits()
