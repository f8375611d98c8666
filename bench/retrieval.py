"""How often is the passage that answers a question among the first found?

    OSLER_DATA=… python bench/retrieval.py --work FOLDER     writes results/retrieval.json

Questions of MedQuAD asked in other ways by rule (bench/paraphrase.py), and the evidence that
experts quoted from trial articles. Half of the topics and articles choose the two weights of
`osler.retrieve.fusion`; the other half is measured. --work keeps the vectors for the next run.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.encoder import encoder_name
from osler.evaluate.statistics import clustered_difference, group_sums, grouped_wilson_interval
from osler.retrieve.chunk import Chunk
from osler.retrieve.chunks import embedded_text
from osler.retrieve.fusion import SENTENCE, WORDS, fused, sentences_of
from osler.retrieve.search import Index
from osler.retrieve.words import Words, words_of
from osler.run import installed_versions, now
from retrieval_cases import (
    Case,
    Floats,
    Vectors,
    annotations,
    chunks_from,
    medquad_cases,
    trial_cases,
)

RESULTS = Path(__file__).parent / "results" / "retrieval.json"
DEPTH = 100
"""Ranks of each list that reciprocal-rank fusion joins, with 1 / (60 + rank)."""
GRID = tuple(itertools.product((0.0, 0.3, 0.5), (0.2, 0.4, 0.6, 0.8, 1.0, 1.2)))
"""(SENTENCE, WORDS) to choose from."""
SYSTEMS = ("embeddings", "BM25", "rank fusion", "Osler")
MEASURES = ("recall@1", "recall@5", "recall@10", "nDCG@10")


@dataclass(frozen=True)
class Scored:
    """What a question gave each chunk it may choose from."""

    case: Case
    whole: Floats
    sentence: Floats | None
    words: Floats

    def ranked(self, system: str) -> Floats:
        """Scores by a system."""
        if system == "embeddings":
            return self.whole
        if system == "BM25":
            return self.words
        if system == "Osler":
            return fused(self.whole, self.sentence, self.words)
        ranks = np.zeros(len(self.whole), np.float32)
        for scores in (self.whole, self.words):
            first = np.argsort(-scores, kind="stable")[:DEPTH]
            ranks[first] += 1 / (61 + np.arange(len(first), dtype=np.float32))
        return ranks

    def weighed(self, sentence: float, words: float) -> Floats:
        """Scores with other weights."""
        near = self.whole
        if self.sentence is not None:
            near = (1 - sentence) * near + sentence * self.sentence
        return near + words * self.words

    def measured(self, scores: Floats) -> tuple[float, ...]:
        """Of each measure; recall is of any right chunk, nDCG of the first chunk of each answer."""
        start = self.case.among.start if self.case.among is not None else 0
        firsts = sorted(min(_rank(scores, n - start) for n in right) for right in self.case.right)
        gain = sum(1 / np.log2(2 + rank) for rank in firsts if rank < 10)
        most = sum(1 / np.log2(2 + rank) for rank in range(min(10, len(firsts))))
        return *(float(firsts[0] < k) for k in (1, 5, 10)), float(gain / most)


def _rank(scores: Floats, number: int) -> int:
    """Chunks before one; of equals the first comes first."""
    own = scores[number]
    return int((scores > own).sum() + (scores[:number] == own).sum())


def scored(cases: Sequence[Case], chunks: Sequence[Chunk], vectors: Vectors) -> Iterator[Scored]:
    """Each question's three scores of all chunks, as `Index.scores` has them."""
    texts = [embedded_text(chunk) for chunk in chunks]
    known, matrix = Words.of(texts), vectors.of(texts)
    vectors.of([text for case in cases for text in (case.question, *sentences_of(case.question))])
    index = Index(chunks, matrix, known, cast(Any, _Kept(vectors)))
    for number, case in enumerate(cases):
        own = slice(None) if case.among is None else slice(case.among.start, case.among.stop)
        asked = vectors.of([case.question, *sentences_of(case.question)])
        near = matrix[own] @ asked.T
        nearest = near[:, 1:].max(1) if len(asked) > 1 else None
        found = Scored(case, near[:, 0], nearest, known.scores(words_of(case.question))[own])
        if number % 500 == 0:  # what is measured is what is shipped
            np.testing.assert_allclose(
                found.ranked("Osler"), index.scores(case.question)[0][own], atol=1e-5
            )
        yield found


class _Kept:
    """The encoder, by vectors that are kept."""

    digest = ""

    def __init__(self, vectors: Vectors) -> None:
        self.embed = vectors.of


