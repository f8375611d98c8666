"""`osler records import` and `show`: what was read, and a record as a model will see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from osler.errors import DataError, UserError
from osler.records import folder as folders
from osler.records.account import Account, Remark, told
from osler.records.fit import Count, Fitted, fit
from osler.records.folder import SHOWN
from osler.records.names import counted, one_line
from osler.records.record import Person, Record
from osler.records.remarks import remarks
from osler.records.render import as_text, render
from osler.records.search import NOT_MEANT, Nearest, nearness
from osler.records.view import View, last_day, view

NAMES_ARE = "A name is given by its words or their beginnings, in any order and case."


def import_records(folder: Path, out: Path, zone: str | None) -> str:
    """Read a folder, store its records, and say what became of everything in it."""
    source = folders.find(folder)
    account = Account()
    index = folders.store(source, out, account, zone_of(zone))
    return "\n".join(_told(index, account, out))


def zone_of(name: str | None) -> ZoneInfo | None:
    """A time zone by its name in the IANA database."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(
            f"--zone {name}: no such time zone.", "Give a name such as America/Los_Angeles."
        ) from None


def _told(index: folders.Index, account: Account, out: Path) -> Iterator[str]:
    unit = "row" if "CSV" in index.format else "resource"
    yield (f"{counted(len(index.patients), 'patient')} read from {index.format}; stored in {out}")
    yield f"{counted(account.total, unit)}: {account.read.total():,} read, " + (
        f"{account.ignored.total():,} ignored, {len(account.refused):,} refused"
    )
    for number, line in enumerate(account.absent):
        yield f"{'LACKING' if number == 0 else '':<9} {line}"
    for number, line in enumerate(index.not_read):
        yield f"{'not read' if number == 0 else '':<9} {line}"
    yield from _counts("read", account.read)
    yield from _counts("ignored", account.ignored)
    yield from _places("refused", account.refused, out)
    yield from _places("remarks", account.remarks, out)


def _counts(word: str, counts: Mapping[str, int]) -> Iterator[str]:
    for place, (kind, number) in enumerate(sorted(counts.items(), key=lambda x: (-x[1], x[0]))):
        yield f"{word if place == 0 else '':<9} {number:>9,}  {one_line(kind)}"


def _places(word: str, places: Sequence[Remark], out: Path) -> Iterator[str]:
    lines = list(told(places, SHOWN))
    for number, line in enumerate(lines):
        yield f"{word if number == 0 else '':<9} {line}"
    if len(lines) < len(places):
        yield f"{'':<9} each place is in {out / folders.INDEX}"


def show_record(
    patient: str, folder: Path, as_of: str | None, budget: int | None, model: str
) -> str:
    """A patient's record as text, with its length in tokens and what a budget leaves out."""
    if budget is not None and budget < 1:
        raise UserError(f"--budget {budget}: no number of tokens.", "Give one above 0.")
    account = Account()
    (record,) = find_patients(folder, [patient], account)
    day = day_of(as_of) if as_of is not None else last_day(record)
    seen = seen_on(record, day)
    parts = render(seen)
    count = counter(model)
    whole = count([as_text(parts)])[0]
    fitted = fit(parts, budget or whole, count)
    lengths = _lengths(fitted, day, whole, budget, model)
    told_beside = [*account.absent, *remarks(seen)]
    return "\n".join([fitted.text, "", *_whose(record.person, patient), *lengths, *told_beside])


def _whose(who: Person, asked: str) -> Iterator[str]:
    """Who was found by a name or the start of an id: the text names nobody."""
    if who.id != asked:
        yield f"Patient {who.id}, born {who.birth}."


def seen_on(record: Record, day: date) -> View:
    """The record on a day that makes sense for it."""
    try:
        return view(record, day)
    except ValueError as fault:
        raise UserError(f"--as-of {day}: {fault}.", "Give a later day.") from None


def _lengths(
    fitted: Fitted, day: date, whole: int, budget: int | None, model: str
) -> Iterator[str]:
    yield f"As of {day}. {fitted.tokens:,} tokens of {model}" + (
        f", of {whole:,} without a budget." if budget else "."
    )
    if budget and not fitted.fits:
        stays = [f"{len(p.lines)} of {p.name.replace('_', ' ')}" for p in fitted.parts if p.lines]
        yield (
            f"This does not fit {budget:,} tokens: active conditions, allergies, current medicines "
            f"and labs out of range are never left out, and take {fitted.tokens:,}: "
            f"{', '.join(stays)}."
        )


