"""The examination of a model of plain text: bits per byte of held-out text, and two baselines.

A model that does not beat a unigram has learnt only which tokens are frequent; gzip knows
repetition within a text and nothing of the language.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from osler.evaluate.likelihood import Likelihood, perplexity, total_bits_per_byte
from osler.evaluate.summary import Examination, System
from osler.evaluate.systems import Bench, examine_model
from osler.progress import progress
from osler.rows import Row
from osler.template import tokenize_rows

BATCH = 512
GZIP_LEVEL = 9


def examine_text(bench: Bench) -> Examination:
    """Tuned model, base model where it is not random, unigram and gzip on the test rows."""
    models = ["base", "tuned"] if bench.recipe.model.init == "pretrained" else ["tuned"]
    costs = {name: examine_model(bench, name).costs for name in models}
    costs["unigram"] = unigram_costs(bench.tokenizer, bench.training, bench.rows)
    systems = {name: _system(found) for name, found in costs.items()}
    systems["gzip"] = System({}, whole={"bits_per_byte": gzip_bits_per_byte(bench.rows)})
    others = [name for name in ("base", "unigram") if name in systems]
    return Examination(
        groups=[row.group for row in bench.rows],
        sizes=[cost.bytes for cost in costs["tuned"]],
        systems=systems,
        pairs=[("tuned", other) for other in others],
        signatures={
            "bits_per_byte": "all bits / all UTF-8 bytes|windows of "
            f"{bench.recipe.data.max_length} tokens that overlap by half|first token of a text "
            "charged as drawn from the whole vocabulary|end of text included",
            "unigram": "tokens of the training rows, add one",
            "gzip": f"all test texts in one stream, level {GZIP_LEVEL}",
        },
        sources=_by_source(bench.rows, costs),
    )


def _system(costs: Sequence[Likelihood]) -> System:
    return System(
        {"bits_per_byte": [cost.bits_per_byte for cost in costs]},
        totals={"perplexity": perplexity(costs)},
    )


def unigram_costs(tokenizer: Any, training: Sequence[Row], rows: Sequence[Row]) -> list[Likelihood]:
    """Cost of each row's tokens when each is drawn by its frequency in the training rows.

    One is added to every count, so that a token never seen has a price.
    """
    counts = np.ones(len(tokenizer), dtype=np.float64)
    for ids in _token_ids(tokenizer, training, "unigram: training rows"):
        counts += np.bincount(ids, minlength=len(counts))
    prices = np.log(counts.sum()) - np.log(counts)
    tokens = list(_token_ids(tokenizer, rows, "unigram: test rows"))
    return [
        Likelihood(float(prices[ids].sum()), len(ids), _size(row))
        for row, ids in zip(rows, tokens, strict=True)
    ]


def _token_ids(tokenizer: Any, rows: Sequence[Row], label: str) -> Iterable[Any]:
    for start in progress(range(0, len(rows), BATCH), label):
        for tokens in tokenize_rows(tokenizer, rows[start : start + BATCH]):
            yield np.asarray(tokens.input_ids)


def gzip_bits_per_byte(rows: Sequence[Row]) -> float:
    """Bits of all texts together under gzip, for each of their bytes."""
    texts = [row.reference.encode("utf-8", "surrogatepass") for row in rows]
    return 8 * len(gzip.compress(b"".join(texts), GZIP_LEVEL, mtime=0)) / sum(map(len, texts))


def _by_source(rows: Sequence[Row], costs: dict[str, list[Likelihood]]) -> list[dict[str, Any]]:
    """Bits per byte for each source, where there are several."""
    sources = list(dict.fromkeys(row.source for row in rows))
    if len(sources) < 2:
        return []
    table: list[dict[str, Any]] = []
    for source in sources:
        own = [i for i, row in enumerate(rows) if row.source == source]
        figures = {
            name: total_bits_per_byte([found[i] for i in own]) for name, found in costs.items()
        }
        figures["gzip"] = gzip_bits_per_byte([rows[i] for i in own])
        size = sum(_size(rows[i]) for i in own)
        table.append({"source": source, "items": len(own), "bytes": size, "bits_per_byte": figures})
    return table


def _size(row: Row) -> int:
    return len(row.reference.encode("utf-8", "surrogatepass"))
