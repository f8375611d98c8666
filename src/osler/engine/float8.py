"""A frozen base in e4m3 (8 bits) below an adapter, for time.

The products themselves run in e4m3, at about twice the rate of bfloat16 on Hopper and later. Each
row of the weight and of what it is multiplied with has its own scale (amax / 448), the weight's
fixed, the others measured anew each time; sums are kept in float32. The weight is held twice, for
the product forward and for that backward have scales along different directions: as much memory as
bfloat16. A few layers are multiplied in full forward, where rounding is most of what turns the
gradients away from those of a full base: see `full_forward`.
"""

from __future__ import annotations

from typing import Any, cast

import torch

from osler.engine.lora import lora

E4M3_MAX = 448.0
"""The largest number that float8_e4m3fn holds."""


def full_forward(name: str) -> bool:
    """True for a linear layer, by its name, whose product forward is not in e4m3.

    The values that attention reads and what it writes, and all of the first decoder layer: on a
    trained model these bring half of the error of a gradient, and are few.
    """
    return name.endswith(("v_proj", "o_proj")) or ".layers.0." in name


def to_float8(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of x [n, k] in e4m3, and their scales [n, 1] in float32: x is about their product."""
    scale = x.abs().amax(-1, keepdim=True).float().clamp_min(1e-12) / E4M3_MAX
    return (x.float() / scale).to(torch.float8_e4m3fn), scale


def product_float8(
    x: torch.Tensor,
    x_scale: torch.Tensor,
    weight: torch.Tensor,
    weight_scale: torch.Tensor,
    bias: torch.Tensor | None,
    dtype: torch.dtype,
) -> torch.Tensor:
    """x W^T + bias for rows with scales: x [n, k], W [m, k] in e4m3; returns [n, m]."""
    if x.is_cuda:
        scaled_mm: Any = torch._scaled_mm  # pyright: ignore
        return scaled_mm(
            x, weight.t(), scale_a=x_scale, scale_b=weight_scale.t(), bias=bias,
            out_dtype=dtype, use_fast_accum=True,
        )  # fmt: skip
    out = (x.float() * x_scale) @ (weight.float() * weight_scale).t()
    return (out if bias is None else out + bias).to(dtype)


class Float8Linear(torch.nn.Module):
    """A frozen linear layer in e4m3 with a scale for each row, for both directions.

    `weight` [out, in] serves the product forward, `weight_t` [in, out] that of the gradient.
    With `backward_only` the first stays in full, and `scale` is None.
    Source of the recipe: Micikevicius et al. 2022, with row-wise in place of tensor-wise scales.
    """

    def __init__(self, layer: torch.nn.Linear, *, backward_only: bool = False) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        full = layer.weight.detach()
        self.dtype = full.dtype
        weight, scale = (full, None) if backward_only else to_float8(full)
        self.weight = torch.nn.Parameter(weight, requires_grad=False)
        weight_t, scale_t = to_float8(full.t().contiguous())
        self.scale: torch.Tensor | None
        self.register_buffer("scale", scale, persistent=False)
        self.register_buffer("weight_t", weight_t, persistent=False)
        self.register_buffer("scale_t", scale_t, persistent=False)
        self.bias = layer.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: [..., in] -> [..., out], without an adapter and without a gradient."""
        if self.scale is None:
            return torch.nn.functional.linear(x, self.weight, self.bias)
        rows, row_scale = to_float8(x.reshape(-1, self.in_features))
        out = product_float8(rows, row_scale, self.weight, self.scale, self.bias, self.dtype)
        return out.view(*x.shape[:-1], self.out_features)


@torch.library.custom_op("osler::lora_float8", mutates_args=())
def _float8(
    x: torch.Tensor,
    rows: torch.Tensor,
    row_scale: torch.Tensor,
    weight: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x W^T + bias + (x A^T) B^T and x A^T; the large product in e4m3, the two thin ones not."""
    low = x @ a.t()
    out = product_float8(rows, row_scale, weight, scale, bias, x.dtype)
    return out.addmm_(low, b.t()), low


@_float8.register_fake
def _(x: Any, rows: Any, row_scale: Any, weight: Any, scale: Any, bias: Any, a: Any, b: Any) -> Any:
    return x.new_empty(x.shape[0], weight.shape[0]), x.new_empty(x.shape[0], a.shape[0])


class _LoraFloat8(torch.autograd.Function):
    """The rows are turned into e4m3 outside the operation, so that the compiler does it in passing
    while it computes them."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor | None,
        weight_t: torch.Tensor, scale_t: torch.Tensor, bias: torch.Tensor | None,
        a: torch.Tensor, b: torch.Tensor,
    ) -> torch.Tensor:  # fmt: skip
        if scale is None:
            out, low = lora(x, weight, bias, a, b)
        else:
            rows, row_scale = to_float8(x)
            out, low = _float8(x, rows, row_scale, weight, scale, bias, a, b)
        ctx.save_for_backward(x, low, weight_t, scale_t, a, b)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[Any, ...]:
        x, low, weight_t, scale_t, a, b = ctx.saved_tensors
        grad = grads[0].contiguous()
        rows, row_scale = to_float8(grad)
        # The gradient of x has the form of the product forward, with B^T and A^T for A and B.
        grad_x, grad_low = _float8(grad, rows, row_scale, weight_t, scale_t, None, b.t(), a.t())
        return grad_x, None, None, None, None, None, grad_low.t() @ x, grad.t() @ low


def lora_float8(
    x: torch.Tensor, layer: Float8Linear, a: torch.Tensor, b: torch.Tensor
) -> torch.Tensor:
    """x W^T + bias + (x A^T) B^T over a base in e4m3; shapes as in `osler::lora`."""
    out = _LoraFloat8.apply(
        x, layer.weight, layer.scale, layer.weight_t, layer.scale_t, layer.bias, a, b
    )
    return cast(torch.Tensor, out)


def to_float8_base(model: torch.nn.Module) -> int:
    """Hold the frozen linear layers below PEFT's adapters in e4m3; returns how many.

    Sizes must be multiples of 16, as the product asks for; other layers stay as they are.
    """
    from peft.tuners.lora.layer import LoraLayer

    count = 0
    for name, layer in [(n, m) for n, m in model.named_modules() if isinstance(m, LoraLayer)]:
        base: Any = layer.base_layer
        if type(base) is torch.nn.Linear and not (base.in_features | base.out_features) % 16:
            layer.base_layer = Float8Linear(base, backward_only=full_forward(name))
            count += 1
    return count
