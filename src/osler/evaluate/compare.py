"""Every task against every adapter: several runs on one base, on the test rows of all of them.

What one of them was trained on is left out for all: a topic that one has learnt is no test of it,
and with fewer rows for one than for another no figures compare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from osler.disk import atomic_writer, read_json, text_digest, write_json
from osler.errors import DataError, UserError
from osler.evaluate.answers import examine, places_by_task
from osler.evaluate.inputs import require_inputs
from osler.evaluate.overview import harms, render_overview
from osler.evaluate.store import Store, count_look
from osler.evaluate.suite import first_groups, held_out_rows
from osler.evaluate.summary import summarise
from osler.evaluate.systems import Bench, Found, examine_model
from osler.model import device
from osler.recipe import Recipe
from osler.rows import Row, content_id, read_rows
from osler.run import Run, now
from osler.tasks import load_task
from osler.tasks.nearest import asked
from osler.template import with_system

LEARNT = ("train.jsonl", "validation.jsonl")
"""Rows that a run has learnt from; those of validation choose the weights that are kept."""


@dataclass(frozen=True)
class Limits:
    """How much is examined. None: all rows, and the longest answer of the runs."""

    items: int | None = None
    """Test rows of each task, by whole groups."""
    new_tokens: int | None = None


@dataclass
class Gathered:
    """Test rows of all runs, and how many were left out, by task."""

    rows: list[Row] = field(default_factory=list[Row])
    left_out: Counter[str] = field(default_factory=Counter[str])


def compare(runs: Sequence[Run], out: Path, limits: Limits) -> dict[str, Any]:
    """Examine base and every run's model, and write results.json and compare.html into `out`.

    Raises `UserError` for runs on different bases, `DataError` where no row is left.
    """
    _refuse_different(runs)
    for run in runs:
        require_inputs(run, [run.path / "data" / name for name in LEARNT])
    recipe = _common(runs, limits)
    gathered = gather(runs, limits.items)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = text_digest("\n".join(content_id(row.task, row.id, row.reference) for row in
                                   gathered.rows))  # fmt: skip
    named = dict(zip(names(runs), runs, strict=True))
    benches = {
        name: Bench(recipe, run, gathered.rows, digest, Store(out / "answers" / name))
        for name, run in named.items()
    }
    first = next(iter(benches.values()))
    found = {"base": examine_model(replace(first, store=Store(out / "answers/base")), "base")}
    found |= {name: examine_model(bench, "tuned") for name, bench in benches.items()}
    tasks = {
        task: _task(first.only(places, task), {n: f.at(places) for n, f in found.items()}, runs)
        for task, places in places_by_task(gathered.rows, "each").items()
    }
    results = _head(named, recipe, gathered) | {"tasks": tasks, "worse": harms(tasks)}
    write_json(out / "results.json", results)
    with atomic_writer(out / "compare.html") as page:
        page.write(render_overview(results, f"{', '.join(named)} on {recipe.model.id}"))
    return results


def _task(bench: Bench, found: Mapping[str, Found], runs: Sequence[Run]) -> dict[str, Any]:
    """What is to be said of one task; each model is compared with the base."""
    task = load_task(bench.task)
    score = task.scorer(*(run.path / "data" for run in runs)) if task.scorer else task.score
    answers = {name: model.answers for name, model in found.items()}
    pairs = [(name, "base") for name in found if name != "base"]
    settings = bench.recipe.evaluate
    return summarise(
        examine(bench, found, answers, pairs, score),
        confidence=settings.confidence, margin=settings.margin, seed=bench.recipe.seed,
    )  # fmt: skip


# -- which rows --------------------------------------------------------------------------------


def gather(runs: Sequence[Run], most: int | None = None) -> Gathered:
    """The test rows of all runs, without those that any of them has learnt from.

    A row is learnt from when its group, its question or its text is among training rows or among
    those of validation, which choose the weights that are kept.
    """
    learnt = {mark for run in runs for row in _learnt(run) for mark in _marks(row)}
    gathered = Gathered()
    seen: set[str] = set()
    for run in runs:
        for row in _test_rows(run):
            text = content_id(row.task, *(m["content"] for m in row.prompt), row.reference)
            if text in seen:
                continue
            seen.add(text)
            if learnt & set(_marks(row)):
                gathered.left_out[row.task] += 1
            else:
                gathered.rows.append(replace(row, id=content_id(row.id, text)))
    if not gathered.rows:
        raise DataError(
            "No test row is left: each was trained on by one of these runs.",
            "Compare runs whose data are split alike (data.test_share, the same groups).",
        )
    if most is not None:
        places = places_by_task(gathered.rows, "each").values()
        gathered.rows = [
            row
            for x in places
            for row in first_groups([gathered.rows[p] for p in x], most, "--max-items")
        ]
    return gathered


def _marks(row: Row) -> Iterator[str]:
    """By what a row is known again in another run."""
    yield f"group {' '.join(row.group.casefold().split())}"
    yield f"asked {content_id(asked(row), row.task)}"


def _learnt(run: Run) -> Iterator[Row]:
    for name in LEARNT:
        for row in read_rows(run.path / "data" / name):
            yield _of_task(row, run.recipe)


def _test_rows(run: Run) -> Iterator[Row]:
    """All test rows as the run's model is asked them; looking at them counts as a look."""
    digest = read_json(run.path / "data" / "report.json")["test_digest"]
    settings = run.recipe.evaluate.model_copy(update={"max_items": None})
    rows = held_out_rows(run.recipe.model_copy(update={"evaluate": settings}), run, digest)
    count_look(run, digest, continued=False)
    for row in rows:
        prompt = tuple(with_system(row.prompt, run.recipe.data.system))
        yield replace(_of_task(row, run.recipe), prompt=prompt)


