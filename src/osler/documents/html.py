"""HTML as text: headings, paragraphs, list items and tables' rows; not what a browser hides, and
not what is struck out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  (it has no stubs)

from osler.documents.characters import as_row, clean, one_line
from osler.documents.document import Document
from osler.documents.limits import Limits
from osler.documents.refused import Refused
from osler.documents.writing import Writing

_DROPPED = {
    "script", "style", "template", "noscript", "head", "iframe", "object", "embed", "svg", "math",
    "canvas", "select", "datalist", "audio", "video", "map", "s", "strike", "del",
}  # fmt: skip
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "header", "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "ul",
}  # fmt: skip
_PARTED = {"p", "blockquote", "pre", "ul", "ol", "dl", "table", "section", "article", "figure"}
_ARRANGED = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "section", "article")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(\.0*)?\s*(;|$)"
    r"|font-size\s*:\s*0[a-z]*\s*(;|$)|text-decoration[^;]*:[^;]*line-through",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""")
_ALLOWED = re.compile(
    r"(utf-?8|iso-?8859-?\d+|latin-?\d|windows-?\d+|cp\d+|koi8-?[ru]|gb\w+|big5|euc[-_]\w+"
    r"|shift[-_]jis|us-ascii|ascii|macintosh)",
    re.IGNORECASE,
)
MOST_SPAN = 100


def read_html(name: str, data: bytes, limits: Limits) -> Document:
    """Raises `Refused` for a page without text or nested beyond sense."""
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(_decoded(data), parser)
        writing = Writing(limits)
        if root is not None:
            Walk(writing).block(root)
    except (etree.XMLSyntaxError, ValueError, RecursionError):
        raise Refused(
            "damaged",
            "This page is no HTML that can be read, or nested too deeply.",
            "Open it in a browser and print it to a PDF.",
        ) from None
    if any("depth" in (fault.message or "").lower() for fault in parser.error_log):
        raise Refused("damaged", "This page is nested too deeply; part of it would be lost.",
                      "Open it in a browser and print it to a PDF.")  # fmt: skip
    title = root.findtext(".//head/title") if root is not None else None
    document = writing.document(name, data, title, None)
    if not document.text.strip():
        raise Refused("empty", "This page has no text.", "Pages that are made by a program in the "
                      "browser hold none when saved: print the page to a PDF.")  # fmt: skip
    return document


def _decoded(data: bytes) -> str:
    """By its mark, by what it says of itself, as UTF-8, else as Windows-1252, as browsers do."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        found = _CHARSET.search(data[:4096]) or _XML_CHARSET.match(data[:256])
        said = found[1].decode("ascii") if found else ""
        text = _by(data, said)
    # What it says of its encoding is true no more, and etree refuses it in a text.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", "")) or " "


def _by(data: bytes, said: str) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    if said and _ALLOWED.fullmatch(said):
        latin = said.lower() in (
            "iso-8859-1",
            "iso8859-1",
            "latin-1",
            "latin1",
            "us-ascii",
            "ascii",
        )
        try:
            return data.decode("cp1252" if latin else said, "replace")
        except LookupError:
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


class Walk:
    """From the tree to lines."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.text: list[str] = []
        self.mark = ""
        self.as_is = False
        self.below: dict[int, tuple[str, int]] = {}

    def flush(self) -> None:
        """What was gathered is a paragraph."""
        text = "".join(self.text)
        self.text = []
        lines = text.split("\n") if self.as_is else [one_line(t) for t in text.split("\x0b")]
        for line in lines:
            if line.strip():
                self.writing.line(self.mark + clean(line))
                self.mark = ""

    def block(self, element: Any) -> None:
        """An element that is a block, with all in it."""
        tag = element.tag
        self.flush()
        if tag in _PARTED:
            self.writing.line("")
        if re.fullmatch("h[1-6]", tag):
            self.writing.heading(_inner(element), int(tag[1]))
            return
        if tag == "table" and not _is_layout(element):
            self.table(element)
            return
        if tag == "tr":  # of a table that arranges: one with another in it may have rows, too
            plain = _is_row(element)
            cells = _cells(element, self.below) if plain or self.below else []
            if plain:
                self.writing.line(as_row(cells))
                return
        if tag == "li":
            self.mark = _mark(element)
        before, self.as_is = (self.as_is, self.below), self.as_is or tag == "pre"
        self.below = {} if tag == "table" else self.below
        self.inside(element)
        self.flush()
        self.mark, (self.as_is, self.below) = "", before
        if tag in _PARTED:
            self.writing.line("")

    def inside(self, element: Any) -> None:
        """Text and children in their order."""
        self.text.append(self.spaced(element.text))
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or _is_hidden(child):
                pass
            elif tag == "br":
                self.text.append("\n" if self.as_is else "\x0b")
            elif _is_block(tag):
                self.block(child)
            else:
                self.inside(child)
            self.text.append(self.spaced(child.tail))

    def spaced(self, text: str | None) -> str:
        """White space as HTML means it: but in `pre`, each kind is a space."""
        return (text or "") if self.as_is else re.sub(r"\s+", " ", text or "")

    def table(self, element: Any) -> None:
        """A row a line. A cell over several rows is said in each, as it holds for each."""
        caption = element.find("caption")
        if caption is not None:
            self.writing.line(_inner(caption))
        below: dict[int, tuple[str, int]] = {}
        for row in element.iter("tr"):
            if not _is_hidden(row):
                cells = _cells(row, below)
                if any(cells):
                    self.writing.line(as_row(cells))
        self.writing.line("")


