"""Sharded weights: the model computes what it did, and comes back whole."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from osler.engine.adapters import quicken_lora
from osler.engine.recompute import recompute_layers
from osler.engine.shard import is_sharded, shard_model, shared_out, whole, whole_state


@pytest.fixture
def one_rank() -> Generator[None]:
    """A process group of one: weights are sharded, gathered and given back as with more."""
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def tiny(folder: Path, *, lora: bool) -> Any:
    base = AutoModelForCausalLM.from_pretrained(folder).train()
    recompute_layers(base, 1)
    if not lora:
        return base
    torch.manual_seed(1)
    model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear"))
    for name, weight in model.named_parameters():
        if "lora_B" in name:  # all zero at first, which would hide the path behind it
            torch.nn.init.normal_(weight, std=0.1)
    quicken_lora(model)
    return model


def loss_and_gradients(model: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    ids = torch.arange(5, 45)[None]
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    found = {n: whole(w.grad) for n, w in model.named_parameters() if w.grad is not None}
    return loss.detach(), found


@pytest.mark.parametrize("lora", [False, True])
def test_a_sharded_model_has_the_loss_and_gradients_of_a_whole_one(
    one_rank: None, tiny_model: Path, lora: bool
) -> None:
    expected = loss_and_gradients(tiny(tiny_model, lora=lora))
    model = shard_model(tiny(tiny_model, lora=lora))
    assert is_sharded(model)
    torch.testing.assert_close(loss_and_gradients(model), expected)


def test_layers_gathered_in_bfloat16_compute_as_under_autocast(
    one_rank: None, tiny_model: Path
) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        expected, slopes = loss_and_gradients(tiny(tiny_model, lora=False))
        model = shard_model(tiny(tiny_model, lora=False), compute=torch.bfloat16)
        found, theirs = loss_and_gradients(model)
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=0)
    for name, slope in slopes.items():
        assert theirs[name].dtype == torch.float32
        assert torch.cosine_similarity(theirs[name].flatten(), slope.flatten(), 0) > 0.999


def test_a_sharded_model_comes_back_whole(one_rank: None, tiny_model: Path) -> None:
    before = tiny(tiny_model, lora=False).state_dict()
    state = whole_state(shard_model(tiny(tiny_model, lora=False)))
    torch.testing.assert_close(state, dict(before), atol=0, rtol=0)
    assert state["lm_head.weight"] is state["model.embed_tokens.weight"]  # tied, saved once
    adapter = whole_state(shard_model(tiny(tiny_model, lora=True)))
    assert adapter
    assert all("lora" in name for name in adapter)


def test_what_is_shared_out_is_what_comes_back(one_rank: None, tiny_model: Path) -> None:
    model = shard_model(tiny(tiny_model, lora=False))
    for weight in model.parameters():
        full = torch.randn(weight.shape)
        assert torch.equal(whole(shared_out(full, weight)), full)
