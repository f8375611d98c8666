"""What saves memory changes no gradient."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from passes import gradients

from osler.engine import memory
from osler.engine.adapters import quicken_lora
from osler.engine.compile import graphs_compiled
from osler.engine.plan import Plan, carry_out
from osler.engine.shape import shape_of
from osler.engine.work import Work


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
    quicken_lora(adapted)
    expected = gradients(copy.deepcopy(adapted))
    plan = Plan(recomputed_layers=2, tile_tokens=8 if compiled else 7)
    carry_out(plan, adapted.get_base_model(), compiled=compiled)
    torch.testing.assert_close(gradients(adapted), expected, rtol=1e-4, atol=1e-6)


def test_layers_in_tiles_share_what_is_compiled() -> None:
    """Else a model of 32 layers would compile for as many times as long."""
    torch._dynamo.reset()
    model, before = random_model("Llama", layers=4).train(), graphs_compiled()
    carry_out(Plan(4, tile_tokens=8), model, compiled=True)
    ids = torch.arange(16)[None]
    model(input_ids=ids, labels=ids).loss.backward()
    # Before attention and after it, each with and without a gradient of the layer's input.
    assert 2 <= graphs_compiled() - before <= 4


def test_what_is_repeated_is_what_is_compiled(adapted: Any) -> None:
    """A compiler that saw the repetition would decide anew what is kept."""
    torch._dynamo.reset()
    quicken_lora(adapted)
    expected, before = gradients(copy.deepcopy(adapted)), graphs_compiled()
    carry_out(Plan(recomputed_layers=1), adapted.get_base_model(), compiled=True)
    torch.testing.assert_close(gradients(adapted), expected, rtol=1e-4, atol=1e-6)
    assert graphs_compiled() - before == 2  # the first layer's input has no gradient


WINDOW = {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("Llama", {"attention_bias": True, "mlp_bias": True}),
        ("Qwen2", WINDOW),  # grouped heads, biases, and a window in one of the layers
        ("Qwen3", {"head_dim": 16}),
        ("Mistral", {"sliding_window": 5}),
        ("Gemma", {"head_dim": 8}),  # its feed-forward part goes in tiles
    ],
)
def test_every_family_and_several_documents_in_a_row_go_in_tiles(
    family: str, settings: dict[str, Any]
) -> None:
    model = random_model(family, **settings).double()
    ids = torch.arange(24)[None] % 96
    places = torch.cat([torch.arange(n) for n in (3, 12, 9)])[None]

    def found() -> list[torch.Tensor]:
        model.zero_grad()
        hidden = model.model(input_ids=ids, position_ids=places, use_cache=False)[0]
        hidden.square().sum().backward()
        return [hidden.detach(), *(p.grad.clone() for p in model.model.parameters())]

    expected = found()
    for layers in (0, 2):
        carry_out(Plan(layers, tile_tokens=7), model)
        torch.testing.assert_close(found(), expected, rtol=1e-5, atol=1e-5)


def test_a_short_row_is_not_tiled_and_a_trained_model_answers_as_before(adapted: Any) -> None:
    expected = gradients(copy.deepcopy(adapted))
    ids = torch.arange(40)[None]
    with torch.no_grad():
        said = adapted.eval()(input_ids=ids).logits
    carry_out(Plan(tile_tokens=24), adapted.get_base_model())
    with torch.no_grad():
        assert torch.equal(adapted(input_ids=ids).logits, said)
    assert torch.equal(gradients(adapted.train()), expected)


@pytest.mark.parametrize("kv_heads", [4, 1])
def test_a_layer_in_tiles_keeps_its_input_and_what_attention_takes_and_gives(kv_heads: int) -> None:
    """And no more than is foretold: that is what lets the longest examples fit."""
    tokens, plan = 4096, Plan(tile_tokens=128)
    few, more = (
        random_model("Llama", layers, hidden_size=64, num_key_value_heads=kv_heads)
        for layers in (1, 2)
    )
    for model in (few, more):
        carry_out(plan, model)
    work = Work(shape_of(more.config), "float32", 0, False, tokens, tokens, value=4)
    kept = what_is_kept(more, tokens) - what_is_kept(few, tokens)
    assert kept == pytest.approx(memory.kept(work, plan), rel=0.05)


def what_is_kept(model: Any, tokens: int) -> int:
    """Bytes of all that a forward pass keeps for the backward one, weights included."""
    sizes = dict[int, int]()

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        sizes[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    ids = torch.zeros(1, tokens, dtype=torch.long)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model.get_decoder()(input_ids=ids, use_cache=False)[0].sum().backward()
    return sum(sizes.values())


def test_what_takes_no_product_is_made_again_when_memory_is_short(adapted: Any) -> None:
    """The gradients are the same, and less is kept by as much as is foretold."""
    tokens, kept = 512, list[int]()
    quicken_lora(adapted)
    expected = gradients(copy.deepcopy(adapted))
    shape = shape_of(adapted.config)
    for plan in (Plan(), Plan(selective=True)):
        torch._dynamo.reset()
        model = copy.deepcopy(adapted)
        carry_out(plan, model.get_base_model(), compiled=True)
        torch.testing.assert_close(gradients(model), expected, rtol=1e-4, atol=1e-6)
        kept.append(what_is_kept(model.get_base_model(), tokens))
    work = Work(shape, "float32", 0, False, tokens, tokens, value=4)
    foretold = memory.kept(work, Plan()) - memory.kept(work, Plan(selective=True))
    # The first layer's input takes no gradient, so its norm's output is kept in its stead.
    assert kept[0] - kept[1] == 2 * foretold - 4 * tokens * shape.hidden


def random_model(family: str, layers: int = 2, **settings: Any) -> Any:
    """A small random model of a family, in training mode."""
    import transformers

    torch.manual_seed(0)
    size = {
        "vocab_size": 96, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": layers,
        "num_attention_heads": 4, "num_key_value_heads": 2, "pad_token_id": 0,
    }  # fmt: skip
    config = getattr(transformers, f"{family}Config")(**size | settings)
    return getattr(transformers, f"{family}ForCausalLM")(config).train()
