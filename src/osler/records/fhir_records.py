"""FHIR resources -> records: to each patient what is theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from osler.records import fhir_entries as made
from osler.records import fhir_shapes as shapes
from osler.records.account import Account, NotReadable, Remark, SetAside
from osler.records.doubts import Placed, possible, remarks_on
from osler.records.entries import in_order
from osler.records.fhir_files import NAMES, Found, Head, decoded
from osler.records.fhir_known import Known
from osler.records.fhir_person import difference, person, with_death
from osler.records.fhir_versions import distinct
from osler.records.record import Entry, Note, Person, Record

REFERRED_TO = (shapes.Patient, shapes.Condition, *NAMES)
"""Kinds that others refer to: decoded first, the others one after another."""

UNCLEAR = (
    "two people of this file have this id, and nothing says whose a resource is: neither is read; "
    "give each an id"
)
Made = tuple[str, Entry]
"""The field of a record and an entry for it."""
Entries = dict[str, dict[str, list[Entry]]]
"""By patient and field."""


class People:
    """Patients by id, each with the file that had them first."""

    def __init__(self, known: Known, account: Account) -> None:
        self.found: dict[str, Person] = {}
        self.files: dict[str, str] = {}
        self.places: dict[str, str] = {}
        """Of the first of each id."""
        self.unclear: set[str] = set()
        """Ids that two people of one file have."""
        self.others: set[str] = set()
        """Files in which another person has an id of these."""
        self.known, self.account = known, account

    def take(self, place: str, resource: shapes.Patient) -> None:
        """Add somebody; who has the id of somebody else is refused."""
        self.account.take("Patient", place, lambda: self._add(place, resource))

    def _add(self, place: str, resource: shapes.Patient) -> None:
        who, doubt = possible(person(resource, self.known))
        before = self.found.get(who.id)
        other = difference(before, who) if before else ""
        file = place.partition(":")[0]
        if other and file == self.files[who.id]:
            self.unclear.add(who.id)
            raise NotReadable(UNCLEAR)
        if other:
            self.others |= {file} - {self.files[who.id]}
            raise NotReadable(
                f"a patient of this id was read from {self.files[who.id]} already; this one is "
                f"not, for {other}: two people need two ids, or a folder each"
            )
        self.account.remarks += [Remark(place, doubt)] if doubt else []
        self.known.people |= {key: who.id for key in (resource.id, resource.url) if key}
        if before:
            self.found[who.id] = with_death(before, who)
            raise SetAside("the same again")
        self.found[who.id], self.files[who.id], self.places[who.id] = who, file, place
        self.known.births[who.id] = who.born

    def refuse_unclear(self) -> None:
        """Two people of one file with one id: nothing says whose a resource is, so none is read."""
        for one in self.unclear:
            del self.found[one]
            self.known.people = {key: of for key, of in self.known.people.items() if of != one}
            self.account.read["Patient"] -= 1
            self.account.refused.append(Remark(self.places[one], UNCLEAR))


def records_in(heads: list[Head], known: Known, account: Account) -> list[Record]:
    """The records of all patients of one file."""
    others = distinct([head for head in heads if head.kind is not shapes.Patient], account)
    heads = [head for head in heads if head.kind is shapes.Patient] + others
    first = [f for head in heads if head.kind in REFERRED_TO for f in decoded(head, account)]
    learn(first, known)
    people = People(known, account)
    for place, resource in first:
        if isinstance(resource, shapes.Patient):
            people.take(place, resource)
    people.refuse_unclear()
    rest = (f for head in heads if head.kind not in REFERRED_TO for f in decoded(head, account))
    return records_of(people, chain(first, rest))


def records_of(people: People, found: Iterable[Found]) -> list[Record]:
    """The records of people from what is theirs."""
    account, known = people.account, people.known
    entries: Entries = {one: defaultdict(list) for one in people.found}
    placed: dict[str, list[Placed]] = defaultdict(list)
    for place, resource in found:
        if isinstance(resource, shapes.Patient):
            continue
        if isinstance(resource, NAMES):
            account.read[type(resource).__name__] += 1
            continue
        new = account.take(
            type(resource).__name__, place, lambda r=resource: _add(r, known, entries)
        )
        if new:
            placed[known.whose(resource)] += ((place, entry) for entry in new)
    for one, who in people.found.items():
        account.remarks += remarks_on(who, placed[one])
    return [Record(who, **_sorted(entries[one])) for one, who in people.found.items()]


def learn(found: Iterable[Found], known: Known) -> None:
    """What other resources refer to."""
    for _, resource in found:
        for key in {resource.id, resource.url} - {""}:
            if isinstance(resource, shapes.Condition) and resource.code:
                known.conditions[key] = resource.code
            if isinstance(resource, shapes.Medication) and resource.code:
                known.medications[key] = resource.code
            if isinstance(resource, shapes.Organization):
                known.organizations[key] = resource.name
            if isinstance(resource, shapes.Practitioner) and resource.name:
                name = resource.name[0]
                parts = filter(None, (*name.given, name.family))
                known.practitioners[key] = name.text or " ".join(parts)


def _add(resource: Any, known: Known, entries: Entries) -> list[Entry]:
    """Put what a resource says among its patient's entries, and return it."""
    whose = known.whose(resource)
    new = list(_made(resource, known))
    if not new:
        raise NotReadable("no value (a quantity, a concept, words, a whole number, yes or no)")
    for name, entry in new:
        entries[whose][name].append(entry)
    return [entry for _, entry in new]


def _made(resource: Any, known: Known) -> Iterator[Made]:
    """The entries of one resource."""
    match resource:
        case shapes.Condition():
            yield "conditions", made.condition(resource, known)
        case shapes.MedicationRequest():
            yield "medicines", made.medicine(resource, known)
        case shapes.MedicationStatement():
            yield "medicines", made.stated(resource, known)
        case shapes.AllergyIntolerance():
            yield "allergies", made.allergy(resource, known)
        case shapes.Observation():
            yield from (("observations", one) for one in made.observations(resource, known))
        case shapes.Immunization():
            yield "immunizations", made.immunization(resource, known)
        case shapes.Procedure():
            yield "procedures", made.procedure(resource, known)
        case shapes.Encounter():
            yield "encounters", made.encounter(resource, known)
        case shapes.CarePlan():
            yield "care_plans", made.care_plan(resource, known)
        case shapes.DocumentReference():
            yield from (("notes", one) for one in made.document(resource, known))
        case _:
            yield from (("notes", one) for one in made.report(resource, known))


def _sorted(entries: dict[str, list[Entry]]) -> dict[str, Any]:
    """In order of time, with ids; a note that is there twice is kept once."""
    notes = {(n.start.day, n.text): n for n in entries.pop("notes", []) if isinstance(n, Note)}
    found: dict[str, Any] = {name: in_order(some) for name, some in entries.items()}
    return found | {"notes": in_order(notes.values())}
