"""A layer in tiles along the sequence, for very long examples.

All of a layer but attention treats each token alone, so it may as well take some thousand at a
time (Arctic Long Sequence Training, Bekman et al. 2025). What comes before attention is one part,
norm, projections and rotation; what comes after it is the other, projection, both sums, norm and
feed-forward. Each tile is computed again in the backward pass, so that of a whole example a layer
holds its input and what attention takes and gives, and nothing between.

Attention itself goes through the heads in groups. Its backward pass takes a gradient of each of
its tensors, and a sum in float32: of one group they are small, and gone before the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import Any, NamedTuple

import torch
from torch.utils.checkpoint import checkpoint

TAKEN_APART = {
    "LlamaDecoderLayer", "MistralDecoderLayer", "Qwen2DecoderLayer", "Qwen3DecoderLayer"
}  # fmt: skip
"""Layers of the form that `_before` and `_after` write out; of others the `mlp` goes in tiles."""
GROUPS = 4
"""Groups of heads, at most: fewer take more memory, and more would leave a card short of work."""


def can_be_taken_apart(layer: torch.nn.Module) -> bool:
    """True when all of the layer goes in tiles, and not its feed-forward part alone."""
    return type(layer).__name__ in TAKEN_APART


def head_groups(kv_heads: int) -> int:
    """Groups in which the heads attend: each has the same number of keys' heads."""
    return math.gcd(GROUPS, kv_heads)


def tile_layers(model: Any, tokens: int, *, compiled: bool = False) -> None:
    """Let every decoder layer take at most `tokens` tokens at a time, when training.

    So does the norm behind the last layer, which holds float32 copies. Layers of an unknown form
    do so in their `mlp` alone. `compiled`: compile what a tile goes through within a layer, whether
    or not the layers are compiled.
    """
    decoder = model.get_decoder()
    before, after = _made(_before, compiled=compiled), _made(_after, compiled=compiled)
    for layer in decoder.layers:
        if can_be_taken_apart(layer):
            tiles = _Tiles(tokens, before, after, layer.forward)
            layer.forward = MethodType(partial(_layer_forward, tiles=tiles), layer)
        else:
            _tile_module(layer.mlp, tokens, compiled=compiled)
    if hasattr(decoder, "norm"):
        _tile_module(decoder.norm, tokens, compiled=False)


def _made(part: Callable[..., Any], *, compiled: bool) -> Callable[..., Any]:
    if not compiled:
        return part
    # There is a graph for each length of a tile, with and without a gradient of its input, of each
    # model in this process. Were one not compiled in the end, the forward pass and its repetition
    # would not be the same.
    torch._dynamo.config.recompile_limit = 64  # pyright: ignore[reportPrivateUsage]
    return torch.compile(part, dynamic=False)


def _tile_module(module: torch.nn.Module, tokens: int, *, compiled: bool) -> None:
    """Tiles for a module of one input and one output [batch, tokens, width]."""
    whole = _made(module.forward, compiled=compiled)
    module.forward = MethodType(partial(_module_forward, whole=whole, tokens=tokens), module)


# A compiler would write out every tile; what one goes through is compiled by itself.
@torch.compiler.disable()  # pyright: ignore[reportUntypedFunctionDecorator]
def _module_forward(
    module: torch.nn.Module, x: torch.Tensor, *, whole: Any, tokens: int
) -> torch.Tensor:
    if not module.training or x.shape[1] <= tokens:
        return whole(x)
    return by_tiles(whole, tokens, x)[0]


def by_tiles(part: Callable[..., Any], tokens: int, *whole: torch.Tensor) -> list[torch.Tensor]:
    """What `part` makes of tensors [batch, tokens, ...], taken so many tokens at a time.

    `part` returns one tensor [batch, tokens, ...] or several.
    """
    tiles = zip(*(x.split(tokens, dim=1) for x in whole), strict=True)
    done = [checkpoint(part, *tile, use_reentrant=False) for tile in tiles]
    if isinstance(done[0], torch.Tensor):
        done = [(tile,) for tile in done]
    return [torch.cat(same, dim=1) for same in zip(*done, strict=True)]


