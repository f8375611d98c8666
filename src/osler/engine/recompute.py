"""What a layer's backward pass needs: kept, computed again, or fetched back from the host's memory.

Kept is fastest. Computed again (Chen et al. 2016), a layer holds nothing but its input, at the cost
of one more forward pass. On the host, not even that, at the cost of a copy that overlaps with the
work on other layers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

LARGE = 2**20
"""Bytes from which a tensor is worth a copy to the host."""
AHEAD = 2**29
"""Bytes up to which one is fetched ahead. A larger one, of a very long example, comes in a small
part of the time that its layer takes, and the memory for a second one is not there."""
DISTANCE = 2
"""Layers that the CPU may be ahead of the card with their inputs. What it frees is not there again
before the card has come so far: without a limit, it took a third more memory than was in use."""


def recompute_layers(model: Any, count: int, *, offload: bool = False) -> None:
    """Let the first `count` decoder layers compute their forward pass again for the backward one.

    The first and not the last: the last layers' backward pass comes first, so that what they keep
    is free again before the others compute. `offload`: their inputs wait in the host's memory.
    Gradients are those of a model that keeps everything, bit for bit. Comes after compilation:
    what is compiled is what is repeated. transformers' own switch is around a layer in one release
    and within it, where a compiler sees it, in the next.
    """
    again: Callable[..., Any] = partial(checkpoint, use_reentrant=False)
    if offload and torch.cuda.is_available():
        again = partial(_from_host, HostStore(), again)
    for layer in model.get_decoder().layers[:count]:
        layer.forward = MethodType(partial(_forward, whole=layer.forward, again=again), layer)


def _forward(
    layer: torch.nn.Module,
    *inputs: Any,
    whole: Callable[..., Any],
    again: Callable[..., Any],
    **kwargs: Any,
) -> Any:
    if not layer.training:
        return whole(*inputs, **kwargs)
    if "past_key_values" in kwargs:  # the repetition would write into the cache once more
        kwargs["past_key_values"] = None
    return again(partial(whole, **kwargs), *inputs)


def _from_host(store: HostStore, again: Callable[..., Any], *args: Any) -> Any:
    # The checkpoint saves its inputs under these hooks, and all else under its own.
    with torch.autograd.graph.saved_tensors_hooks(store.put, store.get):
        return again(*args)


class HostStore:
    """Tensors waiting in pinned memory of the host, last in, first out.

    Copies run beside the computation on a stream of their own; fetching one starts the fetch of
    the one that was put before it.
    """

    def __init__(self) -> None:
        self.stream = torch.cuda.Stream()
        self.waiting: list[_Waiting] = []
        self.ahead: deque[torch.cuda.Event] = deque()

    def put(self, tensor: torch.Tensor) -> Any:
        """Begin the copy to the host; small tensors, and what is not on the card, stay."""
        if not tensor.is_cuda or tensor.nbytes < LARGE:
            return tensor
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            copy = torch.empty_like(tensor, device="cpu", pin_memory=True)
            copy.copy_(tensor.detach(), non_blocking=True)
        tensor.record_stream(self.stream)  # its memory is not given away before the copy is done
        self.waiting.append(_Waiting(copy, tensor.device, self.stream))
        self._keep_distance(self.stream)
        return self.waiting[-1]

    def get(self, saved: Any) -> torch.Tensor:
        """The tensor on the card."""
        if isinstance(saved, torch.Tensor):
            return saved
        if saved in self.waiting:
            del self.waiting[self.waiting.index(saved) :]
        found = saved.fetch()
        torch.cuda.current_stream().wait_event(saved.fetched)
        found.record_stream(torch.cuda.current_stream())
        if self.waiting and self.waiting[-1].copy.nbytes <= AHEAD:
            self.waiting[-1].fetch()
        saved.back = None
        self._keep_distance(torch.cuda.current_stream())
        return found

    def _keep_distance(self, stream: Any) -> None:
        """Wait until the card is no more than DISTANCE of these calls behind on a stream."""
        self.ahead.append(stream.record_event())
        if len(self.ahead) > DISTANCE:
            self.ahead.popleft().synchronize()


class _Waiting:
    """One tensor on the host, and its way back."""

    def __init__(self, copy: torch.Tensor, device: torch.device, stream: Any) -> None:
        self.copy, self.device, self.stream = copy, device, stream
        self.back: torch.Tensor | None = None
        self.fetched = torch.cuda.Event()

    def fetch(self) -> torch.Tensor:
        """Begin the copy to the card, unless it has begun."""
        if self.back is None:
            with torch.cuda.stream(self.stream):
                self.back = self.copy.to(self.device, non_blocking=True)
                self.fetched.record(self.stream)
        return self.back
