"""What each part of the engine brings: `MODEL_DIR=… python bench/ablation.py`.

The engine whole, the engine without one part at a time, and TRL and PEFT as they are, each in a
process of its own through `bench/engine.py`; further arguments are handed to it. Writes
`bench/results/ablation.json` after each, and goes on from there when it is begun again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from osler.disk import read_json, write_json
from osler.run import installed_versions, now

HERE = Path(__file__).parent
ROWS = {
    "the engine": [],
    "without LoRA as one operation": ["--without", "lora"],
    "without the loss": ["--without", "loss"],
    "without compilation": ["--without", "compile"],
    "without its attention (and compilation)": ["--without", "attention", "compile"],
    "without packing (and what needs it)": ["--without", "packing"],
    "TRL and PEFT as they are": ["--plain"],
    "with a float8 base": ["--float8"],
}


def main() -> None:
    """Measure what is not measured yet, and print all."""
    out, given = HERE / "results" / "ablation.json", sys.argv[1:]
    found: dict[str, Any] = read_json(out) if out.exists() else {"rows": {}}
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    found |= {"machine": name, "versions": installed_versions(), "arguments": given}
    for row, words in ROWS.items():
        if row not in found["rows"]:
            found["rows"][row] = {"date": now(), **measured([*words, *given])}
            write_json(out, found)
    table = Table()
    for column in ("", "tokens/s", "ms a step", "peak GiB", "first step, s"):
        table.add_column(column, justify="left" if not column else "right")
    for row, got in found["rows"].items():
        first = str(got["first_s"][0]) if "first_s" in got else ""
        values = [str(got.get(key, "–")) for key in ("tok_s", "median_ms", "peak_gib")]
        table.add_row(row, *values, first)
    Console().print(table)


def measured(words: list[str]) -> dict[str, Any]:
    """One run of bench/engine.py."""
    command = [sys.executable, str(HERE / "engine.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return json.loads(lines[-1].removeprefix("RESULT "))


if __name__ == "__main__":
    main()
