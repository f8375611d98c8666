"""Osler's engine on one card: `python bench/engine.py --model qwen05 --batch 16 --length 2048`.

Random weights of a true architecture, rows of random tokens with the lengths of MedQuAD's answers
(log-normal, median 270) packed into rows of `--length`, LoRA r=16 on the seven projections. Prints
one line of JSON: real tokens a second without the warm-up steps, and memory. `--bare` leaves out
TRL's and transformers' loop; `--profile FILE` writes the kernels of one step.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.commands.environment import set_environment

set_environment(network=False)

import numpy as np
import torch
from transformers import TrainerCallback

from osler.engine.packing import IGNORED, PackedCollator, best_fit
from osler.engine.plan import Plan
from osler.recipe import Recipe
from osler.train import sft
from plain import Split, plain_trainer

SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen05": ("Qwen2", {
        "vocab_size": 151936, "hidden_size": 896, "intermediate_size": 4864,
        "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
        "tie_word_embeddings": True, "max_position_embeddings": 32768, "rope_theta": 1e6,
    }),
    "llama7": ("Llama", {"max_position_embeddings": 262144}),
    "nano": ("Llama", {
        "vocab_size": 8192, "hidden_size": 384, "intermediate_size": 896, "num_hidden_layers": 6,
        "num_attention_heads": 6, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "tie_word_embeddings": True,
    }),
    "tiny": ("Llama", {
        "vocab_size": 1024, "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096,
    }),
}  # fmt: skip
PARTS = ("packing", "attention", "compile", "lora", "loss")
PAD = 3
WARM_UP = 6


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
    add("--offload", action="store_true")
    add("--tile", type=int, default=0, help="tokens at a time through the feed-forward part")
    add("--cap", type=float, default=0, help="GiB of the card that may be used")
    add("--bare", action="store_true")
    add("--plain", action="store_true", help="TRL and PEFT as they are, on the same documents")
    add("--without", nargs="*", choices=PARTS, default=[], help="parts of the engine to leave out")
    add("--profile", type=Path)
    return parser.parse_args(words)


def main() -> None:
    """Measure one setting."""
    given = setting()
    if given.cap:
        whole = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(given.cap * 2**30 / whole)
    try:
        found = measure(given)
    except torch.OutOfMemoryError as fault:
        found = {"out_of_memory": str(fault).split(". GPU")[0]}
    settings = {key: value for key, value in vars(given).items() if value and key != "profile"}
    print("RESULT", json.dumps(settings | found), flush=True)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Train for some steps, and say how fast and how large."""
    recipe = recipe_of(given, model_folder(given.model))
    plan = Plan(given.recompute, given.offload, given.tile or None)
    begun = time.perf_counter()
    watch, examples, nowhere = Watch(), [rows(given), []], Path(tempfile.mkdtemp())
    if given.plain:
        trainer = plain_trainer(recipe, examples, Tokenizer(), nowhere)
        trainer.add_callback(watch)
    else:
        leave_out(given.without)
        model = sft.prepare_model(recipe, Path(), plan)
        trainer = sft.trainer_on(model, examples, recipe, Tokenizer(), nowhere, [watch])
        if "packing" in given.without:
            trainer.data_collator = Split(PAD, backwards=False)
        elif "attention" in given.without:
            trainer.data_collator = PackedCollator(given.length, PAD, boundaries=False)
    loaded = time.perf_counter() - begun
    watch.follow(trainer)
    if given.bare:
        bare_loop(trainer, watch, given.steps)
    else:
        trainer.train()
    if given.profile:
        profile(trainer, given.profile)
    return {"load_s": round(loaded, 1)} | watch.summary()


def leave_out(parts: Sequence[str]) -> None:
    """Put what TRL, PEFT and transformers do by themselves in place of parts of the engine."""
    if "lora" in parts:
        sft.quicken_lora = lambda model: 0
    if "loss" in parts:
        sft.use_own_loss = lambda model, *, compiled: False
    if "attention" in parts or "packing" in parts:
        sft.packed_attention = lambda: "sdpa"


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


def on_gpu() -> bool:
    """True with a card."""
    return torch.cuda.is_available()


