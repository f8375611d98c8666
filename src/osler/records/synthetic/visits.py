"""Visits that are planned: check-ups of the well, follow-ups of the sick."""

from __future__ import annotations

from osler.records.synthetic import labs, surveys
from osler.records.synthetic.detection import look
from osler.records.synthetic.history import Visit
from osler.records.synthetic.illness import follow_up
from osler.records.synthetic.life import Life
from osler.records.synthetic.notes import note
from osler.records.synthetic.tables import Disease
from osler.records.synthetic.treatment import MONTH, begin_line, climb, prescribe, review, stop
from osler.records.synthetic.vaccines import due_vaccines
from osler.records.synthetic.vitals import vitals

CHILD_MONTHS = (0.1, 1, 2, 4, 6, 9, 12, 15, 18, 24, 30)
"""Ages of well-child visits; afterwards every year."""
SHOWS = {
    "spirometry": "fev1-ratio", "echocardiography": "ejection-fraction", "bone-density": "t-score",
}  # fmt: skip
"""Procedure -> what it measures."""


# -- check-ups ---------------------------------------------------------------------------------


def next_check_up(life: Life) -> None:
    """Make the next appointment, which not everybody keeps."""
    months = life.age * 12
    coming = [m for m in CHILD_MONTHS if m > months + 0.05]
    if coming:
        day = life.born + max(3, round(coming[0] * MONTH))
        life.due(day + life.chance.randrange(0, 6), check_up)
    else:
        life.due(life.day + life.chance.randrange(345, 395), check_up)


def check_up(life: Life) -> None:
    """A wellness visit."""
    next_check_up(life)
    age = life.age
    keen = (
        0.98 if age < 3 else 0.85 if age < 18 else 0.42 if age < 40 else 0.7 if age < 65 else 0.92
    )
    keen += 0.18 if life.female and 18 <= age < 50 else 0
    keen *= 1 if age < 3 else life.nature.attends**0.5
    if life.pregnant is None and life.chance.happens(keen):
        examine(life)


def examine(life: Life) -> None:
    """What is done on a check-up; also on the first visit, with which a record begins."""
    age = life.age
    term = "well-child" if age < 18 else "general-examination"
    visit = life.chart.visit(life.day, "wellness", term)
    vitals(life, visit)
    due_vaccines(life, visit)
    if age >= 18:
        _screen(life, visit)
    else:
        _screen_child(life, visit)
    look(life, visit)
    review(life, visit)
    surveys.ask(life, visit)
    if age >= 16 and life.medicines:
        life.chart.act("reconciliation", visit)
    if life.chance.happens(0.3 if age >= 18 else 0.12):
        note(life, visit)


def _screen_child(life: Life, visit: Visit) -> None:
    months = life.age * 12
    for low, high in ((11.5, 14.5), (23.5, 29)):
        if low <= months < high:
            labs.take(life, "lead", visit)
    if 11.5 <= months < 14.5:
        labs.take(life, "hemoglobin", visit)
    life.chart.act("anticipatory-guidance" if life.age < 11 else "physical-examination", visit)


def _screen(life: Life, visit: Visit) -> None:
    """What is looked for at an age, each as often as is usual."""
    age, heavy = life.age, life.last.get("bmi", 0) >= 30
    _every(life, "lipids", 400 if age >= 40 else 1400, visit, age >= 20)
    panel = "comprehensive" if life.chance.happens(0.5) else "metabolic"
    recent = min(life.days_since("metabolic"), life.days_since("comprehensive"))
    if recent > (420 if age >= 50 else 900) and age >= 25:
        labs.take(life, panel, visit)
    _every(life, "blood-count", 500 if age >= 50 else 1000, visit, age >= 18)
    sugar = "diabetes" not in life.problems and "prediabetes" not in life.problems
    _every(life, "a1c", 1000, visit, sugar and (age >= 38 or heavy))
    _every(life, "tsh", 1700, visit, life.female and age >= 45)
    if not life.female:
        _every(life, "psa", 760, visit, 52 <= age < 72 and life.chance.happens(0.5))
    _screen_cancer(life, visit)


def _every(life: Life, key: str, days: int, visit: Visit, wanted: bool) -> None:
    if wanted and life.days_since(key) > days:
        labs.take(life, key, visit)


def _screen_cancer(life: Life, visit: Visit) -> None:
    """Breast, cervix, colon and bone, as the task force has it."""
    age, chance, act = life.age, life.chance, life.chart.act
    women = life.female
    if women and 45 <= age < 76 and life.days_since("mammography") > 640 and chance.happens(0.75):
        act("mammography", visit)
        life.since["mammography"] = life.day
    if women and 21 <= age < 66 and life.days_since("smear") > 1050 and chance.happens(0.75):
        act("cervical-smear", visit)
        life.since["smear"] = life.day
    if women and age >= 65 and life.days_since("t-score") > 1400 and chance.happens(0.6):
        act("bone-density", visit)
        labs.take(life, "t-score", visit)
    start = 45 if life.today.year >= 2021 else 50
    if not start <= age < 77 or life.days_since("colonoscopy") < 3600:
        return
    if chance.happens(0.22):
        _colonoscopy(life, visit)
    elif life.days_since("fit") > 350 and chance.happens(0.4):
        positive = chance.happens(0.05)
        life.since["fit"] = life.day
        life.chart.measure("fit", "Positive" if positive else "Negative", visit)
        if positive:
            _colonoscopy(life, visit)


