"""What a training step takes of memory and time, foretold from the shape of the model.

Memory is counted tensor by tensor at each moment that can be the peak: while the loss is computed,
in the backward pass of each layer, and when the optimiser moves the weights. Time is operations
over the rate of matrix products, and bytes over the rate at which memory is read and written. The
constants below are what no shape tells; they were fitted to measurements on one H200, which
`python bench/forecast.py` repeats and `--fit` fits again; what cards send each other is derived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from osler.engine.loss import rows_at_once
from osler.engine.lowbit import full_forward
from osler.engine.plan import Plan
from osler.engine.recompute import AHEAD
from osler.engine.shape import Shape
from osler.engine.tiling import head_groups

Base = Literal["float32", "bfloat16", "float16", "nf4", "float8"]
"""How the weights are held."""

BYTES: dict[Base, float] = {
    "float32": 4,
    "bfloat16": 2,
    "float16": 2,
    # Half a byte; one byte of scale a block of 64, and its own scale for 256 of those.
    "nf4": 0.5 + 1 / 64 + 4 / (64 * 256),
    "float8": 2,  # one byte for the product forward, one for that backward
}
"""Of one parameter of a linear layer."""

# -- memory ------------------------------------------------------------------------------------

HIDDEN_IN_LOSS = 7
"""Tensors [tokens, hidden] beside the logits: the last layer's output, in float32 for the norm (two
of them), normalised, scaled, the rows with a label, and their gradient."""
HIDDEN_IN_LOSS_TILED = 5
"""The same where the norm goes in tiles: its input and output, the gradients of both, and the tiles
of one before they are put together."""
LOGITS_AT_ONCE = {True: 2, False: 8}
"""Tensors of a chunk of logits: compiled, they and their gradient; else each step's result."""
SLACK = 0.08
"""Share of the budget that is left: memory in pieces too small to be used."""
GATHERED = 2
"""Layers of a sharded model that are whole at a time: one that computes, the next on its way."""

# -- time --------------------------------------------------------------------------------------

PRODUCTS = 0.88
"""Share of the matrix rate that the products of a training step get."""
FLOAT8_RATE = 2.23
"""Rate of products in e4m3 over that in bfloat16."""
ATTENTION = 0.46
"""Share of the matrix rate that attention gets, within a long document."""
ATTENTION_START = 300.0
"""Tokens by which each document costs attention as if it were longer: tiles that are half empty."""
PASSES = {True: 12.5, False: 28.0}
"""How often what a layer keeps is read and written in a step, between the products; compiled and
not. Computing a layer's forward pass again is a third of it."""
FLOAT8_PASSES = 2.95
"""The same, for finding scales and turning rows into e4m3."""
LOGITS_PASSES = 5.0
"""How often the logits are read and written."""
UNPACKING = 2.3
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


@dataclass(frozen=True)
class Work:
    """One step of a training."""

    shape: Shape
    base: Base
    trained: int
    """Parameters that are trained."""
    full: bool
    """All of them are; else an adapter beside a frozen base."""
    tokens: int
    """In a forward pass, padding included."""
    attended: float
    """Length of the document that a token stands in, on average over the tokens."""
    row: int = 0
    """Tokens side by side in a row of the batch; 0 when all of them are in one."""
    value: int = 2
    """Bytes of an activation."""
    low: int = 0
    """Values a token that an adapter keeps in each layer."""
    state: float = 8
    """Bytes that the optimiser holds for a trained parameter."""
    update: float = 0
    """Further bytes for each while it moves the weights."""
    compiled: bool = True
    fused_loss: bool = True
    """What is done with a chunk of logits is one kernel."""
    copied_heads: bool = False
    """Keys and values are copied for each head of the queries."""
    accumulated: int = 1
    """Forward and backward passes before the weights move."""
    ranks: int = 1
    """Cards that train together; `tokens` and `accumulated` are one card's share."""

    @property
    def wide(self) -> int:
        """1; 2 where the layers' inputs are float32 and all else is half as wide."""
        return 2 if self.full and self.base == "float32" and self.value == 2 else 1

    @property
    def gradients(self) -> float:
        """Bytes of all gradients, not shared out."""
        return (BYTES[self.base] if self.full else 4) * self.trained

    @property
    def unit(self) -> int:
        """Bytes of one tensor [tokens, hidden]."""
        return self.tokens * self.shape.hidden * self.value

    def tile(self, plan: Plan) -> int:
        """Tokens that a layer takes at a time, of all rows together; 0 for all."""
        row = self.row or self.tokens
        if not plan.mlp_tokens or plan.mlp_tokens >= row:
            return 0
        return self.tokens * plan.mlp_tokens // row


def peak(work: Work, plan: Plan) -> int:
    """Bytes allocated at the highest moment of a step."""
    return int(held(work, plan) + max(_moments(work, plan)))


