"""An answer about a document while it is put together, and what became of the model's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from osler.serve.assistant.events import Citation, Piece, Sentence, Source
from osler.serve.assistant.lines import Finding
from osler.serve.assistant.quoted import speaks_to_a_model

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
    by_rule: int = 0
    """Sections told in their own first sentences."""
    cut: bool = False
    of_model: bool = False
    """Whether anything that the model wrote stands."""

    def notes(self) -> list[str]:
        """In words."""
        said: list[str] = []
        if self.unfounded:
            said.append(
                f"{counted(self.unfounded)} of the model told numbers, drugs, tests or orders "
                "otherwise than what it was shown does, or advised what does not fit a value, and "
                "are left out."
            )
        if self.by_rule:
            sections = "1 section is" if self.by_rule == 1 else f"{self.by_rule} sections are"
            said.append(
                f"{sections} told in the document's own first sentences, for most of what the "
                "model wrote there was not borne out."
            )
        if self.forbidden:
            said.append(
                f"{counted(self.forbidden)} of the model named what this document lists as an "
                "allergy, and are left out."
            )
        return said


def counted(count: int) -> str:
    """`1 sentence`, `2 sentences`."""
    return "1 sentence" if count == 1 else f"{count} sentences"
