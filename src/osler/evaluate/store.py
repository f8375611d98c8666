"""What is costly to make, kept on the disk so that a repeated examination does not make it again,
and the count of looks at a test set.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from osler.disk import atomic_writer, file_digest, read_json, text_digest, write_json
from osler.run import Run, now

LOOKS = "test-looks.jsonl"
"""In the folder that holds the runs: one line for every look at a test set."""


class Store:
    """JSON Lines files in one folder, each with a key of everything that went into it.

    A file is used again only if its key is the one asked for and its bytes are those written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys = folder / "stored.json"

    def read(self, name: str, key: str) -> list[dict[str, Any]] | None:
        """The records stored under this name and key, or None."""
        entry = self._entries().get(name)
        path = self._path(name)
        if entry is None or entry["key"] != key or not path.is_file():
            return None
        if file_digest(path) != entry["sha256"]:
            return None
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def write(self, name: str, key: str, records: Iterable[dict[str, Any]]) -> None:
        """Store the records, whole or not at all."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_writer(path) as out:
            for record in records:
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        entries = self._entries() | {name: {"key": key, "sha256": file_digest(path)}}
        write_json(self._keys, entries)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"

    def _entries(self) -> dict[str, dict[str, str]]:
        return read_json(self._keys) if self._keys.is_file() else {}


def key_of(**parts: Any) -> str:
    """One digest of everything that decides a result."""
    return text_digest(json.dumps(parts, sort_keys=True))


def count_look(run: Run, test_digest: str, *, continued: bool) -> int:
    """Write down that this run looks at the test set, and say which look at it this is.

    `continued`: the run's last examination ended before it showed a figure, so going on with it
    is still the same look.
    """
    folder, name = run.path.resolve().parent, run.path.resolve().name
    path = folder / LOOKS
    looks = [look for look in _looks(path) if look.get("test_digest") == test_digest]
    if continued and any(look.get("run") == name for look in looks):
        return max(i for i, look in enumerate(looks, 1) if look.get("run") == name)
    line = json.dumps({"test_digest": test_digest, "run": name, "time": now()})
    with path.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    return len(looks) + 1


def _looks(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        with contextlib.suppress(ValueError):  # a line torn by a kill
            found.append(json.loads(line))
    return found
