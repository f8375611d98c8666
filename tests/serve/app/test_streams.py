"""Streams of events: whose reader goes, and whose server ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from front_desk import Clerk, Echo, desk
from starlette.testclient import TestClient
from tests.serve.api.conftest import BEARER, TOKEN, listening

from osler.documents.document import Document
from osler.serve.api.app import make_app
from osler.serve.api.service import Service, Settings
from osler.serve.app.routes import Desk, router
from osler.serve.assistant.events import Event, Piece


def served(made: Desk) -> Service:
    """A server of the page's routes."""
    return Service(Settings(TOKEN), Echo(), made.assistant, routers=(router(made),))  # type: ignore[arg-type]


class Talker(Clerk):
    """Never waits for anything, and notes when it was ended."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.said = pieces, 0
        self.ended = threading.Event()

    async def summarise(self, document: Document, model: str) -> AsyncIterator[Event]:
        try:
            for _ in range(self.pieces):
                self.said += 1
                yield Piece("gout " * 100)
        finally:
            self.ended.set()


def test_who_goes_in_mid_stream_is_written_no_more_and_nothing_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made, talker = desk(tmp_path), Talker(100_000)
    object.__setattr__(made, "assistant", talker)
    with listening(served(made)) as address, httpx.Client(base_url=address, headers=BEARER) as asks:
        id = asks.post("/app/documents", content=b"gout").json()["id"]
        with asks.stream("POST", f"/app/documents/{id}/summary", json={"model": "echo"}) as stream:
            next(stream.iter_raw(100))
        assert talker.ended.wait(60)
        assert asks.get("/health").status_code == 200
    assert talker.said < talker.pieces
    assert "socket.send()" not in caplog.text


class Waiter(Clerk):
    """Says one thing, and then nothing for ever; meanwhile its server is told to end."""

    service: Service

    async def summarise(self, document: Document, model: str) -> AsyncIterator[Event]:
        yield Piece("Potassium")
        self.service.stopping.set()
        await asyncio.Event().wait()


def test_a_stream_that_is_stopped_with_the_server_says_so_and_ends(tmp_path: Path) -> None:
    made, waiter = desk(tmp_path), Waiter()
    object.__setattr__(made, "assistant", waiter)
    waiter.service = served(made)
    asks = TestClient(make_app(waiter.service), base_url="http://127.0.0.1", headers=BEARER)
    id = asks.post("/app/documents", content=b"gout").json()["id"]
    said = asks.post(f"/app/documents/{id}/summary", json={"model": "echo"}).text
    first, fault, done = said.strip().split("\n\n")
    assert "Potassium" in first
    assert json.loads(fault.removeprefix("data: "))["type"] == "error"
    assert "shutting down" in fault
    assert done == "data: [DONE]"


STUCK = """
import time
from fastapi import FastAPI
from front_desk import Echo
from osler.serve.api.listen import bind, listen
from osler.serve.api.service import Service, Settings

app = FastAPI()

@app.get("/")
async def stuck() -> None:
    print("stuck", flush=True)
    while True:
        time.sleep(0.01)

with bind("127.0.0.1", 0) as listener:
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    listen(app, listener, Service(Settings("t" * 16), Echo(), None))
"""


def test_sigterm_ends_a_server_whose_event_loop_is_stuck() -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    with subprocess.Popen(
        [sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        port = int(process.stdout.readline())

        def ask() -> None:
            with pytest.raises(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/", timeout=60)

        asking = threading.Thread(target=ask)
        asking.start()
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()
            asking.join()
