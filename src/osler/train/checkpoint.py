"""Checkpoints that are whole or not there.

The Trainer writes a checkpoint file by file and takes the newest folder unchecked when it
resumes. Here a checkpoint counts only once it carries a seal: a file, written last and renamed
into place, with the SHA-256 of every other file.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from osler.run import file_digest, read_json, write_json

SEAL = "seal.json"


def seal(folder: Path) -> None:
    """Flush a checkpoint to the disk and write its seal."""
    # Neither is needed to resume; the first is a pickle, the second a card nobody reads here.
    for name in ("training_args.bin", "README.md"):
        (folder / name).unlink(missing_ok=True)
    digests: dict[str, str] = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        _flush(file)
        digests[file.relative_to(folder).as_posix()] = file_digest(file)
    write_json(folder / SEAL, digests)
    _flush(folder)
    _flush(folder.parent)


def is_whole(folder: Path) -> bool:
    """True when the seal is there and every file is as it was when sealed."""
    if not (folder / SEAL).is_file():
        return False
    digests: dict[str, str] = read_json(folder / SEAL)
    return all(
        (folder / name).is_file() and file_digest(folder / name) == digest
        for name, digest in digests.items()
    )


def checkpoints(folder: Path) -> list[Path]:
    """Checkpoint folders, oldest step first, whole or not."""
    found = [p for p in folder.glob("checkpoint-*") if p.name.split("-")[1].isdigit()]
    return sorted(found, key=lambda p: int(p.name.split("-")[1]))


def newest_whole_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that can be resumed; broken ones after it are removed."""
    for candidate in reversed(checkpoints(folder)):
        if is_whole(candidate):
            return candidate
        shutil.rmtree(candidate)
    return None


def remove_unsealed(folder: Path) -> None:
    """Remove what a failed save left behind, to give its room back."""
    for candidate in checkpoints(folder):
        if not (candidate / SEAL).is_file():
            shutil.rmtree(candidate, ignore_errors=True)


class SealedCheckpoints(TrainerCallback):
    """Seals each checkpoint after the Trainer wrote it, then removes older ones.

    The Trainer's own rotation must be off (`save_total_limit=None`): it removes a whole
    checkpoint while the newest is not sealed yet.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        folder = Path(args.output_dir)
        seal(folder / f"checkpoint-{state.global_step}")
        best = Path(state.best_model_checkpoint).name if state.best_model_checkpoint else None
        for old in checkpoints(folder)[: -self.keep]:
            if old.name != best:
                shutil.rmtree(old)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
