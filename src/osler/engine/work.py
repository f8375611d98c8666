"""One step of a training, as its memory and its time are foretold from.

The shape of the model, how its weights are held, and how many tokens go through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osler.engine.float8 import full_forward
from osler.engine.plan import Plan
from osler.engine.shape import Shape

Base = Literal["float32", "bfloat16", "float16", "nf4", "float8"]
"""How the weights are held."""

BYTES: dict[Base, float] = {
    "float32": 4,
    "bfloat16": 2,
    "float16": 2,
    # Half a byte; one byte of scale a block of 64, and its own scale for 256 of those.
    "nf4": 0.5 + 1 / 64 + 4 / (64 * 256),
    "float8": 2,  # one byte for the product forward, one for that backward
}
"""Of one parameter of a linear layer."""


@dataclass(frozen=True)
class Work:
    """One step of a training."""

    shape: Shape
    base: Base
    trained: int
    """Parameters that are trained."""
    full: bool
    """All of them are; else an adapter beside a frozen base."""
    tokens: int
    """In a forward pass, padding included."""
    attended: float
    """Length of the document that a token stands in, on average over the tokens."""
    row: int = 0
    """Tokens side by side in a row of the batch; 0 when all of them are in one."""
    value: int = 2
    """Bytes of an activation."""
    low: int = 0
    """Values a token that an adapter keeps in each layer."""
    state: float = 8
    """Bytes that the optimiser holds for a trained parameter."""
    update: float = 0
    """Further bytes for each while it moves the weights."""
    compiled: bool = True
    fused_loss: bool = True
    """What is done with a chunk of logits is one kernel."""
    copied_heads: bool = False
    """Keys and values are copied for each head of the queries."""
    accumulated: int = 1
    """Forward and backward passes before the weights move."""
    ranks: int = 1
    """Cards that train together; `tokens` and `accumulated` are one card's share."""

    @property
    def wide(self) -> int:
        """1; 2 where the layers' inputs are float32 and all else is half as wide."""
        return 2 if self.full and self.base == "float32" and self.value == 2 else 1

    @property
    def gradients(self) -> float:
        """Bytes of all gradients, not shared out."""
        return (BYTES[self.base] if self.full else 4) * self.trained

    @property
    def unit(self) -> int:
        """Bytes of one tensor [tokens, hidden]."""
        return self.tokens * self.shape.hidden * self.value

    def sharers(self, plan: Plan) -> int:
        """Ranks that weights, gradients and the optimiser's states are shared out over."""
        return self.ranks if plan.sharded else 1

    def tile(self, plan: Plan) -> int:
        """Tokens that a layer takes at a time, of all rows together; 0 for all."""
        row = self.row or self.tokens
        if not plan.tile_tokens or plan.tile_tokens >= row:
            return 0
        return self.tokens * plan.tile_tokens // row


def gathered(work: Work) -> tuple[float, float]:
    """Bytes that sharded weights have when they are whole: outside the layers, and in all of them.

    Those outside stay whole from the forward pass to the end of the backward one.
    """
    shape = work.shape
    outside = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    travelling = work.value if work.wide == 2 else BYTES[work.base]
    return BYTES[work.base] * outside, travelling * (shape.parameters - outside)


def forward_in_full(shape: Shape) -> int:
    """Parameters of the layers that a float8 base multiplies in full forward."""
    return sum(a * b for name, (a, b) in shape.linear.items() if full_forward(name))


def made_again(work: Work, plan: Plan) -> int:
    """Values a token and layer that a selective plan makes again: inputs of products that are made
    without one, which the two norms give, and the gate of a feed-forward that is not in tiles."""
    if not (plan.selective and work.compiled):
        return 0
    return 2 * work.shape.hidden + (0 if work.tile(plan) else work.shape.intermediate)
