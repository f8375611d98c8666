"""How tasks share an epoch."""

from __future__ import annotations

from osler.data.weights import shows
from osler.rows import Row


def rows(task: str, count: int, repeat: int = 1) -> list[Row]:
    return [
        Row(id=f"{task}-{n}", group=str(n), source="s", repeat=repeat, task=task)
        for n in range(count)
    ]


def test_weights_are_kept_and_an_epoch_keeps_its_number_of_rows() -> None:
    given = [*rows("medical_qa", 100), *rows("refusal", 20)]
    often = shows(given, {"medical_qa": 1, "refusal": 0.5})
    assert sum(often) == 120
    assert sum(often[:100]) == 2 * sum(often[100:]) == 80


def test_a_task_with_too_few_rows_shows_all_of_them_and_none_much_more_often() -> None:
    given = [*rows("advice", 7), *rows("medical_qa", 93)]
    often = shows(given, {"advice": 1, "medical_qa": 3})
    assert sum(often[:7]) == 25
    assert set(often[:7]) == {3, 4}


def test_what_is_left_out_does_not_depend_on_the_order_of_the_rows() -> None:
    given = [*rows("medical_qa", 50), *rows("refusal", 50)]
    weights = {"medical_qa": 3.0, "refusal": 1.0}
    first = dict(zip([row.id for row in given], shows(given, weights), strict=True))
    other = given[::-1]
    assert dict(zip([row.id for row in other], shows(other, weights), strict=True)) == first


def test_a_row_that_a_source_repeats_counts_as_often_as_it_is_shown() -> None:
    given = [*rows("medical_qa", 10, repeat=2), *rows("refusal", 20)]
    often = shows(given, {"medical_qa": 1, "refusal": 1})
    assert often == [2] * 10 + [1] * 20
