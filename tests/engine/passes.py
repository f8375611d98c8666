"""One pass over fixed tokens, and all that came of it."""

from __future__ import annotations

from typing import Any

import torch


def gradients(model: Any) -> torch.Tensor:
    """Loss and all gradients of one pass over fixed tokens, as one vector."""
    ids = torch.randint(0, 96, (2, 24), generator=torch.Generator().manual_seed(1))
    model.zero_grad()
    loss = model(input_ids=ids, labels=ids, use_cache=False).loss
    loss.backward()
    found = [p.grad.flatten() for p in model.parameters() if p.requires_grad]
    return torch.cat([loss.detach()[None], *found])
