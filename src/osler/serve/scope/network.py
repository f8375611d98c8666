"""The guard's network: the encoder's upper layers, taught what messages are about.

The encoder's vectors were made to find texts alike, and see the form of a question more than its
subject. So the last three of its six layers are learnt anew, and what is read from the mean of
their states are the odds that a piece is about health, and how it is shared out among the kinds
of emergencies, greetings and neither.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from osler.encoder import WIDTH, through

States = NDArray[np.float16]
"""Of one text, what the upper layers are given: (pieces, 384)."""
Doubles = NDArray[np.float64]

ORDERS = (0, 1)
"""Each is the beginning of a row of chances: what order the lessons come in, what is dropped."""
PASSES = 1
RATE, RATE_OUT = 3e-4, 1e-3
"""Learning rates of the layers and of what is read from it."""
DECAY, DROPPED, SMOOTHED = 0.01, 0.1, 0.01
URGENT = 0.5
"""What an error about emergencies counts beside one about health."""
ALIKE = 64
"""Texts side by side."""
SORTED = 16
"""Times as many are sorted by length, so that little is padding."""


class Reads(Protocol):
    """An encoder, or one that keeps what it found."""

    def states(self, texts: Sequence[str]) -> list[States]: ...

    def upper_layers(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text to learn from. `medical` and `kind` (of emergency) are None where it is not said."""

    states: States
    medical: bool | None
    kind: int | None


def new_network(layers: Any, kinds: int) -> Any:
    """A network of torch; `layers` are the encoder's last."""
    import torch

    torch.manual_seed(0)
    return torch.nn.ModuleDict({"layers": layers, "out": torch.nn.Linear(WIDTH, 1 + kinds)})


def load_network(layers: Any, arrays: Mapping[str, NDArray[np.float16]]) -> Any:
    """A network with these arrays, as `arrays_of` gives them."""
    import torch

    network = new_network(layers, len(arrays["out.bias"]) - 1)
    network.load_state_dict(
        {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}
    )
    return network.eval()


def arrays_of(network: Any) -> dict[str, NDArray[np.float16]]:
    """The network's arrays, as they are shipped."""
    return {name: one.numpy().astype(np.float16) for name, one in network.state_dict().items()}


def mean_of(networks: Sequence[Any]) -> Any:
    """The network whose weights are the mean of theirs."""
    import torch

    states = [one.state_dict() for one in networks]
    mean = networks[0]
    mean.load_state_dict({k: torch.stack([one[k] for one in states]).mean(0) for k in states[0]})
    return mean


def outputs(network: Any, states: Sequence[States]) -> Doubles:
    """Of each text the log odds of health and of each kind of emergency, (texts, 1 + kinds)."""
    import torch

    network.eval()
    found = np.zeros((len(states), network["out"].out_features))
    order = sorted(range(len(states)), key=lambda at: len(states[at]))
    for start in range(0, len(order), ALIKE):
        some = order[start : start + ALIKE]
        with torch.inference_mode():
            found[some] = _forward(network, [states[at] for at in some]).numpy()
    return found


def _forward(network: Any, states: Sequence[States]) -> Any:
    import torch

    sizes = torch.tensor([len(one) for one in states])
    given = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(one).float() for one in states], batch_first=True
    )
    seen = torch.arange(given.shape[1]) < sizes[:, None]
    hidden = through(network["layers"], given, (~seen)[:, None, None, :] * -1e9)
    mean = (hidden * seen[:, :, None]).sum(1) / sizes[:, None]
    return network["out"](torch.nn.functional.dropout(mean, DROPPED, network.training))


def learn(network: Any, lessons: Sequence[Lesson], order: int, say: Callable[[str], None]) -> Any:
    """Teach a network, and give it back. The same lessons and order give the same network."""
    import torch

    torch.manual_seed(order)
    groups = [
        {"params": network["layers"].parameters(), "lr": RATE},
        {"params": network["out"].parameters(), "lr": RATE_OUT},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = PASSES * (len(lessons) // ALIKE + 1)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, [RATE, RATE_OUT], steps, pct_start=0.1)
    chance = random.Random(order)
    network.train()
    for count in range(PASSES):
        losses: list[float] = []
        for some in _batches(lessons, chance):
            loss = _loss(_forward(network, [one.states for one in some]), some)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            losses.append(loss.item())
        loss = sum(losses) / len(losses)
        say(f"order {order + 1}, pass {count + 1} of {PASSES}: loss {loss:.4f}")
    return network


def _batches(lessons: Sequence[Lesson], chance: random.Random) -> list[Sequence[Lesson]]:
    """All lessons in a new order, those side by side of about one length."""
    order = list(lessons)
    chance.shuffle(order)
    found: list[Sequence[Lesson]] = []
    for start in range(0, len(order), ALIKE * SORTED):
        some = sorted(order[start : start + ALIKE * SORTED], key=lambda one: len(one.states))
        found += [some[at : at + ALIKE] for at in range(0, len(some), ALIKE)]
    chance.shuffle(found)
    return found


def _loss(odds: Any, some: Sequence[Lesson]) -> Any:
    import torch
    from torch.nn import functional

    told = [at for at, one in enumerate(some) if one.medical is not None]
    truth = torch.tensor([float(bool(some[at].medical)) for at in told])
    loss = functional.binary_cross_entropy_with_logits(
        odds[told, 0], truth * (1 - 2 * SMOOTHED) + SMOOTHED, reduction="sum"
    )
    told = [at for at, one in enumerate(some) if one.kind is not None]
    kinds = torch.tensor([one.kind for one in some if one.kind is not None], dtype=torch.long)
    loss = loss + URGENT * functional.cross_entropy(odds[told, 1:], kinds, reduction="sum")
    return loss / len(some)
