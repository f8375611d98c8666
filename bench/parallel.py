"""One GPU against several: `python bench/parallel.py --model llama7 --batch 4 --length 4096`.

Two questions in one call, on the models and rows of bench/engine.py. How much faster are N GPUs,
each with the batch that one has alone (weak scaling)? And do N ranks have the losses of one at the
same global batch? Prints a line of JSON for each of the four trainings, and one with the answers.
Each training is a process (or N, under torchrun) of its own. Without a GPU the ranks are processes
on the CPU that speak through gloo: `--model tiny --batch 2 --length 256 --without compile`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

import engine
import stand_in
from osler import crew, ranks
from osler.engine.plan import Plan
from osler.engine.shard import is_sharded
from osler.recipe import Recipe
from osler.train import sft


def main() -> None:
    """Measure, or be one of the ranks that are measured."""
    given = arguments().parse_args()
    if given.rows:
        work(given)
        return
    stand_in.model_folder(given.model)  # once, before several ranks would make it
    one, several, batch = 1, given.gpus, given.batch
    found = [
        (training(n, batch * n), training(n, batch * several, "--curve")) for n in (one, several)
    ]
    speed, curves = zip(*found, strict=True)
    apart = [abs(a - b) for a, b in zip(*(curve["losses"] for curve in curves), strict=True)]
    answer = {
        "gpus": several,
        "tok_s": [found["tok_s"] for found in speed],
        "times_faster": round(speed[1]["tok_s"] / speed[0]["tok_s"], 3),
        "losses": len(apart),
        "max_difference": max(apart),
        "mean_difference": sum(apart) / len(apart),
    }
    print("ANSWER", json.dumps(answer), flush=True)


def arguments() -> argparse.ArgumentParser:
    """Those of bench/engine.py that matter here, and a few more."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--gpus", type=int, default=2)
    add("--model", choices=stand_in.SHAPES, default="qwen05")
    add("--method", choices=("lora", "qlora", "full"), default="lora")
    add("--sharding", choices=("auto", "none", "fsdp"), default="auto")
    add("--float8", action="store_true")
    add("--batch", type=int, default=16, help="rows of each GPU")
    add("--length", type=int, default=2048)
    add("--fixed", type=int, default=0, help="every example has this many tokens")
    add("--steps", type=int, default=20)
    add("--recompute", type=int, default=0, help="layers that compute their forward pass again")
    add("--without", nargs="*", choices=["compile"], default=[])
    add("--rows", type=int, default=0, help="(of the ranks) rows of a step on all of them")
    add("--curve", action="store_true", help="(of the ranks) give the losses")
    return parser


def training(count: int, rows: int, *more: str) -> dict[str, Any]:
    """This script again, as so many ranks with so many rows a step; what the first one found."""
    start = [sys.executable]
    if count > 1:
        start += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
    words = [*start, __file__, *sys.argv[1:], "--rows", str(rows), *more]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    (line,) = (x for x in done.stdout.splitlines() if x.startswith("RESULT"))
    print(line, flush=True)
    return json.loads(line.removeprefix("RESULT"))


def work(given: argparse.Namespace) -> None:
    """One rank of one training."""
    several = ranks.launched() > 1
    with crew.joined(crew.meet()) if several else contextlib.nullcontext():
        recipe = recipe_of(given)
        plan = Plan(given.recompute, sharded=several and ranks.must_shard(recipe.train))
        model = sft.prepare_model(recipe, Path(), plan)
        watch = stand_in.Stopwatch()
        all_rows = argparse.Namespace(**vars(given) | {"batch": given.rows})
        folder = Path(tempfile.mkdtemp())
        trainer = sft.trainer_on(
            model, [stand_in.rows(all_rows), []], recipe, stand_in.stand_in_tokenizer(), folder, []
        )
        trainer.args.save_strategy = "no"  # the weights are of no use
        watch.follow(trainer)
        trainer.train()
        if several:  # each has counted its own
            counts = torch.tensor([int(count) for count in watch.tokens])
            torch.distributed.all_reduce(counts)
            watch.tokens = counts.tolist()
        if ranks.is_first():
            print("RESULT", json.dumps(found(given, watch, trainer)), flush=True)


def recipe_of(given: argparse.Namespace) -> Recipe:
    """bench/engine.py's, with a step of `--rows` rows of which a rank takes `--batch` at a time."""
    settings = argparse.Namespace(**vars(given))
    recipe = engine.recipe_of(settings, stand_in.model_folder(given.model))
    train = recipe.train.model_dump() | {
        "gradient_accumulation_steps": given.rows // given.batch,
        "sharding": given.sharding,
        "logging_steps": 1 if given.curve else 1000,
    }
    if given.method == "full":
        del train["lora"]
    return Recipe.model_validate(recipe.model_dump() | {"train": train})


def found(given: argparse.Namespace, watch: stand_in.Stopwatch, trainer: Any) -> dict[str, Any]:
    """The losses, or how fast and how large."""
    place = {"ranks": ranks.count(), "rows": given.rows, "sharded": is_sharded(trainer.model)}
    if given.curve:
        return place | {"losses": [e["loss"] for e in trainer.state.log_history if "loss" in e]}
    return place | watch.summary()


if __name__ == "__main__":
    main()
