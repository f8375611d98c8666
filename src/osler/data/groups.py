"""Which rows are groups of their own, and which columns look as if they named groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypedDict

from osler.data.layout import is_column_name
from osler.rows import Row

FEWEST = 3
"""Values from which a column may be a group's."""
LONGEST = 80
"""Characters of a value; longer ones are text."""


class LikeGroup(TypedDict):
    """A column that rows share values of; its name, never a value."""

    column: str
    values: int
    rows: int


def is_own_group(own: str, group: str) -> bool:
    """True when a row of this id has no group but itself, or the conversation it is a turn of."""
    return group in (own, own.rpartition("#")[0])


def columns_like_groups(rows: Iterable[Row]) -> dict[str, list[LikeGroup]]:
    """Source -> its unused columns with repeated short values, those of most values first.

    Only rows without a group are looked at, and columns that nearly all of them fill.
    """
    total: Counter[str] = Counter()
    values: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if not is_own_group(row.id, row.group):
            continue
        total[row.source] += 1
        for column, value in row.extra.items():
            if isinstance(value, str | int) and 0 < len(str(value)) <= LONGEST:
                values[row.source, column][str(value)] += 1
    found: dict[str, list[LikeGroup]] = {}
    for (source, column), seen in sorted(values.items(), key=lambda item: -len(item[1])):
        filled = seen.total()
        shared = FEWEST <= len(seen) <= 0.9 * filled and filled >= 0.9 * total[source]
        if shared and is_column_name(column):
            like = LikeGroup(column=column, values=len(seen), rows=filled)
            found.setdefault(source, []).append(like)
    return found
