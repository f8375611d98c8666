"""Which words errors are said in: those an audit is built with, or those kept back to measure it.

Who mends an audit looks at what it missed, and mends for those words. So there are two sets: the
first may be looked at (`--show`), the second is only counted.
"""

from __future__ import annotations

from typing import TypeVar

from . import second_words

T = TypeVar("T")

SETS = ("first", "second")
_active = [SETS[0]]


def use(which: str) -> None:
    """From now on, this set."""
    assert which in SETS
    _active[0] = which


def of(name: str, first: T) -> T:
    """The words for something: `first`, or those of the same name that are kept back."""
    if _active[0] == SETS[0]:
        return first
    return second_words.WORDS[name]
