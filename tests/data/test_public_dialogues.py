"""Sets of conversations and summaries: their published split holds, whatever else is asked."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osler.checks.groups import group_findings
from osler.data import public
from osler.data.prepare import plan
from osler.data.prepared import Prepared
from osler.data.public import PublicFile
from osler.data.public_dialogues import SECTIONS, ask_for
from osler.data.sources import read_source
from osler.errors import DataError
from osler.recipe import Recipe
from osler.recipe_sources import PublicSource
from osler.rows import Dropped, Row

SIDES = ("train", "validation", "test")
MTS = ("ID", "section_header", "section_text", "dialogue")
ACI = ("dataset", "encounter_id", "dialogue", "note")


def pin(
    name: str, header: tuple[str, ...], sides: list[list[tuple[str, ...]]], patch: Any, mirror: Path
) -> None:
    """Put a set of these rows into a mirror, one file for each side."""
    files: list[PublicFile] = []
    folder = mirror / public.PUBLIC[name].folder
    folder.mkdir(exist_ok=True)
    for file, rows in zip(public.PUBLIC[name].files, sides, strict=True):
        path = folder / file.name
        with path.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([header, *rows])
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append(replace(file, sha256=sha256))
    patch.setitem(public.PUBLIC, name, replace(public.PUBLIC[name], files=tuple(files)))
    patch.setenv("OSLER_DATA", str(mirror))


def talk(topic: str, number: int = 0) -> str:
    return (
        f"Doctor: Tell me about your {topic}, please, and when it began to be a trouble.\n"
        f"Patient: My {topic} began {number} years ago in spring, after a long walk by the sea."
    )


def summary(topic: str, number: int = 0) -> str:
    return f"The {topic} began {number} years ago in spring."


@pytest.fixture
def mts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """MTS-Dialog of 12, 3 and 9 rows, whose ids count anew in each file, as upstream's do."""
    sides = [
        [(str(i), "GENHX", summary(f"{side} pain", i), talk(f"{side} pain", i)) for i in range(n)]
        for side, n in zip(SIDES, (12, 3, 9), strict=True)
    ]
    sides[0][1] = ("1", "FAM/SOCHX", "She has a sister.", talk("sister"))
    pin("mts-dialog", MTS, sides, monkeypatch, tmp_path)
    return tmp_path


def read(name: str, **settings: Any) -> list[Row | Dropped]:
    source = PublicSource(type="public", name=name, **settings)
    return list(read_source(source, 0, Path(), objective="sft"))


def prepared(model: Path, **data: Any) -> tuple[Recipe, Prepared]:
    source = {"type": "public", "name": "mts-dialog"} | data.pop("source", {})
    settings = {"sources": [source], "near_duplicate": None, "max_length": 512, **data}
    recipe = Recipe.model_validate({"name": "a", "model": {"id": str(model)}, "data": settings})
    return recipe, plan(recipe, Path())


def counts(found: Prepared) -> dict[str, int]:
    return {side: len(rows) for side, rows in found.rows.items()}


@pytest.mark.usefixtures("mts")
def test_every_row_is_on_its_published_side_whatever_the_shares(tiny_model: Path) -> None:
    for shares in ({}, {"test_share": 0.5, "validation_share": 0.3}, {"test_share": 0}):
        recipe, found = prepared(tiny_model, **shares)
        assert counts(found) == {"train": 12, "validation": 3, "test": 9}
        for side in SIDES:
            assert {row.id.partition("-")[0] for row in found.rows[side]} == {side}
        assert {e.split for e in found.receipt if e.kept} == set(SIDES)
        assert [f.name for f in group_findings(recipe, found)] == []


@pytest.mark.usefixtures("mts")
def test_a_source_may_still_be_put_on_one_side_as_a_whole(tiny_model: Path) -> None:
    _, found = prepared(tiny_model, source={"side": "test"})
    assert counts(found) == {"train": 0, "validation": 0, "test": 24}


@pytest.mark.usefixtures("mts")
def test_a_limit_counts_on_each_side(tiny_model: Path) -> None:
    _, found = prepared(tiny_model, source={"limit": 4})
    assert counts(found) == {"train": 4, "validation": 3, "test": 4}
    assert [row.id for row in found.rows["test"]] == ["test-0", "test-1", "test-2", "test-3"]


