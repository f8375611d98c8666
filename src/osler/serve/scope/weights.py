"""The guard's weights as they lie on disk: arrays and a card in one file that numpy alone reads."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.disk import atomic_writer
from osler.errors import UserError
from osler.serve.scope.features import TURN, gather
from osler.serve.scope.network import Doubles
from osler.serve.scope.subject import names, request, sentences

SHIPPED = Path(str(resources.files("osler") / "assets" / "scope" / "guard.npz"))
FORMAT = 4
NETWORK = "network."
"""Before the names of the network's arrays."""
NONE, OTHER, GREETING = "none", "other", "greeting"
SURE = 0.4
"""Share of an emergency that its kind must have to be named."""
GREETS = 0.5
"""Share of a greeting from which a message is taken for one."""
CURE = "Train it: osler scope train --out FILE."


@dataclass(frozen=True)
class Weights:
    """What the scores of pieces come from, and what they say of a message.

    `message` are the eight coefficients (the last a constant) of `gather`'s row that give the log
    odds; `terms` are names of health, one a line, that mean nothing else. `card` has the
    thresholds, the encoder's digest, and what it was trained on.
    """

    network: Mapping[str, NDArray[np.float16]]
    message: Doubles
    terms: NDArray[np.uint8]
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def threshold(self) -> float:
        """From this probability on a message is for the assistant."""
        return float(self.card["threshold"])

    @property
    def doubt(self) -> float:
        """From this likelihood of an emergency on a message is not refused."""
        return float(self.card["urgent"]["doubt"])

    @cached_property
    def known(self) -> frozenset[str]:
        """Names of health that mean nothing else."""
        return frozenset(bytes(self.terms).decode().split("\n"))

    def row(self, text: str, scores: Doubles) -> Doubles:
        """`gather`'s row of a message, of which only the last turn is asked for names."""
        named = names(text.split(TURN)[-1], self.known)
        return gather(scores, named, request(sentences(text)) if len(scores) > 1 else 0)

    def probability(self, text: str, scores: Doubles) -> float:
        """That a message of these pieces is for a health assistant, calibrated."""
        return sigmoid(float(self.row(text, scores) @ self.message[:-1] + self.message[-1]))

    def urgent_threshold(self, several: bool) -> float:
        """From this likelihood on a message (of several sentences) tells of an emergency."""
        name = "threshold of several sentences" if several else "threshold"
        return float(self.card["urgent"][name])

    def urgent(self, odds: Doubles) -> tuple[float, str]:
        """How likely a message of these odds tells of an emergency, and of what kind. `OTHER` is
        what is one and of no kind more than of others."""
        kinds = list(self.card["urgent"]["kinds"])
        shares = urgent_shares(odds[None])[0]
        rest = np.where(is_calm(kinds), 0.0, shares)
        best = int(np.argmax(rest))
        sure = rest[best] >= SURE * rest.sum()
        return float(rest.sum()), str(kinds[best]) if sure else OTHER

    def greets(self, odds: Doubles) -> bool:
        """Whether a message of these odds greets, thanks or takes leave, and no more."""
        kinds = list(self.card["urgent"]["kinds"])
        return GREETING in kinds and bool(
            urgent_shares(odds[None])[0, kinds.index(GREETING)] >= GREETS
        )

    def save(self, path: Path) -> None:
        """Write the file; the same weights give the same bytes."""
        card = np.frombuffer(json.dumps(self.card, sort_keys=True, indent=1).encode(), np.uint8)
        network: dict[str, Any] = {NETWORK + name: one for name, one in self.network.items()}
        with atomic_writer(path, "wb") as out:
            np.savez(out, card=card, message=self.message, terms=self.terms, **network)


def is_calm(kinds: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the kinds are no emergencies."""
    return np.array([kind in (NONE, GREETING) for kind in kinds])


def urgent_shares(odds: Doubles) -> Doubles:
    """Of each piece, how its whole is shared out among the kinds of emergencies and none."""
    shares = np.exp(odds - odds.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def load_weights(path: Path | None = None) -> Weights:
    """The weights of a file, or the shipped ones. Raises `UserError` for what is none."""
    path = path or SHIPPED
    try:
        with np.load(path, allow_pickle=False) as file:
            card = json.loads(bytes(file["card"]))
            if card.get("format") != FORMAT:
                raise UserError(f"{path}: of format {card.get('format')}, not {FORMAT}.", CURE)
            network = {
                name.removeprefix(NETWORK): file[name] for name in file if name.startswith(NETWORK)
            }
            return Weights(network, file["message"], file["terms"], card)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.", CURE) from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise UserError(f"{path}: not a guard's weights.", CURE) from None


def sigmoid(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    return float(0.5 * (1 + np.tanh(value / 2)))
