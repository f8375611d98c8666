"""The rows of a CSV table, line by line: a fault in one line takes no other line with it.

RFC 4180 lets a quoted cell go on over line ends. Synthea writes no such cell, and whoever honours
it loses hundreds of rows, of other patients, to one quotation mark that is missing.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from osler.records.account import Account, Remark
from osler.records.names import one_line

Row = dict[str, str]

MAX_CELL = 131_072
"""In characters: what the csv module itself allows, until another reader raises its limit."""

TOO_LONG = f"a cell of more than {MAX_CELL:,} characters"
NO_END = (
    "a cell does not end on this line: is a quotation mark missing? A cell is on one line; "
    "read on from the next"
)
WHOLE = "the whole table is refused"
SAVE = "save it with commas between the cells"
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What some write between cells. A spreadsheet that does so writes numbers and days in the way of
its country, too, so that to read other marks would not make the table right."""
CUT = "the file ends here without a line end: the last cell of this row may be cut off"


def rows(path: Path, account: Account, needed: Sequence[str] = ()) -> Iterator[tuple[int, Row]]:
    """The rows of a table, by the names of its head in capitals, with their lines from 1.

    Refused, with its line: a row with too few or too many cells, and one with a cell that does not
    end on its line. A head without the columns that are `needed` is refused with all below it.
    """
    line, head = 0, list[str]()
    try:
        with _opened(path) as file:
            for line, text in enumerate(file, 1):
                cells = _cells(text)
                if not cells:
                    continue
                if isinstance(cells, str):
                    account.refused.append(Remark(f"{path.name}:{line}", cells))
                    if not head:
                        return
                elif not head:
                    head = [cell.strip().upper() for cell in cells]
                    if said := _lacks(head, needed):
                        account.refused.append(Remark(f"{path.name}:{line}", said))
                        return
                elif len(cells) != len(head):
                    said = f"{len(cells)} cells where the head has {len(head)}"
                    account.refused.append(Remark(f"{path.name}:{line}", said))
                else:
                    if not text.endswith(("\n", "\r")):
                        account.remarks.append(Remark(f"{path.name}:{line}", CUT))
                    tidy = (c if c.isprintable() else one_line(c) for c in cells)
                    yield line, dict(zip(head, tidy, strict=True))
    except (OSError, EOFError, zlib.error) as fault:
        account.refused.append(Remark(f"{path.name}:{line + 1}", _unread(fault)))


def _lacks(head: Sequence[str], needed: Sequence[str]) -> str:
    """What is wrong with a head, in words; nothing where it has the columns that are needed.

    Of its own words only those that are nearly the name of a column are repeated: the first line of
    a table without a head is of a patient.
    """
    said = f"{WHOLE}, its head "
    twice = [name for name in needed if head.count(name) > 1]
    if twice:
        return f"{said}has {', '.join(twice)} more than once"
    lacking = [name for name in needed if name not in head]
    if not lacking:
        return ""
    if any("\0" in cell for cell in head):
        return f"{said}is UTF-16: {SAVE} in UTF-8"
    mark = next((mark for mark in MARKS if mark in head[0]), "")
    if len(head) == 1 and mark:
        return f"{said}is one cell with {MARKS[mark]} in it: {SAVE}, numbers with decimal points"
    if len(lacking) == len(needed):
        return f"{said}has none of the columns of Synthea's table: {', '.join(needed)}"
    columns = "column" if len(lacking) == 1 else "columns"
    return f"{said}has no {columns} {', '.join(_named(name, head, needed) for name in lacking)}"


def _named(column: str, head: Sequence[str], needed: Sequence[str]) -> str:
    """A column that is lacking, and what may be meant for it."""
    others = [name for name in head if name not in needed]
    near = difflib.get_close_matches(column, others, n=1, cutoff=0.75)
    return f"{column} (is it {near[0]}?)" if near else column


def _opened(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _cells(text: str) -> list[str] | str:
    """The cells of one line; or why it has none. A blank line has no cells."""
    try:
        # With a line end of its own, for it shows in a cell that has no closing quotation mark.
        cells = next(csv.reader((text.rstrip("\r\n") + "\n",)))
    except csv.Error:
        return TOO_LONG
    if any(len(cell) > MAX_CELL for cell in cells):
        return TOO_LONG
    return NO_END if cells and cells[-1].endswith("\n") else cells


def _unread(fault: Exception) -> str:
    """Why a table is read no further."""
    if isinstance(fault, EOFError):
        return "not read from here on: the gzip data end early, copy the file again"
    return "not read from here on: the file cannot be opened or is damaged"
