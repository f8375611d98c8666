"""What happens on the way to an answer, in order: judged, noted, sources found, pieces, the end.

Every event can be written as JSON (`as_dict`); places in documents are bytes of their text in
UTF-8, places in an answer are characters of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from osler.rows import Message
from osler.serve.generate import Sampling

Kind = Literal["medical", "out_of_scope", "greeting", "emergency"]
Writer = Literal["model", "rule"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the assistant: a conversation whose last message is the user's."""

    model: str
    messages: tuple[Message, ...]
    task: str = "medical_qa"
    max_new_tokens: int | None = None
    """None: as many as the settings say."""
    sampling: Sampling | None = None
    stop: tuple[str, ...] = ()
    with_sources: bool = True
    guarded: bool = True


@dataclass(frozen=True)
class _Event:
    type: ClassVar[str]

    def as_dict(self) -> dict[str, Any]:
        """The event for JSON; `type` says which it is."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True)
class Judged(_Event):
    """What the guard takes the message for."""

    type: ClassVar[str] = "judged"
    kind: Kind
    probability: float
    """That it is for this assistant, 0 to 1."""
    emergency: str | None = None
    """Of an emergency, its kind; of a question about health, the kind of one that it may be."""
    read: bool = True
    """False for a language that is not read."""


@dataclass(frozen=True)
class Note(_Event):
    """Something a reader should know: what was left out, what was not found."""

    type: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was found, numbered from 1; bytes [start, end) of its document."""

    number: int
    document: str
    title: str
    section: str
    page: int | None
    start: int
    end: int
    text: str
    similarity: float
    licence: str | None = None
    date: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Sources(_Event):
    """What was looked for, and the passages that the model is shown."""

    type: ClassVar[str] = "sources"
    question: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Piece(_Event):
    """The next characters of the answer."""

    type: ClassVar[str] = "piece"
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Bytes [start, end) of the document of source `source`."""

    source: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, its characters [start, end). No citations: no source bears it out,
    it is the writer's own."""

    start: int
    end: int
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Final(_Event):
    """The end of an answer. `written_by`: refusals, greetings and urgent advice are by rule,
    and texts about documents of which nothing that a model wrote could be kept."""

    type: ClassVar[str] = "final"
    model: str
    task: str
    written_by: Writer
    finish_reason: Literal["stop", "length", "cancelled"]
    sentences: tuple[Sentence, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    left_out: int = 0
    """How many of the oldest exchanges did not fit and were not sent."""
    prompt_digest: str = ""
    """SHA-256 of the system prompt."""
    weights_digest: str = ""
    """SHA-256 of the model's weights."""


Event = Judged | Note | Sources | Piece | Final
