"""Sets of questions of every kind: read from a mirror, packed or not, and never unverified."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from osler.data import public
from osler.data.public import read_public
from osler.data.tables import Ask
from osler.errors import DataError
from osler.recipe_sources import PublicSource
from osler.rows import Dropped, Row

LINES = "".join(
    json.dumps(line) + "\n"
    for line in (
        {"question": "who built the old bridge", "answer": ["Stari", "S."]},
        {"question": " ", "answer": ["nobody"]},
    )
)


def read(name: str) -> list[Row | Dropped]:
    return list(
        read_public(PublicSource(type="public", name=name), Ask(Path(), "data.sources[0]", "sft"))
    )


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror folder of NQ-Open in which nothing is yet."""
    one = public.PUBLIC["nq-open"]
    pinned = replace(one.files[0], sha256=hashlib.sha256(LINES.encode()).hexdigest())
    monkeypatch.setitem(public.PUBLIC, "nq-open", replace(one, files=(pinned,)))
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    (tmp_path / one.folder).mkdir()
    return tmp_path / one.folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_mirror_may_hold_the_file_packed(mirror: Path, *, packed: bool) -> None:
    if packed:
        (mirror / "NQ-open.dev.jsonl.gz").write_bytes(gzip.compress(LINES.encode()))
    else:
        (mirror / "NQ-open.dev.jsonl").write_text(LINES, "utf-8")
    kept, dropped = read("nq-open")
    assert isinstance(kept, Row)
    assert (kept.question, kept.reference) == ("who built the old bridge", "Stari")
    assert kept.extra == {"answers": ["Stari", "S."]}
    assert isinstance(dropped, Dropped)


def test_a_packed_file_of_other_content_is_refused(mirror: Path) -> None:
    (mirror / "NQ-open.dev.jsonl.gz").write_bytes(gzip.compress(LINES.upper().encode()))
    with pytest.raises(DataError, match="wrong checksum"):
        read("nq-open")


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
@pytest.mark.parametrize(
    ("name", "rows", "groups"), [("nq-open", 3610, 3610), ("self-instruct", 427, 427)]
)
def test_the_real_sets_have_their_published_sizes(name: str, rows: int, groups: int) -> None:
    found = [item for item in read(name) if isinstance(item, Row)]
    assert len({row.id for row in found}) == len(found) == rows
    assert len({row.group for row in found}) == groups
