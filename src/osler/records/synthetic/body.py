"""How a body is today, by age, nature, illness and treatment.

Sources of the forms: body mass index and head of children by LMS (Cole and Green 1992); creatinine
from filtration by the CKD-EPI equation of 2021 without race (Inker et al. 2021), for children by
the bedside Schwartz equation (Schwartz et al. 2009); glucose from HbA1c by ADAG (Nathan et al.
2008). The constants that move things through the years are this project's own.
"""

from __future__ import annotations

from bisect import bisect_right

from osler.records.synthetic.life import Life
from osler.records.synthetic.tables import Growth

INSULIN = ("basal-insulin", "meal-insulin")
PRESSURE = (
    "ace", "arb", "arni", "calcium-blocker", "thiazide", "beta-blocker", "loop-diuretic", "mra",
)  # fmt: skip
SUGAR = ("biguanide", "sulfonylurea", "dpp4", "sglt2", "glp1")


# -- growth ------------------------------------------------------------------------------------


def growth(life: Life) -> tuple[Growth, Growth, float]:
    """The rows around today's age, and how far it is from the first to the second."""
    rows = life.tables.growth[life.who.sex]
    months = life.age * 12
    index = min(max(bisect_right(rows, months, key=lambda row: row.months) - 1, 0), len(rows) - 2)
    first, second = rows[index], rows[index + 1]
    share = (months - first.months) / (second.months - first.months)
    return first, second, min(1.0, share)


def _between(life: Life, name: str) -> float:
    first, second, share = growth(life)
    return (1 - share) * getattr(first, name) + share * getattr(second, name)


def height(life: Life) -> float:
    """In cm."""
    tall = _between(life, "height") * (1 + _between(life, "height_s") * life.nature.height)
    if life.who.race == "asian" or life.who.ethnicity == "hispanic":
        tall *= 1 - 0.022 * min(1.0, life.age / 18)
    return tall - max(0.0, life.age - 60) * 0.08


def child_weight(life: Life) -> float:
    """In kg, below two years; the first days cost some."""
    return _between(life, "weight") * (1 + 0.11 * (life.nature.weight - 0.45))


def head(life: Life) -> float:
    """Circumference in cm."""
    return _between(life, "head") * (1 + 0.027 * (0.6 * life.nature.height))


def bmi(life: Life) -> float:
    """kg/m2, from two years on."""
    z = min(1.6, max(-2.3, life.nature.weight))
    power, spread = _between(life, "bmi_l"), _between(life, "bmi_s")
    value = _between(life, "bmi") * (1 + power * spread * z) ** (1 / power)
    # Far out, L of the charts gives what nobody weighs: there the tail is a straight line.
    value *= 1 + 0.13 * max(0.0, min(2.8, life.nature.weight) - z)
    age = life.age
    if age >= 20:
        value += life.nature.gain * (min(age, 60) - 20) - 0.1 * max(0.0, age - 72)
        value += life.body.drift - 1.4 * life.effect("glp1")
    return min(58.0, max(13.0 if age < 18 else 16.0, value))


def weight(life: Life) -> float:
    """In kg, with a pregnancy's."""
    if life.age < 2:
        return child_weight(life)
    tall = height(life) / 100
    carried = 0.0
    if life.pregnant is not None:
        carried = 12.5 * min(1.0, max(0.0, (life.day - life.pregnant) / 275))
    return bmi(life) * tall * tall + carried


# -- pressure, sugar, kidneys ------------------------------------------------------------------


def pressure(life: Life) -> tuple[float, float]:
    """Systolic and diastolic, mm[Hg], without the noise of a measurement."""
    age, nature = life.age, life.nature
    mass = life.last.get("bmi", 22)
    if age < 18:
        systolic = 88 + 1.7 * age + 4 * nature.pressure + 0.5 * (mass - 18)
        return systolic, 50 + 1.1 * age + 3 * nature.pressure
    systolic = 109 + 0.42 * (age - 18) + 0.62 * (mass - 25) + 9.5 * nature.pressure
    systolic += 4 if not life.female and age < 60 else 0
    systolic += 3 * life.has("black") + 3 * life.has("drinker") + 4 * (life.body.filtration < 45)
    diastolic = 69 + 0.33 * (min(age, 55) - 18) - 0.25 * max(0.0, age - 58)
    diastolic += 0.33 * (mass - 25) + 5.5 * nature.pressure
    if life.has("preeclampsia"):
        systolic, diastolic = systolic + 34, diastolic + 20
    elif life.pregnant is not None:
        systolic, diastolic = systolic - 5, diastolic - 5
    taken = sorted((life.effect(kind) for kind in PRESSURE), reverse=True)
    lowered = sum(effect * 0.85**n for n, effect in enumerate(taken))
    return systolic - lowered, diastolic - 0.55 * lowered


def a1c(life: Life) -> float:
    """HbA1c in percent."""
    if "diabetes-1" in life.problems:
        return 7.0 + 3.2 * (1 - life.nature.adherence) + 0.35 * life.nature.sugar
    value = untreated_a1c(life)
    lowered = sum(life.effect(kind) for kind in SUGAR)
    value = max(5.4, value - lowered)
    for kind in INSULIN:
        if life.takes(kind) and value > 7:
            value = 7 + (value - 7) * (1 - 0.75 * life.nature.adherence)
    return value


