"""The evaluate stage as a whole, on a tiny model that was really trained."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.disk import file_digest, read_json, write_json
from osler.errors import RunError, UserError
from osler.evaluate import suite, systems
from osler.evaluate.store import LOOKS, count_look
from osler.rows import Row, read_rows, write_rows
from osler.run import Run

PLANTED = "ZQPLANTED"
CopyOf = Callable[..., Run]


def evaluated(run: Run) -> dict[str, Any]:
    suite.evaluate(run.recipe, run)
    return read_json(run.path / "evaluate" / "results.json")


def samples(run: Run, name: str) -> list[dict[str, Any]]:
    path = run.path / "evaluate" / "samples" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def examined(
    trained_on_answers: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, dict[str, Any], str]:
    """A finished examination, its results and what it printed."""
    import contextlib
    import io
    import shutil

    path = tmp_path_factory.mktemp("runs") / "run-1"
    shutil.copytree(trained_on_answers, path)
    run = Run.open(path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        results = evaluated(run)
    return run, results, printed.getvalue()


def test_base_tuned_and_control_are_examined_on_every_test_row(
    examined: tuple[Run, dict[str, Any], str],
) -> None:
    run, results, _ = examined
    ids = [row.id for row in read_rows(run.path / "data" / "test.jsonl")]
    assert results["items"] == len(ids)
    assert list(results["systems"]) == ["base", "tuned", "control"]
    for name in results["systems"]:
        assert [sample["id"] for sample in samples(run, name)] == ids
    assert run.status("evaluate") == "done"
    assert run.record("evaluate")["look"] == 1


def test_the_verdict_compares_tuned_with_base_and_with_the_control(
    examined: tuple[Run, dict[str, Any], str],
) -> None:
    _, results, printed = examined
    made = {(c["a"], c["b"]): [] for c in results["comparisons"]}
    for comparison in results["comparisons"]:
        made[comparison["a"], comparison["b"]].append(comparison["measure"])
    assert made == {
        ("tuned", "base"): ["bits_per_byte", "rougeLsum", "stop_rate"],
        ("tuned", "control"): ["rougeLsum"],
    }
    assert list(results["verdict"]) == ["tuned against base", "tuned against control"]
    assert "look 1 at this test set" in printed
    assert "bits per byte" in printed


def test_training_shows_in_bits_per_byte(examined: tuple[Run, dict[str, Any], str]) -> None:
    _, results, _ = examined
    first = results["comparisons"][0]
    assert first["outcome"] == "better"
    systems_found = results["systems"]
    assert first["mean_a"] == pytest.approx(
        systems_found["tuned"]["measures"]["bits_per_byte"]["mean"]
    )
    assert first["mean_b"] == pytest.approx(
        systems_found["base"]["measures"]["bits_per_byte"]["mean"]
    )


def test_every_figure_follows_from_the_stored_scores(
    examined: tuple[Run, dict[str, Any], str],
) -> None:
    run, results, _ = examined
    lines = (run.path / "evaluate" / "scores.jsonl").read_text().splitlines()
    scores = [json.loads(line) for line in lines]
    assert len(scores) == 3 * results["items"]
    tuned = [line for line in scores if line["system"] == "tuned"]
    mean = sum(line["rouge1"] for line in tuned) / len(tuned)
    found = results["systems"]["tuned"]["measures"]
    assert found["rouge1"]["mean"] == pytest.approx(mean)
    bits = sum(line["bits_per_byte"] * line["bytes"] for line in tuned)
    assert found["bits_per_byte"]["mean"] == pytest.approx(bits / sum(x["bytes"] for x in tuned))
    for figures in found.values():
        assert figures["low"] <= figures["mean"] <= figures["high"]


def test_empty_answers_score_0_and_are_counted_with_the_reason(
    examined: tuple[Run, dict[str, Any], str],
) -> None:
    run, results, _ = examined
    empty = sum(not sample["output"].strip() for sample in samples(run, "base"))
    zeros = results["systems"]["base"]["zero_scores"]
    assert zeros == ({"empty answer": empty} if empty else {})
    rate = results["systems"]["base"]["measures"]["empty_rate"]["mean"]
    assert rate == pytest.approx(100 * empty / results["items"])


def test_example_text_is_in_the_samples_and_the_report_alone(
    examined: tuple[Run, dict[str, Any], str],
) -> None:
    run, _, printed = examined
    assert PLANTED not in printed
    with_text = {
        path.relative_to(run.path).as_posix()
        for path in run.path.parent.rglob("*")
        if path.is_file() and PLANTED in path.read_text(encoding="utf-8", errors="ignore")
        if not path.is_relative_to(run.path / "data")
    }
    assert with_text == {"evaluate/samples/control.jsonl", "evaluate/report.html"}


def test_means_go_into_the_metrics(examined: tuple[Run, dict[str, Any], str]) -> None:
    run, results, _ = examined
    by_system = {line["system"]: line for line in run.metrics("evaluate")}
    found = results["systems"]["tuned"]["measures"]["chrf"]["mean"]
    assert by_system["tuned"]["chrf"] == pytest.approx(found)
    assert "bits_per_byte" not in by_system["control"]


def test_every_look_at_a_test_set_is_counted_across_runs(
    trained_on_answers: Path, copy_of: CopyOf, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = copy_of(trained_on_answers, "one"), copy_of(trained_on_answers, "two")
    assert evaluated(first)["look"] == 1
    assert evaluated(second)["look"] == 2
    assert "look 2 at this test set" in capsys.readouterr().out
    assert evaluated(first)["look"] == 3
    assert "look 3 at this test set" in (first.path / "evaluate" / "report.html").read_text()
    lines = (first.path.parent / LOOKS).read_text().splitlines()
    assert [json.loads(line)["run"] for line in lines] == ["one", "two", "one"]


def test_an_interrupted_examination_goes_on_with_the_same_look_and_what_it_has(
    trained_on_answers: Path, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of(trained_on_answers)

    def press(*args: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as pressed:  # when the base is done and the adapter is loaded
        pressed.setattr("peft.PeftModel.from_pretrained", press)
        with pytest.raises(KeyboardInterrupt):
            suite.evaluate(run.recipe, run)
    assert run.status("evaluate") == "interrupted"
    of_base = run.path / "evaluate" / "samples" / "base.jsonl"
    written = of_base.stat().st_mtime_ns
    assert evaluated(Run.open(run.path))["look"] == 1
    assert of_base.stat().st_mtime_ns == written


def test_nothing_is_generated_twice_unless_what_decides_it_has_changed(
    trained_on_answers: Path, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of(trained_on_answers)
    first = evaluated(run)
    loaded: list[str] = []
    for name, real in list(systems.LOADERS.items()):
        monkeypatch.setitem(
            systems.LOADERS, name, lambda r, name=name, real=real: (loaded.append(name), real(r))[1]
        )
    again = evaluated(run)
    assert loaded == []
    assert again["systems"] == first["systems"]
    damaged = run.path / "evaluate" / "samples" / "base.jsonl"
    damaged.write_text("".join(damaged.read_text().splitlines(keepends=True)[:-1]))
    assert evaluated(run)["systems"] == first["systems"]
    assert loaded == ["base"]
    lock = read_json(run.path / "recipe.lock.json")
    lock["recipe"]["evaluate"]["max_new_tokens"] = 3
    write_json(run.path / "recipe.lock.json", lock)
    evaluated(Run.open(run.path))
    assert loaded == ["base", "base", "tuned"]


def test_only_one_model_is_in_memory_at_a_time(
    trained_on_answers: Path, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[Any] = []

    def watched(real: Any) -> Any:
        def load(run: Run) -> Any:
            assert all(model() is None for model in alive)
            model = real(run)
            alive.append(weakref.ref(model))
            return model

        return load

    for name, real in list(systems.LOADERS.items()):
        monkeypatch.setitem(systems.LOADERS, name, watched(real))
    evaluated(copy_of(trained_on_answers))
    assert len(alive) == 2


def test_without_test_rows_the_error_says_what_to_set(
    trained_on_answers: Path, copy_of: CopyOf
) -> None:
    run = copy_of(trained_on_answers)
    empty_test_set(run)
    with pytest.raises(UserError, match="no test rows") as fault:
        suite.evaluate(run.recipe, run)
    assert "data.test_share" in str(fault.value)
    assert not (run.path.parent / LOOKS).exists()


def empty_test_set(run: Run) -> None:
    path = run.path / "data" / "test.jsonl"
    write_rows(path, [])
    report = read_json(run.path / "data" / "report.json")
    write_json(run.path / "data" / "report.json", report | {"test_digest": file_digest(path)})


def test_a_test_set_that_has_changed_is_refused(trained_on_answers: Path, copy_of: CopyOf) -> None:
    run = copy_of(trained_on_answers)
    path = run.path / "data" / "test.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(UserError, match="not the file that the data stage wrote"):
        suite.evaluate(run.recipe, run)


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("data/test.jsonl", "osler data RECIPE"),
        ("data/train.jsonl", "osler data RECIPE"),
        ("train/adapter/adapter_model.safetensors", "osler train RECIPE"),
        ("train/adapter/adapter_config.json", "osler train RECIPE"),
    ],
)
def test_what_is_missing_or_cut_off_is_told_before_the_test_set_is_looked_at(
    trained_on_answers: Path, copy_of: CopyOf, name: str, cure: str
) -> None:
    run = copy_of(trained_on_answers)
    path = run.path / name
    if name.startswith("train/"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(RunError, match="damaged") as fault:
            suite.evaluate(run.recipe, run)
        assert path.name in fault.value.message
    path.unlink()
    with pytest.raises(RunError) as fault:
        suite.evaluate(run.recipe, run)
    assert cure in fault.value.cure
    assert not (run.path.parent / LOOKS).exists()


def test_a_damaged_line_among_the_looks_is_named_and_a_torn_one_was_no_look(
    trained_on_answers: Path, copy_of: CopyOf
) -> None:
    run = copy_of(trained_on_answers)
    looks = run.path.parent / LOOKS
    looks.write_bytes(b'{"test_digest": "other", "run": "x"}\n{"test_dig')
    assert count_look(run, "d", continued=False).number == 1
    assert count_look(run, "d", continued=False).number == 2
    assert [json.loads(line).get("run") for line in looks.read_text().splitlines()] == [
        "x", "run-1", "run-1",
    ]  # fmt: skip
    for damaged in (b"7\n", b"\xff\xfe\n", b"{\n"):
        looks.write_bytes(b'{"test_digest": "d", "run": "x"}\n' + damaged)
        with pytest.raises(RunError, match=r"test-looks\.jsonl:2: damaged") as fault:
            count_look(run, "d", continued=False)
        assert fault.value.cure


def test_where_looks_cannot_be_written_beside_the_runs_the_run_counts_them_and_says_so(
    trained_on_answers: Path, copy_of: CopyOf
) -> None:
    run = copy_of(trained_on_answers)
    (run.path.parent / LOOKS).mkdir()  # not to be written by root either
    for number in (1, 2):
        results = evaluated(run)
        assert results["look"] == number
        assert any("looks of other runs may be missing" in note for note in results["notes"])
    assert len((run.path / LOOKS).read_text().splitlines()) == 2


def rows_of(sizes: dict[str, int]) -> list[Row]:
    return [
        Row(id=f"{group}{i}", group=group, source="s")
        for i in range(9)
        for group in sizes
        if i < sizes[group]
    ]


def test_max_items_keeps_whole_groups_and_more_items_only_add_groups() -> None:
    sizes = {f"g{i}": i % 4 + 1 for i in range(12)}
    rows = rows_of(sizes)
    before: set[str] = set()
    for most in range(4, len(rows) + 1):
        kept = suite.first_groups(rows, most)
        groups = {row.group for row in kept}
        assert len(kept) == sum(sizes[group] for group in groups) <= most
        assert before <= groups
        assert [row for row in rows if row in kept] == kept
        before = groups
    assert before == set(sizes)


def test_max_items_below_the_first_group_says_what_it_takes() -> None:
    with pytest.raises(UserError, match="at least 5"):
        suite.first_groups(rows_of({"a": 5}), 4)


def test_plain_text_is_judged_on_bits_per_byte_beside_unigram_and_gzip(
    trained_on_text: Path, copy_of: CopyOf, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copy_of(trained_on_text)
    results = evaluated(run)
    assert list(results["systems"]) == ["base", "tuned", "unigram", "gzip"]
    figures = {
        name: system["measures"]["bits_per_byte"]["mean"]
        for name, system in results["systems"].items()
    }
    assert figures["tuned"] < figures["base"]
    assert 0 < figures["gzip"] < 8
    assert [(c["a"], c["b"], c["measure"]) for c in results["comparisons"]] == [
        ("tuned", "base", "bits_per_byte"),
        ("tuned", "unigram", "bits_per_byte"),
    ]
    assert {row["source"] for row in results["sources"]} == {"book.txt", "leaflet.txt"}
    total = sum(row["bits_per_byte"]["tuned"] * row["bytes"] for row in results["sources"])
    assert total / sum(row["bytes"] for row in results["sources"]) == pytest.approx(
        figures["tuned"]
    )
    assert not (run.path / "evaluate" / "samples").exists()
    assert PLANTED not in (run.path / "evaluate" / "results.json").read_text()
    assert "bits per byte" in capsys.readouterr().out


def test_the_unigram_is_fitted_on_training_rows_with_one_added(tiny_model: Path) -> None:
    import math

    from osler.evaluate.plain_text import unigram_costs
    from osler.model import load_tokenizer
    from osler.recipe import Model

    tokenizer = load_tokenizer(Model(id=str(tiny_model)), Path())
    text = Row(id="a", group="a", source="s", text="aaaa")
    (cost,) = unigram_costs(tokenizer, [text], [text])
    ids = [*tokenizer("aaaa", add_special_tokens=False).input_ids, tokenizer.eos_token_id]
    total = len(tokenizer) + len(ids)
    expected = -sum(math.log((1 + ids.count(token)) / total) for token in ids)
    assert cost.nats == pytest.approx(expected)
    assert cost.bytes == 4


def measures_of(scores: dict[str, list[float]], groups: list[str], sizes: list[int]) -> Any:
    from osler.evaluate.summary import Examination, System, summarise

    examination = Examination(groups, sizes, {"a": System(scores)}, [], {})
    return summarise(examination, confidence=0.95, margin=1.0, seed=0)["systems"]["a"]["measures"]


def test_rates_of_independent_items_have_wilsons_interval() -> None:
    found = measures_of({"stop_rate": [100.0] * 39 + [0.0]}, [str(i) for i in range(40)], [1] * 40)
    low, high = found["stop_rate"]["low"], found["stop_rate"]["high"]
    assert (low, high) == (pytest.approx(87.12, abs=0.01), pytest.approx(99.56, abs=0.01))


def test_a_rate_of_100_in_grouped_items_is_no_certainty() -> None:
    groups = [str(i // 10) for i in range(100)]
    found = measures_of({"stop_rate": [100.0] * 100}, groups, [1] * 100)
    assert found["stop_rate"]["low"] == pytest.approx(72.2, abs=0.1)  # as of 10 of 10


def test_too_few_groups_have_means_and_no_intervals() -> None:
    scores = [float(i) for i in range(70)]
    found = measures_of({"chrf": scores}, [str(i % 7) for i in range(70)], [1] * 70)
    assert found["chrf"] == {"mean": pytest.approx(34.5), "low": None, "high": None}


def test_bits_per_byte_of_a_system_lie_in_their_interval_and_narrow_when_texts_are_alike() -> None:
    groups = [str(i) for i in range(40)]
    sizes = [100 + 40 * (i % 5) for i in range(40)]
    alike = measures_of(
        {"bits_per_byte": [0.8 + 0.001 * (i % 3) for i in range(40)]}, groups, sizes
    )
    apart = measures_of({"bits_per_byte": [0.8 + 0.1 * (i % 3) for i in range(40)]}, groups, sizes)
    widths = [m["bits_per_byte"]["high"] - m["bits_per_byte"]["low"] for m in (alike, apart)]
    assert 0 < widths[0] < widths[1] / 50
