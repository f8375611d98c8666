"""What a clinic writes down: entries of a history, from the day on which the record begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from osler.records.synthetic.chance import Chance
from osler.records.synthetic.clinics import clinics, new_id
from osler.records.synthetic.history import (
    Act,
    History,
    Measured,
    Paper,
    Plan,
    Prescription,
    Problem,
    Report,
    Sensitivity,
    Shot,
    Value,
    Visit,
)
from osler.records.synthetic.tables import Drug, Measure, Tables, Term, Vaccine

WHERE = {"emergency": "hospital", "inpatient": "hospital", "urgentcare": "urgent",
         "outpatient": "specialist", "hospice": "hospital", "snf": "hospital"}  # fmt: skip
MINUTES = {"inpatient": 0, "emergency": 150, "wellness": 30, "outpatient": 45}
ANY_HOUR = ("emergency", "inpatient", "hospice")


class Chart:
    """The history under way. `since`: the day (ordinal) on which the record begins; what was
    before it is known only where it lasts: problems, medicines, vaccines, operations, allergies."""

    def __init__(self, tables: Tables, history: History, seed: int, since: int) -> None:
        self.tables, self.history, self.since = tables, history, since
        self._measured: set[tuple[str, str]] = set()
        self.chance = Chance(f"{seed}/{history.who.id}/chart")
        self.clinics = clinics(seed)[history.who.place]
        self.usual = {kind: self.chance.choice(c.doctors) for kind, c in self.clinics.items()}

    def visit(
        self, day: int, kind: str, term: str, reason: Term | None = None, days: int = 0
    ) -> Visit:
        """A visit on a day, or a stay of several."""
        clinic = self.clinics[WHERE.get(kind, "clinic")]
        doctor = self.usual[clinic.kind]
        if clinic.kind != "clinic" or self.chance.happens(0.15):
            doctor = self.chance.choice(clinic.doctors)
        start = self._time(day, kind)
        length = timedelta(days=days) if days else timedelta(minutes=MINUTES.get(kind, 20))
        made = Visit(
            new_id(self.chance), start, start + length, kind, self.tables.terms[term], reason,
            clinic, doctor, day >= self.since,
        )  # fmt: skip
        if made.kept:
            self.history.visits.append(made)
        return made

    def _time(self, day: int, kind: str) -> datetime:
        """Office hours are those of the place; by UTC, the day stays the same."""
        seconds = self.chance.randrange(60)
        if kind in ANY_HOUR:
            minute = self.chance.randrange(5, 20 * 60)
        else:
            behind = self.history.who.place.hours_behind
            last = min(16 * 60, (24 - behind) * 60 - 30)
            minute = behind * 60 + self.chance.randrange(8 * 60, last)
        morning = datetime.fromordinal(day).replace(tzinfo=UTC)
        return morning + timedelta(minutes=minute, seconds=seconds)

    def problem(self, key: str, visit: Visit, text: str = "") -> Problem:
        """A diagnosis on a visit."""
        term = self.tables.terms[key]
        made = Problem(
            new_id(self.chance), key, term, text or term.text, visit.start.date(), _kept(visit)
        )
        self.history.problems.append(made)
        return made

    def prescribe(self, drug: Drug, visit: Visit, reason: Problem | None) -> Prescription:
        """An order."""
        made = Prescription(new_id(self.chance), drug, visit.start, reason, _kept(visit))
        self.history.medicines.append(made)
        return made

    def plan(self, key: str, visit: Visit, reason: Problem | None) -> Plan:
        """A care plan with what belongs to it."""
        terms = self.tables.terms
        activities = tuple(terms[name] for name in self.tables.plans[key])
        start = visit.start.date()
        made = Plan(new_id(self.chance), terms[key], activities, start, reason, _kept(visit))
        self.history.plans.append(made)
        return made

    def measure(self, key: str, value: Value, visit: Visit) -> Measured | None:
        """A value, rounded as its measure is and kept within what can be; once a visit."""
        if not visit.kept or (visit.id, key) in self._measured:
            return None
        self._measured.add((visit.id, key))
        measure = self.tables.measures[key]
        low, high = self._range(measure, visit.start.date())
        made = Measured(
            new_id(self.chance), measure, rounded(measure, value), visit.start, visit, low, high
        )
        self.history.measured.append(made)
        return made

    def _range(self, measure: Measure, day: date) -> tuple[float | None, float | None]:
        """The range of adults; laboratories give children's by age, which is not known here."""
        who = self.history.who
        if (day - who.born).days < 18 * 365.25:
            return None, None
        if who.sex == "female":
            return measure.low_female, measure.high_female
        return measure.low_male, measure.high_male

    def report(self, key: str, values: dict[str, Value], visit: Visit) -> None:
        """A panel: its values, and the report that holds them together."""
        found = [self.measure(name, value, visit) for name, value in values.items()]
        if visit.kept:
            kept = tuple(one for one in found if one)
            if not kept:
                return
            panel = self.tables.panels[key]
            self.history.reports.append(Report(new_id(self.chance), panel, kept, visit))

    def shot(self, vaccine: Vaccine, visit: Visit) -> None:
        """A vaccine that is given."""
        self.history.shots.append(Shot(new_id(self.chance), vaccine, visit.start, _kept(visit)))

    def act(
        self, key: str, visit: Visit, reason: Term | None = None, *, lasting: bool = False
    ) -> None:
        """A procedure; `lasting` ones are known of even where they were before the record."""
        if visit.kept or lasting:
            end = visit.start + timedelta(minutes=self.chance.randrange(10, 70))
            term = self.tables.terms[key]
            made = Act(new_id(self.chance), term, visit.start, end, reason, _kept(visit))
            self.history.acts.append(made)

    def allergy(self, key: str, reactions: tuple[tuple[Term, str], ...], visit: Visit) -> None:
        """An allergy that is noted."""
        terms, kind = self.tables.terms, self.tables.allergies.kinds[key]
        made = Sensitivity(
            new_id(self.chance), terms[key], kind.type, kind.category, reactions,
            visit.start.date(), _kept(visit),
        )  # fmt: skip
        self.history.allergies.append(made)

    def paper(self, text: str, visit: Visit) -> None:
        """A note."""
        if visit.kept:
            self.history.papers.append(Paper(new_id(self.chance), text, visit))

    def close(self, until: int) -> History:
        """The history without what had ended before it begins, or would end after its last day."""
        history, day = self.history, self.since
        last = history.died.toordinal() if history.died else until
        midnight = datetime.fromordinal(last).replace(hour=23, minute=59, tzinfo=UTC)
        for visit in history.visits:
            visit.end = max(visit.start, min(visit.end, midnight))
        for order in history.medicines:
            if order.end is not None and order.end > midnight:
                order.end = history.died

        def lasting(end: date | datetime | None) -> bool:
            return end is None or end.toordinal() >= day

        history.medicines = [m for m in history.medicines if lasting(m.end)]
        history.plans = [p for p in history.plans if lasting(p.end)]
        reasons = {id(one.reason) for one in (*history.medicines, *history.plans)}
        history.problems = [p for p in history.problems if lasting(p.end) or id(p) in reasons]
        return history


def _kept(visit: Visit) -> Visit | None:
    return visit if visit.kept else None


def rounded(measure: Measure, value: Value) -> Value:
    """As a laboratory reports it."""
    if isinstance(value, str):
        return value
    if measure.floor is not None:
        value = max(measure.floor, value)
    if measure.ceiling is not None:
        value = min(measure.ceiling, value)
    return round(value, measure.decimals) if measure.decimals else round(value)
