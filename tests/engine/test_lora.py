"""The engine's adapters say what PEFT's say, and are saved as PEFT's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from passes import gradients

from osler.engine.adapters import quicken_lora
from osler.engine.compile import compile_layers
from osler.engine.lora import lora


@pytest.mark.parametrize("shape", [(7, 6), (24, 6), (6, 24)], ids=["square", "wide", "narrow"])
@pytest.mark.parametrize("with_bias", [True, False])
def test_the_operation_has_the_derivative_of_what_it_computes(
    shape: tuple[int, int], with_bias: bool
) -> None:
    torch.manual_seed(0)
    wide, narrow = shape
    sizes = {"x": (5, narrow), "a": (2, narrow), "b": (wide, 2)}
    inputs = [torch.randn(*size, dtype=torch.float64).requires_grad_() for size in sizes.values()]
    weight = torch.randn(wide, narrow, dtype=torch.float64)
    bias = torch.randn(wide, dtype=torch.float64) if with_bias else None

    def product(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return lora(x, weight, bias, a, b)[0]

    assert torch.autograd.gradcheck(product, inputs)
    x, a, b = inputs
    plain = x @ weight.t() + x @ a.t() @ b.t() + (0 if bias is None else bias)
    torch.testing.assert_close(product(x, a, b), plain)


def test_the_operation_keeps_the_rules_of_custom_operations() -> None:
    x, weight = torch.randn(6, 5, requires_grad=True), torch.randn(7, 5)
    a, b = torch.randn(2, 5, requires_grad=True), torch.randn(7, 2, requires_grad=True)
    torch.library.opcheck(lora, (x, weight, None, a, b))


@pytest.mark.parametrize("how", ["plain", "compiled"])
def test_loss_and_gradients_are_those_of_peft(adapted: Any, how: str) -> None:
    expected = gradients(copy.deepcopy(adapted))
    assert quicken_lora(adapted) == 14
    if how == "compiled":
        compile_layers(adapted.get_base_model())
    torch.testing.assert_close(gradients(adapted), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "settings",
    [{"use_dora": True}, {"lora_dropout": 0.5}, {"use_rslora": True}, {"lora_bias": True}],
    ids=str,
)
def test_other_forms_of_lora_stay_right(settings: dict[str, Any], adapted: Any) -> None:
    from peft import LoraConfig, get_peft_model

    base = copy.deepcopy(adapted.unload())
    names = ["q_proj", "down_proj"]
    config = LoraConfig(r=4, target_modules=names, init_lora_weights=False, **settings)
    torch.manual_seed(3)
    model = get_peft_model(base, config).train()
    plain = copy.deepcopy(model)
    quick = quicken_lora(model)
    assert quick == (4 if "use_rslora" in settings else 0)
    torch.manual_seed(4)
    found = gradients(model)
    torch.manual_seed(4)
    torch.testing.assert_close(found, gradients(plain), rtol=1e-4, atol=1e-6)


def test_a_switched_off_adapter_leaves_the_base(adapted: Any) -> None:
    ids = torch.arange(10)[None]
    with adapted.disable_adapter():
        expected = adapted(input_ids=ids).logits
    quicken_lora(adapted)
    with adapted.disable_adapter():
        assert torch.equal(adapted(input_ids=ids).logits, expected)


def test_what_is_saved_is_plain_peft(adapted: Any, tmp_path: Path) -> None:
    from peft import PeftModel

    base = copy.deepcopy(adapted).unload()
    quicken_lora(adapted)
    adapted.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(base, tmp_path)
    ids = torch.arange(10)[None]
    torch.testing.assert_close(loaded(input_ids=ids).logits, adapted.eval()(input_ids=ids).logits)
