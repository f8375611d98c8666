"""Tokens a second of a batch that is kept full, beside plain `generate`: `python bench/refill.py`.

The prompts are those of the sections of people who never were, and every answer is as long as the
draft by rule of its section: the model may not end by itself, so that the lengths are true ones
whatever the model has learned. Plain batches are of like prompts and wait for their longest
answer, as `generate` does. Both in one process, by turns, the first turn of each left out.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from osler.model import load_base, load_tokenizer
from osler.recipe import Model
from osler.records.render import render
from osler.records.synthetic.cohort import cohort
from osler.records.view import last_day, view
from osler.serve.generate import continuations
from osler.serve.refill import Request, fill
from osler.summaries.draft import draft
from osler.summaries.prompts import prompts
from osler.summaries.template import load_template
from osler.template import counter, encode, render_prompt, stop_token_ids


def requests(tokenizer: Any, patients: int, length: int, seed: int) -> list[Request]:
    """One for each section of each person: its prompt, and the length of its draft."""
    template, count = load_template(None), counter(tokenizer)
    found: list[Request] = []
    for record in cohort(patients, seed):
        parts = render(view(record, last_day(record)))
        texts = {one.title: one.text for one in draft(parts, template)}
        asked = prompts(parts, template, last_day(record), length=length, count=count)
        for title, prompt in asked.items():
            if prompt.fitted.fits:
                ids = encode(tokenizer, [render_prompt(tokenizer, list(prompt.messages))])[0]
                most = min(count([texts[title]])[0], prompt.section.max_tokens)
                found.append(Request(ids, most))
    random.Random(seed).shuffle(found)
    return found


def endless(model: Any, tokenizer: Any) -> None:
    """Let it never choose a token that ends an answer."""
    stops = stop_token_ids(tokenizer, model.generation_config)

    def without(_module: Any, _inputs: Any, logits: Any) -> Any:
        logits[..., stops] = float("-inf")
        return logits

    model.get_output_embeddings().register_forward_hook(without)


def plain(model: Any, tokenizer: Any, asked: Sequence[Request], size: int) -> int:
    """Tokens that were wanted of batches of like prompts, each as long as its longest answer."""
    order = sorted(asked, key=lambda one: -len(one.prompt_ids))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        continuations(
            model, tokenizer, [one.prompt_ids for one in batch], batch_size=size, label="plain",
            max_new_tokens=max(one.max_new_tokens for one in batch),
        )  # fmt: skip
    return sum(one.max_new_tokens for one in asked)


def filled(model: Any, tokenizer: Any, asked: Sequence[Request], size: int) -> int:
    """Tokens of a batch that is kept full."""
    answers = fill(model, tokenizer, asked, batch_size=size, label="filled")
    assert [one.n_tokens for one in answers] == [one.max_new_tokens for one in asked]
    return sum(one.max_new_tokens for one in asked)


def measure(work: Callable[..., int], *args: Any) -> float:
    """Tokens a second."""
    begun = time.perf_counter()
    tokens = work(*args)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return tokens / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--patients", type=int, default=24)
    parser.add_argument("--length", type=int, default=2048, help="of prompt and answer together")
    parser.add_argument("--batch", type=int, nargs="+", default=[32])
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    settings = Model(id=args.model)
    tokenizer = load_tokenizer(settings, Path())
    model = load_base(settings, Path())
    endless(model, tokenizer)
    asked = requests(tokenizer, args.patients, args.length, args.seed)
    rows: list[dict[str, Any]] = []
    for size in args.batch:
        for turn in range(args.turns + 1):
            some = asked if turn else asked[:size]
            full = measure(filled, model, tokenizer, some, size)
            waits = measure(plain, model, tokenizer, some, size)
            if turn:
                rows.append({"batch": size, "sections": len(asked), "filled": full, "plain": waits})
                print(
                    f"batch {size}, {len(asked)} sections: filled {full:,.0f} tokens/s, "
                    f"plain {waits:,.0f}, {full / waits:.2f} times"
                )
    if args.out:
        about = {"torch": torch.__version__, "transformers": transformers.__version__,
                 "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
                 "model": args.model, "rows": rows}  # fmt: skip
        args.out.write_text(json.dumps(about, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
