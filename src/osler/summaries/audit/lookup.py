"""Names -> concepts: an index of all names of the lexicon, and what a record's entry stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from osler.records.record import Code
from osler.summaries import lexicon
from osler.summaries.audit.words import Token, norms

KINDS = {
    "drugs": "drug", "combinations": "drug", "conditions": "condition", "vaccines": "vaccine",
    "allergens": "allergen", "reactions": "reaction", "labs": "lab", "procedures": "procedure",
}  # fmt: skip
"""Tables of the lexicon, and the kind that a name of theirs is a mention of."""


class Index:
    """Names of several words, found at a place in a text; the longest first."""

    def __init__(self) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], dict[str, str]]] = {}
        self._longest: dict[str, int] = {}

    def add(self, name: tuple[str, ...], key: str, exact: str = "") -> None:
        """`exact`: letters that must be written just so, for an abbreviation."""
        if name:
            names = self._by_first.setdefault(name[0], {})
            names.setdefault(name, {})[key] = exact
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

    def whole(self, name: Sequence[str]) -> list[str]:
        """What a name as a whole stands for."""
        return list(self._by_first.get(name[0], {}).get(tuple(name), {})) if name else []


@cache
def names() -> Index:
    """All names of the lexicon, as `drug:metformin`."""
    index = Index()
    for table, kind in KINDS.items():
        for concept in lexicon.concepts(table):
            for name in concept.names:
                index.add(norms(name), f"{kind}:{concept.name}", _exact(name))
    return index


def _exact(name: str) -> str:
    """An abbreviation of up to four letters is itself only in its own letters."""
    return name if len(name) <= 4 and name != name.lower() else ""


@cache
def _by_code() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, kind in KINDS.items():
        for concept in lexicon.concepts(table):
            for code in concept.codes:
                found.setdefault(f"{kind}:{code}", []).append(f"{kind}:{concept.name}")
    return found


@cache
def implied(concept: str) -> frozenset[str]:
    """A concept with all that are broader, and the classes and members of drugs."""
    kind, _, name = concept.partition(":")
    found = {concept}
    for one in _concepts(kind).get(name, ()):
        for broader in one.broader:
            for other in (broader,) if ":" in broader else (f"{kind}:{broader}",):
                if other not in found:
                    found |= implied(other) if other != concept else set()
        if kind == "drug":
            found |= {f"class:{' '.join(norms(tag))}" for tag in one.tags}
    return frozenset(found)


@cache
def _concepts(kind: str) -> dict[str, list[lexicon.Concept]]:
    found: dict[str, list[lexicon.Concept]] = {}
    for table, of in KINDS.items():
        if of == kind:
            for concept in lexicon.concepts(table):
                found.setdefault(concept.name, []).append(concept)
    return found


CODED = {"condition": "condition", "social": "condition", "immunization": "vaccine", "lab": "lab", "vital": "lab",
         "score": "lab", "answer": "lab", "quality": "lab", "procedure": "procedure",
         "allergy": "allergen", "encounter": "procedure", "care plan": "procedure"}  # fmt: skip
"""Kind of evidence -> kind of concept that its code is looked up as."""
SCANNED = {"medicine": ("drug",), "allergy": ("drug", "allergen", "reaction", "condition")}
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
    direct = set(_by_code().get(f"{CODED.get(kind, '')}:{code}", ()))
    for text in texts + more:
        direct.update(names().whole(norms(text)))
    wanted = SCANNED.get(kind, ())
    for text in texts + more if wanted else ():
        direct.update(c for c in scan(text) if c.partition(":")[0] in wanted)
    return frozenset(other for one in direct for other in implied(one))


def scan(text: str) -> Iterator[str]:
    """The concepts whose names are in a text, longest names first."""
    from osler.summaries.audit.words import tokens

    words = tokens(text)
    place = 0
    while place < len(words):
        length, found = names().at(words, place, text)
        yield from found
        place += length or 1


@cache
def _frequencies() -> Index:
    index = Index()
    for phrase in lexicon.phrases("frequencies"):
        for form in phrase.forms:
            index.add(norms(form), phrase.name)
    return index


def frequencies(words: Sequence[Token]) -> list[str]:
    """How often something is taken, in the words of the lexicon: `2/d`."""
    return [found for _, _, found in frequency_spans(words)]


def frequency_spans(words: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Places of the first word and behind the last, and how often it is."""
    found: list[tuple[int, int, str]] = []
    place = 0
    while place < len(words):
        length, keys = _frequencies().at(words, place, "")
        if length:
            found.append((place, place + length, keys[0]))
        place += length or 1
    return found
