"""A page as the standard library reads it."""

from __future__ import annotations

import html.parser

LINES = {"td", "th", "dt", "dd", "li", "p", "div", "br", "caption", "h1", "h2", "h3", "section"}
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(html.parser.HTMLParser):
    """The tags of a page in order, and the text within each element that has an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self.said: list[str] = []
        self.style = ""
        self._open: list[tuple[str, str]] = []
        self.unclosed: list[str] = []
        self.feed(text)
        self.all = " ".join("".join(self.said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._apart(tag)
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found.get("id", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._apart(tag)
        name, _ = self._open.pop()
        if name != tag:
            self.unclosed.append(f"{name} ended by {tag}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "style":
            self.style += data
            return
        self.said.append(data)
        for _, id in self._open:
            if id:
                self.texts[id] = self.texts.get(id, "") + data

    def _apart(self, tag: str) -> None:
        """A blank where a browser begins a new line or cell."""
        if tag in LINES:
            self.handle_data(" ")

    def text(self, id: str) -> str:
        """What stands in an element, blanks joined."""
        return " ".join(self.texts[id].split())

    def of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a name."""
        return [found for name, found in self.tags if name == tag]
