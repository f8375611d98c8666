"""A tiny model that has learnt to answer a little, and to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from osler.model import load_base, load_tokenizer
from osler.recipe import Model
from osler.rows import Row
from osler.template import tokenize_rows

NAMES = ("asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "lupus")


def make_row(name: str, number: int) -> Row:
    """A question whose answer has characters of two, three and four bytes."""
    answer = f"It is condition number {number} — größer, 痛み, 🩺."
    return Row(
        name,
        name,
        "clinic.csv",
        prompt=({"role": "user", "content": f"What is {name}?"},),
        completion=({"role": "assistant", "content": answer},),
    )


@pytest.fixture(scope="session")
def spoken_folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model after 120 steps on eight answers: it says them, and stops."""
    torch.manual_seed(0)
    settings = Model(id=str(tiny_model))
    model, tokenizer = load_base(settings, Path()), load_tokenizer(settings, Path())
    rows = tokenize_rows(tokenizer, [make_row(name, i) for i, name in enumerate(NAMES)])
    width = max(len(row.input_ids) for row in rows)
    ids = torch.tensor([r.input_ids + [0] * (width - len(r.input_ids)) for r in rows])
    labels = torch.tensor([r.labels + [-100] * (width - len(r.labels)) for r in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(120):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert loss.item() < 0.2
    folder = tmp_path_factory.mktemp("spoken")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def spoken(spoken_folder: Path) -> tuple[Any, Any]:
    """That model and its tokenizer, loaded afresh."""
    settings = Model(id=str(spoken_folder))
    return load_base(settings, Path()), load_tokenizer(settings, Path())
