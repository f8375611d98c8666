"""Server-sent events (https://html.spec.whatwg.org/#server-sent-events), one JSON object each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi.responses import StreamingResponse

from osler.errors import UserError
from osler.serve.engines.protocol import Busy, Failed


def streamed(events: AsyncIterator[Mapping[str, Any]]) -> StreamingResponse:
    """A response of events; a fault on the way is the last of them.

    When whoever asked has gone, the iterator is closed, which stops the model.
    """
    return StreamingResponse(
        _written(events), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _written(events: Any) -> AsyncIterator[bytes]:
    async with aclosing(events) as coming:
        try:
            async for event in coming:
                yield _line(event)
        except Busy as fault:
            yield _fault("No answer can be begun now.", f"Try again in {fault.retry_after} s.")
        except Failed as fault:
            yield _fault(f"It could not be ended ({fault.kind}).", "Try again, or a shorter text.")
        except UserError as fault:
            yield _fault(fault.message, fault.cure)
    yield b"data: [DONE]\n\n"


def _fault(message: str, cure: str) -> bytes:
    return _line({"type": "error", "message": message, "cure": cure})


def _line(event: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
