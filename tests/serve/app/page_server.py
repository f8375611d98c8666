"""`osler serve` as a user starts it, and a browser in front of it that watches what a page does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

TOKEN = "a-token-of-the-tests"
PATIENCE = 90_000
"""Milliseconds until what does not come is a failure: nano writes slowly on a busy machine."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    address: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask it for JSON."""
        asked = urllib.request.Request(
            self.address + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=60) as answer:
            said = answer.read()
        return json.loads(said) if said else None


@contextmanager
def serving(folder: Path, *words: str, log: Path) -> Iterator[Server]:
    """A server that is started in a folder; ended by SIGTERM. `log`: what it complains of."""
    command = [sys.executable, "-m", "osler", "serve", "--port", "0", *words]
    with log.open("w") as complaints:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=complaints, text=True,
            env={**os.environ, "OSLER_TOKEN": TOKEN},
        )  # fmt: skip
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("http"), log.read_text()
            yield Server(said.split("/#")[0])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@dataclass
class Watched:
    """A page, and what it did that it should not."""

    page: Page
    server: Server
    wrong: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.wrong.append(f"fault: {fault}"))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # A refusal that the server sends is logged by the browser itself; the page tells of it.
        # And looking into a frame that may run nothing is refused to the tests as well.
        ours = ("Failed to load resource", "Blocked script execution in 'about:blank'")
        if not message.text.startswith(ours):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        ours = (self.server.address + "/", "blob:", "data:", "about:")
        if not request.url.startswith(ours):
            self.wrong.append(f"asked for {request.url}")

    def open(self, tab: str = "chat") -> Page:
        """The page with the token, on a tab."""
        self.page.goto(f"{self.server.address}/#token={TOKEN}")
        self.page.wait_for_selector("#chat .welcome")
        if tab != "chat":
            self.page.click(f"#tab-{tab}")
        return self.page


@contextmanager
def watching(browser: Browser, server: Server, **looks: Any) -> Iterator[Watched]:
    """A new visitor; at the end nothing may have gone wrong in the page."""
    context: BrowserContext = browser.new_context(**looks)
    watched = Watched(context.new_page(), server)
    try:
        yield watched
        assert not watched.wrong, watched.wrong
    finally:
        context.close()
