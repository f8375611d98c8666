"""Pregnancies, and how they are prevented."""

from __future__ import annotations

from functools import partial

from osler.records.synthetic import labs
from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life
from osler.records.synthetic.tables import at_age
from osler.records.synthetic.treatment import climb, prescribe, resolve, review, stop
from osler.records.synthetic.vitals import vitals

CONCEPTIONS = {15: 12, 18: 55, 20: 105, 25: 135, 30: 125, 35: 70, 40: 20, 44: 4, 46: 0}
"""In 1,000 women a year who prevent none, from that age on, or nearly so."""
WEEKS = (12, 16, 20, 24, 28, 32, 34, 36, 37, 38, 39)


def draw(life: Life) -> None:
    """What the coming year brings."""
    if not life.female or not 15 <= life.age < 50:
        return
    _prevent(life)
    if life.pregnant is not None or "tubal-ligation" in life.since:
        return
    rate = at_age({k: float(v) for k, v in CONCEPTIONS.items()}, life.age) / 1000
    rate *= 0.45 if life.births >= 2 else 1
    rate *= 0.15 if life.births >= 4 else 1
    rate *= 0.08 if life.takes("contraceptive") else 1
    if any(map(life.has, ("esrd", "ckd-5", "heart-failure", "breast-cancer"))):
        return
    if life.chance.happens(rate):
        life.due(life.day + life.chance.randrange(1, 365), conceive)


def _prevent(life: Life) -> None:
    """Contraception is begun, and left off."""
    chance, taken = life.chance, life.takes("contraceptive")
    day = life.day + chance.randrange(1, 365)
    if taken is None and life.age >= 17 and chance.happens(0.16):
        life.due(day, _begin_prevention)
    elif taken is not None and chance.happens(0.2):
        life.due(day, _end_prevention)


def _begin_prevention(life: Life) -> None:
    if life.pregnant is not None or life.takes("contraceptive"):
        return
    name = life.chance.pick(
        {"pill": 5, "pill-tricyclen": 3, "implant": 2, "intrauterine": 3, "depot": 1}
    )
    visit = life.chart.visit(life.day, "ambulatory", "treatment-visit")
    vitals(life, visit, brief=True)
    if not prescribe(life, life.tables.drugs[name], visit, ""):
        return
    if name == "implant":
        life.chart.act("implant-insertion", visit)
    elif name == "intrauterine":
        life.chart.act("iud-insertion", visit)


def _end_prevention(life: Life) -> None:
    taken = life.takes("contraceptive")
    if taken is not None:
        visit = life.chart.visit(life.day, "ambulatory", "treatment-visit")
        stop(life, taken, visit.start)


def conceive(life: Life) -> None:
    """A pregnancy, known of some weeks later."""
    if life.pregnant is not None or life.age >= 49:
        return
    life.pregnant = life.day
    life.due(life.day + life.chance.randrange(35, 60), _initial)


def _initial(life: Life) -> None:
    visit = life.chart.visit(life.day, "ambulatory", "prenatal-initial")
    life.begin("pregnancy", visit)
    visit.reason = life.reason("pregnancy")
    act = life.chart.act
    for name in ("pregnancy-test", "fetal-ultrasound", "blood-typing", "antenatal-bloods"):
        act(name, visit, visit.reason)
    vitals(life, visit)
    labs.take(life, "blood-count", visit)
    for taken in list(life.medicines.values()):
        if taken.drug.kind == "contraceptive":
            stop(life, taken, visit.start)
    review(life, visit)
    life.chart.plan("antenatal-care", visit, life.problems["pregnancy"])
    start = life.pregnant or life.day
    if life.chance.happens(0.13):
        life.due(start + life.chance.randrange(62, 88), _lose)
        return
    for week in WEEKS:
        life.due(start + 7 * week + life.chance.randrange(-2, 3), partial(_prenatal, week=week))
    weeks = life.chance.about(39.2, 1.5, 33, 41.6)
    life.due(start + round(7 * weeks), _birth)


