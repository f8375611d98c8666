"""Signs of people in the data. They are counted and reported, never shown.

A net with wide meshes: it finds what has a form (addresses, numbers), not names. It is a reason
to stop before publishing, never a proof that text is free of identifiers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from osler.rows import Row

PATTERNS = {
    "e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "US social security number": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
    "medical record number": re.compile(r"\bMRN\b\W{0,3}\w*\d{4,}", re.IGNORECASE),
    "date of birth": re.compile(
        r"\b(?:DOB|date of birth|born on)\b\W{0,3}\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}", re.IGNORECASE
    ),
}


def count_identifiers(rows: Iterable[Row]) -> dict[str, int]:
    """Kind -> number of rows in which its form occurs."""
    found: Counter[str] = Counter()
    for row in rows:
        text = row.text or "\n".join(m["content"] for m in (*row.prompt, *row.completion))
        found.update(kind for kind, pattern in PATTERNS.items() if pattern.search(text))
    return dict(sorted(found.items()))
