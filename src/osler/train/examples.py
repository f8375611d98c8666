"""From rows to what the trainer reads: token ids and labels, packed or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.engine.packing import IGNORED, best_fit, split_long
from osler.errors import DataError
from osler.recipe import Recipe
from osler.rows import Row, read_rows
from osler.template import Tokens, tokenize_rows
from osler.train.budget import is_packed


def read_examples(recipe: Recipe, inputs: list[Path], tokenizer: Any) -> list[Any]:
    """Examples of the data stage's files, for training and for validation.

    Raises `DataError` when there is none to train on.
    """
    examples = [
        make_examples(
            list(read_rows(path)),
            tokenizer,
            system=recipe.data.system,
            capacity=recipe.data.max_length,
            packing=is_packed(recipe),
        )
        for path in inputs
    ]
    if not examples[0]:
        raise DataError(
            "No training rows are left.",
            "`osler show RUN receipt` says which were dropped and why; the others are held out: "
            "lower data.test_share, or add rows in more groups.",
        )
    return examples


def document_lengths(examples: Any) -> list[int]:
    """Tokens of each document in the examples."""
    return [int(length) for lengths in examples["seq_lengths"] for length in lengths]


def make_examples(
    rows: Sequence[Row], tokenizer: Any, *, system: str | None, capacity: int, packing: bool
) -> Any:
    """A `datasets.Dataset` of `input_ids`, `labels` and `seq_lengths`.

    Unpacked: one example a row. Packed: one example a bin of at most `capacity` tokens; plain
    text longer than that is cut into pieces, and nothing is lost. Raises `DataError` when an
    example would have no trained token.
    """
    from datasets import Dataset

    tokens = [
        token
        for row, token in zip(rows, tokenize_rows(tokenizer, rows, system), strict=True)
        for _ in range(row.repeat)
    ]
    pieces = [
        (tokens[document].input_ids[start:end], _labels(tokens[document], start, end))
        for document, start, end in split_long([len(t.input_ids) for t in tokens], capacity)
    ]
    lengths = [len(ids) for ids, _ in pieces]
    bins = best_fit(lengths, capacity) if packing else [[i] for i in range(len(pieces))]
    columns: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "seq_lengths": []}
    for members in bins:
        ids = [token for i in members for token in pieces[i][0]]
        labels = [label for i in members for label in pieces[i][1]]
        if all(label == IGNORED for label in labels):
            raise DataError(
                "An example has no token that is trained.",
                "Run `osler check` on the recipe; it names the row.",
            )
        columns["input_ids"].append(ids)
        columns["labels"].append(labels)
        columns["seq_lengths"].append([lengths[i] for i in members])
    return Dataset.from_dict(columns).with_format("numpy")


def _labels(tokens: Tokens, start: int, end: int) -> list[int]:
    """Labels of a piece; its first token has no predecessor there and carries no loss."""
    return [IGNORED, *tokens.labels[start + 1 : end]]
