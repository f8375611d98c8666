"""Who and what is let in, and what a browser is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.serve.api.conftest import BEARER, TOKEN, MakeService, body, client

from osler.serve.api.gate import is_our_name
from osler.serve.api.service import Settings

JSON = {"Content-Type": "application/json"}
SECRET = "zq-planted-words-of-a-patient"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer größer"]
)
def test_nothing_is_said_without_the_token(service: MakeService, header: str | None) -> None:
    headers: Any = {} if header is None else {"Authorization": header.encode()}
    with client(service(), headers=headers) as asks:
        for path in ("/v1/models", "/metrics", "/openapi.json", "/", "/app/state", "/nowhere"):
            found = asks.get(path)
            assert found.status_code == 401, path
            assert found.json()["error"]["code"] == "invalid_api_key"
        assert asks.post("/v1/chat/completions", json=body()).status_code == 401
        assert asks.get("/health").json() == {"status": "ready"}


def test_a_body_is_not_read_before_the_token_is_known(service: MakeService) -> None:
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b"x" * 100_000

    with client(service(body=250_000)) as asks:
        found = asks.post("/v1/chat/completions", content=endless())
        assert found.status_code == 413
        assert "250,000 bytes" in found.json()["error"]["message"]
        big = asks.post("/v1/chat/completions", content=b"x" * 300_000)
        assert big.status_code == 413
        told = {"Content-Length": "9" * 30, **BEARER}
        assert asks.post("/v1/chat/completions", content=b"{}", headers=told).status_code == 413


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8000", True), ("localhost", True), ("[::1]:8000", True), ("10.1.2.3", True),
        ("Ward7.clinic:80", True), ("evil.example:8000", False), ("127.0.0.1.evil.example", False),
        ("", False), ("localhost.evil.example", False),
    ],
)  # fmt: skip
def test_a_name_of_somebody_elses_does_not_lead_here(host: str, known: bool) -> None:
    assert is_our_name(host, Settings(TOKEN, names=frozenset({"ward7.clinic"}))) == known


def test_a_page_elsewhere_can_neither_ask_nor_read(service: MakeService) -> None:
    with client(service()) as asks:
        rebound = asks.get("/v1/models", headers={"Host": "evil.example"})
        assert rebound.status_code == 421
        origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for found in (asks.options("/v1/models", headers=origin), asks.get("/v1/models")):
            assert not [name for name in found.headers if name.startswith("access-control")]
            assert "default-src 'none'" in found.headers["content-security-policy"]
            assert found.headers["x-content-type-options"] == "nosniff"
            assert found.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changed", "param", "said"),
    [
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role", 'takes "system", '),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
         "messages.0.content.0", "images, sounds and files are not read"),
        ({"messages": [{"role": "user", "content": "a\ud800b"}]}, "messages.0", "half a character"),
        ({"messages": [{"role": "assistant", "content": "Yes."}]}, None, "has to be the user's"),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": []}]},
         "messages.0.tool_calls", "call no tools"),
        ({"max_tokens": 0}, "max_tokens", "a whole number of tokens, at least 1"),
        ({"max_tokens": 10**9}, None, "at most 4,096"),
        ({"max_tokens": 4, "max_completion_tokens": 5}, None, "give one"),
        ({"temperature": -1}, "temperature", "takes a number from 0 to 2"),
        ({"temperature": "NaN"}, "temperature", "takes a number from 0 to 2"),
        ({"top_p": 0}, "top_p", "takes a number above 0"),
        ({"n": 2}, "n", "one answer is made for a request"),
        ({"logprobs": True}, "logprobs", "probabilities of tokens are not told"),
        ({"presence_penalty": 1}, "presence_penalty", "set it to 0"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "set it to {}"),
        ({"tools": [{"type": "function"}]}, "tools", "models here call no tools"),
        ({"response_format": {"type": "json_object"}}, "response_format.type",
         "answers are plain text"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format",
         "answers are plain text"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "a list of at most 4"),
        ({"stop": 5}, "stop", "takes a text, or a list"),
        ({"osler": {"task": "poetry"}}, "osler.task", "takes one of medical_qa"),
        ({"osler": {"poetry": 1}}, "osler.poetry", "not known"),
        ({"model": 5}, "model", "/v1/models lists them"),
        ({"best_of": 3}, "best_of", "not known"),
        ({f"field{n}": 1 for n in range(1000)}, None, "has more than 100 fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_by_name(
    service: MakeService, changed: dict[str, Any], param: str | None, said: str
) -> None:
    with client(service()) as asks:
        found = asks.post("/v1/chat/completions", content=json.dumps(body(**changed)), headers=JSON)
        assert found.status_code == 400, found.text
        error = found.json()["error"]
        assert error["type"] == "invalid_request_error"
        assert (error["param"] or "").startswith(param or "")
        assert said in error["message"]
        assert "Input should" not in error["message"]
        assert error["message"].endswith(".")


def test_a_field_that_is_missing_is_named_with_what_it_takes(service: MakeService) -> None:
    with client(service()) as asks:
        error = asks.post("/v1/chat/completions", json={"messages": body()["messages"]}).json()
    assert error["error"]["message"] == (
        "model: is missing; it takes the name of a model that is served; /v1/models lists them."
    )


@pytest.mark.parametrize("sent", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"9" * 5000, b"null"])
def test_what_is_no_json_is_refused(service: MakeService, sent: bytes) -> None:
    with client(service()) as asks:
        found = asks.post("/v1/chat/completions", content=sent, headers=JSON)
        assert found.status_code == 400
        assert found.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("sent", "kind", "said"),
    [
        (b"{", "application/json", "the request: not JSON."),
        (b"{}", "text/plain", "with Content-Type: application/json."),
    ],
)
def test_what_is_no_json_is_told_so(
    service: MakeService, sent: bytes, kind: str, said: str
) -> None:
    with client(service()) as asks:
        headers = {"Content-Type": kind}
        error = asks.post("/v1/chat/completions", content=sent, headers=headers).json()["error"]
        assert error["message"].endswith(said)
        assert error["param"] is None


def test_no_effect_can_be_asked_for(service: MakeService) -> None:
    """What clients send without thinking."""
    harmless = {
        "n": 1, "logprobs": False, "tools": [], "response_format": {"type": "text"}, "stop": None,
        "frequency_penalty": 0, "presence_penalty": 0.0, "user": "somebody", "store": False,
        "stream": False, "temperature": 0, "seed": 3, "logit_bias": {},
    }  # fmt: skip
    parts = [{"type": "text", "text": "What is"}, {"type": "text", "text": "gout?"}]
    turns = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": parts}]
    with client(service()) as asks:
        found = asks.post("/v1/chat/completions", json=body(messages=turns, **harmless))
        assert found.status_code == 200, found.text


def test_no_text_of_a_request_is_printed_or_counted(
    service: MakeService, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of one that is answered nor of those that are refused or meet a fault of ours."""
    caplog.set_level(0)
    made = service()
    turns = [{"role": "user", "content": SECRET}]
    with client(made) as asks:
        asks.post("/v1/chat/completions", json=body(messages=turns))
        asks.post("/v1/chat/completions", json=body(messages=turns, **{SECRET: 1}))
        asks.post("/v1/chat/completions", json=body(messages=turns, temperature=SECRET))
        asks.get(f"/{SECRET}")
        asks.post("/v1/chat/completions", json=body(messages=[{"role": "user", "content": SECRET
                                                               * 400}]))  # fmt: skip
        made.assistant = Broken()
        met = asks.post("/v1/chat/completions", json=body(messages=turns))
        assert met.status_code == 500
        assert met.json()["error"]["type"] == "server_error"
        counted = asks.get("/metrics").text
    out = capfd.readouterr()
    logged = "".join(one.getMessage() for one in caplog.records if "httpx" not in one.name)
    assert "ValueError at test_gate.py" in out.err
    assert SECRET not in out.out + out.err + logged + counted + met.text
    assert 'osler_requests_total{route="/v1/chat/completions",status="500"} 1.0' in counted
    assert 'osler_requests_total{route="other",status="404"} 1.0' in counted


class Broken:
    """An assistant with a fault that tells what was asked."""

    async def answer(self, question: Any) -> Any:
        raise ValueError(question.messages[0]["content"])
        yield
