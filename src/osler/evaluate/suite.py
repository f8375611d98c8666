"""The evaluate stage: the one place that opens the test rows to score them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from osler.disk import atomic_writer, file_digest, read_json, write_json
from osler.errors import DataError, RunError
from osler.evaluate.answers import examine_answers
from osler.evaluate.inputs import require_inputs
from osler.evaluate.metrics import check_same_length
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
    samples/, and prints the verdict. Every look at a test set is counted beside the runs.
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
        answers: dict[str, list[Answer]] = {}
        if recipe.train.objective == "pretrain":
            examination = examine_text(bench)
        else:
            examination, answers = examine_answers(bench)
            out.outputs.append(out.folder / "samples")
        for system in examination.systems.values():
            check_same_length(system.scores, len(rows))
            check_same_length(system.counts, len(rows))
        examination.notes += look.notes
        results = _head(recipe, run, look.number, digest) | summarise(
            examination,
            confidence=recipe.evaluate.confidence,
            margin=recipe.evaluate.margin,
            seed=recipe.seed,
        )
        write_json(out / "results.json", results)
        _write_scores(out / "scores.jsonl", rows, examination)
        with atomic_writer(out / "report.html") as page:
            page.write(
                render_report(results, examination, _samples(rows, answers), run.metrics("train"))
            )
        _record(run, results)
        out.facts |= {"look": look.number, "items": len(rows)}
    print_results(results)
    Console().print(f"Report: {run.path}/evaluate/report.html", markup=False, highlight=False)


def held_out_rows(recipe: Recipe, run: Run, digest: str) -> list[Row]:
    """The test rows, cut to `evaluate.max_items` by whole groups. Raises when there are none."""
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
    if recipe.evaluate.max_items is not None:
        return first_groups(rows, recipe.evaluate.max_items)
    return rows


def first_groups(rows: Sequence[Row], most: int) -> list[Row]:
    """Rows of whole groups, at most `most` of them, groups in the order of a hash of their name.

    The order has nothing to do with that of the file, and a larger `most` only adds groups.
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
            f"evaluate.max_items={most} is less than the rows of the first test group ({total}).",
            f"Set evaluate.max_items to at least {total}.",
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


def _write_scores(path: Any, rows: Sequence[Row], examination: Examination) -> None:
    """One line for each item and system: what every figure in results.json was made from."""
    with atomic_writer(path) as out:
        for name, system in examination.systems.items():
            for index, row in enumerate(rows if system.scores else ()):
                line = {
                    "id": row.id, "system": name, "bytes": examination.sizes[index],
                    **_item_scores(system, index),
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
    for name, system in results["systems"].items():
        means = {m: found["mean"] for m, found in system["measures"].items()}
        run.add_metrics("evaluate", system=name, look=results["look"], **means)
    for sentence in results["verdict"].values():
        run.log(f"evaluate: {sentence}")
