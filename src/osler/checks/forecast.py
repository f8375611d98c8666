"""A first estimate of steps, memory and time, from the shape of the model and of the rows.

    weights      parameters x bytes of the type they are held in (NF4: 0.56 bytes for linear ones)
    training     trained parameters x (4 weight, if held apart, + 4 gradient + 8 or 2 AdamW)
    activations  tokens a step x layers x (16 hidden + 4 intermediate) values; with checkpointing
                 tokens x (layers x hidden + one layer's) values; compiled layers x 0.7
    time         tokens x (4 parameters, 6 for full tuning, 2 more with checkpointing) operations
                 at a share of this machine's measured matrix rate

The third line counts the tensors that a Llama layer keeps for its backward pass. Measurements on
one H200 (Qwen2-0.5B and Llama-2-7B, bf16 and NF4, compiled and checkpointed) lie up to a fifth
below. The vocabulary's logits are left out because TRL never holds them whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from osler.checks.machine import Machine
from osler.engine.packing import best_fit, split_long
from osler.recipe import Recipe
from osler.recipe_train import Train
from osler.template import Tokens

if TYPE_CHECKING:
    from osler.checks.situation import Shape

SHARE_OF_RATE = {"cuda": 0.15, "mps": 0.15, "cpu": 0.5}
"""How much of the matrix rate a training gets; compiled on CUDA 0.25."""
SECONDS_A_STEP = 0.03
"""What a step costs however small it is."""
OWN_MEMORY = 700 * 2**20
"""What torch and the libraries take before there is a model."""


@dataclass(frozen=True)
class Forecast:
    """What a training will take."""

    examples: int
    """Rows (with their repeats), or packed rows."""
    steps_per_epoch: int
    total_steps: int
    tokens_per_step: int
    """Tokens the model reads in an ordinary step, padding included."""
    most_tokens: int
    """The same, in the largest step there can be."""
    trained_parameters: int
    memory: int
    """Bytes at the peak."""
    memory_without_checkpointing: int
    seconds: float


def forecast(
    recipe: Recipe,
    shape: Shape,
    machine: Machine,
    tokens: Sequence[Tokens],
    repeats: Sequence[int],
) -> Forecast:
    """Estimate the cost of a training on these rows."""
    settings = recipe.train
    lengths = [len(t.input_ids) for t, n in zip(tokens, repeats, strict=True) for _ in range(n)]
    capacity, batch = recipe.data.max_length, settings.per_device_train_batch_size
    if settings.packing or settings.objective == "pretrain":
        pieces = [end - start for _, start, end in split_long(lengths, capacity)]
        examples = len(best_fit(pieces, capacity))
        ordinary = most = capacity * batch
    else:
        examples = len(lengths)
        ordinary, most = padded_batches(lengths, batch)
    per_epoch = max(
        math.ceil(math.ceil(examples / batch) / settings.gradient_accumulation_steps), 1
    )
    total = math.ceil(settings.num_train_epochs * per_epoch)
    total = settings.max_steps if settings.max_steps > 0 else total
    trained = trained_parameters(shape, settings)
    return Forecast(
        examples,
        per_epoch,
        total,
        ordinary * settings.gradient_accumulation_steps,
        most,
        trained,
        _memory(recipe, shape, machine, trained, most, settings.gradient_checkpointing),
        _memory(recipe, shape, machine, trained, most, False),
        _seconds(settings, shape, machine, total, ordinary * settings.gradient_accumulation_steps),
    )


def padded_batches(lengths: Sequence[int], batch: int) -> tuple[int, int]:
    """Tokens in an average and in the largest possible padded batch of rows in random order."""
    if not lengths:
        return 0, 0
    shuffled = np.random.default_rng(0).permutation(lengths)
    widths = [int(shuffled[i : i + batch].max()) for i in range(0, len(shuffled), batch)]
    rows = min(batch, len(lengths))
    return int(np.mean(widths) * rows), max(lengths) * rows


def trained_parameters(shape: Shape, settings: Train) -> int:
    """All parameters, or those of the adapter."""
    if settings.method == "full":
        return shape.parameters
    return sum(settings.lora.r * (a + b) for a, b in adapted_layers(shape, settings).values())


def adapted_layers(shape: Shape, settings: Train) -> dict[str, tuple[int, int]]:
    """The linear layers that get an adapter, as PEFT chooses them."""
    targets = settings.lora.target_modules
    if targets == "all-linear":
        return shape.linear
    names = [targets] if isinstance(targets, str) else targets
    return {
        name: size
        for name, size in shape.linear.items()
        if any(name == target or name.endswith(f".{target}") for target in names)
    }


def bytes_per_value(recipe: Recipe, machine: Machine) -> int:
    """Bytes of one activation."""
    if recipe.model.dtype in ("bfloat16", "float16"):
        return 2
    return 2 if recipe.model.dtype == "auto" and machine.bf16 else 4


def _memory(
    recipe: Recipe,
    shape: Shape,
    machine: Machine,
    trained: int,
    tokens: int,
    checkpointing: bool,
) -> int:
    settings, value = recipe.train, bytes_per_value(recipe, machine)
    linear = sum(a * b for a, b in shape.linear.values())
    if settings.method == "full":
        weights = 4 * shape.parameters
    elif settings.method == "qlora":
        weights = int(0.56 * linear) + value * (shape.parameters - linear)
    else:
        weights = value * shape.parameters
    state = 2 if "8bit" in settings.optim else 8
    own_copy = 0 if settings.method == "full" else 4
    one_layer = 16 * shape.hidden + 4 * shape.intermediate
    kept = shape.layers * (shape.hidden if checkpointing else one_layer)
    activations = tokens * value * (kept + (one_layer if checkpointing else 0))
    if settings.compile and not checkpointing:
        activations = int(activations * 0.7)
    return weights + trained * (own_copy + 4 + state) + activations + OWN_MEMORY


def _seconds(settings: Train, shape: Shape, machine: Machine, steps: int, tokens: int) -> float:
    operations = 6 if settings.method == "full" else 4
    operations += 2 if settings.gradient_checkpointing else 0
    share = 0.25 if settings.compile and machine.device == "cuda" else SHARE_OF_RATE[machine.device]
    rate = machine.rate * share
    return steps * (SECONDS_A_STEP + operations * shape.parameters * tokens / rate)
