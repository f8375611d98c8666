"""Attention over packed documents that never see each other.

Registered with transformers under the name `osler_varlen`. On CUDA it is FlashAttention as it is
inside PyTorch, no extra package; heads that share keys and values are not copied. On a CPU each
document goes through PyTorch's SDPA by itself, which costs less than one masked product over the
row. Elsewhere transformers' SDPA builds the block-diagonal mask from the position ids, which is
exact.
"""

from __future__ import annotations

import inspect
from itertools import pairwise
from typing import Any, cast

import torch

VARLEN = "osler_varlen"
KERNEL_FROM = (8, 0)
"""CUDA compute capability from which there is a kernel that takes boundaries."""


def takes_boundaries(device: str, capability: tuple[int, int]) -> bool:
    """True where attention is told where documents end, and makes no mask.

    `device`: `cuda`, `cpu` or `mps`; `capability` is that of CUDA, (0, 0) elsewhere.
    """
    return device == "cpu" or capability >= KERNEL_FROM


def packed_attention(device: str) -> str:
    """Name of the attention to load a model with when its rows are packed.

    `device`: `cuda`, `cpu` or `mps`. With VARLEN the model asks for the documents' boundaries.
    """
    capability = torch.cuda.get_device_capability() if device == "cuda" else (0, 0)
    if not takes_boundaries(device, capability):
        return "sdpa"
    _register(_kernel() if device == "cuda" else _each)
    return VARLEN


def asks_for_boundaries(model: Any) -> bool:
    """True for a model that was loaded with VARLEN."""
    return model.config._attn_implementation == VARLEN


def _register(kernel: Any) -> None:
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    def forward(
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        scaling: float | None = None,
        dropout: float = 0.0,
        sliding_window: int | None = None,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, None]:
        """query, key, value: [1, heads, tokens, head_dim] -> [1, tokens, heads, head_dim].

        Keys and values may have fewer heads. `sliding_window` counts the token itself.
        """
        # CUDA's kernel takes half precision only. Under autocast the rotary embedding returns
        # float32 queries and keys, and 4-bit layers on float32 hidden states float32 values too.
        given = value.dtype
        kind = torch.bfloat16 if value.is_cuda and given == torch.float32 else given
        query, key, value = query.to(kind), key.to(kind), value.to(kind)
        query, key, value = (x[0].transpose(0, 1) for x in (query, key, value))
        if kwargs["cu_seq_lens_q"].shape[0] == 2 and not sliding_window:
            return _alone(query, key, value, scaling).unsqueeze(0).to(given), None
        scale = query.shape[-1] ** -0.5 if scaling is None else scaling
        out = kernel(
            query, key, value, kwargs["cu_seq_lens_q"], int(kwargs["max_length_q"]), scale,
            sliding_window - 1 if sliding_window else -1,
        )  # fmt: skip
        return out.unsqueeze(0).to(given), None

    def no_mask(*args: Any, **kwargs: Any) -> None:
        """The boundaries say everything; building a mask would cost memory for nothing."""

    AttentionInterface.register(VARLEN, forward)
    AttentionMaskInterface.register(VARLEN, no_mask)


def _alone(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float | None, before: int = -1
) -> torch.Tensor:
    """One document: no boundaries, and so PyTorch's choice of kernels is larger.

    cuDNN's is about twice as fast as FlashAttention on Hopper, which very long examples feel.
    `before`: how many earlier tokens a token sees; -1 for all.
    """
    if not q.is_cuda:  # there, heads that share are faster copied
        k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    seen = None
    if 0 <= before < len(q) - 1:
        seen = torch.ones(len(q), len(q), dtype=torch.bool, device=q.device).tril()
        seen = seen.triu(-before)
    q, k, v = (x.transpose(0, 1).unsqueeze(0) for x in (q, k, v))
    out = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, seen, is_causal=seen is None, scale=scale, enable_gqa=q.shape[1] != k.shape[1]
    )
    return out[0].transpose(0, 1)


@torch.compiler.disable
def _each(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, cu: torch.Tensor, longest: int,
    scale: float, before: int,
) -> torch.Tensor:  # fmt: skip
    """One document after the other; their number is what no compiled graph can know."""
    parts = (slice(*ends) for ends in pairwise(cu.tolist()))
    return torch.cat([_alone(q[part], k[part], v[part], scale, before) for part in parts])


def _kernel() -> Any:
    """The best form of the kernel that this torch has.

    `varlen_attn` of torch 2.11 refuses keys and values of fewer heads, though the operation below
    it takes them: there it is called itself.
    """
    from torch.nn.attention.varlen import varlen_attn

    known = inspect.signature(varlen_attn).parameters
    if "enable_gqa" not in known:
        return _flash

    def varlen(
        q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, cu: torch.Tensor, longest: int,
        scale: float, before: int,
    ) -> torch.Tensor:  # fmt: skip
        out = varlen_attn(
            q, k, v, cu, cu, longest, longest, scale=scale, window_size=(before, 0),
            enable_gqa=q.shape[1] != k.shape[1],
        )  # fmt: skip
        return cast(torch.Tensor, out)  # a tuple only when return_aux is asked for

    return varlen


def _flash(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, cu: torch.Tensor, longest: int,
    scale: float, before: int,
) -> torch.Tensor:  # fmt: skip
    window = {} if before < 0 else {"window_size_left": before, "window_size_right": 0}
    return torch.ops.aten._flash_attention_forward(
        q, k, v, cu, cu, longest, longest, 0.0, True, False, scale=scale, **window
    )[0]


def let_boundaries_vary(model: torch.nn.Module) -> None:
    """Tell the compiler that the number of documents differs from batch to batch.

    Every other shape is fixed. Documents of no tokens, which would make this one fixed too, cost
    the kernel's backward pass as much again as the real ones. A document alone has a graph of its
    own, for attention takes another way there.
    """

    def mark(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        for name in ("cu_seq_lens_q", "cu_seq_lens_k"):
            if name in kwargs and len(kwargs[name]) > 2:
                torch._dynamo.mark_dynamic(kwargs[name], 0)  # pyright: ignore[reportPrivateUsage]

    model.register_forward_pre_hook(mark, with_kwargs=True)
