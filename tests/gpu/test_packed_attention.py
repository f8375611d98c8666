"""On an accelerator: packed rows through the varlen kernel say what each document says alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from osler.engine.attention import VARLEN, packed_attention
from osler.engine.packing import IGNORED, PackedCollator

pytestmark = pytest.mark.gpu


def test_packed_logits_equal_those_of_each_document_alone(tiny_model_wide: Path) -> None:
    from transformers import AutoModelForCausalLM

    assert packed_attention("cuda") == VARLEN
    packed_model, plain = (
        AutoModelForCausalLM.from_pretrained(
            str(tiny_model_wide), dtype=torch.bfloat16, attn_implementation=attention
        )
        .cuda()
        .eval()
        for attention in (VARLEN, "sdpa")
    )
    generator = torch.Generator().manual_seed(3)
    documents = [torch.randint(5, 300, (n,), generator=generator).tolist() for n in (40, 7, 90)]
    row = {
        "input_ids": [token for document in documents for token in document],
        "labels": [IGNORED] * sum(map(len, documents)),
        "seq_lengths": [len(d) for d in documents],
    }
    batch = PackedCollator(256, pad_token_id=0, boundaries=True)([row])
    batch = {k: v.cuda() if isinstance(v, torch.Tensor) else v for k, v in batch.items()}
    batch.pop("labels")
    with torch.no_grad():
        together = packed_model(**batch, use_cache=False).logits[0].float()
        start = 0
        for document in documents:
            alone = plain(torch.tensor([document]).cuda(), use_cache=False).logits[0].float()
            found = together[start : start + len(document)]
            assert (found - alone).norm() / alone.norm() < 2e-2
            start += len(document)


@pytest.fixture
def tiny_model_wide(tmp_path: Path) -> Path:
    """A random Llama whose head size (64) the kernel takes."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=400, hidden_size=256, intermediate_size=256, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(str(tmp_path / "wide"))
    return tmp_path / "wide"
