"""What people are asked, what they answer, and how well they live."""

from __future__ import annotations

from osler.records.synthetic.history import Visit
from osler.records.synthetic.life import Life

SMOKING = {"never": "Never smoker", "former-smoker": "Former smoker",
           "smoker": "Current every day smoker"}  # fmt: skip
WORK = {"full-time": "Full-time work", "part-time": "Part-time or temporary work",
        "unemployed": "Unemployed", "not-in-labor-force":
        "Otherwise unemployed but not seeking work (ex: student, retired, disabled, unpaid primary "
        "care giver)"}  # fmt: skip
SCHOOL = {"higher-education": "More than high school", "high-school": "High school diploma or GED",
          "primary-school": "Less than high school degree"}  # fmt: skip


def year_passes(life: Life) -> None:
    """A year of life counts by its quality."""
    worth = quality(life)
    life.quality += worth
    life.lost += 1 - worth


def quality(life: Life) -> float:
    """From 0 to 1: what the burdens of all problems leave."""
    left = 1.0
    for key in life.problems:
        disease = life.tables.diseases.get(key)
        left *= 1 - (disease.burden if disease else 0)
    return left


def mood_moves(life: Life) -> None:
    """Depression and anxiety go up and down, and down with treatment."""
    body, chance = life.body, life.chance
    helped = any(map(life.takes, ("ssri", "snri", "bupropion", "mirtazapine")))
    goal = (7 if helped else 13) if "depression" in life.problems else 2.2
    body.mood = min(26.0, max(0.0, body.mood + (goal - body.mood) * 0.35 + chance.gauss(0, 2)))
    goal = (6 if helped else 11) if "anxiety" in life.problems else 1.8
    body.worry = min(20.0, max(0.0, body.worry + (goal - body.worry) * 0.35 + chance.gauss(0, 1.6)))


def ask_mood(life: Life, visit: Visit) -> None:
    """On follow-ups of those whom it concerns."""
    ill = "depression" in life.problems or "anxiety" in life.problems
    if not ill or life.age < 12:
        return
    mood_moves(life)
    _depression(life, visit)
    if "anxiety" in life.problems:
        life.chart.measure("gad7", life.body.worry, visit)


def _depression(life: Life, visit: Visit) -> None:
    key = "phq-teen" if life.age < 18 else "phq9"
    life.chart.act("phq9-screening", visit)
    life.chart.measure(key, life.body.mood, visit)


def ask(life: Life, visit: Visit) -> None:
    """The questions of a check-up."""
    chance, note, act = life.chance, life.chart.measure, life.chart.act
    if life.age >= 12:
        mood_moves(life)
        short = min(6, max(0, round(life.body.mood / 4 + chance.gauss(0, 0.5))))
        act("phq2-screening", visit)
        note("phq2", short, visit)
        if short >= 3:
            _depression(life, visit)
        if chance.happens(0.6):
            act("anxiety-assessment", visit)
            note("gad7", life.body.worry, visit)
        note("smoking", SMOKING[life.smoking], visit)
    if life.age >= 18:
        _adult(life, visit)
    _worth(life, visit)


def _adult(life: Life, visit: Visit) -> None:
    chance, note, act = life.chance, life.chart.measure, life.chart.act
    if chance.happens(0.5):
        drinks = chance.randint(5, 10) if life.nature.drinks else chance.choice((0, 0, 1, 1, 2, 3))
        act("audit-assessment", visit)
        note("audit", drinks, visit)
    if chance.happens(0.2):
        hooked = "opioid-dependence" in life.problems
        act("substance-assessment", visit)
        note("dast", chance.randint(4, 9) if hooked else chance.choice((0, 0, 0, 1)), visit)
    if life.age >= 65:
        weak = any(map(life.has, ("parkinson", "alzheimer", "history-stroke", "osteoporosis")))
        score = 5 * round(chance.about(15 + 25 * weak + 0.6 * (life.age - 65), 9, 0, 110) / 5)
        act("fall-assessment", visit)
        note("fall-risk", score, visit)
        note("fall-level", _fall_level(score), visit)
    if life.age >= 75 and ("alzheimer" in life.problems or chance.happens(0.15)):
        mind = life.body.mind if "alzheimer" in life.problems else chance.about(28.4, 1.1, 25, 30)
        note("mmse", mind, visit)
    if visit.kept and life.days_since("social") > 700:
        life.since["social"] = life.day
        _social(life, visit)


def _fall_level(score: int) -> str:
    if score >= 50:
        return "High Risk (MFS Score 50+)"
    return "Moderate Risk (MFS Score 25 - 49)" if score >= 25 else "Low Risk (MFS Score 0 - 24)"


def _social(life: Life, visit: Visit) -> None:
    """How somebody lives: answers, and findings that go on the list of problems."""
    chance, note = life.chance, life.chart.measure
    life.chart.act("social-assessment", visit)
    work = _work(life)
    for key in WORK:
        if key != work:
            life.end(key)
    if work not in life.problems:
        life.begin(work, visit)
    if life.nature.schooling not in life.had and life.age >= 22:
        life.begin(life.nature.schooling, visit)
    poor = life.nature.poverty
    for key, share in (("stress", 0.22), ("transport-problems", 0.14 if poor else 0.02),
                       ("limited-contact", 0.08 + 0.08 * (life.age > 75)),
                       ("housing-unsatisfactory", 0.1 if poor else 0.01)):  # fmt: skip
        if key in life.problems:
            if chance.happens(0.7):
                life.end(key)
        elif chance.happens(share):
            life.begin(key, visit)
    note("work", WORK[work], visit)
    note("school", SCHOOL[life.nature.schooling], visit)
    note("language", life.who.language, visit)
    note("housing", "I have housing", visit)
    missed = "transport-problems" in life.problems
    note("transport", "Yes, it has kept me from medical appointments or from getting my medications"
         if missed else "No", visit)  # fmt: skip
    calm = ("Not at all", "A little bit", "Somewhat")
    note("stress", "Quite a bit" if "stress" in life.problems else chance.choice(calm), visit)
    note("insurance", _insurance(life), visit)
    note("household", chance.choice((1, 1, 2, 2, 3, 4, 5)), visit)


def _work(life: Life) -> str:
    ill = any(map(life.has, ("esrd", "alzheimer", "lung-cancer", "parkinson")))
    if life.age >= 66 or ill:
        return (
            "part-time"
            if life.age < 74 and not ill and life.chance.happens(0.12)
            else "not-in-labor-force"
        )
    now = next((key for key in WORK if key in life.problems), "")
    if now and life.chance.happens(0.8):
        return now
    out = 0.12 if life.nature.poverty else 0.05
    return life.chance.pick(
        {"full-time": 0.68, "part-time": 0.15, "unemployed": out, "not-in-labor-force": 0.12}
    )


def _insurance(life: Life) -> str:
    if life.age >= 65:
        return "Medicare"
    return "Medicaid" if life.nature.poverty else "Private insurance"


def _worth(life: Life, visit: Visit) -> None:
    """Years of life by quality, years lost, and the score of today."""
    if life.age >= 0.99:
        life.chart.measure("qaly", life.quality, visit)
        life.chart.measure("daly", life.lost, visit)
        life.chart.measure("qols", quality(life), visit)
