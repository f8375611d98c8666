"""What a task measures joins the examination: figures, intervals, verdict, report."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.disk import read_json
from osler.evaluate import suite
from osler.evaluate.measures import MEASURES
from osler.evaluate.summary import Examination, System, summarise
from osler.run import Run
from osler.tasks.base import Measure

SHARE = Measure("facts right", "%", "higher", "Of the facts stated, those that hold.", decides=True)


def examined(
    a: list[tuple[float, float]], b: list[tuple[float, float]], groups: list[str] | None = None
) -> dict[str, Any]:
    """Two systems of which each item has (share of 100, things it is a share of)."""
    systems = {
        name: System(
            {"facts": [value for value, _ in pairs]}, counts={"facts": [n for _, n in pairs]}
        )
        for name, pairs in (("tuned", a), ("base", b))
    }
    examination = Examination(
        groups=groups or [str(i) for i in range(len(a))],
        sizes=[1] * len(a),
        systems=systems,
        pairs=[("tuned", "base")],
        signatures={},
        measures=MEASURES | {"facts": SHARE},
    )
    return summarise(examination, confidence=0.95, margin=1.0, seed=0)


def figure(results: dict[str, Any], system: str) -> dict[str, float]:
    return results["systems"][system]["measures"]["facts"]


def test_a_share_is_all_hits_over_all_things_and_items_without_any_say_nothing() -> None:
    some = [(50.0, 2.0), (100.0, 6.0)] * 10
    without = [*some, *([(0.0, 0.0)] * 30)]
    results = examined(without, without)
    assert figure(results, "tuned")["mean"] == pytest.approx(100 * 7 / 8)
    low, high = figure(results, "tuned")["low"], figure(results, "tuned")["high"]
    assert 70 < low < 87.5 < high < 100
    again = figure(examined(some, some), "tuned")
    assert again["mean"] == pytest.approx(87.5)
    assert again["low"] == pytest.approx(low, abs=1.5)


def test_all_right_is_no_certainty_and_counts_groups_that_have_any() -> None:
    right = [(100.0, 5.0)] * 10 + [(0.0, 0.0)] * 90
    found = figure(examined(right, right), "tuned")
    assert found["mean"] == 100
    assert found["low"] == pytest.approx(72.2, abs=0.1)  # Wilson's of 10 of 10


def noisy(seed: int, rate: float, count: int = 120) -> list[tuple[float, float]]:
    """Items with none to five things of which each holds with this chance."""
    draw = random.Random(seed)
    items: list[tuple[float, float]] = []
    for _ in range(count):
        n = draw.randrange(6)
        hits = sum(draw.random() < rate for _ in range(n))
        items.append((100 * hits / n if n else 0.0, float(n)))
    return items


def test_the_verdict_rests_on_a_tasks_own_deciding_measure() -> None:
    """Though the two state different numbers of things in each item."""
    results = examined(noisy(1, 0.95), noisy(2, 0.60))
    (comparison,) = results["comparisons"]
    assert comparison["measure"] == "facts"
    assert comparison["outcome"] == "better"
    assert comparison["mean_a"] == pytest.approx(figure(results, "tuned")["mean"])
    assert comparison["mean_b"] == pytest.approx(figure(results, "base")["mean"])
    assert "facts right" in results["verdict"]["tuned against base"]


def test_two_equal_systems_seldom_get_a_winner_on_a_share() -> None:
    outcomes = [
        examined(noisy(seed, 0.8, 60), noisy(seed + 500, 0.8, 60))["comparisons"][0]["outcome"]
        for seed in range(100)
    ]
    assert outcomes.count("better") + outcomes.count("worse") <= 10  # 5 are to be expected


def test_a_share_of_things_in_too_few_groups_decides_nothing_and_a_note_says_so() -> None:
    few = [(100.0, 5.0)] * 7 + [(0.0, 0.0)] * 50
    results = examined(few, noisy(3, 0.5, 57))
    assert results["comparisons"] == []
    assert "no verdict can be given" in results["verdict"]["tuned against base"]
    assert "facts right: no part in the verdict on tuned against base" in results["notes"][0]
    assert figure(results, "tuned")["mean"] == 100, "it is reported all the same"


def test_a_difference_of_shares_never_reaches_beyond_100_points() -> None:
    wrong = [(0.0, 1.0)] * 59 + [(0.0, 40.0)]
    (comparison,) = examined([(100.0, float(1 + i % 9)) for i in range(60)], wrong)["comparisons"]
    low, high = comparison["interval"]
    assert comparison["difference"] == pytest.approx(100)
    assert 0 < low <= 100
    assert high == 100


def test_a_figure_of_a_group_may_stand_at_one_of_its_items() -> None:
    """A patient whose twelve sections are items has one count of omissions."""
    groups = [f"patient {i // 12}" for i in range(120)]
    tuned = [(90.0 + i % 7, 1.0) if i % 12 == 0 else (0.0, 0.0) for i in range(120)]
    base = [(40.0 + i % 5, 1.0) if i % 12 == 0 else (0.0, 0.0) for i in range(120)]
    (comparison,) = examined(tuned, base, groups)["comparisons"]
    assert comparison["outcome"] == "better"
    assert comparison["n_clusters"] == 10
    assert comparison["difference"] == pytest.approx(50, abs=4)


# -- the stage ---------------------------------------------------------------------------------


def test_a_task_is_examined_with_its_measures_and_controls(
    trained_on_answers: Path,
    copy_of: Callable[..., Run],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = copy_of(trained_on_answers, "one", task="document_summary")
    suite.evaluate(run.recipe, run)
    results = read_json(run.path / "evaluate" / "results.json")
    assert list(results["systems"]) == ["base", "tuned", "control", "copy"]
    assert list(results["verdict"]) == [
        "tuned against base", "tuned against control", "tuned against copy",
    ]  # fmt: skip
    assert results["settings"]["task"] == "document_summary"
    copy = results["systems"]["copy"]["measures"]
    assert copy["numbers_right"]["mean"] == 100
    assert "rougeL" in copy
    assert "subjective_rouge1" not in copy, "the references are no visit notes"
    printed = capsys.readouterr().out
    assert "ROUGE-L ↑" in printed
    assert "…" not in printed, "no interval is cut, with four systems side by side"
    page = (run.path / "evaluate" / "report.html").read_text()
    assert "numbers from the document" in page
    assert 'data-label="copy"' in page
    lines = (run.path / "evaluate" / "scores.jsonl").read_text().splitlines()
    for line in map(json.loads, lines):
        assert (line["numbers_kept"] is None) == (line["numbers_kept_of"] == 0)


def test_of_a_task_that_was_not_asked_for_nothing_is_in_the_report(
    trained_on_answers: Path, copy_of: Callable[..., Run]
) -> None:
    run = copy_of(trained_on_answers, "one")
    suite.evaluate(run.recipe, run)
    results = read_json(run.path / "evaluate" / "results.json")
    assert list(results["measures"]) == [*MEASURES, "refused", "refused_wrongly"]
    assert list(results["systems"]) == ["base", "tuned", "control"]
    assert "numbers from the document" not in (run.path / "evaluate" / "report.html").read_text()
