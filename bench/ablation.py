"""What each part of the engine brings: `MODEL_DIR=… python bench/ablation.py`.

The engine whole, the engine without one part at a time, and TRL and PEFT as they are, through
`bench/engine.py`; further arguments are handed to it. Writes `bench/results/ablation.json` after
each, and goes on from there when it is begun again.
"""

from __future__ import annotations

import sys

from headline import ROWS
from measured import HERE, measure_all, show

ENGINE = ROWS["0.5B bf16: Osler"]
PARTS = {
    "the engine": ENGINE,
    "without LoRA as one operation": f"{ENGINE} --without lora",
    "without the loss": f"{ENGINE} --without loss",
    "without compilation": f"{ENGINE} --without compile",
    "without its attention (and compilation)": f"{ENGINE} --without attention compile",
    "without packing (and what needs it)": f"{ENGINE} --without packing",
    "TRL and PEFT as they are": f"{ENGINE} --plain",
    "with a float8 base": ROWS["0.5B bf16: Osler, float8 base"],
}


def main() -> None:
    """Measure what is not measured yet, and print all."""
    results = HERE / "results"
    wanted = {part: " ".join([words, *sys.argv[1:]]) for part, words in PARTS.items()}
    show(measure_all(wanted, results / "ablation.json", known=results / "headline.json"))


if __name__ == "__main__":
    main()
