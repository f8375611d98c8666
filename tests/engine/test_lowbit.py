"""Bases of few bits: how far from the full ones, and that the adapter's gradients follow."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from passes import gradients

from osler.engine.adapters import quicken_lora
from osler.engine.compile import compile_layers
from osler.engine.float8 import (
    E4M3_MAX,
    Float8Linear,
    product_float8,
    to_float8,
    to_float8_base,
)
from osler.engine.plan import Plan, carry_out


def test_float8_rows_are_within_half_a_step_whatever_their_size() -> None:
    torch.manual_seed(0)
    x = torch.randn(50, 64) * torch.logspace(-6, 6, 50)[:, None]
    rows, scale = to_float8(x)
    # e4m3 has three bits after the point: the nearest number is within a sixteenth, and below the
    # smallest normal number within half of the smallest step.
    bound = x.abs() / 16 + scale * 2**-10
    assert ((rows.float() * scale - x).abs() <= bound * 1.001).all()
    assert float(rows.float().abs().amax()) == E4M3_MAX


def test_a_row_of_zeros_stays_zero() -> None:
    rows, scale = to_float8(torch.zeros(2, 16))
    assert torch.equal(rows.float() * scale, torch.zeros(2, 16))


def test_float8_products_are_within_four_per_cent() -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.randn(40, 256), torch.randn(96, 256), torch.randn(96)
    found = product_float8(*to_float8(x), *to_float8(weight), bias, torch.float32)
    plain = x @ weight.t() + bias
    assert (found - plain).norm() / plain.norm() < 0.04


def prepare(model: Any, how: str) -> None:
    """Set a model up one way or another, none of which changes what it says."""
    if how == "compiled":
        compile_layers(model)
    elif how == "in tiles":
        carry_out(Plan(recomputed_layers=2, tile_tokens=7), model)


@pytest.mark.parametrize("how", ["plain", "compiled", "in tiles"])
def test_gradients_over_a_float8_base_point_where_those_of_the_full_base_do(
    adapted: Any, how: str
) -> None:
    expected = gradients(copy.deepcopy(adapted))
    assert to_float8_base(adapted) == quicken_lora(adapted) == 14
    prepare(adapted.get_base_model(), how)
    found = gradients(adapted)
    assert torch.nn.functional.cosine_similarity(found[1:], expected[1:], dim=0) > 0.99
    torch.testing.assert_close(found[0], expected[0], rtol=5e-3, atol=0)


def test_values_and_the_first_layer_are_multiplied_in_full_forward(adapted: Any) -> None:
    exact = copy.deepcopy(adapted)
    to_float8_base(adapted)
    equal = set()
    for name, layer in adapted.named_modules():
        if isinstance(layer, Float8Linear):
            x = torch.randn(3, layer.in_features)
            if torch.equal(layer(x), exact.get_submodule(name)(x)):
                equal.add(name.removeprefix("base_model.model.model.layers.").split(".base")[0])
    parts = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
    mlp = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
    values = {"1.self_attn.v_proj", "1.self_attn.o_proj"}
    assert equal == {f"0.{part}" for part in (*parts, *mlp)} | values


@pytest.mark.parametrize("how", ["plain", "compiled", "in tiles"])
def test_nf4_layers_say_what_bitsandbytes_says(adapted: Any, tmp_path: Path, how: str) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from osler.model import keep_gradients_right, nf4_config

    adapted.unload().save_pretrained(tmp_path)
    base = AutoModelForCausalLM.from_pretrained(
        tmp_path, quantization_config=nf4_config(torch.float32), device_map={"": "cpu"}
    )
    keep_gradients_right(base)
    model = get_peft_model(
        base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
    ).train()
    expected = gradients(model)
    assert quicken_lora(model) == 14
    prepare(model.get_base_model(), how)
    torch.testing.assert_close(gradients(model), expected, rtol=1e-4, atol=1e-6)
