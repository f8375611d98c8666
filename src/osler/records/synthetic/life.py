"""A life under way: what is true today, and what is due."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from osler.records.synthetic.chance import Chance
from osler.records.synthetic.chart import Chart
from osler.records.synthetic.history import Prescription, Problem, Visit, Who
from osler.records.synthetic.person import YEAR, Nature
from osler.records.synthetic.tables import Tables, Term

Event = Callable[["Life"], None]

LATE_YEARS = 6
"""Only in the last so many years, and once the record has begun, does anybody die: whoever had died
before is in no clinic's records."""


@dataclass(slots=True)
class Body:
    """What moves with the years. Written by body.py."""

    drift: float = 0.0
    """Of the body mass index from its course."""
    filtration: float = 110.0
    """True glomerular filtration rate, mL/min/1.73 m2."""
    albumin: float = 6.0
    """Urine albumin to creatinine, mg/g."""
    beta_loss: float = 0.0
    """Points of HbA1c by which insulin is lacking."""
    iron: float = 0.0
    """Lack of iron, in g/dL of haemoglobin."""
    ejection: float = 62.0
    lungs: float = 80.0
    """FEV1/FVC in percent."""
    bone: float = 0.0
    """T-score."""
    mind: float = 29.0
    """Mini-mental state."""
    mood: float = 3.0
    """PHQ-9 as it would be answered."""
    worry: float = 2.0
    """GAD-7."""
    psa: float = 0.8
    hiv: float = 0.0
    """log10 of copies a mL."""
    cd4: float = 850.0
    hcv: float = 0.0
    """log10 of units a mL."""


@dataclass(slots=True)
class Life:
    """Somebody, from birth until today."""

    tables: Tables
    chance: Chance
    who: Who
    nature: Nature
    chart: Chart
    born: int
    until: int
    """The first and the last day, as ordinals."""
    day: int
    body: Body = field(default_factory=Body)
    problems: dict[str, Problem] = field(default_factory=dict[str, Problem])
    """Active ones by key."""
    had: set[str] = field(default_factory=set[str])
    medicines: dict[str, Prescription] = field(default_factory=dict[str, Prescription])
    """Active ones by ingredient."""
    steps: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    """Ladder -> the steps that were taken."""
    since: dict[str, int] = field(default_factory=dict[str, int])
    """What was last done, or began -> the day."""
    last: dict[str, float] = field(default_factory=dict[str, float])
    """Values that decisions are made by."""
    counts: Counter[str] = field(default_factory=Counter[str])
    """Doses and the like."""
    allergies: set[str] = field(default_factory=set[str])
    pregnant: int | None = None
    """Day of conception."""
    births: int = 0
    quality: float = 0.0
    """Years of life, each by its quality."""
    lost: float = 0.0
    """Years lost to disability."""
    follow: int | None = None
    """Day of the next follow-up."""
    doom: tuple[int, str] | None = None
    """The day on which somebody is going to die, and of what."""
    died: int | None = None
    queue: list[tuple[int, int, Event]] = field(default_factory=list[tuple[int, int, Event]])
    counted: int = 0

    @property
    def age(self) -> float:
        """In years."""
        return (self.day - self.born) / YEAR

    @property
    def today(self) -> date:
        """The day as a date."""
        return date.fromordinal(self.day)

    @property
    def female(self) -> bool:
        """By sex."""
        return self.who.sex == "female"

    @property
    def may_die(self) -> bool:
        """Whether somebody may die now."""
        return self.day >= max(self.until - LATE_YEARS * 365, self.chart.since)

    def due(self, day: int, event: Event) -> None:
        """Do something on a day; nothing happens after the last one."""
        self.counted += 1
        if day <= self.until:
            heapq.heappush(self.queue, (max(day, self.day), self.counted, event))

    def has(self, name: str) -> bool:
        """Whether a disease is active, or a trait is there."""
        return name in self.problems or self.trait(name)

    def trait(self, name: str) -> bool:
        """What raises risks without being a diagnosis."""
        match name:
            case "smoker":
                return self.smoking == "smoker"
            case "former-smoker":
                return self.smoking == "former-smoker"
            case "drinker":
                return self.nature.drinks and self.age >= 18
            case "atopy":
                return self.nature.atopy
            case "poverty":
                return self.nature.poverty
            case "hispanic":
                return self.who.ethnicity == "hispanic"
            case "black" | "asian":
                return self.who.race == name
            case "obesity":
                return self.last.get("bmi", 0) >= 30
            case "severe-obesity":
                return self.last.get("bmi", 0) >= 40
            case _:
                return False

    @property
    def smoking(self) -> str:
        """never, smoker or former-smoker."""
        begins, stops = self.nature.smokes_from, self.nature.smokes_until
        if begins is None or self.age < begins:
            return "never"
        return "former-smoker" if stops is not None and self.age >= stops else "smoker"

    def takes(self, kind: str) -> Prescription | None:
        """The active prescription of a class of drugs."""
        return next((m for m in self.medicines.values() if m.drug.kind == kind), None)

    def effect(self, kind: str) -> float:
        """What a class of drugs does for somebody who takes it as they do."""
        taken = self.takes(kind)
        return (taken.drug.effect or 0) * self.nature.adherence if taken else 0.0

    def days_since(self, what: str) -> int:
        """Days since something was last done; very many if never."""
        return self.day - self.since[what] if what in self.since else 10**6

    def begin(self, key: str, visit: Visit, text: str = "") -> Problem:
        """A problem that is found today."""
        made = self.chart.problem(key, visit, text)
        self.problems[key] = made
        self.had.add(key)
        self.since[f"problem:{key}"] = self.day
        return made

    def end(self, key: str) -> None:
        """A problem that is over today; plans for it are, too."""
        problem = self.problems.pop(key, None)
        if problem is None:
            return
        problem.end = self.today
        for plan in self.chart.history.plans:
            if plan.reason is problem and plan.end is None:
                plan.end = self.today

    def reason(self, key: str) -> Term | None:
        """The term of a problem, as the reason for something."""
        problem = self.problems.get(key)
        return problem.term if problem else None
