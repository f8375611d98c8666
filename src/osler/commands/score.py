"""`osler score`: the evaluator alone, on any system's stored answers."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from osler.disk import write_json
from osler.errors import UserError
from osler.evaluate.score import score_files
from osler.evaluate.show import print_results


def score(a: Path, b: Path | None, references: Path, *, bertscore: bool, out: Path | None) -> None:
    """Print the measures of A, or the paired verdict of A against B; write them as JSON too."""
    if out is not None:
        _check_out(out, [path for path in (a, b, references) if path is not None])
    results = score_files(a, b, references, bertscore=bertscore)
    print_results(results, Console())
    if out is not None:
        try:
            write_json(out, results)
        except OSError as fault:
            raise _not_writable(out, fault) from None
        Console().print(f"Written: {out}", markup=False, highlight=False)


def _check_out(out: Path, inputs: list[Path]) -> None:
    """Refuse, before any work, a file that cannot be written or one that is to be read."""
    try:
        if out.is_dir():
            raise UserError(f"--json {out}: a folder.", "Give the name of a file in it.")
        same = [path for path in inputs if path.exists() and out.exists() and path.samefile(out)]
    except OSError as fault:
        raise _not_writable(out, fault) from None
    if same:
        raise UserError(
            f"--json {out}: the same file as {same[0]}, which would be overwritten.",
            "Give another name.",
        )


def _not_writable(out: Path, fault: OSError) -> UserError:
    return UserError(
        f"--json {out}: cannot be written ({fault.strerror}).",
        "Give a file in a folder that you may write to.",
    )
