"""The systems that are examined: base and tuned model, each loaded alone and only when needed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from osler.disk import file_digest
from osler.errors import RunError
from osler.evaluate.likelihood import Likelihood, likelihoods
from osler.evaluate.store import Store, key_of
from osler.model import device, load_tokenizer, load_tuned, load_untuned, resolve, weight_dtype
from osler.recipe import Recipe, is_hub_id
from osler.rows import Row, read_rows
from osler.run import Run
from osler.serve.generate import Answer, generate
from osler.tasks.base import Control
from osler.template import encode, with_system

LOADERS: dict[str, Callable[[Run], Any]] = {"base": load_untuned, "tuned": load_tuned}


@dataclass
class Bench:
    """Test rows, the run they belong to, and the store of what was already made from them."""

    recipe: Recipe
    run: Run
    rows: list[Row]
    test_digest: str
    store: Store
    task: str = ""
    """The task of all rows; empty while they are of several."""

    def only(self, places: Sequence[int], task: str) -> Bench:
        """The bench of one task's rows. Where there are several tasks, training rows are its own,
        and what is stored of its controls is called after it."""
        if self.recipe.evaluate.task != "each":
            return replace(self, task=task)
        rows = [self.rows[place] for place in places]
        return replace(self, rows=rows, task=task)

    @cached_property
    def tokenizer(self) -> Any:
        """The base model's tokenizer, which the tuned model shares."""
        return load_tokenizer(self.recipe.model, self.run.recipe_folder)

    @cached_property
    def training(self) -> list[Row]:
        """The training rows."""
        path = self.run.path / "data" / "train.jsonl"
        try:
            rows = list(read_rows(path))
        except (ValueError, TypeError):
            raise RunError(
                f"{path}: damaged.", "Make the data again: osler data RECIPE --force."
            ) from None
        several = self.recipe.evaluate.task == "each" and self.task
        return [row for row in rows if row.task == self.task] if several else rows

    @cached_property
    def base_digest(self) -> str:
        """What the base model's weights are."""
        model = self.recipe.model
        if is_hub_id(model.id):
            return f"{model.id}@{model.revision}"
        return file_digest(Path(resolve(model, self.run.recipe_folder)))

    @cached_property
    def tuned_digest(self) -> str:
        """What the training ended with."""
        return file_digest(self.run.tuned_weights)

    def key(self, name: str) -> str:
        """Everything that decides what a model answers and foresees on these rows."""
        recipe = self.recipe
        return key_of(
            test_digest=self.test_digest,
            items=[row.id for row in self.rows],
            base=self.base_digest,
            tuned=self.tuned_digest if name == "tuned" else None,
            seed=recipe.seed if recipe.model.init == "random" else None,
            method=recipe.train.method,
            system=recipe.data.system,
            max_length=recipe.data.max_length,
            max_new_tokens=recipe.evaluate.max_new_tokens,
            batch_size=recipe.evaluate.batch_size,
            dtype=str(weight_dtype(recipe.model, train_all=False)),
            device=device(),
        )


@dataclass(frozen=True)
class Found:
    """What a model foresees and answers. `answers` is empty for `train.objective=pretrain`."""

    costs: list[Likelihood]
    answers: list[Answer]

    def at(self, places: Sequence[int]) -> Found:
        """Of these rows alone."""
        answers = [self.answers[place] for place in places] if self.answers else []
        return Found([self.costs[place] for place in places], answers)


def examine_model(bench: Bench, name: str) -> Found:
    """Costs of the references, and greedy answers, of the `base` or the `tuned` model.

    What an earlier examination of the same weights, rows and settings has stored is used again;
    the model is loaded only for the rest.
    """
    key = bench.key(name)
    costs = bench.store.read(f"likelihood/{name}", key)
    answers = bench.store.read(f"samples/{name}", key) if _answers(bench.recipe) else []
    if costs is None or answers is None:
        from transformers import set_seed

        set_seed(bench.recipe.seed)  # a base with model.init=random must be the one that was tuned
        model = LOADERS[name](bench.run)
        costs = _measure_costs(bench, name, model) if costs is None else costs
        answers = _generate_answers(bench, name, model) if answers is None else answers
        del model
        _let_go()
    return Found(
        [Likelihood(x["nats"], x["tokens"], x["bytes"]) for x in costs],
        [Answer(x["output"], x["stopped"], x["n_tokens"]) for x in answers],
    )


def _answers(recipe: Recipe) -> bool:
    return recipe.train.objective == "sft"


def control_answers(bench: Bench, name: str, control: Control) -> list[Answer]:
    """Answers of a task's control, which needs no model: they are as long as they are to be."""
    texts = control(bench.training, bench.rows)
    lengths = [len(ids) for ids in encode(bench.tokenizer, texts)]
    answers = [Answer(text, True, n) for text, n in zip(texts, lengths, strict=True)]
    called = f"{bench.task}-{name}" if bench.recipe.evaluate.task == "each" else name
    bench.store.write(
        f"samples/{called}",
        key_of(test_digest=bench.test_digest, items=[row.id for row in bench.rows]),
        _records(bench.rows, answers),
    )
    return answers


def _measure_costs(bench: Bench, name: str, model: Any) -> list[dict[str, Any]]:
    costs = likelihoods(
        model,
        bench.tokenizer,
        bench.rows,
        system=bench.recipe.data.system,
        window=bench.recipe.data.max_length,
        batch_size=bench.recipe.evaluate.batch_size,
        label=name,
    )
    records = [{"id": row.id, **asdict(x)} for row, x in zip(bench.rows, costs, strict=True)]
    bench.store.write(f"likelihood/{name}", bench.key(name), records)
    return records


def _generate_answers(bench: Bench, name: str, model: Any) -> list[dict[str, Any]]:
    answers = generate(
        model,
        bench.tokenizer,
        [with_system(row.prompt, bench.recipe.data.system) for row in bench.rows],
        max_new_tokens=bench.recipe.evaluate.max_new_tokens,
        batch_size=bench.recipe.evaluate.batch_size,
        label=f"{name}: answers",
    )
    records = _records(bench.rows, answers)
    bench.store.write(f"samples/{name}", bench.key(name), records)
    return records


def _let_go() -> None:
    """Give the memory of a dropped model back before the next one is loaded."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _records(rows: Sequence[Row], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "group": row.group,
            "output": answer.text,
            "stopped": answer.stopped,
            "n_tokens": answer.n_tokens,
        }
        for row, answer in zip(rows, answers, strict=True)
    ]
