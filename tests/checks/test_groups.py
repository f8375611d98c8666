"""What is said of too few groups is enough when it is done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from scene import Scene, clean_scene

from osler.checks.finding import Finding


@pytest.fixture
def scene(tmp_path: Path, tiny_model: Path) -> Scene:
    return clean_scene(tmp_path, tiny_model)


def found(scene: Scene, name: str) -> Finding | None:
    return next((f for f in scene.examine().findings if f.name == name), None)


def do(scene: Scene, finding: Finding) -> None:
    """Set the first key that the cure names."""
    said = re.search(r"Set (data|evaluate)\.(\w+): ([\d.]*\d)", finding.cure)
    assert said, finding.cure
    scene.recipe[said[1]][said[2]] = float(said[3]) if "." in said[3] else int(said[3])


@pytest.mark.parametrize(
    ("name", "section", "key", "value"),
    [
        ("few-test-groups", "data", "test_share", 0.02),
        ("no-test-rows", "data", "test_share", 1e-6),
        ("few-test-groups", "evaluate", "max_items", 6),
        ("no-validation-rows", "data", "validation_share", 1e-6),
    ],
)
def test_what_is_told_to_set_is_enough(
    scene: Scene, name: str, section: str, key: str, value: Any
) -> None:
    scene.recipe[section][key] = value
    finding = found(scene, name)
    assert finding is not None
    do(scene, finding)
    assert scene.examine().findings == []


def test_with_few_groups_in_all_it_tells_how_many_to_add(scene: Scene) -> None:
    for index, row in enumerate(scene.rows):
        row["topic"] = f"topic {index % 9}"
    finding = found(scene, "few-test-groups")
    assert finding is not None
    assert finding.cure == "Add rows of about 23 more groups."


def test_a_test_source_of_its_own_needs_more_groups(scene: Scene) -> None:
    scene.source["limit"] = 8
    scene.source["side"] = "test"
    finding = found(scene, "few-test-groups")
    assert finding is not None
    assert finding.cure == "Add rows of 4 more groups to a source of side: test."


def test_rows_that_share_nothing_say_so_with_their_ids(scene: Scene) -> None:
    scene.source["columns"]["group"] = "id"
    assert found(scene, "no-group") is None
    del scene.source["columns"]["group"]
    finding = found(scene, "no-group")
    assert finding is not None
    assert finding.place == "data.sources[0].columns.group"
    assert "columns.id" in finding.cure


def test_columns_of_text_or_of_one_value_are_not_called_groups(scene: Scene) -> None:
    del scene.source["columns"]["group"]
    for index, row in enumerate(scene.rows):
        del row["topic"]
        row |= {"ward": "7b", "note": "long " * 30, "Mrs Planted": f"{index % 5}", "n": f"{index}"}
    finding = found(scene, "no-group")
    assert finding is not None
    assert "values in" not in finding.cure