# -- a whole layer -----------------------------------------------------------------------------


class _Tiles(NamedTuple):
    """How a layer is tiled: so many tokens at a time, through `_before` and `_after` or what was
    compiled of them; and its own forward, for short rows."""

    tokens: int
    before: Callable[..., Any]
    after: Callable[..., Any]
    whole: Callable[..., Any]


def _layer_forward(
    layer: Any, hidden_states: torch.Tensor, *, tiles: _Tiles, **kwargs: Any
) -> torch.Tensor:
    short = hidden_states.shape[1] <= tiles.tokens
    if short or not layer.training or kwargs.get("past_key_values") is not None:
        return tiles.whole(hidden_states, **kwargs)
    return _forward(layer, hidden_states, tiles, **kwargs)


def _forward(
    layer: Any,
    x: torch.Tensor,
    tiles: _Tiles,
    *,
    position_embeddings: tuple[torch.Tensor, torch.Tensor],
    attention_mask: torch.Tensor | None = None,
    past_key_values: None = None,
    **kwargs: Any,
) -> torch.Tensor:
    """x: [batch, tokens, hidden], out the same."""
    groups = head_groups(layer.self_attn.config.num_key_value_heads)
    cos, sin = (e.expand(len(x), -1, -1) for e in position_embeddings)
    made = by_tiles(partial(tiles.before, layer, groups), tiles.tokens, x, cos, sin)
    of_groups = zip(made[:groups], made[groups : 2 * groups], made[2 * groups :], strict=True)
    heads = [_attend(layer.self_attn, *qkv, attention_mask, **kwargs) for qkv in of_groups]
    return by_tiles(partial(tiles.after, layer), tiles.tokens, x, *heads)[0]


def _before(
    layer: Any, groups: int, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Queries of each group of heads, their keys, their values: [batch, tokens, heads, head_dim].

    x: [batch, tokens, hidden]; cos, sin: [batch, tokens, head_dim].
    """
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    attention = layer.self_attn
    x = layer.input_layernorm(x)
    heads = (*x.shape[:-1], -1, attention.head_dim)
    q, k, v = (
        project(x).view(heads) for project in (attention.q_proj, attention.k_proj, attention.v_proj)
    )
    if hasattr(attention, "q_norm"):
        q, k = attention.q_norm(q), attention.k_norm(k)
    q, k = apply_rotary_pos_emb(q, k, cos, sin, unsqueeze_dim=2)
    return (*q.chunk(groups, 2), *k.chunk(groups, 2), *v.chunk(groups, 2))


def _attend(
    attention: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: Any, **kwargs: Any
) -> torch.Tensor:
    """The attention that the model is set to, for some of its heads: [batch, tokens, heads, dim]
    in and out."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
    from transformers.models.llama.modeling_llama import eager_attention_forward

    name = attention.config._attn_implementation
    attend = ALL_ATTENTION_FUNCTIONS.get_interface(name, eager_attention_forward)
    # Qwen has a window in some layers, and says so there; Mistral in all or none.
    window = getattr(attention.config, "sliding_window", None)
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    return attend(
        attention, q, k, v, mask, dropout=attention.attention_dropout, scaling=attention.scaling,
        sliding_window=getattr(attention, "sliding_window", window), **kwargs,
    )[0]  # fmt: skip


def _after(layer: Any, x: torch.Tensor, *heads: torch.Tensor) -> torch.Tensor:
    """The layer's output; x: [batch, tokens, hidden], heads: what each group of them attended to,
    [batch, tokens, heads, head_dim]."""
    x = x + layer.self_attn.o_proj(torch.cat(heads, 2).flatten(2))
    return x + layer.mlp(layer.post_attention_layernorm(x))
