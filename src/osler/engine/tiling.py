"""The feed-forward part of a layer in tiles along the sequence, for very long examples.

Its inner width is several times the model's, so that for a long example it holds the most memory
of all; and as each token goes through it alone, it may as well take some thousand at a time
(Arctic Long Sequence Training, Bekman et al. 2025). Each tile is computed again in the backward
pass.
"""

from __future__ import annotations

from functools import partial
from types import MethodType
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint


def tile_mlps(model: Any, tokens: int, *, compiled: bool = False) -> None:
    """Let every decoder layer's `mlp` take at most `tokens` tokens at a time, when training.

    `compiled`: compile what one tile goes through, whether or not the layers are compiled.
    """
    for layer in model.get_decoder().layers:
        whole = layer.mlp.forward
        if compiled:
            whole = torch.compile(whole, dynamic=False)
        layer.mlp.forward = MethodType(partial(_tiled, whole=whole, tokens=tokens), layer.mlp)


# A compiler would write out every tile.
@torch.compiler.disable(recursive=False)  # pyright: ignore[reportUntypedFunctionDecorator]
def _tiled(module: torch.nn.Module, x: torch.Tensor, *, whole: Any, tokens: int) -> torch.Tensor:
    """x: [batch, tokens, width], out the same."""
    if not module.training or x.shape[1] <= tokens:
        return whole(x)
    tiles = [checkpoint(whole, tile, use_reentrant=False) for tile in x.split(tokens, dim=1)]
    return torch.cat(tiles, dim=1)
