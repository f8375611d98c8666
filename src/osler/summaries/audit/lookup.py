"""Names -> concepts: an index of all names of the lexicon, and what a record's entry stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from osler.records.record import Code
from osler.summaries import lexicon
from osler.summaries.audit import variants
from osler.summaries.audit.words import Token, norms, tokens


class Index:
    """Names of several words, found at a place in a text; the longest first."""

    def __init__(self) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], dict[str, str]]] = {}
        self._longest: dict[str, int] = {}

    def add(self, name: tuple[str, ...], key: str, exact: str = "") -> None:
        """`exact`: letters that must be written just so, for an abbreviation."""
        if name:
            names = self._by_first.setdefault(name[0], {})
            keys = names.setdefault(name, {})
            if key not in keys or not exact:  # K, and not K+, which has the same letters
                keys[key] = exact
            self._longest[name[0]] = max(self._longest.get(name[0], 0), len(name))

    def at(self, words: Sequence[Token], place: int, text: str) -> tuple[int, list[str]]:
        """How many words the longest name that begins there has, and what it stands for."""
        names = self._by_first.get(words[place].norm)
        if names is None:
            return 0, []
        most = min(self._longest[words[place].norm], len(words) - place)
        for length in range(most, 0, -1):
            found = names.get(tuple(w.norm for w in words[place : place + length]))
            if found:
                said = text[words[place].start : words[place + length - 1].end]
                keys = [key for key, exact in found.items() if exact in ("", said)]
                if keys:
                    return length, keys
        return 0, []

    def found(self, words: Sequence[Token], text: str) -> Iterator[tuple[int, int, list[str]]]:
        """All names in a text: the first word, behind the last, and what each stands for."""
        place = 0
        while place < len(words):
            length, keys = self.at(words, place, text)
            if length:
                yield place, place + length, keys
            place += length or 1

    def whole(self, name: Sequence[str]) -> list[str]:
        """What a name as a whole stands for."""
        return list(self._by_first.get(name[0], {}).get(tuple(name), {})) if name else []


@cache
def names() -> Index:
    """All names of the lexicon, as `drug:metformin`."""
    index = Index()
    for kind in lexicon.TABLES:
        for concept in lexicon.concepts(kind):
            for name in concept.names:
                index.add(norms(name), f"{kind}:{concept.name}", _exact(name))
    for kind in lexicon.TABLES:
        for concept in lexicon.concepts(kind):
            for other in (other for name in concept.names for other in variants.of(kind, name)):
                if not index.whole(norms(other)):  # what a table says goes before what a rule makes
                    index.add(norms(other), f"{kind}:{concept.name}")
    return index


@cache
def names_as(kind: str) -> Index:
    """The names of one kind alone: vitamin D as a test."""
    index = Index()
    for concept in lexicon.concepts(kind):
        for name in (*concept.names, *concept.forms):
            index.add(norms(name), f"{kind}:{concept.name}", _exact(name))
    return index


@cache
def forms(kind: str) -> Index:
    """Words that stand for a concept only in their place: flu of a vaccine, `is diabetic`."""
    index = Index()
    for concept in lexicon.concepts(kind):
        for form in concept.forms:
            index.add(norms(form), f"{kind}:{concept.name}", _exact(form))
    return index


def _exact(name: str) -> str:
    """An abbreviation of up to four letters is itself only in its own letters."""
    return name if len(name) <= 4 and name != name.lower() else ""


@cache
def implied(key: str) -> frozenset[str]:
    """A concept with all that are broader; a drug with classes, a combination with its drugs."""
    kind, _, name = key.partition(":")
    concept = lexicon.by_name(kind)[name]
    found = {key}
    if kind == "combination":
        for generic in concept.broader:
            found |= implied(f"drug:{generic}") if generic in lexicon.by_name("drug") else set()
    else:
        found |= {f"{kind}:{broader}" for broader in concept.broader}
    if kind in ("drug", "combination"):
        found |= {f"drug class:{tag}" for tag in concept.tags}
    return frozenset(found)


def names_of(key: str) -> tuple[str, ...]:
    """All names of a concept."""
    kind, _, name = key.partition(":")
    return lexicon.by_name(kind)[name].names


def drugs_of(key: str) -> frozenset[str]:
    """The drugs of a combination."""
    kind, _, name = key.partition(":")
    return frozenset(f"drug:{generic}" for generic in lexicon.by_name(kind)[name].broader)


CODED = {
    "condition": "condition", "social": "condition", "immunization": "vaccine", "lab": "lab",
    "vital": "lab", "score": "lab", "answer": "lab", "quality": "lab", "procedure": "procedure",
    "allergy": "allergen", "encounter": "procedure", "care plan": "care plan",
}  # fmt: skip
"""Kind of evidence -> kind of concept that its code is looked up as."""
SCANNED = {
    "medicine": ("drug", "combination"),
    "allergy": ("drug", "allergen", "reaction", "condition"),
}
"""Kinds of concept whose names are looked for within the names of an entry."""


def concepts_of(
    kind: str, code: Code, texts: Sequence[str], more: tuple[str, ...]
) -> frozenset[str]:
    """What an entry stands for, by its code and by its names, with all that this implies.

    `more`: reasons, reactions and activities, which it bears witness to as well.
    """
    return _concepts_of(kind, code.value, tuple(texts), more)


@lru_cache(100_000)
def _concepts_of(
    kind: str, code: str, texts: tuple[str, ...], more: tuple[str, ...]
) -> frozenset[str]:
    direct: set[str] = set()
    if kind in CODED and code in lexicon.by_code(CODED[kind]):
        direct.add(f"{CODED[kind]}:{lexicon.by_code(CODED[kind])[code].name}")
    for text in texts + more:
        direct.update(names().whole(norms(text)))
    for text in more if kind != "condition" else texts:
        direct.update(parts_of(text))
    wanted = SCANNED.get(kind, ())
    for text in texts + more if wanted else ():
        direct.update(c for c in scan(text) if c.partition(":")[0] in wanted)
    return frozenset(other for one in direct for other in implied(one))


JOINED = re.compile(
    r"(?i)(?:,|\b(?P<both>with|due to|in|secondary to|associated with)|\bwithout)\s+|\s*\(.*?\)\s*"
)
"""In a long name of a disease behind the disease itself: `asthma, uncomplicated`."""


def parts_of(text: str) -> Iterator[str]:
    """The diseases that a long name implies: `type 2 diabetes with diabetic kidney disease`."""
    found = JOINED.search(text)
    head = norms(text[: found.start()]) if found else ()
    keys = [key for key in names().whole(head) if key.startswith("condition:")]
    yield from keys
    if found and keys and found["both"]:
        behind = text[found.end() :]
        ahead = JOINED.search(behind)
        tail = names().whole(norms(behind[: ahead.start()] if ahead else behind))
        yield from (key for key in tail if key.startswith("condition:"))


def scan(text: str) -> Iterator[str]:
    """The concepts whose names are in a text, longest names first."""
    for _, _, keys in names().found(tokens(text), text):
        yield from keys


@cache
def _phrases(kind: str) -> Index:
    index = Index()
    for phrase in lexicon.phrases(kind):
        index.add(norms(phrase.words), phrase.sense)
    return index


def phrases(kind: str, words: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Where phrases of a table stand: first word, behind the last, and what they mean; those with
    two senses twice."""
    found = _phrases(kind).found(words, "")
    return [(start, end, key) for start, end, keys in found for key in keys]
