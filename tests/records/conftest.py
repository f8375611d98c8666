"""A small PLACES release and weights for it, on the disk; a folder of records, and the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from record_shapes import GOOD, write_bundle

from county_cases import FIVE, WEIGHTS, write_places
from osler.cli import main


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


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one good bundle."""
    write_bundle(tmp_path / "in", GOOD, "good.json")
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where an import goes."""
    return tmp_path / "records"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line: words -> exit code, what it printed, its errors."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["records", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