def _colonoscopy(life: Life, visit: Visit) -> None:
    """On another day; polyps are taken out, and stay on the list."""

    def look_inside(life: Life) -> None:
        day = life.chart.visit(life.day, "outpatient", "outpatient-procedure")
        life.chart.act("colonoscopy", day, lasting=True)
        life.since["colonoscopy"] = life.day
        if life.chance.happens(0.17) and "colon-polyp" not in life.problems:
            life.begin("colon-polyp", day)
            life.chart.act("polypectomy", day, life.reason("colon-polyp"))

    life.since["colonoscopy"] = life.day
    life.due(life.day + life.chance.randrange(10, 80), look_inside)


# -- follow-ups --------------------------------------------------------------------------------


def follow(life: Life) -> None:
    """See somebody who is ill: measure what is due, look, and treat to the aim."""
    diseases = life.tables.diseases
    own = {k: d for k in life.problems if (d := diseases.get(k)) and d.every}
    if not own:
        return
    months = min(disease.every for disease in own.values())
    if life.takes("warfarin"):
        months = min(months, 2)
    # Somebody who is stable is seen less often than somebody who is not.
    settled = 1.0 if life.nature.attends > 0.9 else 1.25
    follow_up(life, round(months * MONTH * settled * life.chance.uniform(0.9, 1.25)))
    if life.pregnant is not None or not life.chance.happens(0.45 + 0.55 * life.nature.attends):
        return
    main = min(own, key=lambda key: (own[key].every, key))
    asthma = main == "asthma" or main == "childhood-asthma"
    term = "asthma-follow-up" if asthma else "follow-up" if life.chance.happens(0.7) else "check-up"
    visit = life.chart.visit(life.day, "ambulatory", term, life.reason(main))
    vitals(life, visit, brief=True)
    for name in _due_labs(life, own):
        labs.take(life, name, visit)
    for key in own:
        _yearly(life, visit, key)
    if life.takes("warfarin"):
        labs.take(life, "inr", visit)
        labs.take(life, "prothrombin", visit)
    surveys.ask_mood(life, visit)
    look(life, visit)
    review(life, visit)
    aim(life, visit)
    if life.chance.happens(0.12):
        note(life, visit)


def _due_labs(life: Life, own: dict[str, Disease]) -> list[str]:
    """Panels and measures that were not done for most of the time between two."""
    due: dict[str, None] = {}
    for disease in own.values():
        for name in disease.labs:
            recent = life.days_since(name)
            if name == "metabolic":
                recent = min(recent, life.days_since("comprehensive"))
            if recent > max(25, 0.75 * disease.every * MONTH):
                due[name] = None
    if "comprehensive" in due:
        due.pop("metabolic", None)
    return list(due)


def _yearly(life: Life, visit: Visit, key: str) -> None:
    for act, chance in life.tables.diseases[key].yearly.items():
        if life.days_since(f"yearly:{act}") > 330 and life.chance.happens(chance):
            life.since[f"yearly:{act}"] = life.day
            life.chart.act(act, visit, life.reason(key))
            if act in SHOWS:
                labs.take(life, SHOWS[act], visit)


def aim(life: Life, visit: Visit) -> None:
    """Where the aim is missed, the next step."""
    problems, last, chance = life.problems, life.last, life.chance
    if "hypertension" in problems and chance.happens(0.75):
        aged = 150 if life.age >= 80 else 140
        if last["systolic"] >= aged or last["diastolic"] >= 92:
            climb(life, "hypertension", visit)
    if "diabetes" in problems and last.get("a1c", 6) >= 7.6 and life.days_since("a1c") < 40:
        _more_for_sugar(life, visit)
    goal = (
        100 if any(k in problems for k in ("coronary", "diabetes", "history-infarction")) else 135
    )
    fresh = life.days_since("lipids") == 0
    if (
        "hyperlipidemia" in problems
        and fresh
        and last.get("ldl", 0) >= goal
        and life.takes("statin")
    ):
        climb(life, "lipids", visit)
    if "hypothyroidism" in problems and last.get("tsh", 2) > 4.6 and life.days_since("tsh") == 0:
        climb(life, "thyroid", visit)
    if "depression" in problems and life.body.mood >= 10 and chance.happens(0.5):
        climb(life, "depression", visit)
    warfarin = life.takes("warfarin")
    if warfarin and life.today.year >= 2013 and chance.happens(0.04):
        stop(life, warfarin, visit.start)
        life.steps.pop("anticoagulation", None)
        climb(life, "anticoagulation", visit)
    if "hiv" in problems and not life.takes("antiretroviral"):
        begin_line(life, life.tables.diseases["hiv"].medicines[0], visit, "hiv")
    if (
        "alzheimer" in problems
        and life.days_since("problem:alzheimer") > 300
        and chance.happens(0.2)
    ):
        climb(life, "dementia", visit)


def _more_for_sugar(life: Life, visit: Visit) -> None:
    """Steps, and insulin where sugar is very high."""
    if life.days_since("sugar-step") < 80:
        return
    life.since["sugar-step"] = life.day
    if life.last["a1c"] >= 10 and not life.takes("basal-insulin"):
        prescribe(life, life.tables.drugs["insulin-glargine"], visit, "diabetes")
    else:
        climb(life, "glucose", visit)
