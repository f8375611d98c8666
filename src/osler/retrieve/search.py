"""The chunks nearest to a question, by meaning and by words. Exact: every chunk is compared."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from osler.encoder import Encoder
from osler.errors import DataError
from osler.retrieve.chunk import Chunk, Hit
from osler.retrieve.chunks import NEEDS, embedded_text
from osler.retrieve.fusion import fused, sentences_of
from osler.retrieve.segment import Vectors
from osler.retrieve.store import Manifest, open_data, open_words, read_manifest, refuse_another
from osler.retrieve.words import Words, words_of

Floats = NDArray[np.float32]

NEAR = 10
"""Chunks that are looked at for each that is asked for."""
BLOCK = 2_048
"""Vectors compared at once."""


class Chunks(Protocol):
    """Chunks by number."""

    def __len__(self) -> int: ...
    def __getitem__(self, number: int, /) -> Chunk: ...


class Index:
    """Chunks that can be searched. May be used by several threads at once."""

    def __init__(self, chunks: Chunks, vectors: Vectors, words: Words, encoder: Encoder) -> None:
        self.chunks = chunks
        self.words = words
        self.encoder = encoder
        self._vectors = vectors
        self._opened: tuple[Path, Manifest] | None = None

    @classmethod
    def open(cls, folder: Path, encoder: Encoder | None = None) -> Index:
        """Map an index that `osler index build` has made. Raises `DataError`, with the cure, for
        what is none, is damaged, or was made by another encoder or version.

        `encoder`: one that is loaded already.
        """
        read_manifest(folder)  # what is no index is refused before the encoder is loaded
        encoder = encoder or Encoder(*NEEDS)
        refuse_another(folder, read_manifest(folder), encoder)
        manifest, segment = open_data(folder)
        index = cls(segment, segment.vectors, open_words(segment), encoder)
        index._opened = folder, manifest
        return index

    @classmethod
    def in_memory(cls, chunks: Sequence[Chunk], encoder: Encoder | None = None) -> Index:
        """Index some chunks for this process alone."""
        encoder = encoder or Encoder(*NEEDS)
        texts = [embedded_text(chunk) for chunk in chunks]
        return cls(list(chunks), encoder.embed(texts), Words.of(texts), encoder)

    @property
    def is_replaced(self) -> bool:
        """Whether its folder holds another index by now, or none: this one stays as it was."""
        if self._opened is None:
            return False
        folder, manifest = self._opened
        try:
            return read_manifest(folder) != manifest
        except (DataError, OSError):
            return True

    @property
    def encoder_digest(self) -> str:
        """Of the encoder whose vectors these are."""
        return self.encoder.digest

    @property
    def count(self) -> int:
        """Chunks in it."""
        return len(self.chunks)

    def search(self, question: str, k: int = 5) -> list[Hit]:
        """The k best chunks, best first; fewer where there are fewer, none for an empty question.

        Of chunks with the same score the first comes first, and of chunks with the same text only
        the best is there: public sets tell one text of many diseases.
        """
        if not question.strip() or not self.count or k < 1:
            return []
        scores, near = self.scores(question)
        return [
            Hit(self.chunks[first], float(scores[first]), float(near[first]), len(others))
            for first, *others in self._different(scores, k)
        ]

    def _different(self, scores: Floats, k: int) -> list[list[int]]:
        """The k best texts, each as the numbers of the near chunks that say it, the best first."""
        looked = NEAR * k
        while True:
            found: dict[str, list[int]] = {}
            for number in best(scores, looked):
                found.setdefault(" ".join(self.chunks[number].text.split()), []).append(number)
            if len(found) >= k or looked >= self.count:
                return list(found.values())[:k]
            looked *= NEAR

    def scores(self, question: str) -> tuple[Floats, Floats]:
        """Score and similarity of every chunk."""
        sentences = sentences_of(question)
        asked = self.encoder.embed([question, *sentences])
        near = similarities(self._vectors, asked)
        nearest = near[:, 1:].max(1) if sentences else None
        return fused(near[:, 0], nearest, self.words.scores(words_of(question))), near[:, 0]


def similarities(vectors: Vectors, questions: Floats) -> Floats:
    """The cosine of each vector with each question, (vectors, questions).

    In blocks that fit into the processor's cache, and in one thread: two that wait for each other
    after every block took ten times as long on cores that were busy with other work.
    """
    import torch

    found = torch.empty(len(vectors), len(questions))
    asked = torch.from_numpy(questions).T
    with _one_thread():
        for start, some in _blocks(vectors):
            torch.mm(some.float(), asked, out=found[start : start + len(some)])
    return found.numpy()


@contextlib.contextmanager
def _one_thread() -> Generator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _blocks(vectors: Vectors) -> Iterator[tuple[int, Any]]:
    """The vectors as tensors, some at once, without a copy of them all."""
    import torch

    for start in range(0, len(vectors), BLOCK):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that they may not be written to
            yield start, torch.from_numpy(vectors[start : start + BLOCK])


def best(scores: Floats, k: int) -> list[int]:
    """Numbers of the k highest scores, highest first; of equals the lowest number first."""
    if k < len(scores):
        bound = np.partition(scores, -k)[-k]
        some = np.flatnonzero(scores >= bound)
    else:
        some = np.arange(len(scores))
    order = np.lexsort((some, -scores[some]))
    return [int(number) for number in some[order][:k]]
