"""What people said of answers, as rows to learn preferences from.

A row is in TRL's preference format (https://huggingface.co/docs/trl/dataset_formats#preference):
`prompt`, `chosen` and `rejected` are lists of messages. Beside it stands where it is from. Only an
answer that somebody wrote anew makes a row: of a thumb alone nobody knows what would be better.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osler.errors import UserError
from osler.rows import Message
from osler.serve.app.about import read_about
from osler.serve.app.history import FILE, connect, fault_of


@dataclass
class Export:
    """The rows, and what did not become one."""

    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    up: int = 0
    """Answers with a thumb up and no better answer."""
    down: int = 0
    reasons: int = 0
    """Reasons without a better answer."""
    same: int = 0
    """Better answers that do not differ from the answer."""
    torn: int = 0
    """Answers whose question is not there."""
    odd: list[str] = field(default_factory=list[str])
    """Names of answers of which what is kept cannot be read."""


def preferences(folder: Path) -> Export:
    """All that was said, the oldest first. UserError for a file that is locked, damaged or none."""
    path = folder / FILE
    if not path.is_file():
        raise UserError(
            f"{path}: no conversations are kept here.", "Give the server's folder with --state."
        )
    try:
        with closing(connect(path, read_only=True)) as db:
            return _collected(db)
    except sqlite3.Error as fault:
        raise fault_of(path, fault) from None


def _collected(db: sqlite3.Connection) -> Export:
    done = Export()
    said = db.execute("SELECT * FROM feedback ORDER BY changed, rowid").fetchall()
    for one in said:
        try:
            _collect(db, one, done)
        except (ValueError, TypeError, AttributeError):  # a row that somebody altered
            done.odd.append(ascii(one["message"]).strip("'"))
    return done


def _collect(db: sqlite3.Connection, one: sqlite3.Row, done: Export) -> None:
    """Take what was said of one answer. ValueError and the like where it cannot be read."""
    answer = db.execute("SELECT * FROM messages WHERE id = ?", (one["message"],)).fetchone()
    corrected = one["corrected"].strip()
    if not corrected:
        done.up += one["thumb"] == "up"
        done.down += one["thumb"] == "down"
        done.reasons += bool(one["reason"])
    elif answer is None or not (prompt := list(_before(db, answer))):
        done.torn += 1
    elif " ".join(corrected.split()) == " ".join(answer["content"].split()):
        done.same += 1
    else:
        row = _row(one, answer, prompt, corrected)
        json.dumps(row, ensure_ascii=False).encode()  # that it can be written
        done.rows.append(row)


def _before(db: sqlite3.Connection, answer: sqlite3.Row) -> Iterator[Message]:
    """The turns that led to an answer, in order; none where the last is not a user's."""
    turns: list[sqlite3.Row] = []
    parent, seen = answer["parent"], {answer["id"]}
    while parent is not None and parent not in seen:
        seen.add(parent)
        turn = db.execute("SELECT * FROM messages WHERE id = ?", (parent,)).fetchone()
        if turn is None:
            return
        turns.append(turn)
        parent = turn["parent"]
    if turns and turns[0]["role"] == "user":
        yield from (Message(role=turn["role"], content=turn["content"]) for turn in turns[::-1])


def _row(
    said: sqlite3.Row, answer: sqlite3.Row, prompt: list[Message], corrected: str
) -> dict[str, Any]:
    about = read_about(answer["about"])
    if about is None:
        raise ValueError("what is kept beside this answer is not ours")
    sources = about.get("sources", [])
    return {
        "id": answer["id"],
        "prompt": prompt,
        "chosen": [{"role": "assistant", "content": corrected}],
        "rejected": [{"role": "assistant", "content": answer["content"]}],
        "model": about.get("model", ""),
        "weights_digest": about.get("weights_digest", ""),
        "task": about.get("task", ""),
        "prompt_digest": about.get("prompt_digest", ""),
        "sources": [f"{one['document']}:{one['start']}-{one['end']}" for one in sources],
        "thumb": said["thumb"],
        "reason": said["reason"],
        "said_at": said["changed"],
    }
