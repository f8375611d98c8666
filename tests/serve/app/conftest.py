"""A server of the page alone, for tests of its routes; and a browser, for those of the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from front_desk import client, desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def asks(tmp_path: Path) -> TestClient:
    """Somebody who asks a server with a history in tmp_path."""
    return client(desk(tmp_path))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one."""
    from playwright.sync_api import sync_playwright

    from chromium import chromium

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield made
        made.close()
