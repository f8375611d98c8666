"""An answer about a document while it is put together, and what became of the model's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from osler.records.names import be, counted
from osler.serve.assistant.events import Citation, Piece, Sentence, Source
from osler.serve.assistant.quoted import speaks_to_a_model
from osler.serve.documents.lines import Finding

ADDRESSED = " [addressed to an assistant]"
"""Behind what is quoted and written to a model."""


@dataclass(slots=True)
class Text:
    """An answer as it grows, with the sentences in it."""

    said: str = ""
    sentences: list[Sentence] = field(default_factory=list[Sentence])

    def line(self, text: str) -> Piece:
        """A line that claims nothing: a heading."""
        self.said += f"{text}\n"
        return Piece(f"{text}\n")

    def add(self, text: str, found: Sequence[Sentence]) -> Piece:
        """A paragraph whose sentences are known."""
        at = len(self.said)
        self.sentences += (Sentence(at + one.start, at + one.end, one.citations) for one in found)
        return self.line(text)

    def quote(self, finding: Finding, sources: Sequence[Source]) -> Piece:
        """A line of the document as it stands, cited."""
        page = f" (page {finding.page})" if finding.page else ""
        known = finding.text.casefold().startswith(finding.name.casefold())
        side = finding.side or finding.doubt
        side = side if known or not side else f"{finding.name} {side}"
        side = f" [{side}]" if side else ""
        mark = ADDRESSED if speaks_to_a_model(finding.text) else ""
        text = f"- {finding.text}{side}{mark}{page}"
        number = next((s.number for s in sources if s.start <= finding.start < s.end), 0)
        cited = (Citation(number, finding.start, finding.end),) if number else ()
        return self.add(text, [Sentence(2, 2 + len(finding.text), cited)])


@dataclass(slots=True)
class Tally:
    """What became of the model's sentences, and what it cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    unfounded: int = 0
    forbidden: int = 0
    advised: int = 0
    """Lines of Osler's own general advice."""
    by_rule: int = 0
    """Sections told in their own sentences."""
    circled: int = 0
    """Times that the model was ended, for it said the same again and again."""
    cut: bool = False
    of_model: bool = False
    """Whether anything that the model wrote stands."""

    def notes(self) -> list[str]:
        """In words."""
        said: list[str] = []
        if self.unfounded:
            said.append(
                f"{counted(self.unfounded, 'sentence')} of the model told numbers, drugs, tests or "
                "orders otherwise than what it was shown does, or advised what does not fit a "
                f"value, and {be(self.unfounded)} left out."
            )
        if self.by_rule:
            said.append(
                f"{counted(self.by_rule, 'section')} {be(self.by_rule)} told in the document's "
                "own sentences, for most of what the model wrote there was not borne out."
            )
        if self.forbidden:
            said.append(
                f"{counted(self.forbidden, 'sentence')} of the model named what this document "
                f"lists as an allergy, and {be(self.forbidden)} left out."
            )
        if self.advised:
            said.append(
                f"{counted(self.advised, 'line')} of general advice {be(self.advised)} from "
                "Osler's own table, for the model gave none."
            )
        if self.circled:
            said.append("The model began to repeat itself and was ended there.")
        return said
