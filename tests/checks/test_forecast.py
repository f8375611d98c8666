"""What `osler check` foretells: steps, memory within a budget, time, cost, and what would fit."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from scene import CPU

from osler.checks.forecast import Forecast, forecast
from osler.checks.machine import GIB, Machine
from osler.engine.choice import SLACK
from osler.engine.shape import Shape
from osler.recipe import Recipe
from osler.template import Tokens
from shapes import LLAMA, QWEN

H200 = dataclasses.replace(
    CPU, device="cuda", memory=140 * GIB, bf16=True, capability=(9, 0), rate=7.9e14,
    bandwidth=4.2e12,
)  # fmt: skip


def card(gib: float, ranks: int = 1, of: int = 1) -> Machine:
    """A card like the H200, of another size; or several."""
    return dataclasses.replace(H200, memory=int(gib * GIB), ranks=ranks, cards=of)


def cost(shape: Shape, batch: int, length: int, machine: Machine = H200, **train: Any) -> Forecast:
    """The forecast for rows of that length, filled by documents of 512 tokens."""
    settings = {"packing": True, "compile": True, "per_device_train_batch_size": batch, **train}
    recipe = Recipe.model_validate(
        {
            "name": "estimate",
            "data": {"sources": [{"type": "embedded", "name": "medical_qa"}], "max_length": length},
            "train": settings,
        }
    )
    rows = [Tokens([0] * 512, 1)] * 4096
    return forecast(recipe, shape, machine, rows, [1] * len(rows))


@pytest.mark.parametrize(
    ("shape", "batch", "length", "train", "gib", "ms"),
    [
        (QWEN, 16, 2048, {}, 31.98, 215.2),
        (QWEN, 16, 2048, {"float8_base": True}, 32.02, 231.7),
        (LLAMA, 4, 4096, {}, 79.47, 892.7),
        (LLAMA, 4, 4096, {"method": "qlora", "gradient_checkpointing": True}, 10.55, 1302.1),
    ],
)
def test_a_recipe_is_foretold_as_it_was_measured(
    shape: Shape, batch: int, length: int, train: dict[str, Any], gib: float, ms: float
) -> None:
    found = cost(shape, batch, length, **train)
    assert found.memory / GIB == pytest.approx(gib, rel=0.05)
    assert found.seconds / found.total_steps * 1e3 == pytest.approx(ms, rel=0.15)


def test_a_packed_step_has_the_tokens_of_its_rows() -> None:
    found = cost(QWEN, 16, 2048)
    assert found.tokens_per_step == 16 * 2048
    assert found.steps_per_epoch == 4096 * 512 // (16 * 2048)


def test_as_few_layers_recompute_as_the_memory_allows() -> None:
    counts = []
    for gib in (100, 40, 32, 24):
        found = cost(LLAMA, 4, 4096, card(gib), method="qlora")
        assert found.chosen is not None
        assert found.memory <= (1 - SLACK) * gib * GIB
        counts.append(found.chosen.plan.recomputed_layers)
    assert counts[0] == 0
    assert counts == sorted(set(counts))


def test_a_limit_in_the_recipe_is_heeded_on_a_larger_card() -> None:
    found = cost(LLAMA, 4, 4096, method="qlora", memory=24)
    assert found.memory <= 24 * GIB
    assert found.chosen is not None
    assert 0 < found.chosen.plan.recomputed_layers < 32
    assert "of 24.0 GiB foretold" in found.chosen.line()


def test_the_longest_rows_wait_on_the_host_and_go_through_in_tiles() -> None:
    found = cost(LLAMA, 1, 163_840, card(24), method="qlora")
    assert found.chosen is not None
    assert found.chosen.plan.offload
    assert found.chosen.plan.tile_tokens


def test_where_nothing_fits_a_smaller_batch_comes_first_for_it_costs_nothing() -> None:
    found = cost(LLAMA, 16, 4096, card(8), method="qlora")
    assert found.chosen is None
    (first, *_) = found.ways
    (change,) = first
    batch = change.settings["train.per_device_train_batch_size"]
    assert batch * change.settings["train.gradient_accumulation_steps"] == 16
    assert "costs nothing" in change.cost


def test_where_a_limit_of_the_recipe_is_too_low_the_least_that_would_do_is_offered_first() -> None:
    found = cost(LLAMA, 16, 4096, card(80), method="qlora", memory=8)
    assert found.chosen is None
    (((change,), *_)) = found.ways
    (gib,) = change.settings.values()
    assert cost(LLAMA, 16, 4096, card(80), method="qlora", memory=gib).chosen is not None
    assert cost(LLAMA, 16, 4096, card(80), method="qlora", memory=gib - 0.2).chosen is None


def test_what_is_offered_fits_and_is_the_shortest_list() -> None:
    """A 7B model in full on 24 GiB takes more than one change."""
    found = cost(LLAMA, 4, 4096, card(24), method="full", learning_rate=1e-5)
    assert found.chosen is None
    assert found.ways
    assert len({len(way) for way in found.ways}) == 1
    for way in found.ways:
        settings = {
            key.removeprefix("train."): value
            for change in way
            for key, value in change.settings.items()
        }
        length = settings.pop("data.max_length", 4096)
        batch = settings.pop("per_device_train_batch_size", 4)
        again = cost(LLAMA, batch, length, card(24), **{"method": "full", **settings})
        assert again.chosen is not None, way


def test_nothing_is_offered_for_a_model_that_is_too_large_by_far() -> None:
    found = cost(LLAMA, 1, 512, card(2), method="qlora")
    assert found.chosen is None
    assert found.ways == []


def test_a_short_training_does_not_win_back_its_compilation() -> None:
    short, long = cost(QWEN, 16, 2048, max_steps=20), cost(QWEN, 16, 2048, max_steps=2000)
    assert short.compilation > short.saved
    assert long.compilation < long.saved
    assert cost(QWEN, 16, 2048, compile=False).compilation == 0


# -- several cards -----------------------------------------------------------------------------


def test_two_cards_take_the_same_steps_in_half_the_time() -> None:
    one, two = cost(QWEN, 16, 2048), cost(QWEN, 16, 2048, card(140, 2, 2))
    assert (two.total_steps, two.tokens_per_step) == (one.total_steps, one.tokens_per_step)
    assert two.seconds == pytest.approx(one.seconds / 2, rel=0.1)
    assert two.memory < 0.6 * one.memory
    assert two.chosen is not None
    assert not two.chosen.plan.sharded


def test_full_tuning_that_fits_no_card_fits_two() -> None:
    settings = {"method": "full", "learning_rate": 1e-5}
    one = cost(LLAMA, 8, 4096, card(80, 1, 2), **settings)
    assert one.chosen is None
    assert [str(change) for change in one.ways[0]] == [
        "--gpus 2 (the same steps, shared by as many cards)"
    ]
    two = cost(LLAMA, 8, 4096, card(80, 2, 2), **settings)
    assert two.chosen is not None
    assert two.chosen.plan.sharded
    assert "weights are shared out over the ranks" in two.chosen.line()


@pytest.mark.parametrize(
    ("batch", "gib", "cards", "gpus"),
    [
        (8, 80, 1, 0),  # there is one card
        (9, 80, 2, 0),  # nine rows cannot be shared by two
        (9, 80, 4, 3),
        (8, 24, 4, 0),  # four do not suffice
        (8, 24, 8, 8),
    ],
)
def test_more_cards_are_named_when_they_are_there_and_suffice(
    batch: int, gib: float, cards: int, gpus: int
) -> None:
    found = cost(LLAMA, batch, 4096, card(gib, 1, cards), method="full", learning_rate=1e-5)
    named = [change.gpus for way in found.ways for change in way if change.gpus]
    assert (named[0] if len(found.ways[0]) == 1 and named else 0) == gpus


def test_what_several_cards_are_offered_is_for_the_whole_batch_and_can_be_shared_out() -> None:
    found = cost(LLAMA, 16, 4096, card(8, 2, 2), method="qlora")
    (change,) = found.ways[0]
    batch = change.settings["train.per_device_train_batch_size"]
    assert batch * change.settings["train.gradient_accumulation_steps"] == 16
    full = cost(LLAMA, 8, 4096, card(24, 2, 2), method="full", learning_rate=1e-5)
    assert full.ways
    assert "adamw_8bit" not in str(full.ways)  # it cannot update weights that are shared out


def test_a_base_too_large_for_a_card_is_shared_out_under_an_adapter() -> None:
    found = cost(LLAMA, 4, 4096, card(13, 2, 2))
    assert found.chosen is not None
    assert found.chosen.plan.sharded
    assert cost(LLAMA, 4, 4096, card(13, 2, 2), sharding="none").chosen is None
