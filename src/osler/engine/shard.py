"""A model's weights shared out over ranks, each holding a part of every one (FSDP2).

Fully sharded data parallel (Rajbhandari et al. 2020; PyTorch's `fully_shard`): a layer's weights
are gathered just before it computes and given back after, so that weights, gradients and
optimiser states of a model take one rank's part of the memory. Inside a layer that computes they
are plain tensors, which is why attention, the LoRA operation and the loss need to know nothing of
it.
"""

from __future__ import annotations

from typing import Any

import torch


def shard_model(model: Any, *, compute: torch.dtype | None = None) -> Any:
    """Share out a model over all ranks, decoder layer by decoder layer, in place.

    `compute`: the type in which the layers' weights are gathered and computed with; their gradients
    are added up in float32 all the same, and what runs between layers keeps its type, as under
    autocast. None: in the one they are held in. A model on the CPU is moved to this rank's card a
    layer at a time, so that it need not fit there as a whole.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    kind = "cuda" if torch.cuda.is_available() else "cpu"
    mesh = init_device_mesh(kind, (torch.distributed.get_world_size(),))
    policy = MixedPrecisionPolicy()
    if compute is not None:
        policy = MixedPrecisionPolicy(compute, torch.float32, cast_forward_inputs=False)
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    for layer in _layers(base.get_decoder()):
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    # Embedding, last norm and output layer, which the loss reads without calling: one group.
    return fully_shard(model, mesh=mesh)


def _layers(decoder: Any) -> Any:
    """The decoder layers, whatever the architecture calls them: `layers`, `h`, `blocks`."""
    lists = (part for part in decoder.children() if isinstance(part, torch.nn.ModuleList))
    return getattr(decoder, "layers", None) or max(lists, key=len)


def is_sharded(model: torch.nn.Module) -> bool:
    """True for a model that `shard_model` has shared out."""
    from torch.distributed.fsdp import FSDPModule

    return isinstance(model, FSDPModule)


def whole(value: Any) -> Any:
    """A sharded tensor as one on the CPU, and anything else as it is. All ranks must call it."""
    from torch.distributed.tensor import DTensor

    if isinstance(value, DTensor):
        return value.full_tensor().detach().cpu()
    return value.detach() if isinstance(value, torch.Tensor) else value


def shared_out(full: torch.Tensor, like: Any) -> Any:
    """A tensor that every rank has whole, sharded as `like` is, and on its device."""
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(like, DTensor):
        return full.to(like.device)
    return distribute_tensor(
        full.to(like.device), like.device_mesh, like.placements, src_data_rank=None
    )


def own_part(tensor: Any) -> torch.Tensor:
    """This rank's part of a sharded tensor; any other as it is."""
    from torch.distributed.tensor import DTensor

    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The weights worth saving, whole and on the CPU: all of a model that is trained whole, else
    the trained ones, for the frozen base is somewhere already.

    All ranks must call it, and all but the first get an empty one. Tied weights stay one tensor.
    """
    kept, first = model.state_dict().keys(), torch.distributed.get_rank() == 0
    weights = dict(model.named_parameters(remove_duplicate=False))
    frozen = {name for name, weight in weights.items() if not weight.requires_grad}
    gathered: dict[int, torch.Tensor] = {}
    state: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():  # in an order that is the same on all ranks
        if name in frozen or name not in kept:
            continue
        if id(weight) not in gathered:
            full = whole(weight)
            gathered[id(weight)] = full if first else full.new_empty(0)
        if first:
            state[name] = gathered[id(weight)]
    if first and not frozen:
        state |= {name: buffer for name, buffer in model.named_buffers() if name in kept}
    return state
