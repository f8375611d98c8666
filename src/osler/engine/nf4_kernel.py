"""Unpacking a weight in NF4 in one pass, as a Triton kernel.

bitsandbytes unpacks the scales of a doubly quantised weight by a kernel of its own, adds their
offset by another and the values by a third, which reaches half of the rate of memory.
"""

# pyright: basic, reportMissingImports=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Sequence

import torch
import triton
import triton.language as tl

BLOCKS = 32
"""Blocks of values that one program unpacks."""


@triton.jit
def _unpack(
    out, packed, scales, table, outer_scales, scale_table, offset, blocks,
    HALF: tl.constexpr, OUTER: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    """Two values a byte, the first in the high half; HALF bytes a block, OUTER blocks a scale."""
    block = tl.program_id(0).to(tl.int64) * BLOCKS + tl.arange(0, BLOCKS)[:, None]
    inside = block < blocks
    scale = tl.load(scales + block, mask=inside, other=0)
    if OUTER:
        wide = tl.load(scale_table + scale.to(tl.int32), mask=inside, other=0.0)
        scale = wide * tl.load(outer_scales + block // OUTER, mask=inside, other=0.0)
        scale += tl.load(offset)
    byte = tl.load(packed + block * HALF + tl.arange(0, HALF)[None, :], mask=inside, other=0)
    high, low = tl.load(table + (byte >> 4)) * scale, tl.load(table + (byte & 15)) * scale
    place = block * (2 * HALF) + tl.arange(0, 2 * HALF)[None, :]
    tl.store(out + place, tl.interleave(high, low).to(out.dtype.element_ty), mask=inside)


def try_out() -> None:
    """Unpack one block. Raises whatever Triton does where it cannot make the kernel."""
    out = torch.empty(1, 64, device="cuda")
    packed = torch.zeros(32, 1, dtype=torch.uint8, device="cuda")
    unpack_into(out, [packed, torch.ones(1, device="cuda"), torch.zeros(16, device="cuda")], 64, 0)


def unpack_into(out: torch.Tensor, parts: Sequence[torch.Tensor], block: int, outer: int) -> None:
    """Write the weight that `parts` make (see `nf4.Nf4Weight`) to `out` [out, in].

    `block`: values a scale; `outer`: scales an outer scale, 0 without.
    """
    packed, scales, table, *nested = parts
    blocks = out.numel() // block
    # Not to be contracted: the product and the sum are rounded each, as bitsandbytes' are.
    _unpack[(triton.cdiv(blocks, BLOCKS),)](
        out, packed, scales, table, *(nested or (table,) * 3), blocks,
        HALF=block // 2, OUTER=outer, BLOCKS=BLOCKS, num_warps=4, enable_fp_fusion=False,
    )  # fmt: skip
