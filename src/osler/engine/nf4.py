"""A frozen base in NF4 (4 bits; Dettmers et al. 2023) below an adapter, for memory.

A weight is unpacked for each product and forgotten after. It is bitsandbytes' own weight: blocks of
64 values share a scale, and with double quantisation 256 scales one of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import torch

from osler.engine.compile import kernels_can_be_made
from osler.engine.lora import adapted, adapted_gradients


class Nf4Weight(torch.nn.Module):
    """The parts of bitsandbytes' 4-bit weight as tensors that a compiler can see.

    They share memory with the layer they are taken from.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__()
        state = layer.weight.quant_state
        nested = state.state2
        self.dtype = state.dtype
        self.shape = [*state.shape, state.blocksize, nested.blocksize if nested else 0]
        self.names = ["packed", "scales", "table"]
        self.register_buffer("packed", layer.weight.data.view(torch.uint8), persistent=False)
        self.register_buffer("scales", state.absmax, persistent=False)
        self.register_buffer("table", state.code, persistent=False)
        if nested:
            self.names += ["outer_scales", "scale_table", "offset"]
            self.register_buffer("outer_scales", nested.absmax, persistent=False)
            self.register_buffer("scale_table", nested.code, persistent=False)
            self.register_buffer("offset", state.offset, persistent=False)

    def parts(self) -> list[torch.Tensor]:
        """The first argument of `unpack`: three tensors, or six with double quantisation."""
        return [getattr(self, name) for name in self.names]


def is_nf4(layer: torch.nn.Module) -> bool:
    """True for a linear layer of bitsandbytes whose weight has been packed as NF4."""
    state = getattr(getattr(layer, "weight", None), "quant_state", None)
    return type(layer).__name__ == "Linear4bit" and getattr(state, "quant_type", "") == "nf4"


def unpack(parts: Sequence[torch.Tensor], shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """The weight [out, in]; `shape`: out, in, values a block, blocks an outer scale (0: none).

    On CUDA by one kernel of ours, where it can be made, elsewhere by bitsandbytes'; both say the
    same, bit for bit.
    """
    *size, block, outer = shape
    if not parts[0].is_cuda or math.prod(size) % block or not kernels_can_be_made():
        return unpack_by_library(parts, shape, dtype)
    from osler.engine.nf4_kernel import unpack_into

    out = torch.empty(size, dtype=dtype, device=parts[0].device)
    unpack_into(out, parts, block, outer)
    return out


def unpack_by_library(
    parts: Sequence[torch.Tensor], shape: Sequence[int], dtype: torch.dtype
) -> torch.Tensor:
    """The same by two kernels of bitsandbytes and a sum."""
    ops = torch.ops.bitsandbytes
    packed, scales, _, *nested = parts
    *size, block, outer = shape
    if nested:
        outer_scales, table, offset = nested
        scales = offset + ops.dequantize_blockwise(
            scales, outer_scales, table, outer, torch.float32
        )
    return ops.dequantize_4bit(packed, scales, block, "nf4", size, dtype)


@torch.library.custom_op("osler::lora_nf4", mutates_args=())
def _nf4(
    x: torch.Tensor,
    parts: Sequence[torch.Tensor],
    shape: Sequence[int],
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """As `osler::lora`, unpacking the weight first; unpacked, it is gone when this returns."""
    return adapted(x, unpack(parts, shape, x.dtype), bias, a, b)


@_nf4.register_fake
def _(x: Any, parts: Any, shape: Any, bias: Any, a: Any, b: Any) -> Any:
    return x.new_empty(x.shape[0], shape[0]), x.new_empty(x.shape[0], a.shape[0])


@torch.library.custom_op("osler::lora_nf4_backward", mutates_args=())
def _nf4_backward(
    grad: torch.Tensor,
    x: torch.Tensor,
    low: torch.Tensor,
    parts: Sequence[torch.Tensor],
    shape: Sequence[int],
    a: torch.Tensor,
    b: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return adapted_gradients(grad, x, low, unpack(parts, shape, grad.dtype), a, b)


@_nf4_backward.register_fake
def _(grad: Any, x: Any, low: Any, parts: Any, shape: Any, a: Any, b: Any) -> Any:
    return torch.empty_like(x), torch.empty_like(a), torch.empty_like(b)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, parts, ctx.shape, _, a, b = inputs
    ctx.save_for_backward(x, output[1], a, b, *parts)
    ctx.set_materialize_grads(False)


def _differentiate(ctx: Any, grad: torch.Tensor | None, _: None) -> tuple[Any, ...]:
    if grad is None:
        return (None,) * 6
    x, low, a, b, *parts = ctx.saved_tensors
    grad_x, grad_a, grad_b = _nf4_backward(grad.contiguous(), x, low, parts, ctx.shape, a, b)
    return grad_x, [None] * len(parts), None, None, grad_a, grad_b


_nf4.register_autograd(_differentiate, setup_context=_save)


def lora_nf4(
    x: torch.Tensor,
    weight: Nf4Weight,
    bias: torch.Tensor | None,
    a: torch.Tensor,
    b: torch.Tensor,
) -> torch.Tensor:
    """x W^T + bias + (x A^T) B^T for a weight in NF4; shapes as in `osler::lora`."""
    return cast(torch.Tensor, _nf4(x, weight.parts(), weight.shape, bias, a, b)[0])
