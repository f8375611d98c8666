"""The guard in front of the models, and what it answers itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from osler.serve.assistant.events import Judged
from osler.serve.scope import emergency_signs as signs
from osler.serve.scope.emergency import LOCAL_NUMBER, advice
from osler.serve.scope.emergency_languages import call_now, emergency_elsewhere
from osler.serve.scope.guard import Guard
from osler.serve.scope.texts import courtesy, refusal


@dataclass(frozen=True, slots=True)
class Gate:
    """The guard with the numbers that urgent advice names; None names those of all countries."""

    guard: Guard
    emergency_number: str | None = None
    crisis_line: str | None = None

    def judge(self, text: str, earlier: Sequence[str] = ()) -> Judged:
        """What a message is, after the user's earlier ones."""
        found = self.guard.judge(text, earlier)
        return Judged(found.kind, round(found.probability, 4), found.emergency, found.read)

    def reply(self, judged: Judged, text: str) -> str | None:
        """What is answered by rule; None where a model answers."""
        if judged.kind == "emergency" and judged.emergency:
            said = advice(judged.emergency, self.emergency_number, self.crisis_line, text)
            elsewhere = None if judged.read else emergency_elsewhere(text)
            more = call_now(elsewhere[1], self.emergency_number) if elsewhere else ""
            return f"{more} {said}".strip()
        if judged.kind == "greeting":
            return courtesy(text)
        if judged.kind == "out_of_scope":
            return refusal(text, read=judged.read, number=self.emergency_number)
        return None

    def urgent_line(self, judged: Judged, text: str) -> str | None:
        """What an answer begins with where the question may be an emergency, or names its signs."""
        if judged.emergency == "self_harm" or signs.LETHAL.search(signs.plain(text)):
            return advice("self_harm", self.emergency_number, self.crisis_line)
        if not judged.emergency and not signs.names_one(text):
            return None
        number = self.emergency_number or LOCAL_NUMBER
        return f"If this is happening to somebody now, call {number}; do not wait for an answer."
