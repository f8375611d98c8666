"""Which side of the split a group is on: a matter of its name alone."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

from osler.errors import DataError
from osler.rows import SENTENCE, Row, Side, is_plain_id

Split = Side
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
"""From what is learnt to what is examined: a row that stands on two sides stays on the later."""


def group_position(group: str) -> float:
    """A number in [0, 1) from the group's name, the same in every run and on every machine.

    Case, white space and how accents are encoded do not count, so `Asthma ` and `asthma` stay
    together. No seed enters: a group that was held out once stays held out when data is added or
    another recipe reads it.
    """
    name = _folded(group).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(b"osler split 1\0" + name).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _folded(group: str) -> str:
    """The name without what two exports of one table may write differently."""
    composed = unicodedata.normalize("NFC", group)  # é as one sign, or as e and an accent
    return unicodedata.normalize("NFC", " ".join(composed.casefold().split()))


def test_share_for(groups: Iterable[str], wanted: int) -> float | None:
    """The smallest share in hundredths that puts so many of the groups on the test side.

    None when fewer than half of the groups would be left to learn from.
    """
    positions = sorted(map(group_position, groups))
    if len(positions) < 2 * wanted:
        return None
    share = int(positions[wanted - 1] * 100 + 1) / 100
    return share if share <= 0.5 else None


def side_of(group: str, *, validation_share: float, test_share: float) -> Split:
    """The side of the split a group is on."""
    position = group_position(group)
    if position < test_share:
        return "test"
    return "validation" if position < test_share + validation_share else "train"


def leaking_rows(sides: Iterable[tuple[Row, Split]]) -> dict[int, tuple[Row, Split]]:
    """Position -> the held-out row whose group it shares, for rows of a set with its own split.

    Such a set is published as it is, and some have one document on two sides. The row on the side
    that learns is the one to go, so that what is examined stays what was published.
    """
    placed = list(sides)
    last: dict[str, tuple[Row, Split]] = {}
    for row, side in placed:
        group = _folded(row.group)
        if group not in last or SPLITS.index(side) > SPLITS.index(last[group][1]):
            last[group] = row, side
    return {
        position: last[_folded(row.group)]
        for position, (row, side) in enumerate(placed)
        if row.side is not None and side != last[_folded(row.group)][1]
    }


def refuse_torn_groups(sides: Iterable[tuple[Row, Split]]) -> None:
    """Raise `DataError` when sources with splits of their own put one group on two sides."""
    seen: dict[str, tuple[Row, Split]] = {}
    for row, side in sides:
        first, first_side = seen.setdefault(_folded(row.group), (row, side))
        if side != first_side:
            raise DataError(
                f"{row.place}: {_told(row)} is in {side} here and in {first_side} at "
                f"{first.place}.",
                "A group must be on one side: remove it from one source, or use side: auto.",
            )


def _told(row: Row) -> str:
    """The group for a message; unnamed when it may be text, as a row's own id may be."""
    name = row.group
    if len(name) > 40 or SENTENCE.search(name) or (name == row.id and not is_plain_id(name)):
        return "this row's group"
    return f"group '{name}'"
