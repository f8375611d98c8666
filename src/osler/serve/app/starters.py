"""Questions to begin with, out of the index that answers rest on."""

from __future__ import annotations

from collections.abc import Callable

from osler.retrieve.search import Chunks

MOST = 3
LOOKED = 20
"""Chunks that are looked at for each question."""
LONGEST = 80
"""Characters of a question."""


def starters(chunks: Chunks, suits: Callable[[str], bool]) -> tuple[str, ...]:
    """Titles of documents that are questions themselves, from different parts of the index; none
    where no title is one. `suits`: whether a question would be answered."""
    found: list[str] = []
    for part in range(MOST):
        first, end = len(chunks) * part // MOST, len(chunks) * (part + 1) // MOST
        for number in range(first, end, max(1, (end - first) // LOOKED)):
            title = " ".join(chunks[number].title.split())
            asks = title.endswith("?") and len(title) <= LONGEST
            if asks and title not in found and suits(title):
                found.append(title)
                break
    return tuple(found)
