"""The examination of a model that answers: base, tuned model and control on the same questions."""

from __future__ import annotations

from collections.abc import Sequence

from osler.evaluate import bertscore, metrics
from osler.evaluate.likelihood import Likelihood, perplexity
from osler.evaluate.summary import Examination, System
from osler.evaluate.systems import Bench, control_answers, examine_model
from osler.serve.generate import Answer


def examine_answers(bench: Bench) -> tuple[Examination, dict[str, list[Answer]]]:
    """Scores of the three systems on the test rows, and their answers."""
    references = [row.reference for row in bench.rows]
    found = {name: examine_model(bench, name) for name in ("base", "tuned")}
    control, unlike = control_answers(bench)
    answers = {name: model.answers for name, model in found.items()} | {"control": control}
    systems = {name: _system(name, given, references) for name, given in answers.items()}
    for name, model in found.items():
        _add_model_scores(systems[name], model.costs, model.answers)
    examination = Examination(
        groups=[row.group for row in bench.rows],
        sizes=[cost.bytes for cost in found["tuned"].costs],
        systems=systems,
        pairs=[("tuned", "base"), ("tuned", "control")],
        signatures=metrics.signatures(references)
        | {
            "bits_per_byte": "bits of the answer and its end-of-turn token / UTF-8 bytes of the "
            "answer",
            "stop_rate": f"ended within {bench.recipe.evaluate.max_new_tokens} tokens",
            "control": "answer of the nearest training question|bm25s, Lucene, k1=1.5, b=0.75"
            "|lower-cased words",
        },
        notes=metrics.notes_on(references),
        blind=metrics.blind_measures(references),
    )
    if unlike:
        examination.notes.append(
            f"{unlike} test questions share no word with a training question; the control answers "
            "them with nothing."
        )
    if bench.recipe.evaluate.bertscore:
        texts = {name: [answer.text for answer in given] for name, given in answers.items()}
        bertscore.add_bert_scores(examination, texts, references)
    return examination, answers


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
