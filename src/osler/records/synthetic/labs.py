"""What a laboratory and an instrument find today: the body, with the noise of measuring."""

from __future__ import annotations

import math
from collections.abc import Callable

from osler.records.synthetic import body
from osler.records.synthetic.history import Value, Visit
from osler.records.synthetic.life import Life

Values = dict[str, Value]

CYTOTOXIC_WEEKS = 5
"""How long blood counts stay down."""


def take(life: Life, key: str, visit: Visit) -> None:
    """Measure a panel or a single thing on a visit, and remember what decisions need."""
    values = PANELS[key](life) if key in PANELS else {key: SINGLE[key](life)}
    life.since[key] = life.day
    for name, value in values.items():
        if isinstance(value, (int, float)):
            life.last[name] = value
            life.since[f"value:{name}"] = life.day
    if key in PANELS:
        life.chart.report(key, values, visit)
    else:
        life.chart.measure(key, values[key], visit)


def _log(life: Life, median: float, spread: float) -> float:
    return median * math.exp(life.chance.gauss(0, spread))


# -- panels ------------------------------------------------------------------------------------


def metabolic(life: Life) -> Values:
    """The basic metabolic panel."""
    chance, about = life.chance, life.chance.about
    creatinine = round(max(0.2, body.creatinine(life) * chance.gauss(1, 0.045)), 2)
    rate = body.filtration(life, creatinine)
    low = max(0.0, 60 - rate) if life.age >= 18 else 0.0
    thiazide, loop = bool(life.takes("thiazide")), bool(life.takes("loop-diuretic"))
    sparing = any(map(life.takes, ("ace", "arb", "arni")))
    sodium = about(140.2 - 2 * thiazide - 1.5 * life.has("heart-failure"), 1.9, 126, 148)
    potassium = about(4.25 + 0.12 * sparing + 0.25 * bool(life.takes("mra")), 0.27, 3, 5.9)
    potassium += 0.013 * low - 0.3 * thiazide - 0.3 * loop
    values: Values = {
        "glucose": glucose(life),
        "urea": about(13.3, 3, 5, 24) * max(1.0, creatinine / 0.95) ** 0.85,
        "creatinine": creatinine,
        "egfr": rate,
        "sodium": sodium,
        "potassium": potassium,
        "chloride": sodium - about(38, 1.8, 33, 43),
        "bicarbonate": about(25.6 - 0.09 * max(0.0, low - 20) + 1.2 * loop, 1.6, 15, 33),
        "calcium": about(9.45 - 0.01 * low, 0.34, 7.6, 10.8),
    }  # fmt: skip
    if life.age < 18:
        del values["egfr"]
    return values


def glucose(life: Life) -> float:
    """Fasting, mg/dL: below the average that belongs to the HbA1c."""
    mean = 28.7 * body.a1c(life) - 46.7
    fasting = mean * 0.86 + (0 if mean > 140 else 3)
    return life.chance.about(fasting, 5 + 0.07 * fasting, 55, 480)


def comprehensive(life: Life) -> Values:
    """The metabolic panel with proteins and liver."""
    chance, about = life.chance, life.chance.about
    mass = life.last.get("bmi", 22)
    scarred, viral = life.has("cirrhosis"), life.body.hcv > 0
    alt = (24 if not life.female else 18) * math.exp(0.3 * life.nature.liver)
    alt *= 1 + 0.035 * max(0.0, mass - 26) + 1.6 * viral + 0.5 * life.has("alcoholism")
    alt = _log(life, min(alt, 260), 0.18)
    ratio = 1.9 if life.has("alcoholism") or scarred else 0.95
    wasted = life.has("lung-cancer") or life.body.albumin > 800
    growing = 2.6 if life.age < 16 else 1
    firm = 4.35 - 0.006 * max(0.0, life.age - 60)
    return metabolic(life) | {
        "protein": about(7.1, 0.35, 5.2, 8.9),
        "albumin": about(firm - 0.9 * scarred - 0.5 * wasted, 0.22, 2, 5.2),
        "bilirubin": _log(life, 1.9 if scarred else 0.55, 0.38),
        "alp": _log(life, (72 + 50 * scarred + 40 * life.has("lung-cancer")) * growing, 0.22),
        "alt": alt,
        "ast": alt * ratio * chance.uniform(0.85, 1.15) + 4,
    }  # fmt: skip


