"""A page's lines in reading order, as paragraphs, rows and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from osler.documents.pdf_lines import Line, join_lines
from osler.documents.pdf_tables import in_place

_NUMBERED = re.compile(r"(\d{1,2}(\.\d{1,2}){0,4})\.?\s+(?=[^\W\d_])")
_ITEM = re.compile(r"([•●▪◦‣·*–—-]|\(?(\d{1,3}|[A-Za-z])[.)])\s")
LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a row of a table, or (with a level) a heading. `after_gap`: white space or
    another kind of block stands before it."""

    text: str
    after_gap: bool
    level: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of letters in a document: that of most text, and the greater ones of headings."""

    body: float
    greater: tuple[float, ...]


def sizes_of(pages: Sequence[Sequence[Line]]) -> Sizes:
    """What most letters have is the size of the text; up to four greater ones are of headings."""
    counts: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        counts[_rounded(line.size)] += len(line.text)
    body = counts.most_common(1)[0][0] if counts else 10.0
    greater = sorted((size for size in counts if size >= body * 1.12), reverse=True)
    return Sizes(body, tuple(greater[:4]))


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def blocks_of(lines: Sequence[Line], sizes: Sizes) -> list[Block]:
    """The page as blocks in reading order."""
    blocks: list[Block] = []
    for _, zone in groupby(lines, key=lambda line: line.zone):
        column = in_place(list(zone))
        right = max(line.right for line in column)
        pitch = _pitch(column)
        before: Line | None = None
        for number, line in enumerate(column):
            after = column[number + 1] if number + 1 < len(column) else None
            gap = before is None or before.foot - line.base > 1.35 * max(pitch, line.size)
            level = _level(line, sizes, gap, after)
            if before is not None and blocks and _goes_on(before, line, right, gap, level, blocks):
                last = blocks.pop()
                text = join_lines(last.text, line.text)
                blocks.append(Block(text, last.after_gap, last.level))
            else:
                blocks.append(Block(line.text, gap, level))
            before = line
    return blocks


def _pitch(column: Sequence[Line]) -> float:
    steps = sorted(a.foot - b.base for a, b in pairwise(column))
    steps = [step for step in steps if step > 0]
    return steps[len(steps) // 3] if steps else 0.0


def _goes_on(
    before: Line, line: Line, right: float, gap: bool, level: int, blocks: list[Block]
) -> bool:
    """Whether a line goes on with the paragraph: the first word would not have fitted before it."""
    last = blocks[-1]
    if len(before.cells) > 1 or len(line.cells) > 1 or gap or _ITEM.match(line.text):
        return False
    if abs(before.size - line.size) > 0.6 or before.bold != line.bold or level != last.level:
        return False
    if level:
        return len(last.text) + len(line.text) < LONGEST_HEADING and before.size > 0
    first = line.text.split(" ", 1)[0]
    width = (line.right - line.left) * (len(first) + 1) / max(len(line.text), 1)
    if last.text.endswith(("-", "‐")):
        return True
    return before.right + width * 0.9 > right and len(before.text) > 25


def _level(line: Line, sizes: Sizes, gap: bool, after: Line | None) -> int:
    """1 to 6 for a heading, by the size of its letters, else by boldness, numbering or capitals;
    0 for other text. A row is no heading, nor is what ends like a sentence."""
    text = line.text
    letters = sum(map(str.isalpha, text))
    if len(line.cells) > 1 or len(text) > LONGEST_HEADING or letters < 3:
        return 0
    if text.endswith((".", ";", ",")) or letters < len(text) / 2 or after is None:
        return 0
    size = _rounded(line.size)
    if size in sizes.greater:
        return sizes.greater.index(size) + 1
    if line.size < sizes.body * 0.95 or not gap or len(after.cells) == len(line.cells) == 0:
        return 0
    numbered = _NUMBERED.match(text)
    capitals = text.isupper() and letters > 3 and not any(map(str.isdigit, text))
    if line.bold or (numbered and text.isupper()) or capitals:
        deeper = numbered[1].count(".") if numbered else 0
        return min(len(sizes.greater) + 1 + deeper, 6)
    return 0
