"""The evaluator alone, on any system's stored answers. Needs no model, no recipe and no run."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osler.errors import DataError
from osler.evaluate import metrics
from osler.evaluate.summary import Examination, System, summarise

CSV_FIELD = min(sys.maxsize, 2**31 - 1)
"""The longest cell that is read; Python's own limit is 128 KiB."""


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
        signatures=metrics.signatures(),
        notes=metrics.notes_on(expected),
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


@dataclass(frozen=True)
class Columns:
    """What a CSV file gives: id -> text, and id -> group where there is such a column.

    `repeated` holds the lines whose id an earlier line has.
    """

    path: Path
    values: dict[str, str] = field(default_factory=dict[str, str])
    groups: dict[str, str] = field(default_factory=dict[str, str])
    repeated: list[int] = field(default_factory=list[int])


def read_columns(path: Path, column: str, *, optional: str | None = None) -> Columns:
    """Read id, a column of text, and perhaps a group. Raises `DataError` naming file and line."""
    csv.field_size_limit(CSV_FIELD)
    columns = Columns(path)
    reader: csv.DictReader[str] | None = None
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, strict=True)
            _require_columns(path, reader.fieldnames, column)
            for row in reader:
                _add(columns, row, reader.line_num, column, optional)
    except (FileNotFoundError, IsADirectoryError):
        raise DataError(f"{path}: no such file.", "Check the path.") from None
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: not UTF-8 (byte {fault.start}).", "Save it as UTF-8.") from None
    except csv.Error as fault:
        # The inner reader's count: the outer one's is that of the last line that was whole.
        line = reader.reader.line_num if reader is not None else 1
        raise DataError(
            f"{path}:{line}: not valid CSV ({fault}).",
            "Write it with a CSV library: a cell with commas, quotes or line breaks is quoted.",
        ) from None
    if columns.repeated:
        raise DataError(
            f"{path}: {len(columns.repeated)} lines repeat an id (first: line "
            f"{columns.repeated[0]}).",
            "Keep one line for each id.",
        )
    if not columns.values:
        raise DataError(f"{path}: no lines under the header.", f"Give lines of id,{column}.")
    return columns


def _add(
    columns: Columns, row: dict[str, Any], line: int, column: str, optional: str | None
) -> None:
    item, text = row["id"], row[column]
    if not item or text is None:
        raise DataError(
            f"{columns.path}:{line}: a line without {'id' if not item else column}.",
            "Give every line both; an answer that is empty still needs its comma.",
        )
    if item in columns.values:
        columns.repeated.append(line)
    columns.values[item] = text
    if optional is not None and row.get(optional):
        columns.groups[item] = row[optional]


def _require_columns(path: Path, found: Any, column: str) -> None:
    names = [name for name in found or [] if name]
    missing = [name for name in ("id", column) if name not in names]
    if missing:
        raise DataError(
            f"{path}: no {' and no '.join(repr(name) for name in missing)} column "
            f"(found: {', '.join(sorted(names)) or 'an empty file'}).",
            f"The header must be id,{column}.",
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
