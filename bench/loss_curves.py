"""Does the engine train as the plain stack does? `OSLER_DATA=… python bench/loss_curves.py`

Two comparisons on the real MedQuAD with nano, a model that has been trained; the same rows in the
same order, LoRA r=16, learning rate 1e-3:
 * 50 steps of TRL and PEFT as they are (padded rows, SDPA, PEFT's own layers, TRL's own loss) and
   of the engine (packed rows, its attention, adapters and loss, compiled layers). What rounding
   alone does is measured by the plain stack with the rows of each batch in reverse.
 * 500 steps of the engine over a base in bfloat16 and in float8: the validation loss after them,
   and the cosine of the two gradients at the first step.
Writes bench/results/loss_curves.json.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from osler.commands.environment import set_environment

set_environment(network=False)

import numpy as np
import torch

from osler.data.prepare import prepare
from osler.disk import write_json
from osler.engine.packing import PackedCollator
from osler.engine.plan import Plan
from osler.model import device, load_tokenizer
from osler.recipe import Recipe
from osler.recipe_file import load_recipe
from osler.rows import read_rows
from osler.run import Run, installed_versions, now
from osler.train import sft
from osler.train.examples import make_examples
from plain import plain_trainer

BATCH = 8


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--long-steps", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path("bench/results/loss_curves.json"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = prepare_data(Path(folder) / "run")
        kinds = ("plain", "reversed", "engine")
        curves = {kind: losses(kind, data, given.steps)[0] for kind in kinds}
        ends = {kind: losses(kind, data, given.long_steps) for kind in ("engine", "float8")}
        likeness = gradient_likeness(data)
    apart = {
        kind: float(np.abs(np.subtract(curves[kind], curves["plain"])).max())
        for kind in ("reversed", "engine")
    }
    validation = {kind: end[1] for kind, end in ends.items()}
    found = {
        "steps": given.steps,
        "curves": curves,
        "largest_difference_to_plain": apart,
        "long_steps": given.long_steps,
        "validation_loss": validation,
        "float8_over_bfloat16": validation["float8"] / validation["engine"] - 1,
        "gradient_cosine_float8": likeness,
    }
    name = torch.cuda.get_device_name() if device() == "cuda" else "CPU"
    write_json(
        given.out, {"date": now(), "machine": name, "versions": installed_versions(), **found}
    )
    print({key: value for key, value in found.items() if key != "curves"})


def prepare_data(folder: Path) -> Run:
    """A run whose data stage is done."""
    loaded = load_recipe("medical-qa-nano")
    run = Run.create(loaded, folder)
    prepare(loaded.recipe, run)
    return run


def recipe_of(kind: str, steps: int) -> Recipe:
    """The recipe of one curve."""
    packed = kind in ("engine", "float8")
    return load_recipe(
        "medical-qa-nano",
        [
            f"train.max_steps={steps}", "train.method=lora", "train.lora.r=16",
            "train.learning_rate=1e-3", f"train.packing={str(packed).lower()}",
            f"train.compile={str(packed and device() == 'cuda').lower()}",
            f"train.float8_base={str(kind == 'float8').lower()}",
            f"train.per_device_train_batch_size={BATCH}", "train.gradient_accumulation_steps=1",
            "train.logging_steps=1", f"train.save_steps={10 * steps}", "model.dtype=bfloat16",
        ],
    ).recipe  # fmt: skip


def losses(kind: str, data: Run, steps: int) -> tuple[list[float], float]:
    """Training loss of each step, and the validation loss after the last."""
    trainer = trainer_of(kind, data, steps)
    trainer.train()
    seen = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return seen, float(trainer.evaluate()["eval_loss"])


def trainer_of(kind: str, data: Run, steps: int) -> Any:
    """TRL's trainer, with the engine or without it, on packed examples in one order."""
    recipe = recipe_of(kind, steps)
    tokenizer = load_tokenizer(recipe.model, Path())
    examples = [
        make_examples(
            list(read_rows(data.path / "data" / f"{split}.jsonl")), tokenizer,
            system=recipe.data.system, capacity=recipe.data.max_length, packing=True,
        )
        for split in ("train", "validation")
    ]  # fmt: skip
    checkpoints = Path(tempfile.mkdtemp())
    if kind in ("engine", "float8"):
        model = sft.prepare_model(recipe, Path(), Plan())
        return sft.trainer_on(model, examples, recipe, tokenizer, checkpoints, [])
    return plain_trainer(recipe, examples, tokenizer, checkpoints, backwards=kind == "reversed")


def gradient_likeness(data: Run) -> float:
    """Cosine of the adapter's gradients over a float8 and a bfloat16 base on one batch.

    After 100 steps, for at its start an adapter's B is zero and A has no gradient.
    """
    found: dict[str, torch.Tensor] = {}
    trained: dict[str, Any] = {}
    for kind in ("engine", "float8"):
        trainer = trainer_of(kind, data, 100)
        model = trainer.model
        if not trained:
            trainer.train()
            named = model.named_parameters()
            trained = {name: w.detach().clone() for name, w in named if w.requires_grad}
        for name, weight in model.named_parameters():
            if name in trained:
                weight.data.copy_(trained[name])
        batch = trainer._prepare_inputs(
            PackedCollator(2048, 0, boundaries=True, rows=BATCH)(
                [trainer.train_dataset[i] for i in range(BATCH)]
            )
        )
        model.train().zero_grad()
        with trainer.compute_loss_context_manager():
            trainer.compute_loss(model, batch).backward()
        found[kind] = torch.cat(
            [p.grad.flatten().float() for p in model.parameters() if p.requires_grad]
        )
    return float(torch.nn.functional.cosine_similarity(*found.values(), dim=0))


if __name__ == "__main__":
    main()
