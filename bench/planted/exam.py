"""Audits clean and planted summaries and says what was found."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date

from osler.progress import progress
from osler.records.record import Record
from osler.records.view import View, view
from osler.summaries.audit.audit import audit
from osler.summaries.audit.evidence import Ledger, ledger
from osler.summaries.audit.result import Audit, Finding, Omission
from osler.summaries.template import Template
from osler.summaries.text import document, sections_of

from . import (
    fifth_plants,
    fourth_plants,
    plants_comfort,
    plants_frame,
    plants_more,
    plants_negation,
    plants_numbers,
    plants_words,
    wording,
)
from .drafted import drafted
from .plant import Plant, Planter, Subject
from .prose import WRITERS, Writers, prose
from .told import Summary, written

PLANTERS: dict[str, Planter] = {
    "drug": plants_words.drug,
    "dose": plants_numbers.dose,
    "number": plants_numbers.number,
    "date": plants_numbers.when,
    "allergy": plants_words.allergy,
    "section order": plants_frame.section,
    "code": plants_frame.code,
    "false reassurance": plants_comfort.reassurance,
    "negation": plants_negation.negation,
    "laterality": plants_words.laterality,
    "condition": plants_words.condition,
    "immunization": plants_more.vaccine,
    "encounter": plants_more.encounter,
    "demographic": plants_more.demographic,
    "foreign text": plants_frame.foreign,
    "repeat": plants_frame.repeat,
    "county figure": plants_frame.county,
}
OWN: dict[str, dict[str, Planter]] = {
    "fourth": fourth_plants.planters(PLANTERS, fourth_plants.MINE),
    "fifth": fourth_plants.planters(PLANTERS, fifth_plants.MINE),
}
"""Of a set of words that has its own ways of being wrong."""
OMISSION = "omission"
CLASSES = (*PLANTERS, OMISSION)

RIGHT = {
    "number": {"number", "lab", "vital", "demographic", "social", "immunization", "procedure",
               "condition", "county figure", "encounter"},
    "drug": {"drug", "unknown word"}, "condition": {"condition", "unknown word"},
    "dose": {"dose"}, "allergy": {"allergy", "negation"}, "section order": {"section", "repeat"},
    "negation": {"negation", "social", "lab", "immunization", "allergy", "omission"},
    "encounter": {"encounter", "date", "condition", "procedure"},
    "false reassurance": {"false reassurance"}, "county figure": {"county figure", "number"},
}  # fmt: skip
"""Names of findings that fit a class; without an entry the class has the finding's name."""

STRUCTURE = {"section order": {"section", "repeat"}, "code": {"code", "section"},
             "repeat": {"repeat"}}  # fmt: skip
"""Classes whose finding need not be of one sentence."""

KINDS = ("draft", "prose")


@dataclass(frozen=True)
class Case:
    """A patient on a day, and all that is to be audited of him or her."""

    subject: Subject
    clean: tuple[Summary, ...]
    plants: list[tuple[int, Plant]] = field(default_factory=list)
    """With the place of the clean summary each was planted into."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A clean sentence that was flagged, or a finding of a clean text that is of no sentence."""

    text_kind: str
    kind: str
    section: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class CleanResult:
    """What the audit said of one clean text."""

    text_kind: str
    sentences: int
    flagged: int
    alarms: tuple[Alarm, ...]
    omissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlantResult:
    """Whether one plant was found, and as what."""

    kind: str
    way: str
    text_kind: str
    section: str
    before: str
    after: str
    found: bool
    as_kinds: tuple[str, ...]
    why: str

    @property
    def right(self) -> bool:
        """Whether a finding has the name of the class."""
        return bool(set(self.as_kinds) & RIGHT.get(self.kind, {self.kind}))


@dataclass(frozen=True)
class Plan:
    """What is made of whom."""

    template: Template
    seed: int
    each: int
    variants: int
    only: tuple[str, ...] = CLASSES
    writers: Writers = field(default_factory=lambda: WRITERS["first"])


def text_of(summary: Summary) -> str:
    """As it would stand in a file."""
    return document([written(part) for part in summary.parts])


def case_of(record: Record, on: date, county: tuple[str, ...], plan: Plan) -> Case:
    """The clean summaries of a patient: the draft, and as many in prose as asked for."""
    seen = view(record, on)
    drafts = [drafted(seen, plan.template, county)]
    texts = [
        prose(seen, plan.template, plan.seed + n, county, plan.writers)
        for n in range(plan.variants)
    ]
    return Case(Subject(seen, county), (*drafts, *texts))


def plant_all(cases: Sequence[Case], plan: Plan) -> None:
    """`plan.each` plants of each class into each kind of text, spread over the patients."""
    for kind in plan.only:
        for text_kind in KINDS:
            _plant(cases, plan, kind, text_kind)


def _plant(cases: Sequence[Case], plan: Plan, kind: str, text_kind: str) -> None:
    rng = random.Random(f"{plan.seed}:{kind}:{text_kind}")
    made, barren, seen = 0, 0, set[str]()
    while made < plan.each and barren < 6 * len(cases) + 200:
        for case in rng.sample(cases, len(cases)):
            if made >= plan.each:
                break
            places = [i for i, one in enumerate(case.clean) if one.kind == text_kind]
            at = rng.choice(places)
            plant = _one(rng, case, at, kind, plan)
            key = plant and f"{id(case)}:{plant.kind}:{text_of(plant.summary)}"
            if plant is None or key is None or key in seen:
                barren += 1
                continue
            seen.add(key)
            case.plants.append((at, plant))
            made += 1


