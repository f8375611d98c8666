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
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from osler.errors import UserError
from osler.serve.api.asked import ChatRequest
from osler.serve.api.counts import Watch
from osler.serve.api.faults import answers, fault, fault_body, of_exception
from osler.serve.api.service import Service
from osler.serve.api.stream import EVENTS, EventStream
from osler.serve.assistant.events import Event, Final, Piece
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
    """An answer in whole. `osler.events`: what was judged, noted and found on the way, and its
    end."""

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


def events_body(*events: Event) -> dict[str, Any]:
    """What `osler` is in answers and in chunks of them: events that are no pieces."""
    return {"events": [event.as_dict() for event in events]}


def router(service: Service) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(
        "/v1/chat/completions",
        response_model=Completion,
        responses={
            200: {"content": {EVENTS: {}}},
            **answers(400, 404, 408, 413, 429, 500, 503),
        },
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
    found: list[Event] = []
    async with aclosing(events):
        async for event in events:
            watch.note(event)
            found.append(event)
    end = found[-1]
    if not isinstance(end, Final) or end.finish_reason == "cancelled":
        return fault(503, STOPPED, headers={"Retry-After": "5"})
    text = "".join(event.text for event in found if isinstance(event, Piece))
    others = [event for event in found if not isinstance(event, Piece)]
    body = Completion(
        id=_new_id(), created=int(time.time()), model=asked.model,
        choices=[Choice(message=Said(content=text), finish_reason=end.finish_reason)],
        usage=usage(end), osler=events_body(*others),
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
        going.cancel()
        if not doing.done():
            doing.cancel()
            with suppress(asyncio.CancelledError):
                await doing
            await events.aclose()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


# -- streams -------------------------------------------------------------------------------------


async def _streamed(
    asked: ChatRequest, events: AsyncGenerator[Event, None], watch: Watch, request: Request
) -> Response:
    """What is refused (too long, the queue full) has a status of its own, so nothing is sent until
    the model's first characters are there."""
    first = await _unless_gone(request, _until_a_piece(events, watch), events)
    return EventStream(_lines(asked, first, events, watch), {"X-Accel-Buffering": "no"})


async def _until_a_piece(events: AsyncGenerator[Event, None], watch: Watch) -> list[Event]:
    found: list[Event] = []
    async for event in events:
        watch.note(event)
        found.append(event)
        if isinstance(event, (Piece, Final)):
            break
    return found


async def _lines(
    asked: ChatRequest, first: list[Event], events: AsyncGenerator[Event, None], watch: Watch
) -> AsyncGenerator[str, None]:
    """The events as OpenAI's chunks."""
    head = {
        "id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()),
        "model": asked.model,
    }  # fmt: skip
    ended = False
    try:
        async with aclosing(events):
            yield _line(head | _delta({"role": "assistant", "content": ""}))
            async for event in _with_first(first, events, watch):
                for line in _of_event(asked, head, event):
                    yield line
        ended = True
        yield "data: [DONE]\n\n"
    except (UserError, Busy, Failed) as met:
        ended = True
        yield _line(json.loads(bytes(of_exception(met).body)))
    finally:
        if not ended:
            watch.gone()


def _of_event(asked: ChatRequest, head: dict[str, Any], event: Event) -> list[str]:
    """The chunks that tell of an event."""
    if isinstance(event, Piece):
        return [_line(head | _delta({"content": event.text}))]
    if not isinstance(event, Final):
        return [_line(head | _delta({}) | {"osler": events_body(event)})]
    if event.finish_reason == "cancelled":
        return [_line(fault_body(503, STOPPED))]
    lines = [_line(head | _delta({}, event.finish_reason) | {"osler": events_body(event)})]
    if asked.stream_options and asked.stream_options.include_usage:
        lines.append(_line(head | {"choices": [], "usage": usage(event).model_dump()}))
    return lines


async def _with_first(
    first: list[Event], events: AsyncGenerator[Event, None], watch: Watch
) -> AsyncGenerator[Event, None]:
    for event in first:
        yield event
    async for event in events:
        watch.note(event)
        yield event


def _delta(delta: dict[str, str], reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]}


def _line(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"
