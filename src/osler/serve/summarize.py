"""Summaries of patients by a model: section by section, audited, mended by a stated policy.

The headings are the template's, so that order and presence hold by construction; a section for
which nothing is recorded is not asked for. All patients' sections share the batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from osler.records.fit import Count
from osler.records.folder import digest
from osler.records.record import Record
from osler.records.remarks import long_ago
from osler.records.render import Part, render
from osler.records.view import view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import Ledger, ledger
from osler.summaries.draft import draft, write
from osler.summaries.policy import (
    audit_of,
    cleared,
    completed,
    counted,
    failing,
    lacking,
    says_nothing,
    uncounted,
)
from osler.summaries.prompts import Prompt, prompts
from osler.summaries.store import Maker, Removed, Summary
from osler.summaries.template import EMPTY, Section, Template
from osler.summaries.text import Written


@dataclass(frozen=True, slots=True)
class Ask:
    """A section to be written: greedily at first, drawn with a seed of its own later."""

    prompt: Prompt
    seed: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote. `ended`: it ended by itself. `failed`: why there is no answer."""

    text: str
    ended: bool
    failed: str = ""


Write = Callable[[Sequence[Ask]], list[Reply]]
"""A model: sections asked for -> sections written, in the same order."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all summaries of a run have in common."""

    template: Template
    made_by: Maker
    length: int
    """The most tokens of prompt and answer."""
    count: Count
    tries: int = 2
    """How often a section with a sentence that fails the audit is written anew."""


@dataclass(slots=True)
class Case:
    """A patient while the summary is being written."""

    record: Record
    on: date
    parts: tuple[Part, ...]
    ledger: Ledger
    prompts: dict[str, Prompt]
    county: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict[str, str])
    wrong: dict[str, dict[str, tuple[str, ...]]] = field(
        default_factory=dict[str, dict[str, tuple[str, ...]]]
    )
    """By section: sentences that fail, and why."""
    tried: dict[str, int] = field(default_factory=dict[str, int])
    by_rule: list[str] = field(default_factory=list[str])
    unanswered: dict[str, str] = field(default_factory=dict[str, str])
    """By section: why no answer came; it is written by rule."""

    @property
    def failed(self) -> str:
        """Why nothing of it is the model's; empty where something is, or nothing was asked."""
        return "" if self.tried else next(iter(self.unanswered.values()), "")


def open_case(record: Record, on: date, job: Job, county: Sequence[str] = ()) -> Case:
    """A patient's prompts and evidence. ValueError for a day before the birth."""
    seen = view(record, on)
    parts = render(seen, county)
    asked = prompts(parts, job.template, on, length=job.length, count=job.count)
    return Case(record, on, parts, ledger(seen, county), asked, tuple(county))


def by_rule(record: Record, on: date, job: Job, county: Sequence[str] = ()) -> Case:
    """A patient whose summary is the draft by rule."""
    seen = view(record, on)
    parts = render(seen, county)
    case = Case(record, on, parts, ledger(seen, county), {}, tuple(county))
    case.texts = {one.title: one.text for one in draft(parts, job.template)}
    return case


def write_all(cases: Sequence[Case], job: Job, model: Write) -> None:
    """Fill in the texts of all cases; sections with a sentence that fails are written anew."""
    waiting: list[tuple[Case, Section]] = []
    for case in cases:
        by_name = {part.name: part for part in case.parts}
        for section in job.template.sections:
            prompt = case.prompts.get(section.title)
            if prompt is None:
                case.texts[section.title] = EMPTY
            elif not prompt.fitted.fits:
                case.texts[section.title] = write(section, by_name)
                case.by_rule.append(section.title)
            else:
                waiting.append((case, section))
    for attempt in range(job.tries + 1):
        replies = model([_ask(case, section, attempt) for case, section in waiting])
        for (case, section), reply in zip(waiting, replies, strict=True):
            if not reply.failed:
                _take(case, section, reply, attempt)
            elif attempt == 0:
                case.texts[section.title] = ""
                case.unanswered[section.title] = reply.failed
        waiting = [(case, section) for case, section in waiting if case.wrong.get(section.title)]
        if not waiting:
            break


