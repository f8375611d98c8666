"""Medicines: begun, changed, renewed and stopped, each on a visit and for a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from osler.records.synthetic.history import Prescription, Problem, Visit
from osler.records.synthetic.life import Life
from osler.records.synthetic.safety import TOGETHER, harmful, no_longer
from osler.records.synthetic.tables import Drug, Line

MONTH = 30.44


def prescribe(life: Life, drug: Drug, visit: Visit, reason: str, days: float = 0) -> bool:
    """Order a drug, unless it would harm or does not exist yet; for some days, or until stopped.

    One of the same class is replaced by a stronger one, and kept before a weaker. True where the
    person is treated afterwards.
    """
    if drug.since > life.today.year or harmful(life, drug):
        return False
    before = life.medicines.get(drug.ingredient)
    if before is None and drug.kind not in TOGETHER:
        before = life.takes(drug.kind)
    if before is not None:
        if before.drug is drug or (drug.effect or 0) <= (before.drug.effect or 0):
            return True
        stop(life, before, visit.start)
    problem = life.problems.get(reason)
    made = life.chart.prescribe(drug, visit, problem)
    life.medicines[drug.ingredient] = made
    if days:
        made.course = True
        end = made.start + timedelta(days=round(days))
        life.due(end.toordinal(), partial(_run_out, prescription=made, end=end))
    return True


def _run_out(life: Life, prescription: Prescription, end: datetime) -> None:
    if prescription.end is None:
        stop(life, prescription, end)


def stop(life: Life, prescription: Prescription, at: datetime) -> None:
    """It is taken no longer."""
    prescription.end = max(at, prescription.start)
    if life.medicines.get(prescription.drug.ingredient) is prescription:
        del life.medicines[prescription.drug.ingredient]


def choose(life: Life, weights: dict[str, float]) -> Drug | None:
    """One of these drugs that would not harm and could be had then."""
    drugs = {
        drug: weight
        for key, weight in weights.items()
        if (drug := life.tables.drugs[key]).since <= life.today.year and not harmful(life, drug)
    }
    return life.chance.pick(drugs) if drugs else None


def begin_line(life: Life, line: Line, visit: Visit, reason: str) -> None:
    """Begin a line of treatment, now or on a later follow-up."""
    if not line.from_ <= life.age < line.before or not life.chance.happens(line.chance):
        return
    if line.after:
        wait = life.chance.uniform(0.3, 2 * line.after) * 365
        life.due(life.day + round(wait), partial(_later, line=line, reason=reason))
        return
    if line.ladder:
        climb(life, line.ladder, visit)
        return
    drug = choose(life, line.of)
    if drug is not None:
        days = line.days or line.lasts * MONTH
        prescribe(life, drug, visit, reason, days * life.chance.uniform(0.9, 1.1))


def _later(life: Life, line: Line, reason: str) -> None:
    """A line that was to come later, if there is still a reason."""
    if reason in life.problems:
        drug = choose(life, line.of)
        if drug is not None:
            visit = life.chart.visit(life.day, "ambulatory", "follow-up", life.reason(reason))
            prescribe(life, drug, visit, reason, line.lasts * MONTH)


def climb(life: Life, name: str, visit: Visit) -> None:
    """The next step of a ladder: a higher dose of what is taken, or one more drug.

    A step none of whose drugs could be given is tried again another time.
    """
    ladder = life.tables.ladders[name]
    taken = life.steps.setdefault(name, set())
    known = {ingredient for number in taken for ingredient in ladder.steps[number]}
    for ingredient, prescription in list(life.medicines.items()):
        higher = _higher(life, prescription.drug) if ingredient in known else None
        if higher is not None and life.chance.happens(0.7):
            prescribe(life, higher, visit, ladder.reason)
            return
    for number, step in enumerate(ladder.steps):
        if number in taken:
            continue
        drug = choose(life, {key: w for i, w in step.items() if (key := _first(life, i))})
        if drug is not None and prescribe(life, drug, visit, ladder.reason):
            taken.add(number)
            return


def _first(life: Life, ingredient: str) -> str:
    """The dose that one begins with, above what is taken of its class; none where it is taken."""
    if ingredient in life.medicines:
        return ""
    doses = life.tables.doses[ingredient]
    other = life.takes(doses[0].kind)
    if other is not None:
        doses = [d for d in doses if (d.effect or 0) > (other.drug.effect or 0)]
        return doses[0].key if doses else ""
    if ingredient == "apixaban":
        light, sick = life.last.get("weight", 70) <= 60, life.last.get("creatinine", 1) >= 1.5
        return "apixaban-2" if life.age >= 80 and (light or sick) else "apixaban-5"
    if ingredient in ("atorvastatin", "lisinopril") and len(doses) > 2:
        return life.chance.choice(doses[:3]).key
    return doses[0].key


def _higher(life: Life, drug: Drug) -> Drug | None:
    """The next dose of the same ingredient, if it may be given."""
    doses = [d for d in life.tables.doses[drug.ingredient] if (d.effect or 0) > (drug.effect or 0)]
    return doses[0] if doses and not harmful(life, doses[0]) else None


def review(life: Life, visit: Visit) -> None:
    """Stop what has become harmful; write anew what the clinic writes every year."""
    for prescription in list(life.medicines.values()):
        if no_longer(life, prescription.drug):
            stop(life, prescription, visit.start)
        elif life.nature.renews and not prescription.course:
            _renew(life, prescription, visit)


def _renew(life: Life, prescription: Prescription, visit: Visit) -> None:
    lasted = life.day - prescription.start.toordinal()
    if lasted < 330 or prescription.drug.kind == "contraceptive":
        return
    prescription.end = visit.start
    made = life.chart.prescribe(prescription.drug, visit, prescription.reason)
    life.medicines[prescription.drug.ingredient] = made


def resolve(life: Life, key: str, *, medicines_go_on: bool = False) -> None:
    """A problem is over, and what was taken for it."""
    problem = life.problems.get(key)
    life.end(key)
    if problem is None or medicines_go_on:
        return
    for prescription in _for(life, problem):
        noon = datetime.fromordinal(life.day).replace(hour=18, tzinfo=UTC)
        stop(life, prescription, noon)


def _for(life: Life, problem: Problem) -> list[Prescription]:
    return [m for m in life.medicines.values() if m.reason is problem]
