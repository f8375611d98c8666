"""The low-rank path beside a frozen weight (LoRA, Hu et al. 2021), without a second layer's cost.

PEFT computes x W^T and (x A^T) B^T s apart and adds them: under autocast x is copied into float32
and back, and the sum writes the output a second time. Here both are one operation with its own
derivative; the adapter's parameters stay PEFT's own, in float32, so that what is saved is plain
PEFT. For the frozen weight no gradient is computed, and where it is held in few bits its full form
lives only while it is used.
"""

from __future__ import annotations

from typing import Any

import torch


def adapted(
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
    return adapted_product(x, low, weight, b, bias), low


def adapted_gradients(
    grad: torch.Tensor,
    x: torch.Tensor,
    low: torch.Tensor,
    weight: torch.Tensor,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of x, a and b."""
    grad_low = grad @ b
    grad_x = adapted_product(grad, grad_low, weight.t(), a.t())
    return grad_x, grad_low.t() @ x, grad.t() @ low


def adapted_product(
    x: torch.Tensor,
    low: torch.Tensor,
    weight: torch.Tensor,
    b: torch.Tensor,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """x W^T + low B^T + bias; x: [n, in], low: [n, r], W: [out, in], B: [out, r]."""
    if len(weight) >= 4 * x.shape[1] and (x.shape[1] + b.shape[1]) % 8 == 0:
        # One product over the longer inner dimension. To add to a wide output takes more time than
        # to copy the narrow input; at twice the width it is about the same.
        x, weight = torch.cat([x, low], 1), torch.cat([weight, b], 1)
        return x @ weight.t() if bias is None else torch.addmm(bias, x, weight.t())
    out = x @ weight.t() if bias is None else torch.addmm(bias, x, weight.t())
    # In place, and hidden from the compiler, which would copy the output first.
    return out.addmm_(low, b.t())


lora = torch.library.custom_op("osler::lora", adapted, mutates_args=())
lora_backward = torch.library.custom_op("osler::lora_backward", adapted_gradients, mutates_args=())


@lora.register_fake
def _(x: Any, weight: Any, bias: Any, a: Any, b: Any) -> Any:
    return x.new_empty(x.shape[0], weight.shape[0]), x.new_empty(x.shape[0], a.shape[0])


@lora_backward.register_fake
def _(grad: Any, x: Any, low: Any, weight: Any, a: Any, b: Any) -> Any:
    return torch.empty_like(x), torch.empty_like(a), torch.empty_like(b)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, weight, _, a, b = inputs
    ctx.save_for_backward(x, output[1], weight, a, b)
    ctx.set_materialize_grads(False)


def _differentiate(ctx: Any, grad: torch.Tensor | None, _: None) -> tuple[Any, ...]:
    if grad is None:
        return (None,) * 5
    grad_x, grad_a, grad_b = lora_backward(grad.contiguous(), *ctx.saved_tensors)
    return grad_x, None, None, grad_a, grad_b


lora.register_autograd(_differentiate, setup_context=_save)
