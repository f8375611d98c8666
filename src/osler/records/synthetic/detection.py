"""What is found by measuring: the diagnosis follows the values on the chart, never the other way.

Thresholds as in guidelines of the United States: pressure of 140/90 twice, HbA1c of 6.5 % (5.7 for
prediabetes; ADA), estimated filtration below 60 for three months (KDIGO), T-score of -2.5 (WHO).
"""

from __future__ import annotations

from functools import partial

from osler.records.synthetic import labs
from osler.records.synthetic.history import Visit
from osler.records.synthetic.illness import settle
from osler.records.synthetic.life import Life
from osler.records.synthetic.safety import egfr
from osler.records.synthetic.treatment import begin_line, climb, prescribe, resolve

STAGES = ("ckd-1", "ckd-2", "ckd-3", "ckd-4", "ckd-5", "esrd")


def look(life: Life, visit: Visit) -> None:
    """Find what the values of this visit say."""
    if life.age < 18:
        _weight(life, visit)
        return
    if life.pregnant is None:
        _pressure(life, visit)
        _sugar(life, visit)
        _weight(life, visit)
        _fats(life, visit)
        _blood(life, visit)
    _kidneys(life, visit)
    _liver_and_bone(life, visit)


def found(life: Life, key: str, visit: Visit) -> None:
    """A problem that the values show."""
    if key in life.problems:
        return
    life.begin(key, visit)
    if visit.reason is None and visit.kind != "wellness":
        visit.reason = life.reason(key)
    for line in life.tables.diseases[key].medicines if key in life.tables.diseases else ():
        begin_line(life, line, visit, key)
    settle(life, key, visit)


def _measured(life: Life, name: str) -> float | None:
    """A value, if it is of today."""
    return life.last[name] if life.days_since(f"value:{name}") == 0 else None


def _pressure(life: Life, visit: Visit) -> None:
    high = life.last.get("systolic", 0) >= 140 or life.last.get("diastolic", 0) >= 90
    if "hypertension" in life.problems or not high or visit.kind == "emergency":
        return
    if 1 <= life.days_since("high-pressure") < 800 or life.last["systolic"] >= 165:
        found(life, "hypertension", visit)
        if life.chance.happens(0.9):
            climb(life, "hypertension", visit)
    life.since["high-pressure"] = life.day


def _sugar(life: Life, visit: Visit) -> None:
    value = _measured(life, "a1c")
    glucose = _measured(life, "glucose")
    if value is None and glucose is not None and glucose >= 108 and "diabetes" not in life.problems:
        labs.take(life, "a1c", visit)
        value = life.last["a1c"]
    if value is None or "diabetes" in life.problems or "diabetes-1" in life.problems:
        return
    value = round(value, 1)
    if value >= 6.5:
        if "prediabetes" in life.problems:
            resolve(life, "prediabetes")
        found(life, "diabetes", visit)
        if value >= 6.8 or life.chance.happens(0.6):
            climb(life, "glucose", visit)
        if value >= 10 and life.chance.happens(0.5):
            prescribe(life, life.tables.drugs["insulin-glargine"], visit, "diabetes")
    elif value >= 5.7 and "prediabetes" not in life.problems:
        found(life, "prediabetes", visit)
        if value >= 6.2 and life.last.get("bmi", 0) >= 33 and life.chance.happens(0.3):
            prescribe(life, life.tables.drugs["metformin-500"], visit, "prediabetes")
    elif value < 5.5 and "prediabetes" in life.problems and life.chance.happens(0.6):
        resolve(life, "prediabetes")


def _weight(life: Life, visit: Visit) -> None:
    mass = life.last.get("bmi", 0)
    if life.age < 18 or life.pregnant is not None:
        return
    if mass >= 40 and "severe-obesity" not in life.problems:
        resolve(life, "obesity")
        found(life, "severe-obesity", visit)
    elif 30.3 <= mass < 39 and "severe-obesity" not in life.problems and life.chance.happens(0.5):
        found(life, "obesity", visit)
    if mass < 29 and "obesity" in life.problems and life.chance.happens(0.7):
        resolve(life, "obesity")
    if mass < 38.5:
        resolve(life, "severe-obesity")
    parts = ("hypertension", "hypertriglyceridemia")
    sweet = mass >= 30 and ("prediabetes" in life.problems or "diabetes" in life.problems)
    if sweet and all(key in life.problems for key in parts) and life.chance.happens(0.08):
        found(life, "metabolic-syndrome", visit)


