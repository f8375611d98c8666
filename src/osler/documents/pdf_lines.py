"""Lines of a page, each of one or more cells: which words stand together, and which apart.

A table may have rules or none; where it has them, they say what a cell is and what a row. Without
them a gap wider than any space between words parts two cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from osler.documents.characters import as_row, one_line
from osler.documents.pdf_columns import Gutter, gutter
from osler.documents.pdf_grid import APART, SAME_PLACE, Grid, Strip
from osler.documents.pdf_state import Drawn, Word

GLUED = 0.13
"""Of the letters' size: less is no space. Kerning stays below, the narrowest spaces above."""
MAYBE_APART = 0.5
"""More is another cell where other lines have one that begins or ends there."""
_NUMBER = re.compile(r"\d{1,2}(\.\d{1,2}){0,4}\.?")
_LIST_MARK = re.compile(r"[•●▪◦‣·*–—-]|\(?(\d{1,3}|[A-Za-z])[.)]")


@dataclass(slots=True)
class Cell:
    """Words that belong together, on one line or, within rules, on several."""

    text: str
    left: float
    right: float


@dataclass(slots=True)
class Line:
    """What stands side by side. More than one cell: a row of a table. `base` is that of its first
    line and `foot` that of its last. `ruled`: rules make the row.
    `zone`: the column that it is of, or the part of the page between columns."""

    cells: list[Cell]
    base: float
    foot: float
    size: float
    bold: bool
    ruled: bool = False
    zone: int = 0

    @property
    def text(self) -> str:
        """As one line."""
        if len(self.cells) == 1:
            return self.cells[0].text
        return as_row([cell.text for cell in self.cells])

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(cell.left for cell in self.cells)

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(cell.right for cell in self.cells)


def lines_of(drawn: Drawn) -> list[Line]:
    """The page in reading order; what is written up or down the page comes last."""
    rows = _on_lines([word for word in drawn.words if not word.turned])
    between = gutter(rows)
    grid = Grid(drawn.rules)
    strips: list[Strip] = []
    for number, row in enumerate(rows):
        strips += _parted(row, grid, between if between and number in between.rows else None)
    boxed, free = grid.rows(strips)
    lines = _ruled(boxed)
    stops = _stops(free)
    for side in ("left", "right", ""):
        column = [strip for strip in free if strip.side == side]
        lines += [_line([_cells(s, stops) for s in row], row) for row in _side_by_side(column)]
    lines.sort(key=lambda line: -line.base)
    return _in_zones(lines, between) + _turned_lines([word for word in drawn.words if word.turned])


def _ruled(boxed: Sequence[list[list[Strip]]]) -> list[Line]:
    return [
        replace(
            _line([[_joined_cell(box)] for box in row], [strip for box in row for strip in box]),
            ruled=True,
        )
        for row in boxed
    ]


def _in_zones(lines: list[Line], between: Gutter | None) -> list[Line]:
    """In reading order: between lines that go across, the left column and then the right."""
    if between is None:
        return lines
    split = between.at
    ordered: list[Line] = []
    columns: tuple[list[Line], list[Line]] = ([], [])
    for line in [*lines, None]:
        if line is not None and not line.left < split < line.right:
            columns[line.left >= split].append(line)
            continue
        for column in columns:
            zone = len(ordered)
            ordered += [replace(one, zone=zone) for one in column]
            column.clear()
        if line is not None:
            before = ordered[-1] if ordered and ordered[-1].left < split else None
            across = before is not None and before.right > split
            zone = before.zone if before is not None and across else len(ordered)
            ordered.append(replace(line, zone=zone))
    return ordered


# -- words to strips ---------------------------------------------------------------------------


