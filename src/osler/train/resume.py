"""Going on from a checkpoint so that the end is that of a training never stopped.

The Trainer alone would not: resumed after its last step it trains one more, and it never makes up
for a look at the validation loss that a stop cut short.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from osler.train.callbacks import LookCutShort, ProgressBar, ValidationLooks


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
        trainer._save_checkpoint(trainer.model, trial=None)
        trainer.callback_handler.on_save(trainer.args, trainer.state, trainer.control)
        _end(trainer)
    finally:
        for watcher in trainer.callback_handler.callbacks:
            if isinstance(watcher, ProgressBar):
                watcher.stop()  # whatever happened: the terminal gets its cursor back


def _end(trainer: Any) -> None:
    trainer.callback_handler.on_train_end(trainer.args, trainer.state, trainer.control)
