"""What saves memory changes no gradient."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from passes import gradients

from osler.engine.adapters import quicken_lora
from osler.engine.compile import compile_layers
from osler.engine.plan import Plan, carry_out


def test_recomputed_layers_give_the_same_gradients_bit_for_bit(adapted: Any) -> None:
    quicken_lora(adapted)
    expected = gradients(adapted)
    for layers in (1, 2, 99):
        other = copy.deepcopy(adapted)
        quicken_lora(other)
        carry_out(Plan(recomputed_layers=layers), other.get_base_model())
        assert torch.equal(gradients(other), expected)


def test_recomputed_layers_repeat_their_dropout(adapted: Any) -> None:
    base = adapted.unload().requires_grad_()
    for layer in base.model.layers:
        layer.mlp = torch.nn.Sequential(layer.mlp, torch.nn.Dropout(0.5))
    torch.manual_seed(5)
    expected = gradients(base.train())
    other = copy.deepcopy(base)
    carry_out(Plan(recomputed_layers=2), other)
    torch.manual_seed(5)
    assert torch.equal(gradients(other), expected)


@pytest.mark.parametrize("compiled", [False, True])
def test_tiles_change_nothing_but_the_order_of_sums(adapted: Any, compiled: bool) -> None:
    expected = gradients(copy.deepcopy(adapted))
    plan = Plan(recomputed_layers=2, mlp_tokens=7)
    carry_out(plan, adapted.get_base_model(), compiled=compiled)
    if compiled:
        compile_layers(adapted.get_base_model())
    torch.testing.assert_close(gradients(adapted), expected, rtol=1e-4, atol=1e-6)
