"""The guard: what a message is, before any model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from osler.encoder import Encoder
from osler.errors import UserError
from osler.serve.scope.emergency import emergency
from osler.serve.scope.emergency_languages import emergency_elsewhere
from osler.serve.scope.features import TURN, in_turn, units
from osler.serve.scope.gist import gist
from osler.serve.scope.language import Reading, has_english, read_language
from osler.serve.scope.network import Doubles, Reads, load_network, outputs
from osler.serve.scope.subject import has_subject
from osler.serve.scope.texts import LONGEST_GREETING, is_greeting
from osler.serve.scope.weights import CURE, Weights, load_weights

Kind = Literal["medical", "out_of_scope", "greeting", "emergency"]

LONGEST = 20_000
"""Characters of a message that are read: of a longer one its beginning and its end."""
EARLIER = 500
"""Characters of an earlier message that are read."""
FOLLOW_UP = 25
"""Words of a message that may lean on the one before."""
SURE = 0.9
"""Likelihood of an emergency from which advice stands alone, where only the network says so: most
questions that it takes for one by mistake lie below, few emergencies do."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `probability`: that it is for a health assistant.

    `emergency` names the kind of one; of a `medical` message, what it may be: it is answered, under
    a line of advice. `read` is False where the language is not read.
    """

    kind: Kind
    probability: float
    emergency: str | None = None
    read: bool = True


class Guard:
    """Judges messages. Keeps no text."""

    def __init__(self, weights: Weights, encoder: Reads) -> None:
        self.weights = weights
        self._encoder = encoder
        self._network = load_network(encoder.upper_layers(), weights.network)

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
        return cls(weights, encoder)

    def judge(self, text: str, earlier: Sequence[str] = ()) -> Judgement:
        """What this message is, after the user's earlier ones."""
        text = text.replace(TURN.strip(), " ")
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
        found = emergency(text)
        if found:
            return Judgement("emergency", 1.0, found)
        if not text.strip() or is_greeting(text):
            return Judgement("greeting", 1.0)
        reading = read_language(text)
        unsure = not has_english(text)  # "mi voglio uccidere"
        foreign = reading is not Reading.ENGLISH
        if (foreign or unsure) and (elsewhere := emergency_elsewhere(text)):
            return Judgement("emergency", 1.0, elsewhere[0], read=False)
        if foreign:
            medical = reading is Reading.OTHER_MEDICAL
            kind: Kind = "medical" if medical else "out_of_scope"
            return Judgement(kind, float(medical), read=False)
        text = gist(text, self.weights.known)
        odds = self._odds(text)
        share, found = self.weights.urgent(odds[0, 1:])
        may_be = share >= self.weights.urgent_threshold(several=len(odds) > 1)
        if may_be and share >= SURE:
            return Judgement("emergency", 1.0, found)
        probability = self._probability(text, odds, earlier)
        passes = probability >= self.weights.threshold
        greets = len(text) <= LONGEST_GREETING and self.weights.greets(odds[0, 1:])
        if greets and not may_be and not (earlier and passes):  # "why not" goes on with a talk
            return Judgement("greeting", 1.0)
        if passes:
            return Judgement("medical", probability, found if may_be else None)
        if may_be or 0 < self.weights.doubt <= share:  # what may be one is not refused
            return Judgement("emergency", probability, found)
        return Judgement("out_of_scope", probability)

    def _probability(self, text: str, odds: Doubles, earlier: Sequence[str]) -> float:
        """That a message is for the assistant: by itself, or as what goes on with a conversation.
        One that names nothing of its own means nothing by itself."""
        alone = self.weights.probability(text, odds[:, 0])
        before = [
            one[:EARLIER].replace(TURN.strip(), " ") for one in earlier if not is_greeting(one)
        ]
        if not before or len(text.split()) > FOLLOW_UP:
            return alone
        whole = in_turn(before, text)
        going_on = self.weights.probability(whole, self._odds(whole)[:, 0])
        return max(alone, going_on) if has_subject(text) else going_on

    def _odds(self, text: str) -> Doubles:
        return outputs(self._network, self._encoder.states(units(text)))
