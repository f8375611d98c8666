"""A JSON file that is one list of records, read one record at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from osler.data.files import MAX_ROW, Found, empty, read_blocks, too_long
from osler.errors import DataError

_BLANK = re.compile(r"[ \t\r\n]*")
_CURE = "The file must be one list of JSON objects, or hold one object a line."


class Repeated(ValueError):
    """An object with one key twice, of which JSON's readers would keep the last in silence."""


def unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of the pairs, for `object_pairs_hook`. Raises `Repeated`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Repeated
    return found


def repeated(place: str) -> DataError:
    """The error for a record with one key twice."""
    return DataError(
        f"{place}: an object in which one key stands twice.", "Rename or remove one of the two."
    )


def is_array(file: Found) -> bool:
    """True when the file begins as a list does. Raises `DataError` as reading it would."""
    return _Text(file).mark() == "["


def array_items(file: Found) -> Iterator[tuple[str, Any]]:
    """Place (`file.json:item 7`) and value of each item of the list."""
    text, number, mark = _Text(file), 0, ""
    text.mark()
    text.at += 1
    if text.mark() == "]":
        raise empty(file)
    while mark != "]":
        number += 1
        place = f"{file.label}:item {number}"
        yield place, text.value(place)
        mark = text.mark()
        if mark not in (",", "]"):
            raise text.broken()
        text.at += 1
    if text.mark():
        raise text.broken()


class _Text:
    """The part of a file that is looked at, from `at` on, and the line on which it begins."""

    def __init__(self, file: Found) -> None:
        self.label = file.label
        self.blocks = read_blocks(file)
        self.text, self.at, self.line = "", 0, 1

    def more(self) -> bool:
        """Forget what was read and read as much again as is left; False at the end of the file."""
        self.line += self.text.count("\n", 0, self.at)
        rest, size = self.text[self.at :], 0
        parts = [rest]
        while size <= len(rest) and (block := next(self.blocks, "")):
            parts.append(block)
            size += len(block)
        self.text, self.at = "".join(parts), 0
        return size > 0

    def mark(self) -> str:
        """The next character that is not blank, and `at` on it; "" at the end of the file."""
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self, place: str) -> Any:
        """The value that begins at the next mark. What does not parse may only be cut: read on."""
        decoder = json.JSONDecoder(object_pairs_hook=unrepeated)
        self.mark()
        while True:
            try:
                value, end = decoder.raw_decode(self.text, self.at)
            except Repeated:
                raise repeated(place) from None
            except RecursionError:
                raise self.broken() from None
            except json.JSONDecodeError as fault:
                if len(self.text) - self.at > MAX_ROW and fault.msg.startswith("Unterminated"):
                    raise too_long(place) from None
                if len(self.text) - self.at > MAX_ROW or not self.more():
                    raise self.broken(fault) from None
                continue
            if end - self.at > MAX_ROW:
                raise too_long(place)
            self.at = end
            return value

    def broken(self, fault: json.JSONDecodeError | None = None) -> DataError:
        """The error at the fault, or where we are."""
        line = self.line + self.text.count("\n", 0, fault.pos if fault else self.at)
        return DataError(f"{self.label}:{line}: not valid JSON.", _CURE)