def _on_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words by their base lines, from the top; raised and lowered ones with their own line."""
    rows: list[list[Word]] = []
    base = size = 0.0
    for word in sorted(words, key=lambda word: (-word.base, word.left)):
        if rows and base - word.base < 0.35 * max(size, word.size):
            rows[-1].append(word)
            if word.size > size * 1.05:  # what came first was raised: the line is this one's
                base, size = word.base, word.size
        else:
            rows.append([word])
            base, size = word.base, word.size
    return [_once(sorted(row, key=lambda word: word.left)) for row in rows]


def _once(row: list[Word]) -> list[Word]:
    """Without the second of two that are drawn on one place, as some programs make bold letters."""
    kept: list[Word] = []
    for word in row:
        twin = next((one for one in kept[-3:] if one.text == word.text), None)
        if twin and abs(twin.left - word.left) < word.size * 0.12 and abs(
            twin.base - word.base
        ) < word.size * 0.12:  # fmt: skip
            twin.bold = True
        else:
            kept.append(word)
    return kept


def _parted(row: list[Word], grid: Grid, between: Gutter | None) -> list[Strip]:
    """Cut at rules, and between columns."""
    parts: list[list[Word]] = [[row[0]]]
    for before, word in pairwise(row):
        apart = between is not None and before.right <= between.at <= word.left
        if apart or grid.rule_between(before.right, word.left, word.base + word.size / 4):
            parts.append([])
        parts[-1].append(word)
    strips = [_strip(part) for part in parts]
    for strip in strips if between else ():
        strip.side = "left" if between and strip.right <= between.at else "right"
    return strips


def _strip(words: list[Word]) -> Strip:
    main = max(words, key=lambda word: (word.size, len(word.text)))
    return Strip(words, main.base, main.size)


# -- without rules -----------------------------------------------------------------------------


def _stops(strips: Sequence[Strip]) -> set[int]:
    """Places at which cells of several lines begin or end: on both sides of a wide gap, and of one
    that is not wide but the same on line after line, as between numbers set to the right and their
    units."""
    wide: set[int] = set()
    rights: Counter[int] = Counter()
    same: Counter[tuple[int, int]] = Counter()
    for strip in strips:
        rights[_place(strip.right)] += 1
        for before, word in pairwise(strip.words):
            gap, sides = word.left - before.right, (_place(before.right), _place(word.left))
            if gap > APART * strip.size and not _is_justified(strip):
                wide.update(sides)
            elif gap > MAYBE_APART * strip.size:
                same[sides] += 1
    often = {place for sides, count in same.items() if count > 2 for place in sides}
    return wide | often | {place for place, count in rights.items() if count > 1}


def _is_justified(strip: Strip) -> bool:
    """Whether all gaps are alike and what stands between them are words: a line that is spread."""
    gaps = [after.left - before.right for before, after in pairwise(strip.words)]
    gaps = [gap for gap in gaps if gap > GLUED * strip.size]
    letters = sum(word.text[:1].isalpha() for word in strip.words)
    return (
        len(gaps) > 2
        and max(gaps) - min(gaps) < 0.2 * strip.size
        and letters >= 0.7 * len(strip.words)
    )


def _place(x: float) -> int:
    return round(x / SAME_PLACE)


def _cells(strip: Strip, stops: set[int]) -> list[Cell]:
    """A strip cut at its gaps."""
    words = strip.words
    gaps = [after.left - before.right for before, after in pairwise(words)]
    if _is_justified(strip):
        gaps = [0.0] * len(gaps)
    in_table = any(gap > APART * strip.size for gap in gaps)
    parts: list[list[Word]] = [[words[0]]]
    for before, word, gap in zip(words, words[1:], gaps, strict=False):
        stop = _place(word.left) in stops or _place(before.right) in stops
        if gap > APART * strip.size or (in_table and stop and gap > MAYBE_APART * strip.size):
            parts.append([])
        parts[-1].append(word)
    if len(parts) > 1 and _is_mark(joined(parts[0]), words, len(parts)):
        parts[:2] = [parts[0] + parts[1]]
    return [Cell(joined(part), part[0].left, part[-1].right) for part in parts]


def _is_mark(first: str, words: Sequence[Word], cells: int) -> bool:
    """Whether the first cell is the mark of an item, or the number of a heading."""
    if _LIST_MARK.fullmatch(first):
        return True
    return cells == 2 and bool(_NUMBER.fullmatch(first)) and all(word.bold for word in words)


def _side_by_side(strips: Sequence[Strip]) -> list[list[Strip]]:
    """Strips of one row: on one base line, or on lines so near that both cannot be lines, as when
    the values of a row stand in the middle beside a name of two lines."""
    rows: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda strip: (-strip.base, strip.left)):
        row = rows[-1] if rows else []
        last = row[-1] if row else None
        if (last and last.base - strip.base < 0.35 * max(strip.size, last.size)) or (
            last and _between(row, strip) and last.base - strip.base < 1.02 * strip.size
        ):
            row.append(strip)
        else:
            rows.append([strip])
    return rows


def _between(row: Sequence[Strip], strip: Strip) -> bool:
    """True when nothing on the row's last line stands over or under the strip."""
    lowest = row[-1].base
    last = [one for one in row if abs(one.base - lowest) < 1]
    return all(one.right < strip.left or strip.right < one.left for one in last)


# -- cells to lines ----------------------------------------------------------------------------


def joined(words: Sequence[Word]) -> str:
    """Words of one line as text."""
    text = words[0].text
    for before, word in pairwise(words):
        gap = word.left - before.right
        space = word.spaced or gap > GLUED * max(word.size, before.size)
        text += f" {word.text}" if space else word.text
    return one_line(text)


def join_lines(first: str, second: str) -> str:
    """A text that goes on in the next line. A word parted by a hyphen is one word again; a hyphen
    before a capital or a digit, or after one, was there anyway (`COVID-19`)."""
    if re.search(r"[^\W\d_]{2}[-‐]$", first) and re.match(r"[a-zß-öø-ÿ]", second):
        return first[:-1] + second
    glue = "" if re.search(r"\w[-‐]$", first) and second[:1].isalnum() else " "
    return first + glue + second


def _joined_cell(strips: Sequence[Strip]) -> Cell:
    strips = sorted(strips, key=lambda strip: (-strip.base, strip.left))
    text = joined(strips[0].words)
    for strip in strips[1:]:
        text = join_lines(text, joined(strip.words))
    return Cell(text, min(s.left for s in strips), max(s.right for s in strips))


def _line(parts: Sequence[list[Cell]], strips: Sequence[Strip]) -> Line:
    """One line of cells; those that stand under one another become one."""
    cells: list[Cell] = []
    for cell in (cell for part in parts for cell in part):
        over = next((one for one in cells if one.left < cell.right and cell.left < one.right), None)
        if over is None:
            cells.append(cell)
        else:
            over.text = join_lines(over.text, cell.text)
            over.left, over.right = min(over.left, cell.left), max(over.right, cell.right)
    cells.sort(key=lambda cell: cell.left)
    words = [word for strip in strips for word in strip.words]
    return Line(
        cells, max(strip.base for strip in strips), min(strip.base for strip in strips),
        max(strip.size for strip in strips), all(word.bold for word in words),
    )  # fmt: skip


def _turned_lines(words: Sequence[Word]) -> list[Line]:
    """Words as they were drawn, a line as long as the size of the letters stays."""
    lines: list[Line] = []
    for word in words:
        if lines and word.spaced and lines[-1].size == word.size:
            lines[-1].cells[0].text += f" {one_line(word.text)}"
        else:
            cell = Cell(one_line(word.text), word.left, word.right)
            lines.append(Line([cell], -word.size, -word.size, word.size, False))
    return lines
