"""The loss of a language model without its logits.

The logits of 32,768 tokens over 152,000 pieces would fill 20 GB in float32. Here they exist for a
few thousand tokens at a time, labels that carry no loss are left out, and the gradient of the
hidden states is made from the logits while they are there, so that they are computed once and not
twice. That is possible where the output layer is frozen, as it is under an adapter: each token's
gradient is then its own, times what the loss gives it afterwards.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import torch

from osler.engine.packing import IGNORED

LOGITS = 2**28
"""Logits held at a time."""


class TokenScores(NamedTuple):
    """For each of n labels, in float32 and 0 where the label is ignored: its log-probability
    (differentiable), the prediction's entropy in nats, and 1 where it was the likeliest piece."""

    log_probs: torch.Tensor
    entropy: torch.Tensor
    is_top1: torch.Tensor


def rows_at_once(pieces: int) -> int:
    """Tokens whose logits over that many pieces are held at a time."""
    return max(256, 1 << (LOGITS // pieces).bit_length() - 1)


def score_tokens(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, *, compiled: bool = False
) -> TokenScores:
    """Score labels under softmax(hidden W^T).

    hidden: [n, width]; weight: [pieces, width], frozen; labels: [n], -100 where there is no loss,
    which costs nothing then. `compiled`: one kernel in place of several for what is done with the
    logits. Raises `ValueError` for a weight that is trained: it would get no gradient.
    """
    if weight.requires_grad:
        raise ValueError("the output layer is trained; its gradient is not computed here")
    scored: Any = _Score.apply(hidden, weight, labels, compiled)
    return TokenScores(*scored)


class _Score(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, compiled: bool
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        chosen = (labels != IGNORED).nonzero()[:, 0]
        at_once = rows_at_once(weight.shape[0])
        judge = _compiled_judge() if compiled else _judge
        # Rows of the gradient of the log-probabilities, of the chosen labels alone.
        wanted = ctx.needs_input_grad[0]
        towards = hidden.new_empty(len(chosen), hidden.shape[1]) if wanted else None
        scores = [hidden.new_zeros(len(labels), dtype=torch.float32) for _ in range(3)]
        for start in range(0, len(chosen), at_once):
            here = chosen[start : start + at_once]
            # Always of one shape when compiled, so that nothing is compiled again.
            spare = at_once - len(here) if compiled else 0
            rows = torch.nn.functional.pad(hidden[here], (0, 0, 0, spare))
            targets = torch.nn.functional.pad(labels[here], (0, spare))
            *found, slope = judge(rows @ weight.t(), targets)
            for score, values in zip(scores, found, strict=True):
                score[here] = values[: len(here)]
            if towards is not None:
                towards[start : start + at_once] = (slope @ weight)[: len(here)]
        ctx.chosen, ctx.towards, ctx.shape = chosen, towards, hidden.shape
        ctx.mark_non_differentiable(*scores[1:])
        return scores[0], scores[1], scores[2]

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[Any, ...]:
        towards, ctx.towards = ctx.towards, None
        towards.mul_(grads[0][ctx.chosen, None])
        grad = towards.new_zeros(ctx.shape).index_copy_(0, ctx.chosen, towards)
        return grad, None, None, None


def _judge(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Log-probability, entropy, is_top1 [n]; and [label = piece] - p [n, pieces], the derivative
    of the log-probability with respect to the logits, in their type."""
    full = logits.float()
    top = full.amax(-1, keepdim=True)
    shifted = full - top
    weights = shifted.exp()
    total = weights.sum(-1, keepdim=True)
    log_total = total.log()
    chosen = shifted.gather(-1, labels[:, None])
    p = weights / total
    entropy = log_total - (p * shifted).sum(-1, keepdim=True)
    pieces = torch.arange(logits.shape[-1], device=logits.device)
    towards = (pieces == labels[:, None]).to(full.dtype) - p
    return (
        (chosen - log_total)[:, 0], entropy[:, 0], (chosen[:, 0] == 0).float(),
        towards.to(logits.dtype),
    )  # fmt: skip


@cache
def _compiled_judge() -> Any:
    return torch.compile(_judge, dynamic=False)
