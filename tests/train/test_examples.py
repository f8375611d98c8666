"""Rows to tokens and labels: the loss covers the answer, to its end, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from osler.rows import Row
from osler.template import encode, render_prompt, tokenize_rows, with_system
from osler.train.examples import make_examples


@pytest.fixture
def tokenizer(tiny_model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(tiny_model))


def _row(name: str = "a", answer: str = "A lung disease.") -> Row:
    return Row(
        id=name,
        group=name,
        source="test",
        prompt=({"role": "user", "content": f"What is {name}?"},),
        completion=({"role": "assistant", "content": answer},),
    )


def test_the_loss_covers_the_answer_and_its_end_of_turn_token_only(tokenizer: Any) -> None:
    (tokens,) = tokenize_rows(tokenizer, [_row()])
    trained = [label for label in tokens.labels if label != -100]
    assert tokenizer.decode(trained) == "A lung disease.<|end|>"
    assert tokens.n_trained == len(trained)


def test_the_prompt_has_the_same_tokens_in_training_and_in_serving(tokenizer: Any) -> None:
    row = _row()
    (tokens,) = tokenize_rows(tokenizer, [row], system="Be brief.")
    served = render_prompt(tokenizer, with_system(row.prompt, "Be brief."))
    assert tokens.input_ids[: tokens.n_prompt] == encode(tokenizer, [served])[0]


def test_packing_keeps_every_trained_token(tokenizer: Any) -> None:
    rows = [_row(f"disease {n}", "It is " + "very " * n + "rare.") for n in range(30)]
    wanted = sum(t.n_trained for t in tokenize_rows(tokenizer, rows))
    for packing in (True, False):
        examples = make_examples(rows, tokenizer, system=None, capacity=200, packing=packing)
        assert sum(int((e["labels"] != -100).sum()) for e in examples) == wanted


def test_long_plain_text_is_cut_into_pieces_and_none_is_lost(tokenizer: Any) -> None:
    row = Row(id="t", group="t", source="test", text="asthma is a disease of the lungs. " * 40)
    (tokens,) = tokenize_rows(tokenizer, [row])
    examples = make_examples([row], tokenizer, system=None, capacity=64, packing=True)
    assert sorted(i for e in examples for i in e["input_ids"]) == sorted(tokens.input_ids)
    assert max(len(e["input_ids"]) for e in examples) <= 64
    assert tokens.input_ids[-1] == tokenizer.eos_token_id


def test_a_repeated_source_is_shown_that_often(tokenizer: Any) -> None:
    from dataclasses import replace

    rows = [replace(_row("a"), repeat=3), _row("b")]
    assert len(make_examples(rows, tokenizer, system=None, capacity=99, packing=False)) == 4
