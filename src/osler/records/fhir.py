"""FHIR R4 bundles -> records, one bundle in memory at a time."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from osler.records import fhir_entries as made
from osler.records import fhir_shapes as shapes
from osler.records.account import Account, NotReadable, Remark
from osler.records.entries import doubts, in_order, possible
from osler.records.fhir_known import Known, tail
from osler.records.fhir_person import person
from osler.records.names import one_line
from osler.records.record import Entry, Note, Record

READ: dict[str, type[shapes.Resource]] = {
    kind.__name__: kind
    for kind in (
        shapes.Patient, shapes.Condition, shapes.MedicationRequest, shapes.Medication,
        shapes.AllergyIntolerance, shapes.Observation, shapes.Immunization, shapes.Procedure,
        shapes.Encounter, shapes.CarePlan, shapes.DocumentReference, shapes.DiagnosticReport,
        shapes.Practitioner, shapes.Organization,
    )
}  # fmt: skip
"""What is read; every other kind is ignored, and counted."""
REFERRED_TO = (
    shapes.Patient, shapes.Condition, shapes.Medication, shapes.Organization, shapes.Practitioner,
)  # fmt: skip
"""Kinds that others refer to: decoded first, the others one after another."""
NAMES = (shapes.Practitioner, shapes.Organization, shapes.Medication)
"""Kinds that belong to no patient."""

BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, or JSON of another shape."""

Head = tuple[str, type[shapes.Resource], shapes.BundleEntry]
"""A place, what kind is there, and its bytes."""
Found = tuple[str, shapes.Resource]
"""A place and what is there."""
Made = tuple[str, Entry]
"""The field of a record and an entry for it."""


def read_bundles(
    paths: list[Path], account: Account, zone: tzinfo | None = None
) -> Iterator[Record]:
    """The records of all patients. What cannot be read is refused in the account, the rest goes on.

    `zone`: where the clinic is; without it days are as written.
    """
    seen: dict[str, str] = {}
    for path in paths:
        yield from read_bundle(path, account, zone, seen)


def read_bundle(
    path: Path, account: Account, zone: tzinfo | None, seen: dict[str, str]
) -> list[Record]:
    """The records of one bundle. `seen`: patients so far, and the file that had them."""
    try:
        content = _bytes(path)
    except (OSError, EOFError, zlib.error) as fault:
        account.refused.append(Remark(path.name, _unopened(fault)))
        return []
    return records_in(content, path.name, account, zone, seen)


def records_in(
    content: bytes, file: str, account: Account, zone: tzinfo | None, seen: dict[str, str]
) -> list[Record]:
    """The records of a bundle's bytes; `file` is what its places are called."""
    try:
        bundle = msgspec.json.decode(content, type=shapes.Bundle)
    except BROKEN as fault:
        said = _fault(fault, len(content))
        account.refused.append(Remark(file, f"the whole file is refused, {said}"))
        return []
    if bundle.resource_type != "Bundle":
        what = bundle.resource_type if bundle.resource_type in READ else "not said or unknown"
        said = f"the whole file is refused, it is no Bundle (its resourceType is {what})"
        account.refused.append(Remark(file, said))
        return []
    heads = _heads(file, bundle, account)
    first = [f for head in heads if head[1] in REFERRED_TO for f in _decoded(head, account)]
    known = _known(first, zone)
    people = _people(first, known, account, seen, file)
    entries: dict[str, dict[str, list[Entry]]] = {one: defaultdict(list) for one in people}
    rest = (f for head in heads if head[1] not in REFERRED_TO for f in _decoded(head, account))
    for place, resource in chain(first, rest):
        if isinstance(resource, shapes.Patient):
            continue
        if isinstance(resource, NAMES):
            account.read[type(resource).__name__] += 1
            continue
        new = account.take(
            type(resource).__name__, place, lambda r=resource: _add(r, known, entries)
        )
        account.remarks += (Remark(place, why) for entry in new or () for why in doubts(entry))
    return [Record(who, **_sorted(entries[one])) for one, who in people.items()]


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    return content.removeprefix(codecs.BOM_UTF8)


def _unopened(fault: Exception) -> str:
    """Why the bytes of a file cannot be had."""
    if isinstance(fault, EOFError):
        return "the whole file is refused, the gzip data end early: copy it again"
    if isinstance(fault, (zlib.error, gzip.BadGzipFile)):
        return "the whole file is refused, it is no gzip or is damaged: copy it again"
    return f"cannot be opened ({fault.strerror if isinstance(fault, OSError) else 'fault'})"


def _fault(fault: Exception, size: int = 0) -> str:
    """What a decoder says, which names types and places and no value.

    `size`: bytes of the file, where the fault is in the file and not in one resource of it.
    """
    if isinstance(fault, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(fault, RecursionError):
        return "nested too deep"
    said = str(fault)
    if "truncated" in said:
        return f"it ends early, after {size:,} bytes: copy it again" if size else "it is empty"
    if isinstance(fault, msgspec.ValidationError):
        return said
    place = re.search(r" \(byte (\d+)\)$", said) if size else None
    return "it is not JSON" + (f" at byte {int(place[1]):,}" if place else "")


def _heads(file: str, bundle: shapes.Bundle, account: Account) -> list[Head]:
    """The resources of kinds that are read, not decoded yet; the others are counted."""
    found: list[Head] = []
    for number, entry in enumerate(bundle.entry, 1):
        place = f"{file}: entry {number}"
        try:
            head = msgspec.json.decode(entry.resource, type=shapes.Resource)
            name = one_line(head.resource_type) or "no resourceType"
            place = f"{place} ({name})"
            kind = READ.get(head.resource_type)
            if kind is None:
                account.ignored[name] += 1
                continue
        except BROKEN as fault:
            account.refused.append(Remark(place, _fault(fault)))
        else:
            found.append((place, kind, entry))
    return found


def _decoded(head: Head, account: Account) -> Iterator[Found]:
    """A resource; nothing where it is of another shape, and why in the account."""
    place, kind, entry = head
    try:
        resource = msgspec.json.decode(entry.resource, type=kind)
    except BROKEN as fault:
        account.refused.append(Remark(place, _fault(fault)))
        return
    resource.url = tail(entry.full_url)
    resource.id = resource.id or resource.url
    yield place, resource


def _known(found: list[Found], zone: tzinfo | None) -> Known:
    """What other resources refer to."""
    known = Known(zone)
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
    return known


def _people(
    found: list[Found], known: Known, account: Account, seen: dict[str, str], file: str
) -> dict[str, Any]:
    """Patients by id; one whose id was there before is refused."""
    people: dict[str, Any] = {}

    def add(place: str, resource: shapes.Patient) -> None:
        if resource.id in seen:
            raise NotReadable(
                f"a patient of this id was read from {seen[resource.id]} already; this one is not"
            )
        people[resource.id], doubt = possible(person(resource, known))
        account.remarks += [Remark(place, doubt)] if doubt else []
        known.births[resource.id] = people[resource.id].born
        known.people |= {key: resource.id for key in (resource.id, resource.url) if key}
        seen[resource.id] = file

    for place, resource in found:
        if isinstance(resource, shapes.Patient):
            account.take("Patient", place, lambda p=place, r=resource: add(p, r))
    return people


def _add(resource: Any, known: Known, entries: dict[str, dict[str, list[Entry]]]) -> list[Entry]:
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
