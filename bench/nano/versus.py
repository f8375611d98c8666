"""Is a new adapter better than a former one, on the test rows of both?

    python bench/nano/versus.py NEW FORMER --items 60 --out FILE

As `osler compare` examines them, by their answers alone and without the base model, so that a
processor is enough. The answers stay in the folder of FILE and are not made twice.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from osler.disk import text_digest, write_json
from osler.evaluate.answers import examine, places_by_task
from osler.evaluate.compare import gather, names
from osler.evaluate.likelihood import Likelihood
from osler.evaluate.store import Store
from osler.evaluate.summary import summarise
from osler.evaluate.systems import LOADERS, Bench, Found
from osler.model import device
from osler.run import Run, installed_versions, now
from osler.serve.generate import Answer, generate
from osler.tasks import load_task
from osler.template import with_system

TOLD = ("stop_rate", "refused_wrongly", "numbers_kept", "sentences_right")
"""Measures that are told besides those that decide."""
UNTOLD = ("bits_per_byte", "bertscore")


def main() -> None:
    """Examine both, print each measure and write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs=2, type=Path)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--new-tokens", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    runs = [Run.open(path) for path in asked.runs]
    rows = gather(runs, asked.items).rows
    settings = {"task": "each", "max_new_tokens": asked.new_tokens, "batch_size": asked.batch}
    evaluate = runs[0].recipe.evaluate.model_copy(update=settings | {"bertscore": False})
    recipe = runs[0].recipe.model_copy(update={"evaluate": evaluate})
    digest = text_digest("\n".join(row.id for row in rows))
    benches = {
        name: Bench(recipe, run, rows, digest, Store(asked.out.parent / "answers" / name))
        for name, run in zip(names(runs), runs, strict=True)
    }
    found = {name: Found(_uncounted(bench), answers(bench)) for name, bench in benches.items()}
    tasks = {
        task: _task(next(iter(benches.values())).only(places, task), found, places, runs)
        for task, places in places_by_task(rows, "each").items()
    }
    command = f"python bench/nano/versus.py NEW FORMER --items {asked.items}"
    told = {"command": command, "date": now(), "device": device(), "settings": settings}
    write_json(asked.out, told | {"versions": installed_versions(), "tasks": tasks})
    for task, one in tasks.items():
        print(f"{task}: {one['items']} items, {one['groups']} groups")
        for measure, systems in one["measures"].items():
            cells = (f"{name} {_cell(systems[name])}" for name in reversed(list(systems)))
            print(f"  {measure}: {', '.join(cells)}")


def answers(bench: Bench) -> list[Answer]:
    """The tuned model's, as they were stored or made now."""
    known = bench.store.read("samples/tuned", bench.key("tuned"))
    if known is not None:
        return [Answer(one["output"], one["stopped"], one["n_tokens"]) for one in known]
    evaluate = bench.recipe.evaluate
    made = generate(
        LOADERS["tuned"](bench.run), bench.tokenizer,
        [with_system(row.prompt, bench.recipe.data.system) for row in bench.rows],
        max_new_tokens=evaluate.max_new_tokens, batch_size=evaluate.batch_size, label="answers",
    )  # fmt: skip
    bench.store.write(
        "samples/tuned", bench.key("tuned"),
        [{"id": row.id, "output": one.text, "stopped": one.stopped, "n_tokens": one.n_tokens}
         for row, one in zip(bench.rows, made, strict=True)],
    )  # fmt: skip
    return made


def _uncounted(bench: Bench) -> list[Likelihood]:
    """In place of what references cost a model: nothing here is told of it."""
    return [Likelihood(0.0, 1, 1) for _ in bench.rows]


def _task(
    bench: Bench, found: dict[str, Found], places: list[int], runs: list[Run]
) -> dict[str, Any]:
    task = load_task(bench.task)
    own = {name: one.at(places) for name, one in found.items()}
    score = task.scorer(*(run.path / "data" for run in runs)) if task.scorer else task.score
    evaluate = bench.recipe.evaluate
    whole = summarise(
        examine(bench, own, {name: one.answers for name, one in own.items()}, [(*own,)], score),
        confidence=evaluate.confidence, margin=evaluate.margin, seed=bench.recipe.seed,
    )  # fmt: skip
    wanted = [name for name, one in whole["measures"].items()
              if (one["decides"] or name in TOLD) and name not in UNTOLD]  # fmt: skip
    measures = {
        name: {each: whole["systems"][each]["measures"].get(name) for each in own}
        for name in wanted
    }
    return {"items": whole["items"], "groups": whole["groups"], "measures": measures}


def _cell(cell: dict[str, float] | None) -> str:
    if cell is None:
        return "-"
    bounds = "" if cell["low"] is None else f" ({cell['low']:.1f}–{cell['high']:.1f})"
    return f"{cell['mean']:.1f}{bounds}"


if __name__ == "__main__":
    main()
