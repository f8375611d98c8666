"""A look at what an examination needs, before it costs time or counts as a look at the test set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.errors import RunError
from osler.run import Run


def require_inputs(run: Run, rows: Sequence[Path]) -> None:
    """Raise `RunError` where rows or trained weights are missing, or a file of them is cut off."""
    for path in rows:
        if not path.is_file():
            raise RunError(
                f"{path}: not there.",
                "Make the data first: osler data RECIPE (with --force where it is recorded done).",
            )
    folder = run.tuned_weights
    full = run.recipe.train.method == "full"
    _require_json(folder / ("config.json" if full else "adapter_config.json"))
    weights = sorted(folder.glob("*.safetensors" if full else "adapter_model.safetensors"))
    if not weights:
        raise _train_again(folder, "no trained weights there (*.safetensors)")
    for path in weights:
        _require_whole(path)


def _require_json(path: Path) -> None:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise _train_again(path.parent, f"no {path.name} there") from None
    except ValueError:
        raise _train_again(path, "damaged (not valid JSON)") from None


def _require_whole(path: Path) -> None:
    """The head of a safetensors file says how long the file must be; no weight is read."""
    from safetensors import SafetensorError, safe_open

    opened: Any = safe_open
    try:
        with opened(path, framework="numpy"):
            pass
    except (OSError, SafetensorError):
        raise _train_again(path, "damaged or cut off") from None


def _train_again(path: Path, what: str) -> RunError:
    return RunError(
        f"{path}: {what}.",
        "Train first: osler train RECIPE (with --force where it is recorded done).",
    )
