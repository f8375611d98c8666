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

PLACES = 4
"""Answers side by side where nobody says: their memory, each a whole context, is set aside at the
start, 2 GiB for each with Llama-2-7b."""
QUIET = {"LLAMA_ARG_OFFLINE": "1", "LLAMA_ARG_ENDPOINT_SLOTS": "0", "LLAMA_ARG_CACHE_RAM": "0"}
"""Nothing is fetched, shown or kept. Not as flags: an older llama-server would refuse new ones."""


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


def adapter_file(adapter: Adapter, weights: Weights, base: Path) -> Path:
    """An adapter as GGUF: NAME.gguf beside the base, or adapter.gguf beside its own weights."""
    beside = base.with_name(f"{adapter.name}.gguf")
    found = [file for file in (beside, adapter.path / "adapter.gguf") if file.is_file()]
    if not found:
        place = resolve(weights.model, weights.folder)
        raise UserError(
            f"{adapter.path}: no adapter.gguf there and no {beside}; llama.cpp reads no other "
            "form.",
            f"Make it with llama.cpp: python convert_lora_to_gguf.py {adapter.path} --base {place} "
            f"--outfile {beside}",
        )
    return found[0]


def command(weights: Weights, gguf: Path | None, port: int, context: int, room: Room) -> list[str]:
    """`llama-server` for a base and its adapters."""
    base = base_file(weights, gguf)
    words = [
        "llama-server", "--model", str(base), "--host", "127.0.0.1",
        "--port", str(port), "--alias", weights.name, "--parallel", str(room.places),
        "--ctx-size", str(context * room.places), "--no-webui",
    ]  # fmt: skip
    files = [str(adapter_file(one, weights, base)) for one in weights.adapters]
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
    child = Child("llama.cpp", words, port, {"LLAMA_API_KEY": key, **QUIET})
    names = [one.name for one in weights.adapters]
    backend = Backend(child, key, lambda job: _body(job, weights.name, names))
    return Remote(backend, served_of(weights, context), tokenizer, room)


def _body(job: Job, base: str, adapters: Sequence[str]) -> dict[str, Any]:
    """The adapter that is meant counts whole, all others not at all; and nothing of llama.cpp's own
    has a say in what is drawn. Its seeds have 32 bits, of which all ones mean none."""
    scales = [
        {"id": number, "scale": float(name == job.model)} for number, name in enumerate(adapters)
    ]
    drawn = {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}
    if job.sampling is not None:
        drawn["seed"] = job.sampling.seed % (2**32 - 1)
    return {"model": base, "lora": scales, "cache_prompt": False, **drawn}
