"""The words that ROUGE counts.

Its own words are runs of a-z and 0-9 after lower-casing, and figures in papers rest on that. Of a
text in another script nothing is left, and every answer would score 0 against it. So where the
references have letters beyond a-z, words are runs of letters, marks and digits of any script; in
plain English both rules give the same words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

UNSPACED = ("CJK ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
"""How Unicode's names begin for scripts that put no space between words: there each letter is a
word, as is usual for ROUGE on Chinese."""


def other_letters(references: Sequence[str]) -> bool:
    """True when a reference has a letter outside a-z."""
    return any(
        letter.isalpha() and not letter.isascii()
        for text in references
        if not text.isascii()
        for letter in text
    )


def tokenizer_for(references: Sequence[str]) -> Any:
    """The words of rouge-score itself, or those of any script where the references need it."""
    from rouge_score.tokenizers import DefaultTokenizer

    return AnyScript() if other_letters(references) else DefaultTokenizer()


class AnyScript:
    """A tokenizer as `RougeScorer` takes one."""

    def tokenize(self, text: str) -> list[str]:
        """Words in lower case; an accent counts the same however it is encoded."""
        return "".join(map(_spaced, unicodedata.normalize("NFC", text.lower()))).split()


@lru_cache(maxsize=20_000)
def _spaced(letter: str) -> str:
    """The letter as part of a word, as a word of its own, or a space."""
    if unicodedata.category(letter)[0] not in "LMN":
        return " "
    return f" {letter} " if unicodedata.name(letter, "").startswith(UNSPACED) else letter
