"""Whether a message is English, which is all the encoder reads; else, whether its words say health.

The encoder's vectors of other languages mean little. So these are judged by their words: by a table
of words of health in them (assets/scope/other_languages.txt).
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import cache
from importlib import resources


class Reading(Enum):
    """What language a message is in, as far as it matters."""

    ENGLISH = "English"
    OTHER_MEDICAL = "another, about health"
    OTHER = "another"


LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"[^\W\d_]+")
_SHORTENED = re.compile(r"['’](?:ve|m|re|ll|d|t)\b", re.IGNORECASE)
"""What English writes behind a mark."""
MOST_ENGLISH = 0.5
"""Share of letters beyond the Latin ones from which a text is in another script."""
FOREIGN_LETTERS = frozenset("ğşıİłąężźśńãõñ¿¡ß")
"""Not in the names of diseases that English has taken over: Sjögren, Ménière, Behçet."""

ACCENTED = 2
"""Words with other letters than a to z, beyond what a name in English has."""


def read_language(text: str) -> Reading:
    """The language of a message. What cannot be told is taken for English."""
    folded = fold(text)
    letters = [char for char in folded if char.isalpha()]
    if not letters:
        return Reading.ENGLISH
    medical = bool(health().search(folded))
    other_script = sum(not "a" <= char <= "z" for char in letters) / len(letters) > MOST_ENGLISH
    if other_script or _is_foreign(text):
        return Reading.OTHER_MEDICAL if medical else Reading.OTHER
    return Reading.ENGLISH


def has_english(text: str) -> bool:
    """Whether a message has little words that are English alone."""
    words = _WORD.findall(_SHORTENED.sub("", text).casefold())
    return not (tables()["english"] - tables()["shared"]).isdisjoint(words)


def _is_foreign(text: str) -> bool:
    """More little words of other languages than of English. Those that names have, as in "von
    Willebrand", count only beside others. Those that other languages write as English does are
    English beside others of English, and where they are more; not in "Was ist Gicht?"."""
    text = _SHORTENED.sub("", text)
    shout = text.isupper()
    words = [w.casefold() for w in _WORD.findall(text) if shout or len(w) == 1 or not w.isupper()]
    table = tables()
    here = sum(word in table["english"] for word in words)
    sure = any(word in table["english"] - table["shared"] for word in words)
    names = len(table["names"].intersection(words))
    there = sum(word in table["other"] - table["english"] - table["names"] for word in words)
    accented = sum(not word.isascii() for word in words)
    if there and not sure:
        little = there + accented + here
        return not here or (there + accented >= here and 2 * little >= len(words))
    if there or (not here and (FOREIGN_LETTERS & set(text) or accented >= ACCENTED)):
        return there + names > here or not here
    return names >= 2 and not here and names * 2 >= len(words) - 1


@cache
def tables() -> dict[str, frozenset[str]]:
    """The little words of English and of others, from other_languages.txt."""
    return {name: frozenset(words.split()) for name, words in _lines() if name != "health"}


@cache
def health() -> re.Pattern[str]:
    """The beginnings of words of health, in any of the languages."""
    stems = [stem for name, words in _lines() if name == "health" for stem in words.split(", ")]
    scripts = sorted({fold(stem) for stem in stems}, key=len, reverse=True)
    latin = [re.escape(s) for s in scripts if LATIN.search(s)]
    others = [re.escape(s) for s in scripts if not LATIN.search(s)]
    return re.compile(rf"\b(?:{'|'.join(latin)})|{'|'.join(others)}")


@cache
def _lines() -> tuple[tuple[str, str], ...]:
    path = resources.files("osler") / "assets" / "scope" / "other_languages.txt"
    lines = (line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#")
    return tuple((name, words) for name, _, words in (line.partition(": ") for line in lines))


def fold(text: str) -> str:
    """Lower case, and Latin, Greek and Cyrillic letters without accents."""
    parts = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(char for char in parts if not unicodedata.combining(char) or ord(char) > 0x0590)
    return unicodedata.normalize("NFC", plain)
