"""Memory that a training step takes, foretold.

Counted tensor by tensor at each moment that can be the peak: while the loss is computed, in the
backward pass of each layer, and when the optimiser moves the weights.
"""

from __future__ import annotations

from collections.abc import Iterator

from osler.engine.loss import rows_at_once
from osler.engine.plan import Plan
from osler.engine.recompute import AHEAD
from osler.engine.tiling import head_groups
from osler.engine.work import BYTES, Work, forward_in_full, gathered, made_again

HIDDEN_IN_LOSS = 7
"""Tensors [tokens, hidden] beside the logits: the last layer's output, in float32 for the norm (two
of them), normalised, scaled, the rows with a label, and their gradient."""
HIDDEN_IN_LOSS_TILED = 5
"""The same where the norm goes in tiles: its input and output, the gradients of both, and the tiles
of one before they are put together."""
LOGITS_AT_ONCE = {True: 2, False: 8}
"""Tensors of a chunk of logits: compiled, they and their gradient; else each step's result."""
GATHERED = 2
"""Layers of a sharded model that are whole at a time: one that computes, the next on its way."""


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
        rest += forward_in_full(shape)  # held in two bytes forward and one backward
    whole = BYTES[work.base] * linear + rest + adapter + work.state * work.trained
    if plan.sharded:
        return whole / work.ranks
    # DDP adds up the gradients of all ranks in buffers of its own, which it keeps.
    return whole + (work.gradients if work.ranks > 1 else 0)


def kept(work: Work, plan: Plan) -> float:
    """Bytes that a layer which recomputes nothing keeps for its backward pass."""
    shape = work.shape
    attention = 2 * shape.queries + 2 * (shape.queries if work.copied_heads else shape.keys)
    if _tiles_whole(work, plan):  # the layer's input, and what attention takes and gives
        return work.tokens * (work.value * attention + 4 * shape.heads) + work.unit * work.wide
    inner = 0 if work.tile(plan) else (3 if work.compiled else 4) * shape.intermediate
    values = _stream(work) * shape.hidden + attention + inner + work.low - made_again(work, plan)
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
    gradients = work.gradients / work.sharers(plan)
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
    yield gradients + work.update * work.trained / work.sharers(plan)


def _backward(work: Work, plan: Plan) -> float:
    """Bytes of one layer's backward pass beside what it keeps."""
    shape = work.shape
    tile = work.tile(plan)
    inner = (1 + (3 if work.compiled else 4) * bool(tile)) * shape.intermediate
    largest = max((a * b for a, b in shape.linear.values()), default=0)
    unpacked = work.value * largest if work.base == "nf4" else 0
    if _tiles_whole(work, plan):
        return max(_after_attention(work, tile, inner), _attention(work)) + unpacked
    inner += shape.intermediate if made_again(work, plan) and not tile else 0
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
