"""`osler pin`: commits are filled in, and the rest of the file stays as it was."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from osler.cli import main
from osler.commands.pin import pin_file
from osler.recipe_file import load_recipe

COMMIT = "0123456789abcdef0123456789abcdef01234567"

UNPINNED = """\
# a comment that stays
name: mine
model: {id: Qwen/Qwen2-0.5B-Instruct}   # and this one
data:
  sources:
    - type: hub
      id: owner/questions
      columns: {prompt: q}
    - {type: hub, id: owner/more, revision: main}
    - {type: embedded, name: medical_qa}
"""


def test_pin_fills_in_commits_and_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(UNPINNED)
    asked: list[tuple[str, str]] = []

    def lookup(kind: str, name: str) -> str:
        asked.append((kind, name))
        return COMMIT

    said = pin_file(path, lookup)
    assert asked == [
        ("model", "Qwen/Qwen2-0.5B-Instruct"), ("dataset", "owner/questions"),
        ("dataset", "owner/more"),
    ]  # fmt: skip
    assert said.count(COMMIT) == 3
    text = path.read_text()
    assert text.startswith("# a comment that stays\n")
    assert "# and this one" in text
    recipe = load_recipe(path).recipe
    assert recipe.model.revision == COMMIT
    assert [getattr(s, "revision", COMMIT) for s in recipe.data.sources] == [COMMIT] * 3
    assert pin_file(path, lookup).endswith("nothing to pin.")


def test_pin_puts_the_line_where_yaml_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    for text in (
        "model:\n  id: owner/model",
        "model:\n    dtype: auto\n    id: owner/model   # why\n    init: pretrained\n",
        "model:\n  id: owner/model\n  revision:\n",
        "data:\n  sources:\n  - id: owner/set\n    type: hub\n",
    ):
        path.write_text(text)
        pin_file(path, lambda kind, name: COMMIT)
        tree = yaml.safe_load(path.read_text())
        holder = tree["model"] if "model" in tree else tree["data"]["sources"][0]
        assert holder["revision"] == COMMIT
        assert holder["id"].startswith("owner/")


@pytest.fixture
def hub() -> Iterator[str]:
    """The address of a server that answers like the Hub."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"id": "owner/model", "sha": COMMIT}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def pin_against(endpoint: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    environment |= {"HF_ENDPOINT": endpoint, "NO_PROXY": "*", "no_proxy": "*"}
    return subprocess.run(
        [sys.executable, "-m", "osler", "pin", str(path)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip


def test_pin_asks_the_hub(tmp_path: Path, hub: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("name: a\nmodel: {id: owner/model}\n")
    done = pin_against(hub, path)
    assert done.returncode == 0, done.stderr
    assert f"owner/model at {COMMIT}" in done.stdout


def test_pin_says_plainly_that_there_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("name: a\nmodel: {id: owner/model}\n")
    done = pin_against("http://127.0.0.1:9", path)
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert COMMIT not in path.read_text()
    assert main(["pin", "nano-pretrain"]) == 2
