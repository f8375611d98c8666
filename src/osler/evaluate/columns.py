"""A CSV file of ids and texts, read strictly: what does not fit its header is never cut or filled.

A line is that on which a row begins; messages name it, and never show what stands there.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from osler.errors import DataError

CSV_FIELD = min(sys.maxsize, 2**31 - 1)
"""The longest cell that is read; Python's own limit is 128 KiB."""
QUOTE = "a cell with commas, quotes or line breaks stands in double quotes."


@dataclass(frozen=True)
class Columns:
    """What a CSV file gives: id -> text, and id -> group where there is such a column.

    `repeated` holds the lines whose id an earlier line has.
    """

    path: Path
    values: dict[str, str] = field(default_factory=dict[str, str])
    groups: dict[str, str] = field(default_factory=dict[str, str])
    repeated: list[int] = field(default_factory=list[int])


def read_columns(path: Path, column: str, *, optional: str | None = None) -> Columns:
    """Read id, a column of text, and perhaps a group. Raises `DataError` naming file and line."""
    columns = Columns(path)
    try:
        rows = _rows(path)
        _, header = next(rows, (1, []))
        _check_header(path, header, column)
        for line, cells in rows:
            _add(columns, _named(path, line, header, cells), line, column, optional)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.", "Check the path.") from None
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: not UTF-8 (byte {fault.start}).", "Save it as UTF-8.") from None
    except OSError as fault:
        raise DataError(
            f"{path}: cannot be read ({fault.strerror}).",
            "Give the path of a plain file that you may read.",
        ) from None
    if columns.repeated:
        raise DataError(
            f"{path}: {len(columns.repeated)} lines repeat an id (first: line "
            f"{columns.repeated[0]}).",
            "Keep one line for each id.",
        )
    if not columns.values:
        raise DataError(f"{path}: no lines under the header.", f"Give lines of id,{column}.")
    return columns


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number of a row's first line, and its cells; blank lines are left out."""
    csv.field_size_limit(CSV_FIELD)
    start = 1
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(_without_nul(path, lines), strict=True)
        try:
            for cells in reader:
                if cells:
                    yield start, cells
                start = reader.line_num + 1
        except csv.Error as fault:
            raise DataError(
                f"{path}:{start}: not valid CSV ({fault}).",
                f"Write it with a CSV library: {QUOTE}",
            ) from None


def _without_nul(path: Path, lines: Iterator[str]) -> Iterator[str]:
    for number, text in enumerate(lines, start=1):
        if "\0" in text:
            raise DataError(
                f"{path}:{number}: a NUL byte, so this is no text.",
                "Write the file again as CSV in UTF-8; a spreadsheet (.xlsx) is no CSV.",
            )
        yield text


def _check_header(path: Path, header: list[str], column: str) -> None:
    missing = [name for name in ("id", column) if name not in header]
    if missing:
        raise DataError(
            f"{path}: no {' and no '.join(repr(name) for name in missing)} column "
            f"(found: {', '.join(sorted(filter(None, header))) or 'an empty file'}).",
            f"The header must be id,{column}.",
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(
            f"{path}:1: the header names {', '.join(map(repr, twice))} more than once.",
            "Remove or rename one of them, so that it is clear which column is meant.",
        )


def _named(path: Path, line: int, header: list[str], cells: list[str]) -> dict[str, str]:
    """Cells under their names. Empty ones too many at the end, a spreadsheet's, are let go."""
    width = len(header)
    if len(cells) < width or any(cells[width:]):
        count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        raise DataError(
            f"{path}:{line}: {count} under a header of {width}.",
            f"Give every column its cell, an empty answer its comma too; {QUOTE}",
        )
    return dict(zip(header, cells, strict=False))


def _add(
    columns: Columns, row: dict[str, str], line: int, column: str, optional: str | None
) -> None:
    item = row["id"]
    if not item:
        raise DataError(f"{columns.path}:{line}: a line without id.", "Give every line its id.")
    if item in columns.values:
        columns.repeated.append(line)
    columns.values[item] = row[column]
    if optional is not None and row.get(optional):
        columns.groups[item] = row[optional]
