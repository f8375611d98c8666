"""Which patient is meant by an id, the start of one, or a name."""

from __future__ import annotations

from dataclasses import dataclass, field

from osler.records.names import folded
from osler.records.record import Person, Record

WHOLE_ID, WHOLE_WORDS, BEGINNINGS, NOT_MEANT = range(4)
"""How near a patient is to what was asked for, the nearest first: the id is the same; all words are
names of the patient; the id begins so, or names with each of the words; none of these."""


def nearness(who: Person, asked: str) -> int:
    """How near somebody is.

    Names are taken in any order and case, with or without accents, hyphens and apostrophes.
    """
    if asked and who.id == asked:
        return WHOLE_ID
    words, names = folded(asked).split(), folded(f"{who.given} {who.family}").split()
    if not words:
        return NOT_MEANT
    if all(word in names for word in words):
        return WHOLE_WORDS
    begun = who.id.casefold().startswith(asked.casefold()) or all(
        any(name.startswith(word) for name in names) for word in words
    )
    return BEGINNINGS if begun else NOT_MEANT


@dataclass(slots=True)
class Nearest:
    """Who is nearest to what was asked for, of those who were looked at."""

    asked: str
    record: Record | None = None
    """That of the first of them."""
    people: list[Person] = field(default_factory=list[Person])
    least: int = NOT_MEANT

    def look(self, record: Record) -> None:
        """Take somebody in who is as near, or nearer than all before."""
        near = nearness(record.person, self.asked)
        if near < self.least:
            self.record, self.people, self.least = record, [], near
        if near == self.least < NOT_MEANT:
            self.people.append(record.person)
