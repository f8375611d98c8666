"""Put a run's adapter on nano into the package, so that `osler serve` offers it without any run.

    python bench/nano/ship.py RUN NAME

Writes src/osler/assets/nano/adapters/NAME/: weights in float16, what it was tuned for and with
which prompts (`served.json`), and a card that names whose data it was tuned on.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from safetensors.torch import load_file, save_file

from osler.disk import read_json, write_json
from osler.model import nano_path
from osler.run import Run
from osler.serve.engines.menu import SERVED, prompts_of, tasks_of, weights_digest

CARD = """\
---
license: apache-2.0
base_model: nano
base_model_relation: adapter
library_name: peft
language: [en]
---
# {name}: an adapter on nano for {tasks}

Made by Osler's recipe `{recipe}` in {steps} steps (LoRA, r {r}, learning rate {rate}, seed
{seed}), and kept in float16. What it can and cannot do is in bench/RESULTS.md; it has 11.7 M
parameters under it, makes things up, and is for showing how the parts work together.

## Data and whose they are
{data}

Not for medical advice. Nothing it writes may be used for a patient without a clinician's own
reading.
"""


def main() -> None:
    """Write the adapter of a run under a name."""
    run, name = Run.open(sys.argv[1]), sys.argv[2]
    out = nano_path() / "adapters" / name
    out.mkdir(parents=True, exist_ok=True)
    weights = load_file(run.tuned_weights / "adapter_model.safetensors")
    save_file(
        {key: value.half().contiguous() for key, value in weights.items()},
        out / "adapter_model.safetensors",
        metadata={"format": "pt"},
    )
    config: dict[str, Any] = read_json(run.tuned_weights / "adapter_config.json")
    (out / "adapter_config.json").write_text(
        json.dumps(config | {"base_model_name_or_path": "nano"}, indent=2, sort_keys=True) + "\n"
    )
    told = {"tasks": tasks_of(run), "prompts": prompts_of(run), "base": weights_digest(nano_path())}
    write_json(out / SERVED, told)
    (out / "README.md").write_text(_card(run, name))
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"{out}: {len(weights)} tensors, {size / 1e6:.2f} MB")


def _card(run: Run, name: str) -> str:
    report = read_json(run.path / "data" / "report.json")
    whose: dict[str, str] = report["attributions"]
    data = [
        f"- {source} ({licence}). {whose.get(source, '')}".strip()
        for source, licence in report["licences"].items()
    ]
    train = run.recipe.train
    return CARD.format(
        name=name, tasks=", ".join(tasks_of(run)), recipe=run.recipe.name,
        steps=run.record("train").get("steps"), r=train.lora.r, rate=train.learning_rate,
        seed=run.recipe.seed, data="\n".join(data),
    )  # fmt: skip


if __name__ == "__main__":
    main()
