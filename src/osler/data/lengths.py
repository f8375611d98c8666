"""Lengths in tokens: nothing is cut or dropped for length in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from osler.errors import DataError
from osler.recipe import Data
from osler.rows import Message, Row
from osler.template import Tokens, render_prompt, tokenize_rows, with_system

BATCH = 1000


@dataclass(frozen=True)
class LengthTable:
    """Percentiles of row lengths in tokens, and the ids of the longest rows."""

    rows: int
    total: int
    percentiles: dict[int, int]
    longest: list[tuple[str, int]]


def length_table(ids: Sequence[str], lengths: Sequence[int]) -> LengthTable:
    """Summarise lengths; percentiles are actual lengths, not interpolated ones."""
    if not lengths:
        return LengthTable(0, 0, {}, [])
    points = (5, 25, 50, 75, 95, 99, 100)
    values = np.percentile(lengths, points, method="higher")
    longest = sorted(zip(ids, lengths, strict=True), key=lambda pair: -pair[1])[:5]
    percentiles = {p: int(v) for p, v in zip(points, values, strict=True)}
    return LengthTable(len(lengths), int(sum(lengths)), percentiles, longest)


def fit_row(row: Row, tokens: Tokens, settings: Data, tokenizer: Any) -> tuple[Row, Tokens] | None:
    """The row as it is when it fits; shortened, or None (drop it), when `too_long` says so.

    Plain text always fits: training cuts it into pieces without loss. Raises `DataError` when
    `too_long` is `error`.
    """
    if row.text is not None or len(tokens.input_ids) <= settings.max_length:
        return row, tokens
    if settings.too_long == "error":
        raise DataError(
            f"{row.place}: row {row.id[:40]} has {len(tokens.input_ids)} tokens; "
            f"data.max_length is {settings.max_length}.",
            f"Set data.max_length={len(tokens.input_ids)} (or more), or data.too_long=shorten, "
            "or data.too_long=drop.",
        )
    return shorten(row, tokens, settings, tokenizer) if settings.too_long == "shorten" else None


def shorten(row: Row, tokens: Tokens, settings: Data, tokenizer: Any) -> tuple[Row, Tokens] | None:
    """Take characters from the end of the last user message until the row fits.

    The answer is never touched. None when the answer and an empty question are too long already.
    Bisection over the characters kept, so the longest fitting question is found.
    """
    last = max((i for i, m in enumerate(row.prompt) if m["role"] == "user"), default=None)
    if last is None:
        return None
    text = row.prompt[last]["content"]
    room = settings.max_length - tokens.n_trained

    def cut(kept: int) -> tuple[Message, ...]:
        message: Message = {"role": "user", "content": text[:kept].rstrip()}
        return (*row.prompt[:last], message, *row.prompt[last + 1 :])

    def fits(kept: int) -> bool:
        rendered = render_prompt(tokenizer, with_system(cut(kept), settings.system))
        return len(tokenizer(rendered, add_special_tokens=False).input_ids) <= room

    low, high = 0, len(text)
    if not fits(1):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    shorter = replace(row, prompt=cut(low))
    return shorter, tokenize_rows(tokenizer, [shorter], settings.system)[0]
