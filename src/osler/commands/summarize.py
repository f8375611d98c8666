"""`osler summarize`: a summary of every patient, audited; resumable, and nobody is left out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from osler.commands.county_lines import CountyLines
from osler.commands.pages import INDEX, write_pages
from osler.commands.records import find_patients, shortfall
from osler.disk import file_digest, held, write_json
from osler.errors import UserError
from osler.progress import progress
from osler.records import folder as folders
from osler.records.account import Account
from osler.records.names import counted
from osler.records.record import Record
from osler.run import installed_versions, now
from osler.serve import summarize as writing
from osler.serve.endpoint import endpoint, is_address, is_local
from osler.summaries import store
from osler.summaries.template import Template

CHUNK = 64
"""Patients whose sections share batches; written together, and lost together by a kill."""


def own_version() -> str:
    """Osler's; empty where it is used without having been installed."""
    return installed_versions().get("osler", "")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    run: str
    records: Path
    on: date
    out: Path
    template: Template
    county: CountyLines
    batch_size: int = 16
    tries: int = 2
    force: bool = False
    html: bool = False
    model: str | None = None
    """The model's name, where `run` is the address of a server."""
    elsewhere: bool = False
    """Whether records may be sent to a server that is not on this machine."""
    patients: tuple[str, ...] = ()
    """Whose summaries are written, by id, the start of one, or name; all where it is empty."""


@dataclass(slots=True)
class Tally:
    """What became of all patients."""

    written: int = 0
    kept: int = 0
    """Those that an earlier call had written from the same record, model and day."""
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Patients without a summary, and why."""
    damaged: list[Path] = field(default_factory=list[Path])
    """Files in the place of a summary that were none, and were written anew."""
    findings: Counter[str] = field(default_factory=Counter[str])
    omissions: int = 0
    removed: int = 0
    added: int = 0
    by_rule: int = 0
    long_ago: int = 0
    """Records that end long before the day."""
    untuned: str = ""
    """What the model was tuned for, where it was not for summaries."""
    unanswered: Counter[str] = field(default_factory=Counter[str])
    """Sections that the model failed to write, by cause; they are among those by rule."""
    seconds: float = 0.0
    tokens: int = 0
    account: Account = field(default_factory=Account)
    """What became of the records' files: whoever is in one that is broken has no summary."""

    def note(self, summary: store.Summary) -> None:
        """Count what is in a summary."""
        self.findings.update(finding.kind for finding in summary.audit.findings)
        self.omissions += len(summary.audit.omissions)
        self.removed += len(summary.removed)
        self.added += len(summary.added)
        self.by_rule += len(summary.by_rule)
        self.long_ago += bool(summary.long_ago)


def summarize(wish: Wish) -> tuple[str, int]:
    """Write what is missing of the summaries. What there is, in words; and the exit code: 2 where
    no patient has one, 1 where somebody's failed, else 0."""
    _refuse_numbers(wish)
    tally = Tally()
    source = folders.find(wish.records)
    if wish.out.exists() and not wish.out.is_dir():
        raise UserError(f"{wish.out}: is a file.", "Give a folder with --out.")
    records = (
        iter(find_patients(wish.records, wish.patients, tally.account))
        if wish.patients
        else folders.records_of(source, tally.account)
    )
    model = _model(wish)
    if isinstance(model, Model) and "patient_summary" not in model.tasks:
        told = ", ".join(model.tasks)
        tally.untuned = f"{wish.run} was tuned for the task {told}, not for summaries."
    job = _job(wish, model)
    out = wish.out.absolute()
    with held(out):
        seen = 0
        for chunk in writing.in_chunks(records, CHUNK):
            _write_chunk(chunk, wish, job, model, tally)
            seen += len(chunk)
        if not seen:
            cure = folders.first_refused(tally.account) or "Look at `osler records import FOLDER`."
            raise UserError(f"{wish.records}: no patients.", cure)
        if not wish.patients:
            tally.failed += [(one, "its record is damaged") for one in tally.account.damaged]
            seen += len(tally.account.damaged)
        if model is not None:
            tally.seconds, tally.tokens = model.seconds, model.tokens
        write_json(wish.out / store.REPORT, _report(wish, job, tally, seen), private=True)
        if wish.html or (wish.out / INDEX).is_file():  # pages that are there stay true
            write_pages(wish.out, source, tally.failed)
    none = not tally.written and not tally.kept
    code = 2 if none else 1 if tally.failed else 0
    return "\n".join(_told(wish, tally, seen)), code