def model_folder(name: str) -> Path:
    """Random weights of the architecture, saved once in $MODEL_DIR."""
    import transformers
    from tokenizers import Tokenizer as Pieces
    from tokenizers.models import WordLevel

    folder = Path(os.environ.get("MODEL_DIR", tempfile.gettempdir())) / name
    if not (folder / "config.json").exists():
        family, shape = SHAPES[name]
        ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": PAD}
        config = getattr(transformers, f"{family}Config")(**shape, **ids)
        with torch.device("cuda" if on_gpu() else "cpu"):
            model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        model.save_pretrained(folder)
        pieces = Pieces(WordLevel({"<unk>": 0, "<s>": 1, "</s>": 2, "<pad>": PAD}, "<unk>"))
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=pieces, eos_token="</s>", pad_token="<pad>"
        ).save_pretrained(folder)
        del model
        torch.cuda.empty_cache()
    return folder


def Tokenizer() -> Any:
    """What the trainer asks of a tokenizer."""
    from tokenizers import Tokenizer as Pieces
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    pieces = Pieces(WordLevel({"<unk>": 0, "<s>": 1, "</s>": 2, "<pad>": PAD}, "<unk>"))
    return PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="</s>", pad_token="<pad>")


def rows(given: argparse.Namespace) -> Any:
    """Packed examples, all tokens but the first of each document with a label."""
    from datasets import Dataset

    random = np.random.default_rng(0)
    count = given.batch * (given.steps + 2) * (1 if given.fixed else 10)
    lengths = np.clip(random.lognormal(5.6, 0.8, count), 32, given.length).astype(int)
    if given.fixed:
        lengths = np.full(count, given.fixed)
    columns: dict[str, list[Any]] = {"input_ids": [], "labels": [], "seq_lengths": []}
    top = min(SHAPES[given.model][1].get("vocab_size", 32000), 29999)
    for members in best_fit(lengths.tolist(), given.length)[: given.batch * (given.steps + 1)]:
        documents = [random.integers(4, top, int(lengths[i])) for i in members]
        columns["input_ids"].append(np.concatenate(documents))
        columns["labels"].append(np.concatenate([[IGNORED, *d[1:]] for d in documents]))
        columns["seq_lengths"].append([len(d) for d in documents])
    return Dataset.from_dict(columns).with_format("numpy")


class Watch(TrainerCallback):
    """Seconds and real tokens of each step."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.tokens: list[Any] = []
        self.losses: list[Any] = []

    def follow(self, trainer: Any) -> None:
        """Count the tokens that are trained on, without making the card wait."""
        step = trainer.training_step

        def counted(model: Any, inputs: dict[str, Any], *rest: Any) -> Any:
            self.tokens.append((inputs["input_ids"] != PAD).sum())
            loss = step(model, inputs, *rest)
            self.losses.append(loss.detach())
            return loss

        trainer.training_step = counted
        if on_gpu():
            torch.cuda.reset_peak_memory_stats()

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        if on_gpu():
            torch.cuda.synchronize()
        self.begun = time.perf_counter()

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        if on_gpu():
            torch.cuda.synchronize()
        self.seconds.append(time.perf_counter() - self.begun)

    def summary(self) -> dict[str, Any]:
        """Figures of the steps after the warm-up."""
        warm = min(WARM_UP, len(self.seconds) // 2)
        tokens = [int(count) for count in self.tokens][warm:]
        found: dict[str, Any] = {
            "tok_s": round(sum(tokens) / sum(self.seconds[warm:])),
            "median_ms": round(1e3 * statistics.median(self.seconds[warm:]), 1),
            "tokens_a_step": sum(tokens) // len(tokens),
            "first_s": [round(s, 1) for s in self.seconds[:3]],
            "loss": round(float(self.losses[-1]), 4),
        }
        if on_gpu():
            found["peak_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
            found["reserved_gib"] = round(torch.cuda.max_memory_reserved() / 2**30, 2)
        return found


def bare_loop(trainer: Any, watch: Watch, steps: int) -> None:
    """The same model, batches, loss and optimiser, without a Trainer."""
    optimizer = torch.optim.AdamW(
        [p for p in trainer.model.parameters() if p.requires_grad], lr=1e-4, fused=on_gpu()
    )
    model = trainer.model.train()
    batches = iter(trainer.get_train_dataloader())
    for _ in range(steps):
        batch = next(batches)
        watch.on_step_begin()
        watch.tokens.append((batch["input_ids"] != PAD).sum())
        with torch.autocast("cuda" if on_gpu() else "cpu", torch.bfloat16, enabled=on_gpu()):
            found = model(**batch, fused_lm_head=True)
        loss = -found.log_probs.sum() / found.label_mask.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        watch.losses.append(loss.detach())
        watch.on_step_end()


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
