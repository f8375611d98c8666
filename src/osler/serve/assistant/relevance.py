"""Whether a passage that was found is about the question at all.

The nearest passage is always found, also where none is about the question. Near alone is enough
where it is very near; where it is only near, passage and question must share a word that names
something (a disease, a drug), and not just the form of the question.
"""

from __future__ import annotations

from osler.retrieve.chunk import Hit
from osler.serve.assistant.cite import WORD, rarity, stem
from osler.serve.assistant.conversation import FACETS, TERM

VERY_NEAR = 0.62
"""Cosine from which a passage is about the question whatever its words."""
NEAR = 0.42
"""Cosine from which it is, where both name the same."""


def is_about(question: str, hit: Hit) -> bool:
    """Whether a passage should be shown for a question."""
    if hit.similarity >= VERY_NEAR:
        return True
    if hit.similarity < NEAR:
        return False
    wanted = named(question)
    chunk = hit.chunk
    there = {stem(word) for word in WORD.findall(f"{chunk.title} {chunk.section} {chunk.text}")}
    return bool(wanted) and wanted <= there


def named(question: str) -> frozenset[str]:
    """Stems of the words that say what a question is about."""
    words = (word for word in WORD.findall(question) if rarity(word) >= TERM)
    return frozenset(root for root in map(stem, words) if root not in FACETS)
