"""Runs whose training is done, ready to be examined; each test gets a copy of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.recipe_file import load_recipe
from osler.run import Run
from osler.stages import run_stage

PLANTED = "ZQPLANTED"
"""Stands in every question and every answer, so that example text is known wherever it turns up."""

SETTINGS = """\
name: small
model: {{id: {model}}}
data:
  sources:
{sources}
  max_length: 256
  validation_share: 0
  test_share: 0.5
  near_duplicate: null
train:
  method: lora
  lora: {{r: 4}}
  objective: {objective}
  learning_rate: 1.0e-2
  max_steps: {steps}
  per_device_train_batch_size: 8
  logging_steps: 2
evaluate: {{max_new_tokens: 6, bertscore: false}}
"""


def make_trained(folder: Path, model: Path, *, objective: str, sources: str, steps: int) -> Path:
    """A run with data and train done."""
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        SETTINGS.format(model=model, sources=sources, objective=objective, steps=steps)
    )
    run = Run.create(load_recipe(recipe), folder / "run")
    run_stage("data", run)
    run_stage("train", run)
    return run.path


@pytest.fixture(scope="session")
def trained_on_answers(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Sixty questions and answers about twenty topics, of which about half are test rows."""
    folder = tmp_path_factory.mktemp("answers")
    with (folder / "clinic.jsonl").open("w") as out:
        for topic in range(20):
            for part in ("What is", "Who gets", "How long lasts"):
                row = {
                    "prompt": f"{part} condition {topic}? {PLANTED}",
                    "completion": f"{part} it: <b>{topic}</b> & more. {PLANTED} </script>",
                    "id": f"{topic}-{part.split()[0]}",
                    "group": f"topic {topic}",
                }
                out.write(json.dumps(row) + "\n")
    source = (
        "    - type: jsonl\n      path: clinic.jsonl\n      columns:"
        " {prompt: prompt, completion: completion, id: id, group: group}\n"
    )
    return make_trained(folder, tiny_model, objective="sft", sources=source, steps=8)


@pytest.fixture(scope="session")
def trained_on_text(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Plain text from two files, one example a line."""
    folder = tmp_path_factory.mktemp("text")
    sources = ""
    for name in ("book", "leaflet"):
        lines = [f"{name} {i}: gout is treated with care {PLANTED} {i}." for i in range(40)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
        sources += f"    - {{type: text, path: {name}.txt, per: line}}\n"
    return make_trained(folder, tiny_model, objective="pretrain", sources=sources, steps=8)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[..., Run]:
    """`copy_of(trained, name, key=value)`: a run of one's own with `evaluate.key` changed."""

    def make(trained: Path, name: str = "run-1", **evaluate: Any) -> Run:
        path = tmp_path / "runs" / name
        shutil.copytree(trained, path)
        lock = json.loads((path / "recipe.lock.json").read_text())
        lock["recipe"]["evaluate"] |= evaluate
        (path / "recipe.lock.json").write_text(json.dumps(lock))
        return Run.open(path)

    return make
