"""Illnesses that last: how they begin, what is done about them, and how they end."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from osler.records.synthetic import labs
from osler.records.synthetic.body import a1c
from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life
from osler.records.synthetic.tables import Disease, diseases_at
from osler.records.synthetic.treatment import begin_line, prescribe, resolve
from osler.records.synthetic.vitals import Signs, vitals

OPERATIONS = {
    "lumpectomy", "mastectomy", "prostatectomy", "colectomy", "bypass", "coronary-intervention",
    "defibrillator", "knee-replacement", "hip-replacement", "cataract-extraction",
    "cholecystectomy", "appendectomy", "ablation",
}  # fmt: skip
"""Known of even where they were before the record."""
SIDES = ("left", "right")
AGAIN = ("depression", "anxiety", "insomnia", "back-pain", "thrombosis", "alcoholism", "cataract")
"""What may come again after it has passed."""


def draw(life: Life) -> None:
    """What begins in the coming year, by age, sex and risks."""
    year = life.today.year
    for key, disease, rate in diseases_at(life.who.sex, round(life.age)):
        if key in life.problems or year < disease.since:
            continue
        if key in life.had and not (disease.then or key in AGAIN):
            continue
        for risk, times in disease.risks.items():
            if life.has(risk):
                rate *= times
        if life.chance.happens(rate):
            life.due(life.day + life.chance.randrange(1, 365), partial(begin, key=key))


def complications(life: Life) -> None:
    """What sugar does over the years to eyes and nerves: the more, the higher it is."""
    if "diabetes" not in life.problems:
        return
    excess = max(0.0, a1c(life) - 6.4)
    years = life.days_since("problem:diabetes") / 365
    for key, share in (("retinopathy", 0.012), ("neuropathy", 0.016)):
        chance = (0.002 + share * excess) * min(1.5, 0.3 + years / 8)
        if key not in life.problems and life.chance.happens(chance):
            life.due(life.day + life.chance.randrange(1, 365), partial(_complicate, key=key))


def _complicate(life: Life, key: str) -> None:
    if "diabetes" in life.problems:
        begin(life, key)


def with_side(life: Life, text: str, part: str) -> str:
    """A name with left or right in it: 'Fracture of left ankle', 'Cataract of right eye'."""
    side = life.chance.choice(SIDES)
    return f"{text.removesuffix(f' of {part}')} of {side} {part}"


def begin(life: Life, key: str) -> None:
    """An illness is found."""
    disease = life.tables.diseases[key]
    if key in life.problems or any(map(life.problems.__contains__, disease.excludes)):
        return
    _body(life, key)
    visit = _first_visit(life, key, disease)
    text = life.tables.terms[key].text
    life.begin(key, visit, with_side(life, text, disease.side) if disease.side else "")
    term = life.tables.terms[key]
    visit.reason = term
    for act, chance in disease.acts.items():
        if life.chance.happens(chance):
            _do(life, act, visit, key)
    if disease.one_act:
        _do(life, life.chance.pick(disease.one_act), visit, key)
    for test in disease.tests:
        labs.take(life, test, visit)
    for line in disease.medicines:
        begin_line(life, line, visit, key)
    _oncology(life, key, disease)
    settle(life, key, visit)
    if life.may_die and life.chance.happens(disease.fatal * (1.6 if life.age > 75 else 1)):
        life.doom = (life.day + life.chance.randrange(1, 12), key)


def settle(life: Life, key: str, visit: Visit) -> None:
    """What every problem brings that is found: a plan, follow-ups, and perhaps an end."""
    disease = life.tables.diseases.get(key) or Disease()
    if disease.plan:
        plans = life.chart.history.plans
        if not any(p.term.key == disease.plan and p.end is None for p in plans):
            life.chart.plan(disease.plan, visit, life.problems[key])
    if disease.every:
        follow_up(life, life.chance.randrange(21, 75))
    if disease.lasts and life.chance.happens(disease.lasts.share):
        days = round(365 * life.chance.between(disease.lasts.years))
        life.due(life.day + max(20, days), partial(_pass, key=key))
    for act, later in disease.later.items():
        if life.chance.happens(later.chance):
            days = round(365 * life.chance.between(later.years))
            life.due(life.day + days, partial(_operate, key=key, act=act, ends=later.ends))


def follow_up(life: Life, days: int) -> None:
    """See somebody again, unless that is sooner anyhow."""
    day = life.day + days
    if life.follow is None or day < life.follow:
        life.follow = day


def _first_visit(life: Life, key: str, disease: Disease) -> Visit:
    """Where it is found."""
    signs = Signs(pain=disease.at in ("emergency", "hospital"))
    if disease.at == "clinic":
        visit = life.chart.visit(life.day, "ambulatory", "problem-visit")
    elif disease.at == "specialist":
        visit = life.chart.visit(life.day, "outpatient", "treatment-visit")
    else:
        visit = life.chart.visit(life.day, "emergency", "emergency-visit")
        if disease.at == "hospital":
            visit.reason = life.tables.terms[key]
            vitals(life, visit, signs, brief=True)
            visit = admit(life, visit, disease.days)
    vitals(life, visit, signs if disease.at != "hospital" else Signs(), brief=True)
    return visit


def admit(life: Life, emergency: Visit, days: int) -> Visit:
    """A stay that follows a visit to the emergency room on the same day."""
    stay = life.chart.visit(life.day, "inpatient", "inpatient-stay", emergency.reason, days)
    start = emergency.end + timedelta(minutes=20)
    if start.toordinal() == life.day:
        stay.start, stay.end = start, start + timedelta(days=days)
    return stay


def _body(life: Life, key: str) -> None:
    """What an illness does to the body at once."""
    body, chance = life.body, life.chance
    match key:
        case "heart-failure":
            body.ejection = chance.about(38, 10, 18, 56)
        case "copd":
            body.lungs = chance.about(62, 6, 42, 69.4)
        case "asthma":
            body.lungs = chance.about(73, 4, 62, 80)
        case "hiv":
            body.hiv, body.cd4 = chance.uniform(4, 5.6), chance.about(420, 160, 40, 900)
        case "hepatitis-c":
            body.hcv = chance.uniform(5.2, 6.8)
        case "alzheimer":
            body.mind = chance.about(23, 2, 17, 26)
        case "depression":
            body.mood = chance.about(15, 4, 10, 25)
        case "anxiety":
            body.worry = chance.about(13, 3, 9, 20)
        case "diabetes-1":
            body.beta_loss = 4
        case _:
            pass


def _do(life: Life, act: str, visit: Visit, key: str) -> None:
    life.chart.act(act, visit, life.reason(key), lasting=act in OPERATIONS)
    life.since[act] = life.day


def _operate(life: Life, key: str, act: str, ends: bool) -> None:
    """An operation that comes years after."""
    if key not in life.problems or life.pregnant is not None:
        return
    reason = life.reason(key)
    big = act in ("knee-replacement", "hip-replacement")
    kind, term = ("inpatient", "inpatient-stay") if big else ("outpatient", "outpatient-procedure")
    visit = life.chart.visit(life.day, kind, term, reason, 3 if big else 0)
    _do(life, act, visit, key)
    if ends or act == "cholecystectomy" or (big and life.chance.happens(0.6)):
        resolve(life, key)


def _oncology(life: Life, key: str, disease: Disease) -> None:
    """Cycles of chemotherapy, then weeks of radiation."""
    day = life.day + life.chance.randrange(25, 50)
    plan = disease.chemotherapy
    if plan and life.age < 85 and life.chance.happens(plan.chance):
        for cycle in range(plan.cycles):
            last = cycle == plan.cycles - 1
            life.due(day, partial(_cycle, key=key, drugs=plan.of, days=7 * plan.weeks, last=last))
            day += 7 * plan.weeks
    if life.chance.happens(disease.radiotherapy):
        for week in range(5):
            life.due(day + 7 * week, partial(_radiate, key=key))


def _cycle(life: Life, key: str, drugs: list[str], days: int, last: bool) -> None:
    if key not in life.problems:
        return
    visit = life.chart.visit(life.day, "outpatient", "outpatient-procedure", life.reason(key))
    vitals(life, visit, brief=True)
    labs.take(life, "blood-count", visit)
    life.chart.act("chemotherapy", visit, life.reason(key))
    life.since["chemotherapy"] = life.day
    for name in drugs:
        drug = life.tables.drugs[name]
        taken = life.medicines.get(drug.ingredient)
        if taken is None:
            prescribe(life, drug, visit, key)
        if last and (taken := life.medicines.get(drug.ingredient)):
            taken.end = visit.start + timedelta(days=days)
            taken.course = True
            del life.medicines[drug.ingredient]


def _radiate(life: Life, key: str) -> None:
    if key in life.problems:
        visit = life.chart.visit(life.day, "outpatient", "outpatient-procedure", life.reason(key))
        life.chart.act("radiotherapy", visit, life.reason(key))
        life.since["radiotherapy"] = life.day


def _pass(life: Life, key: str) -> None:
    """It is over; some leave a history."""
    if key not in life.problems:
        return
    disease = life.tables.diseases[key]
    if key == "hepatitis-c":
        life.body.hcv = 0
    if key in ("depression", "anxiety"):
        life.body.mood, life.body.worry = 4, 3
    if not disease.then:
        resolve(life, key)
        life.steps.pop(key, None)
        for after, chance in disease.becomes.items():
            if life.chance.happens(chance):
                begin(life, after)
        return
    resolve(life, key, medicines_go_on=True)
    if disease.then not in life.problems:
        visit = life.chart.visit(life.day, "ambulatory", "follow-up")
        life.begin(disease.then, visit)
        visit.reason = life.reason(disease.then)
        vitals(life, visit, brief=True)
        settle(life, disease.then, visit)