def _fats(life: Life, visit: Visit) -> None:
    ldl, fat = _measured(life, "ldl"), _measured(life, "triglycerides")
    if ldl is None or fat is None:
        return
    sick = any(map(life.problems.__contains__, ("diabetes", "coronary", "history-infarction")))
    if ldl >= 190 and life.nature.familial_lipids:
        found(life, "familial-hypercholesterolemia", visit)
    risky = sick or (
        life.age >= 45 and any(map(life.has, ("hypertension", "smoker", "prediabetes")))
    )
    if "hyperlipidemia" not in life.problems and (ldl >= 160 or (ldl >= 130 and risky)):
        found(life, "hyperlipidemia", visit)
    if fat >= 200 and life.chance.happens(0.7):
        found(life, "hypertriglyceridemia", visit)
    wanted = sick or ldl >= 175 or life.age >= 50
    if "hyperlipidemia" in life.problems and not life.takes("statin") and life.age >= 30 and wanted:
        life.steps.pop("lipids", None)
        climb(life, "lipids", visit)


def _kidneys(life: Life, visit: Visit) -> None:
    """Stages by the estimate of two samples three months apart."""
    rate = _measured(life, "egfr")
    if rate is not None and life.pregnant is None:
        _stage(life, visit, rate)
    albumin = _measured(life, "urine-albumin")
    if albumin is None or "diabetes" not in life.problems:
        return
    if albumin >= 300:
        found(life, "proteinuria", visit)
        resolve(life, "microalbuminuria")
    elif albumin >= 30 and "proteinuria" not in life.problems:
        found(life, "microalbuminuria", visit)
    if albumin >= 30 and not any(map(life.takes, ("ace", "arb", "arni"))):
        drug = life.tables.drugs[life.chance.choice(("lisinopril-10", "losartan-50"))]
        prescribe(life, drug, visit, "microalbuminuria" if albumin < 300 else "proteinuria")


def _stage(life: Life, visit: Visit, rate: float) -> None:
    if rate >= 60:
        life.since.pop("low-filtration", None)
        return
    life.since.setdefault("low-filtration", life.day)
    if life.days_since("low-filtration") < 90:
        return
    stage = "ckd-3" if rate >= 30 else "ckd-4" if rate >= 15 else "ckd-5"
    now = next((s for s in reversed(STAGES) if s in life.problems), "")
    if now and STAGES.index(stage) <= STAGES.index(now):
        if now == "ckd-5" and rate < 12 and life.days_since("problem:ckd-5") > 60:
            _dialysis(life, visit)
        return
    resolve(life, now)
    found(life, stage, visit)
    if "diabetes" in life.problems or "diabetes-1" in life.problems:
        found(life, "nephropathy", visit)


def _dialysis(life: Life, visit: Visit) -> None:
    resolve(life, "ckd-5")
    found(life, "esrd", visit)
    life.due(life.day + 7, partial(_session, left=16))


def _session(life: Life, left: int) -> None:
    """One in a few sessions is written down here; the rest is elsewhere."""
    if "esrd" in life.problems:
        visit = life.chart.visit(
            life.day, "outpatient", "outpatient-procedure", life.reason("esrd")
        )
        life.chart.act("dialysis", visit, life.reason("esrd"))
        life.due(life.day + (7 if left > 0 else 28), partial(_session, left=left - 1))


def _blood(life: Life, visit: Visit) -> None:
    value = _measured(life, "hemoglobin")
    if value is None:
        return
    low = 11.7 if life.female else 13.0
    if value < low and egfr(life) < 40:
        found(life, "renal-anemia", visit)
        if value < 10 and life.chance.happens(0.7):
            prescribe(life, life.tables.drugs["epoetin"], visit, "renal-anemia")
    elif value < low and life.body.iron > 0.5 and "iron-anemia" not in life.problems:
        found(life, "iron-anemia", visit)
        for test in ("ferritin", "iron", "iron-binding", "iron-saturation"):
            labs.take(life, test, visit)
        prescribe(life, life.tables.drugs["ferrous-sulfate"], visit, "iron-anemia")
    elif value >= low + 0.4:
        resolve(life, "iron-anemia")


def _liver_and_bone(life: Life, visit: Visit) -> None:
    alt = _measured(life, "alt")
    heavy = life.last.get("bmi", 0) >= 30 and not life.has("drinker") and life.body.hcv == 0
    if alt is not None and alt > 50 and heavy and life.chance.happens(0.4):
        found(life, "fatty-liver", visit)
    bone = _measured(life, "t-score")
    if bone is not None and round(bone, 1) <= -2.5 and "osteoporosis" not in life.problems:
        found(life, "osteoporosis", visit)
