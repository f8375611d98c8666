"""The exported model against the one that was trained: same answers, and how far the logits lie.

What is compared with is measured here, before the export; the exported model is measured by
`osler.export.proof` in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from rich import get_console
from rich.progress import Progress

from osler.errors import RunError
from osler.export.proof import forced_logits
from osler.model import device
from osler.recipe import Recipe
from osler.rows import Row, read_rows
from osler.run import Run
from osler.serve.generate import continuations
from osler.template import encode, render_prompt, with_system

ANSWER_TOKENS = 64
"""Longest answer that is compared."""
BATCH = 10
MOST_LOGITS = 2**26
"""Logits kept for comparison along whole answers (256 MiB of float32)."""
TIE = 1e-3
"""Two tokens whose logits are this close may change places through rounding, whatever the type;
and so may two that are closer than twice the largest difference between the logits."""
FLOAT32_ROUNDING = 1e-3
"""Largest share of the greatest logit by which float32 logits may differ."""

Prompt = dict[str, Any]


@dataclass
class Measured:
    """What a model answers, and its logits along the reference's answers.

    `logits[i]` is (tokens, vocabulary), along the whole answer for the first `along` prompts and
    at the prompt's last position for the others. `gaps[i]` is how far the likeliest token was
    ahead of the second at each token of answer i; empty for what a fresh process measured.
    """

    prompt_ids: list[list[int]]
    answers: list[list[int]]
    logits: list[Any]
    along: int
    gaps: list[list[float]]


def proof_prompts(recipe: Recipe, run: Run, tokenizer: Any) -> list[Prompt]:
    """Prompts of validation rows, then of training rows, the longest first; never of test rows.

    Plain text, which has no prompt, is continued after its first 32 words.
    """
    files = [run.dir("data") / f"{split}.jsonl" for split in ("validation", "train")]
    rows = islice(chain.from_iterable(read_rows(path) for path in files), recipe.export.prompts)
    prompts = [_prompt(row, recipe.data.system) for row in rows]
    lengths = [len(ids) for ids in token_ids(tokenizer, prompts)]
    order = sorted(range(len(prompts)), key=lambda i: -lengths[i])
    return [prompts[i] for i in order]


def _prompt(row: Row, system: str | None) -> Prompt:
    if row.text is not None:
        return {"text": " ".join(row.text.split()[:32])}
    return {"messages": with_system(row.prompt, system)}


def token_ids(tokenizer: Any, prompts: Sequence[Prompt]) -> list[list[int]]:
    """Tokens of the prompts as Osler renders them."""
    texts = [p["text"] if "text" in p else render_prompt(tokenizer, p["messages"]) for p in prompts]
    return encode(tokenizer, texts)


def measure(
    model: Any, tokenizer: Any, prompts: Sequence[Prompt], along: Measured | None = None
) -> Measured:
    """Answers and logits of a model of this process; the logits along the answers of `along`,
    or along its own."""
    prompt_ids = token_ids(tokenizer, prompts)
    answers = continuations(
        model,
        tokenizer,
        prompt_ids,
        max_new_tokens=ANSWER_TOKENS,
        batch_size=BATCH,
        label="answers before export",
    )
    led = along.answers if along else answers
    found = Measured(prompt_ids, answers, [], 0, [])
    room = MOST_LOGITS
    for ids, answer in zip(prompt_ids, led, strict=True):
        logits = forced_logits(model, ids, answer)
        first, second = logits.topk(2).values.unbind(-1)
        found.gaps.append((first - second).tolist())
        room -= logits.numel()
        if room >= 0 or found.along == 0:
            found.along += 1
        else:
            logits = logits[:1].clone()
        found.logits.append(logits)
    return found


def measure_fresh(
    merged: Path, prompts: Sequence[Prompt], reference: Measured, folder: Path
) -> Measured:
    """Answers and logits of an exported folder, by plain transformers in a process of its own.

    Files that hold prompts lie in `folder`, readable by the owner alone, and only while it runs.
    Raises `RunError` when the folder cannot be loaded or answered with.
    """
    from safetensors.torch import load_file

    given = {
        "prompts": list(prompts),
        "answers": reference.answers,
        "along": reference.along,
        "max_new_tokens": ANSWER_TOKENS,
        "batch_size": BATCH,
        "device": device(),
    }
    with _private(folder / ".proof") as work:
        asked, answered = work / "prompts.json", work / "answers.json"
        owner_only = os.open(asked, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(owner_only, "w", encoding="utf-8") as out:
            json.dump(given, out)
        _in_fresh_process([merged, asked, answered], len(prompts), work / "errors.txt")
        told = json.loads(answered.read_text(encoding="utf-8"))
        logits = load_file(str(answered.with_suffix(".safetensors")))
    in_order = [logits[str(i)] for i in range(len(prompts))]
    return Measured(told["prompt_ids"], told["answers"], in_order, reference.along, [])


@contextmanager
def _private(folder: Path) -> Generator[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _in_fresh_process(arguments: list[Path], total: int, errors: Path) -> None:
    command = [sys.executable, "-m", "osler.export.proof", *map(str, arguments)]
    offline = os.environ | {"HF_HUB_OFFLINE": "1"}
    with (
        errors.open("w+", encoding="utf-8", errors="replace") as said,
        Progress(transient=True, disable=not get_console().is_terminal) as bar,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, env=offline
        ) as process,
    ):
        task = bar.add_task("answers after export", total=total)
        try:
            for line in process.stdout or ():
                if line.strip().isdigit():
                    bar.update(task, completed=int(line))
        except BaseException:
            process.kill()
            raise
        process.wait()
        said.seek(0)
        last = next((line for line in reversed(said.readlines()) if line.strip()), "")
    if process.returncode != 0:
        # Only the error's class: its text could quote what the process was working on.
        raise RunError(
            f"The exported model cannot be used by plain transformers "
            f"({last.split(':')[0].strip()[:80]}, exit code {process.returncode}).",
            "Nothing was exported. If memory ran out, close other programs and export again.",
        )


def differences(reference: Measured, other: Measured) -> dict[str, Any]:
    """How many answers are equal, how many differ through a near tie, and the logits' distance."""
    pairs = list(zip(reference.answers, other.answers, strict=True))
    gaps = [reference.gaps[i][_first_difference(a, b)] for i, (a, b) in enumerate(pairs) if a != b]
    distances = [
        float((a[: len(b)] - b[: len(a)]).abs().max())
        for a, b in zip(reference.logits, other.logits, strict=True)
    ]
    largest = max(distances)
    return {
        "equal_answers": len(pairs) - len(gaps),
        "near_ties": sum(gap <= max(TIE, 2 * largest) for gap in gaps),
        "largest_logit_difference": largest,
    }


