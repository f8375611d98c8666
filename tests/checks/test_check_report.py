"""What `osler check` prints: sizes and estimates, and text to a terminal only."""

from __future__ import annotations

import dataclasses
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from scene import CPU, Scene, clean_scene

from osler.checks.forecast import padded_batches
from osler.checks.report import count, duration, print_report


@pytest.fixture
def scene(tmp_path: Path, tiny_model: Path) -> Scene:
    return clean_scene(tmp_path, tiny_model)


def printed(scene: Scene, *, terminal: bool) -> str:
    out = StringIO()
    print_report(scene.examine(), Console(file=out, width=140, force_terminal=terminal))
    return out.getvalue()


def test_text_of_a_row_is_shown_to_a_terminal_only(scene: Scene) -> None:
    seen, piped = printed(scene, terminal=True), printed(scene, terminal=False)
    assert "What helps against" in seen or "How is" in seen
    assert "\x1b[7;32m<|end|>" in seen  # the end of turn is set off as trained
    assert "<|end|>" not in piped
    assert not any(row["answer"][:30] in piped or row["question"] in piped for row in scene.rows)
    assert "tokens without loss" in piped


def test_lengths_steps_and_estimates_are_printed(scene: Scene) -> None:
    text = printed(scene, terminal=False)
    assert "longest rows" in text
    assert re.search(
        r"memory   all activations are kept: [\d.]+ of 15.3 GiB foretold \(cpu\)", text
    )
    assert re.search(r"time     about \d+ s$", text, re.MULTILINE)
    assert "foretold from the model's shape" in text
    assert "Nothing found to complain of." in text


def test_a_rank_s_share_is_printed_and_what_ranks_cannot_do(scene: Scene) -> None:
    scene.machine = dataclasses.replace(CPU, ranks=2)
    text = printed(scene, terminal=False)
    assert "on 2 ranks: the recipe's 4 rows a step, 2 on each" in text
    assert re.search(r"of 7\.\d GiB foretold \(cpu, each rank\)", text)
    scene.machine = dataclasses.replace(CPU, device="cuda", cards=2, ranks=4)
    text = printed(scene, terminal=False)
    assert "error: --gpus: 4 ranks need as many GPUs, and 2 are visible here. [ranks]" in text
    assert "memory" not in text


def test_with_a_price_the_cost_is_told(scene: Scene) -> None:
    scene.train["price_per_hour"] = 3600
    found = re.search(r"time     about (\d+) s; cost ([\d.]+) at 3600 an hour", printed(
        scene, terminal=False
    ))  # fmt: skip
    assert found is not None
    assert float(found[2]) == pytest.approx(float(found[1]), abs=0.5)


def test_steps_are_those_the_trainer_takes(scene: Scene) -> None:
    rows = scene.examine().rows
    assert rows is not None
    examples = len(rows.prepared.rows["train"])
    assert rows.forecast.examples == examples
    assert rows.forecast.total_steps == 2 * -(-examples // 4)


def test_repeats_count_as_examples(scene: Scene) -> None:
    scene.source["repeat"] = 3
    rows = scene.examine().rows
    assert rows is not None
    assert rows.forecast.examples == 3 * len(rows.prepared.rows["train"])


def test_the_largest_batch_is_made_of_the_longest_row() -> None:
    ordinary, most = padded_batches([10, 10, 10, 100], 2)
    assert most == 200
    assert 20 < ordinary <= 200
    assert padded_batches([], 4) == (0, 0)


def test_numbers_are_told_in_words() -> None:
    assert [count(n) for n in (7, 61_000, 11_500_000, 6_700_000_000)] == [
        "7", "61 k", "11.5 M", "6.7 G",
    ]  # fmt: skip
    assert [duration(s) for s in (3, 240, 3 * 3600, 72 * 3600)] == ["3 s", "4 min", "3 h", "3 days"]


def test_a_model_and_data_that_are_not_there_are_told_at_once(scene: Scene) -> None:
    shutil.rmtree(scene.model)
    scene.source["path"] = "other.csv"
    text = printed(scene, terminal=False)
    assert "[model]" in text
    assert "other.csv: no such file" in text
