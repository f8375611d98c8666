"""The server under load, with nano: `python bench/serve_load.py [--threads N]`.

32 clients that ask one question after the other of `osler serve` in a process of its own, beside
one-by-one `generate` and transformers' `generate_batch` in this one, by turns; then 200 readers who
leave in the middle and 200 prompts that are too long, with the server's memory before and after.
The models may not end an answer by themselves, or its length would be that of what nano happens to
say; the server still ends one that goes round in circles, and tokens are counted as they are said.
Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "20000")  # as `osler serve` itself

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from osler.disk import read_json, write_json
from osler.run import installed_versions, now

OUT = Path(__file__).parent / "results" / "serve_load.json"
KEY = "a-key-of-the-bench-and-no-other"
NAMES = ("asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "lupus")
CLIENTS, EACH, TOKENS = 32, 2, 64

BARE = {"sources": False, "guard": False}
"""Of a question that a model answers by itself, as with any other server."""


def question(number: int) -> list[dict[str, str]]:
    """Prompts of 45 to 120 tokens."""
    extra = "My mother asks me to find this out before her visit. " * (number % 7)
    name = NAMES[number % len(NAMES)]
    return [{"role": "user", "content": f"{extra}What is {name}, and how is it treated?"}]


@contextmanager
def server(threads: int) -> Any:
    """`osler serve` with nano whose answers never end by themselves, and its process."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--as-server"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OSLER_TOKEN": KEY, "OMP_NUM_THREADS": str(threads)},
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().partition("/#")[0]
    try:
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def as_server() -> None:
    """What `osler serve --port 0` does, with a model that never ends."""
    from osler.commands import serve as command
    from osler.serve.engines import batch

    load = batch._load
    batch._load = lambda weights: endless(load(weights))
    command.serve(command.Wish(port=0, history=False, queue=512))


def endless(model: Any) -> Any:
    """A model that never chooses a token which ends an answer."""
    stops = model.generation_config.eos_token_id

    def without(_module: Any, _inputs: Any, logits: Any) -> Any:
        logits[..., stops] = float("-inf")
        return logits

    model.get_output_embeddings().register_forward_hook(without)
    return model


async def ask(client: httpx.AsyncClient, number: int, **changed: Any) -> tuple[float, float, int]:
    """Seconds to the first piece, to the end, and tokens of a streamed answer."""
    body = {
        "model": "nano", "messages": question(number), "max_tokens": TOKENS, "stream": True,
        "stream_options": {"include_usage": True}, **changed,
    }  # fmt: skip
    begun, first, tokens = time.perf_counter(), 0.0, 0
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                chunk = json.loads(line[6:])
                if not first and chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
                    first = time.perf_counter() - begun
                tokens = (chunk.get("usage") or {}).get("completion_tokens", tokens)
    return first, time.perf_counter() - begun, tokens


def connected(address: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=600, limits=limits)


async def crowd(address: str, each: int, **asked: Any) -> dict[str, Any]:
    """32 clients, each with its questions one after the other."""
    async with connected(address) as client:
        await asyncio.gather(*(ask(client, n, max_tokens=4, **asked) for n in range(8)))

        async def one(number: int) -> list[tuple[float, float, int]]:
            return [await ask(client, number * each + turn, **asked) for turn in range(each)]

        begun = time.perf_counter()
        found = [x for some in await asyncio.gather(*map(one, range(CLIENTS))) for x in some]
        seconds = time.perf_counter() - begun
    firsts = sorted(first for first, _, _ in found)
    return {
        "tokens": sum(tokens for *_, tokens in found), "seconds": round(seconds, 2),
        "tokens_s": round(sum(tokens for *_, tokens in found) / seconds, 1),
        "first_p50_s": round(statistics.median(firsts), 3),
        "first_p95_s": round(firsts[int(0.95 * len(firsts))], 3),
    }  # fmt: skip


