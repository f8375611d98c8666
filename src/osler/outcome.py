"""What a finished stage has done, in a few words."""

from __future__ import annotations

from typing import Any

from osler.disk import read_json
from osler.run import Run


def outcome(name: str, run: Run) -> str:
    """What a finished stage has written, in a few words."""
    facts = run.record(name)
    if name == "data":
        rows = facts["rows"]
        words = ", ".join(f"{count} {split}" for split, count in rows.items())
        report = read_json(run.path / "data" / "report.json")
        counts = {name: report[name] for name in ("cleaned", "shortened")}
        counts = {"dropped": sum(report["dropped"].values())} | counts
        also = "".join(f", {count} {what}" for what, count in counts.items() if count)
        return f"{words} rows{also} -> {run.path / 'data'}"
    if name == "train":
        losses = [m["loss"] for m in run.metrics("train") if "loss" in m]
        loss = f", loss {losses[0]:.3f} to {losses[-1]:.3f}" if losses else ""
        return f"{_steps_in_words(facts)}{loss} -> {run.path / 'train'}"
    if name == "evaluate":
        report = run.path / "evaluate" / "report.html"
        return f"{facts['items']} items, look {facts['look']} at this test set -> {report}"
    return f"-> {run.path / next(iter(facts['outputs']))}"


def _steps_in_words(facts: dict[str, Any]) -> str:
    """How far the training went, where it resumed, and which step's weights were kept."""
    steps, best = facts["steps"], facts["best_step"]
    words = f"{steps} step{'s' * (steps != 1)}"
    if facts["ranks"] > 1:
        words += f" on {facts['ranks']} ranks"
    if facts["stopped_early"]:
        words += f" of {facts['planned_steps']}, ended early"
    if facts["resumed_from_step"]:
        words += f", resumed after {facts['resumed_from_step']}"
    if best is not None:
        which = "the last" if best == steps else f"step {best}"
        words += f", best at {which} (validation {facts['best_validation_loss']:.3f}), kept"
    return words
