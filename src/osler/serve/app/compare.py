"""Two versions of a summary side by side, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from osler.summaries.store import Summary


def compared(a: Summary, b: Summary) -> list[dict[str, Any]]:
    """By section, in the order of `b`: rows of a line of each, `same`, `changed`, or one of them
    missing (None)."""
    before = {one.title: one.text for one in a.sections}
    after = {one.title: one.text for one in b.sections}
    titles = [*after, *(title for title in before if title not in after)]
    return [
        {"title": title, "rows": _rows(before.get(title, ""), after.get(title, ""))}
        for title in titles
    ]


def _rows(a: str, b: str) -> list[dict[str, Any]]:
    left = [line for line in a.splitlines() if line.strip()]
    right = [line for line in b.splitlines() if line.strip()]
    rows: list[dict[str, Any]] = []
    for kind, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        ours, theirs = left[i:j], right[k:m]
        for place in range(max(len(ours), len(theirs))):
            one = ours[place] if place < len(ours) else None
            other = theirs[place] if place < len(theirs) else None
            rows.append({"a": one, "b": other, "same": kind == "equal"})
    return rows
