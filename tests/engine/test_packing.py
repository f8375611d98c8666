"""Packing: nothing lost, nothing split without need, and documents never see each other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from osler.engine.attention import asks_for_boundaries, packed_attention
from osler.engine.packing import IGNORED, PackedCollator, PaddedCollator, best_fit, split_long


def test_every_document_is_in_exactly_one_bin_and_no_bin_overflows() -> None:
    lengths = [random.Random(0).randint(1, 100) for _ in range(500)]
    bins = best_fit(lengths, 100)
    assert sorted(index for members in bins for index in members) == list(range(500))
    assert max(sum(lengths[i] for i in members) for members in bins) <= 100
    assert len(bins) <= 1.03 * sum(lengths) / 100 + 1


def test_a_document_that_fits_no_bin_is_refused_and_not_cut_in_silence() -> None:
    with pytest.raises(ValueError, match="item 1 has 11 tokens"):
        best_fit([3, 11], 10)


def test_only_longer_documents_are_cut_and_no_token_is_lost() -> None:
    pieces = split_long([5, 25, 10], 10)
    assert pieces == [(0, 0, 5), (1, 0, 10), (1, 10, 20), (1, 20, 25), (2, 0, 10)]


def _model(folder: Path, attention: str) -> torch.nn.Module:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(str(folder), attn_implementation=attention).eval()


@pytest.mark.parametrize("attention", ["sdpa", packed_attention("cpu")])
def test_packed_documents_give_the_losses_and_gradients_they_have_alone(
    tiny_model: Path, attention: str
) -> None:
    model, alone_model = _model(tiny_model, attention), _model(tiny_model, "sdpa")
    generator = torch.Generator().manual_seed(1)
    documents = [torch.randint(5, 300, (n,), generator=generator).tolist() for n in (17, 9, 30, 4)]
    labelled = [[IGNORED, *document[1:]] for document in documents]
    one_row = {
        "input_ids": [token for document in documents for token in document],
        "labels": [label for labels in labelled for label in labels],
        "seq_lengths": [len(d) for d in documents],
    }
    packed = PackedCollator(64, pad_token_id=0, boundaries=asks_for_boundaries(model))([one_row])
    padded = PaddedCollator(pad_token_id=0)(
        [
            {"input_ids": ids, "labels": labels}
            for ids, labels in zip(documents, labelled, strict=True)
        ]
    )
    together = model(**packed, use_cache=False).loss
    (from_packed,) = torch.autograd.grad(together, model.model.layers[0].mlp.up_proj.weight)
    alone = alone_model(**padded, use_cache=False).loss
    (from_padded,) = torch.autograd.grad(alone, alone_model.model.layers[0].mlp.up_proj.weight)
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(from_packed, from_padded, rtol=1e-4, atol=1e-7)


def test_packed_batches_have_one_shape_and_positions_restart_at_each_document() -> None:
    collate = PackedCollator(8, pad_token_id=0, boundaries=True)
    rows = [
        {"input_ids": [5, 6, 7], "labels": [IGNORED, 6, 7], "seq_lengths": [2, 1]},
        {"input_ids": list(range(8)), "labels": [IGNORED] * 8, "seq_lengths": [8]},
    ]
    batch = collate(rows)
    assert batch["position_ids"].tolist() == [[0, 1, 0, 1, 2, 3, 4, 5, *range(8)]]
    assert batch["labels"][0, 3:8].tolist() == [IGNORED] * 5
    assert batch["cu_seq_lens_q"].tolist() == [0, 2, 8, 16]
