"""Checkpoints that are whole or not there.

The Trainer writes a checkpoint file by file and takes the newest folder unchecked when it
resumes. Here a checkpoint counts only once it carries a seal: a file, written last and renamed
into place, with the SHA-256 of every other file.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, cast

from transformers import TrainerCallback

from osler import ranks
from osler.disk import atomic_writer, file_digest, read_json, write_json
from osler.errors import RunError

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
    try:
        digests: Any = read_json(folder / SEAL)
    except RunError:
        return False
    return isinstance(digests, dict) and all(
        (folder / name).is_file() and file_digest(folder / name) == digest
        for name, digest in cast(dict[str, str], digests).items()
    )


def checkpoints(folder: Path) -> list[Path]:
    """Checkpoint folders, oldest step first, whole or not."""
    named = (p for p in folder.glob("checkpoint-*") if p.name.split("-")[1].isdigit())
    found = [p for p in named if p.is_dir()]
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

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Point a resumed training at its best checkpoint, wherever the run lies by now."""
        best = Path(args.output_dir) / f"checkpoint-{state.best_global_step}"
        if state.best_global_step and best.is_dir():
            state.best_model_checkpoint = str(best)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        ranks.wait_for_all()  # each rank has written its random state
        if ranks.is_first():
            self._seal_newest(Path(args.output_dir), state)
        ranks.wait_for_all()

    def _seal_newest(self, folder: Path, state: Any) -> None:
        (folder / "README.md").unlink(missing_ok=True)  # TRL's; export writes the model's card
        newest = folder / f"checkpoint-{state.global_step}"
        _forget_place(newest / "trainer_state.json")
        seal(newest)
        best = Path(state.best_model_checkpoint).name if state.best_model_checkpoint else None
        for old in checkpoints(folder)[: -self.keep]:
            if old.name != best:
                shutil.rmtree(old)


def _forget_place(state_file: Path) -> None:
    """Take the run's own path out of a checkpoint.

    It names this machine's folders, and is wrong once the run was moved or is resumed from
    elsewhere; `on_train_begin` finds the best checkpoint again by its step.
    """
    state = read_json(state_file) | {"best_model_checkpoint": None}
    with atomic_writer(state_file) as out:
        json.dump(state, out, indent=2)  # the log may hold a NaN, which is the Trainer's matter


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
