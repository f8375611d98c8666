"""Compilation of the decoder layers, one by one."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import torch
import torch._functorch.config as functorch_config

from osler.engine.attention import let_boundaries_vary


def compile_layers(model: Any, *, selective: bool = False) -> None:
    """Compile each decoder layer in place, for rows of one shape.

    Layer by layer, because they share one compiled function: minutes of compilation become
    seconds, and what is between them stays plain. A layer that cannot be compiled runs as it is;
    `graphs_compiled` tells. `selective`: the backward pass makes the inputs of products again where
    that takes no product (what norms give, the feed-forward's gated values): about 30 % less is
    kept, to the same accuracy.
    """
    # The compiler keeps what another product will read, as that spares reading and writing it.
    functorch_config.ban_recompute_materialized_backward = not selective
    torch._dynamo.config.suppress_errors = True  # pyright: ignore[reportPrivateUsage]
    logging.getLogger("torch._dynamo").setLevel(logging.ERROR)  # pages of trace for each layer
    # Under DDP the compiler would cut each graph where gradients are sent; layers are short enough.
    torch._dynamo.config.optimize_ddp = False  # pyright: ignore[reportPrivateUsage]
    decoder = model.get_decoder()
    for layer in decoder.layers:
        layer.forward = torch.compile(layer.forward, dynamic=False)
    let_boundaries_vary(decoder)


@cache
def kernels_can_be_made() -> bool:
    """True where Triton makes kernels for the card, tried with a small one.

    It takes a C compiler and Python's headers for that, which not every machine with a card has.
    """
    if not torch.cuda.is_available():
        return False
    try:
        from osler.engine.nf4_kernel import try_out

        try_out()
    except Exception:  # the package, the compiler, a header, the card's age: Triton's errors differ
        return False
    return True


def graphs_compiled() -> int:
    """Compiled graphs in this process so far."""
    from torch._dynamo.utils import counters

    return int(counters["stats"]["unique_graphs"])
