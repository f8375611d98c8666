"""What a training ends in: that it has learnt, the weights it saves, how far it went."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from osler import ranks
from osler.engine.shard import is_sharded, own_part, whole_state
from osler.errors import TrainingFailed
from osler.train.callbacks import ValidationLooks


def course(trainer: Any, looks: ValidationLooks, newest: Path | None) -> dict[str, Any]:
    """How far it went, from where and on what, and of which step the weights are that were kept."""
    state = trainer.state
    seen = {e["step"]: e["eval_loss"] for e in state.log_history if "eval_loss" in e}
    best = min(seen, key=lambda step: seen[step]) if seen else None
    return {
        "steps": int(state.global_step),
        "planned_steps": int(state.max_steps),
        "stopped_early": state.global_step < state.max_steps and looks.patience_is_over(state),
        "best_step": best,
        "best_validation_loss": None if best is None else seen[best],
        "resumed_from_step": int(newest.name.split("-")[1]) if newest else 0,
        "ranks": ranks.count(),
        "sharded": is_sharded(trainer.model),
    }


def trained_weights(model: Any) -> dict[str, Any]:
    """A copy of the weights that are trained, on the CPU; of sharded ones, of this rank's part."""
    return {
        name: own_part(weight).detach().to("cpu", copy=True)
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }


def check_learnt(before: dict[str, Any], model: Any) -> None:
    """Raise `TrainingFailed` unless every trained weight is finite and at least one has changed."""
    import torch

    changed = False
    for name, weight in trained_weights(model).items():
        if not torch.isfinite(weight).all():
            raise TrainingFailed(
                f"{name} is not finite after training.",
                "Lower train.learning_rate; nothing was saved as the result.",
            )
        changed = changed or not torch.equal(weight, before[name])
    if not ranks.agree(int(changed)):
        raise TrainingFailed(
            "No weight has changed: the model is the one it started as.",
            "Raise train.learning_rate, train.num_train_epochs or train.max_steps, or lower "
            "train.warmup_steps.",
        )


def save_weights(model: Any, target: Path) -> None:
    """Save as safetensors beside the target's name and rename into place."""
    state = whole_state(model) if is_sharded(model) else None
    if not ranks.is_first():
        return
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    # Checkpoints have the names in memory; the result has those that others load.
    names = {} if hasattr(model, "peft_config") else {"save_original_format": True}
    model.save_pretrained(str(part), state_dict=state, safe_serialization=True, **names)
    (part / "README.md").unlink(missing_ok=True)  # PEFT's empty card; export writes a real one
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)