# -- beside it -----------------------------------------------------------------------------------


def loaded() -> tuple[Any, Any, list[list[int]]]:
    """The model that never ends, its tokenizer, and the crowd's prompts."""
    from osler.model import load_base, load_tokenizer
    from osler.prompts import load_prompts
    from osler.recipe import Model
    from osler.template import encode, render_prompt, with_system

    nano = Model(id="nano")
    model, tokenizer = endless(load_base(nano, Path())), load_tokenizer(nano, Path())
    system = load_prompts()["medical_qa"].text
    texts = [
        render_prompt(tokenizer, with_system(question(n), system))  # type: ignore[arg-type]
        for n in range(CLIENTS * EACH)
    ]
    return model, tokenizer, encode(tokenizer, texts)


def one_by_one(model: Any, tokenizer: Any, prompts: list[list[int]]) -> float:
    """Tokens a second of `generate`, a prompt at a time."""
    from osler.serve.generate import continuations

    begun = time.perf_counter()
    for ids in prompts:
        continuations(model, tokenizer, [ids], max_new_tokens=TOKENS, batch_size=1, label="one")
    return round(len(prompts) * TOKENS / (time.perf_counter() - begun), 1)


def our_batch(model: Any, tokenizer: Any, prompts: list[list[int]]) -> float:
    """Tokens a second of the batch that is kept full, without the server around it."""
    from osler.serve.refill import Request, fill

    begun = time.perf_counter()
    fill(model, tokenizer, [Request(p, TOKENS) for p in prompts], batch_size=CLIENTS, label="ours")
    return round(len(prompts) * TOKENS / (time.perf_counter() - begun), 1)


def generate_batch(model: Any, tokenizer: Any, prompts: list[list[int]]) -> dict[str, float]:
    """transformers' continuous batching: tokens a second with and without its start, and how many
    of its answers are those of ours."""
    from transformers import GenerationConfig

    from osler.serve.refill import Request, fill

    settings = GenerationConfig(
        max_new_tokens=TOKENS, do_sample=False, eos_token_id=-1, pad_token_id=1
    )
    begun = time.perf_counter()
    model.generate_batch(
        inputs=prompts[:2], generation_config=settings, progress_bar=False, warmup=True
    )
    start = time.perf_counter() - begun
    begun = time.perf_counter()
    found = model.generate_batch(inputs=prompts, generation_config=settings, progress_bar=False)
    seconds = time.perf_counter() - begun
    ours = fill(
        model, tokenizer, [Request(p, TOKENS) for p in prompts], batch_size=CLIENTS, label="ours"
    )
    texts = {
        tuple(one.prompt_ids): tokenizer.decode(one.generated_tokens, skip_special_tokens=True)
        for one in found.values()
    }
    same = sum(
        texts.get(tuple(p), "").strip() == a.text for p, a in zip(prompts, ours, strict=True)
    )
    return {
        "tokens_s": round(len(prompts) * TOKENS / seconds, 1), "first_call_s": round(start, 1),
        "same_answers": same, "of": len(prompts),
    }  # fmt: skip


# -- memory --------------------------------------------------------------------------------------


async def trouble(address: str, process: psutil.Process) -> dict[str, Any]:
    """200 readers that leave and 200 prompts that are too long, three times; MiB before and after
    each round. The first fills what the allocator keeps, so what tells are the others."""
    found: list[float] = [process.memory_info().rss / 2**20]
    async with connected(address) as client:
        for _ in range(3):
            for start in range(0, 200, CLIENTS):
                await asyncio.gather(*(leave(client, n) for n in range(start, start + CLIENTS)))
            statuses = [await too_long(client) for _ in range(200)]
            assert set(statuses) == {400}
            while "osler_running 0.0" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.1)
            found.append(process.memory_info().rss / 2**20)
        load = (await client.get("/metrics")).text
    cancelled = next(x for x in load.splitlines() if x.startswith("osler_cancelled_total"))
    return {"mib": [round(x, 1) for x in found], "cancelled": int(float(cancelled.split()[1]))}


