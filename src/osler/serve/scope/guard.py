"""The guard: what a message is, before any model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from osler.encoder import Encoder
from osler.errors import UserError
from osler.serve.scope.emergency import emergency
from osler.serve.scope.features import Embed, Floats, features, seen_with_cues, units
from osler.serve.scope.gist import gist
from osler.serve.scope.language import Reading, read_language
from osler.serve.scope.subject import has_subject
from osler.serve.scope.texts import is_greeting
from osler.serve.scope.weights import CURE, Weights, load_weights

Kind = Literal["medical", "out_of_scope", "greeting", "emergency"]

REMEMBERED = 6
"""Earlier messages that a follow-up may lean on."""
LONGEST = 20_000
"""Characters of a message that are read: of a longer one its beginning and its end."""
FOLLOW_UP = 12
"""Words of a message that may lean on the one before."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `probability`: that it is for a health assistant.

    `emergency` names the kind of one, `read` is False where the language is not read.
    """

    kind: Kind
    probability: float
    emergency: str | None = None
    read: bool = True


class Guard:
    """Judges messages. Keeps no text."""

    def __init__(self, weights: Weights, embed: Embed) -> None:
        self.weights = weights
        self._embed = embed

    @classmethod
    def load(cls, path: Path | None = None, encoder: Encoder | None = None) -> Guard:
        """The shipped guard, or that of a file. Raises `UserError`, also for another encoder.

        `encoder`: one that is loaded already.
        """
        weights = load_weights(path)
        encoder = encoder or Encoder(
            "The guard", "Install Osler with all it needs: pip install osler"
        )
        if weights.card.get("encoder") != encoder.digest:
            raise UserError("The guard was trained with another encoder.", CURE)
        return cls(weights, encoder.embed)

    def judge(self, text: str, earlier: Sequence[str] = ()) -> Judgement:
        """What this message is, after the user's earlier ones."""
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
        found = emergency(text)
        if found:
            return Judgement("emergency", 1.0, found)
        if not text.strip() or is_greeting(text):
            return Judgement("greeting", 1.0)
        reading = read_language(text)
        if reading is not Reading.ENGLISH:
            medical = reading is Reading.OTHER_MEDICAL
            kind: Kind = "medical" if medical else "out_of_scope"
            return Judgement(kind, float(medical), read=False)
        text = gist(text, self.weights.known)
        parts = units(text)
        pieces = features(parts, self._embed)
        found = self.weights.urgent(seen_with_cues(parts, pieces))
        if found:
            return Judgement("emergency", 1.0, found)
        probability = self.weights.probability(text, self.weights.scores(pieces))
        if probability < self.weights.threshold and self._goes_on(text, pieces, earlier):
            probability = max(probability, self.weights.follows(pieces))
            return Judgement("medical", probability)
        medical = probability >= self.weights.threshold
        return Judgement("medical" if medical else "out_of_scope", probability)

    def _goes_on(self, text: str, pieces: Floats, earlier: Sequence[str]) -> bool:
        """Whether a short message goes on with a conversation about health."""
        if not earlier or len(text.split()) > FOLLOW_UP:
            return False
        if has_subject(text) and self.weights.follows(pieces) < self.weights.follow_threshold:
            return False
        *before, last = earlier[-REMEMBERED:]
        judged = self.judge(last, before)
        if judged.kind == "greeting":
            return self._goes_on(text, pieces, before)
        return judged.kind in ("medical", "emergency")
