"""Answers and logits of an exported model, as anybody gets them from plain transformers.

Run as a program in a process of its own, so that nothing of the training's is still around:

    python -m osler.export.proof MERGED PROMPTS.json OUT.json

It imports no other part of Osler. PROMPTS.json holds `prompts` (each {"messages": [...]} or
{"text": ...}), `answers` (token ids the logits are compared along), `along` (for how many prompts),
`max_new_tokens`, `batch_size` and `device`. OUT.json gets `prompt_ids` and `answers`; the logits
go beside it as OUT.safetensors. A line on standard output says how many prompts are done.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def forced_logits(model: Any, prompt_ids: list[int], answer_ids: list[int]) -> Any:
    """Logits (float32, CPU) that predict each token of the answer; at least the first.

    The shape is (tokens of the answer or 1, vocabulary).
    """
    import torch

    rows = max(len(answer_ids), 1)
    ids = torch.tensor([prompt_ids + answer_ids[:-1]], device=model.device)
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    # A whole prompt's logits over a large vocabulary would fill gigabytes.
    can_keep_last = "logits_to_keep" in inspect.signature(inner.forward).parameters
    few: dict[str, Any] = {"logits_to_keep": rows} if can_keep_last else {}
    with torch.inference_mode():
        logits = model(input_ids=ids, use_cache=False, **few).logits
    return logits[0, -rows:].to("cpu", torch.float32)


def main(merged: Path, prompts: Path, out: Path) -> None:
    """Load the folder with plain transformers, answer, and write what was answered."""
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    given = json.loads(prompts.read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(merged, trust_remote_code=False)
    model = AutoModelForCausalLM.from_pretrained(
        merged, dtype="auto", trust_remote_code=False, use_safetensors=True
    )
    model = model.to(given["device"]).eval()
    texts = [_rendered(tokenizer, prompt) for prompt in given["prompts"]]
    prompt_ids: list[list[int]] = tokenizer(texts, add_special_tokens=False).input_ids
    answers: list[list[int]] = []
    for batch in _answers(model, tokenizer, texts, given):
        answers += batch
        print(len(answers), flush=True)
    logits = {
        str(i): forced_logits(model, ids, given["answers"][i] if i < given["along"] else [])
        for i, ids in enumerate(prompt_ids)
    }
    save_file(logits, str(out.with_suffix(".safetensors")))
    out.write_text(json.dumps({"prompt_ids": prompt_ids, "answers": answers}), encoding="utf-8")


def _rendered(tokenizer: Any, prompt: dict[str, Any]) -> str:
    if "text" in prompt:
        return prompt["text"]
    return tokenizer.apply_chat_template(
        prompt["messages"], tokenize=False, add_generation_prompt=True
    )


def _answers(
    model: Any, tokenizer: Any, texts: list[str], given: dict[str, Any]
) -> Iterator[list[list[int]]]:
    """Answers of each batch by the folder's own generation_config, up to the first stop token."""
    stops = model.generation_config.eos_token_id
    for start in range(0, len(texts), given["batch_size"]):
        inputs = tokenizer(
            texts[start : start + given["batch_size"]],
            add_special_tokens=False,
            padding=True,
            return_tensors="pt",
        ).to(model.device)
        output = model.generate(**inputs, max_new_tokens=given["max_new_tokens"])
        rows = output[:, inputs["input_ids"].shape[1] :].tolist()
        yield [_up_to_stop(row, stops) for row in rows]


def _up_to_stop(row: list[int], stops: list[int]) -> list[int]:
    end = next((i for i, token in enumerate(row) if token in stops), len(row) - 1)
    return row[: end + 1]


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
