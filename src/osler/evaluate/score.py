"""The evaluator alone, on any system's stored answers. Needs no model, no recipe and no run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osler.errors import DataError
from osler.evaluate import metrics
from osler.evaluate.columns import Columns, read_columns
from osler.evaluate.summary import Examination, System, summarise


def score_files(
    a: Path,
    b: Path | None,
    references: Path,
    *,
    bertscore: bool = False,
    confidence: float = 0.95,
    margin: float = 1.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Measures of the answers in `a`, and a paired verdict of `a` against `b` when it is given.

    `a` and `b` are CSV files with the columns id and output, `references` one with id, reference
    and perhaps group (items of one group share a source and are not independent). Raises
    `DataError` unless all files have the same ids, each once. The result is that of
    `summarise`: JSON values, without any text of the files.
    """
    wanted = read_columns(references, "reference", optional="group")
    ids = list(wanted.values)
    answers: dict[str, list[str]] = {}
    for name, path in (("A", a), ("B", b)):
        if path is not None:
            given = read_columns(path, "output")
            _require_same_ids(given, wanted)
            answers[name] = [given.values[item] for item in ids]
    expected = [wanted.values[item] for item in ids]
    _refuse_empty_references(wanted)
    examination = Examination(
        groups=[wanted.groups.get(item) or item for item in ids],
        sizes=[1] * len(ids),
        systems={name: _system(name, texts, expected) for name, texts in answers.items()},
        pairs=[("A", "B")] if b is not None else [],
        signatures=metrics.signatures(expected),
        notes=metrics.notes_on(expected),
        blind=metrics.blind_measures(expected),
    )
    if bertscore:
        from osler.evaluate.bertscore import add_bert_scores

        add_bert_scores(examination, answers, expected)
    settings = {"confidence": confidence, "margin": margin, "seed": seed, "bertscore": bertscore}
    results = summarise(examination, confidence=confidence, margin=margin, seed=seed)
    return {"settings": settings} | results


def _system(name: str, texts: list[str], expected: list[str]) -> System:
    return System(
        metrics.text_scores(texts, expected, label=name),
        totals=metrics.corpus_figures(texts, expected),
        zeros=metrics.reasons(texts),
    )


def _require_same_ids(given: Columns, wanted: Columns) -> None:
    """Every reference has an answer, and every answer a reference."""
    missing = [item for item in wanted.values if item not in given.values]
    if missing:
        raise DataError(
            f"{given.path}: {len(missing)} of {len(wanted.values)} ids of {wanted.path} are not "
            f"there (first: {missing[0][:40]}).",
            "Add them; where the system gave no answer, leave the output empty: it scores 0.",
        )
    unknown = [item for item in given.values if item not in wanted.values]
    if unknown:
        raise DataError(
            f"{wanted.path}: {len(unknown)} ids of {given.path} have no reference "
            f"(first: {unknown[0][:40]}).",
            "Add their references, or remove these lines from the outputs.",
        )


def _refuse_empty_references(wanted: Columns) -> None:
    empty = [item for item, text in wanted.values.items() if metrics.is_empty(text)]
    if empty:
        raise DataError(
            f"{wanted.path}: {len(empty)} references are empty (first: id {empty[0][:40]}).",
            "Fill them in, or remove these ids from every file.",
        )
