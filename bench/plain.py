"""TRL and PEFT as they are, on the examples that the engine gets: what it is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osler.engine.packing import PaddedCollator
from osler.model import load_base
from osler.recipe import Recipe
from osler.train import sft


class Split:
    """Batches of packed examples, each document a padded row of its own."""

    def __init__(self, pad: int, *, backwards: bool) -> None:
        self.pad, self.backwards = PaddedCollator(pad), backwards

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        rows: list[dict[str, Any]] = []
        for example in examples:
            at = 0
            for length in example["seq_lengths"]:
                part = slice(at, at + int(length))
                rows.append({key: example[key][part] for key in ("input_ids", "labels")})
                at += int(length)
        return self.pad(rows[::-1] if self.backwards else rows)


def plain_trainer(
    recipe: Recipe,
    examples: list[Any],
    tokenizer: Any,
    checkpoints: Path,
    *,
    backwards: bool = False,
) -> Any:
    """TRL's trainer on PEFT's adapter: padded rows, SDPA, TRL's loss, nothing compiled.

    `backwards`: the rows of each batch in reverse, which changes nothing but rounding.
    """
    from transformers import set_seed
    from trl import SFTConfig, SFTTrainer

    set_seed(recipe.seed)
    validated = len(examples[1]) > 0
    full = recipe.train.method == "full"
    base = load_base(recipe.model, Path(), train_all=full)
    return SFTTrainer(
        model=base if full else sft.add_adapter(base, recipe),
        args=SFTConfig(**sft.trainer_arguments(recipe, checkpoints, has_validation=validated)),
        data_collator=Split(tokenizer.pad_token_id, backwards=backwards),
        train_dataset=examples[0],
        eval_dataset=examples[1] if validated else None,
        processing_class=tokenizer,
    )
