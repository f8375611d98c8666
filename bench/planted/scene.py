"""What a writer has before him: a patient on a day, names to choose from, and words for dates."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from osler.records.moments import Moment
from osler.records.record import Condition, Entry, Medicine
from osler.records.view import Course, View

from . import conditions as conditions_words
from . import drugs, wording
from .told import Pen

T = TypeVar("T")

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
SIDES = re.compile(r"\b(left|right|bilateral)\b", re.I)
AMOUNT = re.compile(r"(\d+(?:\.\d+)?) (tablet|capsule|puff|mL|units)(?=, |$)")
SITES = re.compile(
    r"\b(ankle|wrist|forearm|clavicle|collarbone|hip|knee|thigh|hand|shoulder|elbow|foot|leg|arm|"
    r"ear|breast|eye|cataract|otitis media)\b"
)
"""Parts of the body that there are two of."""


def number_word(count: int, rng: random.Random) -> str:
    """`five` or `5`."""
    return NUMBERS[count] if 0 < count < len(NUMBERS) and rng.random() < 0.6 else str(count)


def written_date(day: date, style: int) -> str:
    """One day in eight styles; two digits for a year only in this century."""
    name = MONTHS[day.month - 1]
    return (
        day.isoformat(), f"{name} {day.day}, {day.year}", f"{name[:3]} {day.day}, {day.year}",
        f"{day.day} {name} {day.year}", f"{day.month:02}/{day.day:02}/{day.year}",
        f"{day.month}/{day.day}/{day.year}", f"{day.day} {name[:3]} {day.year}",
        f"{day.month}/{day.day}/{day.year % 100:02}" if day.year > 1999 else day.isoformat(),
    )[style]  # fmt: skip


def years_between(start: date, end: date) -> int:
    """Whole ones."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def days_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """All days on which any of them began or ended."""
    found: set[str] = set()
    for entry in entries:
        found.add(str(entry.start.day))
        end = getattr(entry, "end", None)
        if isinstance(end, Moment):
            found.add(str(end.day))
    return tuple(sorted(found))


@dataclass
class Scene:
    """A patient, and the words of one writer about him or her."""

    seen: View
    rng: random.Random

    def __post_init__(self) -> None:
        self.pen = Pen()
        self.style = self.rng.choice(wording.of("dates of a writer", (0, 0, 1, 1, 2, 3, 4)))

    def pick(self, some: Sequence[T]) -> T:
        """One of some."""
        return self.rng.choice(some)

    def chance(self, share: float) -> bool:
        """True in a share of the cases."""
        return self.rng.random() < share

    # -- who

    @cached_property
    def pronoun(self) -> str:
        """She, he, or the patient."""
        return {"female": "she", "male": "he"}.get(self.seen.person.sex, "the patient")

    @cached_property
    def years(self) -> int:
        """Age."""
        end = self.seen.person.died if self.seen.dead else None
        return years_between(self.seen.person.born, end or self.seen.on)

    # -- when

    def day(self, moment: Moment, about: str, true: Sequence[str]) -> str:
        """A full date, mostly in the writer's own style."""
        if moment.precision != "day":
            return self.mark("date", str(moment), about, true)
        style = self.style if self.chance(0.8) else self.rng.choice(wording.of("dates", range(5)))
        return self.mark("date", written_date(moment.day, style), about, true)

    def month(self, moment: Moment, about: str, true: Sequence[str]) -> str:
        """`January 2014`."""
        if moment.precision == "year":
            return self.year(moment, about, true)
        name = MONTHS[moment.day.month - 1]
        if self.style in (5, 7):
            return self.mark("date", f"{moment.day.month}/{moment.day.year}", about, true)
        short = name[:3] if self.style in (2, 6) else name
        return self.mark("date", f"{short} {moment.day.year}", about, true)

    def year(self, moment: Moment, about: str, true: Sequence[str]) -> str:
        """`2014`."""
        return self.mark("date", str(moment.day.year), about, true)

    def when(self, moment: Moment, about: str, true: Sequence[str]) -> str:
        """`on 2014-01-29`, `in January 2014`, `in 2014`."""
        roll = self.rng.random()
        if roll < 0.6:
            return f"on {self.day(moment, about, true)}"
        if roll < 0.85:
            return f"in {self.month(moment, about, true)}"
        return f"in {self.year(moment, about, true)}"

    def since(
        self, moment: Moment, about: str, true: Sequence[str], *, lasting: bool = True
    ) -> str:
        """`since 2014-01-29`, `since 2014`, and, where it fits behind the verb, `for 8 years`."""
        roll, years = self.rng.random(), years_between(moment.day, self.seen.on)
        if roll < 0.5:
            return f"since {self.day(moment, about, true)}"
        if roll < 0.7:
            return f"since {self.month(moment, about, true)}"
        if roll < 0.85 or years < 2 or self.seen.dead or not lasting:
            return f"since {self.year(moment, about, true)}"
        words = self.pick((f"{years} years", f"{years} years", f"over {years} years"))
        return f"for {self.mark('duration', words, about, [str(years)])}"

    # -- what

    def mark(self, kind: str, words: str, about: str, true: Sequence[str] = ()) -> str:
        """A marked piece."""
        return self.pen.mark(kind, words, about, true)

    def condition(self, course: Course[Condition], *, article: bool = True) -> str:
        """One of its names."""
        text = course.last.code.text
        name = self.pick(conditions_words.names(text))
        if not article:
            name = re.sub(r"^an? ", "", name)
        return self.mark("condition", name, text)

    def reason(self, text: str) -> str:
        """A reason is a condition, too."""
        name = re.sub(r"^an? (history of )?", "", self.pick(conditions_words.names(text)))
        return self.mark("condition", name, text)

    def begun(self, course: Course[Condition]) -> Moment:
        """When an active condition began, as the record tells it."""
        open_ones = [e.start for e in course.entries if not e.ended]
        starts = [e.start for e in course.entries if not (e.ended and e.end is None)]
        return min(open_ones, default=min(starts, default=course.first.start))

    def drug(self, course: Course[Medicine], *, strength: bool = True) -> str:
        """Name and strength; no strength for what is known by its brand or its form alone."""
        known = drugs.parse(course.last.code.text)
        words = self.pick(known.names)
        name = self.mark("drug", words, known.key)
        brands = drugs.BRANDS.get(known.key, ())
        if brands and not known.brand and self.chance(0.15):
            name = (
                f"{self.mark('drug', brands[0], known.key)} "
                f"({self.mark('drug', known.key, known.key)})"
            )
        in_order = len(known.ingredients) == 1 or words.startswith(known.ingredients[0])
        if not strength or not known.strengths or not in_order:
            return name
        return f"{name} {self.strength(known)}".strip()

    def strength(self, known: drugs.Drug) -> str:
        """`10 mg`, `300/5 mg`, `5 mg/mL`, `50 mcg`; in the order of the ingredients."""
        true = self.doses(known.key)
        numbers = [number for number, _ in known.strengths]
        units = {unit for _, unit in known.strengths}
        if len(units) > 1 or not known.in_milligrams:
            if len(numbers) > 1 or units & {"MG/HR", "UNT/ML"}:
                return known.form
            if units == {"MG/ACTUAT"} and self.chance(0.5):
                micro = f"{float(numbers[0]) * 1000:g}"
                return f"{self.mark('strength', f'{micro} mcg', known.key, true)} {known.form}"
            unit = units.pop().replace("MG", "mg").replace("ML", "mL")
            unit = unit.replace("ACTUAT", "actuation")
            dose = self.mark("strength", f"{numbers[0]} {unit}", known.key, true)
            return f"{dose} {known.form}"
        if len(numbers) > 1:
            if self.chance(0.5):
                return ""
            return self.mark("strength", f"{'/'.join(numbers)} mg", known.key, true)
        if float(numbers[0]) < 0.2 and self.chance(0.7):
            return self.mark("strength", f"{float(numbers[0]) * 1000:g} mcg", known.key, true)
        text = self.pick((f"{numbers[0]} mg", f"{numbers[0]} mg", f"{numbers[0]} MG"))
        form = known.form.split()[-1] if self.chance(0.3) else ""
        return f"{self.mark('strength', text, known.key, true)} {form}".strip()

    def strengths(self, key: str) -> tuple[str, ...]:
        """All numbers that the record has for the strength of these ingredients, also in mcg."""
        found: set[str] = set()
        for entry in self.seen.record.medicines:
            known = drugs.parse(entry.code.text)
            if set(known.ingredients) & set(key.split("/")):
                for number, unit in known.strengths:
                    found |= {f"{float(number):g} {unit.lower()}"}
        return tuple(sorted(found))

    def doses(self, key: str) -> tuple[str, ...]:
        """Strengths, and what is taken of them at once and in a day: 500, 1000 and 2000 mg where
        two tablets of 500 mg are taken twice a day. Nobody can call these wrong."""
        found = set(self.strengths(key))
        for entry in self.seen.record.medicines:
            known = drugs.parse(entry.code.text)
            if not entry.dose or not set(known.ingredients) & set(key.split("/")):
                continue
            amount = re.match(r"\d+(?:\.\d+)?", entry.dose.text)
            count = float(amount[0]) if amount else 1.0
            often = next((n for part, n in drugs.A_DAY.items() if part in entry.dose.text), 1)
            for number, unit in known.strengths:
                found |= {f"{float(number) * count * n:g} {unit.lower()}" for n in (1, often)}
        return tuple(sorted(found))

    def frequency(self, entry: Medicine, about: str) -> str:
        """`1 tablet twice daily`, `as needed`; empty where the record has none."""
        said: list[str] = []
        amount = AMOUNT.match(entry.dose.text) if entry.dose else None
        if amount and self.chance(0.3):
            plural = "s" if amount[2] in ("tablet", "capsule", "puff") and amount[1] != "1" else ""
            number = self.mark("amount", amount[1], about, [amount[1]])
            said.append(f"{number} {amount[2]}{plural}")
        parts = entry.dose.text.split(", ") if entry.dose else []
        for part in parts:
            forms = drugs.FREQUENCIES.get(part)
            if forms:
                said.append(self.mark("frequency", self.pick(forms), about, [part]))
        return " ".join(said)

    # -- what never was

    @cached_property
    def all_words(self) -> str:
        """Everything that the record says of illnesses, in one text."""
        record = self.seen.record
        some = [e.code.text for kind in (
            record.conditions, record.medicines, record.encounters, record.care_plans,
        ) for e in kind]  # fmt: skip
        for entry in (*record.medicines, *record.encounters, *record.procedures):
            some += [entry.reason.text] if entry.reason else []
        for plan in record.care_plans:
            some += [r.text for r in plan.reasons]
        some += [o.value for o in record.observations if isinstance(o.value, str)]
        return "\n".join([*some, *(n.text for n in record.notes)])

    def never(self, pattern: str) -> bool:
        """Whether nothing in the record speaks of it."""
        return re.search(pattern, self.all_words, re.I) is None
