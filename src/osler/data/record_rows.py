"""Patients' records -> rows: one for each section of each patient's summary.

The reference of a row is held against the record before it may teach: what fails the audit, or
leaves out what must be told, is set aside with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from osler.data.advice_rows import advice_rows
from osler.data.tables import Ask
from osler.errors import DataError
from osler.records import folder as folders
from osler.records.account import Account
from osler.records.record import Record
from osler.records.render import Part, render
from osler.records.view import last_day, view
from osler.rows import Dropped, Message, Row, content_id
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import Ledger, ledger
from osler.summaries.draft import write
from osler.summaries.held import Held
from osler.summaries.policy import audit_of, completed
from osler.summaries.prompts import Prompt, prompts
from osler.summaries.references import References, open_references
from osler.summaries.template import Template, load_template
from osler.summaries.text import Written

if TYPE_CHECKING:
    from osler.recipe_sources import CohortSource, RecordsSource


@dataclass(frozen=True, slots=True)
class Setup:
    """What all rows of a source have in common."""

    template: Template
    references: References
    on: date | None
    ask: Ask
    name: str


def read_records(source: RecordsSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of imported records, CSV tables or FHIR bundles."""
    _refuse_text(ask)
    folder = ask.folder / source.path
    setup = Setup(
        _template(source.template, ask),
        open_references(source.references, ask.folder, ask.setting),
        date.fromisoformat(source.as_of) if source.as_of else None, ask, Path(source.path).name,
    )  # fmt: skip
    account = Account()
    for number, record in enumerate(folders.records_of(folders.find(folder), account), 1):
        yield from _rows(record, setup, f"{setup.name}: patient {number}")
    for line in account.damaged.values():
        raise DataError(line)  # a training on fewer patients than were imported is another one
    for remark in account.refused:
        yield Dropped(content_id(str(remark)), setup.name, remark.place, remark.reason)


def read_cohort(source: CohortSource, ask: Ask) -> Iterator[Row | Dropped]:
    """Rows of people who never were."""
    from osler.records.synthetic.cohort import cohort

    _refuse_text(ask)
    setup = Setup(_template(source.template, ask), References(None), None, ask, "cohort")
    for number, record in enumerate(cohort(source.patients, source.seed), 1):
        yield from _rows(record, setup, f"cohort: patient {number}")


def _refuse_text(ask: Ask) -> None:
    if ask.objective == "pretrain":
        raise DataError(
            f"{ask.setting}: records are asked for summaries, and are no plain text.",
            "Set train.objective: sft, or choose another source.",
        )


def _template(path: str | None, ask: Ask) -> Template:
    return load_template(ask.folder / path if path else None)


def _rows(record: Record, setup: Setup, place: str) -> Iterator[Row | Dropped]:
    """A row for every section of which something is recorded; for advice, the one of a report."""
    patient = record.person.id
    on = setup.on or last_day(record)
    try:
        seen = view(record, on)
    except ValueError as fault:
        yield Dropped(content_id(patient), setup.name, place, str(fault))
        return
    parts = render(seen)
    if setup.ask.task == "advice":
        yield from advice_rows(parts, patient, place, setup.name)
        return
    held = ledger(seen)
    fed = {part.name: part for part in parts}
    by_rule = {section.title: write(section, fed) for section in setup.template.sections}
    texts = setup.references.of(patient) if setup.references.folder else by_rule
    short = _leaving_out(texts, parts, held, setup) if setup.references.folder else {}
    asked = prompts(parts, setup.template, on, length=setup.ask.max_length, count=setup.ask.count)
    digest = folders.digest(record)[:16]
    setup.ask.records[digest] = msgspec.json.encode(
        Held(record, on, (), setup.template.model_dump(mode="json"))
    )
    for number, (title, prompt) in enumerate(asked.items(), 1):
        one = f"{place}, section {number}"
        own = content_id(patient, title, str(on), setup.template.digest)
        why = _why_not(prompt, texts, held, setup) or short.get(title, "")
        if why:
            yield Dropped(own, setup.name, one, why)
            continue
        extra: dict[str, object] = {"record": digest, "section": title}
        if setup.references.folder:
            extra["draft"] = by_rule[title]
        answer = (Message(role="assistant", content=texts[title]),)
        yield Row(
            id=own, group=patient, source=setup.name, place=one, prompt=prompt.messages,
            completion=answer, extra=extra,
        )  # fmt: skip


def _leaving_out(
    texts: dict[str, str], parts: tuple[Part, ...], held: Ledger, setup: Setup
) -> dict[str, str]:
    """By title, why a reference may not teach that tells nowhere what must be told there."""
    whole = [Written(one.title, texts.get(one.title, "")) for one in setup.template.sections]
    omitted = [id for one in audit(whole, held, setup.template).omissions for id in one.ids]
    everywhere = dict.fromkeys((one.title for one in whole), omitted)
    _, added = completed(whole, everywhere, parts, setup.template)
    return {one.title: "the reference leaves out what must be told" for one in added}


def _why_not(prompt: Prompt, texts: dict[str, str], held: Ledger, setup: Setup) -> str:
    """Why a reference may not teach; empty where it may."""
    text = texts.get(prompt.section.title, "")
    if not text.strip():
        return "no reference for this section"
    if not prompt.fitted.fits:
        return "what must be told does not fit data.max_length"
    if setup.ask.count([text])[0] > prompt.section.max_tokens:
        return "the reference is longer than max_tokens of its section"
    found = audit_of(prompt.section, text, held)
    if found.findings:
        counts = Counter(finding.kind for finding in found.findings)
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        return f"the reference fails the audit: {kinds}"
    return ""
