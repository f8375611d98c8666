"""DOCX: paragraphs, headings by their styles or in bold, lists, and tables as rows in their place.

Read are also text boxes, fields of forms, insertions that are tracked, headers (each once, before
the text), footers and notes (after it). Left out are page numbers, comments, deletions that are
tracked, what is struck out and text that is formatted as hidden. A DOCX has no pages: they are made
anew by who prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  (it has no stubs)

from osler.documents.characters import as_row, clean, one_line
from osler.documents.document import Document
from osler.documents.docx_zip import damaged, refuse_unsafe
from osler.documents.limits import Limits
from osler.documents.refused import Refused
from osler.documents.writing import Writing

_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:pPr"), qn("w:rPr"),
             "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}  # fmt: skip
_UNSAID = ("vanish", "strike", "dstrike")
_TEXT = {qn("w:t"), "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"}
_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "-"}
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_WRAPPERS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml"),
             qn("w:smartTag")}  # fmt: skip
_PAGE_NUMBER = re.compile(r"(?i)\W*(?:(?:page|seite|p\.)\W*)?\d+(?:\W+(?:(?:of|von)\W+)?\d+)?\W*")
_SYMBOLS = {
    "61": "α", "62": "β", "64": "δ", "67": "γ", "6C": "λ", "6D": "μ", "70": "π", "73": "σ",
    "A3": "≤", "A5": "∞", "AC": "←", "AD": "↑", "AE": "→", "AF": "↓", "B0": "°", "B1": "±",
    "B3": "≥", "B4": "×", "B7": "•", "B9": "≠", "BB": "≈", "44": "Δ", "53": "Σ", "57": "Ω",
}  # fmt: skip
"""Of the font Symbol, by the last byte of a character's number."""
TEMPLATE = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)
"""When the template of python-docx was made, which many programs write their documents with."""
LONGEST_HEADING = 80
"""Characters of a heading that is none by its style."""
_FAULTS = (OpcError, BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, AttributeError,
           TypeError, IndexError, RecursionError, OSError)  # fmt: skip


def read_docx(name: str, data: bytes, limits: Limits) -> Document:
    """Raises `Refused` for whatever is wrong with it."""
    refuse_unsafe(data, limits)
    try:
        source = docx.Document(BytesIO(data))
        writing = Writing(limits)
        Body(source, writing).write()
        core = source.core_properties
        document = writing.document(name, data, core.title, _date(core.modified or core.created))
    except _FAULTS:
        raise damaged() from None
    if not document.text.strip():
        raise Refused(
            "empty",
            "This DOCX has no text.",
            "Text in images is not read: give the document as it was written.",
        )
    return document


def _date(changed: datetime | None) -> str | None:
    """The day of a document; a program that set none left that of its template."""
    return changed.date().isoformat() if changed and changed != TEMPLATE else None


