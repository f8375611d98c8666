"""How well a model foresees the reference: its cost in bits, for each byte of it.

The cost counts what the loss covers at training: the answer with its end-of-turn token, or the
whole of a plain text with its end-of-sequence token. The bytes are those of the reference's text
alone, so that models with different tokenizers compare.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from osler.errors import RunError
from osler.progress import progress
from osler.rows import Row
from osler.serve.generate import any_length
from osler.template import Tokens, tokenize_rows

MOST_LOGITS = 2**28
"""Logits computed at once, so that a large vocabulary does not fill the memory (1 GiB)."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The cost of one reference: nats over `tokens` tokens, for a text of `bytes` UTF-8 bytes."""

    nats: float
    tokens: int
    bytes: int

    @property
    def bits_per_byte(self) -> float:
        """The cost in bits for each byte of the reference."""
        return self.nats / math.log(2) / self.bytes


def total_bits_per_byte(found: Sequence[Likelihood]) -> float:
    """All bits over all bytes."""
    return sum(x.nats for x in found) / math.log(2) / sum(x.bytes for x in found)


def perplexity(found: Sequence[Likelihood]) -> float:
    """Perplexity per token over all items; compares only models with the same tokenizer."""
    return math.exp(sum(x.nats for x in found) / sum(x.tokens for x in found))


def likelihoods(
    model: Any,
    tokenizer: Any,
    rows: Sequence[Row],
    *,
    system: str | None,
    window: int,
    batch_size: int,
    label: str,
) -> list[Likelihood]:
    """The cost of each row's reference, in the order given.

    Rows longer than `window` tokens are read in windows that overlap by half. The first token of
    a plain text has nothing before it and is charged as one of the vocabulary drawn at random, so
    that the total is a code for the whole text and compares with a compressor's.
    """
    tokens = tokenize_rows(tokenizer, rows, system)
    nats = summed_nll(model, tokens, window=window, batch_size=batch_size, label=label)
    return [
        Likelihood(cost, n_charged(item), len(row.reference.encode("utf-8", "surrogatepass")))
        for row, item, cost in zip(rows, tokens, nats, strict=True)
    ]


def n_charged(item: Tokens) -> int:
    """How many tokens the cost covers."""
    return len(item.input_ids) - item.n_prompt


@dataclass(frozen=True, slots=True)
class _Piece:
    """A window of one item's tokens; the cost covers those from `scored` on."""

    item: int
    ids: list[int]
    scored: int


def summed_nll(
    model: Any, tokens: Sequence[Tokens], *, window: int, batch_size: int, label: str
) -> list[float]:
    """Negative log-likelihood in nats of each item's tokens after its prompt."""
    vocabulary = int(model.config.get_text_config().vocab_size)
    totals = [0.0 if item.n_prompt else math.log(vocabulary) for item in tokens]
    pieces = [
        _Piece(index, item.input_ids[start:end], scored - start)
        for index, item in enumerate(tokens)
        for start, end, scored in windows(len(item.input_ids), max(item.n_prompt, 1), window)
    ]
    kept_from = None if _keeps_logits(model) else 0
    batches = list(_batches(pieces, batch_size, vocabulary, kept_from=kept_from))
    for batch in progress(batches, f"{label}: likelihood"):
        for piece, nats in zip(batch, _batch_nll(model, batch, kept_from), strict=True):
            totals[piece.item] += nats
    wrong = sum(not math.isfinite(total) for total in totals)
    if wrong:
        raise RunError(
            f"{label}: the likelihood of {wrong} of {len(totals)} references is not finite.",
            "The weights overflow in their type: set model.dtype=float32.",
        )
    return totals


def windows(length: int, first: int, capacity: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, scored) of windows in which each token from `first` on is scored once.

    Tokens from `scored` to `end` are scored; after the first window each of them has at least
    half the capacity before it.
    """
    start, scored = max(0, first - capacity // 2) if first >= capacity else 0, first
    while scored < length:
        end = min(start + capacity, length)
        yield start, end, scored
        start, scored = end - capacity // 2, end


def _batches(
    pieces: Sequence[_Piece], batch_size: int, vocabulary: int, *, kept_from: int | None
) -> Iterator[list[_Piece]]:
    """Pieces of like length together, the longest first: what does not fit fails at once.

    `kept_from`: the position from which logits are computed, None for each batch's first need.
    """
    batch: list[_Piece] = []
    first = 0
    for piece in sorted(pieces, key=lambda piece: -len(piece.ids)):
        needed = piece.scored - 1 if kept_from is None else kept_from
        first = min(first, needed) if batch else needed
        longest = len(batch[0].ids) if batch else 0
        logits = (len(batch) + 1) * (longest - first) * vocabulary
        if batch and (len(batch) >= batch_size or logits > MOST_LOGITS):
            yield batch
            batch, first = [], needed
        batch.append(piece)
    if batch:
        yield batch


def _batch_nll(model: Any, batch: Sequence[_Piece], kept_from: int | None) -> list[float]:
    """Nats of each piece's scored tokens.

    Padding is on the right, where a causal model cannot see it, and position ids stay those of
    an unpadded row. The log-softmax is in float32 whatever the weights are in.
    """
    import torch

    longest = len(batch[0].ids)
    ids = torch.tensor([piece.ids + [0] * (longest - len(piece.ids)) for piece in batch])
    mask = torch.tensor(
        [[1] * len(piece.ids) + [0] * (longest - len(piece.ids)) for piece in batch]
    )
    # The logit before the first scored token is the first that is needed.
    first = min(piece.scored for piece in batch) - 1 if kept_from is None else kept_from
    options = {"logits_to_keep": longest - first} if first else {}
    costs: list[float] = []
    with torch.inference_mode(), any_length():
        logits = model(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            use_cache=False,
            **options,
        ).logits
        for row, piece in enumerate(batch):
            end = len(piece.ids)
            predicted = logits[row, piece.scored - 1 - first : end - 1 - first].float()
            target = ids[row, piece.scored : end].to(predicted.device)
            nats = torch.nn.functional.cross_entropy(predicted, target, reduction="none")
            costs.append(float(nats.cpu().double().sum()))
    return costs


def _keeps_logits(model: Any) -> bool:
    """True when the architecture can leave out the logits of a prompt."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(base.forward).parameters