def untreated_a1c(life: Life) -> float:
    """What it would be without medicines."""
    prone = 0.12 * any(map(life.has, ("black", "hispanic", "asian")))
    mass = max(0.0, life.last.get("bmi", 22) - 24)
    value = (
        5.05 + 0.0075 * max(0.0, life.age - 20) + 0.033 * mass + 0.22 * life.nature.sugar + prone
    )
    return max(4.5, value) + life.body.beta_loss


def creatinine(life: Life) -> float:
    """mg/dL that belongs to the filtration."""
    rate = life.body.filtration * (1.4 if life.pregnant is not None else 1)
    if life.age < 18:
        return 0.413 * height(life) / 115
    kappa, power = (0.7, -0.241) if life.female else (0.9, -0.302)
    share = rate / (142 * 0.9938**life.age * (1.012 if life.female else 1))
    ratio = share ** (-1 / 1.2) if share <= 1 else share ** (1 / power)
    return max(0.45, kappa * ratio)


def filtration(life: Life, creatinine: float) -> float:
    """The estimate that a laboratory gives for a creatinine in mg/dL, of adults."""
    kappa, power = (0.7, -0.241) if life.female else (0.9, -0.302)
    ratio = creatinine / kappa
    rate = 142 * min(ratio, 1) ** power * max(ratio, 1) ** -1.2 * 0.9938**life.age
    return rate * (1.012 if life.female else 1)


# -- the years ---------------------------------------------------------------------------------


def year_passes(life: Life) -> None:
    """What a year does."""
    body, chance, age = life.body, life.chance, life.age
    if age >= 20:
        body.drift = min(9.0, max(-9.0, body.drift * 0.97 + chance.gauss(0, 0.32)))
    wasting = {"lung-cancer": 1.2, "colon-cancer": 0.4, "alzheimer": 0.35, "copd": 0.15}
    body.drift -= sum(loss for key, loss in wasting.items() if key in life.problems)
    life.last["bmi"] = bmi(life) if age >= 2 else 17.0
    _sugar(life)
    _kidneys(life)
    _rest(life)


def _sugar(life: Life) -> None:
    """Where insulin begins to lack, it lacks more every year."""
    if untreated_a1c(life) > 5.95 and life.age > 22:
        life.body.beta_loss += life.chance.about(0.15, 0.12, 0, 0.5)
    if "diabetes-1" in life.problems:
        life.body.beta_loss = 4


def _kidneys(life: Life) -> None:
    body, chance, age = life.body, life.chance, life.age
    if age < 18:
        body.filtration = 115 + 8 * life.nature.kidney
        return
    loss = 0.3 if age < 35 else 0.8 - 0.22 * life.nature.kidney
    sugar = a1c(life) if untreated_a1c(life) > 6.4 or "diabetes-1" in life.problems else 5.5
    systolic, _ = pressure(life)
    loss += 0.45 * max(0.0, sugar - 6.8) + 0.035 * max(0.0, systolic - 138)
    if life.nature.failing_kidneys:
        sick = sugar > 6.4 or systolic > 134 or age > 55
        protected = any(map(life.takes, ("ace", "arb", "arni", "sglt2")))
        loss += (1.75 if sick else 0.3) * (0.7 if protected else 1)
        body.albumin *= 1.13 if sick else 1.03
    elif sugar > 7:
        body.albumin *= 1.1
    else:
        body.albumin += (7 - body.albumin) * 0.15
    body.albumin = min(3500.0, max(3.0, body.albumin * chance.uniform(0.93, 1.08)))
    if not life.nature.failing_kidneys:
        loss *= min(1.0, max(0.05, (body.filtration - 22) / 45))
    body.filtration = max(5.0, body.filtration - loss * chance.uniform(0.6, 1.4))


def _rest(life: Life) -> None:
    body, chance, age = life.body, life.chance, life.age
    if life.female and age > 50:
        body.bone -= 0.082
    elif age > 60:
        body.bone -= 0.05
    if life.takes("bisphosphonate") or life.takes("denosumab"):
        body.bone += 0.12
    if "copd" in life.problems:
        body.lungs = max(28.0, body.lungs - chance.uniform(0.4, 2.2) * (1 + life.has("smoker")))
    if "heart-failure" in life.problems:
        body.ejection = min(60.0, max(15.0, body.ejection + chance.gauss(0.2, 2.5)))
    if "alzheimer" in life.problems:
        slower = 0.75 if life.takes("cholinesterase-inhibitor") else 1
        body.mind = max(3.0, body.mind - chance.uniform(1.0, 3.4) * slower)
    menstruates = life.female and 13 <= age <= 50
    body.iron = max(0.0, body.iron * 0.6 + chance.gauss(0.3 if menstruates else -0.1, 0.6))
    if life.takes("iron"):
        body.iron *= 0.15
    body.psa *= 1.035 if age > 45 else 1
    if "hiv" in life.problems:
        treated = life.takes("antiretroviral") is not None and life.nature.adherence > 0.6
        body.hiv = min(5.8, max(3.6, body.hiv + chance.gauss(0, 0.2)))
        goal = 750 if treated else 250
        body.cd4 += (goal - body.cd4) * 0.3 + chance.gauss(0, 40)
