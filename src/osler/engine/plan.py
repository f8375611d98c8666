"""How a training spends memory and time: what each layer keeps, computes again or sends away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from osler.engine.compile import compile_layers
from osler.engine.recompute import recompute_layers
from osler.engine.tiling import tile_layers


@dataclass(frozen=True)
class Plan:
    """Choices that change memory and time, and no result."""

    recomputed_layers: int = 0
    """Decoder layers, from the first on, that compute their forward pass again."""
    offload: bool = False
    """The inputs of those layers wait in the host's memory."""
    tile_tokens: int | None = None
    """Tokens that a layer, but for its attention, takes at a time; None for all."""
    sharded: bool = False
    """The ranks share out weights, gradients and the optimiser's states; else each holds all."""
    selective: bool = False
    """Of compiled layers: what no product is needed for is computed again, not kept (selective
    activation recomputation, Korthikanti et al. 2022)."""
    plain: str = ""
    """The kind of a model that the engine is not made for: it is left as transformers makes it."""


def carry_out(plan: Plan, model: Any, *, compiled: bool = False) -> None:
    """Set a model up as planned, but for `sharded`, which comes after all else (`shard_model`).

    `compiled`: its layers are compiled, too.
    """
    if plan.plain:
        if plan.recomputed_layers:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        return
    if compiled:
        compile_layers(model, selective=plan.selective)
    if plan.tile_tokens:
        tile_layers(model, plan.tile_tokens, compiled=compiled)
    if plan.recomputed_layers:
        recompute_layers(model, plan.recomputed_layers, offload=plan.offload)
