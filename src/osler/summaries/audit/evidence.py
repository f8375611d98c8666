"""What a record can bear witness to: each group of entries with its names, dates and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from osler.records.moments import Moment
from osler.records.ranges import Reference
from osler.records.record import Entry, Observation, Quantity
from osler.records.view import Course, Series, View, is_social
from osler.summaries.audit import hours, lookup
from osler.summaries.audit.words import norms, tokens

CURRENT, PAST = "current", "past"
KINDS_OF_PART = {
    "conditions": ("condition",), "resolved": ("condition",), "medicines": ("medicine",),
    "past_medicines": ("medicine",), "allergies": ("allergy",), "labs": ("lab",),
    "vitals": ("vital",), "scores": ("score",), "quality_of_life": ("quality",),
    "encounters": ("encounter",), "care_plans": ("care plan",),
    "past_care_plans": ("care plan",),
    "immunizations": ("immunization",), "procedures": ("procedure",),
    "social": ("social", "answer"), "county": ("county",), "notes": ("note",),
    "person": ("person",),
}  # fmt: skip
"""Part of the record -> kinds of evidence in it."""
STATUS_OF_PART = {
    "conditions": CURRENT, "resolved": PAST, "medicines": CURRENT, "past_medicines": PAST,
    "care_plans": CURRENT, "past_care_plans": PAST,
}  # fmt: skip
"""Parts that hold only what is current, or only what is past."""


@dataclass(frozen=True, slots=True)
class Value:
    """A measured value, with the moment."""

    value: float | str
    unit: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Evidence:
    """A group of entries that is told of together: a course, a series, a visit, the person."""

    kind: str
    """condition, social, medicine, allergy, lab, vital, score, answer, quality, immunization,
    procedure, encounter, care plan, note, person or county."""
    ids: tuple[str, ...]
    name: str
    names: tuple[str, ...]
    """All that it may be called in full."""
    words: frozenset[str]
    """Of its names, reasons, activities and reactions."""
    texts: tuple[frozenset[str], ...]
    """The words of each of these by itself."""
    concepts: frozenset[str]
    """`drug:metformin`, `condition:hypertension`; with what they imply."""
    status: str = ""
    """current or past, where that is known."""
    starts: tuple[Moment, ...] = ()
    ends: tuple[Moment, ...] = ()
    numbers: frozenset[float] = frozenset()
    """Strengths, amounts of a dose, numbers in a name."""
    amounts: frozenset[tuple[str, float]] = frozenset()
    """Those with a unit, as a kind of amount and a size: 0.09 MG is ("mass", 0.09)."""
    counts: frozenset[int] = frozenset()
    frequencies: frozenset[str] = frozenset()
    hours: frozenset[str] = frozenset()
    """morning, noon or evening, where a dose names them."""
    values: tuple[Value, ...] = ()
    """Newest first."""
    reference: Reference | None = None
    flag: str = ""
    reasons: tuple[tuple[Moment, frozenset[str]], ...] = ()
    """When something was given or done, and the words of what it was for."""
    reactions: tuple[tuple[frozenset[str], str], ...] = ()
    """Words of each reaction to an allergen, and how bad it was."""
    must: bool = False
    """Whether a summary without it has left out something that it must not."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All evidence of a record on a day."""

    seen: View
    items: tuple[Evidence, ...]
    by_name: lookup.Index = field(compare=False)
    """Names in full -> the places of their evidence."""
    by_concept: dict[str, tuple[Evidence, ...]] = field(compare=False)
    by_kind: dict[str, tuple[Evidence, ...]] = field(compare=False)
    words: frozenset[str] = field(compare=False)
    """Of all evidence."""

    def of(self, *kinds: str) -> list[Evidence]:
        """The evidence of some kinds."""
        return [item for kind in kinds for item in self.by_kind.get(kind, ())]

    def of_part(self, part: str) -> list[Evidence]:
        """The evidence of a part of the record, as it is rendered."""
        wanted = STATUS_OF_PART.get(part)
        found = self.of(*KINDS_OF_PART[part])
        return [item for item in found if wanted is None or item.status == wanted]

    @property
    def on(self) -> date:
        """The day."""
        return self.seen.on