def measure(all_scored: Iterator[Scored]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Measures by slice, question and system; and on the questions for fitting by weights."""
    found: dict[str, Any] = defaultdict(lambda: defaultdict(list))
    fitting: dict[str, Any] = defaultdict(lambda: defaultdict(list))
    for one in all_scored:
        if one.case.fit:
            for weights in GRID:
                fitting[one.case.slice][weights].append(one.measured(one.weighed(*weights)))
            continue
        found[one.case.slice]["group"].append(one.case.group)
        for system in SYSTEMS:
            found[one.case.slice][system].append(one.measured(one.ranked(system)))
    return found, fitting


def chosen(fitting: Mapping[str, Any]) -> tuple[tuple[float, float], dict[str, float]]:
    """The weights with the best nDCG@10 and recall@5, slices counting alike; and all of them."""
    means = {
        weights: float(np.mean([np.mean(each[weights], 0)[[1, 3]] for each in fitting.values()]))
        for weights in GRID
    }
    best = max(means, key=lambda weights: means[weights])
    return best, {f"sentence {s}, words {w}": round(100 * m, 2) for (s, w), m in means.items()}


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Of each slice and system the means with their intervals, and ours less each other."""
    return {name: _of_slice(each) for name, each in found.items()}


def _of_slice(each: Mapping[str, Any]) -> dict[str, Any]:
    groups, ours = each["group"], np.array(each["Osler"])
    told: dict[str, Any] = {"questions": len(groups), "groups": len(set(groups))}
    for system in SYSTEMS:
        values = np.array(each[system])
        told[system] = {name: _mean(values[:, i], groups) for i, name in enumerate(MEASURES)}
        if system != "Osler":
            told[system]["Osler less this"] = {
                name: _difference(ours[:, i], values[:, i], groups)
                for i, name in enumerate(MEASURES)
                if name in ("recall@5", "nDCG@10")
            }
    return told


def _mean(values: Any, groups: Sequence[str]) -> dict[str, Any]:
    """In percent. Wilson's interval, with as many questions as the groups are worth."""
    told: dict[str, Any] = {"mean": round(100 * float(values.mean()), 1)}
    if set(np.unique(values)) <= {0.0, 1.0}:
        interval = grouped_wilson_interval(*group_sums(values, groups))
        told["interval"] = [round(100 * end, 1) for end in interval] if interval else None
    return told


def _difference(a: Any, b: Any, groups: Sequence[str]) -> dict[str, Any]:
    judged = clustered_difference(a, b, groups, resamples=2000)
    ends = [round(100 * end, 1) for end in judged.interval]
    return {"points": round(100 * judged.difference, 1), "interval": ends, "p": judged.p}


def show(results: Mapping[str, Any]) -> None:
    """All slices as one table."""
    table = Table()
    for column in ("", "system", *MEASURES, "Osler less this, recall@5", "nDCG@10"):
        table.add_column(column, justify="left" if column in ("", "system") else "right")
    for name, each in results["slices"].items():
        for system in SYSTEMS:
            cells = [_cell(each[system][measure]) for measure in MEASURES]
            less = each[system].get("Osler less this", {})
            gains = [f"{d['points']:+} ({d['interval'][0]} to {d['interval'][1]})"
                     for d in less.values()]  # fmt: skip
            table.add_row(name if system == SYSTEMS[0] else "", system, *cells, *gains)
        table.add_section()
    Console(width=150).print(table)


def _cell(value: Mapping[str, Any]) -> str:
    ends = value.get("interval")
    return f"{value['mean']}" + (f" ({ends[0]} to {ends[1]})" if ends else "")


def main() -> None:
    """Measure all, and keep it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="keeps vectors for the next run")
    parser.add_argument("--fitting", type=int, default=500, help="MedQuAD questions to choose by")
    parser.add_argument("--testing", type=int, default=900, help="MedQuAD questions to measure")
    args = parser.parse_args()
    vectors = Vectors(args.work)
    documents, chunks = chunks_from("medquad")
    cases = medquad_cases(documents, chunks, args.fitting, args.testing)
    answers = {"answers": len(documents), "chunks": len(chunks)}
    found, fitting = measure(scored(cases, chunks, vectors))
    documents, chunks = chunks_from("pmc-rct-ccby", {row["pmcid"] for row in annotations()})
    cases, counts = trial_cases(documents, chunks)
    more, more_fitting = measure(scored(cases, chunks, vectors))
    best, grid = chosen(fitting | more_fitting)
    results = {
        "command": f"python bench/retrieval.py --fitting {args.fitting} --testing {args.testing}",
        "date": now(),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "versions": installed_versions(),
        "encoder": encoder_name(),
        "medquad": answers,
        "trials": counts | {"articles in the index": len(documents), "chunks": len(chunks)},
        "weights": {"shipped": [SENTENCE, WORDS], "best on the fitting half": best, "grid": grid},
        "slices": summary(found | more),
    }
    write_json(RESULTS, results)
    show(results)
    print("Weights (sentence, words), best on the fitting half:", best, "shipped:", SENTENCE, WORDS)


if __name__ == "__main__":
    main()
