"""How many ordinary sentences are left out, as if they were written to an assistant."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from injected.carriers import embedded, report
from osler.evaluate.statistics import wilson_interval
from osler.retrieve.sentences import sentences

SEED = 20261122
MOST = 10_000
"""Sentences of each source."""


def false_alarms(shown: Callable[[str], Any], data: str | None) -> dict[str, dict[str, Any]]:
    """By source: sentences, how many of them are left out, and Wilson's interval, in percent."""
    sources = {"embedded answers": _embedded(), "the report": iter([report().read().text])}
    if data:
        sources |= {"MedQuAD": _medquad(Path(data)), "trial articles": _articles(Path(data))}
    return {name: _counted(shown, texts) for name, texts in sources.items()}


def _counted(shown: Callable[[str], Any], texts: Iterable[str]) -> dict[str, Any]:
    count = left_out = 0
    for text in texts:
        count += len(list(sentences(text)))
        left_out += shown(text).left_out
        if count >= MOST:
            break
    low, high = wilson_interval(left_out, count)
    interval = [round(100 * low, 3), round(100 * high, 3)]
    return {"sentences": count, "left out": left_out, "interval": interval}


def _embedded() -> Iterator[str]:
    for one in embedded():
        yield " ".join(line for _, lines in one.page.sections for line in lines)


def _medquad(data: Path) -> Iterator[str]:
    csv.field_size_limit(10**9)
    path = data / "medquad" / "medquad_with_answers.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        texts = [re.sub(r"[^\S\n]+", " ", row["answer"]) for row in csv.DictReader(lines)]
    random.Random(SEED).shuffle(texts)
    return iter(texts)


def _articles(data: Path) -> Iterator[str]:
    """Some paragraphs of each article."""
    chance = random.Random(SEED)
    with lzma.open(data / "pmc_rct_ccby" / "pmc_rct_articles.jsonl.xz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            paragraphs = [one for one in row["body"].split("\n") if len(one) > 200]
            yield from chance.sample(paragraphs, min(2, len(paragraphs)))
