"""A response in pieces, whose source is closed at its end, however it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from anyio import CancelScope
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

EVENTS = "text/event-stream"


class EventStream(StreamingResponse):
    """Server-sent events. A reader may go while a piece is being written: then, too, whatever makes
    the pieces is stopped at once."""

    def __init__(self, pieces: AsyncGenerator[str | bytes], headers: dict[str, str]) -> None:
        super().__init__(pieces, media_type=EVENTS, headers=headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await self._pieces.aclose()
