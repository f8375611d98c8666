"""What a question can be shown beside the passage that answers it: rows that do not.

Of the same topic, nearest by their words, or of other topics altogether.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from osler.data.wordings import kind_of
from osler.retrieve.words import Words, words_of
from osler.rows import Row

NEAREST = 12
"""Rows that are looked at for near ones."""
INDEXED = 120
"""Words of an answer by which it is found."""
PLAIN = frozenset({
    "are", "cause", "causes", "diagnosed", "diagnose", "disease", "disorder", "from",
    "genetic", "have", "inherited", "many", "people", "prevent", "related", "symptoms",
    "syndrome", "treatment", "treatments", "type", "what", "when", "which", "with", "about",
    "changes", "outlook", "affected", "risk", "does",
})  # fmt: skip
"""Words that say nothing of what a question is about."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Library:
    """Rows of the training side, by words and kind of question; and all rows by topic.

    A topic is on one side only, so a training row meets no held-out one there.
    """

    rows: Sequence[Row]
    by_topic: dict[str, list[Row]]
    by_kind: dict[str, list[Row]]
    words: Words

    @staticmethod
    def of(rows: Sequence[Row], held_out: Sequence[Row] = ()) -> Library:
        """The library of these rows, all of which are trained, and of others by topic alone."""
        by_topic: dict[str, list[Row]] = defaultdict(list)
        by_kind: dict[str, list[Row]] = defaultdict(list)
        for row in (*rows, *held_out):
            by_topic[row.group].append(row)
        for row in rows:
            by_kind[kind_of(row)].append(row)
        words = Words.of(_indexed(row) for row in rows)
        return Library(rows, dict(by_topic), dict(by_kind), words)

    def siblings(self, row: Row) -> list[Row]:
        """What else is told of the topic: rows that ask and answer something else."""
        others = self.by_topic.get(row.group, [])
        return [one for one in others if kind_of(one) != kind_of(row) and one.id != row.id
                and one.reference != row.reference]  # fmt: skip

    def near(self, row: Row) -> list[Row]:
        """Rows of other topics whose words are nearest to the question's, the nearest first."""
        scores = self.words.scores(words_of(row.question))
        most = min(NEAREST, len(self.rows) - 1)
        if most < 1 or not scores.any():
            return []
        first = np.argpartition(-scores, most)[:most]
        found = [self.rows[place] for place in sorted(first, key=lambda place: -scores[place])]
        return [one for one in found if one.group != row.group]

    def strangers(self, row: Row, count: int, chance: Random) -> list[Row]:
        """Rows of other topics that share no word with the question, half of the same kind."""
        about = _about(f"{row.question} {row.group}")
        alike = self.by_kind.get(kind_of(row), [])
        found: dict[str, Row] = {}
        for attempt in range(20 * count):
            shelf = alike if alike and attempt % 2 else self.rows
            other = shelf[chance.randrange(len(shelf))]
            if other.group != row.group and not about & _about(f"{other.question} {other.group}"):
                found.setdefault(other.group, other)
            if len(found) == count:
                break
        return list(found.values())


def _indexed(row: Row) -> str:
    return " ".join([row.question, *row.reference.split()[:INDEXED]])


def _about(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if len(word) > 3} - PLAIN
