"""The picture of a training: loss over steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osler.disk import atomic_writer


def loss_curve(metrics: list[dict[str, Any]], name: str) -> tuple[list[int], list[float]]:
    """Steps and values of one measure; a step logged twice (after a resume) counts once."""
    by_step = {entry["step"]: entry[name] for entry in metrics if name in entry}
    return sorted(by_step), [by_step[step] for step in sorted(by_step)]


def plot_losses(metrics: list[dict[str, Any]], kept: int | None, path: Path) -> None:
    """Write the training and validation loss as a PNG; `kept` is the step whose weights were."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for name, label, style in (("loss", "training", "-"), ("eval_loss", "validation", "o-")):
        steps, values = loss_curve(metrics, name)
        if steps:
            axes.plot(steps, values, style, label=label, markersize=4, linewidth=1.4)
    if kept is not None:
        axes.axvline(kept, linestyle=":", color="0.4", linewidth=1.2, label="weights kept")
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.lines:
        axes.legend(frameon=False)
    with atomic_writer(path, "wb") as out:
        figure.savefig(out, format="png", dpi=120)
