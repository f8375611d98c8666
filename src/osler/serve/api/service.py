"""What the server is made of, and what it allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from osler.serve.api.counts import Counts
from osler.serve.assistant.events import Event, Question
from osler.serve.engines.protocol import Engine

if TYPE_CHECKING:
    from fastapi import APIRouter

    from osler.encoder import Encoder


class Answering(Protocol):
    """The assistant, as the API sees it."""

    def answer(self, asked: Question, /) -> AsyncGenerator[Event, None]:
        """What happens on the way to an answer. `Busy`, `Failed` and `UserError` come from its
        first step or later ones; closing it stops the generation."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be."""

    body: int = 2 * 2**20
    """Bytes of a request, but for those under /app/."""
    upload: int = 25 * 2**20
    """Bytes of a request under /app/."""
    seconds_to_send: float = 60.0
    """For a request to arrive in whole."""
    messages: int = 500
    new_tokens: int = 4096
    """The longest answer that may be asked for."""
    default_new_tokens: int = 512
    inputs: int = 256
    """Texts of one request for vectors."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is served."""

    token: str
    """What requests must bring."""
    host: str = "127.0.0.1"
    names: frozenset[str] = frozenset()
    """Names of this machine that a Host header may have, beside localhost and addresses."""
    limits: Limits = field(default_factory=Limits)
    emergency_number: str | None = None
    guarded: bool = True
    """Whether questions are judged where a request does not say."""


@dataclass(slots=True)
class Service:
    """All parts of a server. The routes of the page join by `routers`."""

    settings: Settings
    engine: Engine
    assistant: Answering
    index: Any = None
    guard: Any = None
    encoder: Encoder | None = None
    routers: tuple[APIRouter, ...] = ()
    open_paths: frozenset[str] = frozenset({"/health"})
    """Paths that need no token; one that ends in / stands for all below it."""
    counts: Counts = field(default_factory=Counts)
    draining: bool = False
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when what is not at its end is stopped."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What else parts of the page need to know."""
