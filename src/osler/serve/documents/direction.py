"""Pages written from right to left: a PDF has its letters where they stand, and not in the order in
which they are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from osler.documents.document import Document
from osler.serve.documents.lines import Finding

LETTER = re.compile(r"[^\W\d_]")
FROM_RIGHT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Hebrew, Arabic and what is written as these are."""
NOTE = (
    "This document is written from right to left, and its letters, words and columns may have been "
    "read in the wrong order: no value of it is judged."
)


def from_right(document: Document) -> bool:
    """Whether most letters of a document with pages are of such a script."""
    letters = len(LETTER.findall(document.text)) if document.pages else 0
    return 2 * len(FROM_RIGHT.findall(document.text)) > letters > 0


def unjudged(found: Sequence[Finding]) -> list[Finding]:
    """The values, on no side of their ranges."""
    return [
        replace(one, told=one.text, side="", judged=False, critical=False, doubt="")
        for one in found
    ]
