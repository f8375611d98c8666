"""Another server as a process of ours, on this machine alone, with a key of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from threading import Thread

import httpx

from osler.errors import UserError

SECONDS_TO_START = 900.0
"""A large model takes minutes to load."""
SECONDS_TO_END = 2.0


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Child:
    """A process that serves at `address`. What it prints is kept nowhere: it may hold text."""

    def __init__(
        self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.address = f"http://127.0.0.1:{port}"
        self._last: deque[str] = deque(maxlen=1)
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
                env={**os.environ, **environment},
            )  # fmt: skip
        except OSError as fault:
            raise UserError(
                f"{command[0]}: cannot be started ({fault.strerror}).",
                f"Install {name} and put {command[0]} on the PATH, or use --engine batch.",
            ) from None
        Thread(target=self._listen, daemon=True).start()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        """Read what it prints, so that it is not held up; the last line is for a failed start."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip():
                self._last.append(line.strip()[:300])

    def _wait(self) -> None:
        """Until it takes requests."""
        until = time.monotonic() + SECONDS_TO_START
        with httpx.Client(base_url=self.address, trust_env=False) as client:
            while self._process.poll() is None and time.monotonic() < until:
                try:
                    if client.get("/health").status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.2)
        why = f" It said: {self._last[0]}" if self._last else ""
        raise UserError(
            f"{self.name} did not start.{why}", "Start it by hand to see more, or --engine batch."
        )


def new_key() -> str:
    """A key that only we and the child know."""
    return secrets.token_urlsafe(24)
