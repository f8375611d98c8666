"""Turns at what takes a whole core: a few at a time, the others in order, and not too many."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from osler.serve.engines.protocol import Busy

CORES = min(os.cpu_count() or 1, 4)
WAITING = 16
"""Who come when so many wait already are sent away."""
COME_BACK = 10
"""Seconds after which it is worth a try."""


class Turns:
    """Who comes waits for a turn."""

    def __init__(self, at_once: int = CORES, waiting: int = WAITING) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """One's own turn. Raises `Busy` where too many wait."""
        if not self._room:
            raise Busy(COME_BACK)
        self._room -= 1
        try:
            async with self._free:
                yield
        finally:
            self._room += 1
