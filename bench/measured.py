"""Measurements in processes of their own, kept as they come, so that they can be gone on with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.disk import read_json, write_json
from osler.run import installed_versions, now

HERE = Path(__file__).parent
LONGEST = 300
"""Seconds that one measurement may take."""


def measure_all(
    wanted: Mapping[str, str],
    out: Path,
    *,
    again: bool = False,
    only: str = "",
    known: Path | None = None,
) -> dict[str, Any]:
    """Run what is wanted and not in `out` yet, write `out` after each, and return all of it.

    `wanted`: name -> a script of this folder and its arguments. A script prints a line `RESULT` and
    JSON. `known`: another file like `out`, of whose rows those with the same command are taken.
    UNSLOTH_PATH may name a folder of packages for those that ask for Unsloth.
    """
    found: dict[str, Any] = read_json(out) if out.exists() and not again else {}
    if "machine" not in found:
        found |= {"machine": machine(), "rows": {}}
    others = read_json(known)["rows"].values() if known and known.exists() else ()
    there = {row["command"]: row for row in others}
    for name, words in wanted.items():
        if only not in name or name in found["rows"]:
            continue
        fresh = there.get(words) or {"command": words, "date": now(), **run_script(words)}
        found["rows"][name] = fresh
        write_json(out, found)
        print(name, found["rows"][name], flush=True)
    return found


def run_script(words: str) -> dict[str, Any]:
    """What one script found, or the last line it left."""
    script, *rest = words.split()
    environment = dict(os.environ)
    if "unsloth" in rest and (extra := environment.get("UNSLOTH_PATH")):
        environment["PYTHONPATH"] = os.pathsep.join([extra, environment.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / script), *rest]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {LONGEST} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if lines:
        return json.loads(lines[-1].removeprefix("RESULT "))
    print(words, done.stderr[-3000:], file=sys.stderr, flush=True)
    return {"failed": " ".join(done.stderr.strip().splitlines()[-1:])[:300]}


def machine() -> dict[str, Any]:
    """The machine's name and rates; measured in a process that gives the card back."""
    code = (
        "import json; from osler.checks.machine import this_machine as m; m = m();"
        "print(json.dumps([m.name, m.device, m.bf16, m.capability, m.rate, m.bandwidth]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    name, device, bf16, capability, rate, bandwidth = json.loads(done.stdout.splitlines()[-1])
    return {
        "name": name, "device": device, "bf16": bf16, "capability": capability, "rate": rate,
        "bandwidth": bandwidth, "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": installed_versions(),
    }  # fmt: skip


PARAMETERS = {"qwen05": 494.0e6, "llama7": 6738.4e6}
"""Of the models whose share of the machine's rate is told."""


def show(found: dict[str, Any]) -> None:
    """All rows as a table. Share: 4 operations a parameter and token, of a plain product's rate."""
    rate = found["machine"]["rate"]
    table = Table(title=f"{found['machine']['name']}, {rate / 1e12:.0f} TFLOP/s")
    for column in ("", "tokens/s", "share %", "ms a step", "peak GiB", "reserved", "first step, s"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in found["rows"].items():
        size = PARAMETERS.get(row.get("model", ""), 0) * row.get("tok_s", 0)
        share = f"{100 * 4 * size / rate:.0f}" if size else ""
        first = str(row["first_s"][0]) if "first_s" in row else ""
        cells = [str(row.get(key, "–")) for key in ("median_ms", "peak_gib", "reserved_gib")]
        speed = str(row["tok_s"]) if "tok_s" in row else "out of memory"
        table.add_row(name, row.get("failed", speed), share, *cells, first)
    Console(width=130).print(table)
