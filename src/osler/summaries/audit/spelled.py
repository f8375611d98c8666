"""Numbers in words: sixty-seven, one hundred twenty, eight point nine; and stage IV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number. `norm` is what is compared."""

    norm: str
    start: int
    end: int
    number: float | None = None
    decimals: int = 0


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ONES = {word: number for number, word in enumerate(_ONES.split())}
TENS = {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
GRADED = ("stage", "type", "grade", "class")
"""Words behind which a Roman numeral is one."""
SPANNED = ("year", "month", "week", "decade")
"""Of `a year ago`."""
NO_COUNT = (
    "of", "or", "and", "another", "more", "to", "by", "the", "that", "who", "which", "is", "was",
    "day", "night",
)  # fmt: skip
"""Words before which one, two or three is no count: one of them, one or more."""


def at(text: str, words: Sequence[Token], place: int) -> tuple[int, float]:
    """Behind the last word of the number that begins at a word, and the number; else the place."""
    word = words[place].norm
    if word in ROMAN and place and words[place - 1].norm in GRADED:
        return place + 1, ROMAN[word]
    if word in ("a", "an") and _joined(text, words, place + 1) in SPANNED:
        ago = _joined(text, words, place + 2) == "ago"
        return (
            (place + 1, 1.0) if ago or (place and words[place - 1].norm == "for") else (place, 0.0)
        )
    if word not in ONES and word not in TENS:
        return place, 0.0
    end, number = _whole(text, words, place)
    after = _joined(text, words, end)
    if after == "point" and _joined(text, words, end + 1) in ONES:
        tenth = ONES[words[end + 1].norm]
        return (end + 2, number + tenth / 10) if tenth < 10 else (end, number)
    alone = end == place + 1 and number < 4
    if word == "zero" or (alone and (not after or after in NO_COUNT)):
        return place, 0.0
    return end, float(number)


def _whole(text: str, words: Sequence[Token], place: int) -> tuple[int, float]:
    end, number = _below_hundred(text, words, place)
    if _joined(text, words, end) != "hundred":
        return end, number
    number, end = 100 * number, end + 1
    follows = end + (_joined(text, words, end) == "and")
    if _joined(text, words, follows) in ONES | TENS:
        end, rest = _below_hundred(text, words, follows)
        number += rest
    return end, number


def _below_hundred(text: str, words: Sequence[Token], place: int) -> tuple[int, float]:
    word = words[place].norm
    if word in ONES:
        return place + 1, ONES[word]
    ones = ONES.get(_joined(text, words, place + 1), 0)
    return (place + 2, TENS[word] + ones) if 0 < ones < 10 else (place + 1, TENS[word])


def _joined(text: str, words: Sequence[Token], place: int) -> str:
    """The word at a place, where only a space or hyphen parts it from the one before it."""
    if not 0 < place < len(words):
        return ""
    between = text[words[place - 1].end : words[place].start]
    return words[place].norm if between in (" ", "-") else ""
