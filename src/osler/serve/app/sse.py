"""Server-sent events (https://html.spec.whatwg.org/#server-sent-events), one JSON object each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from anyio import CancelScope
from fastapi import Request

from osler.errors import UserError
from osler.serve.api.chat import STOPPED
from osler.serve.api.service import Service
from osler.serve.api.stream import EventStream
from osler.serve.engines.protocol import Busy, Failed

LATER = "Ask again when it runs."


def streamed(events: AsyncIterator[Mapping[str, Any]], request: Request) -> EventStream:
    """A response of events; a fault on the way is the last of them.

    When whoever asked has gone, or the server ends, the iterator is closed, which stops the model.
    """
    service: Service | None = getattr(request.app.state, "service", None)
    return EventStream(_written(events, service), {"Cache-Control": "no-store"})


class _Stopped(Exception):
    """The server ends."""


async def _written(events: Any, service: Service | None) -> AsyncGenerator[bytes]:
    coming = _unless_stopped(events, service.stopping) if service else events
    try:
        async with aclosing(events), aclosing(coming):
            async for event in coming:
                yield _line(event)
    except _Stopped:
        yield _fault(STOPPED, LATER)
    except Busy as fault:
        if service and service.draining:
            yield _fault(STOPPED, LATER)
        else:
            yield _fault("No answer can be begun now.", f"Try again in {fault.retry_after} s.")
    except Failed as fault:
        yield _fault(f"It could not be ended ({fault.kind}).", "Try again, or a shorter text.")
    except UserError as fault:
        yield _fault(fault.message, fault.cure)
    yield b"data: [DONE]\n\n"


async def _unless_stopped(events: Any, stopping: asyncio.Event) -> AsyncGenerator[Any]:
    """The events; raises `_Stopped` once the server ends."""
    stopped = asyncio.ensure_future(stopping.wait())
    coming = asyncio.ensure_future(_next(events))
    try:
        while True:
            await asyncio.wait({coming, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done():
                raise _Stopped
            if (event := coming.result()) is None:
                return
            yield event
            coming = asyncio.ensure_future(_next(events))
    finally:
        stopped.cancel()
        coming.cancel()
        with CancelScope(shield=True):  # who closes `events` next must not find it at work
            await asyncio.gather(coming, return_exceptions=True)


async def _next(events: Any) -> Any:
    """None at the end."""
    return await anext(events, None)


def _fault(message: str, cure: str) -> bytes:
    return _line({"type": "error", "message": message, "cure": cure})


def _line(event: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
