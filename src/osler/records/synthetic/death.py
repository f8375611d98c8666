"""Deaths: of what people have, more often the older they are."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from osler.records.synthetic.life import Life
from osler.records.synthetic.treatment import stop

CAUSES = {
    "lung-cancer": 40, "colon-cancer": 14, "breast-cancer": 6, "prostate-cancer": 3,
    "heart-failure": 14, "esrd": 14, "alzheimer": 10, "copd": 7, "cirrhosis": 12, "coronary": 5,
    "opioid-dependence": 8, "parkinson": 5, "history-stroke": 3, "hiv": 3,
}  # fmt: skip
OTHER = {"cardiac-arrest": 4, "stroke": 3, "pneumonia": 4, "sepsis": 3, "infarction": 4}


def draw(life: Life) -> None:
    """Whether somebody dies in the coming year: Gompertz's law, and what illness adds."""
    if not life.may_die or life.doom is not None:
        return
    rate = 0.000014 * math.exp(0.0905 * life.age) * (1 if life.female else 1.4)
    rate = max(rate, 0.004 if life.age < 1 else 0.00015)
    rate *= 1.35 if life.has("smoker") else 1
    for key in life.problems:
        disease = life.tables.diseases.get(key)
        rate *= disease.hazard if disease else 1
    if life.chance.happens(min(0.6, rate)):
        causes = {key: w for key, w in CAUSES.items() if key in life.problems}
        every = causes | {key: float(w) for key, w in OTHER.items()}
        young = {"cardiac-arrest": 1.0}
        key = life.chance.pick(every if life.age > 35 else causes or young)
        life.doom = (life.day + life.chance.randrange(1, 365), key)


def die(life: Life, key: str) -> None:
    """The last visits, the certificate, and the end of all treatment."""
    term = life.tables.terms[key]
    slow = key.endswith("cancer") or key in ("alzheimer", "heart-failure", "cirrhosis")
    if slow and life.day - 20 > life.born:
        stay = life.chart.visit(life.day, "hospice", "hospice", term)
    else:
        stay = life.chart.visit(life.day, "emergency", "emergency-visit", term)
    at = stay.start + timedelta(minutes=life.chance.randrange(20, 90))
    if at.toordinal() != life.day:
        at = datetime.fromordinal(life.day).replace(hour=23, minute=50, tzinfo=UTC)
    stay.end = at
    if key in OTHER and key not in life.problems:
        life.begin(key, stay)
    last = life.chart.visit(life.day, "wellness", "death-certification")
    last.start, last.end = at, at + timedelta(minutes=15)
    life.chart.measure("cause-of-death", term.text, last)
    for prescription in list(life.medicines.values()):
        stop(life, prescription, at)
    life.died = life.day
    life.chart.history.died = at
