"""llama.cpp, where it is installed: `llama-server` as a child. Base and adapters as GGUF files; the
adapter of a request is chosen by its number.

https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.errors import UserError
from osler.model import resolve
from osler.serve.engines.batch import context_of, served_of, tokenizer_of
from osler.serve.engines.child import Child, free_port, new_key
from osler.serve.engines.lane import Room
from osler.serve.engines.menu import Adapter, Weights
from osler.serve.engines.protocol import Job
from osler.serve.engines.remote import Backend, Remote
from osler.serve.engines.vllm import one_base


def base_file(weights: Weights, gguf: Path | None) -> Path:
    """The base as GGUF. UserError, with the command that makes it, where it is not given."""
    if gguf is None or not gguf.is_file():
        base = resolve(weights.model, weights.folder)
        missing = (
            "--engine llama-cpp needs the base as GGUF" if gguf is None else f"{gguf}: no file"
        )
        raise UserError(
            f"{missing}.",
            f"Make it with llama.cpp: python convert_hf_to_gguf.py {base} --outfile base.gguf; "
            "then osler serve … --engine llama-cpp --gguf base.gguf",
        )
    return gguf


def adapter_file(adapter: Adapter, weights: Weights) -> Path:
    """An adapter as GGUF, beside its weights."""
    file = adapter.path / "adapter.gguf"
    if not file.is_file():
        base = resolve(weights.model, weights.folder)
        raise UserError(
            f"{adapter.path}: no adapter.gguf there, and llama.cpp reads no other form.",
            f"Make it with llama.cpp: python convert_lora_to_gguf.py {adapter.path} --base {base} "
            f"--outfile {file}",
        )
    return file


def command(weights: Weights, gguf: Path | None, port: int, context: int, room: Room) -> list[str]:
    """`llama-server` for a base and its adapters."""
    words = [
        "llama-server", "--model", str(base_file(weights, gguf)), "--host", "127.0.0.1",
        "--port", str(port), "--alias", weights.name, "--jinja", "--parallel", str(room.places),
        "--ctx-size", str(context * room.places),
    ]  # fmt: skip
    files = [str(adapter_file(one, weights)) for one in weights.adapters]
    for file in files:
        if "," in file:
            raise UserError(f"{file}: llama.cpp parts paths at commas.", "Rename the folder.")
    return [*words, "--lora", ",".join(files), "--lora-init-without-apply"] if files else words


def open_llama_cpp(menu: Sequence[Weights], gguf: Path | None, room: Room) -> Remote:
    """Start it. Raises UserError where it is not installed, or cannot serve what is asked for."""
    weights = one_base(menu, "llama-cpp")
    context = context_of(weights)
    words = command(weights, gguf, port := free_port(), context, room)
    if shutil.which("llama-server") is None:
        raise UserError(
            "llama-server is not on the PATH.",
            "Install llama.cpp (https://github.com/ggml-org/llama.cpp), or use --engine batch.",
        )
    tokenizer, key = tokenizer_of(weights), new_key()
    child = Child("llama.cpp", words, port, {"LLAMA_API_KEY": key})
    names = [one.name for one in weights.adapters]
    backend = Backend(child, key, lambda job: _body(job, weights.name, names))
    return Remote(backend, served_of(weights, context), tokenizer, room)


def _body(job: Job, base: str, adapters: Sequence[str]) -> dict[str, Any]:
    """The adapter that is meant counts whole, all others not at all."""
    scales = [
        {"id": number, "scale": float(name == job.model)} for number, name in enumerate(adapters)
    ]
    return {"model": base, "lora": scales, "cache_prompt": False}
