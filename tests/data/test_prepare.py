"""The data stage: every input row is accounted for, and the files hold what the receipt says."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osler.data.split import side_of
from osler.disk import file_digest, read_json
from osler.errors import DataError
from osler.model import load_tokenizer
from osler.recipe_file import load_recipe
from osler.rows import Row, read_rows
from osler.run import Run
from osler.stages import run_stage
from osler.template import tokenize_rows

Prepare = Callable[..., Run]

SECRET = "zqxsecret"
"""Stands in every text that is dropped; `zqxkept` stands in every text that is kept."""


def topics(side: str, count: int) -> list[str]:
    """Names of groups that the split puts on this side."""
    shares = {"validation_share": 0.1, "test_share": 0.2}
    names = (f"topic-{n}" for n in range(10_000))
    return [name for name in names if side_of(name, **shares) == side][:count]


def text_of(topic: str) -> str:
    words = " ".join(f"{topic.replace('-', '')}{n}" for n in range(12))
    return f"The zqxkept answer of {topic} is {words}."


@pytest.fixture
def nasty(tmp_path: Path) -> int:
    """Three files with all that goes wrong with rows; returns how many rows they hold.

    `a.csv`: 30 good rows, an empty answer, a blank question, an exact duplicate with another id,
    a near duplicate of a test row, and one too long. `b.jsonl`: two conversations, of 3 and 2
    turns, one of them with a hole; a role nobody knows; a control character. `c.jsonl`: rows
    without an id, two of them the same but for white space.
    """
    good = [*topics("train", 20), *topics("validation", 4), *topics("test", 6)]
    rows = [(f"id-{t}", f"What of {t}?", text_of(t), t, f"note zqxkept {t}") for t in good]
    held_out = topics("test", 1)[0]
    bad = [
        ("empty", f"{SECRET} why?", "  ", "t1", SECRET),
        ("blank", "\t", f"{SECRET} so.", "t2", SECRET),
        ("twice", rows[3][1], rows[3][2], "t3", SECRET),
        ("near", rows[-6][1], text_of(held_out) + f" {SECRET}", topics("train", 21)[-1], SECRET),
        ("long", f"{SECRET} " * 400, "So.", "t5", SECRET),
    ]
    assert rows[-6][3] == held_out
    with (tmp_path / "a.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "prompt", "completion", "group", "note"])
        writer.writerows([*rows[:15], *bad, *rows[15:]])
    turns = [("user", "zqxkept one?"), ("assistant", "zqxkept one."), ("user", "zqxkept two?")]
    ends = [("assistant", "zqxkept two."), ("user", "zqxkept three?"), ("assistant", "Three.")]
    spoilt = [("user", SECRET), ("assistant", ""), ("user", SECRET), ("assistant", SECRET)]
    records: list[dict[str, Any]] = [
        {"id": "chat", "messages": _messages([*turns, *ends])},
        {"id": "hole", "messages": _messages(spoilt)},
        {"id": "role", "messages": _messages([("robot", SECRET)])},
        {"id": "bell", "messages": _messages([("user", f"{SECRET}\a"), ("assistant", "b")])},
    ]
    _write(tmp_path / "b.jsonl", records)
    same = [{"prompt": "Is zqxkept so?", "completion": text} for text in ("It is.", " It  is. ")]
    _write(tmp_path / "c.jsonl", [*same, {"prompt": "Is zqxkept not?", "completion": "It is."}])
    return 35 + 3 + 2 + 1 + 1 + 3


def _messages(turns: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in turns]


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def prepare(tmp_path: Path, tiny_model: Path) -> Prepare:
    """Runs the data stage over files of the folder: `prepare(run name, files, *overrides)`."""

    def do(name: str, files: tuple[str, ...], *overrides: str) -> Run:
        sources = "".join(
            f"    - {{type: {Path(file).suffix[1:]}, path: {file}}}\n" for file in files
        )
        path = tmp_path / "recipe.yaml"
        path.write_text(
            f"name: a\nmodel: {{id: {tiny_model}}}\ndata:\n  sources:\n{sources}"
            "  max_length: 200\n  validation_share: 0.1\n  test_share: 0.2\n  too_long: drop\n"
        )
        run = Run.create(load_recipe(path, overrides), tmp_path / name)
        run_stage("data", run)
        return run

    return do


ALL = ("a.csv", "b.jsonl", "c.jsonl")


def receipt_of(run: Run) -> list[dict[str, Any]]:
    lines = (run.path / "data" / "receipt.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def rows_of(run: Run) -> dict[str, list[Row]]:
    data = run.path / "data"
    return {s: list(read_rows(data / f"{s}.jsonl")) for s in ("train", "validation", "test")}


# -- the receipt -------------------------------------------------------------------------------


def test_the_receipt_has_one_line_for_every_input_row_and_adds_up(
    prepare: Prepare, nasty: int
) -> None:
    run = prepare("run", ALL)
    receipt = receipt_of(run)
    assert len(receipt) == nasty
    kept = [entry for entry in receipt if entry["kept"]]
    reasons = Counter(entry["reason"] for entry in receipt if not entry["kept"])
    assert reasons == {
        "empty answer": 3,  # one of them spoils the turn after it
        "empty prompt": 1,
        "exact duplicate": 2,
        "near duplicate of a test row": 1,
        "too long": 1,
        "message 1 has a role other than system, user, assistant": 1,
        "control character U+0007 in the prompt": 1,
    }
    assert len(kept) + reasons.total() == nasty
    places = [entry["place"] for entry in receipt]
    assert places[:35] == [f"a.csv:{line}" for line in range(2, 37)]
    assert places[35:40] == ["b.jsonl:1"] * 3 + ["b.jsonl:2"] * 2


def test_a_dropped_row_is_named_with_what_it_repeats(prepare: Prepare, nasty: int) -> None:
    by_id = {entry["id"]: entry for entry in receipt_of(prepare("run", ALL))}
    assert by_id["twice"]["of"] == f"id-{topics('train', 4)[-1]}"
    assert by_id["near"]["of"] == f"id-{topics('test', 1)[0]}"
    assert by_id["long"]["tokens"] > 200
    assert all(entry["split"] == "" for entry in by_id.values() if not entry["kept"])


def test_the_report_counts_what_is_in_the_files(prepare: Prepare, nasty: int) -> None:
    run = prepare("run", ALL)
    report, rows = read_json(run.path / "data" / "report.json"), rows_of(run)
    receipt = receipt_of(run)
    assert report["input"] == nasty
    assert report["kept"] == {side: len(found) for side, found in rows.items()}
    assert sum(report["kept"].values()) + sum(report["dropped"].values()) == nasty
    assert report["groups"] == {s: len({row.group for row in found}) for s, found in rows.items()}
    trained = {e["id"]: e["trained_tokens"] for e in receipt if e["kept"]}
    assert report["trained_tokens"] == sum(trained[row.id] for row in rows["train"])
    for side, found in rows.items():
        tokens = [e["tokens"] for e in receipt if e["kept"] and e["split"] == side]
        assert (report["lengths"][side]["rows"], report["lengths"][side]["total"]) == (
            len(found), sum(tokens),
        )  # fmt: skip
    assert report["test_digest"] == file_digest(run.path / "data" / "test.jsonl")
    assert set(report["licences"]) == set(ALL)
    assert run.record("data")["rows"] == report["kept"]


def test_every_kept_row_is_in_the_file_of_its_side_with_the_tokens_it_has(
    prepare: Prepare, nasty: int, tiny_model: Path
) -> None:
    run = prepare("run", ALL, "data.system=Be brief.")
    kept = {entry["id"]: entry for entry in receipt_of(run) if entry["kept"]}
    rows = rows_of(run)
    assert sorted(row.id for found in rows.values() for row in found) == sorted(kept)
    tokenizer = load_tokenizer(run.recipe.model, Path())
    for side, found in rows.items():
        assert found, f"no {side} rows"
        for row, tokens in zip(found, tokenize_rows(tokenizer, found, "Be brief."), strict=True):
            entry = kept[row.id]
            assert (entry["split"], entry["group"]) == (side, row.group)
            assert (entry["tokens"], entry["trained_tokens"]) == (
                len(tokens.input_ids), tokens.n_trained,
            )  # fmt: skip


# -- the rows ----------------------------------------------------------------------------------


def test_ids_groups_and_extra_columns_survive_to_the_files(prepare: Prepare, nasty: int) -> None:
    rows = {row.id: row for found in rows_of(prepare("run", ALL)).values() for row in found}
    for topic in [*topics("train", 20), *topics("validation", 4), *topics("test", 6)]:
        row = rows[f"id-{topic}"]
        assert (row.group, row.reference) == (topic, text_of(topic))
        assert row.extra == {"note": f"note zqxkept {topic}"}
    assert [rows[f"chat#{turn}"].question for turn in (1, 2, 3)] == [
        "zqxkept one?", "zqxkept two?", "zqxkept three?",
    ]  # fmt: skip
    assert len({rows[f"chat#{turn}"].group for turn in (1, 2, 3)}) == 1


def test_the_same_input_gives_the_same_bytes(prepare: Prepare, nasty: int) -> None:
    one, two = prepare("one", ALL), prepare("elsewhere/two", ALL)
    names = sorted(path.name for path in (one.path / "data").iterdir())
    assert names == [
        "receipt.jsonl", "report.json", "test.jsonl", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip
    for name in names:
        assert (one.path / "data" / name).read_bytes() == (two.path / "data" / name).read_bytes()


def test_an_id_of_another_source_is_refused_when_the_rows_differ(
    prepare: Prepare, tmp_path: Path
) -> None:
    _write(tmp_path / "one.jsonl", [{"id": "7", "prompt": "a?", "completion": SECRET}])
    _write(tmp_path / "two.jsonl", [{"id": "7", "prompt": "b?", "completion": SECRET}])
    with pytest.raises(DataError) as caught:
        prepare("run", ("one.jsonl", "two.jsonl"))
    said = str(caught.value).splitlines()
    assert said[0] == "two.jsonl:1: id '7' was already used at one.jsonl:1 for another row."
    assert "Make ids unique" in said[1]
    assert len(said) == 2
    assert SECRET not in str(caught.value)


def test_the_same_row_in_two_sources_is_one_row(prepare: Prepare, tmp_path: Path) -> None:
    for name in ("one.jsonl", "two.jsonl"):
        _write(tmp_path / name, [{"id": "7", "prompt": "a?", "completion": "b."}])
    run = prepare("run", ("one.jsonl", "two.jsonl"))
    assert [(e["place"], e["kept"], e["of"]) for e in receipt_of(run)] == [
        ("one.jsonl:1", True, ""),
        ("two.jsonl:1", False, "7"),
    ]


def test_input_without_one_usable_row_says_why(prepare: Prepare, tmp_path: Path) -> None:
    bad = [{"prompt": SECRET, "completion": ""}, {"prompt": "", "completion": SECRET}]
    _write(tmp_path / "bad.jsonl", [*bad, {"prompt": SECRET * 99, "completion": "b"}])
    with pytest.raises(DataError) as caught:
        prepare("run", ("bad.jsonl",))
    said = str(caught.value)
    assert said.startswith("No usable row among 3 (")
    for reason in ("1 empty answer", "1 empty prompt", "1 too long"):
        assert reason in said
    assert SECRET not in said
    assert Run.open(tmp_path / "run").status("data") == "failed"


# -- privacy -----------------------------------------------------------------------------------


def test_text_is_in_the_files_of_kept_rows_and_nowhere_else(prepare: Prepare, nasty: int) -> None:
    run = prepare("run", ALL)
    files = [path for path in run.path.rglob("*") if path.is_file()]
    holding = {path.name for path in files if b"zqxkept" in path.read_bytes()}
    assert holding == {"train.jsonl", "validation.jsonl", "test.jsonl"}
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]
