"""A server of the page alone, for tests of its routes."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from front_desk import client, desk


@pytest.fixture
def asks(tmp_path: Path) -> TestClient:
    """Somebody who asks a server with a history in tmp_path."""
    return client(desk(tmp_path))