def _ask(case: Case, section: Section, attempt: int) -> Ask:
    seed = None
    if attempt:
        said = f"{case.record.person.id}\0{section.title}\0{attempt}".encode()
        seed = int.from_bytes(hashlib.sha256(said).digest()[:4], "big")
    return Ask(case.prompts[section.title], seed)


CUT_OFF = "cut off at the longest length"


def _take(case: Case, section: Section, reply: Reply, attempt: int) -> None:
    """Keep a reply if it is the first, or has fewer sentences that fail."""
    text = uncounted(reply.text.strip())
    found = audit_of(section, text, case.ledger)
    wrong = failing(found)
    if not reply.ended and found.sentences:
        wrong.setdefault(found.sentences[-1].text, (CUT_OFF,))
    if not text or says_nothing(text):
        wrong[""] = ("empty answer",)  # something is recorded, or it had not been asked for
    case.tried[section.title] = attempt
    before = case.wrong.get(section.title)
    if before is None or len(wrong) < len(before):
        case.texts[section.title] = text
        case.wrong[section.title] = wrong


def close(case: Case, job: Job, written_at: str, absent: Sequence[str] = ()) -> Summary:
    """The summary: what fails is taken out, what must be told is added, the whole is audited."""
    removed: list[Removed] = []
    sections: list[Written] = []
    for section in job.template.sections:
        text, gone = _mended(section, case)
        removed += gone
        if not text or (section.title in case.prompts and says_nothing(text)):
            text = _fallback(section, case)
            case.by_rule.append(section.title)
        sections.append(Written(section.title, text))
    found = audit(sections, case.ledger, job.template)
    sections, added = completed(
        sections, lacking(found, case.ledger, job.template), case.parts, job.template
    )
    if added:
        found = audit(sections, case.ledger, job.template)
    whole = counted(sections, found, case.ledger, job.template)
    if whole != sections:
        found = audit(whole, case.ledger, job.template)
    return Summary(
        case.record.person.id, case.on, tuple(whole), found,
        job.made_by, digest(case.record), job.template.digest, written_at, tuple(removed),
        tuple(added), _left_out(case), tuple(dict.fromkeys(case.by_rule)), case.county,
        tuple(case.unanswered), tuple(absent), long_ago(case.ledger.seen),
    )  # fmt: skip


def _mended(section: Section, case: Case) -> tuple[str, list[Removed]]:
    """A section's text without what fails, and without what fails when that is gone, as a medicine
    does that was under `Past medicines:`. Nothing where the section fails as a whole."""
    text, removed = case.texts[section.title], list[Removed]()
    wrong = case.wrong.get(section.title, {})
    tried = case.tried.get(section.title, 0)
    while wrong:
        removed += (Removed(section.title, said, why, tried) for said, why in wrong.items() if said)
        if "" in wrong:
            return "", removed
        before, text = text, cleared(text, wrong)
        wrong = failing(audit_of(section, text, case.ledger)) if text and text != before else {}
    return text, removed


def _fallback(section: Section, case: Case) -> str:
    """A section of which nothing was left, or that says so of what is recorded, by rule."""
    return write(section, {part.name: part for part in case.parts})


def _left_out(case: Case) -> dict[str, int]:
    """Lines that no prompt showed, by part."""
    shown: dict[str, set[str]] = {}
    for prompt in case.prompts.values():
        for part in prompt.fitted.parts:
            shown.setdefault(part.name, set()).update(line.text for line in part.lines)
    found: dict[str, int] = {}
    for part in case.parts:
        count = sum(line.text not in shown.get(part.name, set()) for line in part.lines)
        if count and case.prompts:
            found[part.name] = count
    return found


def in_chunks(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    """Records in lists of at most `size`."""
    chunk: list[Record] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
