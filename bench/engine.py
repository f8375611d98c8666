"""Osler's engine on one card: `python bench/engine.py --model qwen05 --batch 16 --length 2048`.

Random weights of a true architecture, rows of random tokens with the lengths of MedQuAD's answers
(log-normal, median 270) packed into rows of `--length`, LoRA r=16 on the seven projections. Prints
one line of JSON: real tokens a second without the warm-up steps, and memory. `--bare` leaves out
TRL's and transformers' loop; `--profile FILE` writes the kernels of one step.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.commands.environment import set_environment

set_environment(network=False)

import torch

from osler.engine.plan import Plan
from osler.recipe import Recipe
from osler.train import sft
from plain import Split, plain_trainer
from stand_in import PAD, SHAPES, Stopwatch, model_folder, on_gpu, report, rows, stand_in_tokenizer

PARTS = ("packing", "attention", "compile", "lora", "loss")


def setting(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What to measure, from the command line or from these words."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--model", choices=SHAPES, default="qwen05")
    add("--method", choices=("lora", "qlora", "full"), default="lora")
    add("--float8", action="store_true")
    add("--batch", type=int, default=16)
    add("--length", type=int, default=2048)
    add("--fixed", type=int, default=0, help="every example has this many tokens")
    add("--steps", type=int, default=20)
    add("--recompute", type=int, default=0, help="layers that compute their forward pass again")
    add("--selective", action="store_true", help="what takes no product is computed again")
    add("--offload", action="store_true")
    add("--tile", type=int, default=0, help="tokens that a layer takes at a time")
    add("--cap", type=float, default=0, help="GiB of the card that may be used")
    add("--bare", action="store_true")
    add("--plain", action="store_true", help="TRL and PEFT as they are, on the same documents")
    add("--without", nargs="*", choices=PARTS, default=[], help="parts of the engine to leave out")
    add("--profile", type=Path)
    return parser.parse_args(words)


def main() -> None:
    """Measure one setting."""
    given = setting()
    report(given, measure)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Train for some steps, and say how fast and how large."""
    recipe = recipe_of(given, model_folder(given.model))
    plan = plan_of(given)
    begun = time.perf_counter()
    watch, examples, nowhere = Stopwatch(), [rows(given), []], Path(tempfile.mkdtemp())
    if given.plain:
        trainer = plain_trainer(recipe, examples, stand_in_tokenizer(), nowhere)
    else:
        leave_out(given.without)
        model = sft.prepare_model(recipe, Path(), plan)
        trainer = sft.trainer_on(model, examples, recipe, stand_in_tokenizer(), nowhere, [])
        if "packing" in given.without:
            trainer.data_collator = Split(PAD, backwards=False)
    trainer.args.save_strategy = "no"  # full tuning of 7B would leave 80 GB after each row
    loaded = time.perf_counter() - begun
    watch.follow(trainer)
    if given.bare:
        bare_loop(trainer, watch, given.steps)
    else:
        trainer.train()
    if given.profile:
        profile(trainer, given.profile)
    return {"load_s": round(loaded, 1)} | watch.summary()


def plan_of(given: argparse.Namespace) -> Plan:
    """The settings as a plan."""
    tile = given.tile or None
    return Plan(given.recompute, given.offload, tile, selective=given.selective)


def leave_out(parts: Sequence[str]) -> None:
    """Put what TRL, PEFT and transformers do by themselves in place of parts of the engine."""
    if "lora" in parts:
        sft.quicken_lora = lambda model: 0
    if "loss" in parts:
        sft.use_own_loss = lambda model, *, compiled: False
    if "attention" in parts or "packing" in parts:
        sft.packed_attention = lambda device: "sdpa"


def recipe_of(given: argparse.Namespace, folder: Path) -> Recipe:
    """The settings as a recipe."""
    train = {
        "method": given.method, "float8_base": given.float8, "packing": True,
        "compile": not {"compile", "packing"} & set(given.without),
        "per_device_train_batch_size": given.batch,
        "max_steps": given.steps, "logging_steps": 1000, "save_steps": 1_000_000,
        "optim": "adamw_torch_fused" if on_gpu() else "adamw_torch", "learning_rate": 1e-4,
    }  # fmt: skip
    return Recipe.model_validate(
        {
            "name": "bench",
            "model": {"id": str(folder)},
            "data": {"sources": [{"type": "jsonl", "path": "none"}], "max_length": given.length},
            "train": train,
        }
    )


def bare_loop(trainer: Any, watch: Stopwatch, steps: int) -> None:
    """The same model, batches, loss and optimiser, without a Trainer."""
    optimizer = torch.optim.AdamW(
        [p for p in trainer.model.parameters() if p.requires_grad], lr=1e-4, fused=on_gpu()
    )
    model = trainer.model.train()
    batches = iter(trainer.get_train_dataloader())
    for _ in range(steps):
        batch = next(batches)
        watch.step_begins()
        watch.tokens[-1] += (batch["input_ids"] != PAD).sum()
        with torch.autocast("cuda" if on_gpu() else "cpu", torch.bfloat16, enabled=on_gpu()):
            found = model(**batch, fused_lm_head=True)
        loss = -found.log_probs.sum() / found.label_mask.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        watch.losses.append(loss.detach())
        watch.step_ends()


def profile(trainer: Any, out: Path) -> None:
    """The kernels of one forward and backward pass, longest first."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    batch = trainer._prepare_inputs(next(iter(trainer.get_train_dataloader())))
    with profiler(activities=[ProfilerActivity.CUDA]) as seen:
        trainer.compute_loss(trainer.model, dict(batch)).backward()
        torch.cuda.synchronize()
    table = seen.key_averages().table(
        sort_by="cuda_time_total", row_limit=40, max_name_column_width=90
    )
    out.write_text(table)


if __name__ == "__main__":
    main()
