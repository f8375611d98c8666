"""The evaluate stage: the one place that opens the test rows to score them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

from rich.console import Console

from osler.disk import atomic_writer, file_digest, read_json, write_json
from osler.errors import DataError, RunError
from osler.evaluate.answers import Examined, examine_answers, places_by_task
from osler.evaluate.inputs import require_inputs
from osler.evaluate.metrics import check_same_length
from osler.evaluate.overview import print_overview, render_overview
from osler.evaluate.plain_text import examine_text
from osler.evaluate.report import Sample, render_report
from osler.evaluate.show import print_results
from osler.evaluate.store import Store, count_look
from osler.evaluate.summary import Examination, System, summarise
from osler.evaluate.systems import Bench
from osler.model import device, weight_dtype
from osler.recipe import Recipe
from osler.rows import Row, read_rows
from osler.run import Run, now
from osler.serve.generate import Answer


def evaluate(recipe: Recipe, run: Run) -> None:
    """Examine base, tuned model and controls on the test rows, and write what can be said.

    Writes evaluate/results.json, report.html, scores.jsonl (per item, without text) and
    samples/, and prints the verdict. Of several tasks each has a report of its own, and
    report.html is the table of all. Every look at a test set is counted beside the runs.
    """
    data = run.path / "data"
    rows_of = [data / "test.jsonl", data / "train.jsonl"]
    require_inputs(run, rows_of)
    inputs = [*rows_of, run.tuned_weights]
    continued = run.status("evaluate") not in ("not started", "done")
    with run.stage("evaluate", inputs=inputs) as out:
        digest = read_json(data / "report.json")["test_digest"]
        rows = held_out_rows(recipe, run, digest)
        look = count_look(run, digest, continued=continued)
        bench = Bench(recipe, run, rows, digest, Store(out.folder))
        if recipe.train.objective == "pretrain":
            examined = {"": Examined(rows, examine_text(bench), {})}
        else:
            examined = examine_answers(bench)
            out.outputs.append(out.folder / "samples")
        for one in examined.values():
            for system in one.examination.systems.values():
                check_same_length(system.scores, len(one.rows))
                check_same_length(system.counts, len(one.rows))
            one.examination.notes += look.notes
        head = _head(recipe, run, look.number, digest)
        found = {task: _summary(recipe, one.examination) for task, one in examined.items()}
        results = head | _together(recipe, found)
        write_json(out / "results.json", results)
        with atomic_writer(out / "scores.jsonl") as lines:
            for task, one in examined.items():
                _write_scores(lines, task if "tasks" in results else "", one)
        losses = run.metrics("train")
        for task, one in examined.items():
            name = f"report-{task}.html" if "tasks" in results else "report.html"
            with atomic_writer(out / name) as page:
                samples = _samples(one.rows, one.answers)
                page.write(render_report(head | found[task], one.examination, samples, losses))
        if "tasks" in results:
            pages = {task: f"report-{task}.html" for task in examined}
            with atomic_writer(out / "report.html") as page:
                page.write(render_overview(results, recipe.name, pages))
        _record(run, results)
        out.facts |= {"look": look.number, "items": len(rows)}
    for summary in found.values():
        print_results(head | summary)
    if "tasks" in results:
        print_overview(found)
    Console().print(f"Report: {run.path}/evaluate/report.html", markup=False, highlight=False)


def _summary(recipe: Recipe, examination: Examination) -> dict[str, Any]:
    settings = recipe.evaluate
    return summarise(
        examination, confidence=settings.confidence, margin=settings.margin, seed=recipe.seed
    )


def _together(recipe: Recipe, found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The results of the one task as they are; of several by task, with all the verdicts."""
    if recipe.evaluate.task != "each":
        return next(iter(found.values()))
    verdict = {
        f"{task}: {pair}": f"{task}: {sentence}"
        for task, one in found.items()
        for pair, sentence in one["verdict"].items()
    }
    return {"verdict": verdict, "tasks": dict(found)}


