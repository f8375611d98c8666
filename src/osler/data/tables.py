"""Files of records, read one record at a time: CSV, JSON (lines or one list), Parquet.

A place is the file's name and the line on which the record begins; messages name it, and never
show what stands there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from osler.data.files import (
    MAX_ROW,
    Found,
    empty,
    read_lines,
    size_of,
    too_long,
    unreadable,
)
from osler.data.json_array import Repeated, array_items, is_array, repeated, unrepeated
from osler.data.layout import Layout, Table, find_layout, twin_of
from osler.data.shapes import Record, label, shape_rows
from osler.errors import DataError
from osler.recipe_sources import Columns
from osler.rows import Dropped, Row, told_id

_JSON_CURE = "Each line must hold one JSON object, or the file must be one list of objects."


def characters(texts: Sequence[str]) -> list[int]:
    """Lengths where no tokenizer is at hand."""
    return [len(text) for text in texts]


@dataclass(frozen=True)
class Ask:
    """What a reader is told besides the source's own settings."""

    folder: Path
    """Where the recipe's relative paths start."""
    setting: str
    """The source's key in the recipe, for messages: `data.sources[1]`."""
    objective: Literal["sft", "pretrain"]
    max_length: int = 2048
    """The most tokens of a row (data.max_length)."""
    count: Callable[[Sequence[str]], list[int]] = characters
    """Lengths of texts in tokens of the model's."""
    records: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By digest, the patients' records that rows were made from."""
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """Ids the source's files gave to rows, with the place of each."""
    task: str = ""
    """What the source's rows teach."""


def shape_table(records: Iterable[Record], columns: Columns, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of the records of one file.

    The first record decides what columns there must be. A later record of another known shape is
    read as that shape, and what it lacks is empty. Raises `DataError` for an id given twice.
    """
    layouts: dict[tuple[str, ...], Layout] = {}
    first: Layout | None = None
    for record in records:
        names = tuple(record.values)
        if names not in layouts:
            table = Table(names, record.header or record.place, ask.setting)
            try:
                layouts[names] = find_layout(columns, table, ask.objective)
            except DataError:
                if first is None:
                    raise
                layouts[names] = first
        layout = layouts[names]
        first = first or layout
        if layout.id:
            _refuse_twice(label(record.values.get(layout.id)), record.place, layout.id, ask)
        yield from shape_rows(record, layout)


def _refuse_twice(own: str, place: str, column: str, ask: Ask) -> None:
    before = ask.ids.setdefault(own, place) if own else place
    if before != place:
        raise DataError(
            f"{place}: {told_id(own)} was already used at {before}.",
            f"Make ids unique; if '{column[:40]}' names a patient or topic, it is the group: set "
            f"{ask.setting}.columns.group: {column[:40]}.",
        )


def csv_records(file: Found, delimiter: str = ",", encoding: str = "utf-8") -> Iterator[Record]:
    """The rows of a CSV file with a header line; a place is the line on which the row begins."""
    rows = _csv_rows(file, delimiter, encoding)
    start, cells = next(rows, (0, [""]))
    if start == 0:
        raise empty(file)
    where = f"{file.label}:{start}"
    header = _column_names(cells)
    other = next((mark for mark in ";\t|," if mark != delimiter and mark in cells[0]), "")
    if len(header) == 1 and other:
        raise DataError(
            f"{where}: one column only, with '{'tab' if other == chr(9) else other}' in its name.",
            f"If that is what stands between columns, set {file.setting}.delimiter.",
        )
    line = 0
    for line, cells in _rectangular(rows, file, len(header)):
        values = dict(zip(header, cells, strict=True))
        yield Record(values, file.label, f"{file.label}:{line}", where)
    if line == 0:
        raise DataError(
            f"{where}: a header and no rows.", f"Fill the file, or remove {file.setting}."
        )


def _csv_rows(file: Found, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Line number of a row's first line, and its cells; blank lines are left out."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW))
    start, size = 1, 0

    def lines() -> Iterator[str]:
        nonlocal size
        for text in read_lines(file, encoding, newline=""):
            size += len(text)
            if size > MAX_ROW:
                raise too_long(
                    f"{file.label}:{start}", "Look for a quote that opens there and never closes."
                )
            yield text

    try:
        reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    except (TypeError, ValueError):
        raise DataError(
            f"{file.setting}.delimiter: cannot separate columns.", "Usual ones: , ; \\t |"
        ) from None
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start, size = reader.line_num + 1, 0
    except csv.Error:
        raise DataError(
            f"{file.label}:{start}: a quoted cell that begins on this row does not end properly.",
            'Close it with ", and write a quote inside a quoted cell twice ("").',
        ) from None


def _column_names(cells: list[str]) -> list[str]:
    """Names as the header gives them; one without a name or given twice is told by its number."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {number}"
        names.append(f"{twin_of(name)}{number})" if name in names else name)
    return names


def _rectangular(
    rows: Iterator[tuple[int, list[str]]], file: Found, width: int
) -> Iterator[tuple[int, list[str]]]:
    """Rows as wide as the header; empty cells too many at the end are cut off."""
    for line, cells in rows:
        if len(cells) < width or any(cells[width:]):
            raise DataError(
                f"{file.label}:{line}: {len(cells)} cells under a header of {width}.",
                f"Put cells that hold the delimiter in quotes, or set {file.setting}.delimiter.",
            )
        yield line, cells[:width]


def json_records(file: Found) -> Iterator[Record]:
    """The objects of a JSON file: one a line, blank lines left out, or all in one list.

    A place is the line, or in a list the item's number.
    """
    if is_array(file):
        for place, value in array_items(file):
            yield Record(_object(value, place), file.label, place)
        return
    number = 0
    found = False
    for number, line in enumerate(read_lines(file), start=1):
        if line.strip():
            found = True
            place = f"{file.label}:{number}"
            yield Record(_object(_value(line, place), place), file.label, place)
    if number and not found:
        raise empty(file)


def _value(line: str, place: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=unrepeated)
    except Repeated:
        raise repeated(place) from None
    except (ValueError, RecursionError) as fault:
        column = f" (column {fault.colno})" if isinstance(fault, json.JSONDecodeError) else ""
        raise DataError(f"{place}: not valid JSON{column}.", _JSON_CURE) from None


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{place}: JSON, but no object (a {type(value).__name__}).", _JSON_CURE)
    return cast(dict[str, Any], value)


def parquet_records(file: Found) -> Iterator[Record]:
    """The rows of a Parquet file; a place is the row's number, from 1."""
    import pyarrow as arrow
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=256):
                for values in cast(list[dict[str, Any]], batch.to_pylist()):
                    number += 1
                    place = f"{file.label}:{number}"
                    if size_of(values) > MAX_ROW:
                        raise too_long(place)
                    yield Record(values, file.label, place, file.label)
    except (arrow.ArrowException, UnicodeDecodeError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno:  # Arrow's own faults have no number
            raise unreadable(file, fault) from None
        raise DataError(
            f"{file.label}: not a whole Parquet file.", "Copy or write it again."
        ) from None
    if number == 0:
        raise empty(file)
