"""What checks look at, in three steps that each know more: settings, base model, rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.checks.forecast import Forecast, forecast
from osler.checks.machine import Machine
from osler.data.prepare import plan
from osler.data.prepared import Prepared
from osler.data.split import SPLITS
from osler.engine.shape import Shape
from osler.export.card import base_licence
from osler.model import load_config, load_tokenizer
from osler.recipe import Recipe
from osler.rows import Row
from osler.template import Tokens
from osler.train.budget import shape_for


@dataclass(frozen=True)
class Setup:
    """A recipe on a machine."""

    recipe: Recipe
    folder: Path
    machine: Machine


@dataclass(frozen=True)
class WithModel(Setup):
    """... and the base model's config, tokenizer, shape and licence."""

    config: Any
    tokenizer: Any
    shape: Shape
    licence: str | None


@dataclass(frozen=True)
class WithRows(WithModel):
    """... and every row as training will see it, with what the training will cost."""

    prepared: Prepared
    forecast: Forecast

    def rows(self) -> list[tuple[Row, Tokens]]:
        """All rows of all splits with their tokens."""
        p = self.prepared
        return [pair for s in SPLITS for pair in zip(p.rows[s], p.tokens[s], strict=True)]


def look_at_model(setup: Setup) -> WithModel:
    """Read config and tokenizer. Raises `UserError` as the stages would."""
    recipe, folder = setup.recipe, setup.folder
    config = load_config(recipe.model, folder)
    return WithModel(
        recipe,
        folder,
        setup.machine,
        config,
        load_tokenizer(recipe.model, folder),
        shape_for(recipe, folder),
        base_licence(recipe.model, folder),
    )


def look_at_rows(model: WithModel) -> WithRows:
    """Judge every row with the code of the data stage. Raises `UserError` as it would."""
    prepared = plan(model.recipe, model.folder)
    cost = forecast(model.recipe, model.shape, model.machine, prepared.tokens["train"],
                    [row.repeat for row in prepared.rows["train"]])  # fmt: skip
    return WithRows(
        model.recipe,
        model.folder,
        model.machine,
        model.config,
        model.tokenizer,
        model.shape,
        model.licence,
        prepared,
        cost,
    )