def held_out_rows(recipe: Recipe, run: Run, digest: str) -> list[Row]:
    """The test rows, of each task cut to `evaluate.max_items` by whole groups.

    Raises when there are none.
    """
    path = run.path / "data" / "test.jsonl"
    if file_digest(path) != digest:
        raise RunError(
            f"{path}: not the file that the data stage wrote.",
            "Start a new run; a test set must not change between looks.",
        )
    rows = list(read_rows(path))
    if not rows:
        raise DataError(
            "There are no test rows, so nothing can be said of the model.",
            "Set data.test_share higher (0.1 is the default), or add rows in more groups.",
        )
    most = recipe.evaluate.max_items
    if most is None:
        return rows
    by_task = places_by_task(rows, recipe.evaluate.task)
    return [row for x in by_task.values() for row in first_groups([rows[p] for p in x], most)]


def first_groups(rows: Sequence[Row], most: int, setting: str = "evaluate.max_items") -> list[Row]:
    """Rows of whole groups, at most `most` of them, groups in the order of a hash of their name.

    The order has nothing to do with that of the file, and a larger `most` only adds groups.
    `setting`: what has set it, for whoever must change it.
    """
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row.group] = sizes.get(row.group, 0) + 1
    kept: set[str] = set()
    total = 0
    for group in sorted(sizes, key=_position):
        total += sizes[group]
        if total > most:
            break
        kept.add(group)
    if not kept:
        raise DataError(
            f"{setting}: {most} is less than the rows of the first test group ({total}).",
            f"Set {setting} to at least {total}.",
        )
    return [row for row in rows if row.group in kept]


def _position(group: str) -> bytes:
    return hashlib.sha256(b"osler examine 1\0" + group.encode("utf-8", "surrogatepass")).digest()


def _head(recipe: Recipe, run: Run, look: int, digest: str) -> dict[str, Any]:
    settings = recipe.evaluate.model_dump(mode="json")
    settings |= {
        "seed": recipe.seed,
        "decoding": "greedy",
        "dtype": str(weight_dtype(recipe.model, train_all=False)).removeprefix("torch."),
        "device": device(),
    }
    return {
        "name": recipe.name,
        "run": run.path.resolve().name,
        "time": now(),
        "objective": recipe.train.objective,
        "look": look,
        "test_digest": digest,
        "settings": settings,
    }


def _write_scores(out: IO[str], task: str, examined: Examined) -> None:
    """One line for each item and system: what every figure in results.json was made from."""
    examination = examined.examination
    for name, system in examination.systems.items():
        for index, row in enumerate(examined.rows if system.scores else ()):
            line = {
                "id": row.id, "system": name, **({"task": task} if task else {}),
                "bytes": examination.sizes[index], **_item_scores(system, index),
            }  # fmt: skip
            out.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


def _item_scores(system: System, index: int) -> dict[str, float | None]:
    """The scores of one item; of a share, over how many, and no value where that is none."""
    scores: dict[str, float | None] = {m: values[index] for m, values in system.scores.items()}
    for measure, counts in system.counts.items():
        scores[f"{measure}_of"] = counts[index]
        if not counts[index]:
            scores[measure] = None
    return scores


def _samples(rows: Sequence[Row], answers: dict[str, list[Answer]]) -> list[Sample]:
    if not answers:
        return []
    return [
        Sample(
            id=row.id,
            group=row.group,
            question=row.question,
            reference=row.reference,
            answers={name: given[index].text for name, given in answers.items()},
            unfinished=[name for name, given in answers.items() if not given[index].stopped],
        )
        for index, row in enumerate(rows)
    ]


def _record(run: Run, results: dict[str, Any]) -> None:
    for task, summary in results.get("tasks", {"": results}).items():
        for name, system in summary["systems"].items():
            means = {m: found["mean"] for m, found in system["measures"].items()}
            own = {"task": task} if task else {}
            run.add_metrics("evaluate", system=name, look=results["look"], **own, **means)
    for sentence in results["verdict"].values():
        run.log(f"evaluate: {sentence}")
