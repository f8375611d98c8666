"""The two models that the forecast was measured on, by their shapes."""

from __future__ import annotations

from transformers import LlamaConfig, Qwen2Config

from osler.engine.shape import shape_of

QWEN = shape_of(
    Qwen2Config(
        vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
        num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True,
    )
)  # fmt: skip
"""Qwen2-0.5B."""
LLAMA = shape_of(LlamaConfig())
"""Llama-2-7B."""