def _first_difference(a: list[int], b: list[int]) -> int:
    """Position of the first token that differs."""
    differing = (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    return next(differing, min(len(a), len(b)) - 1)


def refuse_wrong(found: dict[str, Any], reference: Measured, exported: Measured) -> None:
    """Raise `RunError` where a difference cannot be rounding: another prompt, or in float32
    another answer without a near tie, or logits that lie apart."""
    if reference.prompt_ids != exported.prompt_ids:
        raise RunError(
            "The exported tokenizer or chat template renders a prompt differently.",
            "Nothing was exported; this is a fault of Osler or transformers: please report it.",
        )
    if found["dtype"] != "float32":
        return
    greatest = max(1.0, *(float(logits.abs().max()) for logits in reference.logits))
    differing = found["prompts"] - found["equal_answers"]
    far = found["largest_logit_difference"] > FLOAT32_ROUNDING * greatest
    if far or differing > found["near_ties"]:
        raise RunError(
            f"The exported model is not the trained one: {differing} of {found['prompts']} greedy "
            f"answers differ, logits by up to {found['largest_logit_difference']:.2g}, in float32.",
            "Nothing was exported; this is a fault of Osler, PEFT or transformers: please report.",
        )


def in_words(found: dict[str, Any]) -> str:
    """The proof in one or two sentences."""
    n, equal = found["prompts"], found["equal_answers"]
    told = (
        f"{equal} of {n} greedy answers of the exported model equal those of the "
        f"{found['against']}; the largest logit difference is "
        f"{found['largest_logit_difference']:.2g} ({found['dtype']})."
    )
    if equal < n:
        ties = found["near_ties"]
        told += (
            f" {n - equal} answers DIFFER: {ties} of them at a near tie that rounding to "
            f"{found['dtype']} tips"
            + ("." if ties == n - equal else f", {n - equal - ties} for no reason known.")
            + " An evaluation's figures hold for the exported model only as closely as that."
        )
    if "four_bit" in found:
        four = found["four_bit"]
        told += (
            f" Against the 4-bit model that was trained and evaluated, {four['equal_answers']} of "
            f"{n} answers are equal and the largest logit difference is "
            f"{four['largest_logit_difference']:.2g}."
        )
    return told