def _refuse_numbers(wish: Wish) -> None:
    for flag, number, least in (("--tries", wish.tries, 0), ("--batch-size", wish.batch_size, 1)):
        if number < least:
            raise UserError(f"{flag} {number}: too few.", f"Give {least} or more.")


def _model(wish: Wish) -> Model | Served | None:
    """What writes the sections; None for the draft by rule."""
    if wish.run == store.DRAFT:
        return None
    if is_address(wish.run):
        return Served(wish)
    return Model(wish.run, wish.batch_size)


def _job(wish: Wish, model: Model | Served | None) -> writing.Job:
    if model is None:
        maker = store.Maker(store.DRAFT, osler=own_version())
        return writing.Job(wish.template, maker, 10**9, lambda texts: [0] * len(texts))
    return writing.Job(wish.template, model.maker, model.length, model.count, wish.tries)


def _write_chunk(
    chunk: Sequence[Record],
    wish: Wish,
    job: writing.Job,
    model: Model | Served | None,
    tally: Tally,
) -> None:
    """The summaries of some patients; one that fails is told of, and the rest go on."""
    cases: list[writing.Case] = []
    torn: set[Path] = set()
    for record in chunk:
        county = wish.county.of(record.person)
        there = None if wish.force else _kept(record, county, wish, job, tally, torn)
        if there is not None:
            tally.kept += 1
            tally.note(there)
            continue
        try:
            make = writing.by_rule if model is None else writing.open_case
            cases.append(make(record, wish.on, job, county))
        except ValueError as fault:
            tally.failed.append((record.person.id, str(fault)))
    if model is not None:
        writing.write_all(cases, job, model)
    for case in progress(cases, "audits"):
        if case.failed:
            tally.failed.append((case.record.person.id, case.failed))
            continue
        tally.unanswered.update(case.unanswered.values())
        summary = writing.close(case, job, now(), tally.account.absent)
        path = store.write(wish.out, summary)
        tally.written += 1
        tally.damaged += [path] if path in torn else []
        tally.note(summary)


def _kept(
    record: Record,
    county: tuple[str, ...],
    wish: Wish,
    job: writing.Job,
    tally: Tally,
    torn: set[Path],
) -> store.Summary | None:
    """The summary that would be written, where it is there, with an answer for every section. A
    file that is none goes to `torn`."""
    path = wish.out / store.file_name(record.person.id)
    if not path.is_file():
        return None
    try:
        there = store.read(path)
    except store.Damaged:
        torn.add(path)
        return None
    same = (
        there.record_digest == folders.digest(record)
        and there.as_of == wish.on
        and there.made_by == job.made_by
        and there.template_digest == job.template.digest
        and there.county == county
        and there.absent == tuple(tally.account.absent)
        and not there.unanswered
    )
    return there if same else None


class Model:
    """The tuned model of a run, as what writes sections."""

    def __init__(self, name: str, batch_size: int) -> None:
        from osler.commands.environment import set_for
        from osler.commands.stages import refuse_untuned
        from osler.runs import run_named

        run = run_named(name)
        set_for(run.recipe)
        refuse_untuned(run)
        self.tasks = run.recipe.tasks
        from osler.model import load_tokenizer, load_tuned
        from osler.template import counter

        self.run, self.batch_size = run, batch_size
        self.model = load_tuned(run)
        self.tokenizer = load_tokenizer(run.recipe.model, run.recipe_folder)
        self.seconds, self.tokens = 0.0, 0
        self.count = counter(self.tokenizer)
        limit = getattr(self.model.config, "max_position_embeddings", None)
        self.length = min(run.recipe.data.max_length, limit or run.recipe.data.max_length)
        self.maker = store.Maker(
            run.recipe.name, file_digest(run.tuned_weights),
            file_digest(run.path / "recipe.lock.json"), own_version(),
        )  # fmt: skip

    def __call__(self, asks: Sequence[writing.Ask]) -> list[writing.Reply]:
        """Write sections; those that are asked for again are drawn."""
        from osler.prompts import system_of
        from osler.serve.refill import Request, fill
        from osler.template import encode, render_prompt, with_system

        system = system_of(self.run.recipe, self.run.path, "patient_summary")
        texts = [
            render_prompt(self.tokenizer, with_system(ask.prompt.messages, system)) for ask in asks
        ]
        requests = [
            Request(ids, ask.prompt.section.max_tokens, _sampling(ask.seed))
            for ids, ask in zip(encode(self.tokenizer, texts), asks, strict=True)
        ]
        begun = time.monotonic()
        answers = fill(
            self.model, self.tokenizer, requests, batch_size=self.batch_size, label="sections"
        )
        self.seconds += time.monotonic() - begun
        self.tokens += sum(answer.n_tokens for answer in answers)
        return [writing.Reply(answer.text, answer.stopped) for answer in answers]


