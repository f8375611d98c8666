"""Generation with a full batch: whoever has ended makes room for the next at once.

The sections of many patients differ in length by far more than their prompts tell. In batches that
wait for their longest answer most rows do nothing most of the time; here the batch is kept full
(`osler.serve.running`). The tokens are those of plain greedy generation.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from osler.progress import progress
from osler.serve.generate import (
    Answer,
    Sampling,
    answer_of,
    any_length,
    continuations,
    padding,
)
from osler.serve.running import Row, Running, has_plain_cache
from osler.template import stop_token_ids

REFILL = 4
"""A batch is filled up when a fourth of it is free: a prompt is read at the cost of a step."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt, and how long its answer may be."""

    prompt_ids: list[int]
    max_new_tokens: int
    sampling: Sampling | None = None


def fill(
    model: Any, tokenizer: Any, requests: Sequence[Request], *, batch_size: int, label: str
) -> list[Answer]:
    """The answer to each request, in the order given."""
    stops = stop_token_ids(tokenizer, model.generation_config)
    if not has_plain_cache(model):
        return _one_length(model, tokenizer, requests, batch_size, label)
    said: list[list[int]] = [[] for _ in requests]
    with _evaluating(model):
        running = Running(model, padding(tokenizer, stops))
        ended = _run(running, requests, said, stops, batch_size)
        for _ in progress(ended, label, len(requests)):
            pass
    return [answer_of(tokenizer, ids, stops) for ids in said]


def _run(
    running: Running,
    requests: Sequence[Request],
    said: list[list[int]],
    stops: Sequence[int],
    batch_size: int,
) -> Generator[int]:
    """Go on until every request has its tokens; yields the number of each that has ended."""
    waiting = deque(sorted(range(len(requests)), key=lambda i: -len(requests[i].prompt_ids)))
    while waiting or running.rows:
        free = batch_size - len(running.rows)
        if waiting and (not running.rows or free * REFILL >= batch_size):
            new = [waiting.popleft() for _ in range(min(free, len(waiting)))]
            running.join([_row(i, requests[i]) for i in new])
        staying: list[int] = []
        for place, (row, token) in enumerate(zip(running.rows, running.choose(), strict=True)):
            row.say(token)
            if token in stops or row.left == 0:
                said[row.of] = row.spoken
                yield row.of
            else:
                staying.append(place)
        running.keep(staying)
        running.advance()


def _row(number: int, request: Request) -> Row:
    return Row(number, request.prompt_ids, request.max_new_tokens, request.sampling)


@contextlib.contextmanager
def _evaluating(model: Any) -> Generator[None]:
    """Without dropout, and at any length."""
    was = model.training
    model.eval()
    try:
        with any_length():
            yield
    finally:
        model.train(was)


def _one_length(
    model: Any, tokenizer: Any, requests: Sequence[Request], batch_size: int, label: str
) -> list[Answer]:
    """Plain batches, for models that remember in other ways; an answer is cut at its length."""
    stops = stop_token_ids(tokenizer, model.generation_config)
    longest = max((r.max_new_tokens for r in requests), default=1)
    new = continuations(
        model, tokenizer, [r.prompt_ids for r in requests], max_new_tokens=longest,
        batch_size=batch_size, label=label,
    )  # fmt: skip
    cut = [ids[: r.max_new_tokens] for ids, r in zip(new, requests, strict=True)]
    return [answer_of(tokenizer, ids, stops) for ids in cut]
