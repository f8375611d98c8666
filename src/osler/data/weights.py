"""How tasks share an epoch: rows are shown several times, or left out, as `data.weights` says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from osler.recipe_sources import TaskName
from osler.rows import Row


def shows(rows: Sequence[Row], weights: Mapping[TaskName, float]) -> list[int]:
    """How often each training row is shown in an epoch, 0 for one that is left out.

    An epoch keeps its number of rows, each counted as often as `repeat` shows it. A task gets its
    weight's share of it: every row of it equally often, and as many rows as that leaves over once
    more, in the order of a hash of their ids.
    """
    total = sum(row.repeat for row in rows)
    found = [0] * len(rows)
    whole = sum(weights.values())
    for task, weight in weights.items():
        places = [place for place, row in enumerate(rows) if row.task == task]
        own = sum(rows[place].repeat for place in places)
        if not own:
            continue
        wanted = round(total * weight / whole)
        times, left = divmod(wanted, own)
        for place in sorted(places, key=lambda place: _order(rows[place])):
            row = rows[place]
            once_more = min(row.repeat, left)
            left -= once_more
            found[place] = row.repeat * times + once_more
    return found


def _order(row: Row) -> bytes:
    return hashlib.sha256(f"osler weights 1\0{row.id}".encode("utf-8", "surrogatepass")).digest()
