"""Time that a training step takes, foretold.

Operations over the rate of matrix products, and bytes over the rate at which memory is read and
written. The constants are what no shape tells; they were fitted to measurements on one H200, which
`python bench/forecast.py` repeats and `--fit` fits again; what cards send each other is derived.
"""

from __future__ import annotations

from dataclasses import dataclass

from osler.engine.plan import Plan
from osler.engine.work import Work, forward_in_full, gathered, made_again

PRODUCTS = 0.86
"""Share of the matrix rate that the products of a training step get."""
FLOAT8_RATE = 2.78
"""Rate of products in e4m3 over that in bfloat16."""
ATTENTION = 0.38
"""Share of the matrix rate that attention gets, within a long document."""
ATTENTION_ALONE = 0.69
"""The same where a document is alone: PyTorch has a quicker kernel there."""
ATTENTION_START = 330.0
"""Tokens by which each document costs attention as if it were longer: tiles that are half empty."""
PASSES = {True: 9.7, False: 24.0}
"""How often what a layer keeps is read and written in a step, between the products; compiled and
not. Computing a layer's forward pass again is a third of it."""
FLOAT8_PASSES = 7.4
"""The same, for finding scales and turning rows into e4m3."""
LOGITS_PASSES = 5.0
"""How often the logits are read and written."""
UNPACKING = 2.7
"""Reads and writes of a weight that is unpacked from NF4, over those that it must take."""
LAUNCH = {True: 0.0006, False: 0.002}
"""Seconds a layer takes however few its tokens are; compiled and not."""
STEP = 0.012
"""Seconds of a step outside the model: loop, batch, clipping, logging."""
LINK = 4.0e10
"""Bytes a second between the card and the host."""
SHARDED = 0.0026
"""Seconds a layer takes more when its weights are gathered and its gradients given back: what is in
front of and behind the collective operations. Measured at one setting on two H200s."""
CARDS_LINK = 3.4e11
"""Bytes a second that a card gets from the others. Derived and not measured: three quarters, which
is what collective operations commonly reach, of the 450 GB/s one way that NVLink 4 is made for.
Cards that speak over PCIe have about a tenth of it."""


@dataclass(frozen=True)
class Speed:
    """What a device does in a second."""

    products: float
    """Floating-point operations of a plain matrix product."""
    bytes: float
    """Bytes read and written by a plain copy."""


def seconds(work: Work, plan: Plan, speed: Speed) -> float:
    """Seconds from one move of the weights to the next."""
    shape = work.shape
    again = min(plan.recomputed_layers, shape.layers) / shape.layers
    passes = _products(work, plan, again) / speed.products
    passes += _traffic(work, plan, again) / speed.bytes
    passes = max(passes, shape.layers * LAUNCH[work.compiled] * (1 + again / 3))
    if plan.offload:  # both ways, beside the computation
        passes = max(passes, 2 * again * shape.layers * work.unit * work.wide / LINK)
    beside, alone = _sent(work, plan)
    passes = max(passes, beside / CARDS_LINK) + alone / CARDS_LINK
    passes += SHARDED * shape.layers if plan.sharded else 0
    update = 2 * work.trained / work.sharers(plan) * (8 + work.state) / speed.bytes
    return STEP + work.accumulated * passes + update


def _sent(work: Work, plan: Plan) -> tuple[float, float]:
    """Bytes that a card gets from the others in a pass: beside the computation, and while it waits.

    Gathering something whole, or adding it up in parts, takes what the other ranks have of it.
    """
    others = 1 - 1 / work.ranks
    if not plan.sharded:  # once a step: added up in parts, then gathered
        return 0.0, 2 * others * work.gradients / work.accumulated
    outside, inside = gathered(work)
    beside = 2 * inside + work.gradients  # forward and backward pass gather anew
    return others * beside, others * outside * (2 if work.full else 1)


def _products(work: Work, plan: Plan, again: float) -> float:
    """Operations of a forward and backward pass, each counted as long as it takes."""
    shape = work.shape
    linear = 2 * shape.active * ((3 if work.full else 2) + again)
    if work.tile(plan):
        inner = 3 * shape.hidden * shape.intermediate * shape.layers
        linear += 2 * (shape.active if shape.tiles_whole else min(inner, shape.active))
    if work.base == "float8":
        full = 2 * forward_in_full(shape) * (1 + again)
        linear = full + (linear - full) / FLOAT8_RATE
    head = (8 if work.full else 4) * shape.vocabulary * shape.hidden
    # Each token attends to half of its document on average; backward takes five products for two.
    reach = work.attended + ATTENTION_START
    attention = 2 * shape.queries * reach * shape.layers * (1 + 2.5 + again)
    rate = ATTENTION_ALONE if work.attended >= work.tokens else ATTENTION
    return work.tokens * ((linear + head) / PRODUCTS + attention / rate)


def _traffic(work: Work, plan: Plan, again: float) -> float:
    """Bytes read and written between the products of a forward and backward pass."""
    shape = work.shape
    each = work.tokens * work.value * shape.layers
    values = 3 * shape.intermediate + 4 * shape.hidden + 2 * shape.queries + 2 * shape.keys
    passes = PASSES[work.compiled] + (FLOAT8_PASSES if work.base == "float8" else 0)
    found = each * values * passes * (1 + again / 3)
    found += LOGITS_PASSES * work.tokens * work.value * shape.vocabulary
    if work.wide == 2:
        found += 6 * shape.active  # the weights' casts
    if work.base == "nf4":
        found += UNPACKING * shape.active * (0.5 + work.value) * (2 + again)
    return found + 2 * each * made_again(work, plan)  # read what they are made of, and write them
