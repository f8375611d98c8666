"""Ids of entries -> words: what a sentence rests on, so that a reader can check it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from osler.records import phrases as say
from osler.records.labels import capital, label
from osler.records.moments import Moment
from osler.records.ranges import Reference, age_days, flag, reference_for
from osler.records.record import Note, Observation, Quantity
from osler.records.render import person
from osler.records.view import Course, Series, View

QUOTED = 400
"""Characters of a note that are shown."""
PERSON, COUNTY = "person", "county"
"""The ids of what is told of the patient, and of the county."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words."""

    id: str
    kind: str
    """Lab, Condition, ...; empty for an id that the record does not have."""
    text: str
    """Name, dates and value."""
    quoted: str = ""
    """A note's own words."""


class Entries:
    """What the ids of a record mean on a day."""

    def __init__(self, seen: View, county: Sequence[str] = ()) -> None:
        """`county`: the lines of county context that the summary was written from."""
        self._told = {one.id: one for one in _told_apart(seen)}
        self._told[PERSON] = Told(PERSON, "Patient", "; ".join(line.text for line in person(seen)))
        if county:
            self._told[COUNTY] = Told(COUNTY, "County", "; ".join(county))

    def of(self, id: str) -> Told:
        """An entry in words. Of an id that is not in the record, that it is not."""
        return self._told.get(id) or Told(id, "", "not in the record that this page was made from")


def reference_of(one: Observation, seen: View) -> Reference | None:
    """The range for a value at the patient's age on its day; none before the birth."""
    if one.start.day < seen.person.born:
        return None
    return reference_for(one, seen.person.sex, age_days(seen.person.born, one.start.day))


def _told_apart(seen: View) -> Iterator[Told]:
    """Every entry; those told in the same words with their time of day, or counted."""
    starts = {entry.id: entry.start for kind in seen.record.kinds for entry in kind}
    alike: dict[tuple[str, str], list[Told]] = {}
    for one in _entries(seen):
        alike.setdefault((one.kind, one.text), []).append(one)
    for some in alike.values():
        times = [f"{at:%H:%M}" for one in some if (at := starts[one.id].instant)]
        distinct = len(set(times)) == len(some)
        for number, one in enumerate(some):
            which = f", at {times[number]}" if distinct else f" ({number + 1} of {len(some)} alike)"
            yield replace(one, text=one.text + which) if len(some) > 1 else one


def _entries(seen: View) -> Iterator[Told]:
    """Every entry of the record by itself, in the words in which all entries are told."""
    known = seen.record

    def lasts(ended: bool, end: Moment | None) -> bool:
        return end.day > seen.on if end else not ended

    for c in known.conditions:
        text = say.condition(Course((c,)), active=lasts(c.ended, c.end))
        yield Told(c.id, "Condition", text)
    for m in known.medicines:
        text = say.medicine(Course((m,)), current=lasts(m.ended, m.end))
        yield Told(m.id, "Medicine", capital(text))
    for a in known.allergies:
        end = "" if lasts(a.ended, a.end) else f" to {a.end}" if a.end else ", resolved"
        yield Told(a.id, "Allergy", say.allergy(Course((a,))) + end)
    kinds = _kinds(seen)
    for o in known.observations:
        yield Told(o.id, kinds.get(o.id, "Observation"), _observation(o, seen))
    for i in known.immunizations:
        yield Told(i.id, "Immunization", say.immunization(Course((i,))))
    for p in known.procedures:
        yield Told(p.id, "Procedure", say.procedure(Course((p,))))
    for e in known.encounters:
        yield Told(e.id, "Encounter", say.encounter(e))
    for plan in known.care_plans:
        text = say.care_plan(Course((plan,)), active=lasts(plan.ended, plan.end))
        yield Told(plan.id, "Care plan", text)
    yield from map(_note, known.notes)


def _kinds(seen: View) -> dict[str, str]:
    """Ids of observations -> what they are."""
    groups = {
        "Lab": seen.labs, "Vital sign": seen.vitals, "Score": seen.scores,
        "Answer": seen.answers, "Quality of life": seen.quality_of_life,
    }  # fmt: skip
    return {
        one.id: kind for kind, some in groups.items() for series in some for one in series.values
    }


def _observation(one: Observation, seen: View) -> str:
    found = reference_of(one, seen) if isinstance(one.value, Quantity) else None
    return say.series(Series(label(one.code), (one,), found, flag(one, found)))


def _note(one: Note) -> Told:
    words = " ".join(one.text.split())
    more = f" … ({len(words) - QUOTED} characters more)" if len(words) > QUOTED else ""
    return Told(one.id, "Note", f"{capital(one.code.text)}, {one.start}", words[:QUOTED] + more)
