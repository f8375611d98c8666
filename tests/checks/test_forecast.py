"""The first estimate of memory beside what was measured on one H200 (bench figures, 2026-11-21)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from scene import CPU

from osler.checks.forecast import Forecast, forecast
from osler.checks.machine import GIB
from osler.checks.situation import shape_of
from osler.recipe import Recipe
from osler.template import Tokens

H200 = dataclasses.replace(CPU, device="cuda", memory=140 * GIB, bf16=True, rate=8e14)

QWEN = {
    "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
    "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936,
    "tie_word_embeddings": True,
}  # fmt: skip
LLAMA = {
    "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
}  # fmt: skip


def cost(config: dict[str, Any], batch: int, length: int, **train: Any) -> Forecast:
    """The forecast for packed rows of that length."""
    from transformers import LlamaConfig

    recipe = Recipe.model_validate(
        {
            "name": "estimate",
            "data": {"sources": [{"type": "embedded", "name": "medical_qa"}], "max_length": length},
            "train": {"packing": True, "per_device_train_batch_size": batch, **train},
        }
    )
    rows = [Tokens([0] * length, 1)] * 64
    return forecast(recipe, shape_of(LlamaConfig(**config)), H200, rows, [1] * 64)


@pytest.mark.parametrize(
    ("config", "batch", "length", "train", "measured"),
    [
        (QWEN, 16, 2048, {}, 49.4),
        (QWEN, 16, 2048, {"compile": True}, 36.0),
        (QWEN, 16, 2048, {"gradient_checkpointing": True}, 5.4),
        (LLAMA, 4, 4096, {"compile": True}, 79.4),
        (LLAMA, 4, 4096, {"method": "qlora", "gradient_checkpointing": True}, 12.2),
    ],
)
def test_memory_is_near_what_was_measured(
    config: dict[str, Any], batch: int, length: int, train: dict[str, Any], measured: float
) -> None:
    estimate = cost(config, batch, length, **train).memory / 1e9
    assert measured * 0.9 < estimate < measured * 1.25


def test_a_packed_step_has_the_tokens_of_its_rows() -> None:
    found = cost(QWEN, 16, 2048)
    assert found.tokens_per_step == 16 * 2048
    assert found.steps_per_epoch == 4
