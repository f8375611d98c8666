"""A summary as text: headings and what stands below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s+(?:\d+[.)]\s*)?(.+?):?\s*#*|\*\*(?:\d+[.)]\s*)?([^*]+?):?\*\*:?)\s*$"
)
"""A Markdown heading, or a line that is bold as a whole; a colon at its end is not of the title."""


@dataclass(frozen=True, slots=True)
class Written:
    """One section as somebody wrote it."""

    title: str
    text: str


def document(sections: Sequence[Written]) -> str:
    """The sections as one Markdown text."""
    return "\n\n".join(f"## {section.title}\n{section.text}" for section in sections) + "\n"


def sections_of(text: str) -> list[Written]:
    """The sections of a text, in its order. What stands before the first heading has no title."""
    found: list[Written] = []
    title, lines = "", list[str]()
    for line in text.splitlines():
        heading = HEADING.match(line)
        if not heading:
            lines.append(line)
            continue
        if title or any(one.strip() for one in lines):
            found.append(Written(title, "\n".join(lines).strip()))
        title, lines = (heading[1] or heading[2]).strip(), []
    if title or any(one.strip() for one in lines):
        found.append(Written(title, "\n".join(lines).strip()))
    return found
