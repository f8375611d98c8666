"""What each part of the engine brings: `MODEL_DIR=… python bench/ablation.py`.

The engine whole, the engine without one part at a time, and TRL and PEFT as they are, through
`bench/engine.py`; further arguments are handed to it. Writes `bench/results/ablation.json` after
each, and goes on from there when it is begun again.
"""

from __future__ import annotations

import sys

from measured import HERE, measure_all, show

ROWS = {
    "the engine": "",
    "without LoRA as one operation": "--without lora",
    "without the loss": "--without loss",
    "without compilation": "--without compile",
    "without its attention (and compilation)": "--without attention compile",
    "without packing (and what needs it)": "--without packing",
    "TRL and PEFT as they are": "--plain",
    "with a float8 base": "--float8",
}


def main() -> None:
    """Measure what is not measured yet, and print all."""
    more = " ".join(sys.argv[1:])
    wanted = {row: f"engine.py {words} {more}" for row, words in ROWS.items()}
    show(measure_all(wanted, HERE / "results" / "ablation.json"))


if __name__ == "__main__":
    main()
