"""What more than one writer does in the same way, whatever its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osler.records.record import Medicine
from osler.records.view import Series

from . import drugs, measures
from .prose_history import HINTS
from .scene import Scene, number_word


def of_key(scene: Scene, key: str) -> list[Medicine]:
    """All orders of a drug, whatever its strength."""
    return [e for e in scene.seen.record.medicines if drugs.parse(e.code.text).key == key]


def by_day(
    scene: Scene, some: Sequence[Series], most: int, sizes: Sequence[int]
) -> Iterator[list[Series]]:
    """What was measured on one day, so many to a sentence and to a day, four days back."""
    days: dict[str, list[Series]] = {}
    for one in some:
        days.setdefault(str(one.last.start.day), []).append(one)
    for members in list(days.values())[:4]:
        scene.rng.shuffle(members)
        chosen = members[:most]
        while chosen:
            size = scene.pick(sizes)
            yield chosen[:size]
            chosen = chosen[size:]


def absent(scene: Scene, never: Sequence[tuple[str, str]]) -> list[str]:
    """Illnesses of which no word in the record speaks, and no lab out of range, in any order."""
    hinted = {measures.key(o) for o in (*scene.seen.labs, *scene.seen.scores) if o.flag}
    found = [
        name for name, pattern in never
        if scene.never(pattern) and not hinted & HINTS.get(name, set())
    ]  # fmt: skip
    scene.rng.shuffle(found)
    return found


def is_sound(scene: Scene, members: Sequence[str], group: str) -> bool:
    """Whether every latest value of a scope, and of its group, has a range and is within."""
    there = [
        one
        for one in scene.seen.labs
        if measures.key(one) in members or measures.measure(one).group == group
    ]
    known = {measures.key(one) for one in there} >= set(members)
    return known and all(one.reference and not one.flag for one in there)


def visits_counted(scene: Scene, unless: float) -> tuple[str, int] | None:
    """How many visits the year of the last one had, and the year, which is not marked: another
    could have as many."""
    if not scene.seen.encounters or scene.chance(unless):
        return None
    year = scene.seen.encounters[0].start.day.year
    count = sum(e.start.day.year == year for e in scene.seen.encounters)
    if count < 2:
        return None
    return scene.mark("count", number_word(count, scene.rng), "visits", [str(count)]), year
