"""The patients of a folder of records, and the summaries of each, in versions.

Without a folder there are a few people who never were, so that there is something to see.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from osler.errors import UserError
from osler.records import folder as folders
from osler.records.account import Account, Remark, told
from osler.records.names import counted
from osler.records.record import Person, Record
from osler.records.search import NOT_MEANT, nearness
from osler.records.synthetic.cohort import cohort
from osler.records.view import last_day, view
from osler.serve.app.told import NotThere
from osler.summaries import store
from osler.summaries.page.patient import page
from osler.summaries.page.sentences import findings

NEVER_WERE, SEED = 12, 7
"""How many people are made up, and from which seed."""
TOLD = 5
"""Kinds of places that were refused which are named."""
IN_MEMORY = 500
"""Patients of a folder that was not imported which are held at once."""
SHOWN = 200
"""Patients that a list has."""
NEWEST = "newest"
LONGEST_LIFE = 150
"""Years from the birth to the last day that a summary is written for."""
VERSION = re.compile(r"newest|[1-9]\d{0,5}")


@dataclass
class Ward:
    """Patients and summaries. `summaries` is a folder as `osler summarize --out` makes it."""

    records: Path | None
    summaries: Path
    absent: tuple[str, ...] = ()
    """Tables that the records lack, in words; known once they have been read."""
    remarks: tuple[str, ...] = ()
    """What could not be read."""
    _people: dict[str, Person] = field(default_factory=dict[str, Person])
    _stored: dict[str, folders.Stored] = field(default_factory=dict[str, folders.Stored])
    _records: dict[str, Record] = field(default_factory=dict[str, Record])
    _read: float | None = None
    """When the index of an import was written that was read; 0 for what has none."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def made_up(self) -> bool:
        """Whether these people never were."""
        return self.records is None

    # -- patients -----------------------------------------------------------------------------

    def people(self, asked: str = "") -> tuple[list[Person], int]:
        """Those who are meant by an id, the start of one, or a name, the nearest first; all for
        nothing. And how many there are. No more than SHOWN are given."""
        self._look()
        words = asked.strip()
        near = {id: nearness(who, words) if words else 0 for id, who in self._people.items()}
        meant = [who for id, who in self._people.items() if near[id] < NOT_MEANT]
        meant.sort(key=lambda who: (near[who.id], who.family, who.given, who.id))
        return meant[:SHOWN], len(meant)

    def record(self, id: str) -> Record:
        """A patient's record."""
        self._look()
        if id in self._records:
            return self._records[id]
        if id in self._stored and self.records is not None:
            return folders.load(self.records, self._stored[id])
        raise NotThere("There is no such patient.")

    def _look(self) -> None:
        """Read who there is, once; an import again when it was written anew."""
        with self._lock:
            index = self.records / folders.INDEX if self.records is not None else None
            written = index.stat().st_mtime if index is not None and index.is_file() else 0.0
            if self._read != written:
                self._read_all()
                self._read = written

    def _read_all(self) -> None:
        account = Account()
        self._people, self._stored, self._records = {}, {}, {}
        if self.records is None:
            self._records = {one.person.id: one for one in cohort(NEVER_WERE, SEED)}
            self._people = {id: one.person for id, one in self._records.items()}
            return
        source = folders.find(self.records)
        if source.format == "imported records":
            index = folders.read_index(self.records)
            self._stored = {one.id: one for one in index.patients}
            account.refused += map(_remark, index.refused)
        for record in folders.records_of(source, account):
            self._people[record.person.id] = record.person
            if not self._stored:
                self._records[record.person.id] = record
            if len(self._records) > IN_MEMORY:
                raise UserError(
                    f"{self.records}: more than {IN_MEMORY} patients.",
                    f"Import them: osler records import {self.records} --out FOLDER.",
                )
        self.absent = tuple(account.absent)
        lost = len(account.damaged)
        unread = (f"{counted(lost, 'record')} could not be read.",) if lost else ()
        self.remarks = (*unread, *(f"Not read: {one}." for one in told(account.refused, TOLD)))

    # -- summaries ----------------------------------------------------------------------------

    def versions(self, id: str) -> list[dict[str, Any]]:
        """The summaries of a patient that are kept, the newest first."""
        found: list[dict[str, Any]] = []
        for version, path in self._paths(id).items():
            try:
                found.append({"version": version, **_short(store.read(path))})
            except UserError as fault:
                found.append({"version": version, "fault": fault.message})
        return found

    def summary(self, id: str, version: str) -> store.Summary:
        """One of them."""
        path = self._paths(id).get(version) if VERSION.fullmatch(version) else None
        if path is None:
            raise NotThere("There is no such version of a summary.")
        found = store.read(path)
        if found.patient != id:
            raise NotThere("There is no such version of a summary.")
        return found

    def page(self, id: str, version: str) -> tuple[str, bool]:
        """A summary as a page with evidence and charts; and whether the record has changed since
        it was written."""
        record, summary = self.record(id), self.summary(id, version)
        try:
            seen = view(record, summary.as_of)
        except ValueError as fault:
            raise UserError(f"This summary's day does not fit the record: {fault}.") from None
        return page(summary, seen), summary.record_digest != folders.digest(record)

    def write(self, summary: store.Summary) -> None:
        """Keep a summary; the one before becomes an older version."""
        with self._lock:
            store.write(self.summaries, summary)

    def _paths(self, id: str) -> dict[str, Path]:
        """The files of a patient's summaries by version: `newest`, then numbers downwards."""
        newest = self.summaries / store.file_name(id)
        older = (self.summaries / store.OLDER).glob(f"{newest.stem}.*.json")
        numbers = {path.name.removeprefix(f"{newest.stem}.")[:-5]: path for path in older}
        kept = sorted((n for n in numbers if n.isdecimal()), key=int, reverse=True)
        paths = {NEWEST: newest} if newest.is_file() else {}
        return {**paths, **{number: numbers[number] for number in kept}}


def _remark(line: str) -> Remark:
    """A line of an import's index as what it was made of."""
    place, _, reason = line.partition(": ")
    return Remark(place, reason)


def about(who: Person, record: Record | None = None) -> dict[str, Any]:
    """A patient in a list; with the record also its size and last day."""
    name = " ".join(filter(None, (who.given, who.family)))
    more = {"entries": record.size, "last_day": str(last_day(record))} if record else {}
    died = str(who.death) if who.death else ""
    return {
        "id": who.id,
        "name": name,
        "born": str(who.birth),
        "sex": who.sex,
        "died": died,
        **more,
    }


def _short(summary: store.Summary) -> dict[str, Any]:
    return {
        "as_of": str(summary.as_of), "written_at": summary.written_at,
        "made_by": summary.made_by.name, "by_rule": summary.made_by.by_rule,
        "findings": sum(1 for _ in findings(summary.audit)),
        "omissions": len(summary.audit.omissions), "removed": len(summary.removed),
        "record_digest": summary.record_digest,
    }  # fmt: skip


def day_within(record: Record, day: date | None) -> date:
    """The day that a summary is written for: the record's last where none is given."""
    if day is not None and day < record.person.born:
        raise UserError(f"{day}: before the patient's birth.", "Give a later day.")
    if day is not None and day.year > record.person.born.year + LONGEST_LIFE:
        raise UserError(f"{day}: later than anybody lives.", "Give an earlier day.")
    return day or last_day(record)