class Served:
    """A server's model, as what writes sections. Its tokens are estimated from characters."""

    length = 16_384
    """Tokens that such a server's model surely reads, prompt and answer together."""

    def __init__(self, wish: Wish) -> None:
        self.write = endpoint(wish.run, wish.model, wish.batch_size, elsewhere=wish.elsewhere)
        where = "on this machine" if is_local(wish.run) else f"sent to {wish.run}"
        self.maker = store.Maker(f"{wish.model} ({where})", osler=own_version())
        self.seconds, self.tokens = 0.0, 0

    def count(self, texts: Sequence[str]) -> list[int]:
        """A token for three characters, which is more than most tokenizers make."""
        return [len(text) // 3 + 1 for text in texts]

    def __call__(self, asks: Sequence[writing.Ask]) -> list[writing.Reply]:
        """Write sections."""
        return self.write(asks)


def _sampling(seed: int | None) -> Any:
    """Greedy at first; drawn when a section is written anew."""
    from osler.serve.generate import Sampling

    return None if seed is None else Sampling(seed=seed)


def _report(wish: Wish, job: writing.Job, tally: Tally, patients: int) -> dict[str, Any]:
    return {
        "patients": patients, "as_of": str(wish.on), "made_by": job.made_by.name,
        "written": tally.written, "kept": tally.kept,
        "failed": [{"patient": one, "why": why} for one, why in tally.failed],
        "damaged": [path.name for path in tally.damaged],
        "places_not_read": len(tally.account.refused),
        "records_damaged": len(tally.account.damaged),
        "lacking": tally.account.absent,
        "findings": dict(tally.findings), "omissions": tally.omissions,
        "sections_not_answered": dict(tally.unanswered),
        "removed": tally.removed, "added": tally.added, "sections_by_rule": tally.by_rule,
        "tokens": tally.tokens, "seconds": round(tally.seconds, 1), "time": now(),
    }  # fmt: skip


def _told(wish: Wish, tally: Tally, patients: int) -> Iterator[str]:
    yield (
        f"{counted(patients, 'patient')} as of {wish.on}: {tally.written:,} written, "
        f"{tally.kept:,} were there, {len(tally.failed):,} failed; in {wish.out}"
    )
    for patient, why in tally.failed:
        yield f"  failed  {patient}: {why}"
    for path in tally.damaged:
        kept = path.parent / store.OLDER
        yield f"  damaged {path}: was no summary; written anew, and what it was is in {kept}"
    if not tally.written and not tally.kept:
        return
    if tally.seconds:
        rate = tally.tokens / tally.seconds
        yield f"{tally.tokens:,} tokens in {tally.seconds:,.0f} s, {rate:,.0f} a second"
    if wish.run != store.DRAFT:
        yield (
            f"Taken out after {wish.tries} tries: {counted(tally.removed, 'sentence')}. Added by "
            f"rule: {counted(tally.added, 'block')}. Written by rule: "
            f"{counted(tally.by_rule, 'section')}."
        )
    for why, count in tally.unanswered.most_common():
        yield f"{count:,} of these sections by rule for lack of an answer: {why}"
    found = ", ".join(f"{kind} {n:,}" for kind, n in tally.findings.most_common())
    found = found or "nothing that the audit finds"
    yield f"Left in them: {found}; {counted(tally.omissions, 'omission')}."
    yield from shortfall(tally.account)
    if tally.long_ago:
        yield f"{tally.long_ago:,} of the records end two years or more before {wish.on}."
    if tally.untuned:
        yield tally.untuned
    if wish.county.said():
        yield wish.county.said()
    yield "Every summary must be checked by a clinician before anyone acts on it."
