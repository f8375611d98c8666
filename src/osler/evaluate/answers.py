"""The examination of a model that answers: base, tuned model and controls on the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osler.evaluate import bertscore, metrics
from osler.evaluate.likelihood import Likelihood, perplexity
from osler.evaluate.measures import MEASURES
from osler.evaluate.summary import Examination, System
from osler.evaluate.systems import Bench, control_answers, examine_model
from osler.rows import Row
from osler.serve.generate import Answer
from osler.tasks import load_task
from osler.tasks.base import Score, Task


def examine_answers(bench: Bench) -> tuple[Examination, dict[str, list[Answer]]]:
    """Scores of base, tuned model and the task's controls on the test rows, and their answers."""
    task = load_task(bench.recipe.evaluate.task)
    references = [row.reference for row in bench.rows]
    found = {name: examine_model(bench, name) for name in ("base", "tuned")}
    answers = {name: model.answers for name, model in found.items()}
    for name, control in task.controls.items():
        answers[name] = control_answers(bench, name, control)
    systems = {name: _system(name, given, references) for name, given in answers.items()}
    for name, model in found.items():
        _add_model_scores(systems[name], model.costs, model.answers)
    examination = Examination(
        groups=[row.group for row in bench.rows],
        sizes=[cost.bytes for cost in found["tuned"].costs],
        systems=systems,
        pairs=[("tuned", other) for other in systems if other != "tuned"],
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
    score = task.scorer(bench.run.path / "data") if task.scorer else task.score
    _add_task_scores(examination, task, score, bench.rows, answers)
    if bench.recipe.evaluate.bertscore:
        texts = {name: [answer.text for answer in given] for name, given in answers.items()}
        bertscore.add_bert_scores(examination, texts, references)
    return examination, answers


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
    for name in task.controls:
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