async def leave(client: httpx.AsyncClient, number: int) -> None:
    """After the first pieces of a long answer."""
    body = {
        "model": "nano",
        "messages": question(number),
        "max_tokens": 1500,
        "stream": True,
        "osler": BARE,
    }
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {") and number % 5 == 0:
                break
            if "content" in line and number % 5:
                break


async def too_long(client: httpx.AsyncClient) -> int:
    """The status of a prompt of 20,000 words."""
    asked = [{"role": "user", "content": "gout " * 20_000}]
    body = {"model": "nano", "messages": asked, "osler": BARE}
    return (await client.post("/v1/chat/completions", json=body)).status_code


# -- all of it -----------------------------------------------------------------------------------


def measure(threads: int, out: Path) -> dict[str, Any]:
    """Everything, by turns, with so many threads for the model's products; kept as it comes."""
    import torch

    found: dict[str, Any] = {
        "command": f"python bench/serve_load.py --threads {threads}", "date": now(),
        "cores": len(os.sched_getaffinity(0)), "threads": threads,
        "load_before": [round(x, 2) for x in os.getloadavg()], "versions": installed_versions(),
        "clients": CLIENTS, "questions_each": EACH, "tokens_each": TOKENS,
    }  # fmt: skip

    def keep(**new: Any) -> None:
        found.update(new, load_after=[round(x, 2) for x in os.getloadavg()])
        write_json(out, found)
        print(new, flush=True)

    torch.set_num_threads(threads)
    model, tokenizer, prompts = loaded()
    with server(threads) as (address, _):
        keep(one_by_one_tokens_s=one_by_one(model, tokenizer, prompts[:6]))
        keep(server=asyncio.run(crowd(address, EACH, osler=BARE)))
        keep(one_by_one_tokens_s_again=one_by_one(model, tokenizer, prompts[6:12]))
        keep(server_again=asyncio.run(crowd(address, EACH, osler=BARE)))
        both = (found["server"]["tokens_s"] + found["server_again"]["tokens_s"]) / 2
        alone = (found["one_by_one_tokens_s"] + found["one_by_one_tokens_s_again"]) / 2
        keep(server_over_one_by_one=round(both / alone, 2))
        keep(assistant=asyncio.run(crowd(address, 1, osler={"guard": True})))
    keep(batch_alone_tokens_s=our_batch(model, tokenizer, prompts))
    try:
        keep(generate_batch=generate_batch(model, tokenizer, prompts))
    except Exception as fault:
        keep(generate_batch={"failed": f"{type(fault).__name__}: {fault}"[:200]})
    with server(threads) as (address, process):
        keep(memory=asyncio.run(trouble(address, process)))
    return found


def show(found: dict[str, Any]) -> None:
    """As a table."""
    table = Table(title=f"osler serve, nano, {found['clients']} clients, {found['cores']} cores")
    for column in ("", "tokens/s", "first token p50, s", "p95, s"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in found.items():
        if name in ("server", "server_again", "assistant"):
            cells = (row["tokens_s"], row["first_p50_s"], row["first_p95_s"])
            table.add_row(name.replace("_", " "), *map(str, cells))
    for name in ("one_by_one_tokens_s", "one_by_one_tokens_s_again", "server_over_one_by_one",
                 "batch_alone_tokens_s", "generate_batch", "memory"):  # fmt: skip
        table.add_row(name.replace("_", " "), str(found.get(name, "not measured")))
    Console(width=140).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--show", action="store_true", help="what was measured before")
    parser.add_argument("--as-server", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help="as many as cores where idle")
    args = parser.parse_args()
    if args.as_server:
        as_server()
        return
    found = read_json(args.out) if args.show else measure(args.threads, args.out)
    show(found)


if __name__ == "__main__":
    main()
