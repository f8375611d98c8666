"""The tiny model that speaks, as an engine's base, and two adapters on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from osler.model import load_base
from osler.recipe import Model
from osler.serve.engines.batch import Batch
from osler.serve.engines.lane import Room
from osler.serve.engines.menu import Adapter, Weights, weights_digest

Opened = Callable[..., Batch]


def save_adapter(base: Path, folder: Path, seed: int, **settings: Any) -> Path:
    """A LoRA adapter whose B is random too, so that it changes what is said."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(
        r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False, **settings
    )
    model: Any = get_peft_model(load_base(Model(id=str(base)), Path()), config)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def adapters(spoken_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Adapter, ...]:
    """`first` and `second`."""
    folder = tmp_path_factory.mktemp("adapters")
    return tuple(
        Adapter(name, save_adapter(spoken_folder, folder / name, seed))
        for seed, name in enumerate(("first", "second"), 1)
    )


def weights_of(folder: Path, *adapters: Adapter) -> Weights:
    """A folder's model by the name `base`."""
    return Weights("base", Model(id=str(folder)), Path(), weights_digest(folder), adapters)


@pytest.fixture
def opened(spoken_folder: Path) -> Iterator[Opened]:
    """Opens engines on the tiny model, and closes them."""
    made: list[Batch] = []

    def open_it(*adapters: Adapter, room: Room | None = None, folder: Path | None = None) -> Batch:
        made.append(Batch([weights_of(folder or spoken_folder, *adapters)], room))
        return made[-1]

    yield open_it
    for engine in made:
        asyncio.run(engine.close(0.0))


def run(work: Awaitable[Any]) -> Any:
    """To its end, within a minute: a test that hangs says so."""

    async def whole() -> Any:
        return await asyncio.wait_for(work, 60)

    return asyncio.run(whole())
