"""Compilation of the decoder layers, one by one."""

from __future__ import annotations

import logging
from typing import Any

import torch

from osler.engine.attention import let_boundaries_vary


def compile_layers(model: Any) -> None:
    """Compile each decoder layer in place, for rows of one shape.

    Layer by layer, because they share one compiled function: minutes of compilation become
    seconds, and what is between them stays plain. A layer that cannot be compiled runs as it is;
    `graphs_compiled` tells.
    """
    torch._dynamo.config.suppress_errors = True  # pyright: ignore[reportPrivateUsage]
    logging.getLogger("torch._dynamo").setLevel(logging.ERROR)  # pages of trace for each layer
    # Under DDP the compiler would cut each graph where gradients are sent; layers are short enough.
    torch._dynamo.config.optimize_ddp = False  # pyright: ignore[reportPrivateUsage]
    decoder = model.get_decoder()
    for layer in decoder.layers:
        layer.forward = torch.compile(layer.forward, dynamic=False)
    let_boundaries_vary(decoder)


def graphs_compiled() -> int:
    """Compiled graphs in this process so far."""
    from torch._dynamo.utils import counters

    return int(counters["stats"]["unique_graphs"])
