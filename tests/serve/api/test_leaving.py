"""Readers that go, queues that are full, servers that end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.serve.api.conftest import BEARER, TOKEN, MakeService, body, listening

from osler.encoder import Encoder
from osler.serve.engines.lane import Room
from osler.serve.engines.protocol import Load

LONG = {"max_tokens": 300, "temperature": 2, "seed": 1}
"""What a random model says for long."""


def until(holds: Any) -> None:
    """Wait, at most a minute."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def asks(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers=BEARER, timeout=60)


@pytest.mark.parametrize("stream", [True, False])
def test_a_reader_that_goes_stops_the_generation(
    service: MakeService, tiny_model: Path, stream: bool
) -> None:
    """Of one that is written and of one that waits."""
    made = service(folder=tiny_model, room=Room(places=1))
    said: list[int] = []

    def slowly(*_: object) -> None:
        said.append(1)
        time.sleep(0.005)

    made.engine.lane("base").model.register_forward_hook(slowly)  # type: ignore[attr-defined]
    with listening(made) as address, asks(address) as client:
        left: list[socket.socket] = []
        for number in (1, 2):
            left.append(send(address, body(**LONG, stream=stream)))
            until(lambda n=number: made.engine.load.running + made.engine.load.waiting == n)
        for one in left:
            one.close()
        until(lambda: made.engine.load == Load(0, 0))
        until(lambda: "osler_cancelled_total 2.0" in client.get("/metrics").text)
        assert len(said) < 300, "it was stopped before its end"


def send(
    address: str, asked: dict[str, Any], path: str = "/v1/chat/completions", share: float = 1.0
) -> socket.socket:
    """A request of which nobody reads the answer; `share`: how much of its body is sent."""
    host, _, port = address.removeprefix("http://").partition(":")
    content = json.dumps(asked)
    lines = [
        f"POST {path} HTTP/1.1", f"Host: {host}",
        f"Authorization: {BEARER['Authorization']}", "Content-Type: application/json",
        f"Content-Length: {len(content)}", "", content[: int(share * len(content))],
    ]  # fmt: skip
    one = socket.create_connection((host, int(port)))
    one.sendall("\r\n".join(lines).encode())
    return one


class Noting(Encoder):
    """Notes how many texts it was given."""

    texts = 0

    def embed(self, texts: Sequence[str]) -> Any:
        self.texts += len(texts)
        return super().embed(texts)


def test_a_reader_of_vectors_that_goes_stops_the_work(service: MakeService) -> None:
    """And who comes next is not held up by it."""
    encoder = Noting("tests", "")
    asked = {"model": "all-MiniLM-L6-v2", "input": ["gout " * 500] * 256}
    with listening(service(encoder=encoder)) as address, asks(address) as client:
        gone = send(address, asked, "/v1/embeddings")
        until(lambda: encoder.texts > 0)
        gone.close()
        short = {**asked, "input": "gout"}
        assert client.post("/v1/embeddings", json=short).status_code == 200
    assert encoder.texts < 256


def test_a_full_queue_is_told_with_when_to_come_back(
    service: MakeService, tiny_model: Path
) -> None:
    made = service(folder=tiny_model, room=Room(places=1, queue=1))
    with listening(made) as address, asks(address) as client:
        held = [
            threading.Thread(
                target=lambda: asks(address).post("/v1/chat/completions", json=body(**LONG))
            )
            for _ in range(6)  # some of them are sent away themselves
        ]
        for thread in held:
            thread.start()
        until(lambda: made.engine.load.running + made.engine.load.waiting == 2)
        for stream in (True, False):
            found = client.post("/v1/chat/completions", json=body(stream=stream))
            assert found.status_code == 429
            assert 1 <= int(found.headers["Retry-After"]) <= 60
            assert found.json()["error"]["code"] == "queue_full"
        for thread in held:
            thread.join()
        assert client.post("/v1/chat/completions", json=body()).status_code == 200


@pytest.fixture
def started() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`osler serve` with nano in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "osler", "serve", "--port", "0"],
        env={**os.environ, "OSLER_TOKEN": TOKEN}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    yield process, line.partition("/#")[0]
    process.kill()
    process.wait()


def test_sigterm_lets_answers_end_and_the_exit_is_0(
    started: tuple[subprocess.Popen[str], str],
) -> None:
    """A short answer is ended, a long one is stopped, new ones are refused; all within 5 s."""
    process, address = started
    found: dict[str, str] = {}

    def ask(name: str, tokens: int) -> None:
        asked = body(
            model="nano", max_tokens=tokens, stream=True, temperature=2, seed=tokens,
            osler={"guard": False, "sources": False},
        )  # fmt: skip
        with asks(address) as client:
            found[name] = client.post("/v1/chat/completions", json=asked).text

    long = (1898, 1899, 1900)  # drawn at random: one of them may end by itself
    threads = [threading.Thread(target=ask, args=(f"{n}", n)) for n in (5, *long)]
    for thread in threads:
        thread.start()
    with asks(address) as client:
        until(lambda: re.search(r"osler_running [3-4]\.0", client.get("/metrics").text))
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert time.monotonic() - begun < 8
    for thread in threads:
        thread.join()
    assert found["5"].endswith("data: [DONE]\n\n")
    assert any("shutting down" in found[f"{n}"] for n in long)
    assert process.stderr is not None
    errors = process.stderr.read()
    assert "Traceback" not in errors
    assert TOKEN not in errors


def test_sigterm_waits_for_nobody_who_does_not_end(
    started: tuple[subprocess.Popen[str], str],
) -> None:
    """Half a request keeps a connection for a minute, but not a server that is told to end."""
    process, address = started
    whole = send(address, body(model="nano", max_tokens=3))
    half = send(address, body(model="nano"), share=0.5)
    assert b"200 OK" in whole.recv(100)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    for one in (whole, half):
        one.close()
