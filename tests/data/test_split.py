"""The split: a group is on one side, and stays there whatever else changes."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from osler.data.prepare import plan
from osler.data.split import group_position, refuse_torn_groups, side_of
from osler.errors import DataError
from osler.recipe import Recipe
from osler.rows import Row

SHARES = {"validation_share": 0.1, "test_share": 0.2}


def side(group: str) -> str:
    return side_of(group, **SHARES)


def sides_of(folder: Path, model: Path, rows: list[tuple[str, str]], **top: Any) -> dict[str, str]:
    """Row id -> side, after the data stage has read rows of (id, group) from a file."""
    lines = [f"{own},What of {own}?,The answer is {own}.,{group}\n" for own, group in rows]
    (folder / "a.csv").write_text("id,prompt,completion,group\n" + "".join(lines))
    data = {"sources": [{"type": "csv", "path": "a.csv"}], "near_duplicate": None, **SHARES}
    recipe = Recipe.model_validate({"name": "a", "model": {"id": str(model)}, "data": data} | top)
    prepared = plan(recipe, folder)
    return {row.id: side for side, rows in prepared.rows.items() for row in rows}


@pytest.fixture
def rows() -> list[tuple[str, str]]:
    """400 rows in 80 groups, in no order."""
    found = [(f"r{number}", f"patient {number % 80}") for number in range(400)]
    random.Random(0).shuffle(found)
    return found


def test_a_group_is_never_on_two_sides(
    tmp_path: Path, tiny_model: Path, rows: list[tuple[str, str]]
) -> None:
    sides = sides_of(tmp_path, tiny_model, rows)
    by_group: dict[str, set[str]] = defaultdict(set)
    for own, group in rows:
        by_group[group].add(sides[own])
    assert len(sides) == 400
    assert {len(found) for found in by_group.values()} == {1}
    assert set().union(*by_group.values()) == {"train", "validation", "test"}


def test_a_group_stays_where_it_is_when_data_is_added_or_reordered(
    tmp_path: Path, tiny_model: Path, rows: list[tuple[str, str]]
) -> None:
    before = sides_of(tmp_path, tiny_model, rows[:150])
    more = [(f"new{number}", f"patient {number % 140}") for number in range(300)]
    after = sides_of(tmp_path, tiny_model, [*more, *reversed(rows)])
    assert {own: after[own] for own in before} == before


def test_the_split_does_not_depend_on_the_seed(
    tmp_path: Path, tiny_model: Path, rows: list[tuple[str, str]]
) -> None:
    assert sides_of(tmp_path, tiny_model, rows, seed=0) == sides_of(
        tmp_path, tiny_model, rows, seed=12345
    )


def test_the_split_is_that_of_every_version_and_machine() -> None:
    """What was held out for one run, or for `nano`, must never come into another's training."""
    assert [round(group_position(name), 12) for name in ("asthma", "Ménière's disease", "")] == [
        0.685503824593,
        0.852786456399,
        0.505006865141,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Asthma", "asthma"),
        (" celiac  disease\t", "Celiac Disease"),
        ("GRÖSSE", "größe"),
        ("Me\u0301nie\u0300re", "Ménière"),  # accents as signs of their own, as macOS writes them
    ],
)
def test_case_white_space_and_accents_do_not_tear_a_group_apart(one: str, other: str) -> None:
    assert group_position(one) == group_position(other)
    rows = [Row("1", one, "a", "a.csv:2"), Row("2", other, "b", "b.csv:7")]
    with pytest.raises(DataError, match=r"b\.csv:7: group .* is in test here and in train at a"):
        refuse_torn_groups([(rows[0], "train"), (rows[1], "test")])


def test_different_names_are_different_groups() -> None:
    names = ["asthma", "asthmas", "asthma 1", "asthma 2", "as thma", "ästhma"]
    assert len({group_position(name) for name in names}) == len(names)


def test_the_sides_have_the_shares_asked_for() -> None:
    counts = Counter(side(f"topic {number}") for number in range(10_000))
    # Four standard deviations of a share of 0.2 over 10,000 names are 160 names.
    assert abs(counts["test"] - 2_000) < 160
    assert abs(counts["validation"] - 1_000) < 120
    assert counts["train"] == 10_000 - counts["test"] - counts["validation"]


def test_a_larger_test_share_keeps_every_test_group() -> None:
    names = [f"topic {number}" for number in range(500)]
    small = {n for n in names if side_of(n, validation_share=0.05, test_share=0.1) == "test"}
    large = {n for n in names if side_of(n, validation_share=0.05, test_share=0.2) == "test"}
    assert small < large


def test_a_share_of_zero_leaves_a_side_empty() -> None:
    names = [f"topic {number}" for number in range(500)]
    assert {side_of(name, validation_share=0, test_share=0) for name in names} == {"train"}
    assert "test" not in {side_of(name, validation_share=0.4, test_share=0) for name in names}


def test_a_group_that_may_be_text_is_not_shown() -> None:
    text = "Mrs Planted came in on Monday and was seen."
    rows = [Row(f"r{n}", text, "s", f"a.csv:{n}") for n in (2, 3)]
    with pytest.raises(DataError) as caught:
        refuse_torn_groups([(rows[0], "train"), (rows[1], "test")])
    assert str(caught.value).startswith("a.csv:3: this row's group is in test here and in train at")
