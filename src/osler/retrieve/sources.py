"""What is to be indexed: files, folders and JSON Lines to documents, one by one.

What cannot be read is told with its name and the reason, and the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osler.disk import text_digest
from osler.documents.document import Document, Heading
from osler.errors import UserError

PLAIN = (".txt", ".md")
LONGEST_LINE = 50_000_000
"""Characters of a line of JSON Lines."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was found. `source` is what was asked for; `origin` is the same for whatever
    is found at the same place later; `name` is for messages."""

    document: Document
    source: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that cannot be indexed, and why; without its text."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for documents that say nothing of it themselves."""

    licence: str | None = None
    date: str | None = None


def read_path(source: str, given: Given) -> Iterator[Found | Refusal]:
    """The documents of a file or a folder."""
    path = Path(source)
    if not path.is_dir():
        yield from _read_file(path, source, given)
        return
    for file in sorted(path.rglob("*")):
        if any(part.startswith(".") for part in file.relative_to(path).parts):
            continue
        if reason := _not_ours(file, path):
            yield Refusal(str(file), reason)
        elif file.is_file():
            yield from _read_file(file, source, given)


def _not_ours(file: Path, folder: Path) -> str:
    """Why something in a folder is not read; empty for files, and for folders within.

    What is indexed is quoted to whoever asks: a link must not bring in what lies elsewhere.
    """
    if file.is_symlink():
        if not file.exists():
            return "a link to nothing"
        if not file.resolve().is_relative_to(folder.resolve()):
            return "a link out of the folder"
        return "a link to a folder" if file.is_dir() else ""
    return "" if file.is_file() or file.is_dir() else "not a plain file"


def _read_file(path: Path, source: str, given: Given) -> Iterator[Found | Refusal]:
    name = str(path)
    try:
        if path.suffix == ".jsonl":
            yield from _read_lines(path, source, given)
            return
        document = _document(path)
    except UserError as fault:
        yield Refusal(name, fault.message.removeprefix(f"{name}: "))
    except OSError as fault:
        yield Refusal(name, fault.strerror or type(fault).__name__)
    else:
        licence, date = document.licence or given.licence, document.date or given.date
        document = replace(document, licence=licence, date=date)
        yield Found(document, source, origin_of(path.resolve()), name)


def _document(path: Path) -> Document:
    """Read apart but for plain text: one file that is made to fill the memory must not end the
    whole build."""
    from osler.documents.apart import read_apart
    from osler.documents.limits import LIMITS
    from osler.documents.read import read

    with path.open("rb") as file:
        data = file.read(LIMITS.bytes + 1)
    return (read if path.suffix in PLAIN else read_apart)(path.name, data)


def origin_of(*place: object) -> str:
    """A place that nobody can read from it."""
    return text_digest("\n".join(map(str, place)))[:16]


# -- JSON Lines --------------------------------------------------------------------------------


def _read_lines(path: Path, source: str, given: Given) -> Iterator[Found | Refusal]:
    """A document for each line: `text`, or `question` and `answer`; `title`, `section`, `licence`,
    `date`, `address` or `url`, and `id` if it has them."""
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), start=1):
            name = f"{path}:{number}"
            try:
                values: Any = json.loads(line) if line.strip() else None
            except ValueError:  # JSON's and Unicode's
                yield Refusal(name, "not a line of JSON")
                continue
            if values is None:
                continue
            document = document_of(values, path.name, given)
            if isinstance(document, str):
                yield Refusal(name, document)
                continue
            own = values.get("id")
            origin = origin_of(path.resolve(), number if own is None else f"id {own}")
            yield Found(document, source, origin, name)


def document_of(values: Any, name: str, given: Given) -> Document | str:
    """A document of a JSON object, or why there is none."""
    if not isinstance(values, Mapping):
        return "not a JSON object"
    wrong = [key for key in _KEYS if not isinstance(values.get(key) or "", str)]
    if wrong:
        return f"{wrong[0]} is not a text"
    said: dict[str, str] = {key: _clean(values.get(key) or "") for key in _KEYS}
    text = said["text"] or said["answer"]
    if not text.strip():
        return "no text, and no answer"
    own, section = values.get("id"), said["section"]
    return Document(
        id=_clean(str(own)) if own is not None else content_id(*said.values()),
        name=name,
        title=said["title"] or said["question"],
        text=text,
        headings=(Heading(section, 1, 0),) if section else (),
        licence=said["licence"] or given.licence,
        date=said["date"] or given.date,
        address=said["address"] or said["url"] or None,
    )


_KEYS = (
    "text", "question", "answer", "title", "section", "licence", "date", "address", "url"
)  # fmt: skip


def content_id(*parts: str) -> str:
    """A document's id made from its content."""
    return text_digest("\x1f".join(parts))[:16]


def _clean(text: str) -> str:
    """Without halves of characters, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def markdown_headings(text: str) -> tuple[Heading, ...]:
    """The lines of a text that begin with `#`, as headings."""
    found: list[Heading] = []
    place = 0
    for line in text.splitlines(keepends=True):
        marks = len(line) - len(line.lstrip("#"))
        if 1 <= marks <= 6 and line[marks : marks + 1] == " " and line[marks:].strip():
            found.append(Heading(line[marks:].strip(), marks, place))
        place += len(line.encode())
    return tuple(found)
