"""Conversations and what people say of the answers, in one SQLite file that is theirs alone.

A conversation is a tree: a question that was edited is a second child of the same parent. What is
deleted is overwritten (`secure_delete`). Every call opens the file anew, so that threads and
several servers can share it; SQLite's write-ahead log keeps readers and a writer apart.
"""

from __future__ import annotations

import json
import os
import sqlite3
import unicodedata
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from osler.disk import is_out_of_room, out_of_room
from osler.errors import UserError
from osler.run import now
from osler.serve.app.about import read_about
from osler.serve.app.told import NotThere, Unusable

FILE = "history.sqlite3"
SHOWN = 200
"""Conversations that a list has, the newest first."""
TITLE = 80
"""Characters of a title."""
PATIENCE = 5.0
"""Seconds that a locked file is waited for."""
VERSION = 1
DELETED = "This conversation was deleted meanwhile."

TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL, changed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY,
  conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  parent TEXT, role TEXT NOT NULL, content TEXT NOT NULL, about TEXT NOT NULL,
  created TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS of_conversation ON messages(conversation);
CREATE TABLE IF NOT EXISTS feedback (
  message TEXT PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
  thumb TEXT NOT NULL, corrected TEXT NOT NULL, reason TEXT NOT NULL, changed TEXT NOT NULL);
