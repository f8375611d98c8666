"""What people corrected, as rows that TRL and our own reader take."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from osler.cli import main
from osler.data.sources import read_source
from osler.recipe_sources import Columns, JsonlSource
from osler.rows import Row
from osler.serve.app.history import FILE, History

TRICKY = 'He said: "<b>5 µg</b>"\u2028 — naïve 🫀'


def talk(history: History, name: str, *turns: str) -> list[str]:
    """A conversation of questions and answers in turn; the ids of its messages."""
    parent: str | None = None
    ids: list[str] = []
    for number, content in enumerate(turns):
        role = "assistant" if number % 2 else "user"
        about: dict[str, Any] = {}
        if number % 2:
            source = {"number": 1, "document": "d1", "start": 10, "end": 90, "text": "…"}
            about = {"model": "nano", "task": "medical_qa", "prompt_digest": "ef" * 32,
                     "weights_digest": "ab" * 32, "sources": [source]}  # fmt: skip
        message = {"id": f"{name}{number}", "parent": parent, "role": role, "content": content}
        history.add(name, {**message, "about": about})
        parent = f"{name}{number}"
        ids.append(parent)
    return ids


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """A folder with a corrected answer at the end of two turns, thumbs, and what is no row."""
    history = History(tmp_path / "state")
    ids = talk(history, "a", "What is gout?", "A fish.", "And for children?", f"Rare. {TRICKY}")
    history.say(ids[3], "down", f"Rare in children. {TRICKY}", "too short")
    history.say(ids[1], "down", "", "")
    ids = talk(history, "b", "What is asthma?", "A disease of the airways.")
    history.say(ids[1], "up", "A  disease of the\nairways.", "")
    ids = talk(history, "c", "What is lupus?", "An autoimmune disease.")
    history.say(ids[1], "up", "", "clear")
    return tmp_path


def export(folder: Path) -> int:
    out, state = str(folder / "said.jsonl"), str(folder / "state")
    return main(["feedback", "export", "--out", out, "--state", state])


def test_corrected_answers_become_preferences_and_all_else_is_counted(
    said: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(said) == 0
    (row,) = [
        json.loads(line) for line in (said / "said.jsonl").read_text("utf-8").split("\n")[:-1]
    ]
    assert row["prompt"] == [
        {"role": "user", "content": "What is gout?"},
        {"role": "assistant", "content": "A fish."},
        {"role": "user", "content": "And for children?"},
    ]
    assert row["chosen"] == [{"role": "assistant", "content": f"Rare in children. {TRICKY}"}]
    assert row["rejected"] == [{"role": "assistant", "content": f"Rare. {TRICKY}"}]
    assert (row["model"], row["prompt_digest"]) == ("nano", "ef" * 32)
    assert row["sources"] == ["d1:10-90"]
    assert row["reason"] == "too short"
    told = capsys.readouterr().out
    assert "1 corrected answer written" in told
    assert "1 up, 1 down" in told
    assert "1 corrected answer that is the answer itself" in told
    assert (said / "said.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_file_is_read_by_our_own_reader_of_jsonl(said: Path) -> None:
    assert export(said) == 0
    columns = Columns(prompt="prompt", completion="chosen", id="id")
    source = JsonlSource(type="jsonl", path="said.jsonl", columns=columns)
    (row,) = read_source(source, 0, said, objective="sft")
    assert isinstance(row, Row)
    assert row.id == "a3"
    assert row.question == "And for children?"
    assert row.reference.startswith("Rare in children.")
    assert row.extra["rejected"][0]["content"].startswith("Rare. ")


def test_the_file_is_a_preference_data_set_for_trl(said: Path) -> None:
    from datasets import load_dataset
    from trl.data_utils import is_conversational

    assert export(said) == 0
    table = load_dataset(
        "json", data_files=str(said / "said.jsonl"), split="train", cache_dir=str(said / "cache")
    )
    assert {"prompt", "chosen", "rejected"} <= set(table.column_names)
    assert is_conversational(table[0])


def test_a_locked_or_damaged_file_is_told_of_and_nothing_is_written(
    said: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osler.serve.app.history.PATIENCE", 0.1)
    path = said / "state" / FILE
    holds = sqlite3.connect(path, isolation_level=None)
    holds.execute("PRAGMA journal_mode = DELETE")
    holds.execute("BEGIN EXCLUSIVE")
    assert export(said) == 2
    assert "locked by another process" in capsys.readouterr().err
    holds.close()
    whole = path.read_bytes()
    for torn in (b"", b"no database" * 99, whole[:4096] + bytes(len(whole) - 4096), whole[:5000]):
        path.write_bytes(torn)
        assert export(said) == 2
        told = capsys.readouterr().err
        assert str(path) in told
        assert "Traceback" not in told
    assert not (said / "said.jsonl").exists()


@pytest.mark.parametrize(
    "about", ['{"model": "\\ud800"}', '{"sources": [{"x": 1}]}', '{"sources": 5}', "secret", "[]"]
)
def test_a_damaged_row_is_named_and_all_others_are_exported(
    said: Path, capsys: pytest.CaptureFixture[str], about: str
) -> None:
    history = History(said / "state")
    ids = talk(history, "odd", "What is a secret?", "A secret.")
    history.say(ids[1], "down", "A better secret.", "")
    with sqlite3.connect(said / "state" / FILE) as db:
        db.execute("UPDATE messages SET about = ? WHERE id = ?", (about, ids[1]))
    assert export(said) == 0
    rows = (said / "said.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(row)["id"] for row in rows] == ["a3"]
    told = capsys.readouterr().out
    assert "1 damaged row, of the answers odd1" in told
    assert "secret" not in told


def test_a_folder_without_conversations_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path) == 2
    assert "--state" in capsys.readouterr().err
