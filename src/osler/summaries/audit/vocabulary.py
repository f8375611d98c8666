"""Words that are nothing strange: of English, of medical articles, and of the lexicon.

English is the dictionary of pyspellchecker, 160,000 words. The tokenizer of the embedded model was
made on textbooks and medical articles; a word that is one token there was met often.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from osler.summaries import lexicon
from osler.summaries.audit.words import norms

SPACE = "\u0120"
"""How the tokenizer writes the space before a word."""


@cache
def _words() -> frozenset[str]:
    path = resources.files("osler").joinpath("assets/nano/tokenizer.json")
    tokens = json.loads(path.read_text("utf-8"))["model"]["vocab"]
    words = {token[1:].lower() for token in tokens if token.startswith(SPACE)}
    for kind in lexicon.TABLES:
        for concept in lexicon.concepts(kind):
            for name in concept.names:
                words.update(norms(name))
    return frozenset(words)


def is_known(word: str) -> bool:
    """Whether a word, in lower case, or its singular, is one of every day or of the lexicon."""
    return any(one in _words() or one in _english() for one in (word, *norms(word)))


def is_written_so(word: str) -> bool:
    """Whether a word, in lower case, is known with just these letters and accents."""
    return word in _words() or word in _english()


@cache
def _english() -> frozenset[str]:
    from spellchecker import SpellChecker

    return frozenset(SpellChecker(language="en").word_frequency.dictionary)
