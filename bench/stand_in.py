"""What speed is measured on: models with random weights, documents of random tokens, a stopwatch.

True architectures, and documents with the lengths of MedQuAD's answers (log-normal, median 270).
Nothing here imports transformers or TRL by itself: Unsloth wants to be there before them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from osler.engine.packing import IGNORED, best_fit

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
PAD = 3
PIECES = 30_000
"""Of the vocabulary that documents use."""
WARM_UP = 6


def on_gpu() -> bool:
    """True with a card."""
    return torch.cuda.is_available()


def model_folder(name: str) -> Path:
    """Random weights of the architecture, saved once in $MODEL_DIR."""
    import transformers

    folder = Path(os.environ.get("MODEL_DIR", tempfile.gettempdir())) / name
    if not (folder / "config.json").exists():
        family, shape = SHAPES[name]
        ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": PAD}
        config = getattr(transformers, f"{family}Config")(**shape, **ids)
        with torch.device("cuda" if on_gpu() else "cpu"):
            model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        model.save_pretrained(folder)
        stand_in_tokenizer().save_pretrained(folder)
        del model
        torch.cuda.empty_cache()
    return folder


def stand_in_tokenizer() -> Any:
    """What the trainer asks of a tokenizer."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    words = ["<unk>", "<s>", "</s>", "<pad>", *(f"w{i}" for i in range(4, PIECES))]
    pieces = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, "<unk>"))
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces, unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        pad_token="<pad>", model_max_length=262144,
        chat_template="{% for m in messages %}{{ m['content'] }}{% endfor %}",
    )  # fmt: skip


def lengths_of(count: int, longest: int, fixed: int = 0) -> np.ndarray:
    """Tokens of so many documents; `fixed`: all alike."""
    lengths = np.random.default_rng(0).lognormal(5.6, 0.8, count)
    return np.full(count, fixed) if fixed else np.clip(lengths, 32, longest).astype(int)


def documents(model: str, lengths: np.ndarray) -> list[np.ndarray]:
    """Random tokens, none of them special."""
    random = np.random.default_rng(1)
    top = min(SHAPES[model][1].get("vocab_size", 32000), PIECES)
    return [random.integers(4, top, int(length)) for length in lengths]


def rows(given: argparse.Namespace) -> Any:
    """Packed examples, all tokens but the first of each document with a label.

    As many documents as fill the rows, and all of them: best-fit's first rows hold the longest.
    """
    from datasets import Dataset

    # Of few rows the last, which holds what is left over, would be a large part.
    count = max(given.batch * (given.steps + 1), 64 if not given.fixed else 0)
    lengths = lengths_of(count * given.length // 32, given.length, given.fixed)
    enough = int(np.searchsorted(np.cumsum(lengths), count * given.length)) + 1
    texts = documents(given.model, lengths[:enough])
    columns: dict[str, list[Any]] = {"input_ids": [], "labels": [], "seq_lengths": []}
    for members in best_fit([len(text) for text in texts], given.length):
        columns["input_ids"].append(np.concatenate([texts[i] for i in members]))
        columns["labels"].append(np.concatenate([[IGNORED, *texts[i][1:]] for i in members]))
        columns["seq_lengths"].append([len(texts[i]) for i in members])
    return Dataset.from_dict(columns).with_format("numpy")


def step_callback(watch: Stopwatch) -> Any:
    """Tells the watch of the Trainer's steps."""
    from transformers import TrainerCallback

    class Steps(TrainerCallback):
        def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
            watch.step_begins()

        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            watch.step_ends()

    return Steps()


class Stopwatch:
    """Seconds and real tokens of each step."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.tokens: list[Any] = []
        self.losses: list[Any] = []

    def follow(self, trainer: Any) -> None:
        """Count the tokens that are trained on, without making the card wait."""
        step = trainer.training_step

        def counted(model: Any, inputs: dict[str, Any], *rest: Any) -> Any:
            self.tokens[-1] += (inputs["input_ids"] != PAD).sum()
            loss = step(model, inputs, *rest)
            self.losses.append(loss.detach())
            return loss

        trainer.training_step = counted
        trainer.add_callback(step_callback(self))
        if on_gpu():
            torch.cuda.reset_peak_memory_stats()

    def step_begins(self) -> None:
        """Call before a step, which may have several passes."""
        self.tokens.append(0)
        if on_gpu():
            torch.cuda.synchronize()
        self.begun = time.perf_counter()

    def step_ends(self) -> None:
        """Call after it."""
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
            "step_ms": [round(1e3 * s, 1) for s in self.seconds],
            "tokens_a_step": sum(tokens) // len(tokens),
            "first_s": [round(s, 1) for s in self.seconds[:3]],
            "loss": round(float(self.losses[-1]), 4),
        }
        if on_gpu():
            found["peak_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
            found["reserved_gib"] = round(torch.cuda.max_memory_reserved() / 2**30, 2)
        return found


def report(
    given: argparse.Namespace, measure: Callable[[argparse.Namespace], dict[str, Any]]
) -> None:
    """Measure within `given.cap` GiB of the card, if any, and print what was found as JSON."""
    if given.cap:
        whole = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(given.cap * 2**30 / whole)
    try:
        found = measure(given)
    except torch.OutOfMemoryError as fault:
        found = {"out_of_memory": str(fault).split(". GPU")[0]}
    settings = {key: value for key, value in vars(given).items() if value and key != "profile"}
    print("RESULT", json.dumps(settings | found), flush=True)