"""


def state_folder() -> Path:
    """Where what this user keeps lies, by the XDG Base Directory Specification.

    Not beside the runs: those belong to a project that is shared, copied and backed up with
    others, and what somebody has asked about their health does not.
    """
    root = os.environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "osler"


class History:
    """The conversations in a folder. Raises UserError for a file that is locked or damaged."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with _told(self.path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its -wal and -shm files the mode of this one.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise UserError(
                    f"{self.path}: written by a newer Osler.", "Update, or give another --state."
                )
            db.executescript(TABLES)
            db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        with _told(self.path), closing(connect(self.path)) as db, db:
            yield db

    # -- conversations ------------------------------------------------------------------------

    def conversations(self, asked: str = "") -> list[dict[str, Any]]:
        """The newest of them, with titles; `asked`: those that hold all its words."""
        words = _bare(asked).split()

        def holds(text: str) -> bool:
            there = _bare(text)
            return all(word in there for word in words)

        with self._open() as db:
            db.create_function("holds", 1, holds, deterministic=True)
            rows = db.execute(
                "SELECT id, title, created, changed FROM conversations AS c WHERE holds(title) OR "
                "EXISTS (SELECT 1 FROM messages WHERE conversation = c.id AND holds(content)) "
                "ORDER BY changed DESC, rowid DESC LIMIT ?", (SHOWN,),
            )  # fmt: skip
            return [dict(row) for row in rows]

    def conversation(self, id: str) -> dict[str, Any]:
        """One with all its messages, oldest first, and what was said of them."""
        with self._open() as db:
            found = db.execute("SELECT * FROM conversations WHERE id = ?", (id,)).fetchone()
            if found is None:
                raise NotThere("This conversation is not there any more.")
            rows = db.execute(
                "SELECT m.*, f.thumb, f.corrected, f.reason FROM messages AS m LEFT JOIN feedback "
                "AS f ON f.message = m.id WHERE conversation = ? ORDER BY m.rowid", (id,),
            )  # fmt: skip
            return {**dict(found), "messages": [_message(row) for row in rows]}

    def rename(self, id: str, title: str) -> None:
        """Give a conversation another title."""
        with self._open() as db:
            done = db.execute(
                "UPDATE conversations SET title = ? WHERE id = ?", (titled(title), id)
            )
            if not done.rowcount:
                raise NotThere("This conversation is not there any more.")

    def delete(self, id: str) -> None:
        """Delete a conversation with its messages and what was said of them."""
        with self._open() as db:
            db.execute("DELETE FROM conversations WHERE id = ?", (id,))

    def clear(self) -> None:
        """Delete all there is."""
        with self._open() as db:
            db.execute("DELETE FROM conversations")

    # -- messages -----------------------------------------------------------------------------

    def add(self, conversation: str, message: dict[str, Any], *, known: bool = False) -> None:
        """Add a message; its conversation is made when it is the first. One that is there stays.

        `known`: it was there already. What was deleted since is not made again: who deletes a
        conversation wants none of it, though it is still open elsewhere.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")  # nobody deletes it between the look and the writing
            time = now()
            there = _conversation_of(db, message["id"])
            if there not in (None, conversation):
                raise UserError("A message of this id is in another conversation.")
            parent = message["parent"]
            if (known or parent is not None) and not _is_there(db, conversation):
                raise NotThere(DELETED, "What is still on a page can be kept as a new one.")
            if parent is not None and not there and _conversation_of(db, parent) != conversation:
                raise NotThere("The message that this one follows is not in its conversation.")
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?) "
                "ON CONFLICT(id) DO UPDATE SET changed = excluded.changed",
                (conversation, titled(message["content"]), time, time),
            )
            db.execute(
                "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)",
                (message["id"], conversation, message["parent"], message["role"],
                 message["content"], json.dumps(message["about"]), time),
            )  # fmt: skip

    def say(self, message: str, thumb: str, corrected: str, reason: str) -> None:
        """Keep what somebody says of an answer; nothing at all takes it back."""
        with self._open() as db:
            found = db.execute("SELECT role FROM messages WHERE id = ?", (message,)).fetchone()
            if found is None or found["role"] != "assistant":
                raise NotThere("This answer is not kept, so nothing can be said of it.")
            db.execute("DELETE FROM feedback WHERE message = ?", (message,))
            if thumb or corrected or reason:
                db.execute(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?, ?)",
                    (message, thumb, corrected, reason, now()),
                )


def _is_there(db: sqlite3.Connection, conversation: str) -> bool:
    found = db.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,))
    return found.fetchone() is not None


def _conversation_of(db: sqlite3.Connection, message: str) -> str | None:
    """Where a message is; None for one that is nowhere."""
    row = db.execute("SELECT conversation FROM messages WHERE id = ?", (message,)).fetchone()
    return row and row["conversation"]


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """The file, opened as it is to be used."""
    mode = "ro" if read_only else "rw"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE)
    db.row_factory = sqlite3.Row
    if not read_only:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
    return db


def _bare(text: str) -> str:
    """What is searched in: without case, accents and marks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def titled(text: str) -> str:
    """A text as the title of a conversation: one line, not too long."""
    line = " ".join(text.split())
    return (line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…") or "Without a title"


def _message(row: sqlite3.Row) -> dict[str, Any]:
    found = {key: row[key] for key in ("id", "parent", "role", "content", "created")}
    said = {key: row[key] or "" for key in ("thumb", "corrected", "reason")}
    # What cannot be read is left out: the talk is worth more than how an answer was made.
    return {**found, "about": read_about(row["about"]) or {}, "feedback": said}


@contextmanager
def _told(path: Path) -> Generator[None]:
    """SQLite's faults as errors that say what to do."""
    try:
        yield
    except sqlite3.Error as fault:
        raise fault_of(path, fault) from None
    except OSError as fault:
        if is_out_of_room(fault):
            raise out_of_room(path, fault) from None
        raise Unusable(
            f"{path}: cannot be opened ({fault.strerror}).", "Give another folder with --state."
        ) from None


def fault_of(path: Path, fault: sqlite3.Error) -> UserError:
    """What is wrong with a file, by SQLite's code (https://sqlite.org/rescode.html)."""
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unusable(
            f"{path}: locked by another process.", "Close what has it open, then try again."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return Unusable(
            f"{path}: damaged, or no history of Osler's.",
            "Move it away, with the files beside it that begin with its name; a new one is made.",
        )
    if code == sqlite3.SQLITE_FULL:
        return out_of_room(path)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return Unusable(f"{path}: cannot be opened or written.", "Check its permissions.")
    if code == sqlite3.SQLITE_ERROR:  # a table or column is not as we make it
        return Unusable(f"{path}: no history of Osler's.", "Give another folder with --state.")
    return Unusable(f"{path}: cannot be used (SQLite: {type(fault).__name__}, code {code}).")
