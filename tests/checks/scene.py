"""A clean set-up for `osler check`, and what a fault is: a change that makes it a faulty one."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from osler.checks.examine import Examined, examine_file
from osler.checks.machine import GIB, OPTIONAL, Machine

ORGANS = ("liver", "kidney", "heart", "lung", "skin", "brain", "stomach", "bladder", "thyroid",
          "spleen", "retina", "pancreas")  # fmt: skip
TROUBLES = ("inflammation", "stones", "weakness", "bleeding", "swelling", "scarring")
ADVICE = (
    "rest", "warm tea", "a blood test", "an ultrasound", "tablets", "physiotherapy",
    "a change of diet", "surgery", "watchful waiting", "an injection", "cold packs",
)  # fmt: skip

CPU = Machine(
    device="cpu",
    name="2 threads",
    memory=16 * GIB,
    free_disk=50 * GIB,
    bf16=False,
    capability=(0, 0),
    packages=frozenset(OPTIONAL),
    rate=5e10,
)
"""A machine on which nothing is missing, so that findings do not depend on where tests run."""

TEMPLATE = (
    "{% for m in messages %}"
    "{% if m['role'] == 'assistant' %}<|assistant|>{{ m['content'] }}<|end|>"
    "{% else %}<|{{ m['role'] }}|>{{ m['content'] }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def rows() -> list[dict[str, str]]:
    """144 questions and answers about 72 topics."""
    found: list[dict[str, str]] = []
    for n, (organ, trouble) in enumerate((o, t) for o in ORGANS for t in TROUBLES):
        one, two, three = (ADVICE[(n * k + k) % len(ADVICE)] for k in (1, 3, 7))
        topic = f"{trouble} of the {organ}"
        texts = {
            f"What helps against {topic}?": f"Case {n}: {one} helps most, and then {two} or "
            f"{three}, as long as the {organ} is watched for {n % 9 + 1} weeks.",
            f"How is {topic} found?": f"Doctors look for {trouble} with {two}; number {n} of the "
            f"list for the {organ} begins with {three} and ends with {one}.",
        }
        for k, (question, answer) in enumerate(texts.items()):
            found.append(
                {"id": f"r{n}-{k}", "question": question, "answer": answer, "topic": topic}
            )
    return found


@dataclass
class Scene:
    """A folder with a model, a data file and a recipe, all of which a fault may change."""

    folder: Path
    model: Path
    rows: list[dict[str, str]]
    recipe: dict[str, Any]
    machine: Machine = CPU
    overrides: list[str] = field(default_factory=list)

    @property
    def train(self) -> dict[str, Any]:
        return self.recipe["train"]

    @property
    def data(self) -> dict[str, Any]:
        return self.recipe["data"]

    @property
    def source(self) -> dict[str, Any]:
        return self.data["sources"][0]

    def edit_json(self, name: str, **changes: Any) -> None:
        """Change keys of a JSON file in the model's folder."""
        path = self.model / name
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    def set_template(self, template: str) -> None:
        """Give the model another chat template."""
        (self.model / "chat_template.jinja").write_text(template)

    def answers(self, change: Callable[[str], str]) -> None:
        """Change every answer."""
        for row in self.rows:
            row["answer"] = change(row["answer"])

    def write(self) -> Path:
        """Write data and recipe; returns the recipe's path."""
        if self.rows:
            with (self.folder / "clinic.csv").open("w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, list(self.rows[0]))
                writer.writeheader()
                writer.writerows(self.rows)
        path = self.folder / "recipe.yaml"
        path.write_text(yaml.safe_dump(self.recipe, sort_keys=False), encoding="utf-8")
        return path

    def examine(self) -> Examined:
        """What `osler check` finds."""
        return examine_file(self.write(), self.overrides, self.machine)


def clean_scene(folder: Path, tiny_model: Path) -> Scene:
    """A set-up in which there is nothing to complain of."""
    model = folder / "model"
    shutil.copytree(tiny_model, model)
    (model / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    recipe = {
        "name": "scene",
        "model": {"id": "./model"},
        "data": {
            "sources": [
                {
                    "type": "csv",
                    "path": "clinic.csv",
                    "licence": "CC0-1.0",
                    "columns": {
                        "prompt": "question", "completion": "answer", "id": "id", "group": "topic",
                    },
                }
            ],
            "max_length": 256,
            "validation_share": 0.1,
            "test_share": 0.25,
        },
        "train": {
            "method": "lora",
            "lora": {"r": 4},
            "learning_rate": 1e-3,
            "num_train_epochs": 2,
            "per_device_train_batch_size": 4,
            "save_steps": 10,
        },
        "evaluate": {"max_new_tokens": 128, "bertscore": False},
    }  # fmt: skip
    return Scene(folder, model, rows(), recipe)


@dataclass(frozen=True)
class Fault:
    """A fault in words, the name of the finding it must raise, and what seeds it.

    `says` is a text that must stand in the finding, where the name alone does not say enough.
    """

    words: str
    finding: str
    seed: Callable[[Scene], None]
    says: str = ""

    def found_in(self, examined: Examined) -> bool:
        """True when the finding that names this fault is there."""
        return any(
            f.name == self.finding and self.says in f"{f.place} {f.message} {f.cure}"
            for f in examined.findings
        )


def fault(words: str, finding: str, says: str = "") -> Callable[[Callable[[Scene], None]], Fault]:
    """Make a fault of the function that seeds it."""
    return lambda seed: Fault(words, finding, seed, says)


def faults_of(module: ModuleType) -> list[Fault]:
    """The faults that a module defines, in order."""
    return [value for value in vars(module).values() if isinstance(value, Fault)]
