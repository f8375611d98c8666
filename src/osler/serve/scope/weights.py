"""The classifier as it lies on disk: arrays and a card in one file that numpy alone reads."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.disk import atomic_writer
from osler.errors import UserError
from osler.serve.scope.features import Floats, gather
from osler.serve.scope.subject import names, request, sentences

Doubles = NDArray[np.float64]
SHIPPED = Path(str(resources.files("osler") / "assets" / "scope" / "guard.npz"))
FORMAT = 2
ARRAYS = (
    "hidden", "hidden_bias", "out", "out_bias", "message", "follow", "follow_bias", "terms",
    "urgent_hidden", "urgent_hidden_bias", "urgent_out", "urgent_out_bias",
)  # fmt: skip
NETWORK = ("hidden", "hidden_bias", "out", "out_bias")
NONE, OTHER = "none", "other"
SURE = 0.4
"""Share of an emergency that its kind must have to be named."""
CURE = "Train it: osler scope train --out FILE."


@dataclass(frozen=True)
class Weights:
    """Scores of pieces, and what they say of a message.

    `message` are the seven coefficients (the last a constant) of `gather`'s row that give the log
    odds; `terms` are names of health, one a line, that mean nothing else; `follow` those of a piece
    after a medical turn. `card` has the thresholds, the encoder's digest, and what it was trained
    on.
    """

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats
    message: Doubles
    follow: Floats
    follow_bias: Floats
    terms: NDArray[np.uint8]
    urgent_hidden: Floats
    urgent_hidden_bias: Floats
    urgent_out: Floats
    urgent_out_bias: Floats
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def threshold(self) -> float:
        """From this probability on a message is for the assistant."""
        return float(self.card["threshold"])

    @property
    def follow_threshold(self) -> float:
        """From this probability on a message goes on with a medical conversation."""
        return float(self.card["follow_threshold"])

    def scores(self, features: Floats) -> Doubles:
        """How medical each piece is, in log odds that are not calibrated."""
        inner = np.maximum(features @ self.hidden + self.hidden_bias, 0.0)
        return (inner @ self.out + self.out_bias)[:, 0].astype(np.float64)

    @cached_property
    def known(self) -> frozenset[str]:
        """Names of health that mean nothing else."""
        return frozenset(bytes(self.terms).decode().split("\n"))

    def row(self, text: str, scores: Doubles) -> Doubles:
        """`gather`'s row of a message."""
        return gather(scores, names(text, self.known), request(sentences(text)))

    def probability(self, text: str, scores: Doubles) -> float:
        """That a message of these pieces is for a health assistant, calibrated."""
        return sigmoid(float(self.row(text, scores) @ self.message[:-1] + self.message[-1]))

    def follows(self, features: Floats) -> float:
        """How probable a message goes on with a medical conversation; of its first piece."""
        return sigmoid(float(features[0] @ self.follow + self.follow_bias[0]))

    def urgent(self, features: Floats) -> str | None:
        """The kind of emergency that one of these pieces tells of, or None. `OTHER` is what is one
        and of no kind more than of others."""
        card = self.card["urgent"]
        kinds = list(card["kinds"])
        arrays = {name: getattr(self, f"urgent_{name}") for name in NETWORK}
        shares = urgent_shares(arrays, features)
        none = kinds.index(NONE)
        most = shares[int(np.argmin(shares[:, none]))]
        if 1 - most[none] < card["threshold"]:
            return None
        rest = np.where(np.arange(len(kinds)) == none, 0.0, most)
        best = int(np.argmax(rest))
        return str(kinds[best]) if rest[best] >= SURE * rest.sum() else OTHER

    def save(self, path: Path) -> None:
        """Write the file; the same weights give the same bytes."""
        card = np.frombuffer(json.dumps(self.card, sort_keys=True, indent=1).encode(), np.uint8)
        with atomic_writer(path, "wb") as out:
            np.savez(out, card=card, **{name: getattr(self, name) for name in ARRAYS})


def urgent_shares(arrays: Mapping[str, Floats], features: Floats) -> Doubles:
    """Of each piece, how its whole is shared out among the kinds of emergencies and none."""
    inner = np.maximum(features @ arrays["hidden"] + arrays["hidden_bias"], 0.0)
    odds = (inner @ arrays["out"] + arrays["out_bias"]).astype(np.float64)
    shares = np.exp(odds - odds.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def load_weights(path: Path | None = None) -> Weights:
    """The weights of a file, or the shipped ones. Raises `UserError` for what is none."""
    path = path or SHIPPED
    try:
        with np.load(path, allow_pickle=False) as file:
            card = json.loads(bytes(file["card"]))
            arrays = {name: file[name] for name in ARRAYS}
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.", CURE) from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise UserError(f"{path}: not a guard's weights.", CURE) from None
    if card.get("format") != FORMAT:
        raise UserError(f"{path}: of format {card.get('format')}, not {FORMAT}.", CURE)
    return Weights(**arrays, card=card)


def sigmoid(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    return float(0.5 * (1 + np.tanh(value / 2)))