def held(work: Work, plan: Plan) -> float:
    """Bytes that are there all the time: weights, adapter, the optimiser's states."""
    shape = work.shape
    linear = sum(a * b for a, b in shape.linear.values())
    few_bits = work.base in ("nf4", "float8")
    rest = (shape.parameters - linear) * (work.value if few_bits else BYTES[work.base])
    adapter = 0 if work.full else 4 * work.trained
    if work.base == "float8":
        rest += _forward_in_full(shape)  # held in two bytes forward and one backward
    whole = BYTES[work.base] * linear + rest + adapter + work.state * work.trained
    if plan.sharded:
        return whole / work.ranks
    # DDP adds up the gradients of all ranks in buffers of its own, which it keeps.
    return whole + (work.gradients if work.ranks > 1 else 0)


def gathered(work: Work) -> tuple[float, float]:
    """Bytes that sharded weights have when they are whole: outside the layers, and in all of them.

    Those outside stay whole from the forward pass to the end of the backward one.
    """
    shape = work.shape
    outside = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    travelling = work.value if work.wide == 2 else BYTES[work.base]
    return BYTES[work.base] * outside, travelling * (shape.parameters - outside)


def kept(work: Work, plan: Plan) -> float:
    """Bytes that a layer which recomputes nothing keeps for its backward pass."""
    shape = work.shape
    attention = 2 * shape.queries + 2 * (shape.queries if work.copied_heads else shape.keys)
    if _tiles_whole(work, plan):  # the layer's input, and what attention takes and gives
        return work.tokens * (work.value * attention + 4 * shape.heads) + work.unit * work.wide
    inner = 0 if work.tile(plan) else (3 if work.compiled else 4) * shape.intermediate
    values = _stream(work) * shape.hidden + attention + inner + work.low
    return work.tokens * (work.value * values + 4 * shape.heads)


def _tiles_whole(work: Work, plan: Plan) -> bool:
    return bool(work.tile(plan)) and work.shape.tiles_whole


