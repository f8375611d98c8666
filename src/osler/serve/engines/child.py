"""Another server as a process of ours, on this machine alone, with a key of its own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock, Thread

import httpx

from osler.errors import UserError
from osler.serve.engines import tether

SECONDS_TO_START = 900.0
"""A large model takes minutes to load."""
SECONDS_TO_END = 1.0
"""A little more than the tether gives it."""
FAULT = re.compile(r"(?i)error|fail")
FAULTS = 3
"""Lines of a failed start that are shown beside the last: the first that tell of one."""


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Child:
    """A process that serves at `address`, and ends when we do, however that is (`tether`).

    What it prints is kept nowhere: it may hold text.
    """

    def __init__(
        self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.address = f"http://127.0.0.1:{port}"
        if shutil.which(command[0]) is None:
            raise UserError(
                f"{command[0]}: no such command.",
                f"Install {name} and put {command[0]} on the PATH, or use --engine batch.",
            )
        self._command = [sys.executable, "-I", "-S", str(tether.__file__), *command]
        self._environment = {**os.environ, **environment}
        self._said: list[str] = []
        self._starting = Lock()
        self._closed = False
        self._process = self._start()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def ready(self) -> bool:
        """Whether it takes requests. One that has ended is started again, which takes a while."""
        if self._process.poll() is None and not self._starting.locked():
            return True
        if not self._closed and self._starting.acquire(blocking=False):
            print(f"osler: {self.name} has ended; it is started again.", file=sys.stderr)
            Thread(target=self._start_again, daemon=True).start()
        return False

    def close(self) -> None:
        """End it."""
        self._closed = True
        self._end(self._process)

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
            env=self._environment,
        )  # fmt: skip
        self._said = []
        self._listener = Thread(target=self._listen, args=(process, self._said), daemon=True)
        self._listener.start()
        return process

    def _start_again(self) -> None:
        try:
            self._process = self._start()
            self._wait()
        except UserError as fault:
            print(f"osler: {fault}", file=sys.stderr)
            self._end(self._process)
        finally:
            self._starting.release()
            if self._closed:
                self._end(self._process)

    def _end(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()

    def _listen(self, process: subprocess.Popen[str], said: list[str]) -> None:
        """Read what it prints, so that it is not held up, and note what a failed start is told
        by: its first faults, and its last line."""
        assert process.stdout is not None
        for line in process.stdout:
            if new := line.strip()[:300]:
                last = said[-1] if said else ""
                if said and not (FAULT.search(last) and len(said) <= FAULTS):
                    said.pop()
                said.append(new)

    def _wait(self) -> None:
        """Until it takes requests."""
        until = time.monotonic() + SECONDS_TO_START
        with httpx.Client(base_url=self.address, trust_env=False) as client:
            while self._process.poll() is None and time.monotonic() < until and not self._closed:
                try:
                    if client.get("/health").status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.2)
        self._listener.join(1.0)
        why = f" It said: {'; '.join(self._said)}" if self._said else ""
        raise UserError(
            f"{self.name} did not start.{why}", "Start it by hand to see more, or --engine batch."
        )


def new_key() -> str:
    """A key that only we and the child know."""
    return secrets.token_urlsafe(24)
