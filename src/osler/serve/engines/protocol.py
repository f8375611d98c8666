"""What the server asks of whatever generates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from osler.errors import UserError
from osler.rows import Message
from osler.serve.generate import Sampling


@dataclass(frozen=True, slots=True)
class Served:
    """A model by the name that requests give: the base, or an adapter on it.

    `tasks` are those it was tuned for; none for a base. `prompts` is, by task, the digest of the
    system prompt it was trained with.
    """

    name: str
    base: str
    context: int
    """The most tokens of prompt and answer together."""
    tasks: tuple[str, ...] = ()
    prompts: Mapping[str, str] | None = None
    digest: str = ""
    """SHA-256 of its weights; of a model of the Hub, its commit."""


@dataclass(frozen=True, slots=True)
class Job:
    """A prompt for one of the served models. Without `sampling` the likeliest token is taken."""

    model: str
    messages: tuple[Message, ...]
    max_new_tokens: int
    sampling: Sampling | None = None
    stop: tuple[str, ...] = ()
    """Texts before which the answer ends."""


Reason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True)
class End:
    """How an answer ended. `length`: at `max_new_tokens`."""

    reason: Reason
    prompt_tokens: int
    completion_tokens: int


class Busy(Exception):
    """More waits already than the queue holds. `retry_after`: seconds until it is worth a try."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"busy; try again in {retry_after} s")
        self.retry_after = retry_after


class TooLong(UserError):
    """A prompt that leaves no room for an answer."""


class Failed(Exception):
    """An answer that could not be ended, for instance for lack of memory. `kind` is the class of
    the fault; its text might tell what was asked."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the answer could not be ended ({kind})")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Load:
    """How many jobs have a place, and how many wait for one."""

    running: int
    waiting: int


class Stream(Protocol):
    """An answer as it comes: `async for piece in stream`, then `stream.end`.

    `aclose` stops the generation at the next token; pieces end between UTF-8 characters. Raises
    `Failed` on the way.
    """

    end: End | None

    def __aiter__(self) -> AsyncIterator[str]: ...

    async def aclose(self) -> None: ...


class Engine(Protocol):
    """Models on one base that answer many at a time."""

    @property
    def models(self) -> Mapping[str, Served]:
        """By name, the base first."""
        ...

    @property
    def load(self) -> Load:
        """What there is to do at this moment."""
        ...

    def count(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens of the prompt as the model reads it, the marks of a chat included."""
        ...

    def start(self, job: Job) -> Stream:
        """Queue a job. Raises `Busy`; `UserError` for a model that is not there or a prompt that
        leaves no room for an answer."""
        ...

    async def close(self, within: float) -> None:
        """Take nothing new, let answers end for so many seconds, stop the rest."""
        ...