@pytest.mark.usefixtures("mts")
def test_the_prompt_names_the_section_in_words_and_holds_the_conversation() -> None:
    first, second = (item for item in read("mts-dialog")[:2] if isinstance(item, Row))
    assert '"history of present illness"' in first.question
    assert '"family and social history"' in second.question
    assert first.question.endswith(talk("train pain"))
    assert first.reference == summary("train pain")
    assert first.extra["section"] == "GENHX"
    assert first.question.removeprefix(first.extra["instruction"]).strip() == talk("train pain")
    assert first.place == "MTS-Dialog-TrainingSet.csv:2"


def test_no_two_sections_are_called_alike() -> None:
    assert len({ask_for(section) for section in SECTIONS}) == 20


def test_a_conversation_on_two_published_sides_stays_where_it_is_examined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    """The training row gives way, and the receipt says to which."""
    learnt = [(str(i), "CC", summary("gout", i), talk("gout", i)) for i in range(4)]
    again = [("0", "ROS", "No further complaints at all.", talk("gout", 2).upper())]
    chosen = [("0", "CC", "Otherwise put: gout.", talk("gout", 3))]
    pin("mts-dialog", MTS, [learnt, chosen, again], monkeypatch, tmp_path)
    _, found = prepared(tiny_model)
    assert counts(found) == {"train": 2, "validation": 1, "test": 1}
    dropped = {e.id: (e.reason, e.of) for e in found.receipt if not e.kept}
    assert dropped == {
        "train-2": ("group of a test row", "test-0"),
        "train-3": ("group of a validation row", "validation-0"),
    }
    assert len(found.receipt) == 6


def test_a_row_of_anothers_that_shares_a_group_with_a_published_test_row_is_refused(
    mts: Path, tiny_model: Path
) -> None:
    group = next(i.group for i in read("mts-dialog") if isinstance(i, Row) and i.side == "test")
    (mts / "own.csv").write_text(f"prompt,completion,group\nA question?,An answer.,{group}\n")
    own = {"type": "csv", "path": str(mts / "own.csv"), "side": "train"}
    with pytest.raises(
        DataError, match=r"own\.csv:2: group .* is in train here and in test at MTS"
    ):
        prepared(tiny_model, sources=[{"type": "public", "name": "mts-dialog"}, own])


def test_a_visit_keeps_its_side_its_encounter_and_its_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = [
        [("aci", f"D2N00{i}", "[doctor] hi , martha .\n[patient] hello", "CC:\n\nCough.")]
        for i in range(3)
    ]
    sides[0].append(("aci", "D2N009", "", "CC:\n\nCough."))
    pin("aci-bench", ACI, sides, monkeypatch, tmp_path)
    *rows, _ = found = read("aci-bench")
    assert [(item.id, getattr(item, "side", None)) for item in found] == [
        ("D2N000", "train"), ("D2N009", None), ("D2N001", "validation"), ("D2N002", "test"),
    ]  # fmt: skip
    assert isinstance(found[1], Dropped)
    assert isinstance(rows[0], Row)
    assert rows[0].group == "D2N000"
    assert "ASSESSMENT AND PLAN" in rows[0].extra["instruction"]
    assert rows[0].question.endswith("[doctor] hi , martha .\n[patient] hello")


# -- the real sets -----------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
@pytest.mark.parametrize(
    ("name", "sizes", "groups"),
    [("mts-dialog", (1201, 100, 200), 1496), ("aci-bench", (67, 20, 40), 127)],
)
def test_the_real_sets_have_their_published_sizes(
    name: str, sizes: tuple[int, ...], groups: int
) -> None:
    rows = [item for item in read(name) if isinstance(item, Row)]
    assert Counter(row.side for row in rows) == dict(zip(SIDES, sizes, strict=True))
    assert len({row.id for row in rows}) == len(rows) == sum(sizes)
    assert len({row.group for row in rows}) == groups


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
def test_no_test_row_of_mts_dialog_is_lost_and_the_five_training_rows_left_out_are_told(
    tmp_path: Path,
) -> None:
    source = {"type": "public", "name": "mts-dialog"}
    data = {"sources": [source], "max_length": 2048, "too_long": "shorten"}
    recipe = Recipe.model_validate({"name": "a", "model": {"id": "nano"}, "data": data})
    found = plan(recipe, tmp_path)
    assert counts(found) == {"train": 1196, "validation": 100, "test": 200}
    assert {e.id: (e.reason, e.of) for e in found.receipt if not e.kept} == {
        "train-56": ("group of a validation row", "validation-58"),
        "train-284": ("group of a validation row", "validation-4"),
        "train-318": ("near duplicate of a test row", "test-96"),
        "train-926": ("group of a test row", "test-106"),
        "train-1109": ("exact duplicate", "train-256"),
    }
    assert found.counts["shortened"] == 3
