"""The examination of a model that answers: base, tuned model and controls on the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.evaluate import bertscore, metrics
from osler.evaluate.likelihood import Likelihood, perplexity
from osler.evaluate.measures import MEASURES
from osler.evaluate.summary import Examination, System
from osler.evaluate.systems import Bench, Found, control_answers, examine_model
from osler.rows import Row
from osler.serve.generate import Answer
from osler.tasks import TASKS, load_task
from osler.tasks.base import Score, Task


@dataclass(frozen=True)
class Examined:
    """What was found on the test rows of one task."""

    rows: list[Row]
    examination: Examination
    answers: dict[str, list[Answer]]


def examine_answers(bench: Bench) -> dict[str, Examined]:
    """By task: scores of base, tuned model and the task's controls on its test rows, and answers.

    The models answer all rows at once; each task then looks at its own.
    """
    found = {name: examine_model(bench, name) for name in ("base", "tuned")}
    return {
        task: _examine_task(bench.only(places, task), {n: f.at(places) for n, f in found.items()})
        for task, places in places_by_task(bench.rows, bench.recipe.evaluate.task).items()
    }


def places_by_task(rows: Sequence[Row], task: str) -> dict[str, list[int]]:
    """Task -> where its rows are; all rows are of `task`, unless that is `each`."""
    if task != "each":
        return {task: list(range(len(rows)))}
    found = {name: [p for p, row in enumerate(rows) if row.task == name] for name in TASKS}
    return {name: places for name, places in found.items() if places}


def _examine_task(bench: Bench, found: Mapping[str, Found]) -> Examined:
    task = load_task(bench.task)
    answers = {name: model.answers for name, model in found.items()}
    for name, control in task.controls.items():
        answers[name] = control_answers(bench, name, control)
    pairs = [("tuned", other) for other in answers if other != "tuned"]
    score = task.scorer(bench.run.path / "data") if task.scorer else task.score
    examination = examine(bench, found, answers, pairs, score)
    return Examined(bench.rows, examination, answers)


def examine(
    bench: Bench,
    found: Mapping[str, Found],
    answers: Mapping[str, list[Answer]],
    pairs: list[tuple[str, str]],
    score: Score,
) -> Examination:
    """Scores of all systems on the rows of one task. `found` are those of them that are models."""
    task = load_task(bench.task)
    references = [row.reference for row in bench.rows]
    systems = {name: _system(name, given, references) for name, given in answers.items()}
    for name, model in found.items():
        _add_model_scores(systems[name], model.costs, model.answers)
    examination = Examination(
        groups=[row.group for row in bench.rows],
        sizes=[cost.bytes for cost in next(iter(found.values())).costs],
        systems=systems,
        pairs=pairs,
        signatures=metrics.signatures(references)
        | {
            "bits_per_byte": "bits of the answer and its end-of-turn token / UTF-8 bytes of the "
            "answer",
            "stop_rate": f"ended within {bench.recipe.evaluate.max_new_tokens} tokens",
            **task.signatures,
        },
        notes=metrics.notes_on(references),
        blind=metrics.blind_measures(references),
        measures=MEASURES | dict(task.measures),
    )
    _add_task_scores(examination, task, score, bench.rows, answers)
    if bench.recipe.evaluate.bertscore:
        texts = {name: [answer.text for answer in given] for name, given in answers.items()}
        bertscore.add_bert_scores(examination, texts, references)
    return examination


def _add_task_scores(
    examination: Examination,
    task: Task,
    score: Score,
    rows: Sequence[Row],
    answers: Mapping[str, Sequence[Answer]],
) -> None:
    """What the task measures, and what is to be known of it."""
    for name, given in answers.items():
        system = examination.systems[name]
        for measure, found in score(rows, [answer.text for answer in given]).items():
            if found.counts is not None:
                system.totals[f"{measure}, counted over"] = sum(found.counts)
                if not any(found.counts):
                    continue  # a share of nothing has no value
                system.counts[measure] = found.counts
            system.scores[measure] = found.values
    for name in task.controls.keys() & answers.keys():
        silent = sum(metrics.is_empty(answer.text) for answer in answers[name])
        if silent:
            examination.notes.append(
                f"{silent} test items have no answer from {name}: there is nothing it could answer "
                "them with."
            )
    examination.notes += task.notes(rows)


def _system(name: str, answers: Sequence[Answer], references: Sequence[str]) -> System:
    texts = [answer.text for answer in answers]
    return System(
        metrics.text_scores(texts, references, label=name),
        totals=metrics.corpus_figures(texts, references),
        zeros=metrics.reasons(texts),
    )


def _add_model_scores(
    system: System, costs: Sequence[Likelihood], answers: Sequence[Answer]
) -> None:
    """What only a model has. The control has none of it: its answers were written to their end."""
    system.scores["bits_per_byte"] = [cost.bits_per_byte for cost in costs]
    system.scores["stop_rate"] = [100.0 if answer.stopped else 0.0 for answer in answers]
    system.totals["perplexity"] = perplexity(costs)
