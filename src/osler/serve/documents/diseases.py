"""Of whom a document tells a disease or a drug: a model must not give to the patient what it tells
of a relative, or a disease that it does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.retrieve.sentences import sentences
from osler.serve.documents.substances import mentions
from osler.serve.documents.whose import of_another
from osler.summaries.audit import lookup
from osler.summaries.audit.words import norms, tokens

FAMILY = re.compile(r"(?i)\W*(?:family|fhx?)(?: (?:medical|medical history|history))?\W*")
HEADING = re.compile(r"#+ .*|[A-Z][\w /&-]{1,40}:?|\**[A-Z][^.|]{1,40}\**:")
HAS = re.compile(
    r"(?i)(?<!if )(?<!when )(?<!whether )\b(?:(?:the |this )?patient|pt|s?he|you|man|woman|boy|"
    r"girl|(?:mrs?|ms|miss)\.? \w+)\s+(?:(?:also|currently|previously|now|still)\s+)*"
    r"(?:has|have|had|suffer(?:s|ed)|(?:is|are|was|were|been) (?:known|diagnosed)|lives? with|"
    r"living with)\b(?!\s+(?:no|not|never|been no|to)\b|n['’]t)"
)
"""`The patient has`, which no condition is."""
HISTORY = re.compile(r"(?i)(?:past |personal )?history of (?:an? )?")
"""Of some diseases their history is in the lexicon, too."""
BEGINS = 5
"""Letters of a word by which it is found again: `abdominal` in `abdomen`."""


@dataclass(frozen=True, slots=True)
class Owned:
    """The diseases and substances of a text, by whose they are."""

    own: frozenset[str]
    others: frozenset[str]
    """Those that are named of somebody else alone."""
    text: str

    @classmethod
    def of(cls, text: str) -> Owned:
        """Of a document or a part of it."""
        own: set[str] = set()
        others: set[str] = set()
        for sentence, of_family in _sentences(text):
            for at, _, keys in _named(sentence):
                theirs = of_family or of_another(sentence, at)
                (others if theirs else own).update(keys)
        return cls(frozenset(own), frozenset(others - own), text.casefold())

    def misgiven(self, sentence: str) -> bool:
        """Whether a sentence gives to the patient what is somebody else's, or says that the
        patient has a disease that is not named."""
        has = HAS.search(sentence)
        for at, end, keys in _named(sentence):
            if of_another(sentence, at) or keys & self.own:
                continue
            disease = any(key.startswith("condition:") for key in keys)
            made_up = disease and has and has.end() <= at and not self._says(sentence[at:end])
            if keys & self.others or made_up:
                return True
        return False

    def _says(self, name: str) -> bool:
        """Whether the words of a name stand in the text, in another form or order perhaps."""
        return all(word[:BEGINS] in self.text for word in name.casefold().split() if len(word) > 2)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Each, and whether it stands under a heading of the family."""
    of_family = False
    for line in text.splitlines():
        line = line.strip()
        if FAMILY.fullmatch(line):
            of_family = True
        elif HEADING.fullmatch(line):
            of_family = False
        for start, end in sentences(line):
            yield line[start:end], of_family


def _named(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """The diseases and substances that are named, with what they are of."""
    words = tokens(text)
    for first, last, keys in lookup.names_as("condition").found(words, text):
        start, end = words[first].start, words[last - 1].end
        history = HISTORY.match(text, start, end)
        if history:
            keys = lookup.names_as("condition").whole(norms(text[history.end() : end])) or keys
        wider = frozenset(wider for key in keys for wider in lookup.implied(key))
        yield history.end() if history else start, end, wider
    for one in mentions(text):
        yield one.start, one.end, one.names
