"""The low-rank path beside a frozen weight (LoRA, Hu et al. 2021), without a second layer's cost.

PEFT computes x W^T and (x A^T) B^T s apart and adds them: under autocast x is copied into float32
and back, and the sum writes the output a second time. Here both are one operation with its own
derivative; the adapter's parameters stay PEFT's own, in float32, so that what is saved is plain
PEFT. For the frozen weight no gradient is computed, and where it is held in few bits its full form
lives only while it is used.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch

from osler.engine.lowbit import Float8Linear, Nf4Weight, is_nf4, lora_float8, lora_nf4

# -- the operation -----------------------------------------------------------------------------


@torch.library.custom_op("osler::lora", mutates_args=())
def lora(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x W^T + bias + (x A^T) B^T, and x A^T for the derivative.

    x: [tokens, in]; weight: [out, in], frozen; a: [r, in]; b: [out, r] with the scale in it; all of
    one type. Returns [tokens, out] and [tokens, r].
    """
    low = x @ a.t()
    out = x @ weight.t() if bias is None else torch.addmm(bias, x, weight.t())
    # In place, and hidden from the compiler, which would copy the output first.
    return out.addmm_(low, b.t()), low


@lora.register_fake
def _(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    return x.new_empty(x.shape[0], weight.shape[0]), x.new_empty(x.shape[0], a.shape[0])


@torch.library.custom_op("osler::lora_backward", mutates_args=())
def lora_backward(
    grad: torch.Tensor,
    x: torch.Tensor,
    low: torch.Tensor,
    weight: torch.Tensor,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of x, a and b."""
    grad_low = grad @ b
    return (grad @ weight).addmm_(grad_low, a), grad_low.t() @ x, grad.t() @ low


@lora_backward.register_fake
def _(
    grad: torch.Tensor,
    x: torch.Tensor,
    low: torch.Tensor,
    weight: torch.Tensor,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.empty_like(x), torch.empty_like(a), torch.empty_like(b)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, weight, _, a, b = inputs
    ctx.save_for_backward(x, output[1], weight, a, b)
    ctx.set_materialize_grads(False)


def _differentiate(ctx: Any, grad: torch.Tensor, _: None) -> tuple[Any, ...]:
    grad_x, grad_a, grad_b = lora_backward(grad.contiguous(), *ctx.saved_tensors)
    return grad_x, None, None, grad_a, grad_b


lora.register_autograd(_differentiate, setup_context=_save)

# -- into a model ------------------------------------------------------------------------------


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