def _cells(row: Any, below: dict[int, tuple[str, int]]) -> list[str]:
    """A row's cells with those that reach into it from above, which `below` keeps by column."""
    cells: list[str] = []
    for child in row:
        if child.tag not in ("td", "th") or _is_hidden(child):
            continue
        _take_above(cells, below)
        text, down = _inner(child), _span(child, "rowspan")
        if down > 1:
            below[len(cells)] = (text, down - 1)
        cells += [text] + [""] * (_span(child, "colspan") - 1)
    _take_above(cells, below)
    return cells


def _take_above(cells: list[str], below: dict[int, tuple[str, int]]) -> None:
    while len(cells) in below:
        text, more = below.pop(len(cells))
        if more > 1:
            below[len(cells)] = (text, more - 1)
        cells.append(text)


def _span(cell: Any, of: str) -> int:
    said = cell.get(of, "1").strip()
    return min(max(int(said), 1), MOST_SPAN) if said.isdecimal() and len(said) < 6 else 1


def _inner(element: Any) -> str:
    """All its text as one line."""
    return one_line("".join(_texts(element)))


def _texts(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not _is_hidden(child):
            parted = child.tag == "br" or _is_block(child.tag) or child.tag in ("tr", "td", "th")
            yield " " if parted else ""
            yield from _texts(child)
            yield " " if parted else ""
        yield child.tail or ""


def _is_block(tag: str) -> bool:
    return tag in _BLOCKS or tag in ("table", "thead", "tbody", "tfoot", "tr", "td", "th") or (
        re.fullmatch("h[1-6]", tag) is not None
    )  # fmt: skip


def _is_hidden(element: Any) -> bool:
    return (
        element.tag in _DROPPED or element.get("hidden") is not None
        or _UNSEEN.search(element.get("style") or "") is not None
    )  # fmt: skip


def _is_layout(table: Any) -> bool:
    """A table that only arranges a page: with tables or headings in it, or of one column."""
    inner = any(True for _ in table.iter("table", "h1", "h2", "h3")) and (
        sum(1 for _ in table.iter("table")) > 1 or table.find(".//h1") is not None
        or table.find(".//h2") is not None or table.find(".//h3") is not None
    )  # fmt: skip
    widest = max((sum(c.tag in ("td", "th") for c in row) for row in table.iter("tr")), default=0)
    return inner or widest < 2


def _is_row(row: Any) -> bool:
    """Whether a row of such a table holds a value a cell, and arranges nothing."""
    cells = [c for c in row if c.tag in ("td", "th")]
    return len(cells) > 1 and not any(True for _ in row.iter(*_ARRANGED)) and all(
        sum(1 for _ in cell.iter("p", "div")) < 2 for cell in cells
    )  # fmt: skip


def _mark(item: Any) -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "- "
    number = 1 + sum(1 for _ in item.itersiblings("li", preceding=True))
    return f"{number}. "
