"""Allergies: who has them, and how they are found."""

from __future__ import annotations

from functools import partial

from osler.records.synthetic.life import Life
from osler.records.synthetic.treatment import MONTH, prescribe


def draw(life: Life) -> None:
    """What somebody is going to be allergic to, at birth."""
    table, chance = life.tables.allergies, life.chance
    share = table.share * (1.7 if life.nature.atopy else 0.78)
    if not chance.happens(share):
        return
    left = dict(table.kinds)
    for _ in range(chance.pick(table.how_many)):
        key = chance.pick({name: kind.weight for name, kind in left.items()})
        kind = left.pop(key)
        months = kind.from_ + abs(chance.gauss(0, 140 if kind.category == "medication" else 60))
        life.due(life.day + round(months * MONTH), partial(_find, key=key))


def _find(life: Life, key: str) -> None:
    table, chance, terms = life.tables.allergies, life.chance, life.tables.terms
    kind = table.kinds[key]
    names = {chance.pick(kind.reactions) for _ in range(chance.choice((1, 1, 2)))}
    reactions = tuple(
        (terms[name], chance.pick(table.severity.get(name, table.severity["other"])))
        for name in sorted(names)
    )
    visit = life.chart.visit(life.day, "ambulatory", "problem-visit")
    life.chart.allergy(key, reactions, visit)
    life.allergies.add(key)
    if kind.category == "food" and "anaphylaxis" in names:
        prescribe(life, life.tables.drugs["epinephrine"], visit, "")
        life.chart.plan("allergy-care", visit, None)
