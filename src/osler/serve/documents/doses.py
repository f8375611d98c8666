"""Whether a dose that a model tells stands with the drug that it has in the document. By rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.retrieve.sentences import GOES_ON, sentences
from osler.serve.assistant.cite import rarity
from osler.serve.documents.substances import RARE, mentions
from osler.summaries.audit import lookup

DOSE = re.compile(
    r"(?i)(?<![\d.,/-])(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?)\s?(?P<unit>mg|milligrams?|mcg|µg|μg|micrograms?|"
    r"(?<!\d\d\d )(?<!\d\d\d)g(?:rams?)?|iu|units?|tablets?|capsules?|puffs?|drops?|sachets?)\b"
    r"(?!\s?/\s?(?:d?l|ml|m?mol|g|l|24|h|min|cm)\b|/\d)"
)
"""What is given at a time; what is measured is told per litre."""
UNITS = {
    "milligram": "mg", "microgram": "mcg", "µg": "mcg", "μg": "mcg", "gram": "g", "iu": "unit",
}  # fmt: skip
NEAR = 70
"""Characters between a drug and its dose, at most."""
OF = re.compile(r"(?i)(?:/kg)?\s+(?:of\s+|(?:oral|iv|intravenous|im|sc|inhaled|daily|a day)\s+)*$")
"""What stands between a dose and a drug behind it."""
WORD = re.compile(r"([A-Za-z][\w-]{3,})\W*$")


def with_its_drug(sentence: str, given: str) -> bool:
    """Whether each dose of a sentence has a drug there that it has in what was given, or stands
    behind the same word; where it has none in either way, nothing is held against the sentence."""
    told = list(_doses(sentence))
    if not told:
        return True
    known = [
        one
        for line in GOES_ON.sub(" ", given).splitlines() if DOSE.search(line)
        for a, b in _spans(line)
        for one in _doses(line[a:b])
    ]  # fmt: skip
    return all(_borne(one, [each for each in known if each[0] == one[0]]) for one in told)


Dose = tuple[tuple[str, str], frozenset[str], str]
"""A number with its unit, the drugs that it may be of, and the word before it."""


def _borne(one: Dose, same: list[Dose]) -> bool:
    _, drugs, word = one
    if not same or not all(each or rarity(before) >= RARE for _, each, before in same):
        return True
    wider = {key for _, each, _ in same for drug in each for key in (drug, *lookup.implied(drug))}
    return bool(drugs & wider) or any(word and word == before for *_, before in same)


def _doses(text: str) -> Iterator[Dose]:
    found = list(DOSE.finditer(text))
    drugs = mentions(text) if found else []
    for one in found:
        before = [m for m in drugs if m.end <= one.start() and one.start() - m.end <= NEAR]
        behind = [
            m for m in drugs if m.start >= one.end() and OF.fullmatch(text, one.end(), m.start)
        ]
        keys = {key for m in (*before[-1:], *behind[:1]) for key in m.keys}
        unit = one["unit"].lower().rstrip("s")
        word = WORD.search(text[: one.start()])
        yield (
            (one["number"].replace(",", ""), UNITS.get(unit, unit)),
            frozenset(keys),
            word[1].casefold() if word else "",
        )


def _spans(line: str) -> list[tuple[int, int]]:
    return [(0, len(line))] if " | " in line else sentences(line)
