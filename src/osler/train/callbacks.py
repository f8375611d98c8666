"""What watches a training: metrics on disk, a progress bar, a guard, and orderly stops."""

from __future__ import annotations

import math
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from transformers import TrainerCallback

from osler.errors import RunError
from osler.run import Run

KEPT = ("loss", "eval_loss", "learning_rate", "grad_norm", "epoch", "mean_token_accuracy",
        "eval_mean_token_accuracy")  # fmt: skip


class MetricsFile(TrainerCallback):
    """Appends what the trainer logs to metrics.jsonl, and refuses a loss that is not finite."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        values = {key: float(value) for key, value in (logs or {}).items() if key in KEPT}
        for name in ("loss", "eval_loss", "grad_norm"):
            if not math.isfinite(values.get(name, 0.0)):
                raise RunError(
                    f"{name} is not finite at step {state.global_step}: training has diverged.",
                    "Lower train.learning_rate or raise train.warmup_steps; on older cards "
                    "float16 overflows, so set model.dtype=float32.",
                )
        if values:
            self.run.add_metrics("train", step=int(state.global_step), **values)


class ProgressBar(TrainerCallback):
    """One line: steps, loss, time left."""

    def __init__(self) -> None:
        self.bar = Progress(
            TextColumn("train"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
        )
        self.task: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.task = self.bar.add_task(
            "train", total=state.max_steps, completed=state.global_step, loss=""
        )
        self.bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.update(self.task, completed=state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        if logs and "loss" in logs and self.task is not None:
            self.bar.update(self.task, loss=f"loss {float(logs['loss']):.3f}")

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.stop()


class LastLook(TrainerCallback):
    """Looks at the validation loss after the last step too, so that it can be the best one."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if args.eval_strategy != "no" and state.global_step >= state.max_steps:
            control.should_evaluate = True


class OrderlyStop(TrainerCallback):
    """Turns SIGTERM and Ctrl-C into a checkpoint after the current step, and then a stop."""

    def __init__(self) -> None:
        self.stopped_by: signal.Signals | None = None

    @contextmanager
    def listening(self) -> Generator[None]:
        """Take the two signals for as long as the training runs."""
        before = {
            number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: object) -> None:
        if self.stopped_by is not None and number == signal.SIGINT:
            raise KeyboardInterrupt  # asked twice: no more waiting
        self.stopped_by = signal.Signals(number)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.stopped_by is not None:
            control.should_save = True
            control.should_evaluate = False
            control.should_training_stop = True
