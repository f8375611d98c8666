"""BM25 of chunks: which words they share with a question, and how rare these are.

bm25s with Lucene's formula (Robertson's BM25, k1 = 1.5, b = 0.75): a word that a chunk has adds at
most the word's idf, so the scores of a question are parts of the sum of its words' idf.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
"""A word; of Chinese, Japanese and Korean, which know no spaces or many endings, a sign."""

_STOP_WORDS = (
    "a about after all also am an and any are as at be because been before being but by can could "
    "did do does doing for from had has have having he hello help her hi him his how i if in into "
    "is it its just know like may me might more most much my no not of on or our out please she "
    "should so some such tell than thank thanks that the their them then there these they this "
    "those to too up us very was we were what when where which while who whom whose why will with "
    "would you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing of what is asked for: grammar, and the politeness of messages."""

Floats = NDArray[np.float32]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents, plurals and stop words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = unicodedata.normalize("NFC", plain)
    return [_singular(word) for word in WORD.findall(plain) if word not in STOP_WORDS]


def _singular(word: str) -> str:
    """Harman's (1991) S-stemmer: plurals only, so that no two terms of medicine become one."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word if word.endswith(("eies", "aies")) else f"{word[:-3]}y"
    if word.endswith("es"):
        return word if word.endswith(("aes", "ees", "oes")) else word[:-1]
    return word if word.endswith(("us", "ss", "is")) else word[:-1]


class Words:
    """The words of some chunks, in memory or mapped from a folder."""

    def __init__(self, count: int, scorer: Any = None) -> None:
        self.count = count
        """Of chunks."""
        self._scorer = scorer

    @classmethod
    def of(cls, texts: Iterable[str]) -> Words:
        """Index texts by their words."""
        import bm25s

        numbers: dict[str, int] = {}
        ids = [[numbers.setdefault(w, len(numbers)) for w in words_of(text)] for text in texts]
        if not numbers:
            return cls(len(ids))
        scorer = bm25s.BM25()
        scorer.index((ids, numbers), create_empty_token=False, show_progress=False)
        return cls(len(ids), scorer)

    @classmethod
    def load(cls, folder: Path, count: int) -> Words:
        """Map what `save` has written, for so many chunks."""
        import bm25s

        if not folder.is_dir():
            return cls(count)
        return cls(count, bm25s.BM25.load(str(folder), mmap=True))

    def save(self, folder: Path) -> None:
        """Write into a new folder; nothing where there are no words."""
        if self._scorer is not None:
            self._scorer.save(str(folder), show_progress=False)

    def idf(self, word: str) -> float:
        """How much a word tells: the logarithm of how rare it is among the chunks."""
        having = self._having(word)
        return math.log(1 + (self.count - having + 0.5) / (having + 0.5))

    def knows(self, word: str) -> bool:
        """Whether some chunk has the word."""
        return self._having(word) > 0

    def scores(self, words: Sequence[str]) -> Floats:
        """For each chunk the share of the words, weighed by idf, that it tells of: 0 to 1."""
        asked = set(words)
        known = sorted(word for word in asked if self.knows(word))
        if not known:
            return np.zeros(self.count, np.float32)
        found = np.asarray(self._scorer.get_scores(known), np.float32)
        return found / np.float32(sum(map(self.idf, sorted(asked))))

    def _having(self, word: str) -> int:
        """Chunks that have a word."""
        if self._scorer is None or (number := self._scorer.vocab_dict.get(word)) is None:
            return 0
        starts = self._scorer.scores["indptr"]
        return int(starts[number + 1] - starts[number])
