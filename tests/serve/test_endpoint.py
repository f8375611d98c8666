"""Sections written by a server on this machine that speaks OpenAI's completions."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.records.synthetic.cohort import synthesize
from osler.serve.endpoint import is_local
from osler.summaries import store


class Server(BaseHTTPRequestHandler):
    """Says the same of everybody; the first request of each server is answered 503."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen: list[Any] = self.server.seen  # type: ignore[attr-defined]
        seen.append(asked)
        status = 503 if len(seen) == 1 else 200
        answer = {"choices": [{"message": {"content": "None."}, "finish_reason": "stop"}]}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), Server)
    made.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def test_a_local_server_writes_sections_and_every_summary_says_who(
    server: HTTPServer, tmp_path: Path
) -> None:
    synthesize(tmp_path / "c", 1, 3, form="fhir")
    url = f"http://127.0.0.1:{server.server_port}/v1"
    said = ["summarize", url, "--model", "clinic-7b", "--records", str(tmp_path / "c" / "fhir")]
    said += ["--as-of", "2024-12-31", "--out", str(tmp_path / "s"), "--tries", "0"]
    assert main([*said, "--batch-size", "2"]) == 0
    (summary,) = store.summaries(tmp_path / "s")
    assert summary.made_by.name == "clinic-7b (on this machine)"
    assert not summary.audit.omissions, "what the server left out was added by rule"
    asked = server.seen  # type: ignore[attr-defined]
    assert {one["model"] for one in asked} == {"clinic-7b"}
    assert all(one["messages"][0]["role"] == "user" for one in asked)
    assert all(summary.patient not in json.dumps(one) for one in asked)


def test_nobody_there_is_said_with_the_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesize(tmp_path / "c", 1, 3, form="fhir")
    said = ["summarize", "http://127.0.0.1:9/v1", "--model", "m"]
    said += ["--records", str(tmp_path / "c" / "fhir"), "--as-of", "2024-12-31"]
    assert main([*said, "--out", str(tmp_path / "s")]) == 2
    assert "nobody answers there" in capsys.readouterr().err


def test_what_is_local() -> None:
    assert is_local("http://localhost:8000/v1")
    assert is_local("http://[::1]:8000/v1")
    assert not is_local("http://10.0.0.5:8000/v1")
    assert not is_local("http://localhost.example.org/v1")
