"""The one row shape that grows along the pipeline, and how it lies on disk (JSON Lines).

Names follow TRL's dataset formats: `prompt` and `completion` are lists of messages. One row
teaches one assistant turn. A row of plain text (pre-training) has `text` and neither of these.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

from osler.disk import atomic_writer

SENTENCE = re.compile(r"[.?!;](\s|$)|\n|(\S+\s+){5}")
"""Signs of text where a name is expected: a mark that ends a sentence, a line, five words."""


Side = Literal["train", "validation", "test"]
"""The sides of a split."""


class Message(TypedDict):
    """One turn of a conversation; role is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Row:
    """One example.

    `id` is unique in a run. `group` keeps rows together on one side of the split. `place` says
    where the row came from (`clinic.csv:214`), `extra` carries columns that are not ours.
    `repeat` is how often a training row is shown in one epoch. `side` is where a data set that
    brings a split of its own has put the row; on disk the file's name says it instead. `task` is
    what the row teaches and is examined on; plain text has none.
    """

    id: str
    group: str
    source: str
    place: str = ""
    prompt: tuple[Message, ...] = ()
    completion: tuple[Message, ...] = ()
    text: str | None = None
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    repeat: int = 1
    side: Side | None = None
    task: str = ""

    @property
    def reference(self) -> str:
        """The text to be learnt, and what a system's answer is compared with."""
        return self.text if self.text is not None else self.completion[-1]["content"]

    @property
    def question(self) -> str:
        """The last user message; for plain text nothing."""
        return next((m["content"] for m in reversed(self.prompt) if m["role"] == "user"), "")


@dataclass(frozen=True, slots=True)
class Dropped:
    """An input row that did not become an example, with the reason; never with its text."""

    id: str
    source: str
    place: str
    reason: str


def shown(row: Row | Dropped) -> str:
    """The row's id for a message or table; its place when the id may be text of an example."""
    return row.id if is_plain_id(row.id) else row.place


def named(row: Row | Dropped) -> str:
    """The row's place and id for a message; the place alone when the id may be text."""
    return f"{row.place}: row {row.id}" if is_plain_id(row.id) else row.place


def told_id(own: str) -> str:
    """The id in quotes for a message beside a place; unnamed when it may be text."""
    return f"id '{own}'" if is_plain_id(own) else "this row's id"


def is_plain_id(own: str) -> bool:
    """False for an id with spaces or of more than 40 characters: `columns.id` may point at text."""
    return re.fullmatch(r"[!-~]{1,40}", own) is not None


def content_id(*parts: str) -> str:
    """A row's id made from its content: 12 hex digits of SHA-256."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def to_json(row: Row) -> str:
    """The row as one line of JSON, without empty fields."""
    fields: dict[str, Any] = {"id": row.id, "group": row.group, "source": row.source}
    if row.text is not None:
        fields["text"] = row.text
    else:
        fields["prompt"] = row.prompt
        fields["completion"] = row.completion
    if row.place:
        fields["place"] = row.place
    if row.extra:
        fields["extra"] = row.extra
    if row.repeat != 1:
        fields["repeat"] = row.repeat
    if row.task:
        fields["task"] = row.task
    return json.dumps(fields, ensure_ascii=False, default=str)


def from_json(line: str) -> Row:
    """The row that `to_json` wrote."""
    fields = json.loads(line)
    for key in ("prompt", "completion"):
        if key in fields:
            fields[key] = tuple(fields[key])
    return Row(**fields)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSON Lines, whole or not at all."""
    with atomic_writer(path) as out:
        for row in rows:
            out.write(to_json(row) + "\n")


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a file written by `write_rows`."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from_json(line)
