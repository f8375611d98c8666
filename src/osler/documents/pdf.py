"""PDF: pages of text with their headings, and tables as rows.

What stands above or below the text of most pages alike is left out after the first of them; page
numbers among it are left out, since pages are known by their number anyway. It must stand apart
from the text: a table's heading that is repeated on each page stays.

What nobody can see is no text of the document: white letters on white, letters that are not
painted (unless an image lies there: then a scanner has read them in it) and what lies off the page
are left out, for orders to a model are hidden there. A black bar drawn over words hides nothing.
"""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections import Counter
from io import BytesIO
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from osler.documents.characters import clean
from osler.documents.document import Document
from osler.documents.limits import Limits
from osler.documents.pdf_lines import Line, lines_of
from osler.documents.pdf_page import Sizes, blocks_of, sizes_of
from osler.documents.pdf_words import draw
from osler.documents.refused import Refused
from osler.documents.writing import Writing

MADE_BY_HAND = (
    AssertionError, AttributeError, LookupError, TypeError, ValueError, ArithmeticError,
    RecursionError, OSError, NotImplementedError, zlib.error, struct.error,
)  # fmt: skip
"""What pypdf raises on a damaged file besides its own errors."""
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?")
_LEAST_LETTERS = 20
"""On a page: fewer are a stamp or a page number."""


def read_pdf(name: str, data: bytes, limits: Limits) -> Document:
    """Raises `Refused` for whatever is wrong with it."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file
    try:
        with apply_configuration(
            zlib_maximum_output_length=limits.unpacked // 4,
            lzw_maximum_output_length=limits.unpacked // 4,
            run_length_maximum_output_length=limits.unpacked // 4,
            array_based_stream_maximum_output_length=limits.unpacked // 4,
        ):
            return _read(name, data, limits)
    except DependencyError:
        raise Refused(
            "encrypted",
            "This PDF is encrypted by AES, and cryptography, which opens it, is not installed.",
            "pip install 'osler[serve]', or print it to a PDF without protection.",
        ) from None
    except LimitReachedError:
        raise Refused(
            "bomb",
            "This PDF holds more than a document of its size does: it may be made to exhaust "
            "whoever opens it.",
            "Print the pages that matter into a PDF of their own.",
        ) from None
    except (PyPdfError, *MADE_BY_HAND) as fault:
        raise Refused(
            "damaged",
            f"This PDF is damaged or not made as PDFs are ({type(fault).__name__}).",
            "Open it in a viewer and save or print it as a new PDF; if it does not open there "
            "either, fetch it again.",
        ) from None


def _encrypted() -> Refused:
    return Refused(
        "encrypted",
        "This PDF is protected by a password or a certificate.",
        "Open it, save it without protection (print to PDF), and give that file.",
    )


def _read(name: str, data: bytes, limits: Limits) -> Document:
    try:
        reader = PdfReader(BytesIO(data), strict=False)
    except NotImplementedError:  # certificates in place of a password
        raise _encrypted() from None
    # Many a hospital's PDF is encrypted with an empty password, so that it may only be read.
    if reader.is_encrypted and not reader.decrypt(""):
        raise _encrypted()
    count = len(reader.pages)
    if count > limits.pages:
        raise Refused(
            "too_long",
            f"This PDF has {count} pages; at most {limits.pages} are read.",
            "Split it, or print the pages that matter into a PDF of their own.",
        )
    if count == 0:
        raise Refused("empty", "This PDF has no pages.", "Give a PDF with text.")
    pages: list[list[Line]] = []
    images = 0
    for page in reader.pages:
        drawn = draw(page)
        images += bool(drawn.images)
        pages.append(lines_of(drawn))
    _refuse_without_text(pages, images)
    sizes = sizes_of(pages)
    writing = Writing(limits)
    for lines in without_repeated(pages):
        _write_page(writing, lines, sizes)
    title, date = _metadata(reader)
    return writing.document(name, data, title, date)


def _refuse_without_text(pages: list[list[Line]], images: int) -> None:
    """A scan has images and next to no letters; with neither, it is empty."""
    written = [sum(len(line.text) for line in page) for page in pages]
    if sum(letters >= _LEAST_LETTERS for letters in written) >= max(1, len(pages) // 10):
        return
    if images >= len(pages) / 2:
        are = "its page is an image" if len(pages) == 1 else "nearly all of its pages are images"
        raise Refused(
            "scanned",
            f"This PDF is a scan: {are} without text. Text in images is not read.",
            "Run a text recognition over it first (for example ocrmypdf), or ask for the "
            "document as it was written.",
        )
    if not any(written):
        raise Refused("empty", "This PDF has no text.", "Give a PDF with text.")


def _write_page(writing: Writing, lines: list[Line], sizes: Sizes) -> None:
    for block in blocks_of(lines, sizes):
        if block.level:
            writing.heading(clean(block.text), block.level)
        else:
            if block.after_gap:
                writing.line("")
            writing.line(clean(block.text))
    writing.line("")
    writing.end_page()


def without_repeated(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without what most of them have at their top or foot, as the module says."""
    if len(pages) < 3:
        return pages
    seen = Counter(
        key for number, page in enumerate(pages, 1) for key in set(_edges(page, number).values())
    )
    repeated = {key for key, count in seen.items() if count >= max(3, 0.6 * len(pages))}
    kept: list[list[Line]] = []
    shown: set[Any] = set()
    for number, page in enumerate(pages, 1):
        edges = _edges(page, number)
        drop = {at for at, key in edges.items() if key in repeated and key in shown}
        kept.append([line for at, line in enumerate(page) if at not in drop])
        shown |= set(edges.values())
    return kept


def _edges(page: list[Line], number: int) -> dict[int, tuple[str, int]]:
    """The first and the last line, where they stand apart from the rest: their text with the page's
    own number taken out, and their height."""
    found: dict[int, tuple[str, int]] = {}
    if len(page) < 3:
        return found
    for at, beside in ((0, 1), (len(page) - 1, len(page) - 2)):
        line, other = page[at], page[beside]
        apart = (line.foot - other.base) if at == 0 else (other.foot - line.base)
        if apart > 2 * max(line.size, other.size):
            text = re.sub(rf"(?<!\d){number}(?!\d)", "#", line.text, count=1)
            found[at] = (text, round(line.base / 3))
    return found


def _metadata(reader: PdfReader) -> tuple[str | None, str | None]:
    """Title and day of making, where they are sensible."""
    try:
        found = reader.metadata or {}
        title, made = found.get("/Title"), found.get("/CreationDate")
    except (PyPdfError, *MADE_BY_HAND):
        return None, None
    title = clean(title).strip() if isinstance(title, str) else ""
    if re.search(r"\.(docx?|pdf|indd|tex|rtf)$|^(untitled|microsoft word)", title, re.IGNORECASE):
        title = ""
    day = _DATE.match(made) if isinstance(made, str) else None
    return title or None, "-".join(part for part in day.groups() if part) if day else None
