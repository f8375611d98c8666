"""On an accelerator: each part of the engine does what its plain reference does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from osler.engine.adapters import quicken_lora
from osler.engine.attention import packed_attention
from osler.engine.compile import compile_layers, kernels_can_be_made
from osler.engine.float8 import to_float8_base
from osler.engine.loss import score_tokens
from osler.engine.nf4 import Nf4Weight, unpack, unpack_by_library
from osler.engine.packing import IGNORED, PackedCollator
from osler.engine.plan import Plan, carry_out
from osler.engine.recompute import recompute_layers
from osler.engine.tiling import tile_layers

pytestmark = pytest.mark.gpu


def adapted(dtype: torch.dtype = torch.bfloat16, *, window: int | None = None) -> Any:
    """A random Qwen2 with an adapter that is not zero, in training mode, on packed attention."""
    from peft import LoraConfig, get_peft_model
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=512, hidden_size=256, intermediate_size=512, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, use_sliding_window=window is not None,
        sliding_window=window or 4096, max_window_layers=0,
        attn_implementation=packed_attention("cuda"),
    )  # fmt: skip
    base = Qwen2ForCausalLM(config).to("cuda", dtype)
    lora = LoraConfig(r=8, target_modules="all-linear", init_lora_weights=False)
    return get_peft_model(base, lora).train()


def batch(documents: tuple[int, ...]) -> dict[str, Any]:
    """One packed row of 2,048 tokens."""
    generator = torch.Generator().manual_seed(1)
    rows = [torch.randint(5, 500, (n,), generator=generator).tolist() for n in documents]
    example = {
        "input_ids": [token for row in rows for token in row],
        "labels": [label for row in rows for label in [IGNORED, *row[1:]]],
        "seq_lengths": list(documents),
    }
    made = PackedCollator(2048, pad_token_id=0, boundaries=True)([example])
    return {k: v.cuda() if isinstance(v, torch.Tensor) else v for k, v in made.items()}


def gradients(model: Any, documents: tuple[int, ...] = (700, 90, 200, 1000)) -> torch.Tensor:
    """All gradients of the adapter after one pass, as one vector."""
    model.zero_grad()
    with torch.autocast("cuda", torch.bfloat16):
        model(**batch(documents), use_cache=False).loss.backward()
    return torch.cat([p.grad.flatten().float() for p in model.parameters() if p.requires_grad])


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    """Cosine of two vectors."""
    return float(torch.nn.functional.cosine_similarity(one, other, dim=0))


CHANGES: dict[str, tuple[Callable[[Any], object], float]] = {
    "the LoRA operation": (quicken_lora, 0.9995),
    "compiled": (
        lambda m: (quicken_lora(m), compile_layers(m.get_base_model())),
        0.9995,
    ),
    "float8 base": (lambda m: (to_float8_base(m), quicken_lora(m)), 0.99),
    "float8 base, compiled": (
        lambda m: (to_float8_base(m), quicken_lora(m), compile_layers(m.get_base_model())),
        0.99,
    ),
    "tiles": (lambda m: tile_layers(m.get_base_model(), 300), 0.9995),
    "tiles, compiled": (
        lambda m: (
            quicken_lora(m),
            carry_out(Plan(4, offload=True, tile_tokens=300), m.get_base_model(), compiled=True),
        ),
        0.9995,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_gradients_are_those_of_the_plain_path(change: str) -> None:
    plain = adapted()
    apply, least = CHANGES[change]
    changed = copy.deepcopy(plain)
    apply(changed)
    assert likeness(gradients(changed), gradients(plain)) > least


@pytest.mark.parametrize("offload", [False, True])
def test_recomputation_and_offload_leave_gradients_as_they_are(
    offload: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The attention kernel adds in whatever order its blocks end, unless told not to.
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    request.addfinalizer(lambda: torch.use_deterministic_algorithms(False))
    plain = adapted()
    quicken_lora(plain)
    changed = copy.deepcopy(plain)
    quicken_lora(changed)
    recompute_layers(changed.get_base_model(), 3, offload=offload)
    expected = gradients(plain)
    for _ in range(2):
        assert torch.equal(gradients(changed), expected)


def test_a_window_keeps_what_lies_before_it_out_of_sight() -> None:
    model = adapted(window=64).eval()
    inputs = batch((2048,))
    inputs.pop("labels")
    with torch.no_grad(), torch.autocast("cuda", torch.bfloat16):
        before = model(**inputs, use_cache=False).logits[0, -1]
        inputs["input_ids"][0, : 2047 - 64 * 4] = 7
        after = model(**inputs, use_cache=False).logits[0, -1]
        inputs["input_ids"][0, -30] = 7
        changed = model(**inputs, use_cache=False).logits[0, -1]
    assert torch.equal(before, after)
    assert not torch.equal(before, changed)


def test_a_document_alone_has_the_gradients_it_has_among_others() -> None:
    model = adapted()
    quicken_lora(model)
    alone = gradients(model, (2048,))
    assert likeness(gradients(model, (2047, 1)), alone) > 0.9995


@pytest.mark.parametrize("compiled", [False, True])
def test_the_loss_and_its_gradient_are_those_of_the_whole_logits(compiled: bool) -> None:
    torch.manual_seed(2)
    hidden = torch.randn(3000, 128, device="cuda", requires_grad=True)
    weight = torch.randn(5000, 128, device="cuda")
    labels = torch.randint(0, 5000, (3000,), device="cuda")
    labels[::3] = IGNORED
    scores = score_tokens(hidden, weight, labels, compiled=compiled)
    (found,) = torch.autograd.grad(-scores.log_probs.sum(), hidden)
    loss = torch.nn.functional.cross_entropy(hidden @ weight.t(), labels, reduction="sum")
    (expected,) = torch.autograd.grad(loss, hidden)
    torch.testing.assert_close(-scores.log_probs.sum(), loss, rtol=1e-5, atol=0)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("nested", [True, False])
def test_weights_unpack_as_bitsandbytes_unpacks_them(nested: bool, dtype: torch.dtype) -> None:
    from bitsandbytes.nn import Linear4bit

    layer = Linear4bit(192, 320 * 33, quant_type="nf4", compress_statistics=nested).cuda()
    weight = Nf4Weight(layer)
    found = unpack(weight.parts(), weight.shape, dtype)
    assert torch.equal(found, unpack_by_library(weight.parts(), weight.shape, dtype))
    assert kernels_can_be_made()


def test_nf4_layers_say_what_bitsandbytes_says(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from osler.model import nf4_config

    adapted().unload().save_pretrained(tmp_path)
    plain, quick = (
        get_peft_model(
            AutoModelForCausalLM.from_pretrained(
                tmp_path, dtype=torch.bfloat16, device_map={"": 0},
                quantization_config=nf4_config(torch.bfloat16),
                attn_implementation=packed_attention("cuda"),
            ),
            LoraConfig(r=8, target_modules="all-linear", init_lora_weights=True),
        ).train()
        for _ in range(2)
    )  # fmt: skip
    for (_, one), (_, other) in zip(
        plain.named_parameters(), quick.named_parameters(), strict=True
    ):
        if one.requires_grad:
            torch.nn.init.normal_(one, std=0.05)
            other.data.copy_(one)
    assert quicken_lora(quick) == 28
    assert likeness(gradients(quick), gradients(plain)) > 0.9995
