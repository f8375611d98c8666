"""/v1/chat/completions: whole answers and streams of them."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from osler.errors import UserError
from osler.serve.api.asked import ChatRequest
from osler.serve.api.counts import Watch
from osler.serve.api.faults import answers, fault, fault_body, of_exception
from osler.serve.api.service import Service
from osler.serve.assistant.events import Event, Final, Note, Piece
from osler.serve.engines.batch import unknown
from osler.serve.engines.protocol import Busy, Failed

T = TypeVar("T")
GONE = 499
"""Status of a request whose reader has gone; nobody reads it but the counters."""
STOPPED = "The server is shutting down; the answer was stopped."


class Usage(BaseModel):
    """Tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Said(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: Said
    finish_reason: Literal["stop", "length"]
    logprobs: None = None


class Completion(BaseModel):
    """An answer in whole. `osler`: what was judged, noted and found on the way, and its end."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    osler: dict[str, Any]


def usage(end: Final) -> Usage:
    """An answer's tokens."""
    both = end.prompt_tokens + end.completion_tokens
    return Usage(
        prompt_tokens=end.prompt_tokens, completion_tokens=end.completion_tokens, total_tokens=both
    )


class Told:
    """All events of an answer but its pieces, by type; notes are several."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.events: dict[str, Any] = {"notes": []}
        self.end: Final | None = None

    def add(self, event: Event) -> None:
        """Keep an event."""
        if isinstance(event, Piece):
            self.pieces.append(event.text)
        elif isinstance(event, Note):
            self.events["notes"].append(event.text)
        else:
            self.events[event.type] = told(event)
            if isinstance(event, Final):
                self.end = event


def told(event: Event) -> dict[str, Any]:
    """An event as JSON, its type being its name."""
    return {name: value for name, value in event.as_dict().items() if name != "type"}


def router(service: Service) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(
        "/v1/chat/completions",
        response_model=Completion,
        responses=answers(400, 404, 408, 413, 429, 500, 503),
    )
    async def chat_completions(asked: ChatRequest, request: Request) -> Response:
        """Answer a conversation, in whole or (`stream`) as server-sent events."""
        _refuse(asked, service)
        watch = Watch(service.counts)
        events = service.assistant.answer(asked.question(service.settings))
        try:
            if asked.stream:
                return await _streamed(asked, events, watch, request)
            return await _unless_gone(request, _whole(asked, events, watch), events)
        except _Gone:
            watch.gone()
            return Response(status_code=GONE)

    return routes


def _refuse(asked: ChatRequest, service: Service) -> None:
    """Raise UserError for what cannot be answered, before anything is begun."""
    limits, served = service.settings.limits, service.engine.models
    if asked.model not in served:
        raise unknown(asked.model, served)
    if len(asked.messages) > limits.messages:
        raise UserError(
            f"{len(asked.messages)} messages; at most {limits.messages} are read.",
            "Leave out early ones.",
        )
    most = asked.max_tokens or asked.max_completion_tokens or 1
    if most > limits.new_tokens:
        raise UserError(
            f"max_tokens is {most:,}; at most {limits.new_tokens:,} can be asked for.",
            "Ask for less.",
        )


# -- whole ---------------------------------------------------------------------------------------


async def _whole(asked: ChatRequest, events: AsyncGenerator[Event, None], watch: Watch) -> Response:
    found = Told()
    async with aclosing(events):
        async for event in events:
            watch.note(event)
            found.add(event)
    end = found.end
    if end is None or end.finish_reason == "cancelled":
        return fault(503, STOPPED, headers={"Retry-After": "5"})
    text = "".join(found.pieces)
    body = Completion(
        id=_new_id(), created=int(time.time()), model=asked.model,
        choices=[Choice(message=Said(content=text), finish_reason=end.finish_reason)],
        usage=usage(end), osler=found.events,
    )  # fmt: skip
    return JSONResponse(body.model_dump())


class _Gone(Exception):
    """The reader has gone."""


async def _unless_gone(
    request: Request, work: Coroutine[Any, Any, T], events: AsyncGenerator[Event, None]
) -> T:
    """Do the work, unless whoever asked goes; then the answer is stopped."""
    doing = asyncio.ensure_future(work)
    going = asyncio.ensure_future(_until_gone(request))
    try:
        await asyncio.wait({doing, going}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise _Gone
    finally:
        for task in (doing, going):
            task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await doing
        if not doing.done() or doing.cancelled():
            await events.aclose()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


# -- streams -------------------------------------------------------------------------------------


async def _streamed(
    asked: ChatRequest, events: AsyncGenerator[Event, None], watch: Watch, request: Request
) -> Response:
    """What is refused is refused before the first event, with a status of its own."""
    first = await _unless_gone(request, _next(events), events)
    return StreamingResponse(
        _lines(asked, first, events, watch), media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )  # fmt: skip


async def _next(events: AsyncGenerator[Event, None]) -> Event:
    return await anext(events)


async def _lines(
    asked: ChatRequest, first: Event, events: AsyncGenerator[Event, None], watch: Watch
) -> AsyncGenerator[str, None]:
    """The events as OpenAI's chunks."""
    head = {
        "id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()),
        "model": asked.model,
    }  # fmt: skip
    found = Told()
    ended = False
    try:
        async with aclosing(events):
            yield _line(head | _delta({"role": "assistant", "content": ""}))
            async for event in _with_first(first, events):
                watch.note(event)
                found.add(event)
                if isinstance(event, Piece):
                    yield _line(head | _delta({"content": event.text}))
                elif isinstance(event, Note):
                    yield _line(head | _delta({}) | {"osler": {"notes": [event.text]}})
                elif not isinstance(event, Final):
                    yield _line(head | _delta({}) | {"osler": {event.type: told(event)}})
        for line in _last_lines(asked, head, found):
            yield line
        ended = True
    except (UserError, Busy, Failed) as fault_met:
        yield _line(json.loads(bytes(of_exception(fault_met).body)))
        ended = True
    finally:
        if not ended:
            watch.gone()


def _last_lines(asked: ChatRequest, head: dict[str, Any], found: Told) -> list[str]:
    end = found.end
    if end is None or end.finish_reason == "cancelled":
        return [_line(fault_body(503, STOPPED))]
    lines = [_line(head | _delta({}, end.finish_reason) | {"osler": found.events})]
    if asked.stream_options and asked.stream_options.include_usage:
        lines.append(_line(head | {"choices": [], "usage": usage(end).model_dump()}))
    return [*lines, "data: [DONE]\n\n"]


async def _with_first(
    first: Event, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    yield first
    async for event in events:
        yield event


def _delta(delta: dict[str, str], reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]}


def _line(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"
