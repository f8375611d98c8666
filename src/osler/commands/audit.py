"""`osler audit`: any summaries, whoever wrote them, held against the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from osler.commands.county_lines import CountyLines
from osler.commands.records import shortfall
from osler.disk import atomic_writer, refuse_unwritable
from osler.errors import DataError, UserError
from osler.progress import progress
from osler.records import folder as folders
from osler.records.account import Account
from osler.records.names import counted
from osler.records.record import Record
from osler.records.render import render
from osler.records.view import View, view
from osler.summaries import store
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import ledger
from osler.summaries.audit.result import Audit, Omission
from osler.summaries.template import Template
from osler.summaries.text import Written


@dataclass(frozen=True, slots=True)
class Found:
    """A summary to be looked at."""

    patient: str
    path: Path
    sections: tuple[Written, ...]
    as_of: date | None
    county: tuple[str, ...] | None
    template: str = ""
    """Digest of the one that it was written with; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is found in it."""

    patient: str
    file: str
    audit: Audit
    missing: tuple[str, ...]
    """Its omissions as the record tells of them, in their order."""


def audit_folder(
    folder: Path,
    records: Path,
    template: Template | None,
    on: date | None,
    county: CountyLines,
    out: Path | None,
    *,
    show: bool,
) -> tuple[str, int]:
    """What is wrong with each summary, and 1 where anything is, else 0.

    `template`: None for texts of any headings, of which only what they say is looked at.
    """
    if out is not None:
        refuse_unwritable(out)
    wanted: dict[str, list[Found]] = {}
    faults: list[DataError] = []
    for one in _summaries(folder):
        if isinstance(one, Found):
            wanted.setdefault(one.patient, []).append(one)
        else:
            faults.append(one)
    if not wanted and not faults:
        raise DataError(
            f"{folder}: no summaries here.",
            "Give a folder of what `osler summarize` wrote, or of PATIENT.md files.",
        )
    digests = [one.template for some in wanted.values() for one in some]
    results: list[Result] = []
    stored = 0
    account = Account()
    for record in progress(folders.records_of(folders.find(records), account), "audits"):
        for one in wanted.pop(record.person.id, ()):
            lines = _county_of(one, record, county)
            stored += bool(one.county) and lines is one.county
            found = _audited(one, record, template, on, lines)
            if isinstance(found, Result):
                results.append(found)
            else:
                faults.append(found)
    if faults and not results and not wanted:
        raise faults[0]
    if out is not None:
        with atomic_writer(out, private=True) as file:
            text = msgspec.json.format(msgspec.json.encode(results), indent=1).decode()
            file.write(text + "\n")
    failed = bool(wanted or faults or account.damaged) or any(
        not result.audit.clean for result in results
    )
    said = [*_told(results, sorted(wanted), faults, show=show), *shortfall(account)]
    if stored:
        said.append(f"{stored:,} held against the county's lines that are stored with them")
    return "\n".join([*said, *_of_template(results, digests, template)]), int(failed)


def _of_template(
    results: Sequence[Result], digests: Sequence[str], template: Template | None
) -> Iterator[str]:
    """What to do about summaries of other sections than the template's. `digests`: of theirs."""
    if template is None:
        return
    others = sum(digest not in ("", template.digest) for digest in digests)
    if others:
        yield (
            f"{others:,} written with another template than they are held against: "
            "give theirs with --template FILE, or leave it out for the shipped one"
        )
    headings = ({one.section for one in result.audit.sentences} for result in results)
    strange = sum(not any(map(template.section, some)) for some in headings)
    if strange and not others:
        yield (
            f"{strange:,} without a heading of the template: with --free-form only what they say "
            "is looked at, under whatever headings"
        )


