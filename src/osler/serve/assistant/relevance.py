"""Whether a passage that was found is about the question at all.

The nearest passage is always found, also where none is about the question. Near alone is enough
where it is very near, or rather near to a question in plain words; where it is only near, passage
and question must share a word that names something (a disease, a drug), and not just the form of
the question.
"""

from __future__ import annotations

from osler.retrieve.chunk import Hit
from osler.serve.assistant.cite import WORD, rarity, stem
from osler.serve.assistant.conversation import FACETS, TERM

VERY_NEAR = 0.62
"""Cosine from which a passage is about the question whatever its words."""
RATHER_NEAR = 0.5
"""Cosine from which it is where the question is in plain words: its own ("I pee all the time")
are seldom a passage's, and none of them names what another passage would have to be about."""
PLAIN = 6.0
"""Rarity below which a word is plain; names of diseases and drugs are rarer."""
NEAR = 0.42
"""Cosine from which it is, where both name the same."""
SHARED = 0.5
"""Share of what the question names, weighed by rarity, that the passage must name; the rarest word
is always among it."""


def is_about(question: str, hit: Hit) -> bool:
    """Whether a passage should be shown for a question."""
    if hit.similarity >= VERY_NEAR:
        return True
    if hit.similarity < NEAR:
        return False
    wanted = named(question)
    if hit.similarity >= RATHER_NEAR and max(wanted.values(), default=0.0) < PLAIN:
        return True
    if not wanted:
        return False
    chunk = hit.chunk
    there = {stem(word) for word in WORD.findall(f"{chunk.title} {chunk.section} {chunk.text}")}
    shared = sum(weight for root, weight in wanted.items() if root in there)
    rarest = max(wanted, key=lambda root: wanted[root])
    return rarest in there and shared >= SHARED * sum(wanted.values())


def named(question: str) -> dict[str, float]:
    """Stems of the words that say what a question is about, and how rare each is."""
    words = ((stem(word), rarity(word)) for word in WORD.findall(question))
    return {root: weight for root, weight in words if weight >= TERM and root not in FACETS}