def _one(rng: random.Random, case: Case, at: int, kind: str, plan: Plan) -> Plant | None:
    if kind != OMISSION:
        return (PLANTERS | OWN.get(wording.used(), {}))[kind](rng, case.subject, case.clean[at])

    def write(seen: View) -> Summary:
        if case.clean[at].kind == "draft":
            return drafted(seen, plan.template, case.subject.county)
        return prose(seen, plan.template, plan.seed + at - 1, case.subject.county, plan.writers)

    return plants_frame.omission(rng, case.subject, case.clean[at], write)


# -- what the audit says


def examine(case: Case, template: Template) -> tuple[list[CleanResult], list[PlantResult]]:
    """All texts of a case."""
    book = ledger(case.subject.seen, case.subject.county)
    audits = [_audited(one, book, template) for one in case.clean]
    clean = [_clean(one, done) for one, done in zip(case.clean, audits, strict=True)]
    planted = [
        _planted(case.clean[at].kind, plant, audits[at], _audited(plant.summary, book, template))
        for at, plant in case.plants
    ]
    return clean, planted


def _audited(summary: Summary, book: Ledger, template: Template) -> Audit:
    """An audit that fails has found nothing; it is counted, and the others go on."""
    try:
        return audit(sections_of(text_of(summary)), book, template)
    except Exception as fault:
        place = traceback.extract_tb(fault.__traceback__)[-1]
        why = f"{type(fault).__name__} in {place.name}, line {place.lineno}"
        return Audit((), (), (Omission(FAILED, why, ()),))


FAILED = "audit failed"


def _plain(text: str) -> str:
    return re.sub(r"[^\w%./<>-]+", " ", text).strip(" .-").lower()


def touches(finding: Finding, section: str, text: str) -> bool:
    """Whether a finding is of this sentence, or of a piece of it."""
    one, other = _plain(finding.text), _plain(text)
    if finding.section.lower() != section.lower() or not one or not other:
        return False
    return one in other or other in one


def _clean(summary: Summary, done: Audit) -> CleanResult:
    sentences = [(part.title, told) for part in summary.parts for told in part.told]
    flagged: set[int] = set()
    alarms: list[Alarm] = []
    for finding in done.findings:
        hits = [n for n, (title, one) in enumerate(sentences) if touches(finding, title, one.text)]
        exact = [n for n in hits if _plain(sentences[n][1].text) == _plain(finding.text)]
        flagged.update((exact or hits)[:1])
        alarms.append(Alarm(summary.kind, finding.kind, finding.section, finding.text, finding.why))
    missed = tuple(f"{one.kind}: {one.name}" for one in done.omissions)
    if any(one.kind == FAILED for one in done.omissions):
        return CleanResult(summary.kind, 0, 0, (), missed)
    return CleanResult(summary.kind, len(sentences), len(flagged), tuple(alarms), missed)


def _planted(text_kind: str, plant: Plant, before: Audit, after: Audit) -> PlantResult:
    failed = next((o.name for o in after.omissions if o.kind == FAILED), "")
    if failed:
        return _result(text_kind, plant, (), f"{FAILED}: {failed}")
    known = Counter((f.kind, f.section, _plain(f.text)) for f in before.findings)
    old = {(f.kind, f.why) for f in before.findings if touches(f, plant.section, plant.before)}
    if plant.kind == OMISSION:
        had = {one.ids for one in before.omissions}
        hits = [o for o in after.omissions if o.ids not in had and set(o.ids) & set(plant.missing)]
        kinds, why = tuple(OMISSION for _ in hits), "; ".join(o.name for o in hits)
        return _result(text_kind, plant, kinds, why)
    new: list[Finding] = []
    for finding in after.findings:
        key = (finding.kind, finding.section, _plain(finding.text))
        if known[key] > 0:
            known[key] -= 1
        else:
            new.append(finding)
    wanted = STRUCTURE.get(plant.kind, set[str]())
    hits = [
        f for f in new
        if f.kind in wanted
        or (touches(f, plant.section, plant.after) and (f.kind, f.why) not in old)
    ]  # fmt: skip
    return _result(text_kind, plant, tuple(f.kind for f in hits), "; ".join(f.why for f in hits))


def _result(text_kind: str, plant: Plant, kinds: tuple[str, ...], why: str) -> PlantResult:
    return PlantResult(
        plant.kind, plant.way, text_kind, plant.section, plant.before, plant.after,
        bool(kinds), kinds, why,
    )  # fmt: skip


# -- over processes

_CASES: list[Case] = []
_TEMPLATE: list[Template] = []


def _examine(at: int) -> tuple[list[CleanResult], list[PlantResult]]:
    return examine(_CASES[at], _TEMPLATE[0])


def examine_all(
    cases: Sequence[Case], template: Template, workers: int
) -> Iterator[tuple[list[CleanResult], list[PlantResult]]]:
    """All cases, in their order; the processes are forked, so that nothing has to be sent."""
    _CASES[:], _TEMPLATE[:] = cases, [template]
    if workers < 2:
        yield from map(_examine, progress(range(len(cases)), "patients"))
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        done: Iterable[tuple[list[CleanResult], list[PlantResult]]] = pool.map(
            _examine, range(len(cases))
        )
        yield from progress(done, "patients", len(cases))


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
