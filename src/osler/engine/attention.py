"""Attention over packed documents that never see each other.

On CUDA: PyTorch's `varlen_attn` (FlashAttention inside torch, no extra package), registered with
transformers under the name `osler_varlen`. Elsewhere transformers' SDPA builds the block-diagonal
mask from the position ids, which is exact.
"""

from __future__ import annotations

import inspect
from typing import Any, cast

import torch

VARLEN = "osler_varlen"


def packed_attention() -> str:
    """Name of the attention to load a model with when its rows are packed."""
    if not torch.cuda.is_available() or torch.cuda.get_device_capability() < (8, 0):
        return "sdpa"
    _register()
    return VARLEN


def _register() -> None:
    from torch.nn.attention.varlen import varlen_attn
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    known = inspect.signature(varlen_attn).parameters
    causal: dict[str, Any] = (
        {"window_size": (-1, 0)} if "window_size" in known else {"is_causal": True}
    )
    shares_heads = "enable_gqa" in known

    def forward(
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        scaling: float | None = None,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, None]:
        """query, key, value: [1, heads, tokens, head_dim] -> [1, tokens, heads, head_dim]."""
        options: dict[str, Any] = {"scale": scaling, **causal}
        # The kernel takes half precision only. Under autocast the rotary embedding returns float32
        # queries and keys, and 4-bit layers on float32 hidden states return float32 values too.
        given = value.dtype
        half = given if given != torch.float32 else torch.bfloat16
        query, key, value = query.to(half), key.to(half), value.to(half)
        query, key, value = (x[0].transpose(0, 1) for x in (query, key, value))
        groups = query.shape[1] // key.shape[1]
        if groups > 1 and shares_heads:
            options["enable_gqa"] = True
        elif groups > 1:
            key, value = (x.repeat_interleave(groups, 1) for x in (key, value))
        cu, longest = kwargs["cu_seq_lens_q"], kwargs["max_length_q"]
        found = varlen_attn(
            query.contiguous(), key.contiguous(), value.contiguous(), cu, cu, longest, longest,
            **options,
        )  # fmt: skip
        out = cast(torch.Tensor, found)  # a tuple only when return_aux is asked for
        return out.unsqueeze(0).to(given), None

    def no_mask(*args: Any, **kwargs: Any) -> None:
        """The boundaries say everything; building a mask would cost memory for nothing."""

    AttentionInterface.register(VARLEN, forward)
    AttentionMaskInterface.register(VARLEN, no_mask)


def compile_layers(model: Any) -> None:
    """Compile each decoder layer in place, for inputs of one shape.

    Layer by layer, because they share one compiled function: minutes of compilation become
    seconds, and what is between them stays plain.
    """
    for layer in model.get_decoder().layers:
        layer.compile(dynamic=False)
