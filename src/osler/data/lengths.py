"""Lengths in tokens: nothing is cut or dropped for length in silence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from osler.errors import DataError
from osler.recipe import Data
from osler.rows import Message, Row, named
from osler.template import Tokens, render_prompt, tokenize_rows, with_system

BATCH = 1000

NEAR = 64
"""Characters around a cut that are tried one by one."""


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
    """The row as it is when it fits; shortened, or None (drop it), as `too_long` says."""
    if not is_too_long(row, tokens, settings):
        return row, tokens
    return shorten(row, tokens, settings, tokenizer) if settings.too_long == "shorten" else None


def is_too_long(row: Row, tokens: Tokens, settings: Data) -> bool:
    """True when the row does not fit. Plain text always does: training cuts it into pieces."""
    return row.text is None and len(tokens.input_ids) > settings.max_length


def refuse_too_long(rows: Sequence[tuple[Row, int]], settings: Data) -> None:
    """Raise `DataError` for rows that are too long, each with its tokens, unless there are none."""
    if not rows:
        return
    row, length = rows[0]
    longest = max(length for _, length in rows)
    more = f" {len(rows)} rows are too long, the longest has {longest}." if len(rows) > 1 else ""
    raise DataError(
        f"{named(row)} has {length} tokens; data.max_length is {settings.max_length}.{more}",
        f"Set data.max_length={longest} (or more), or data.too_long=shorten, or "
        "data.too_long=drop.",
    )


def shorten(row: Row, tokens: Tokens, settings: Data, tokenizer: Any) -> tuple[Row, Tokens] | None:
    """Take characters from the end of the last user message until the row fits.

    The answer is never touched. None when not even one character of the question fits beside it.
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

    kept = longest_fitting(text, fits)
    if kept == 0:
        return None
    shorter = replace(row, prompt=cut(kept))
    return shorter, tokenize_rows(tokenizer, [shorter], settings.system)[0]


def longest_fitting(text: str, fits: Callable[[int], bool]) -> int:
    """The most characters of the text's beginning that fit; 0 when none do.

    More whole words never take fewer tokens, so the last that fits is found by bisection. But half
    a word can take more tokens than the whole one, so in the word after it every end is tried (in
    one of many characters, those near the end that bisection finds).
    """
    ends = [0, *(word.end() for word in re.finditer(r"\S+", text))]
    at = bisect_left(ends, True, lo=1, key=lambda end: not fits(end))
    if at == len(ends):
        return len(text)
    low, high = ends[at - 1], ends[at]
    if high - low > NEAR:
        inside = range(low, high)
        low = inside[bisect_left(inside, True, lo=1, key=lambda end: not fits(end)) - 1]
    return next((end for end in range(min(low + NEAR, high - 1), low, -1) if fits(end)), low)
