"""Going on from a checkpoint so that the end is that of a training never stopped.

The Trainer alone would not: resumed after its last step it trains one more, and it never makes up
for a look at the validation loss that a stop cut short.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from osler.train.callbacks import LookCutShort, ProgressBar, ValidationLooks
from osler.train.checkpoint import newest_whole_checkpoint, remove_unsealed


class NothingLeft(Exception):
    """Leaves the Trainer before a first step: there is none to do."""


class CatchUp(TrainerCallback):
    """Makes up for a look that is owed, and keeps a training that had ended from going on.

    To be added last, for the others must have begun when it leaves the Trainer.
    """

    def __init__(self, trainer: Any, looks: ValidationLooks) -> None:
        self.trainer = trainer
        self.looks = looks

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 0:
            return
        if self.looks.is_owed(args, state):
            try:
                metrics = self.trainer.evaluate()
            except LookCutShort:  # the checkpoint we came from stays as it is, look owed
                raise NothingLeft from None
            if self.trainer._determine_best_metric(metrics, trial=None):
                best = Path(args.output_dir) / f"checkpoint-{state.global_step}"
                state.best_model_checkpoint = str(best)
        if state.global_step >= state.max_steps or self.looks.patience_is_over(state):
            raise NothingLeft


def train_from(checkpoint: Path | None, trainer: Any, looks: ValidationLooks) -> None:
    """Train to the end or to an orderly stop, from a whole checkpoint or the beginning."""
    trainer.add_callback(CatchUp(trainer, looks))
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except NothingLeft:
        if trainer.state.best_model_checkpoint is not None:
            trainer._load_best_model()
        _end(trainer)
    except LookCutShort:
        _save(trainer)
        _end(trainer)
    finally:
        for watcher in trainer.callback_handler.callbacks:
            if isinstance(watcher, ProgressBar):
                watcher.stop()  # whatever happened: the terminal gets its cursor back


def save_last_step(trainer: Any, fault: BaseException) -> str:
    """After want of memory: save the last whole step, if it is not saved; says what is kept.

    The step that failed has moved no weight. Where nothing can be saved, older checkpoints stay.
    """
    traceback.clear_frames(fault.__traceback__)  # they hold the activations that filled the memory
    trainer.model.zero_grad(set_to_none=True)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    step, folder = trainer.state.global_step, Path(trainer.args.output_dir)
    if step > 0 and not (folder / f"checkpoint-{step}").exists():
        try:
            _save(trainer)
        except (RuntimeError, OSError, MemoryError):
            remove_unsealed(folder)
    newest = newest_whole_checkpoint(folder)
    return f"Kept: the checkpoint of step {newest.name.split('-')[1]}." if newest else ""


def _save(trainer: Any) -> None:
    trainer._save_checkpoint(trainer.model, trial=None)
    trainer.callback_handler.on_save(trainer.args, trainer.state, trainer.control)


def _end(trainer: Any) -> None:
    trainer.callback_handler.on_train_end(trainer.args, trainer.state, trainer.control)
