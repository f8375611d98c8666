"""TRL or Unsloth as their users run them: `python bench/peers.py unsloth --packing`.

The models, documents and stopwatch of bench/engine.py; LoRA r=16 on the seven projections, one pass
a step. What is not given is left as the peer has it: gradient checkpointing, attention, optimiser,
workers, the allocator of memory.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "DO_NOT_TRACK": "1"}

if "unsloth" in sys.argv:
    import unsloth  # pyright: ignore  (changes the others as it is imported, so it comes first)

import torch

from stand_in import (
    SHAPES,
    Stopwatch,
    documents,
    lengths_of,
    model_folder,
    on_gpu,
    report,
    stand_in_tokenizer,
)

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA: dict[str, Any] = {"r": 16, "lora_alpha": 32, "target_modules": PROJECTIONS}


def main() -> None:
    """Measure one setting of one peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("peer", choices=("trl", "unsloth"))
    add("--model", choices=SHAPES, default="qwen05")
    add("--bits", type=int, choices=(16, 8, 4), default=16, help="of the frozen base")
    add("--batch", type=int, default=16)
    add("--length", type=int, default=2048)
    add("--fixed", type=int, default=0, help="every example has this many tokens")
    add("--steps", type=int, default=14)
    add("--packing", action="store_true")
    add("--cap", type=float, default=0, help="GiB of the card that may be used")
    report(parser.parse_args(), measure)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Train for some steps, and say how fast and how large."""
    watch = Stopwatch()
    trainer = trainer_of(given)
    watch.follow(trainer)
    trainer.train()
    return {"version": metadata.version(given.peer)} | watch.summary()


def trainer_of(given: argparse.Namespace) -> Any:
    """The peer's trainer on the peer's model."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

    count = given.batch * (given.steps + 2) * (8 if given.packing else 1)
    texts = documents(given.model, lengths_of(count, given.length, given.fixed))
    arguments = SFTConfig(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=given.batch,
        gradient_accumulation_steps=1,  # Unsloth's own default is 2
        max_steps=given.steps,
        max_length=given.length,
        packing=given.packing,
        bf16=on_gpu(),
        learning_rate=1e-4,
        logging_steps=1000,
        report_to=[],
        save_strategy="no",
    )
    unslothed = given.peer == "unsloth"
    model, more = (unsloth_model if unslothed else trl_model)(given, model_folder(given.model))
    return SFTTrainer(
        model=model,
        args=arguments,
        processing_class=stand_in_tokenizer(),
        train_dataset=Dataset.from_dict({"input_ids": [text.tolist() for text in texts]}),
        **more,
    )


def unsloth_model(given: argparse.Namespace, folder: Path) -> tuple[Any, dict[str, Any]]:
    """As Unsloth's guide has it, with its own checkpointing."""
    kind: Any = unsloth.FastLanguageModel  # pyright: ignore
    held = {"load_in_4bit": given.bits == 4} | ({"load_in_fp8": True} if given.bits == 8 else {})
    base, _ = kind.from_pretrained(
        str(folder), max_seq_length=given.length, dtype=torch.bfloat16, **held
    )
    model = kind.get_peft_model(base, **LORA, lora_dropout=0, use_gradient_checkpointing="unsloth")
    return model, {}


def trl_model(given: argparse.Namespace, folder: Path) -> tuple[Any, dict[str, Any]]:
    """As TRL's guide has it: a base of transformers, and the adapter's settings for TRL."""
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    held: dict[str, Any] = {}
    if given.bits == 4:
        held["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )  # fmt: skip
        held["device_map"] = {"": 0}
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, **held)
    return base, {"peft_config": LoraConfig(task_type="CAUSAL_LM", **LORA)}


if __name__ == "__main__":
    main()
