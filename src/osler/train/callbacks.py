"""What watches a training: metrics, a progress bar, orderly stops, looks at the validation loss."""

from __future__ import annotations

import atexit
import gc
import math
import signal
import statistics
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from transformers import TrainerCallback

from osler import ranks
from osler.engine.compile import graphs_compiled
from osler.errors import TrainingFailed
from osler.progress import Lines
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
                raise TrainingFailed(
                    f"{name} is not finite at step {state.global_step}: training has diverged.",
                    "Lower train.learning_rate or raise train.warmup_steps; on older cards "
                    "float16 overflows, so set model.dtype=float32.",
                )
        if values:
            self.run.add_metrics("train", step=int(state.global_step), **values)


class ProgressBar(TrainerCallback):
    """Steps, loss and time left: one line on a terminal, one at times in a file."""

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
        self.loss = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.lines = Lines("train", state.max_steps, state.global_step)
        self.task = self.bar.add_task(
            "train", total=state.max_steps, completed=state.global_step, loss=""
        )
        self.bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.update(self.task, completed=state.global_step)
        if not self.bar.console.is_terminal:
            self.lines.tell(state.global_step, self.loss)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        if logs and "loss" in logs and self.task is not None:
            self.loss = f"loss {float(logs['loss']):.3f}"
            self.bar.update(self.task, loss=self.loss)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the terminal as it was; may be asked for twice."""
        if self.task is not None:
            self.task = None
            self.bar.stop()


class SettledObjects(TrainerCallback):
    """Takes what is there after the first step out of Python's garbage collection.

    Libraries, model and compiled code are 800,000 objects. To look through them all took 0.4 s on
    the bench's machine, every few steps, in which a card that has little queued stands still.
    """

    def __init__(self) -> None:
        self.settled = False

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if not self.settled:
            self.settled = True
            gc.collect()
            gc.freeze()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        gc.unfreeze()


class StepTimes(TrainerCallback):
    """Seconds of the first step, which holds the compilation, and of the others."""

    def __init__(self, *, compiled: bool) -> None:
        self.compiled = compiled
        self.seconds: list[float] = []
        self._begun = 0.0

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._begun = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.seconds.append(time.perf_counter() - self._begun)
        if not (self.compiled and ranks.is_first() and len(self.seconds) == 1):
            return
        if not graphs_compiled():
            print("train.compile: this model's layers cannot be compiled; they run as they are.")

    def facts(self) -> dict[str, float]:
        """For the run's manifest; of this process, not of one before a stop."""
        if not self.seconds:
            return {}
        facts = {"first_step_seconds": round(self.seconds[0], 3)}
        if self.seconds[1:]:
            facts["median_step_seconds"] = round(statistics.median(self.seconds[1:]), 4)
        return facts


class LastLoss(TrainerCallback):
    """The loss of the last steps is told, too, however seldom that of the others is.

    Every rank needs it: they add up their losses together.
    """

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step >= state.max_steps:
            control.should_log = True


class OrderlyStop(TrainerCallback):
    """Turns SIGTERM and Ctrl-C into a checkpoint after the current step, and then a stop."""

    def __init__(self) -> None:
        self.stopped_by: signal.Signals | None = None
        """The signal that has come to this process."""

    def agreed(self) -> signal.Signals | None:
        """The signal that has come to any rank. All must ask at the same point."""
        number = ranks.agree(int(self.stopped_by or 0))
        return signal.Signals(number) if number else None

    @contextmanager
    def listening(self) -> Generator[None]:
        """Take the two signals for as long as the training runs."""
        # As it ends, the interpreter would go through every object of torch and transformers once
        # more, to collect garbage: for longer than the checkpoint takes.
        atexit.register(gc.freeze)
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
        if self.agreed() is not None:
            control.should_save = True
            control.should_evaluate = False  # it may be long; resuming makes up for it
            control.should_training_stop = True

    def on_prediction_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.agreed() is not None:
            raise LookCutShort


class LookCutShort(Exception):
    """Leaves a look at the validation loss in the middle, for an orderly stop."""


class ValidationLooks(TrainerCallback):
    """What follows from the looks at the validation loss: the best checkpoint, and an early end.

    All of it follows from the Trainer's history, which checkpoints hold: transformers' own
    EarlyStoppingCallback begins to count anew when a training is resumed.
    """

    def __init__(self, patience: int | None) -> None:
        self.patience = patience
        self._random: torch.Tensor | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if args.eval_strategy != "no" and state.global_step >= state.max_steps:
            control.should_evaluate = True  # so that the last step too can be the best one
        # A look draws one random number, and a stop may cut it out: it must not move the dropout.
        self._random = torch.random.get_rng_state()

    def on_prediction_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._random is not None:
            torch.random.set_rng_state(self._random)
            self._random = None

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if _looks_since_best(state) == 0:
            control.should_save = True  # the best look needs a checkpoint, also between saves
        if self.patience_is_over(state):
            control.should_training_stop = True

    def patience_is_over(self, state: Any) -> bool:
        """True when there have been as many looks without a better one as were allowed."""
        return self.patience is not None and _looks_since_best(state) >= self.patience

    def is_owed(self, args: Any, state: Any) -> bool:
        """True when a look was due after the last step that was done, and is not in the history."""
        step = state.global_step
        due = args.eval_strategy == "steps" and (
            step % state.eval_steps == 0 or step >= state.max_steps
        )
        return due and not any(e["step"] == step and "eval_loss" in e for e in state.log_history)


def _looks_since_best(state: Any) -> int:
    looks = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
    return len(looks) - 1 - looks.index(min(looks)) if looks else 0
