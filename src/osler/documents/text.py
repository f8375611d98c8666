"""Plain text and Markdown: UTF-8, or UTF-16 with its mark; form feeds part pages."""

from __future__ import annotations

import codecs
import re

from osler.documents.characters import as_row, clean
from osler.documents.document import Document
from osler.documents.limits import Limits
from osler.documents.refused import Refused
from osler.documents.writing import Writing

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)(\s+#+)?\s*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*$")
_STRUCK = re.compile(r"~~(?=\S)[^~]*?(?<=\S)~~")
_BETWEEN = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?)?\s*$")
"""The line between a table's heading and its rows."""


def read_text(name: str, data: bytes, limits: Limits) -> Document:
    """Lines as they are; a line of capitals after a blank one is a heading; tabs part cells."""
    writing = Writing(limits)
    parts = _parts(data, limits)
    for part in parts:
        before = ""
        for line in part.split("\n"):
            if not before.strip() and _is_heading(line):
                writing.heading(line.strip().removesuffix(":"), 1)
            else:
                writing.line(_row(line) if "\t" in line.strip() else clean(line))
            before = line
        if len(parts) > 1:
            writing.end_page()
    return writing.document(name, data, None, None)


def read_markdown(name: str, data: bytes, limits: Limits) -> Document:
    """The same, with headings by their marks, tables without theirs, and nothing struck out."""
    writing = Writing(limits)
    parts = _parts(data, limits)
    for part in parts:
        _write_markdown(writing, part.split("\n"))
        if len(parts) > 1:
            writing.end_page()
    return writing.document(name, data, None, None)


def _write_markdown(writing: Writing, lines: list[str]) -> None:
    fenced = False
    at = 0
    while at < len(lines):
        line, after = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
        at += 1
        line = line if fenced else _STRUCK.sub("", line)
        heading = _HEADING.match(line)
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            writing.line(clean(line))
        elif heading:
            writing.heading(heading[2], len(heading[1]))
        elif line.strip() and "|" not in line and _UNDERLINE.match(after):
            writing.heading(line, 1 if "=" in after else 2)
            at += 1
        elif line.lstrip().startswith("|"):
            if not _BETWEEN.match(line):
                cells = line.strip().strip("|").replace("\\|", "/").split("|")
                writing.line(as_row(cells))
        else:
            writing.line(clean(line))


def _parts(data: bytes, limits: Limits) -> list[str]:
    """The text by its form feeds."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    parts = text.split("\f")
    if not parts[-1].strip() and len(parts) > 1:
        parts.pop()
    if len(parts) > limits.pages:
        raise Refused(
            "too_long",
            f"This text has {len(parts)} pages; at most {limits.pages} are read.",
            "Split it, or take only the part that matters.",
        )
    return parts


def _decoded(data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(
            "unknown_type",
            f"This file is no text in UTF-8 (byte {fault.start:,} is none of it).",
            "Save it as UTF-8 text; PDF, DOCX and HTML are read too.",
        ) from None
    if "\x00" in text:
        raise Refused("unknown_type", "This file is no text.", "PDF, DOCX, HTML and text are read.")
    return text


def _row(line: str) -> str:
    return as_row(line.strip().split("\t"))


def _is_heading(line: str) -> bool:
    text = line.strip()
    letters = sum(map(str.isalpha, text))
    return (
        letters >= 4 and len(text) <= 80 and text.isupper() and letters > len(text) / 2
        and not text.endswith((".", ",", ";")) and not any(map(str.isdigit, text))
    )  # fmt: skip
