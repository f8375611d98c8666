"""vLLM, where it is installed: `vllm serve` as a child, LoRA adapters passed on by path.

https://docs.vllm.ai/en/latest/features/lora.html
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from osler.errors import UserError
from osler.model import resolve
from osler.serve.engines.adapters import mixes, read_config
from osler.serve.engines.batch import context_of, served_of, tokenizer_of
from osler.serve.engines.child import Child, free_port, new_key
from osler.serve.engines.lane import Room
from osler.serve.engines.menu import Weights
from osler.serve.engines.remote import Backend, Remote

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Bounds of an adapter's rank that vLLM knows."""


def one_base(menu: Sequence[Weights], engine: str) -> Weights:
    """What such a server can have: one model with plain LoRA adapters. UserError else."""
    if len(menu) != 1:
        raise UserError(
            f"--engine {engine} serves one base and the adapters on it; these are "
            f"{', '.join(one.name for one in menu)}.",
            f"Serve each by itself: osler serve RUN --engine {engine}; or --engine batch for all.",
        )
    weights = menu[0]
    if weights.model.init == "random":
        raise UserError(
            f"{weights.name}: its base has random weights, which are in no file.",
            "Serve it with --engine batch.",
        )
    for adapter in weights.adapters:
        if not mixes(read_config(adapter)):
            raise UserError(
                f"{adapter.path}: is no plain LoRA, and --engine {engine} takes no other.",
                "Serve it with --engine batch, or merge it (osler export).",
            )
    if weights.four_bit:
        print(
            f"osler: the adapters were tuned on {weights.name} in NF4 and are served on it as it "
            "is; answers can differ a little.",
            file=sys.stderr,
        )
    return weights


def command(weights: Weights, port: int) -> list[str]:
    """`vllm serve` for a base and its adapters."""
    base = resolve(weights.model, weights.folder)
    words = [
        "vllm", "serve", base, "--host", "127.0.0.1", "--port", str(port),
        "--served-model-name", weights.name,
        # Else the model's own file would change what is drawn where a request does not say.
        "--generation-config", "vllm",
    ]  # fmt: skip
    if weights.model.revision:
        words += ["--revision", weights.model.revision, "--tokenizer-revision",
                  weights.model.revision]  # fmt: skip
    if weights.adapters:
        rank = max(int(read_config(one)["r"]) for one in weights.adapters)
        fitting = next((bound for bound in RANKS if bound >= rank), None)
        if fitting is None:
            raise UserError(
                f"An adapter has rank {rank}; vLLM takes at most {RANKS[-1]}.",
                "Serve it with --engine batch.",
            )
        words += ["--enable-lora", "--max-lora-rank", str(fitting)]
        words += ["--max-loras", str(len(weights.adapters)), "--lora-modules"]
        words += [f"{one.name}={one.path.resolve()}" for one in weights.adapters]
    return words


def open_vllm(menu: Sequence[Weights], room: Room) -> Remote:
    """Start it. Raises UserError where it is not installed, or cannot serve what is asked for."""
    weights = one_base(menu, "vllm")
    if shutil.which("vllm") is None:
        raise UserError(
            "vllm is not installed, or not on the PATH.",
            "Install it in an environment of its own (pip install vllm) and put its vllm on the "
            "PATH, or use --engine batch.",
        )
    tokenizer, context = tokenizer_of(weights), context_of(weights)
    key, port = new_key(), free_port()
    words = [*command(weights, port), "--max-num-seqs", str(room.places)]
    quiet = {"VLLM_API_KEY": key, "VLLM_NO_USAGE_STATS": "1", "VLLM_LOGGING_LEVEL": "WARNING"}
    child = Child("vLLM", words, port, quiet)
    backend = Backend(child, key, lambda job: {"model": job.model})
    return Remote(backend, served_of(weights, context), tokenizer, room)