def ledger(seen: View, county: Sequence[str] = ()) -> Ledger:
    """Everything that can be said of the patient on that day. `county`: lines of its measures."""
    items = tuple(_items(seen, county))
    index = lookup.Index()
    for place, item in enumerate(items):
        for name in item.names:
            index.add(norms(name), str(place))
    by_concept = _grouped((concept, item) for item in items for concept in item.concepts)
    by_kind = _grouped((item.kind, item) for item in items)
    words = frozenset(word for item in items for word in item.words)
    return Ledger(seen, items, index, by_concept, by_kind, words)


def _grouped(pairs: Iterable[tuple[str, Evidence]]) -> dict[str, tuple[Evidence, ...]]:
    groups: dict[str, list[Evidence]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(some) for key, some in groups.items()}


def _items(seen: View, county: Sequence[str]) -> Iterator[Evidence]:
    for courses, status in (
        (seen.conditions, CURRENT), (seen.social, CURRENT), (seen.resolved, PAST),
    ):  # fmt: skip
        for course in courses:
            ends = tuple(e.end for e in course.entries if e.end)
            kind = "social" if is_social(course.last) else "condition"
            yield _course(kind, course, status=status, ends=ends, must=status == CURRENT)
    yield from _medicines(seen)
    for course in seen.allergies:
        shown = [r for entry in course.entries for r in entry.reactions]
        yield _course(
            "allergy", course, status=CURRENT, must=True, more=[r.code.text for r in shown],
            reactions=tuple((frozenset(norms(r.code.text)), r.severity) for r in shown),
        )  # fmt: skip
    for kind, some in (
        ("lab", seen.labs), ("vital", seen.vitals), ("score", seen.scores),
        ("answer", seen.answers), ("quality", seen.quality_of_life),
    ):  # fmt: skip
        yield from (_series(kind, one) for one in some)
    yield from (_course("immunization", course) for course in seen.immunizations)
    for course in seen.procedures:
        reasons = [e.reason.text for e in course.entries if e.reason]
        yield _course("procedure", course, more=reasons)
    for entry in seen.encounters:
        reason = [entry.reason.text] if entry.reason else []
        yield _course(
            "encounter",
            Course((entry,)),
            more=[*reason, entry.where, entry.who, entry.kind],
            ends=(entry.end,) if entry.end else (),
        )
    yield from _care_plans(seen)
    yield _person(seen)
    for note in seen.notes:
        yield Evidence(
            "note", (note.id,), note.code.text, (note.code.text,), frozenset(), (), frozenset(),
            starts=(note.start,),
        )  # fmt: skip
    for text in county:
        name = text.partition(":")[0]
        numbers = frozenset(t.number for t in tokens(text) if t.number is not None)
        yield Evidence(
            "county", ("county",), name, (name,), frozenset(norms(text)), (), frozenset(),
            numbers=numbers,
        )  # fmt: skip


def _medicines(seen: View) -> Iterator[Evidence]:
    for courses, status in ((seen.medicines, CURRENT), (seen.past_medicines, PAST)):
        for course in courses:
            doses = [e.dose.text for e in course.entries if e.dose]
            reasons = [e.reason.text for e in course.entries if e.reason]
            known = "" if course.told.standing else status  # on hold: neither current nor past
            yield _course(
                "medicine", course, status=known, must=status == CURRENT,
                ends=tuple(e.end for e in course.entries if e.end), more=reasons, doses=doses,
            )  # fmt: skip


def _care_plans(seen: View) -> Iterator[Evidence]:
    for courses, status in ((seen.care_plans, CURRENT), (seen.past_care_plans, PAST)):
        for course in courses:
            activities = [a.text for e in course.entries for a in e.activities]
            reasons = [r.text for e in course.entries for r in e.reasons]
            yield _course(
                "care plan", course, status=status, more=[*activities, *reasons],
                names=activities, ends=tuple(e.end for e in course.entries if e.end),
            )  # fmt: skip


