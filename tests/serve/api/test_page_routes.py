"""The page's routes behind the same gate: errors, counters and schema as those of the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.serve.api.conftest import TOKEN

from osler.commands.serve import Wish, make_service
from osler.serve.api.app import make_app


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    state: Path = tmp_path_factory.mktemp("state")
    app = make_app(make_service(Wish(state=state, guarded=False, sources=False), TOKEN))
    return TestClient(
        app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {TOKEN}"}
    )


def test_a_wrong_request_has_the_same_status_and_shape_everywhere(asks: TestClient) -> None:
    found = [
        asks.post("/v1/chat/completions", json={}),
        asks.post("/app/documents/abc/summary", json={}),
        asks.post("/app/documents/abc/advice", content=b"{"),
        asks.get("/app/documents/a%20b"),
    ]
    assert [one.status_code for one in found] == [400] * 4
    for one in found:
        error = one.json()["error"]
        assert error["type"] == "invalid_request_error"
        assert {"message", "type", "param", "code"} <= error.keys()
    missing = found[1].json()["error"]
    assert missing["param"] == "model"
    assert missing["message"].startswith("model: is missing")


def test_requests_are_counted_by_their_whole_pattern(asks: TestClient) -> None:
    for path in ("/app/documents/secret-id", "/app/state", "/v1/models", "/", "/static/main.js"):
        asks.get(path)
    counted = asks.get("/metrics").text
    for route, status in (
        ("/app/documents/{id}", 404), ("/app/state", 200), ("/v1/models", 200), ("/", 200),
        ("/static/{name}", 200),
    ):  # fmt: skip
        assert f'osler_requests_total{{route="{route}",status="{status}"}}' in counted
    assert "secret-id" not in counted


def test_an_upload_is_described_with_body_name_token_and_errors(asks: TestClient) -> None:
    paths = asks.get("/openapi.json").json()["paths"]
    upload = paths["/app/documents"]["post"]
    assert set(upload["requestBody"]["content"]) == {
        "application/octet-stream", "multipart/form-data",
    }  # fmt: skip
    (name,) = upload["parameters"]
    assert (name["name"], name["in"], name["required"]) == ("X-Document-Name", "header", False)
    for path, methods in paths.items():
        for operation in methods.values():
            assert "422" not in operation["responses"], path
            if path.startswith("/app/"):
                assert operation["security"], path
                assert {"400", "401", "409", "413"} <= set(operation["responses"]), path
