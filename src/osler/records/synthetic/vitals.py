"""Vital signs on a visit, and the growth of children."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from osler.records.synthetic import body
from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Signs:
    """How somebody is today."""

    fever: bool = False
    pain: bool = False
    breathless: bool = False

    @property
    def sick(self) -> bool:
        """Whether there is anything."""
        return self.fever or self.pain or self.breathless


WELL = Signs()


def vitals(life: Life, visit: Visit, signs: Signs = WELL, *, brief: bool = False) -> None:
    """Measure what is measured at such an age; `brief` leaves out the height."""
    chance = life.chance
    if not visit.kept and not brief:
        # What decisions need is known also of visits that nobody will read of.
        _mass(life, None)
        _pressure(life, None, signs)
        return
    if not brief or life.age < 18:
        _mass(life, visit)
    if life.age >= 3:
        _pressure(life, visit, signs)
    note = life.chart.measure
    note("heart-rate", _heart_rate(life, signs), visit)
    note("respiratory-rate", _breaths(life, signs), visit)
    if signs.sick or life.age < 3 or chance.happens(0.4):
        warm = (
            chance.about(38.6, 0.45, 38, 40.4)
            if signs.fever
            else chance.about(36.8, 0.25, 36, 37.4)
        )
        note("temperature", warm, visit)
    if signs.breathless or life.has("copd") or life.has("heart-failure") or chance.happens(0.3):
        usual = 97.9 - 2.6 * life.has("copd") - 0.7 * life.has("heart-failure")
        note("saturation", chance.about(usual - 4 * signs.breathless, 0.9, 82, 100), visit)
    if life.age >= 4:
        note("pain", _pain(life, signs), visit)


def _mass(life: Life, visit: Visit | None) -> None:
    """Height, weight and what follows from them."""
    chance, note = life.chance, life.chart.measure
    tall = round(body.height(life) + chance.gauss(0, 0.25), 1)
    heavy = round(body.weight(life) * chance.gauss(1, 0.006), 1)
    ratio = heavy / (tall / 100) ** 2
    if life.age >= 2 and life.pregnant is None:
        life.last["bmi"] = ratio
    life.last["weight"] = heavy
    if visit is None:
        return
    note("height", tall, visit)
    note("weight", heavy, visit)
    if life.age < 3:
        note("head", body.head(life) + chance.gauss(0, 0.15), visit)
        if life.age < 2:
            share = NORMAL.cdf(life.nature.weight - 0.4 * life.nature.height)
            note("weight-for-length", 100 * share, visit)
    if life.age >= 2:
        note("bmi", ratio, visit)
    if 2 <= life.age < 20:
        note("bmi-percentile", 100 * NORMAL.cdf(life.nature.weight), visit)


def _pressure(life: Life, visit: Visit | None, signs: Signs) -> None:
    chance = life.chance
    systolic, diastolic = body.pressure(life)
    systolic = chance.about(systolic + 5 * signs.pain, 6.5 if life.age >= 18 else 4, 76, 222)
    diastolic = chance.about(diastolic + 2 * signs.pain, 4.5, 42, min(130, systolic - 22))
    life.last["systolic"], life.last["diastolic"] = systolic, diastolic
    if visit is not None:
        life.chart.measure("systolic", systolic, visit)
        life.chart.measure("diastolic", diastolic, visit)


def _heart_rate(life: Life, signs: Signs) -> float:
    usual = 140 - 28 * life.age if life.age < 1 else max(73.0, 114 - 3.1 * life.age)
    usual += 13 * signs.fever + 9 * signs.breathless + 8 * life.has("fibrillation")
    usual -= 9 * bool(life.takes("beta-blocker"))
    return life.chance.about(usual, 7, 46, 190)


def _breaths(life: Life, signs: Signs) -> float:
    usual = 38 - 10 * life.age if life.age < 1 else max(15.0, 27 - 0.9 * life.age)
    return life.chance.about(usual + 6 * signs.breathless + 2 * life.has("copd"), 1.2, 10, 56)


def _pain(life: Life, signs: Signs) -> int:
    if signs.pain:
        return life.chance.randint(3, 8)
    lasting = ("back-pain", "knee-osteoarthritis", "hip-osteoarthritis", "fibromyalgia",
               "rheumatoid-arthritis", "neuropathy", "neck-pain")  # fmt: skip
    if any(key in life.problems for key in lasting):
        return life.chance.randint(1, 6)
    return life.chance.choice((0, 0, 0, 0, 1, 1, 2))