class Body:
    """The body of a document, walked through."""

    def __init__(self, source: Any, writing: Writing) -> None:
        self.source = source
        self.body = source.element.body
        self.parts = {rel.reltype.rsplit("/", 1)[-1]: rel for rel in source.part.rels.values()}
        self.styles: dict[str, tuple[int, bool]] = {
            style.style_id: _style(style) for style in source.styles if style.style_id
        }
        self.default = next((s.style_id for s in source.styles if _is_default(s)), "")
        self.writing = writing
        self.notes: list[tuple[str, str]] = []
        self.level = 0
        """Of the last heading that is one by its style."""

    def write(self) -> None:
        """Headers, all blocks, footers, then the notes."""
        self.margin("header")
        self.blocks(self.body)
        self.margin("footer")
        for kind in ("footnotes", "endnotes"):
            wanted = [number for of, number in self.notes if of == kind]
            texts = self._note_texts(kind) if wanted else {}
            self.writing.line("")
            for number in wanted:
                self.writing.line(f"[{number}] {texts.get(number, '')}")

    def margin(self, of: str) -> None:
        """Each different header, or footer, that is shown, once; an allergy may stand there."""
        even = self.source.settings.odd_and_even_pages_header_footer
        told: set[str] = set()
        for section in self.source.sections:
            first = section.different_first_page_header_footer
            names = (of, *[f"first_page_{of}"] * first, *[f"even_page_{of}"] * even)
            for one in (getattr(section, name) for name in names):
                text = "" if one.is_linked_to_previous else self.flat(one.part.element)
                if text and text not in told and not _PAGE_NUMBER.fullmatch(text):
                    told.add(text)
                    self.blocks(one.part.element)
                    self.writing.line("")

    def _note_texts(self, kind: str) -> dict[str, str]:
        part = self.parts.get(kind)
        if part is None or part.is_external:
            return {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(part.target_part.blob, parser)
        return {note.get(qn("w:id"), ""): self.flat(note) for note in root}

    def blocks(self, container: Any) -> None:
        """Paragraphs and tables in their order."""
        for child in container:
            if child.tag == qn("w:p"):
                self.paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.table(child)
            elif child.tag in _WRAPPERS:
                self.blocks(child)

    def paragraph(self, p: Any) -> None:
        """One paragraph, and after it the text boxes that hang on it."""
        text = "".join(self.pieces(p))
        style = _value(p, "w:pPr/w:pStyle") or self.default
        level, listed = self.styles.get(style, (0, False))
        own = _value(p, "w:pPr/w:outlineLvl")
        level = int(own) + 1 if own and own.isdecimal() and int(own) < 9 else level
        listed = listed or _value(p, "w:pPr/w:numPr/w:numId") not in (None, "0")
        if level and one_line(text):
            self.level = min(level, 6)
            self.writing.heading(text, self.level)
        elif not listed and _is_bold_heading(p, one_line(text)):
            self.writing.heading(text, min(self.level + 1, 6))
        elif "\t" in text.strip():
            for line in text.strip().split("\n"):
                self.writing.line(as_row(line.split("\t")) if "\t" in line else clean(line))
        elif one_line(text):
            self.writing.line(("- " if listed else "") + clean(text).strip())
            if not listed:
                self.writing.line("")
        for box in p.iter(qn("w:txbxContent")):
            if not any(parent.tag in _LEFT_OUT for parent in _above(box, p)):
                self.blocks(box)

    def pieces(self, element: Any) -> Iterator[str]:
        """The text of a paragraph, piece by piece."""
        for child in element:
            tag = child.tag
            if tag in _LEFT_OUT or (tag == qn("w:r") and _is_left_out(child)):
                continue
            if tag in _TEXT:
                yield child.text or ""
            elif tag in _BREAKS:
                yield _BREAKS[tag]
            elif tag in _NOTES:
                number = child.get(qn("w:id"), "")
                self.notes.append((_NOTES[tag], number))
                yield f"[{number}]"
            elif tag == qn("w:sym"):
                yield _symbol(child)
            else:
                yield from self.pieces(child)

    def table(self, table: Any) -> None:
        """A row a line; one with a table in it, or a table of one column, only arranges cells."""
        rows = [row for row in _inside(table, "w:tr")]
        one_column = all(len(list(_inside(row, "w:tc"))) < 2 for row in rows)
        self.writing.line("")
        above: dict[int, str] = {}
        for row in rows:
            if one_column or any(True for _ in row.iter(qn("w:tbl"))):
                for cell in _inside(row, "w:tc"):
                    self.blocks(cell)
            elif any(cells := self.cells(row, above)):
                self.writing.line(as_row(cells))
        self.writing.line("")

    def cells(self, row: Any, above: dict[int, str]) -> list[str]:
        """Texts by column. A cell over several rows is said in each, as it holds for each."""
        cells: list[str] = []
        for cell in _inside(row, "w:tc"):
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            goes_on = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
            text = above.get(len(cells), "") if goes_on else self.flat(cell)
            above[len(cells)] = text
            span = _value(cell, "w:tcPr/w:gridSpan") or "1"
            cells += [text] + [""] * (min(int(span) if span.isdecimal() else 1, 100) - 1)
        return cells

    def flat(self, container: Any) -> str:
        """All paragraphs in it as one line."""
        return one_line(" ".join("".join(self.pieces(p)) for p in container.iter(qn("w:p"))))


def _style(style: Any) -> tuple[int, bool]:
    """Level (0: no heading) and whether it is of a list."""
    level, listed, one = 0, False, style
    for _ in range(12):  # a style is based on another; in a damaged file in a circle
        if one is None:
            break
        found = re.fullmatch(r"heading (\d)", (one.name or "").lower())
        outline = _value(one.element, "w:pPr/w:outlineLvl")
        if found:
            level = level or int(found[1])
        elif outline and outline.isdecimal() and int(outline) < 9:
            level = level or int(outline) + 1
        elif (one.name or "").lower() == "title":
            level = level or 1
        listed = listed or (one.name or "").lower().startswith("list")
        one = getattr(one, "base_style", None)
    return level, listed


def _is_default(style: Any) -> bool:
    return (
        style.element.get(qn("w:default")) == "1" and style.element.get(qn("w:type")) == "paragraph"
    )


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(qn(part) for part in path.split("/")))
    return None if found is None else found.get(qn("w:val"))


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those in fields of forms."""
    for child in element:
        if child.tag == qn(tag):
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)


def _above(element: Any, until: Any) -> Iterator[Any]:
    for parent in element.iterancestors():
        if parent is until:
            return
        yield parent


def _is_left_out(run: Any) -> bool:
    """Whether a run is hidden or struck out."""
    return any(_is_on(run, kind) for kind in _UNSAID)


def _is_on(run: Any, kind: str) -> bool:
    """Whether a property of a run is there and not switched off."""
    found = run.find(f"{qn('w:rPr')}/{qn(f'w:{kind}')}")
    return found is not None and found.get(qn("w:val"), "1") not in ("0", "false", "off")


def _is_bold_heading(p: Any, text: str) -> bool:
    """Whether a paragraph is a few words in bold above others that are not. A value, a sentence or
    `Allergy: penicillin` is none, bold as it may be, nor is each line of a list in bold."""
    letters = sum(map(str.isalpha, text))
    words = text.removesuffix(":")
    plain = not any(map(str.isdigit, text)) and not text.endswith((".", ";", ",", "!"))
    if not (3 <= letters <= len(text) <= LONGEST_HEADING and plain and ":" not in words):
        return False
    after = (one for one in p.itersiblings() if "".join(one.itertext()).strip())
    return _is_bold(p) and not _is_bold(next(after, p))


def _is_bold(p: Any) -> bool:
    runs = (run for run in p.iter(qn("w:r")) if "".join(run.itertext()).strip())
    return all(_is_on(run, "b") for run in runs)


def _symbol(symbol: Any) -> str:
    number = symbol.get(qn("w:char"), "")
    return _SYMBOLS.get(number[-2:].upper(), "\ufffd")