def _course(
    kind: str,
    course: Course[Entry],
    *,
    status: str = "",
    ends: tuple[Moment, ...] = (),
    must: bool = False,
    more: Iterable[str] = (),
    names: Iterable[str] = (),
    doses: Sequence[str] = (),
    reactions: tuple[tuple[frozenset[str], str], ...] = (),
) -> Evidence:
    """`more`: other words of it; `names`: what else it may be called."""
    texts = list(dict.fromkeys(entry.code.text for entry in course.entries))
    called = tuple(dict.fromkeys([*texts, *names]))
    more = list(more)
    said = tuple(frozenset(norms(text)) for text in (*called, *more))
    numbers = frozenset(
        t.number for text in (*texts, *doses) for t in tokens(text) if t.number is not None
    )
    return Evidence(
        kind, tuple(entry.id for entry in course.entries), texts[0], called,
        frozenset().union(*said), said,
        lookup.concepts_of(kind, course.last.code, texts, tuple(more)),
        status=status, starts=tuple(entry.start for entry in course.entries), ends=ends,
        numbers=numbers, amounts=frozenset(a for text in (*texts, *doses) for a in amounts(text)),
        counts=frozenset((len(course.entries),)),
        frequencies=frozenset(
            often for text in doses for _, _, often in lookup.phrases("frequency", tokens(text))
        ),
        hours=frozenset(hour for text in doses for hour in hours.of(text)),
        reasons=tuple(_reasons(course)), reactions=reactions, must=must,
    )  # fmt: skip


def _reasons(course: Course[Entry]) -> Iterator[tuple[Moment, frozenset[str]]]:
    """Of each entry at its start, and at its end where it has one."""
    for entry in course.entries:
        reason = getattr(entry, "reason", None)
        if reason is not None:
            end = getattr(entry, "end", None)
            for at in (entry.start, *((end,) if end else ())):
                yield at, frozenset(norms(reason.text))


UNITS = {
    "mg": ("mass", 1.0), "mcg": ("mass", 1e-3), "µg": ("mass", 1e-3), "μg": ("mass", 1e-3),
    "ug": ("mass", 1e-3), "microgram": ("mass", 1e-3), "milligram": ("mass", 1.0),
    "g": ("mass", 1000.0), "gram": ("mass", 1000.0), "gm": ("mass", 1000.0),
    "ml": ("volume", 1.0), "milliliter": ("volume", 1.0), "l": ("volume", 1000.0),
    "unit": ("units", 1.0), "unt": ("units", 1.0), "iu": ("units", 1.0), "u": ("units", 1.0),
    "meq": ("charge", 1.0), "mmol": ("substance", 1.0),
}  # fmt: skip
"""Units of strengths and doses -> kind of amount, and its size in mg, mL, units or meq."""
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)*)\s*-?\s*([A-Za-zµμ]+)")


def amount(number: float, unit: str) -> tuple[str, float] | None:
    """A strength or dose as what can be compared; None for a unit that is none of a dose."""
    known = UNITS.get(unit.lower()) or UNITS.get(unit.lower().removesuffix("s"))
    return (known[0], round(number * known[1], 9)) if known else None


def amounts(text: str) -> Iterator[tuple[str, float]]:
    """All strengths and doses of a text."""
    for number, unit in AMOUNT.findall(text):
        found = amount(float(number.replace(",", "")), unit)
        if found is not None:
            yield found


def _series(kind: str, series: Series) -> Evidence:
    codes = list({one.code.value: one.code for one in series.values}.values())
    names = tuple(dict.fromkeys([series.name, *(code.text for code in codes)]))
    values = tuple(_value(one) for one in series.values)
    said = [v.value for v in values if isinstance(v.value, str)]
    return Evidence(
        kind, tuple(one.id for one in series.values), series.name, names,
        frozenset(word for text in (*names, *said) for word in norms(text)), (),
        lookup.concepts_of(kind, codes[0], names, ()),
        starts=tuple(one.start for one in series.values), values=values,
        reference=series.reference, flag=series.flag, counts=frozenset((len(values),)),
        must=kind == "lab" and bool(series.flag),
    )  # fmt: skip


def _value(one: Observation) -> Value:
    if isinstance(one.value, Quantity):
        return Value(one.value.value, one.value.unit, one.start)
    return Value(one.value, "", one.start)


def _person(seen: View) -> Evidence:
    who = seen.person
    said = [
        who.sex, who.race, who.ethnicity, who.marital, who.language, who.city, who.state,
        who.county, who.given, who.family,
    ]  # fmt: skip
    born = Moment(who.born)
    return Evidence(
        "person", ("person",), "patient", (), frozenset(w for text in said for w in norms(text)),
        (), frozenset(), starts=(born,), ends=(who.death,) if who.death else (),
    )  # fmt: skip
