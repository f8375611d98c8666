"""The sentences of a message: which of them asks, which has a subject, what names they have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

MOST_SENTENCES = 24
"""Of a long message: more are read in longer pieces."""
SHORTEST = 3
"""Words; a shorter sentence ("Hello.") is read together with the next."""

SENTENCE_END = re.compile(r"(?<=[.?!;:])\s+|\n+")
ASKS = re.compile(
    r"\?\s*$|^(?:(?:please|now|so|and|then|but|just|also|kindly),? )*(?:how|what|which|who|where|"
    r"when|why|can|could|is|are|do|does|should|may|will|would|write|tell|give|explain|list|make|"
    r"draft|recommend|translate|plan|suggest|describe|name|solve|compute|help|show|draw|compose|"
    r"choose|summari[sz]e|generate|find|fix|play|pretend|calculate|convert|correct|create|count)\b",
    re.IGNORECASE,
)
_CLOSING = frozenset(
    ("advice", "idea", "ideas", "thx", "regards", "wishes", "think", "reply", "reading", "question")
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


@cache
def form_words() -> frozenset[str]:
    """Words that a question about health is made of, whatever it is about."""
    path = resources.files("osler") / "assets" / "scope" / "form_words.txt"
    return frozenset(path.read_text("utf-8").split())


def sentences(text: str) -> list[str]:
    """The sentences of a message, of three words or more where it has such, 24 at most."""
    found: list[str] = []
    for part in SENTENCE_END.split(text.strip()):
        if found and len(_WORD.findall(found[-1])) < SHORTEST:
            found[-1] = f"{found[-1]} {part}"
        elif part.strip():
            found.append(part.strip())
    step = -(-len(found) // MOST_SENTENCES)
    return [" ".join(found[at : at + step]) for at in range(0, len(found), step)] if found else []


def request(parts: Sequence[str]) -> int:
    """Which of these sentences asks for something: the last question or order that has a subject
    ("What do you think?" has none); the last that has one where none asks."""
    having = [at for at, part in enumerate(parts) if has_subject(part)] or [len(parts) - 1]
    asking = [at for at in having if ASKS.search(parts[at])]
    return (asking or having)[-1]


def has_subject(text: str) -> bool:
    """Whether a text has a word that is not the form of a question or of a letter's end."""
    words = (word.casefold().replace("'", "") for word in _WORD.findall(text.replace("’", "'")))
    return any(word not in form_words() and word not in _CLOSING for word in words)


def names(text: str, known: frozenset[str]) -> bool:
    """Whether a text has one of these names, of up to four words in lower case."""
    words = [word.casefold() for word in _WORD.findall(text)]
    spans = (words[at : at + n] for n in range(1, 5) for at in range(len(words) - n + 1))
    return any(" ".join(span) in known for span in spans)
