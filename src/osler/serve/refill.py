"""Generation with a full batch: whoever has ended makes room for the next at once.

The sections of many patients differ in length by far more than their prompts tell. In batches that
wait for their longest answer most rows do nothing most of the time; here a row that has ended is
taken out of the cache, and prompts that wait are put in its place (continuous batching: Yu et al.
2022, Orca, OSDI). The tokens are those of plain greedy generation.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from osler.progress import progress
from osler.serve.generate import (
    Answer,
    Sampling,
    answer_of,
    any_length,
    continuations,
    left_padded,
    padding,
)
from osler.template import stop_token_ids

REFILL = 4
"""A batch is filled up when a fourth of it is free: a prompt is read at the cost of a step."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt, and how long its answer may be."""

    prompt_ids: list[int]
    max_new_tokens: int
    sampling: Sampling | None = None


@dataclass(slots=True)
class _Row:
    """A place of the batch."""

    request: int
    left: int
    spoken: list[int] = field(default_factory=list[int])
    draw: Any = None
    """The generator of a sampled answer, its own, so that its neighbours change nothing."""


@dataclass(slots=True)
class _State:
    """The running batch: what each row has said, and its keys and values, padded on the left."""

    rows: list[_Row]
    cache: Any
    mask: Any
    """(rows, length)"""
    logits: Any
    """(rows, vocabulary), of the last place."""


def fill(
    model: Any, tokenizer: Any, requests: Sequence[Request], *, batch_size: int, label: str
) -> list[Answer]:
    """The answer to each request, in the order given."""
    stops = stop_token_ids(tokenizer, model.generation_config)
    if not _has_plain_cache(model):
        return _one_length(model, tokenizer, requests, batch_size, label)
    said: list[list[int]] = [[] for _ in requests]
    with _evaluating(model):
        ended = _run(model, requests, said, stops, padding(tokenizer, stops), batch_size)
        for _ in progress(ended, label, len(requests)):
            pass
    return [answer_of(tokenizer, ids, stops) for ids in said]


def _run(
    model: Any,
    requests: Sequence[Request],
    said: list[list[int]],
    stops: Sequence[int],
    pad: int,
    batch_size: int,
) -> Generator[int]:
    """Go on until every request has its tokens; yields the number of each that has ended."""
    waiting = deque(sorted(range(len(requests)), key=lambda i: -len(requests[i].prompt_ids)))
    state: _State | None = None
    while waiting or state:
        free = batch_size - (len(state.rows) if state else 0)
        if waiting and (state is None or free * REFILL >= batch_size):
            new = [waiting.popleft() for _ in range(min(free, len(waiting)))]
            fresh = _read(model, requests, new, pad)
            state = fresh if state is None else _joined(state, fresh)
        assert state is not None
        tokens = _next_tokens(state)
        staying: list[int] = []
        for place, (row, token) in enumerate(zip(state.rows, tokens, strict=True)):
            row.spoken.append(token)
            row.left -= 1
            if token in stops or row.left == 0:
                said[row.request] = row.spoken
                yield row.request
            else:
                staying.append(place)
        if len(staying) < len(state.rows):
            state = _kept(state, staying) if staying else None
            tokens = [tokens[place] for place in staying]
        if state is not None:
            _step(model, state, tokens)


def _read(model: Any, requests: Sequence[Request], new: Sequence[int], pad: int) -> _State:
    """Read prompts into a cache of their own."""
    import torch
    from transformers import DynamicCache

    inputs = left_padded([requests[i].prompt_ids for i in new], pad, model)
    mask = inputs["attention_mask"]
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    with torch.inference_mode():
        out = model(
            input_ids=inputs["input_ids"], attention_mask=mask, position_ids=positions,
            past_key_values=DynamicCache(), use_cache=True, logits_to_keep=1,
        )  # fmt: skip
    rows = [_row(i, requests[i]) for i in new]
    return _State(rows, out.past_key_values, mask, out.logits[:, -1])


def _row(number: int, request: Request) -> _Row:
    import torch

    row = _Row(number, request.max_new_tokens)
    if request.sampling is not None:
        row.draw = (torch.Generator().manual_seed(request.sampling.seed), request.sampling)
    return row


def _step(model: Any, state: _State, tokens: Sequence[int]) -> None:
    """One more place in every row."""
    import torch

    device = state.mask.device
    state.mask = torch.cat([state.mask, state.mask.new_ones(len(tokens), 1)], dim=1)
    with torch.inference_mode():
        out = model(
            input_ids=torch.tensor(tokens, device=device)[:, None],
            attention_mask=state.mask,
            position_ids=state.mask.sum(-1, keepdim=True) - 1,
            past_key_values=state.cache,
            use_cache=True,
        )
    state.cache, state.logits = out.past_key_values, out.logits[:, -1]


def _next_tokens(state: _State) -> list[int]:
    """The likeliest token of each row, or the one that is drawn for it."""
    tokens: list[int] = state.logits.argmax(-1).tolist()
    for place, row in enumerate(state.rows):
        if row.draw is not None:
            tokens[place] = _drawn(state.logits[place], *row.draw)
    return tokens


def _drawn(logits: Any, generator: Any, sampling: Sampling) -> int:
    """From the likeliest tokens that together have `top_p` (Holtzman et al. 2020)."""
    import torch

    chances, order = (logits.float().cpu() / sampling.temperature).softmax(-1).sort(descending=True)
    before = chances.cumsum(-1) - chances
    chances = chances.masked_fill(before >= sampling.top_p, 0.0)
    return int(order[torch.multinomial(chances, 1, generator=generator)])


# -- the cache -----------------------------------------------------------------------------------


def _has_plain_cache(model: Any) -> bool:
    """Whether all that a layer remembers is keys and values of every place."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    config = model.config.get_text_config(decoder=True)
    layers = DynamicCache(config=config).layers
    return all(type(layer) is DynamicLayer for layer in layers)


def _joined(a: _State, b: _State) -> _State:
    """Two batches as one, the shorter padded on the left."""
    import torch

    length = max(a.mask.shape[1], b.mask.shape[1])
    for one, other in zip(a.cache.layers, b.cache.layers, strict=True):
        one.keys = torch.cat([_padded(one.keys, length), _padded(other.keys, length)])
        one.values = torch.cat([_padded(one.values, length), _padded(other.values, length)])
    masks = [torch.nn.functional.pad(s.mask, (length - s.mask.shape[1], 0)) for s in (a, b)]
    return _State([*a.rows, *b.rows], a.cache, torch.cat(masks), torch.cat([a.logits, b.logits]))


def _padded(states: Any, length: int) -> Any:
    """Keys or values (rows, heads, places, size) with empty places in front."""
    import torch

    return torch.nn.functional.pad(states, (0, 0, length - states.shape[-2], 0))


def _kept(state: _State, places: Sequence[int]) -> _State:
    """Without the rows that have ended, and without places that are padding in all the others."""
    import torch

    index = torch.tensor(places, device=state.mask.device)
    mask = state.mask[index]
    start = int(mask.argmax(-1).min())
    for layer in state.cache.layers:
        layer.keys = layer.keys[index, :, start:]
        layer.values = layer.values[index, :, start:]
    return _State(
        [state.rows[place] for place in places], state.cache, mask[:, start:], state.logits[index]
    )


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
