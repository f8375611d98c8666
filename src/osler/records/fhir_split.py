"""Patients whose resources are in several files -> records, in bounded memory.

A bulk export has a file for each kind of resource, a search comes in pages: resources are sorted
by patient in a temporary SQLite file.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from pathlib import Path

import msgspec

from osler.records import fhir_shapes as shapes
from osler.records.account import Account, Remark
from osler.records.fhir_files import NAMES, READ, Head, about_of, decoded, has_lines, heads_of
from osler.records.fhir_known import Known, patient_of, tail
from osler.records.fhir_records import REFERRED_TO, People, learn, records_of
from osler.records.fhir_versions import distinct
from osler.records.record import Record

NOBODY = "names no patient that was read from these files"
OTHERS = "is of a patient who was not read: another has the id"
Row = tuple[str, str, bytes, str]
"""The place, the kind, the bytes, and the fullUrl."""


def survey(paths: list[Path]) -> tuple[set[Path], set[type[shapes.Resource]]]:
    """A first look: files that have a patient in common with another (all where one is of a bulk
    export), and the kinds of resource that there are."""
    found = set(paths) if any(map(has_lines, paths)) else set[Path]()
    kinds: set[type[shapes.Resource]] = set()
    first: dict[str, Path] = {}
    for path in paths:
        keys: set[str] = set()
        for head in heads_of(path, Account()):
            kinds.add(head.kind)
            keys.update(_keys(head))
        for key in keys:
            if first.setdefault(key, path) != path:
                found |= {path, first[key]}
    return found, kinds


def _keys(head: Head) -> tuple[str, ...]:
    """What a patient is referred to by, or the one that a resource refers to."""
    _, kind, entry, of = head
    if kind in NAMES:
        return ()
    if kind is shapes.Patient:
        return tuple(dict.fromkeys(filter(None, (of.id, tail(entry.full_url)))))
    whose = of.subject or of.patient
    key = patient_of(whose.reference) if whose else ""
    return (key,) if key else ()


def read_joined(
    paths: Iterable[Path], account: Account, zone: tzinfo | None = None
) -> Iterator[Record]:
    """The records of all patients of these files, as if they were one."""
    with tempfile.TemporaryDirectory(prefix="osler-records-") as scratch:
        store = sqlite3.connect(Path(scratch) / "resources.sqlite")
        store.execute("PRAGMA journal_mode=OFF")
        store.execute("PRAGMA synchronous=OFF")
        store.execute("CREATE TABLE rows (patient TEXT, place TEXT, kind TEXT, bytes, url TEXT)")
        known, patients = Known(zone, NOBODY), _Patients()
        for path in paths:
            rows = _rows(heads_of(path, account), known, patients, account)
            store.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", rows)
        store.execute("CREATE INDEX by_patient ON rows (patient)")
        for keys in patients.all():
            yield from _record(_heads(store, keys), known, account)
        _without_patient(store, patients, known, account)
        store.close()


class _Patients:
    """By what each patient is referred to: the id, and the last part of the fullUrl."""

    def __init__(self) -> None:
        self.keys: dict[str, list[str]] = {}
        self.ids: dict[str, str] = {}

    def add(self, keys: tuple[str, ...]) -> str:
        """The id."""
        one = self.ids.get(keys[0], keys[0])
        for key in keys:
            if self.ids.setdefault(key, one) == one and key not in self.keys.setdefault(one, []):
                self.keys[one].append(key)
        return one

    def all(self) -> Iterable[list[str]]:
        """In the order in which they were found."""
        return self.keys.values()


def _rows(
    heads: Iterable[Head], known: Known, patients: _Patients, account: Account
) -> Iterator[tuple[str, *Row]]:
    """What is some patient's; names are learnt at once."""
    for head in heads:
        place, kind, entry, _ = head
        if kind in NAMES:
            found = list(decoded(head, account))
            learn(found, known)
            account.read[kind.__name__] += len(found)
            continue
        keys = _keys(head)
        whose = patients.add(keys) if keys and kind is shapes.Patient else next(iter(keys), "")
        yield whose, place, kind.__name__, bytes(entry.resource), entry.full_url


def _heads(store: sqlite3.Connection, keys: list[str]) -> list[Head]:
    """All resources of a patient, in the order of the files."""
    found: list[tuple[int, Row]] = []
    for key in keys:
        select = "SELECT rowid, place, kind, bytes, url FROM rows WHERE patient = ?"
        found += ((row[0], row[1:]) for row in store.execute(select, (key,)))
    return [_head(row) for _, row in sorted(found, key=lambda one: one[0])]


def _head(row: Row) -> Head:
    place, kind, content, url = row
    entry = shapes.BundleEntry(url, msgspec.Raw(content))
    return Head(place, READ[kind], entry, about_of(entry))


def _record(heads: list[Head], shared: Known, account: Account) -> list[Record]:
    """A patient's record; those of files where another patient has the id are refused."""
    known = Known(
        shared.zone, shared.nobody, medications=shared.medications,
        organizations=shared.organizations, practitioners=shared.practitioners,
    )  # fmt: skip
    people = People(known, account)
    for head in (head for head in heads if head.kind is shapes.Patient):
        for place, resource in decoded(head, account):
            assert isinstance(resource, shapes.Patient)
            people.take(place, resource)
    people.refuse_unclear()
    theirs: list[Head] = []
    for head in (head for head in heads if head.kind is not shapes.Patient):
        if head.place.partition(":")[0] in people.others:
            account.refused += (Remark(place, OTHERS) for place, _ in decoded(head, account))
        else:
            theirs.append(head)
    theirs = distinct(theirs, account)
    first = [f for head in theirs if head.kind in REFERRED_TO for f in decoded(head, account)]
    learn(first, known)
    rest = (f for head in theirs if head.kind not in REFERRED_TO for f in decoded(head, account))
    return records_of(people, chain(first, rest))


def _without_patient(
    store: sqlite3.Connection, patients: _Patients, known: Known, account: Account
) -> None:
    """Refuse what names nobody."""
    rows = store.execute("SELECT patient, place, kind, bytes, url FROM rows ORDER BY rowid")
    for patient, *row in rows:
        if patient not in patients.ids:
            found = list(decoded(_head((row[0], row[1], row[2], row[3])), account))
            account.refused += (Remark(place, known.nobody) for place, _ in found)