def _of_task(row: Row, recipe: Recipe) -> Row:
    return row if recipe.evaluate.task == "each" else replace(row, task=recipe.evaluate.task)


# -- what they have in common ------------------------------------------------------------------


def names(runs: Sequence[Run]) -> list[str]:
    """What the runs are called in tables: their recipes' names, numbered where these repeat."""
    found: list[str] = []
    for run in runs:
        taken = sum(name == run.recipe.name or name.startswith(f"{run.recipe.name}-")
                    for name in found)  # fmt: skip
        alone = run.recipe.name not in (*found, "base")
        found.append(run.recipe.name if alone else f"{run.recipe.name}-{taken + 1}")
    return found


def _refuse_different(runs: Sequence[Run]) -> None:
    """Raise `UserError` unless all runs tuned one base, held in the same way, to answer."""

    def base_of(run: Run) -> tuple[str, bool, int | None]:
        recipe = run.recipe
        digest = Bench(recipe, run, [], "", Store(run.path)).base_digest
        drawn = recipe.seed if recipe.model.init == "random" else None
        return digest, recipe.train.method == "qlora", drawn

    for run in runs:
        if run.recipe.train.objective != "sft":
            raise UserError(
                f"{run.path}: it was pre-trained on plain text, and is asked nothing.",
                "Compare runs of train.objective=sft.",
            )
        if base_of(run) != base_of(runs[0]):
            raise UserError(
                f"{run.path}: on the base {run.recipe.model.id} ({run.recipe.train.method}), and "
                f"{runs[0].path} on {runs[0].recipe.model.id} ({runs[0].recipe.train.method}): no "
                "table compares adapters of different bases.",
                "Compare runs on one base, all or none of them with train.method=qlora.",
            )


def _common(runs: Sequence[Run], limits: Limits) -> Recipe:
    """The settings that all are examined with: those of the first run, and the longest limits."""
    recipe = runs[0].recipe
    tokens = limits.new_tokens or max(run.recipe.evaluate.max_new_tokens for run in runs)
    evaluate = recipe.evaluate.model_copy(
        update={
            "task": "each", "max_items": limits.items, "max_new_tokens": tokens,
            "bertscore": all(run.recipe.evaluate.bertscore for run in runs),
        }
    )  # fmt: skip
    longest = max(run.recipe.data.max_length for run in runs)
    data = recipe.data.model_copy(update={"system": None, "max_length": longest})
    return recipe.model_copy(update={"evaluate": evaluate, "data": data})


def _head(named: Mapping[str, Run], recipe: Recipe, gathered: Gathered) -> dict[str, Any]:
    settings = recipe.evaluate.model_dump(mode="json")
    notes = [
        f"{task}: {count} test rows are left out, for one of the runs has learnt from their topic."
        for task, count in sorted(gathered.left_out.items())
    ]
    prompts = {name: read_json(run.path / "data" / "report.json").get("prompts", {})
               for name, run in named.items()}  # fmt: skip
    if len({tuple(sorted(one.items())) for one in prompts.values() if one}) > 1 or (
        any(prompts.values()) and not all(prompts.values())
    ):
        notes.append(
            "The runs were trained with different system prompts; each row is asked with that of "
            "the run it comes from."
        )
    return {
        "time": now(), "base": recipe.model.id, "device": device(), "settings": settings,
        "runs": {
            name: {"run": run.path.resolve().name, "task": run.recipe.evaluate.task,
                   "prompts": prompts[name]}
            for name, run in named.items()
        },
        "left_out": dict(gathered.left_out), "notes": notes,
    }  # fmt: skip