def lipids(life: Life) -> Values:
    """The lipid panel; total as Friedewald has it."""
    nature, chance = life.nature, life.chance
    mass = life.last.get("bmi", 22)
    ldl = 104 + 0.6 * (min(life.age, 60) - 20) + 26 * nature.ldl + 0.5 * (mass - 25)
    ldl += 95 * nature.familial_lipids
    ldl *= 1 - life.effect("statin")
    ldl *= (1 - life.effect("ezetimibe")) * chance.gauss(1, 0.05)
    sweet = max(0.0, body.a1c(life) - 5.7)
    triglycerides = 92 * math.exp(0.36 * nature.triglycerides + 0.032 * (mass - 24) + 0.09 * sweet)
    triglycerides *= (1.18 if life.has("drinker") else 1) * (0.85 if life.takes("statin") else 1)
    triglycerides = min(1100.0, _log(life, triglycerides, 0.16))
    hdl = (57 if life.female else 47) + 10 * nature.hdl - 0.55 * (mass - 25)
    hdl = chance.about(hdl - 0.012 * (triglycerides - 100), 2.5, 22, 105)
    ldl = min(330.0, max(25.0, ldl))
    return {
        "cholesterol": ldl + hdl + min(80.0, triglycerides / 5), "triglycerides": triglycerides,
        "ldl": ldl, "hdl": hdl,
    }  # fmt: skip


def blood_count(life: Life) -> Values:
    """The blood count; indices follow from haemoglobin and the size of cells."""
    chance, about = life.chance, life.chance.about
    haemoglobin = about(haemoglobin_of(life), 0.35, 6.2, 18.6)
    size = about(90 - 6.5 * life.body.iron + 4 * life.has("alcoholism"), 1.6, 62, 112)
    concentration = about(33.6 - 0.6 * life.body.iron, 0.45, 29.5, 35.8)
    haematocrit = 100 * haemoglobin / concentration
    red = haematocrit * 10 / size
    treated = life.days_since("chemotherapy") < CYTOTOXIC_WEEKS * 7
    white = _log(life, 9.5 if life.age < 4 else 6.7 + 0.9 * life.has("smoker"), 0.2)
    inflamed = life.day - life.since.get("infection", 0) < 10
    white = white * 0.45 if treated else white * 1.75 if inflamed else white
    platelets = about(255 + 35 * (life.body.iron > 1), 48, 130, 440)
    platelets *= 0.6 if treated or life.has("cirrhosis") else 1
    return {
        "leukocytes": white, "erythrocytes": red, "hemoglobin": haemoglobin,
        "hematocrit": haematocrit, "mcv": size, "mch": haemoglobin * 10 / red,
        "mchc": concentration, "rdw": about(13.1 + 1.5 * life.body.iron, 0.45, 11.4, 22),
        "platelets": platelets * chance.uniform(0.97, 1.03),
    }  # fmt: skip


def haemoglobin_of(life: Life) -> float:
    """g/dL without noise."""
    age = life.age
    if age < 0.2:
        return 14.5
    usual = 11.9 + 0.13 * min(age, 12) + 0.35 * life.nature.blood
    if age > 12:
        usual = (13.7 if life.female else 15.2) + 0.6 * life.nature.blood
        usual -= 0.02 * max(0.0, age - 65)
    usual -= life.body.iron + 1.6 * (life.days_since("chemotherapy") < CYTOTOXIC_WEEKS * 7)
    usual -= 0.055 * max(0.0, 45 - life.body.filtration) * (0.5 if life.takes("epoetin") else 1)
    return usual - (1.4 if life.pregnant is not None and life.day - life.pregnant > 90 else 0)


# -- single ------------------------------------------------------------------------------------


def _thyrotropin(life: Life) -> float:
    if "hypothyroidism" not in life.problems:
        return min(4.4, _log(life, 1.7, 0.38))
    taken = life.takes("thyroid-hormone")
    need = 1 + (abs(life.nature.bone) > 0.6) + (life.nature.weight > 1)
    lacking = need - (taken.drug.effect or 0) if taken else 3.5
    if lacking > 0:
        return _log(life, (6.5, 8.5, 11, 15, 19)[min(4, round(lacking + 0.4))], 0.25)
    return _log(life, 2.1 if lacking > -1 else 0.9, 0.35)


def _free_thyroxine(life: Life) -> float:
    low = "hypothyroidism" in life.problems and not life.takes("thyroid-hormone")
    return life.chance.about(0.72 if low else 1.2, 0.13, 0.4, 1.8)


def _inr(life: Life) -> float:
    if life.takes("warfarin"):
        return life.chance.about(2.5, 0.35 + 0.6 * (1 - life.nature.adherence), 1.2, 5.2)
    return life.chance.about(1.4 if life.has("cirrhosis") else 1.0, 0.06, 0.9, 2.2)


