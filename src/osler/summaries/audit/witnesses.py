"""What of a record bears a name out: the entries that a drug, disease or test is traced to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from osler.summaries.audit import analytes, lookup
from osler.summaries.audit.evidence import Evidence, Ledger
from osler.summaries.audit.words import word_set

BORNE_OUT_BY = {
    "drug": ("medicine", "allergy", "immunization", "procedure", "care plan", "encounter", "lab"),
    "combination": ("medicine", "allergy"),
    "drug class": ("medicine", "allergy"),
    "care plan": ("care plan", "procedure", "encounter"),
    "condition": ("condition", "social", "allergy", "medicine", "procedure", "encounter",
                  "care plan", "immunization", "answer", "score", "lab", "vital"),
    "allergen": ("allergy", "lab"),
    "vaccine": ("immunization", "encounter", "procedure"),
    "lab": ("lab", "vital", "score", "answer", "quality", "procedure", "county"),
    "procedure": ("procedure", "lab", "encounter", "care plan", "condition", "social", "score",
                  "answer"),
    "reaction": ("allergy", "condition", "encounter"),
}  # fmt: skip
"""Kind of a mention -> kinds of evidence that can bear it out."""
FILLING = word_set(
    "of the a an and or in on with for to by at from due disease disorder syndrome condition "
    "unspecified type finding structure"
)
"""Words of a name by which nothing is told apart."""
ALLERGY_WORDS = word_set(
    "allergy allergic allergen drug medication medicine food environment environmental intolerance "
    "hypersensitivity"
)


def items_of(
    words: Sequence[str], own: Sequence[Evidence], keys: Sequence[str], ledger: Ledger
) -> list[Evidence]:
    """The entries that bear a name out.

    `own`: those that are called just so; `keys`: the concepts that the name stands for.
    """
    kinds = kinds_of(keys)
    said = set(words) - FILLING
    items = list(own)
    if own and not keys:  # a name that only this record has, as a reason, too
        given = ledger.of("encounter", "medicine", "procedure", "care plan")
        items += [i for i in given if said <= i.words and all(i is not one for one in own)]
    items += [item for item in borne_out(ledger, keys) if all(item is not one for one in own)]
    if not items:  # a history of what the record has
        items = list(borne_out(ledger, [key.replace(":history of ", ":") for key in keys]))
    if not items and all(word in ALLERGY_WORDS for word in words):
        items = ledger.of("allergy")
    if not items:
        items = _allergen(words, ledger)
    if not items:
        items = [item for item in ledger.of("person") if set(words) <= item.words]
    if not items and kinds:
        items = list(_by_words(ledger, said, kinds))
    if not items and "condition" in kinds:
        items = analytes.shown(keys, ledger)
    return items


def kinds_of(keys: Iterable[str]) -> tuple[str, ...]:
    """What a name may be: drug, condition, …"""
    return tuple(dict.fromkeys(key.partition(":")[0] for key in keys))


def _allergen(words: Sequence[str], ledger: Ledger) -> list[Evidence]:
    """Of `allergy to shellfish`, which is a name too: the allergies to what it names."""
    rest = [word for word in words if word not in ALLERGY_WORDS and word not in FILLING]
    if not rest or len(rest) == len(words) or not ALLERGY_WORDS.intersection(words):
        return []
    keys = [key for key in lookup.names().whole(rest) if key.startswith(("allergen:", "drug:"))]
    allergies = ledger.of("allergy")
    return [i for i in allergies if i.concepts.intersection(keys) or set(rest) <= i.words]


def borne_out(ledger: Ledger, keys: Iterable[str]) -> Iterator[Evidence]:
    """The entries of kinds that can bear out one of some concepts."""
    told: set[int] = set()
    for key in keys:
        kind = key.partition(":")[0]
        kinds = BORNE_OUT_BY[kind]
        items = ledger.by_concept.get(key, ())
        if kind == "combination" and not items:
            items = [i for i in ledger.of("medicine") if lookup.drugs_of(key) <= i.concepts]
        for item in items:
            if item.kind in kinds and id(item) not in told and not _looks_for(item, (kind,)):
                told.add(id(item))
                yield item


LOOKS_FOR = re.compile(r"(?i)^(?:screening|assessment|evaluation)\b|\bscreening\b")
"""The name of a procedure that looks for a disease."""


def _looks_for(item: Evidence, kinds: Sequence[str]) -> bool:
    """Whether it looked for a disease that is named, and so bears no witness that it is there."""
    is_test = item.kind == "procedure" and LOOKS_FOR.search(item.name)
    return bool(is_test) and tuple(kinds) == ("condition",)


def _by_words(ledger: Ledger, said: set[str], kinds: Sequence[str]) -> Iterator[Evidence]:
    allowed = {kind for one in kinds for kind in BORNE_OUT_BY[one]}
    for item in ledger.items:
        named = said and item.kind in allowed and said <= item.words
        if named and not _looks_for(item, kinds):
            yield item
