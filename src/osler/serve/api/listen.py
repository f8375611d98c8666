"""Listening, and ending well: SIGTERM lets answers end for a few seconds, and no longer."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI

from osler.errors import UserError
from osler.serve.api.service import Service

ANSWERS_END_WITHIN = 2.0
"""Seconds that answers have after SIGTERM, before they are stopped at their next token."""
ALL_ENDS_WITHIN = 3.5
"""Seconds after which nothing is waited for: a step of a large model, somebody who reads slowly."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that nobody else has. Raises UserError where that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    one = socket.socket(family, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if not host:  # the system would take it for all addresses
            raise OSError(errno.EADDRNOTAVAIL, "no address")
        one.bind((host, port))
    except (OSError, OverflowError) as fault:
        one.close()
        if getattr(fault, "errno", None) == errno.EADDRINUSE:
            raise UserError(
                f"Port {port} of {host} is in use.", f"Choose another: --port {port + 1}"
            ) from None
        reason = getattr(fault, "strerror", None) or "no such port"
        raise UserError(
            f"{host}, port {port}: cannot be listened on ({reason}).",
            "Give an address of this machine with --host, and a port above 1023 with --port.",
        ) from None
    return one


class _Server(uvicorn.Server):
    """uvicorn would end the process by the signal again; to end when told to is no fault."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._drained: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        with _signals(lambda: loop.call_soon_threadsafe(self._drain)):
            yield

    def _drain(self) -> None:
        if self._drained is None:
            self._service.draining = True
            loop = asyncio.get_running_loop()
            loop.call_later(ANSWERS_END_WITHIN, self._service.stopping.set)
            self._drained = asyncio.ensure_future(self._service.engine.close(ANSWERS_END_WITHIN))
            self.should_exit = True
        else:
            self.force_exit = True

    async def run_until_told(self, listener: socket.socket) -> None:
        """Serve; return when all is at its end."""
        # Guard, search and citing run there, each on all cores: more at once hinder each other.
        workers = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2))
        asyncio.get_running_loop().set_default_executor(workers)
        await self.serve([listener])
        if self._drained is None:  # it ended by a fault of its own
            await self._service.engine.close(0.0)
        else:
            await self._drained


@contextlib.contextmanager
def _signals(tell: Callable[[], object]) -> Generator[None]:
    """Be told of signals to end by a thread that waits for them, and end in time whether or not
    who is told does anything: the event loop may be in the midst of something long."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)

    def wait() -> None:
        with ours:
            while ours.recv(1):
                last = threading.Timer(ALL_ENDS_WITHIN, _leave)
                last.daemon = True
                last.start()
                tell()

    def heard(_number: int, _frame: object) -> None:
        """Nothing; that a signal has a handler is what wakes the thread."""

    threading.Thread(target=wait, name="osler-signals", daemon=True).start()
    before = signal.set_wakeup_fd(theirs.fileno())
    handlers = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        theirs.close()


def listen(app: FastAPI, listener: socket.socket, service: Service) -> None:
    """Serve until SIGTERM or Ctrl-C; then this process ends, with exit code 0."""
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", server_header=False, lifespan="off",
        proxy_headers=False, h11_max_incomplete_event_size=64 * 1024,
    )  # fmt: skip
    asyncio.run(_Server(config, service).run_until_told(listener))
    _leave()


def _leave() -> None:
    """End this process. A model may be in the middle of a step of many seconds; nothing waits for
    what it computes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)