def _lose(life: Life) -> None:
    visit = life.chart.visit(life.day, "emergency", "obstetric-emergency")
    vitals(life, visit, brief=True)
    resolve(life, "pregnancy")
    life.pregnant = None
    life.begin("miscarriage", visit)
    visit.reason = life.reason("miscarriage")
    life.due(life.day + life.chance.randrange(14, 40), partial(_end, key="miscarriage"))


def _end(life: Life, key: str) -> None:
    resolve(life, key)


def _prenatal(life: Life, week: int) -> None:
    if "pregnancy" not in life.problems or life.pregnant is None:
        return
    reason = life.reason("pregnancy")
    visit = life.chart.visit(life.day, "ambulatory", "prenatal-visit", reason)
    if week in (32, 34) and life.chance.happens(0.02 + 0.03 * life.has("hypertension")):
        _preeclampsia(life, visit)
    vitals(life, visit)
    life.chart.act("fetal-heart-check", visit, reason)
    labs.take(life, "fetal-heart-rate", visit)
    if week >= 20:
        life.chart.act("fundal-height-check", visit, reason)
        life.chart.measure("fundal-height", life.chance.about(week, 1.1, 15, 43), visit)
    if week == 20:
        life.chart.act("fetal-anatomy", visit, reason)
    if week == 24:
        _sugar(life, visit)
    if week == 28:
        labs.take(life, "blood-count", visit)
        if life.today.year >= 2012:
            life.chart.shot(life.tables.vaccines["tdap"], visit)


def _sugar(life: Life, visit: Visit) -> None:
    """The glucose that is looked at in every pregnancy."""
    risk = 0.03 + 0.05 * (life.last.get("bmi", 22) >= 30) + 0.03 * (life.age >= 35)
    if life.chance.happens(risk) and "diabetes" not in life.problems:
        life.chart.measure("glucose", life.chance.uniform(145, 190), visit)
        life.begin("gestational-diabetes", visit)
        if life.chance.happens(0.3):
            drug = life.tables.drugs["insulin-glargine"]
            prescribe(life, drug, visit, "gestational-diabetes")
    else:
        life.chart.measure("glucose", life.chance.about(101, 13, 74, 134), visit)


def _preeclampsia(life: Life, visit: Visit) -> None:
    if "preeclampsia" in life.problems:
        return
    life.begin("preeclampsia", visit)
    labs.take(life, "comprehensive", visit)
    prescribe(life, life.tables.drugs["labetalol-100"], visit, "preeclampsia")


def _birth(life: Life) -> None:
    """Two days in hospital, then a visit after some weeks."""
    if "pregnancy" not in life.problems:
        return
    reason, chance = life.reason("pregnancy"), life.chance
    cut = chance.happens(0.3)
    visit = life.chart.visit(life.day, "inpatient", "inpatient-stay", reason, 3 if cut else 2)
    vitals(life, visit, brief=True)
    life.chart.act("cesarean" if cut else "childbirth", visit, reason, lasting=True)
    if chance.happens(0.6):
        life.chart.act("epidural", visit, reason)
    life.births += 1
    for key in ("pregnancy", "gestational-diabetes", "preeclampsia"):
        resolve(life, key)
    life.pregnant = None
    if life.births >= 2 and life.age >= 30 and chance.happens(0.15):
        life.chart.act("tubal-ligation", visit, lasting=True)
        life.since["tubal-ligation"] = life.day
    life.due(life.day + chance.randrange(35, 56), _afterwards)


def _afterwards(life: Life) -> None:
    visit = life.chart.visit(life.day, "ambulatory", "postnatal-visit")
    vitals(life, visit)
    life.chart.act("examination-of-mother", visit)
    if "hypertension" in life.problems and not life.takes("ace"):
        climb(life, "hypertension", visit)
    if life.chance.happens(0.08) and "depression" not in life.problems:
        life.body.mood = life.chance.about(14, 2, 10, 20)
        life.begin("depression", visit)
        climb(life, "depression", visit)
    life.chart.measure("phq9", life.body.mood, visit)
