"""Checkpoints of a whole model hold its weights by the names that they have in memory."""

from __future__ import annotations

from functools import partial
from typing import Any

from osler.errors import RunError


def keep_own_names(trainer: Any) -> None:
    """Save checkpoints under the model's own names, and refuse to load less than all of it.

    transformers saves under the names of the published files, in which experts lie apart that are
    one tensor in memory, or parts are called otherwise; the Trainer loads without renaming, and
    goes on without what it does not find. What is saved as the result has the published names.
    """
    model = trainer.model
    model.save_pretrained = partial(model.save_pretrained, save_original_format=False)
    trainer._issue_warnings_after_load = partial(refuse_incomplete, model)


def refuse_incomplete(model: Any, found: Any) -> None:
    """Raise `RunError` when a weight was not in the checkpoint, or one that the model lacks was.

    `found`: what `load_state_dict` says. Weights that are tied are saved once.
    """
    weights = model.state_dict(keep_vars=True)
    missing = set(found.missing_keys)
    loaded = {id(weight) for name, weight in weights.items() if name not in missing}
    lost = [name for name in missing if id(weights[name]) not in loaded]
    if lost or found.unexpected_keys:
        raise RunError(
            f"train: the checkpoint does not hold this model's weights ({len(lost)} missing, "
            f"{len(found.unexpected_keys)} unknown).",
            "Train afresh with --force.",
        )