def _psa(life: Life) -> float:
    value = life.body.psa * (1.9 if life.has("prostate-hyperplasia") else 1)
    if life.has("prostate-cancer"):
        cured = "prostatectomy" in life.since or "radiotherapy" in life.since
        treated = cured or life.takes("androgen-deprivation")
        value = 0.06 if treated else 5.5 + 2 * life.body.psa
    return _log(life, value * (0.55 if life.takes("reductase-inhibitor") else 1), 0.18)


def _urate(life: Life) -> float:
    usual = (5.9 if not life.female else 4.7) + 0.7 * life.nature.urate
    usual += 0.05 * (life.last.get("bmi", 25) - 25) + 1.6 * life.has("gout")
    return life.chance.about(usual - 2.6 * bool(life.takes("urate-lowering")), 0.4, 2.2, 11.5)


def _inflammation(life: Life) -> float:
    if life.day - life.since.get("infection", 0) < 10:
        return _log(life, 55, 0.6)
    sick = any(map(life.has, ("rheumatoid-arthritis", "lupus", "crohn", "ulcerative-colitis")))
    calmed = any(map(life.takes, ("dmard", "dmard-mild", "steroid-low")))
    return _log(life, (5 if calmed else 18) if sick else 1.6, 0.55)


def _troponin(life: Life) -> float:
    return _log(life, 900 if life.days_since("problem:infarction") < 3 else 4, 0.7)


def _filling(life: Life) -> float:
    """NT-proBNP."""
    failing = "heart-failure" in life.problems
    base = 1400 - 14 * life.body.ejection if failing else 45 + 1.4 * max(0.0, life.age - 45)
    return _log(life, max(60, base) * (1.8 if life.body.filtration < 40 else 1), 0.45)


def _viral_hiv(life: Life) -> float:
    taken = life.takes("antiretroviral")
    weeks = (life.day - taken.start.toordinal()) / 7 if taken else 0
    if weeks > 12 and life.nature.adherence > 0.6:
        return 20
    return 10 ** (life.body.hiv + life.chance.gauss(0, 0.15))


SINGLE: dict[str, Callable[[Life], Value]] = {
    "glucose": glucose,
    "a1c": lambda life: body.a1c(life) + life.chance.gauss(0, 0.13),
    "urine-albumin": lambda life: _log(life, life.body.albumin, 0.2),
    "tsh": _thyrotropin,
    "free-t4": _free_thyroxine,
    "inr": _inr,
    "prothrombin": lambda life: 11.6 * float(life.last.get("inr", 1.0)) ** 0.92,
    "psa": _psa,
    "ferritin": lambda life: _log(life, max(5, 95 - 55 * life.body.iron), 0.3),
    "iron": lambda life: life.chance.about(max(20, 95 - 32 * life.body.iron), 14, 12, 190),
    "iron-binding": lambda life: life.chance.about(315 + 45 * life.body.iron, 22, 210, 540),
    "iron-saturation": lambda life: 100 * life.last["iron"] / life.last["iron-binding"],
    "urate": _urate,
    "crp": _inflammation,
    "esr": lambda life: min(110.0, 6 + 2.4 * _inflammation(life) ** 0.8),
    "bnp": _filling,
    "troponin": _troponin,
    "ejection-fraction": lambda life: life.body.ejection + life.chance.gauss(0, 1.5),
    "fev1-ratio": lambda life: life.body.lungs + life.chance.gauss(0, 1.5),
    "t-score": lambda life: life.body.bone + life.chance.gauss(0, 0.1),
    "viral-load-hiv": _viral_hiv,
    "cd4": lambda life: max(20, life.body.cd4 + life.chance.gauss(0, 45)),
    "viral-load-hcv": lambda life: (
        15 if life.body.hcv == 0 else 10 ** (life.body.hcv + life.chance.gauss(0, 0.2))
    ),
    "lead": lambda life: _log(life, 1.1 * (1.5 if life.nature.poverty else 1), 0.5),
    "mmse": lambda life: life.body.mind + life.chance.gauss(0, 0.8),
    "hemoglobin": lambda life: life.chance.about(haemoglobin_of(life), 0.4, 8, 18),
    "fetal-heart-rate": lambda life: life.chance.about(145, 7, 120, 168),
}
PANELS: dict[str, Callable[[Life], Values]] = {
    "metabolic": metabolic, "comprehensive": comprehensive, "lipids": lipids,
    "blood-count": blood_count,
}  # fmt: skip
