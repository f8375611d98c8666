"""The engine's loss inside TRL's trainer, in place of its own where the output layer is frozen."""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch

from osler.engine.loss import score_tokens
from osler.engine.packing import IGNORED


def use_own_loss(model: Any, *, compiled: bool) -> bool:
    """Let the fused head that TRL has put on the model be the engine's; False where it cannot.

    To be called after TRL's trainer was made. A head that is trained, or that does more than a
    product (bias, soft caps, scales, routers), keeps TRL's.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    if not _is_plain_head(base):
        return False
    theirs = base.forward

    def forward(
        self: Any, *args: Any, fused_lm_head: bool = False, labels: Any = None, **kwargs: Any
    ) -> Any:
        if not fused_lm_head or labels is None or kwargs.get("shift_labels") is not None:
            return theirs(*args, fused_lm_head=fused_lm_head, labels=labels, **kwargs)
        kwargs.pop("num_items_in_batch", None)
        found = self.base_model(*args, **kwargs | {"use_cache": False})
        return _scored(found.last_hidden_state, labels, self.get_output_embeddings(), compiled)

    base.forward = MethodType(forward, base)
    return True


def _scored(hidden: torch.Tensor, labels: torch.Tensor, head: Any, compiled: bool) -> Any:
    """What TRL's `compute_loss` reads; hidden: [batch, tokens, width], labels: [batch, tokens]."""
    from trl.trainer.utils import FusedCausalLMOutput

    labels = labels[:, 1:]
    rows = hidden[:, :-1].reshape(-1, hidden.shape[-1]).to(head.weight.dtype)
    log_probs, entropy, is_top1 = (
        score.view(labels.shape)
        for score in score_tokens(rows, head.weight, labels.reshape(-1), compiled=compiled)
    )
    return FusedCausalLMOutput(
        log_probs=log_probs, entropy=entropy, is_top1=is_top1, label_mask=labels != IGNORED
    )


SPECIAL = (
    "final_logit_softcapping", "logit_scale", "output_multiplier", "lm_head_multiplier",
    "logits_scaling",
)  # fmt: skip
"""Settings of architectures whose logits are more than a product."""


def _is_plain_head(base: Any) -> bool:
    config, head = base.config.get_text_config(), base.get_output_embeddings()
    return (
        type(head) is torch.nn.Linear
        and "bias" not in dict(head.named_parameters())
        and not head.weight.requires_grad
        and all(getattr(config, name, None) is None for name in SPECIAL)
        and not hasattr(config, "output_router_logits")
    )
