"""An engine that is another server, spoken to by OpenAI's API for completions.

Prompts are rendered, made into tokens, counted and refused here, with the base's own tokenizer and
template, and sent on as tokens: the other side's template and tokenizer, which may differ, have no
say, and the model reads what it was tuned on. What is asked or shown holds no control token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx

from osler.rows import Message
from osler.serve.engines.batch import refuse_far_too_long, too_long, unknown
from osler.serve.engines.child import Child
from osler.serve.engines.lane import Room
from osler.serve.engines.protocol import Busy, End, Failed, Job, Load, Served
from osler.serve.engines.rendering import Renderer
from osler.template import encode

RETRY_AFTER = 5


@dataclass(frozen=True, slots=True)
class Backend:
    """A server: how it is started, and how it is asked for a model."""

    child: Child
    key: str
    body: Callable[[Job], Mapping[str, Any]]
    """Fields of its own for a job: the model, and what chooses the adapter."""


class RemoteStream:
    """An answer on its way here."""

    def __init__(self, engine: Remote, job: Job, prompt: Sequence[int]) -> None:
        self.end: End | None = None
        self._engine = engine
        self._tokens = 0
        self._prompt_tokens = len(prompt)
        self._pieces = engine.pieces(job, prompt, self)

    def __aiter__(self) -> RemoteStream:
        return self

    async def __anext__(self) -> str:
        try:
            piece = await anext(self._pieces)
        except BaseException:
            self._engine.leave(self)
            self.end = self.end or self.ended("cancelled")
            raise
        self._tokens += 1
        return piece

    async def aclose(self) -> None:
        """Hang up, which stops the other side."""
        self._engine.leave(self)
        self.end = self.end or self.ended("cancelled")
        await self._pieces.aclose()

    def ended(self, reason: str, usage: Mapping[str, int] | None = None) -> End:
        """The end, with the other side's figures where it gives them."""
        told = usage or {}
        return End(
            cast(Any, reason),
            told.get("prompt_tokens", self._prompt_tokens),
            told.get("completion_tokens", self._tokens),
        )


class Remote:
    """The engine. `served`: what it serves, the base first."""

    def __init__(
        self, backend: Backend, served: Sequence[Served], tokenizer: Any, room: Room
    ) -> None:
        self._backend = backend
        self._models = {one.name: one for one in served}
        self._tokenizer = tokenizer
        self._renderer = Renderer(tokenizer, served[0].name)
        self._room = room
        self._open: set[RemoteStream] = set()
        self._closing = False
        self._stopping = False

    @property
    def models(self) -> Mapping[str, Served]:
        """By name, the base first."""
        return self._models

    @property
    def load(self) -> Load:
        """What was sent on; more than the places waits there."""
        return Load(
            min(len(self._open), self._room.places), max(0, len(self._open) - self._room.places)
        )

    def count(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens of the prompt."""
        return len(self._tokens(model, messages))

    def start(self, job: Job) -> RemoteStream:
        """Send a job on, once its answer is read."""
        prompt = self._tokens(job.model, job.messages)
        served = self._models[job.model]
        if len(prompt) >= served.context:
            raise too_long(f"{len(prompt):,} tokens", served)
        if (
            not self._backend.child.ready()
            or self._closing
            or len(self._open) >= self._room.places + self._room.queue
        ):
            raise Busy(RETRY_AFTER)
        stream = RemoteStream(self, job, prompt)
        self._open.add(stream)
        return stream

    async def close(self, within: float) -> None:
        """Let answers end for so many seconds, then end the other server, and so the rest."""
        self._closing = True
        steps = int(within / 0.05)
        for _ in range(steps):
            if not self._open:
                break
            await asyncio.sleep(0.05)
        self._stopping = True
        await asyncio.to_thread(self._backend.child.close)
        self._renderer.close()

    def leave(self, stream: RemoteStream) -> None:
        """Its place is free."""
        self._open.discard(stream)

    async def pieces(
        self, job: Job, prompt: Sequence[int], stream: RemoteStream
    ) -> AsyncGenerator[str, None]:
        """What the other server says. `Busy` and `Failed` as engines have them."""
        headers = {"Authorization": f"Bearer {self._backend.key}"}
        address = self._backend.child.address
        try:
            async with (
                httpx.AsyncClient(headers=headers, timeout=None, trust_env=False) as client,
                client.stream(
                    "POST", f"{address}/v1/completions", json=self._body(job, prompt)
                ) as response,
            ):
                if response.status_code == 429:
                    after = response.headers.get("retry-after", "")
                    raise Busy(int(after) if after.isdecimal() else RETRY_AFTER)
                if response.status_code >= 400:
                    raise Failed(f"HTTP {response.status_code}")
                reason, usage = None, None
                async for line in response.aiter_lines():
                    chunk = _chunk(line)
                    usage = chunk.get("usage") or usage
                    for choice in chunk.get("choices") or ():
                        reason = choice.get("finish_reason") or reason
                        if piece := choice.get("text"):
                            yield piece
                if reason not in ("stop", "length"):
                    raise Failed("the other server stopped")
                stream.end = stream.ended(reason, usage)
        except (Failed, httpx.HTTPError, ValueError, AttributeError, TypeError) as fault:
            if self._stopping:
                return
            raise fault if isinstance(fault, Failed) else Failed(type(fault).__name__) from None

    def _tokens(self, model: str, messages: Sequence[Message]) -> list[int]:
        if model not in self._models:
            raise unknown(model, self._models)
        refuse_far_too_long(messages, self._models[model])
        return encode(self._tokenizer, [self._renderer(messages)])[0]

    def _body(self, job: Job, prompt: Sequence[int]) -> dict[str, Any]:
        room = self._models[job.model].context - len(prompt)
        drawn = {"temperature": 0.0} if job.sampling is None else {
            "temperature": job.sampling.temperature, "top_p": job.sampling.top_p,
            "seed": job.sampling.seed,
        }  # fmt: skip
        stop = {"stop": list(job.stop)} if job.stop else {}
        return {
            "prompt": prompt, "max_tokens": min(room, job.max_new_tokens),
            "stream": True, "stream_options": {"include_usage": True}, **drawn, **stop,
            **self._backend.body(job),
        }  # fmt: skip


def _chunk(line: str) -> dict[str, Any]:
    """The object of a line of server-sent events; nothing for a line that has none."""
    data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
    if not data or data == "[DONE]":
        return {}
    chunk = json.loads(data)
    if "error" in chunk:
        raise Failed("the other server")
    return chunk
