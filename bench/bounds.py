"""The bounds Osler keeps, measured: `python bench/bounds.py [--out bench/results/bounds.json]`.

Wall time, and peak memory of whole processes and their children. Run it on an idle machine. The
MedQuAD figure needs OSLER_DATA with `medquad/` and `tokenizers/qwen2`, and is left out without.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from osler.disk import write_json
from osler.run import installed_versions, now

OSLER = [sys.executable, "-m", "osler"]


def timed(command: list[str]) -> dict[str, Any]:
    """Wall seconds and peak resident memory (GB, children included) of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = [0]

    def watch() -> None:
        while process.poll() is None:
            try:
                whole = [psutil.Process(process.pid)]
                whole += whole[0].children(recursive=True)
                peak[0] = max(peak[0], sum(p.memory_info().rss for p in whole))
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.decode()[-800:]}")
    seconds = time.perf_counter() - begun
    return {"seconds": round(seconds, 2), "peak_gb": round(peak[0] / 1e9, 2)}


def statistics_seconds() -> dict[str, Any]:
    """The verdict over 1,000 items in 100 groups, two systems, four measures."""
    import numpy as np

    from osler.evaluate.verdict import MeasureSpec, compare_all

    random = np.random.default_rng(0)
    groups = [f"g{i // 10}" for i in range(1000)]
    measures = {
        f"measure {m}": (
            list(random.normal(50, 10, 1000)),
            list(random.normal(50, 10, 1000)),
            MeasureSpec(higher_is_better=True, margin=1.0),
        )
        for m in range(4)
    }
    begun = time.perf_counter()
    compare_all(measures, groups, seed=0)
    return {"seconds": round(time.perf_counter() - begun, 2)}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/results/bounds.json"))
    out = parser.parse_args().out
    data = os.environ.get("OSLER_DATA")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        timed([*OSLER, "--help"])  # once for the byte code
        helps = [timed([*OSLER, "--help"])["seconds"] for _ in range(5)]
        found["osler --help (median of 5)"] = {"seconds": sorted(helps)[2]}
        found["statistics, 1,000 items x 2 systems"] = statistics_seconds()
        if data:
            qwen2 = Path(data) / "tokenizers" / "qwen2"
            found["data stage, MedQuAD, Qwen2 tokenizer"] = timed(
                [*OSLER, "data", "medical-qa", f"model.id={qwen2}", "model.revision=null",
                 "model.init=random", "train.method=lora", "--run-dir", f"{folder}/medquad"]
            )  # fmt: skip
        found["demo (osler run quickstart)"] = timed(
            [*OSLER, "run", "quickstart", "--run-dir", f"{folder}/demo"]
        )
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    write_json(
        out,
        {"date": now(), "machine": machine, "versions": installed_versions(), "found": found},
    )
    for name, row in found.items():
        print(f"{name:40} " + "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
