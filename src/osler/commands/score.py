"""`osler score`: the evaluator alone, on any system's stored answers."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from osler.disk import write_json
from osler.evaluate.score import score_files
from osler.evaluate.show import print_results


def score(a: Path, b: Path | None, references: Path, *, bertscore: bool, out: Path | None) -> None:
    """Print the measures of A, or the paired verdict of A against B; write them as JSON too."""
    results = score_files(a, b, references, bertscore=bertscore)
    print_results(results, Console())
    if out is not None:
        write_json(out, results)
        Console().print(f"Written: {out}", markup=False, highlight=False)
