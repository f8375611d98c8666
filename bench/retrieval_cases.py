"""The questions of bench/retrieval.py, the chunks that answer them, and the vectors of texts."""

from __future__ import annotations

import gzip
import html
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from osler.commands.index import read_source
from osler.disk import text_digest
from osler.documents.document import Document
from osler.encoder import WIDTH, Encoder
from osler.retrieve.chunk import Chunk
from osler.retrieve.chunks import NEEDS, chunks_of
from osler.retrieve.sources import Found, Given
from paraphrase import FORMS, raw_message, short, with_typos

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """A question, the numbers of the chunks that answer it, by answer, and who may learn from it.

    `among`: the chunks to choose from; None: all.
    """

    slice: str
    question: str
    group: str
    right: tuple[frozenset[int], ...]
    fit: bool
    among: range | None = None


def chunks_from(source: str, wanted: set[str] | None = None) -> tuple[list[Document], list[Chunk]]:
    """The documents of a set and all their chunks."""
    documents: list[Document] = []
    chunks: list[Chunk] = []
    for item in read_source(source, Given()):
        if isinstance(item, Found) and (wanted is None or item.document.id in wanted):
            documents.append(item.document)
            chunks += chunks_of(item.document)
    return documents, chunks


def numbers_by_document(chunks: Sequence[Chunk]) -> dict[str, list[int]]:
    """Document -> numbers of its chunks in the whole."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, chunk in enumerate(chunks):
        found[chunk.document].append(number)
    return found


def may_fit(group: str) -> bool:
    """Half of the groups, by their name."""
    return int(text_digest(f"retrieval {group}")[:8], 16) % 2 == 0


# -- MedQuAD -----------------------------------------------------------------------------------


def medquad_cases(
    documents: Sequence[Document], chunks: Sequence[Chunk], fitting: int, testing: int
) -> list[Case]:
    """So many questions of each half, each in three ways. Right are the answers of all documents
    with the same topic and kind of question, from whichever site."""
    of = numbers_by_document(chunks)
    answers: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        kind = document.headings[0].title if document.headings else ""
        if kind in FORMS and 2 < len(document.title) <= 60:
            answers[document.title.casefold(), kind].append(document)
    keys = sorted(answers)
    random.Random(0).shuffle(keys)
    cases: list[Case] = []
    for fit, count in ((True, fitting), (False, testing)):
        for topic, kind in [key for key in keys if may_fit(key[0]) == fit][:count]:
            there = answers[topic, kind]
            right = tuple(frozenset(of[document.id]) for document in there)
            for name, question in _asked(kind, there[0].title):
                cases.append(Case(name, question, topic, right, fit))
    return cases


def _asked(kind: str, topic: str) -> Iterator[tuple[str, str]]:
    rng = random.Random(f"{kind} {topic}")
    plain = short(kind, topic, rng)
    yield "short", plain
    yield "typos", with_typos(plain, rng)
    yield "raw message", raw_message(kind, topic, rng)


# -- trials ------------------------------------------------------------------------------------


def annotations() -> list[dict[str, str]]:
    """(intervention, comparator, outcome) with the sentences that experts quoted."""
    path = Path(os.environ["OSLER_DATA"]) / "pmc_rct_ccby"
    with gzip.open(path / "evidence_inference_v2_annotations.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def trial_cases(
    documents: Sequence[Document], chunks: Sequence[Chunk]
) -> tuple[list[Case], dict[str, int]]:
    """Right are the chunks that overlap an evidence span, in its own article and among all."""
    of, by_id = numbers_by_document(chunks), {d.id: d for d in documents}
    spans: dict[tuple[str, str], set[int]] = defaultdict(set)
    asked: dict[tuple[str, str], dict[str, str]] = {}
    lost = 0
    for row in annotations():
        document = by_id.get(row["pmcid"])
        span = document and _span(document.text, row["evidence"])
        if not document or not span:
            lost += 1
            continue
        key = row["pmcid"], row["prompt_id"]
        asked[key] = row
        spans[key] |= {
            n for n in of[document.id] if chunks[n].start < span[1] and span[0] < chunks[n].end
        }
    cases: list[Case] = []
    for key, row in asked.items():
        right = (frozenset(spans[key]),)
        own = range(of[key[0]][0], of[key[0]][-1] + 1)
        for name, among in (("within the article", own), ("over all articles", None)):
            cases.append(Case(name, _question(row), key[0], right, may_fit(key[0]), among))
    return cases, {"questions": len(asked), "articles": len({k[0] for k in asked}), "lost": lost}


def _question(row: dict[str, str]) -> str:
    intervention, comparator, outcome = (
        " ".join(html.unescape(html.unescape(row[key])).split())
        for key in ("intervention", "comparator", "outcome")
    )
    return f"What is the effect of {intervention} compared with {comparator} on {outcome}?"


def _span(text: str, quoted: str) -> tuple[int, int] | None:
    """Bytes of the quoted words, whatever the white space between them."""
    words = [re.escape(word) for word in html.unescape(quoted).split()]
    found = re.search(r"\s+".join(words), text) if words else None
    if not found:
        return None
    return len(text[: found.start()].encode()), len(text[: found.end()].encode())


# -- vectors -----------------------------------------------------------------------------------


class Vectors:
    """Vectors of texts, kept under a folder by the texts' digests, so that reruns are fast."""

    def __init__(self, work: Path) -> None:
        self._names, self._path = work / "texts.txt", work / "vectors.f16"
        work.mkdir(parents=True, exist_ok=True)
        lines = self._names.read_text().split() if self._names.exists() else []
        self._number = {digest: number for number, digest in enumerate(lines)}

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Those that are not kept yet, once each."""
        return [text for text in dict.fromkeys(texts) if text_digest(text) not in self._number]

    def of(self, texts: Sequence[str]) -> Floats:
        """A unit vector for each text; those that are missing are embedded."""
        fresh, encoder = self.missing(texts), None
        for start in range(0, len(fresh), 1000):
            encoder = encoder or Encoder(*NEEDS)
            self.keep(fresh[start : start + 1000], encoder.embed(fresh[start : start + 1000]))
        stored = np.memmap(self._path, np.float16, "r").reshape(-1, WIDTH)
        return stored[[self._number[text_digest(text)] for text in texts]].astype(np.float32)

    def keep(self, texts: Sequence[str], vectors: Floats) -> None:
        """Add vectors; the names follow them, so that a broken run loses only its last."""
        with self._path.open("ab") as out:
            out.truncate(len(self._number) * WIDTH * 2)
            out.write(vectors.astype(np.float16).tobytes())
        with self._names.open("a") as out:
            for text in texts:
                self._number[text_digest(text)] = len(self._number)
                out.write(text_digest(text) + "\n")
