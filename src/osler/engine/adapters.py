"""PEFT's adapters on the engine's operations."""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch

from osler.engine.float8 import Float8Linear, lora_float8
from osler.engine.lora import lora
from osler.engine.nf4 import Nf4Weight, is_nf4, lora_nf4


def quicken_lora(model: torch.nn.Module) -> int:
    """Let PEFT's plain LoRA layers over frozen linear ones use the operation; returns how many.

    Layers with dropout, DoRA, several adapters, or a base of another kind keep PEFT's path.
    """
    from peft.tuners.lora.layer import LoraLayer

    found = [m for m in model.modules() if isinstance(m, LoraLayer) and _is_plain(m)]
    for layer in found:
        if is_nf4(layer.base_layer):
            layer.nf4 = Nf4Weight(layer.base_layer)
        layer.forward = MethodType(_forward, layer)
    return len(found)


def _is_plain(layer: Any) -> bool:
    name = layer.active_adapters[0] if len(layer.active_adapters) == 1 else None
    base = layer.base_layer
    return (
        name in layer.lora_A
        and name not in layer.lora_variant  # DoRA and the like
        and isinstance(layer.lora_dropout[name], torch.nn.Identity)
        and layer.lora_B[name].bias is None
        and (type(base) in (torch.nn.Linear, Float8Linear) or is_nf4(base))
        and not base.weight.requires_grad
    )


def _forward(layer: Any, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """PEFT's forward of a plain layer with one adapter, as one operation."""
    if layer.disable_adapters or layer.merged or args or kwargs:
        return type(layer).forward(layer, x, *args, **kwargs)
    (name,) = layer.active_adapters
    base = layer.base_layer
    nf4: Nf4Weight | None = getattr(layer, "nf4", None)
    kind = base.weight.dtype if type(base) is torch.nn.Linear else (nf4 or base).dtype
    a = layer.lora_A[name].weight.to(kind)
    b = (layer.lora_B[name].weight * layer.scaling[name]).to(kind)
    flat = x.reshape(-1, x.shape[-1]).to(kind)
    if nf4 is not None:
        out = lora_nf4(flat, nf4, base.bias, a, b)
    elif isinstance(base, Float8Linear):
        out = lora_float8(flat, base, a, b)
    else:
        out, _ = lora(flat, base.weight, base.bias, a, b)
    return out.view(*x.shape[:-1], out.shape[-1])
