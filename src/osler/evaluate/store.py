"""What is costly to make, kept on the disk so that a repeated examination does not make it again,
and the count of looks at a test set.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from osler.disk import atomic_writer, file_digest, read_json, text_digest, write_json
from osler.errors import RunError
from osler.run import Run, now

LOOKS = "test-looks.jsonl"
"""In the folder that holds the runs: one line for every look at a test set."""
ALONE = (
    "The folder that holds this run could not be written, so looks at this test set were counted "
    "in the run itself: looks of other runs may be missing."
)


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


@dataclass(frozen=True)
class Look:
    """Which look at a test set this is, and what must be said of the count."""

    number: int
    notes: list[str] = field(default_factory=list[str])


def count_look(run: Run, test_digest: str, *, continued: bool) -> Look:
    """Write down that this run looks at the test set, and say which look at it this is.

    The runs of one folder share the count. Where that folder cannot be written the line goes into
    the run itself, and a note says that other runs do not see it. `continued`: the run's last
    examination ended before it showed a figure, so going on with it is still the same look.
    """
    folder, name = run.path.resolve().parent, run.path.resolve().name
    shared, own = folder / LOOKS, run.path / LOOKS
    looks = [
        look
        for look in sorted(_looks(shared) + _looks(own), key=lambda look: str(look.get("time")))
        if look.get("test_digest") == test_digest
    ]
    notes = [ALONE] if own.is_file() else []
    if continued and any(look.get("run") == name for look in looks):
        last = max(i for i, look in enumerate(looks, 1) if look.get("run") == name)
        return Look(last, notes)
    line = json.dumps({"test_digest": test_digest, "run": name, "time": now()})
    try:
        _append(shared, line)
    except OSError as fault:
        if fault.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR):
            raise
        _append(own, line)
        notes = [ALONE]
    return Look(len(looks) + 1, notes)


def _append(path: Path, line: str) -> None:
    """Add a line. What a kill left of the last one goes: that look was never shown."""
    with path.open("a+b") as out:
        out.seek(0)
        out.truncate(out.read().rfind(b"\n") + 1)
        out.write(line.encode() + b"\n")


def _looks(path: Path) -> list[dict[str, Any]]:
    """The looks written in a file. Raises `RunError` for a line that cannot be counted."""
    try:
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    except PermissionError:
        return []
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            continue  # torn by a kill
        try:
            look = json.loads(line)
        except ValueError:
            look = None
        if not isinstance(look, dict):
            raise RunError(
                f"{path}:{number}: damaged, so the looks at the test set cannot be counted.",
                "Restore that line from a backup, or remove it knowing that one look is forgotten.",
            )
        found.append(cast(dict[str, Any], look))
    return found
