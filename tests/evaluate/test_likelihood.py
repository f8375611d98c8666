"""The cost of references under a model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from osler.evaluate import likelihood
from osler.evaluate.likelihood import likelihoods, perplexity, total_bits_per_byte, windows
from osler.recipe import Model
from osler.rows import Row
from osler.template import tokenize_rows

QUESTIONS = (
    ("What is gout?", "A painful swelling of a joint."),
    ("Why?", "Because of uric acid, which forms crystals in the joint when there is much of it."),
    ("How is gout treated, and by whom, and for how long?", "With care."),
    ("Who gets it — men?", "Mostly."),
)


@pytest.fixture(scope="module")
def loaded(tiny_model: Path) -> tuple[Any, Any]:
    from osler.model import load_base, load_tokenizer

    model = Model(id=str(tiny_model))
    return load_base(model, Path()), load_tokenizer(model, Path())


def rows() -> list[Row]:
    return [
        Row(
            id=str(i),
            group="g",
            source="s",
            prompt=({"role": "user", "content": question},),
            completion=({"role": "assistant", "content": answer},),
        )
        for i, (question, answer) in enumerate(QUESTIONS)
    ]


def costs(loaded: tuple[Any, Any], rows: list[Row], **changed: Any) -> list[Any]:
    options = {"system": None, "window": 256, "batch_size": 8, "label": "test"} | changed
    return likelihoods(*loaded, rows, **options)


def reference_nats(loaded: tuple[Any, Any], row: Row) -> float:
    """The loss that transformers itself computes, times its number of tokens."""
    import torch

    model, tokenizer = loaded
    tokens = tokenize_rows(tokenizer, [row])[0]
    with torch.no_grad():
        loss = model(
            input_ids=torch.tensor([tokens.input_ids]), labels=torch.tensor([tokens.labels])
        ).loss
    return float(loss) * tokens.n_trained


def test_the_cost_is_the_loss_that_transformers_computes(loaded: tuple[Any, Any]) -> None:
    for row, cost in zip(rows(), costs(loaded, rows()), strict=True):
        assert cost.nats == pytest.approx(reference_nats(loaded, row), rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_batches_equal_one_by_one(loaded: tuple[Any, Any], batch_size: int) -> None:
    together = costs(loaded, rows())
    for cost, other in zip(together, costs(loaded, rows(), batch_size=batch_size), strict=True):
        assert cost.nats == pytest.approx(other.nats, rel=1e-5)
        assert (cost.tokens, cost.bytes) == (other.tokens, other.bytes)


def test_little_memory_and_an_architecture_that_keeps_all_logits_change_nothing(
    loaded: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = [cost.nats for cost in costs(loaded, rows())]
    monkeypatch.setattr(likelihood, "MOST_LOGITS", 1)
    assert [cost.nats for cost in costs(loaded, rows())] == pytest.approx(together, rel=1e-5)
    model, tokenizer = loaded
    older = (KeepsAllLogits(model), tokenizer)
    assert [cost.nats for cost in costs(older, rows())] == pytest.approx(together, rel=1e-5)


class KeepsAllLogits:
    """A model of an architecture whose `forward` does not know `logits_to_keep`."""

    def __init__(self, model: Any) -> None:
        self.model, self.config, self.device = model, model.config, model.device

    def forward(self, input_ids: Any, attention_mask: Any, use_cache: bool) -> Any:
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=use_cache)

    __call__ = forward


def test_a_uniform_model_costs_log2_of_the_vocabulary_for_each_token(
    loaded: tuple[Any, Any],
) -> None:
    import torch

    model, _ = loaded
    model.lm_head.weight, kept = (
        torch.nn.Parameter(torch.zeros_like(model.lm_head.weight)),
        (model.lm_head.weight),
    )
    text = Row(id="t", group="g", source="s", text="Plain text, with an umlaut: ä.")
    try:
        for row in (*rows(), text):
            (cost,) = costs(loaded, [row])
            size = len(row.reference.encode())
            expected = math.log2(model.config.vocab_size) * cost.tokens / size
            assert cost.bytes == size
            assert cost.bits_per_byte == pytest.approx(expected, rel=1e-5)
            assert perplexity([cost]) == pytest.approx(model.config.vocab_size, rel=1e-4)
    finally:
        model.lm_head.weight = kept


def test_totals_are_all_bits_over_all_bytes(loaded: tuple[Any, Any]) -> None:
    found = costs(loaded, rows())
    bits = sum(cost.nats for cost in found) / math.log(2)
    assert total_bits_per_byte(found) == pytest.approx(
        bits / sum(len(a.encode()) for _, a in QUESTIONS)
    )


def test_bfloat16_weights_give_nearly_the_same_cost(loaded: tuple[Any, Any]) -> None:
    import copy

    import torch

    model, tokenizer = loaded
    half = copy.deepcopy(model).to(torch.bfloat16)
    pairs = zip(costs(loaded, rows()), costs((half, tokenizer), rows()), strict=True)
    for full, low in pairs:
        assert low.nats == pytest.approx(full.nats, rel=0.01)


def test_a_long_text_is_read_in_windows_and_no_token_is_left_out(loaded: tuple[Any, Any]) -> None:
    text = Row(id="t", group="g", source="s", text=" ".join(answer for _, answer in QUESTIONS))
    (whole,), (cut,) = costs(loaded, [text]), costs(loaded, [text], window=16)
    assert whole.tokens == cut.tokens
    assert cut.nats == pytest.approx(whole.nats, rel=0.1)
    assert cut.nats != whole.nats


@pytest.mark.parametrize(
    ("length", "first", "capacity"), [(5, 1, 8), (8, 1, 8), (50, 1, 8), (40, 30, 8), (9, 8, 8)]
)
def test_windows_score_every_token_once_with_something_before_it(
    length: int, first: int, capacity: int
) -> None:
    scored: list[int] = []
    for start, end, at in windows(length, first, capacity):
        assert end - start <= capacity
        assert at > start
        assert at == first or at - start >= capacity // 2
        scored += range(at, end)
    assert scored == list(range(first, length))


def test_an_adapter_changes_nothing_until_it_is_trained(loaded: tuple[Any, Any]) -> None:
    import copy

    from peft import LoraConfig, get_peft_model

    model, tokenizer = loaded
    config = LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear")
    wrapped: Any = get_peft_model(copy.deepcopy(model), config).eval()
    pairs = zip(costs(loaded, rows()), costs((wrapped, tokenizer), rows()), strict=True)
    for plain, with_adapter in pairs:
        assert with_adapter.nats == pytest.approx(plain.nats, rel=1e-6)
