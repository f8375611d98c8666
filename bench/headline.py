"""The headline: Osler, TRL and Unsloth beside each other: `MODEL_DIR=… python bench/headline.py`.

One row after the other, each in a process of its own: `bench/engine.py` for Osler, `bench/peers.py`
for the others, the same random weights and documents. `--only TEXT` runs the rows with this text in
their name; `--again` begins anew. Writes `bench/results/headline.json` after each row. Unsloth is
looked for in $UNSLOTH_PATH too, as it asks for other versions of TRL and datasets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from measured import HERE, measure_all, show

LLAMA = "--model llama7 --length 4096 --steps 14"
LONG = "--model llama7 --batch 1 --steps 2 --cap 24"
OURS_LONG = f"engine.py {LONG} --method qlora --selective --recompute 32 --offload"

ROWS = {
    "0.5B bf16: Osler": "engine.py --batch 16",
    "0.5B bf16: Osler without TRL's loop": "engine.py --batch 16 --bare",
    "0.5B bf16: Osler, float8 base": "engine.py --batch 16 --float8",
    "0.5B bf16: TRL, packed, with Osler's attention": (
        "engine.py --batch 16 --without compile lora loss"
    ),
    "0.5B bf16: TRL": "peers.py trl --batch 16",
    "0.5B bf16: Unsloth, packed": "peers.py unsloth --batch 16 --packing",
    "7B bf16: Osler": f"engine.py {LLAMA} --batch 4",
    "7B bf16: Unsloth, packed": f"peers.py unsloth {LLAMA} --batch 4 --packing",
    "7B float8: Osler": f"engine.py {LLAMA} --batch 4 --float8",
    "7B float8: Unsloth, packed": f"peers.py unsloth {LLAMA} --batch 4 --packing --bits 8",
    "7B NF4, 16 GiB: Osler": (
        f"engine.py {LLAMA} --batch 1 --method qlora --selective --recompute 6 --cap 16"
    ),
    "7B NF4, 16 GiB: Unsloth, packed": (
        f"peers.py unsloth {LLAMA} --batch 4 --packing --bits 4 --cap 16"
    ),
    "7B NF4, 16 GiB: TRL": f"peers.py trl {LLAMA} --batch 4 --bits 4 --cap 16",
    "24 GiB: Osler, 163,840 tokens": f"{OURS_LONG} --tile 8192 --length 163840 --fixed 163840",
    "24 GiB: Osler, 65,536 tokens": f"{OURS_LONG} --length 65536 --fixed 65536",
    "24 GiB: Unsloth, 65,536 tokens": (
        f"peers.py unsloth {LONG} --bits 4 --length 65536 --fixed 65536"
    ),
    "24 GiB: Unsloth, 98,304 tokens": (
        f"peers.py unsloth {LONG} --bits 4 --length 98304 --fixed 98304"
    ),
    "24 GiB: TRL, 32,768 tokens": f"peers.py trl {LONG} --bits 4 --length 32768 --fixed 32768",
    "24 GiB: TRL, 49,152 tokens": f"peers.py trl {LONG} --bits 4 --length 49152 --fixed 49152",
}


def main() -> None:
    """Measure what is not measured yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "headline.json")
    given = parser.parse_args()
    show(measure_all(ROWS, given.out, again=given.again, only=given.only))


if __name__ == "__main__":
    main()
