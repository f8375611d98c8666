"""The words of a PDF page with their places: what its content stream draws, operator by operator.

pypdf's own text has no columns (its plain mode joins what stands on a line by one space) or loses
the text of forms and of turned pages (its layout mode), so that a value could slip to another
test. It parses the stream and decodes the fonts here; where each word stands is worked out by
ISO 32000-2, 8.3 and 9.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from pypdf import PageObject
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject
from pypdf.generic._font import Font

from osler.documents.pdf_state import (
    IDENTITY,
    WHITE,
    Drawn,
    Matrix,
    State,
    Word,
    bold,
    box,
    dictionary,
    is_white,
    matrix,
    numbers,
    times,
    within,
)

MOST_FORMS = 20_000
DEEPEST = 30
MOST_OPERATORS = 3_000_000
"""On one page, with its forms: a form may draw forms, each of them twice, and so on."""


def draw(page: PageObject) -> Drawn:
    """The page's words, rules and images, turned as the page is shown."""
    return Painter(page).paint()


class Painter:
    """Walks through the content of one page."""

    def __init__(self, page: PageObject) -> None:
        self.page = page
        self.drawn = Drawn()
        crop = page.cropbox
        self.left, self.bottom = float(crop.left), float(crop.bottom)
        self.width, self.height = float(crop.width), float(crop.height)
        self.forms = self.operators = 0
        self.open: set[int] = set()
        self.streams: dict[int, ContentStream] = {}
        self.fonts: dict[int, Font | None] = {}
        self.path: list[tuple[float, float, float, float]] = []
        self.at = (0.0, 0.0)
        self.tm = self.line = IDENTITY
        self.gap = False
        self.kept: list[tuple[Word, bool, bool]] = []

    def paint(self) -> Drawn:
        """Everything; then what nobody can see is left out."""
        if "/Contents" in self.page:
            # "bytes": what is shown are codes of a font; pypdf would take them for text
            content = ContentStream(self.page["/Contents"], self.page.pdf, "bytes")
            self.run(content, dictionary(self.page.get("/Resources")), State(self._upright()))
        self.drawn.words = [
            word for word, white, mode in self.kept if self._seen(word, white, mode)
        ]
        return self.drawn

    def _upright(self) -> Matrix:
        """Moves the corner of the page to 0, 0 and turns it as /Rotate says."""
        x, y, w, h = self.left, self.bottom, self.width, self.height
        turned = int(self.page.rotation) % 360
        if turned == 90:
            self.width, self.height = h, w
            return (0, -1, 1, 0, -y, w + x)
        if turned == 180:
            return (-1, 0, 0, -1, w + x, h + y)
        if turned == 270:
            self.width, self.height = h, w
            return (0, 1, -1, 0, h + y, -x)
        return (1, 0, 0, 1, -x, -y)

    def _seen(self, word: Word, white: bool, unpainted: bool) -> bool:
        """False for what lies off the page, for white on white, and for letters that are not
        painted unless an image lies there: such letters are what a scanner read in it."""
        x, y = (word.left + word.right) / 2, word.base + word.size / 4
        if not (-1 <= x <= self.width + 1 and -1 <= y <= self.height + 1):
            return False
        if unpainted:
            return within(x, y, self.drawn.images)
        return not white or within(x, y, self.drawn.areas) or within(x, y, self.drawn.images)

    # -- the stream ----------------------------------------------------------------------------

    def run(self, content: ContentStream, resources: DictionaryObject, state: State) -> None:
        """Carry out the operators of a page or a form."""
        stack: list[State] = []
        for operands, operator in content.operations:
            self.operators += 1
            if self.operators > MOST_OPERATORS:
                raise LimitReachedError("too many operators on a page")
            if operator == b"q":
                stack.append(state.copy())
            elif operator == b"Q":
                state = stack.pop() if stack else state
            elif operator == b"cm":
                state.ctm = times(matrix(operands), state.ctm)
            elif operator == b"Do":
                self.show_object(operands, resources, state)
            elif operator in TEXT_STATE:
                self.set_text(operator, operands, resources, state)
            elif operator in COLOURS:
                state.white = is_white(operands)
            elif operator in (b"BT", b"Td", b"TD", b"Tm", b"T*"):
                self.move(operator, operands, state)
            elif operator in (b"Tj", b"TJ", b"'", b'"'):
                self.show(operator, operands, state)
            else:
                self.trace(operator, operands, state)

    def set_text(
        self, operator: bytes, operands: Sequence[Any], resources: DictionaryObject, state: State
    ) -> None:
        """Operators that set how text is shown."""
        if operator == b"Tf":
            fonts = dictionary(resources.get("/Font"))
            state.font = self.font(fonts.get(operands[0]) if operands else None)
            state.size = numbers(operands, 2)[1]
        elif operator == b"gs":
            named = dictionary(resources.get("/ExtGState"))
            chosen = dictionary(named.get(operands[0]) if operands else None)
            state.seen = numbers([chosen.get("/ca", 1.0)], 1)[0] > 1 - WHITE
        else:
            [value] = numbers(operands, 1)
            name, factor = TEXT_STATE[operator]
            setattr(state, name, int(value) if name == "mode" else value * factor)

    def font(self, resource: Any) -> Font | None:
        """A font by its resource. None where its letters have no names: nothing can be read."""
        found = dictionary(resource)
        if id(found) not in self.fonts:
            try:
                font = Font.from_font_resource(found) if found else None
                self.fonts[id(found)] = font if font and font.interpretable else None
            except (AttributeError, TypeError, ValueError, KeyError, IndexError):
                self.fonts[id(found)] = None
        return self.fonts[id(found)]

    def show_object(
        self, operands: Sequence[Any], resources: DictionaryObject, state: State
    ) -> None:
        """An image covers its unit square; a form is a stream of its own."""
        named = dictionary(resources.get("/XObject"))
        found = dictionary(named.get(operands[0]) if operands else None)
        if found.get("/Subtype") == "/Image":
            self.drawn.images.append(box([(0, 0), (1, 0), (0, 1), (1, 1)], state.ctm))
        elif found.get("/Subtype") == "/Form" and id(found) not in self.open:
            self.show_form(found, resources, state)

    def show_form(self, form: DictionaryObject, resources: DictionaryObject, state: State) -> None:
        """A form that is not being drawn already: one that draws itself is drawn once."""
        self.forms += 1
        if self.forms > MOST_FORMS or len(self.open) > DEEPEST:
            raise LimitReachedError("too many forms on a page")
        inner = state.copy()
        if "/Matrix" in form:
            inner.ctm = times(matrix(cast(Any, form["/Matrix"])), inner.ctm)
        if id(form) not in self.streams:
            self.streams[id(form)] = ContentStream(form, self.page.pdf, "bytes")
        before = self.tm, self.line
        self.open.add(id(form))
        self.run(self.streams[id(form)], dictionary(form.get("/Resources")) or resources, inner)
        self.open.remove(id(form))
        self.tm, self.line = before

    # -- text ----------------------------------------------------------------------------------

    def move(self, operator: bytes, operands: Sequence[Any], state: State) -> None:
        """Where the next text begins."""
        self.gap = False
        if operator == b"BT":
            self.line = IDENTITY
        elif operator == b"Tm":
            self.line = matrix(operands)
        else:
            x, y = numbers(operands, 2) if operator != b"T*" else (0.0, -state.leading)
            if operator == b"TD":
                state.leading = -y
            self.line = times((1, 0, 0, 1, x, y), self.line)
        self.tm = self.line

    def show(self, operator: bytes, operands: Sequence[Any], state: State) -> None:
        """Text, and the gaps within a TJ."""
        if operator == b'"' and len(operands) >= 3:
            state.word_space, state.char_space = numbers(operands, 2)
            operands = operands[2:]
        if operator in (b"'", b'"'):
            self.move(b"T*", [], state)
        shown = operands[0] if operands else None
        for one in shown if isinstance(shown, ArrayObject) else [shown]:
            if isinstance(one, bytes):
                self.letters(one, state)
            elif isinstance(one, (int, float)):
                [offset] = numbers([one], 1)
                self._advance(-offset / 1000 * state.size * state.scale)

    def letters(self, shown: bytes, state: State) -> None:
        """One string: its words, each with its place."""
        word, start = "", self._point(state)
        font = state.font
        for text, width in _decoded(shown, font) if font else ():
            if text.isspace():
                self._keep(word, start, state)
                word, self.gap = "", True
            elif not word:
                start = self._point(state)
            space = state.word_space if text == " " else 0
            if not text.isspace():
                word += text
            step = width / 1000 * state.size + state.char_space + space
            self._advance(step * state.scale)
        self._keep(word, start, state)

    def _keep(self, text: str, start: tuple[float, float], state: State) -> None:
        if not text:
            return
        m = times(self.tm, state.ctm)
        end = self._point(state)
        size = abs(state.size) * math.hypot(m[2], m[3])
        turned = m[0] <= 0 or abs(m[1]) > abs(m[0]) / 4
        spaced, self.gap = self.gap, False
        if not state.seen or size < 0.5:
            return
        word = Word(text, start[0], end[0], start[1], size, bold(state.font), spaced, turned)
        self.kept.append((word, state.white, state.mode in (3, 7)))

    def _point(self, state: State) -> tuple[float, float]:
        m = times(self.tm, state.ctm)
        return (m[4] + state.rise * m[2], m[5] + state.rise * m[3])

    def _advance(self, by: float) -> None:
        a, b, c, d, e, f = self.tm
        self.tm = (a, b, c, d, e + by * a, f + by * b)

    # -- paths ---------------------------------------------------------------------------------

    def trace(self, operator: bytes, operands: Sequence[Any], state: State) -> None:
        """Straight lines and boxes; curves count by their ends."""
        if operator == b"re":
            x, y, w, h = numbers(operands, 4)
            self.path += [
                (x, y, x + w, y), (x + w, y, x + w, y + h),
                (x + w, y + h, x, y + h), (x, y + h, x, y),
            ]  # fmt: skip
        elif operator == b"m":
            self.at = (numbers(operands, 2)[0], numbers(operands, 2)[1])
        elif operator in (b"l", b"c", b"v", b"y"):
            x, y = numbers(operands[-2:], 2)
            self.path.append((*self.at, x, y))
            self.at = (x, y)
        elif operator in PAINTING:
            self.paint_path(operator, state)
            self.path = []
        elif operator == b"sh":
            self.drawn.areas.append((0, 0, self.width, self.height))
        elif operator == b"INLINE IMAGE":
            self.drawn.images.append(box([(0, 0), (1, 0), (0, 1), (1, 1)], state.ctm))

    def paint_path(self, operator: bytes, state: State) -> None:
        """A path that was drawn becomes rules and, when filled, an area."""
        if operator == b"n" or not self.path or len(self.drawn.rules) > 100_000:
            return
        ends = [((a, b), (c, d)) for a, b, c, d in self.path]
        if operator not in (b"S", b"s") and not state.white:
            self.drawn.areas.append(box([point for pair in ends for point in pair], state.ctm))
        self.drawn.rules += [box(list(pair), state.ctm) for pair in ends]


TEXT_STATE: dict[bytes, tuple[str, float]] = {
    b"Tf": ("font", 1), b"gs": ("seen", 1), b"Tc": ("char_space", 1), b"Tw": ("word_space", 1),
    b"Tz": ("scale", 0.01), b"TL": ("leading", 1), b"Ts": ("rise", 1), b"Tr": ("mode", 1),
}  # fmt: skip
COLOURS = {b"cs", b"g", b"rg", b"k", b"sc", b"scn"}
PAINTING = {b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"n"}


def _decoded(shown: bytes, font: Font) -> list[tuple[str, float]]:
    """Each letter with its width in thousandths of the size."""
    if isinstance(font.encoding, str):
        codes = list(shown.decode(font.encoding, "replace"))
        letters = codes
    else:
        codes = [chr(byte) for byte in shown]
        letters = [font.encoding.get(byte, chr(byte)) for byte in shown]
    widths, default = font.character_widths, font.character_widths["default"]
    return [
        (
            font.character_map.get(letter, letter),
            font.space_width if code == font.space_char else widths.get(code, default),
        )
        for code, letter in zip(codes, letters, strict=True)
    ]
