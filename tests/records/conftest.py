"""A small PLACES release and weights for it, on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from county_cases import FIVE, WEIGHTS, write_places


@pytest.fixture
def five(tmp_path: Path) -> Path:
    """A release of five counties."""
    return write_places(tmp_path / "places_2022_release.csv", FIVE)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Weights of three measures."""
    path = tmp_path / "weights.yaml"
    path.write_text(WEIGHTS, encoding="utf-8")
    return path
