"""Attention over packed documents on a CPU; tests/gpu has that of a card."""

from __future__ import annotations

import copy

import pytest
import torch

from osler.engine.attention import packed_attention
from osler.engine.compile import compile_layers, graphs_compiled
from osler.engine.packing import IGNORED, PackedCollator


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("window", [None, 8])
def test_each_document_says_what_it_says_alone(window: int | None, compiled: bool) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, use_sliding_window=window is not None,
        sliding_window=window or 4096, max_window_layers=1, attn_implementation="sdpa",
    )  # fmt: skip
    plain = Qwen2ForCausalLM(config).eval()
    packed = copy.deepcopy(plain)
    packed.set_attn_implementation(packed_attention("cpu"))
    if compiled:
        torch._dynamo.reset()
        compile_layers(packed)
    graphs = [graphs_compiled()]
    for lengths in ((40,), (5, 1, 20), (9, 20, 4, 2)):
        documents = [torch.randint(0, 64, (length,)).tolist() for length in lengths]
        tokens = [token for document in documents for token in document]
        row = {
            "input_ids": tokens,
            "labels": [IGNORED] * len(tokens),
            "seq_lengths": list(lengths),
        }
        batch = PackedCollator(40, pad_token_id=0, boundaries=True)([row])
        with torch.no_grad():
            together = packed(**batch, use_cache=False).logits[0]
            alone = [plain(torch.tensor([ids]), use_cache=False).logits[0] for ids in documents]
        torch.testing.assert_close(together[: len(tokens)], torch.cat(alone), rtol=1e-4, atol=1e-5)
        graphs.append(graphs_compiled())
    if compiled:  # a document alone has a graph, and then several together have one, however many
        assert graphs[0] < graphs[1] < graphs[2] == graphs[3]
