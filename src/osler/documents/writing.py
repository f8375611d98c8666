"""The text of a document as it grows, with the bytes at which its pages and headings begin."""

from __future__ import annotations

from pathlib import PurePath

from osler.documents.characters import one_line
from osler.documents.document import Document, Heading, Page, id_of
from osler.documents.limits import Limits
from osler.documents.refused import Refused


class Writing:
    """Takes lines one after the other. A blank line parts paragraphs; there are never two."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lines: list[str] = []
        self._bytes = 0
        self._characters = 0
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._page_began = 0

    def line(self, text: str) -> None:
        """One line; of several, each. Raises `Refused` when the text becomes too long."""
        for one in text.split("\n"):
            one = one.rstrip()
            if one or self._wants_blank():
                self._put(one)

    def _wants_blank(self) -> bool:
        return bool(self._lines) and self._lines[-1] != "" and self._bytes > self._page_began

    def _put(self, one: str) -> None:
        self._lines.append(one)
        self._bytes += len(one.encode()) + 1
        self._characters += len(one) + 1
        if self._characters > self._limits.characters:
            raise Refused(
                "too_long",
                f"The text of this document is longer than {self._limits.characters:,} characters.",
                "Split it, or take only the part that matters.",
            )

    def heading(self, title: str, level: int) -> None:
        """A heading, as a line of its own between blank ones."""
        title = one_line(title)
        if title:
            self.line("")
            self._headings.append(Heading(title, level, self._bytes))
            self.line(title)
            self.line("")

    def end_page(self) -> None:
        """What was written since the last page is a page."""
        self._pages.append(Page(len(self._pages) + 1, self._page_began, self._bytes))
        self._page_began = self._bytes

    def document(self, name: str, data: bytes, title: str | None, date: str | None) -> Document:
        """The document. Its title: as given, else its first main heading, else its name."""
        text = "".join(f"{line}\n" for line in self._lines)
        best = min(self._headings[:3], key=lambda one: one.level, default=None)
        titles = (one_line(title or ""), best.title if best else "", one_line(PurePath(name).stem))
        return Document(
            id=id_of(data),
            name=name,
            title=next((one for one in titles if one), "document")[:300],
            text=text,
            pages=tuple(self._pages),
            headings=tuple(self._headings),
            date=date,
        )
