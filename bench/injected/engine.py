"""An engine that writes each answer once, and tells what a model was shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence

from osler.rows import Message
from osler.serve.engines.protocol import End, Engine, Job, Served, Stream


class Once:
    """An engine in front of another. The same prompt, asked again, gets the same answer (answers
    are greedy): most orders leave most prompts as they were."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.written: dict[str, asyncio.Task[tuple[str, End | None]]] = {}
        self.counted: dict[str, int] = {}

    @property
    def models(self) -> Mapping[str, Served]:
        """Those of the engine behind."""
        return self.engine.models

    def count(self, model: str, messages: Sequence[Message]) -> int:
        """As the engine behind counts, once."""
        key = json.dumps([model, messages])
        if key not in self.counted:
            self.counted[key] = self.engine.count(model, messages)
        return self.counted[key]

    def start(self, job: Job) -> Told:
        """The answer to a prompt, written now or before."""
        key = json.dumps([job.model, job.messages, job.max_new_tokens, job.stop])
        if key not in self.written:
            self.written[key] = asyncio.ensure_future(_whole(self.engine.start(job)))
        return Told(self.written[key])

    async def close(self, within: float) -> None:
        """Close the engine behind."""
        await self.engine.close(within)


async def _whole(stream: Stream) -> tuple[str, End | None]:
    return "".join([piece async for piece in stream]), stream.end


class Told:
    """A whole answer as a stream of one piece."""

    def __init__(self, task: asyncio.Task[tuple[str, End | None]]) -> None:
        self.task = task
        self.end: End | None = None

    async def __aiter__(self) -> AsyncIterator[str]:
        text, self.end = await asyncio.shield(self.task)
        yield text

    async def aclose(self) -> None:
        """Nothing: another may wait for the same answer."""


class Watched:
    """An engine in front of another, that keeps what models are shown."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.jobs: list[Job] = []

    @property
    def models(self) -> Mapping[str, Served]:
        """Those of the engine behind."""
        return self.engine.models

    def count(self, model: str, messages: Sequence[Message]) -> int:
        """As the engine behind counts."""
        return self.engine.count(model, messages)

    def start(self, job: Job) -> Stream:
        """Pass it on."""
        self.jobs.append(job)
        return self.engine.start(job)

    async def close(self, within: float) -> None:
        """Close the engine behind."""
        await self.engine.close(within)