def day_of(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"--as-of {text}: no day.", "Write it as 2022-03-04.") from None


def find_patients(folder: Path, wanted: Sequence[str], account: Account) -> list[Record]:
    """The records of patients, each of them once, in the order in which they are asked for.

    `wanted`: ids, starts of ids, or names. DataError for one that is not one patient, with those
    who are meant.
    """
    source = folders.find(folder)
    index = folders.read_index(folder) if source.format == "imported records" else None
    some = {one: _stored(folder, index, one) for one in wanted} if index else {}
    found = {one: record for one, record in some.items() if record is not None}
    left = {one: Nearest(one) for one in wanted if one not in found}
    if not left and index:
        account.absent += index.absent
    for record in folders.records_of(source, account) if left else ():
        for nearest in left.values():
            nearest.look(record)
    found |= {one: _the_one(folder, nearest, account) for one, nearest in left.items()}
    return list({found[one].person.id: found[one] for one in wanted}.values())


def _stored(folder: Path, index: folders.Index, patient: str) -> Record | None:
    """The imported record whose id is meant, without reading the others; None where not one is."""
    if not any(map(str.isdigit, patient)):
        return None  # a name
    stored = index.patients
    near = [s for s in stored if s.id == patient] or [s for s in stored if s.id.startswith(patient)]
    return folders.load(folder, near[0]) if len(near) == 1 else None


def _the_one(folder: Path, nearest: Nearest, account: Account) -> Record:
    """The only one who is meant."""
    people = nearest.people
    if nearest.record is not None and len(people) == 1:
        return nearest.record
    if not people:
        refused = f" {not_read(account)}" if account.refused else ""
        cure = f"{NAMES_ARE} See which there are: osler records list --records {folder}"
        raise DataError(
            f"{folder}: no patient of the id or name {nearest.asked!r}.{refused}",
            "\n".join([*account.damaged.values(), cure]),
        )
    shown = "\n".join(f"  {who.id}  born {who.birth}" for who in people[:SHOWN])
    more = f"\n  and {len(people) - SHOWN:,} more" if len(people) > SHOWN else ""
    raise DataError(
        f"{folder}: {len(people):,} patients are meant by {nearest.asked!r}:\n{shown}{more}",
        "Give the id of one.",
    )


def shortfall(account: Account) -> Iterator[str]:
    """For commands that only pass by: tables that are lacking, and what could not be read."""
    yield from account.absent
    yield from map(one_line, account.damaged.values())
    if account.refused:
        yield not_read(account)


def not_read(account: Account) -> str:
    """How many places were refused, and which command tells."""
    places = counted(len(account.refused), "place")
    return f"{places} could not be read: osler records import says which."


def list_patients(folder: Path, name: str | None = None) -> tuple[str, int]:
    """Ids, years of birth and sizes; no names. `name`: of whom alone. And the exit code: 1 where a
    stored record is damaged."""
    lines = [f"{'id':<40} {'born':>4} {'sex':<7} {'entries':>7}  last day"]
    account, read = Account(), 0
    for record in folders.records_of(folders.find(folder), account):
        who = record.person
        read += 1
        if name is not None and nearness(who, name) == NOT_MEANT:
            continue
        about = f"{who.born.year} {who.sex:<7} {record.size:>7,}  {last_day(record)}"
        lines.append(f"{one_line(who.id):<40} {about}")
    if not read:
        raise DataError(f"{folder}: no patient could be read.", folders.first_refused(account))
    if len(lines) == 1:
        said = f"{folder}: none of {counted(read, 'patient')} has this name."
        raise DataError(said, "\n".join([NAMES_ARE, *shortfall(account)]))
    return "\n".join([*lines, *shortfall(account)]), int(bool(account.damaged))


def counter(model: str) -> Count:
    """What counts the tokens of texts, with the tokenizer of a model."""
    from osler.commands.environment import set_environment

    set_environment(network=False)
    from osler.model import load_tokenizer
    from osler.recipe import Model
    from osler.template import counter as count_with

    return count_with(load_tokenizer(Model(id=model), Path.cwd()))
