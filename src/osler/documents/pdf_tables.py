"""Tables without rules: a name on several lines is one cell, and a row that lacks a cell has an
empty one in its place, so that no unit slips into the column of the results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.documents.pdf_lines import Cell, Line, join_lines

NEAR = 4
"""Times the letters' size: columns further apart do not limit each other's lines."""
SHORTEST = 12
"""Letters of a line that can be full; of a shorter one, what goes on must say so."""
_UNFINISHED = re.compile(r"(?:[,(/-]|\b(?:of|or|in|by|and|with|to|for))\n|\n[a-z(\[/]")

Column = tuple[float, float]


def in_place(lines: Sequence[Line]) -> list[Line]:
    """The lines, with the rows of each table laid out in its columns."""
    placed: list[Line] = []
    for group in _stretches(lines):
        placed += _laid_out(group) if any(len(line.cells) > 1 for line in group) else group
    return placed


def _stretches(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that may be of one table: rows, and words alone in the place of a cell between them."""
    group: list[Line] = []
    columns: list[Column] = []
    for number, line in enumerate(lines):
        if len(line.cells) > 1:
            columns = _columns([cell for row in (*group, line) for cell in row.cells])
            group.append(line)
            continue
        after = lines[number + 1 : number + 4]
        row = next((one for one in after if len(one.cells) > 1), None)
        known = columns or ([(cell.left, cell.right) for cell in row.cells] if row else [])
        beside = [one for one in (*group[-1:], row) if one is not None]
        alike = any(_fits(line, one, known) for one in beside)
        if len(known) > 1 and alike and not _is_far(group, line):
            group.append(line)
        else:
            yield group
            yield [line]
            group, columns = [], []
    yield group


def _fits(line: Line, beside: Line, columns: Sequence[Column]) -> bool:
    cell = line.cells[0]
    spanned = sum(left < cell.right and cell.left < right for left, right in columns)
    return spanned <= 1 and abs(line.size - beside.size) < 0.6 and line.bold == beside.bold


def _is_far(group: Sequence[Line], line: Line) -> bool:
    return bool(group) and group[-1].foot - line.base > 2.5 * line.size


def _laid_out(rows: list[Line]) -> list[Line]:
    """Columns are where cells overlap from row to row. Where two cells of a row would share one,
    these are no columns: the rows stay as they are."""
    columns = _columns([cell for row in rows for cell in row.cells])
    laid: list[list[Cell]] = []
    for row in rows:
        cells = [Cell("", left, right) for left, right in columns]
        taken = [_column(columns, cell) for cell in row.cells]
        if len(set(taken)) < len(taken):
            return rows
        for number, cell in zip(taken, row.cells, strict=True):
            cells[number] = cell
        laid.append(cells)
    return _joined(rows, laid, columns)


def _columns(cells: Sequence[Cell]) -> list[Column]:
    columns: list[Column] = []
    for cell in sorted(cells, key=lambda cell: cell.left):
        if columns and cell.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell.right))
        else:
            columns.append((cell.left, cell.right))
    return columns


def _column(columns: Sequence[Column], cell: Cell) -> int:
    return next(n for n, (left, right) in enumerate(columns) if left <= cell.left <= right)


# -- cells of several lines --------------------------------------------------------------------


def _joined(rows: list[Line], laid: list[list[Cell]], columns: list[Column]) -> list[Line]:
    """Words that are alone in their column go to the row that they belong to. A line goes on in the
    next one when it was full: when the next one's first word would not have fitted."""
    linked = [
        _goes_on(rows[at], rows[at + 1], laid[at], laid[at + 1], columns)
        for at in range(len(rows) - 1)
    ] + [False]
    alone = [len(row.cells) == 1 for row in rows]
    # A lone line that only the row below can have shows that cells are centred in their row.
    centred = any(alone[at] and linked[at] and not linked[at - 1] for at in range(len(rows)))
    chains: list[list[int]] = []
    for at in range(len(rows)):
        chain = chains[-1] if chains and linked[at - 1] else []
        row = next((n for n, one in enumerate(chain) if not alone[one]), None)
        if (
            not chain
            or (row is not None and not alone[at])
            or (row is not None and linked[at] and centred and len(chain) > 2 * row)
        ):
            chains.append([at])
        else:
            chain.append(at)
    return [line for chain in chains for line in _merged(chain, rows, laid)]


def _goes_on(
    upper: Line, lower: Line, above: list[Cell], below: list[Cell], columns: list[Column]
) -> bool:
    lone = upper if len(upper.cells) == 1 else lower
    if len(lone.cells) > 1 or upper.bold != lower.bold or abs(upper.size - lower.size) > 0.6:
        return False
    number = _column(columns, lone.cells[0])
    first, second = above[number], below[number]
    letters = sum(map(str.isalpha, lone.text))
    if not first.text or not second.text or letters < len(lone.text) / 2:
        return False
    if len(first.text) < SHORTEST and not _UNFINISHED.search(f"{first.text}\n{second.text}"):
        return False
    right = columns[number][1]
    if number + 1 < len(columns) and columns[number + 1][0] - right > NEAR * lone.size:
        return False
    word = second.text.split(" ", 1)[0]
    width = (len(word) + 1) * lone.size / 2
    return first.right + width > right


def _merged(chain: list[int], rows: list[Line], laid: list[list[Cell]]) -> list[Line]:
    """One row of the lines of a chain; lines without a row among them stay lines."""
    main = next((at for at in chain if len(rows[at].cells) > 1), None)
    if main is None:
        return [rows[at] for at in chain]
    cells = laid[chain[0]]
    for at in chain[1:]:
        for upper, lower in zip(cells, laid[at], strict=True):
            glue = join_lines if upper.text and lower.text else str.__add__
            upper.text = glue(upper.text, lower.text)
    row = rows[main]
    first, last = rows[chain[0]], rows[chain[-1]]
    return [replace(row, cells=cells, base=first.base, foot=last.foot)]
