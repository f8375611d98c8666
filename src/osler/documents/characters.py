"""Characters as text wants them: nothing that cannot be seen, one way to write a space."""

from __future__ import annotations

import re

_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
    0xFB06: "st",
}  # fmt: skip
_UNSEEN = (
    *range(0x00, 0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0),
    0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF,
)  # fmt: skip
"""Control characters; soft hyphens; what has no width or turns the direction of writing; the
"tags" that spell ASCII unseen, in which orders to a model have been hidden; halves of a pair,
which are no text. The joiners U+200C and U+200D stay: Persian and Hindi are written with them."""
_SPACES = (0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_TABLE = {
    **dict.fromkeys(_UNSEEN, None), **dict.fromkeys(_SPACES, " "), **_LIGATURES,
    0x85: "\n", 0x2028: "\n", 0x2029: "\n",
}  # fmt: skip


def clean(text: str) -> str:
    """The text without what cannot be seen; ligatures as letters, spaces as U+0020, line ends as
    `\\n`. Form feeds stay."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)


def one_line(text: str) -> str:
    """The same as one line, with single spaces."""
    return re.sub(r"\s+", " ", clean(text)).strip()


def as_row(cells: list[str]) -> str:
    """A table's row as one line. Empty cells keep their place, so that the others keep theirs; but
    for those at the end."""
    texts = [one_line(cell).replace("|", "/") for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts)
