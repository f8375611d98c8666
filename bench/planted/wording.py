"""Which words errors are said in: those an audit is built with, or those kept back to measure it.

Who mends an audit looks at what it missed, and mends for those words. So the sets named in `SHOWN`
are for mending and may be looked at (`--show`); any other is only counted. The fifth
is kept back: who wrote it had not seen the audit.
"""

from __future__ import annotations

from typing import Any, TypeVar

from . import (
    fifth_phrases,
    fifth_words,
    fourth_names,
    fourth_phrases,
    fourth_words,
    second_words,
    third_phrases,
    third_words,
)

T = TypeVar("T")

_WORDS: dict[str, dict[str, Any]] = {
    "first": {}, "second": second_words.WORDS, "third": third_words.WORDS | third_phrases.WORDS,
    "fourth": fourth_words.WORDS | fourth_names.WORDS | fourth_phrases.WORDS,
    "fifth": fifth_words.WORDS | fifth_phrases.WORDS,
}  # fmt: skip
SETS = tuple(_WORDS)
SHOWN = ("first", "second", "third", "fourth")
"""Those of which it may be shown what was missed."""
SAME_DRUGS: dict[str, str] = {
    brand: drug for words in _WORDS.values() for brand, drug in words.get("same drugs", {}).items()
}
"""Brands and their ingredients, of all sets but the first."""
_active = [SETS[0]]


def use(which: str) -> None:
    """From now on, this set."""
    assert which in SETS
    _active[0] = which


def used() -> str:
    """The set in use."""
    return _active[0]


def of(name: str, first: T) -> T:
    """The words for something: `first`, or those of the same name that the set has instead."""
    return _WORDS[_active[0]].get(name, first)
