"""Frozen weights held in few bits, below an adapter: NF4 (4 bits) and e4m3 (8 bits).

NF4 (Dettmers et al. 2023) saves memory: a weight is unpacked for each product and forgotten after.
Float8 saves time: the products themselves run in e4m3, at about twice the rate of bfloat16 on
Hopper and later. Each row of the weight and of what it is multiplied with has its own scale
(amax / 448), the weight's fixed, the others measured anew each time; sums are kept in float32.
The weight is held twice, for the product forward and for that backward have scales along different
directions: as much memory as bfloat16. A few layers are multiplied in full forward, where rounding
is most of what turns the gradients away from those of a full base: see `full_forward`.
"""

from __future__ import annotations

from typing import Any, cast

import torch

from osler.engine.lora import adapted, adapted_gradients, lora

E4M3_MAX = 448.0
"""The largest number that float8_e4m3fn holds."""


# -- NF4 ---------------------------------------------------------------------------------------


class Nf4Weight(torch.nn.Module):
    """The parts of bitsandbytes' 4-bit weight as tensors that a compiler can see.

    They share memory with the layer they are taken from.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__()
        state = layer.weight.quant_state
        nested = state.state2
        self.shape, self.dtype, self.blocksize = list(state.shape), state.dtype, state.blocksize
        self.nested_blocksize = nested.blocksize if nested else 0
        for name, tensor in {
            "packed": layer.weight.data,
            "absmax": state.absmax,
            "nested_absmax": nested.absmax if nested else None,
            "nested_code": nested.code if nested else None,
            "offset": state.offset if nested else None,
        }.items():
            self.register_buffer(name, tensor, persistent=False)

    def parts(self) -> tuple[Any, ...]:
        """The first arguments of `unpack_nf4`."""
        return (
            self.packed, self.absmax, self.nested_absmax, self.nested_code, self.offset,
            self.shape, self.blocksize, self.nested_blocksize,
        )  # fmt: skip


def is_nf4(layer: torch.nn.Module) -> bool:
    """True for a linear layer of bitsandbytes whose weight has been packed as NF4."""
    state = getattr(getattr(layer, "weight", None), "quant_state", None)
    return type(layer).__name__ == "Linear4bit" and getattr(state, "quant_type", "") == "nf4"


def unpack_nf4(
    packed: torch.Tensor,
    absmax: torch.Tensor,
    nested_absmax: torch.Tensor | None,
    nested_code: torch.Tensor | None,
    offset: torch.Tensor | None,
    shape: list[int],
    blocksize: int,
    nested_blocksize: int,
    dtype: torch.dtype,
) -> torch.Tensor:
    """The weight [out, in]; with double quantisation its block scales are unpacked first."""
    ops = torch.ops.bitsandbytes
    if nested_absmax is not None and offset is not None:
        absmax = ops.dequantize_blockwise(
            absmax, nested_absmax, nested_code, nested_blocksize, torch.float32
        )
        absmax = absmax + offset
    return ops.dequantize_4bit(packed, absmax, blocksize, "nf4", shape, dtype)


@torch.library.custom_op("osler::lora_nf4", mutates_args=())
def _nf4(
    x: torch.Tensor,
    packed: torch.Tensor,
    absmax: torch.Tensor,
    nested_absmax: torch.Tensor | None,
    nested_code: torch.Tensor | None,
    offset: torch.Tensor | None,
    shape: list[int],
    blocksize: int,
    nested_blocksize: int,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """As `osler::lora`, unpacking the weight first; unpacked, it is gone when this returns."""
    weight = unpack_nf4(
        packed, absmax, nested_absmax, nested_code, offset, shape, blocksize, nested_blocksize,
        x.dtype,
    )  # fmt: skip
    return adapted(x, weight, bias, a, b)


@_nf4.register_fake
def _(x: Any, packed: Any, absmax: Any, na: Any, nc: Any, offset: Any, shape: list[int],
      blocksize: int, nested_blocksize: int, bias: Any, a: Any, b: Any) -> Any:  # fmt: skip
    return x.new_empty(x.shape[0], shape[0]), x.new_empty(x.shape[0], a.shape[0])


@torch.library.custom_op("osler::lora_nf4_backward", mutates_args=())
def _nf4_backward(
    grad: torch.Tensor,
    x: torch.Tensor,
    low: torch.Tensor,
    packed: torch.Tensor,
    absmax: torch.Tensor,
    nested_absmax: torch.Tensor | None,
    nested_code: torch.Tensor | None,
    offset: torch.Tensor | None,
    shape: list[int],
    blocksize: int,
    nested_blocksize: int,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    weight = unpack_nf4(
        packed, absmax, nested_absmax, nested_code, offset, shape, blocksize, nested_blocksize,
        grad.dtype,
    )  # fmt: skip
    return adapted_gradients(grad, x, low, weight, a, b)


@_nf4_backward.register_fake
def _(grad: Any, x: Any, low: Any, packed: Any, absmax: Any, na: Any, nc: Any, offset: Any,
      shape: Any, blocksize: Any, nested_blocksize: Any, a: Any, b: Any) -> Any:  # fmt: skip
    return torch.empty_like(x), torch.empty_like(a), torch.empty_like(b)


def _save_nf4(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, packed, absmax, nested_absmax, nested_code, offset, *sizes, _, a, b = inputs
    ctx.save_for_backward(x, output[1], packed, absmax, nested_absmax, nested_code, offset, a, b)
    ctx.sizes = sizes
    ctx.set_materialize_grads(False)


def _differentiate_nf4(ctx: Any, grad: torch.Tensor | None, _: None) -> tuple[Any, ...]:
    if grad is None:
        return (None,) * 12
    *parts, a, b = ctx.saved_tensors
    grad_x, grad_a, grad_b = _nf4_backward(grad.contiguous(), *parts, *ctx.sizes, a, b)
    return grad_x, *(None,) * 9, grad_a, grad_b


_nf4.register_autograd(_differentiate_nf4, setup_context=_save_nf4)


def lora_nf4(
    x: torch.Tensor,
    weight: Nf4Weight,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> torch.Tensor:
    """x W^T + bias + (x A^T) B^T for a weight in NF4; shapes as in `osler::lora`."""
    return cast(torch.Tensor, _nf4(x, *weight.parts(), bias, a, b)[0])


# -- float8 ------------------------------------------------------------------------------------


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