def _stream(work: Work) -> int:
    """Tensors [tokens, hidden] that a layer keeps: what its two norms take and give."""
    if work.compiled:
        return 2 * work.wide + 2
    norms = 2 * (4 // work.value) + (2 * work.wide if work.full else 0)
    return norms + (5 if work.wide == 2 else 2)  # autocast narrows the input of each product anew


def _moments(work: Work, plan: Plan) -> Iterator[float]:
    """Bytes beside those held, at each moment that can be the peak."""
    shape, layers = work.shape, work.shape.layers
    again = min(plan.recomputed_layers, layers)
    keeps, waits = kept(work, plan), work.unit * work.wide
    share = work.ranks if plan.sharded else 1
    gradients = work.gradients / share
    before = gradients if work.accumulated > 1 else 0.0
    casts = 2 * shape.active / layers if work.wide == 2 and not work.compiled else 0.0
    head = 4 * shape.vocabulary * shape.hidden if work.full else 0
    outside = passing = 0.0
    if plan.sharded:  # gathered weights, a layer's gradients, and those being added up
        outside, inside = gathered(work)
        passing = (GATHERED * inside + 2 * work.gradients) / layers
        casts = 0.0  # weights travel in the type of the products
    counted = waits if _tiles_whole(work, plan) else 0  # the input, among those that wait
    fetched = 2 if waits <= AHEAD else 1  # of the inputs on the host

    def there(layer: int) -> float:
        """What the layers up to this one hold, the host's share left out."""
        waiting = min(layer + 1, again)
        waiting = min(waiting, fetched) if plan.offload else waiting
        return waiting * waits + max(layer + 1 - again, 0) * (keeps + casts)

    yield before + there(layers - 1) + _loss(work, plan) + head + outside
    for layer in range(layers):
        done = max(before, gradients * (layers - 1 - layer) / layers + head)
        recomputed = keeps + casts - counted if layer < again else 0.0
        yield done + there(layer) + recomputed + _backward(work, plan) + outside + passing
    yield gradients + (3 if work.full else 1) * outside  # the last gradients on their way
    yield gradients + work.update * work.trained / share


def _backward(work: Work, plan: Plan) -> float:
    """Bytes of one layer's backward pass beside what it keeps."""
    shape = work.shape
    tile = work.tile(plan)
    inner = (1 + (3 if work.compiled else 4) * bool(tile)) * shape.intermediate
    largest = max((a * b for a, b in shape.linear.values()), default=0)
    unpacked = work.value * largest if work.base == "nf4" else 0
    if _tiles_whole(work, plan):
        return max(_after_attention(work, tile, inner), _attention(work)) + unpacked
    return work.value * (tile or work.tokens) * inner + 2 * work.unit * work.wide + unpacked


def _after_attention(work: Work, tile: int, inner: int) -> float:
    """Of the tiles behind attention: the gradients of the output, of the layer's input and of what
    attention gave; and within one of them."""
    gradients = 2 * work.unit * work.wide + work.value * work.tokens * work.shape.queries
    return gradients + work.value * tile * (inner + 4 * work.shape.hidden)


def _attention(work: Work) -> float:
    """Of attention by groups of heads: the gradients of the layer's input and of all that attention
    gave; those of one group's queries, keys and values, and the first also as a float32 sum."""
    shape = work.shape
    group = shape.queries * (work.value + 4) + 2 * shape.keys * work.value
    given = work.value * shape.queries
    return work.unit * work.wide + work.tokens * (given + group / head_groups(shape.kv_heads))


def _loss(work: Work, plan: Plan) -> float:
    """Bytes of the loss beside the layers' own."""
    shape = work.shape
    if work.full:  # TRL's: tiles of 4,096 by 32,768, and all else in float32
        tile = work.value * min(work.tokens, 4096) * min(shape.vocabulary, 32_768)
        return tile + 6 * 4 * work.tokens * shape.hidden
    rows = rows_at_once(shape.vocabulary)
    rows = rows if work.fused_loss else min(rows, work.tokens)
    chunk = work.value * rows * shape.vocabulary
    hidden = HIDDEN_IN_LOSS_TILED if work.tile(plan) else HIDDEN_IN_LOSS
    return LOGITS_AT_ONCE[work.fused_loss] * chunk + hidden * work.unit


def seconds(work: Work, plan: Plan, speed: Speed) -> float:
    """Seconds from one move of the weights to the next."""
    shape = work.shape
    again = min(plan.recomputed_layers, shape.layers) / shape.layers
    passes = _products(work, plan, again) / speed.products + _traffic(work, again) / speed.bytes
    passes = max(passes, shape.layers * LAUNCH[work.compiled] * (1 + again / 3))
    if plan.offload:  # both ways, beside the computation
        passes = max(passes, 2 * again * shape.layers * work.unit * work.wide / LINK)
    beside, alone = _sent(work, plan)
    passes = max(passes, beside / CARDS_LINK) + alone / CARDS_LINK
    passes += SHARDED * shape.layers if plan.sharded else 0
    share = work.ranks if plan.sharded else 1
    update = 2 * work.trained / share * (8 + work.state) / speed.bytes
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
        full = 2 * _forward_in_full(shape) * (1 + again)
        linear = full + (linear - full) / FLOAT8_RATE
    head = (8 if work.full else 4) * shape.vocabulary * shape.hidden
    # Each token attends to half of its document on average; backward takes five products for two.
    reach = work.attended + ATTENTION_START
    attention = 2 * shape.queries * reach * shape.layers * (1 + 2.5 + again)
    return work.tokens * ((linear + head) / PRODUCTS + attention / ATTENTION)


def _forward_in_full(shape: Shape) -> int:
    """Parameters of the layers that a float8 base multiplies in full forward."""
    return sum(a * b for name, (a, b) in shape.linear.items() if full_forward(name))


def _traffic(work: Work, again: float) -> float:
    """Bytes read and written between the products of a forward and backward pass."""
    shape = work.shape
    values = 3 * shape.intermediate + 4 * shape.hidden + 2 * shape.queries + 2 * shape.keys
    layers = work.tokens * work.value * values * shape.layers
    passes = PASSES[work.compiled] + (FLOAT8_PASSES if work.base == "float8" else 0)
    logits = LOGITS_PASSES * work.tokens * work.value * shape.vocabulary
    unpacked = UNPACKING * shape.active * (0.5 + work.value) * (2 + again)
    casts = 6 * shape.active if work.wide == 2 else 0
    return (
        layers * passes * (1 + again / 3) + logits + casts + (unpacked if work.base == "nf4" else 0)
    )


# -- the choice --------------------------------------------------------------------------------

TILE = 8192
"""Tokens of a tile: enough that the products lose nothing."""


def plans(
    shape: Shape,
    *,
    recompute: bool | None = None,
    offload: bool | None = None,
    tiled: bool | None = None,
) -> Iterator[Plan]:
    """Plans from the fastest to the smallest. None leaves a question open, a bool answers it."""
    layers = shape.layers
    few = 1 if offload else 0
    counts = [0] if recompute is False else [layers] if recompute else range(few, layers + 1)
    tile = TILE if tiled else None
    yield from (Plan(count, bool(offload), tile) for count in counts)
    if recompute is False:
        if tiled is None:
            yield Plan(0, False, TILE)
        return
    if offload is None:
        yield Plan(layers, True, tile)
    if tiled is None:
        yield Plan(layers, offload is not False, TILE)


def fits(work: Work, plan: Plan, budget: float) -> bool:
    """True when the plan's peak leaves the slack."""
    return peak(work, plan) <= budget * (1 - SLACK)


def choose_plan(work: Work, budget: float | None, candidates: Iterator[Plan]) -> Plan | None:
    """The first of the candidates that fits; with no budget the first of all; None if none does.

    `budget`: bytes that the process may use.
    """
    return next((p for p in candidates if budget is None or fits(work, p, budget)), None)
