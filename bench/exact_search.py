"""How long does an exact search take, when every vector is compared?

    python bench/exact_search.py --work FOLDER      writes results/exact_search.json

Random vectors of 384 dimensions in a file that is mapped, as in an index; one thread. The time is
of one question without its embedding, with the pages of the file in memory after a first search.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.encoder import WIDTH
from osler.retrieve.search import best, similarities
from osler.run import installed_versions, now

RESULTS = Path(__file__).parent / "results" / "exact_search.json"
COUNTS = (20_000, 200_000, 1_000_000)
TIMES = 15


def make(path: Path, count: int, kind: Any) -> Any:
    """A file of random unit vectors, mapped."""
    rng = np.random.default_rng(0)
    there = np.lib.format.open_memmap(path, "w+", kind, (count, WIDTH))
    for start in range(0, count, 20_000):
        some = rng.standard_normal((20_000, WIDTH), dtype=np.float32)
        there[start : start + 20_000] = some / np.linalg.norm(some, axis=1, keepdims=True)
    there.flush()
    return np.load(path, mmap_mode="r")


def blocks_in_numpy(vectors: Any, question: Any) -> Any:
    """The same with NumPy alone."""
    parts = range(0, len(vectors), 8192)
    return np.concatenate([vectors[i : i + 8192].astype(np.float32) @ question.T for i in parts])


def timed(search: Callable[[Any, Any], Any], vectors: Any) -> dict[str, float]:
    """Milliseconds of one question, ten best included: median, fastest, and of the processor."""
    questions = np.random.default_rng(1).standard_normal((TIMES + 1, 1, WIDTH), dtype=np.float32)
    took: list[float] = []
    best(search(vectors, questions[0])[:, 0], 10)
    worked = time.process_time()
    for question in questions[1:]:
        begun = time.perf_counter()
        best(search(vectors, question)[:, 0], 10)
        took.append(1000 * (time.perf_counter() - begun))
    return {
        "median_ms": round(float(np.median(took)), 1),
        "fastest_ms": round(min(took), 1),
        "processor_ms": round(1000 * (time.process_time() - worked) / TIMES, 1),
    }


def main() -> None:
    """Measure all, and keep it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="room for 1.6 GB, cleared after")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    rows: dict[str, dict[str, float]] = {}
    for count in COUNTS:
        for kind in (np.float16, np.float32):
            path = work / "vectors.npy"
            vectors = make(path, count, kind)
            name = f"{count:,} of {np.dtype(kind).name}"
            rows[f"{name}, Osler"] = timed(similarities, vectors)
            if count < 1_000_000:
                rows[f"{name}, NumPy"] = timed(blocks_in_numpy, vectors)
            path.unlink()
    write_json(
        RESULTS,
        {"command": "python bench/exact_search.py", "date": now(), "cores": os.cpu_count(),
         "load_average": os.getloadavg()[0], "versions": installed_versions(), "rows": rows},
    )  # fmt: skip
    table = Table("vectors", "median, ms", "fastest, ms", "processor, ms")
    for name, row in rows.items():
        table.add_row(name, *map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
