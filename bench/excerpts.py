"""Do the sentences that are quoted from a passage answer?

    OSLER_DATA=… python bench/excerpts.py --work FOLDER     writes results/excerpts.json

A strict server quotes at most a few sentences of the passage that was found first
(osler.serve.assistant.excerpt). Beside the whole passage and its beginning of the same length:
of MedQuAD's questions in other words, how much of the first two sentences of the best answer on
that topic is told (recall of ROUGE-L); of questions on trials with the passage that holds what an
expert quoted, how often 80 % of this is told. What is left out as being about something else is
counted. --work keeps the vectors of bench/retrieval.py, --show prints some.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from citations import remembering
from osler.disk import write_json
from osler.encoder import Encoder
from osler.retrieve.chunk import Chunk, Hit
from osler.retrieve.chunks import NEEDS, embedded_text
from osler.retrieve.search import Index
from osler.retrieve.sentences import sentences
from osler.retrieve.words import Words
from osler.run import installed_versions, now
from osler.serve.assistant.assistant import _source
from osler.serve.assistant.events import Source
from osler.serve.assistant.excerpt import MOST, Embed, excerpt, nearness, quotation, spans
from osler.serve.assistant.relevance import is_about
from retrieval_cases import (
    Vectors,
    _question,
    _span,
    annotations,
    chunks_from,
    medquad_cases,
    numbers_by_document,
)

RESULTS = Path(__file__).parent / "results" / "excerpts.json"
KEY, LEAST = 80, 25
"""Words of an answer's first sentences at most; characters of a sentence that says something."""
HELD = 0.8
ARTICLES = 12
"""Of every so many trial articles one is read."""


@dataclass(frozen=True)
class Case:
    """A question, the passage to quote from, and what should be told of it: texts of which one is
    enough, or characters of the passage."""

    set: str
    question: str
    source: Source
    golds: tuple[str, ...] = ()
    evidence: tuple[int, int] | None = None


def medquad(encoder: Encoder, work: Path, count: int) -> Iterator[Case]:
    """The first passage found for each question."""
    documents, chunks = chunks_from("medquad")
    texts = [embedded_text(chunk) for chunk in chunks]
    index = Index(chunks, Vectors(work).of(texts), Words.of(texts), encoder)
    by_id = {document.id: document.text for document in documents}
    for case in medquad_cases(documents, chunks, 0, count):
        if case.slice == "short" and (hits := index.search(case.question, 1)):
            golds = tuple(by_id[chunks[min(right)].document] for right in case.right)
            if is_about(case.question, hits[0]):
                yield Case("MedQuAD", case.question, _source(1, hits[0]), golds)


def trials(count: int) -> Iterator[Case]:
    """A passage that holds all that an expert quoted."""
    rows = annotations()
    some = set(sorted({row["pmcid"] for row in rows})[::ARTICLES])
    documents, chunks = chunks_from("pmc-rct-ccby", some)
    of, by_id = numbers_by_document(chunks), {d.id: d for d in documents}
    asked: set[tuple[str, str]] = set()
    random.Random(1).shuffle(rows)
    for row in rows:
        key = row["pmcid"], row["prompt_id"]
        document = by_id.get(row["pmcid"])
        span = document and _span(document.text, row["evidence"])
        if not document or not span or key in asked or len(asked) == count:
            continue
        for chunk in (chunks[n] for n in of[document.id]):
            if chunk.start <= span[0] and span[1] <= chunk.end:
                asked.add(key)
                held = _characters(chunk, span)
                yield Case("trials", _question(row), _source(1, Hit(chunk, 1, 1)), (), held)
                break


def _characters(chunk: Chunk, span: tuple[int, int]) -> tuple[int, int]:
    data = chunk.text.encode()
    first, last = (len(data[: at - chunk.start].decode()) for at in span)
    return first, last


def told(case: Case, how: str, embed: Embed) -> tuple[str, list[tuple[int, int]]]:
    """What is told, and which characters of the passage."""
    text = case.source.text
    if how == "whole":
        return text, [(0, len(text))]
    found = excerpt(case.source, case.question, None if how == "beginning" else embed)
    said, _ = quotation(case.source, case.question, None if how == "beginning" else embed)
    return said, [(one.start, one.end) for _, one in found]


def right(case: Case, said: str, places: Sequence[tuple[int, int]]) -> float:
    """How much of what should be told is."""
    if case.evidence:
        first, last = case.evidence
        held = sum(max(0, min(last, b) - max(first, a)) for a, b in places)
        return held / (last - first)
    return max(_recall(_key(gold), _words(said)) for gold in case.golds)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _key(gold: str) -> list[str]:
    said = [gold[a:b] for a, b in sentences(gold) if b - a >= LEAST and gold[b - 1] != "?"]
    return _words(" ".join(said[:2]))[:KEY]


def _recall(key: Sequence[str], said: Sequence[str]) -> float:
    """The longest common subsequence, of the key."""
    row = [0] * (len(said) + 1)
    for word in key:
        before, row = row, [0]
        for n, other in enumerate(said):
            row.append(before[n] + 1 if word == other else max(row[n], before[n + 1]))
    return row[-1] / max(len(key), 1)


def measure(cases: Sequence[Case], embed: Embed) -> dict[str, Any]:
    """By set and way: recall, share that is held, and characters."""
    found: dict[str, Any] = {}
    for case in cases:
        for how in ("whole", "beginning", "excerpt"):
            said, places = told(case, how, embed)
            row = found.setdefault(case.set, {}).setdefault(how, [])
            row.append((right(case, said, places), len(said)))
    return {
        name: {
            how: {
                "questions": len(rows), "recall": round(float(np.mean(rows, 0)[0]), 3),
                "held_percent": round(100 * float(np.mean([r >= HELD for r, _ in rows])), 1),
                "characters": round(float(np.mean(rows, 0)[1])),
            }
            for how, rows in ways.items()
        }
        for name, ways in found.items()
    }  # fmt: skip


def left_out(cases: Sequence[Case], embed: Embed) -> dict[str, Any]:
    """Sentences of the passages that are taken to be about something else."""
    counts: dict[str, list[int]] = {}
    for case in cases:
        every = spans(case.source.text)
        near = nearness(case.source, every, case.question, embed)
        count = counts.setdefault(case.set, [0, 0])
        count[0] += len(every) - len(near)
        count[1] += len(every)
    return {name: {"left out": some, "sentences": all_} for name, (some, all_) in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=200, help="of each set")
    parser.add_argument("--show", type=int, default=0, help="print so many of each set")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    encoder = Encoder(*NEEDS)
    cases = [*medquad(encoder, args.work, args.questions), *trials(args.questions)]
    embed = remembering(encoder.embed)
    found, strange = measure(cases, embed), left_out(cases, embed)
    for name in found:
        for case in [one for one in cases if one.set == name][: args.show]:
            print(f"{case.question}\n  {case.source.title} | {case.source.section}")
            print(f"  {told(case, 'excerpt', embed)[0]!r}\n  of {case.source.text!r}\n")
    table = Table(title=f"What is told, at most {MOST} characters in a run")
    for column in ("set", "told", "questions", "recall", "held, %", "characters"):
        table.add_column(column)
    for name, ways in found.items():
        for how, row in ways.items():
            table.add_row(name, how, *map(str, row.values()))
    Console().print(table, strange)
    write_json(args.out, {
        "command": f"python bench/excerpts.py --questions {args.questions} --work FOLDER",
        "date": now(), "versions": installed_versions(), "found": found,
        "about something else": strange,
    })  # fmt: skip


if __name__ == "__main__":
    main()
