"""Orders written so that a rule does not see them: other letters, other codes."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from string import ascii_lowercase

ALIKE = str.maketrans("aceiopsxyAEOPCTBHKMX", "асеіорѕхуАЕОРСТВНКМХ")
"""Latin letters, and Cyrillic ones that look the same."""
LEET = str.maketrans("aeiostlAEIOSTL", "43105714310571")
CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.."
)
MORSE = dict(zip(ascii_lowercase, CODES.split(), strict=True))


def _each(letter: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(letter(c) if c.isascii() and c.isalpha() else c for c in text)


def _from(capital: int, small: int) -> Callable[[str], str]:
    """Letters of an alphabet that begins at these code points."""
    return _each(lambda c: chr((capital + ord(c) - 65) if c.isupper() else small + ord(c) - 97))


DISGUISES: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "circled": _from(0x24B6, 0x24D0),
    "combining": _each(lambda c: c + "\u0307"),
    "fullwidth": _from(0xFF21, 0xFF41),
    "hex": lambda text: text.encode().hex(),
    "homoglyph": lambda text: text.translate(ALIKE),
    "leet": lambda text: text.translate(LEET),
    "mathematical": _from(0x1D400, 0x1D41A),
    "morse": lambda text: " / ".join(
        " ".join(MORSE[c] for c in word.lower()) for word in text.split()
    ),
    "no_break": lambda text: text.replace(" ", "\u00a0"),
    "reverse": lambda text: text[::-1],
    "right_to_left": lambda text: f"\u202e{text[::-1]}\u202c",
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "soft_hyphen": _each(lambda c: c + "\u00ad"),
    "spaced": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "tags": lambda text: "".join(chr(0xE0000 + ord(c)) for c in text),
    "zero_width": _each(lambda c: c + "\u200b"),
}