def _summaries(folder: Path) -> Iterator[Found | DataError]:
    """What is in a folder, and the faults of files that cannot be read."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "no such folder"
        raise DataError(f"{folder}: {what}.", "Give the folder with the summaries.")
    texts = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in store.TEXTS]
    for path in (*store.paths(folder), *texts):
        try:
            yield _found(path)
        except DataError as fault:
            yield fault


def _found(path: Path) -> Found:
    if path.suffix.lower() in store.TEXTS:
        return Found(path.stem, path, store.read_text(path), None, None)
    one = store.read(path)
    return Found(one.patient, path, one.sections, one.as_of, one.county, one.template_digest)


def _audited(
    one: Found, record: Record, template: Template | None, on: date | None, county: Sequence[str]
) -> Result | DataError:
    """What is found in a summary; a fault for one of a day before the birth."""
    day = one.as_of or on
    if day is None:
        raise UserError(
            f"{one.path}: does not say for which day it was written.", "Give --as-of DAY."
        )
    try:
        seen = view(record, day)
    except ValueError as fault:
        return DataError(f"{one.path}: as of {day}: {fault}.", "Give a later day.")
    found = audit(one.sections, ledger(seen, county), template)
    return Result(one.patient, one.path.name, found, _in_words(found.omissions, seen))


def _in_words(omissions: Sequence[Omission], seen: View) -> tuple[str, ...]:
    """`Hypertension, since 2014-01-29`, for each."""
    if not omissions:
        return ()
    must = [line for part in render(seen) for line in part.lines if line.rank == 0]
    return tuple(
        next((line.text for line in must if set(one.ids).intersection(line.ids)), one.name)
        for one in omissions
    )


def _county_of(one: Found, record: Record, county: CountyLines) -> tuple[str, ...]:
    """The lines of the release, so that nobody vouches for himself; those stored with the summary
    only where it has none of their year for this patient."""
    own = county.of(record.person)
    if one.county is None:
        return own
    year = f"release {county.release.year}" if county.release else ""
    of_release = bool(own) and any(line.endswith(year) for line in one.county)
    return own if of_release else one.county


def _told(
    results: list[Result], without_record: list[str], faults: list[DataError], *, show: bool
) -> Iterator[str]:
    counts: Counter[str] = Counter()
    files = Counter(result.patient for result in results)
    for result in results:
        counts.update(finding.kind for finding in result.audit.findings)
        state = "clean" if result.audit.clean else (
            f"{counted(len(result.audit.findings), 'finding')}, "
            f"{counted(len(result.audit.omissions), 'omission')}"
        )  # fmt: skip
        yield f"{result.patient if files[result.patient] == 1 else result.file}: {state}"
        for finding in result.audit.findings:
            place = f"sentence {finding.sentence}" if finding.sentence else "section"
            where = f"{finding.section}, {place}"
            yield f"  {finding.severity:<6} {finding.kind}: {where}: {finding.why}"
            if show and finding.text:
                yield f"         {finding.text}"
        for omission, text in zip(result.audit.omissions, result.missing, strict=True):
            ids = ", ".join(omission.ids[:2])
            yield f"  omission of {omission.kind}: " + (f"{text} ({ids})" if show else ids)
    for patient in without_record:
        yield f"{patient}: no record of this id, so nothing could be checked"
    yield from (f"{fault.message} Not checked. {fault.cure}" for fault in faults)
    sentences = sum(len(result.audit.sentences) for result in results)
    omissions = sum(len(result.audit.omissions) for result in results)
    flagged = sum(len({f.sentence for f in r.audit.findings} - {0}) for r in results)
    clean = sum(result.audit.clean for result in results)
    yield (
        f"{counted(len(results), 'summary')}, {clean:,} clean; "
        f"{counted(sentences, 'sentence')}, {flagged:,} flagged; "
        f"{counted(omissions, 'omission')}; {len(without_record):,} without a record"
        + (f"; {len(faults):,} not checked" if faults else "")
    )
    yield from (f"{number:>8,}  {kind}" for kind, number in counts.most_common())
