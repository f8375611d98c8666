"""How much of what is wrong in a summary does the audit find, and how often is it wrong itself?

Writes clean summaries of patients, by the draft's rule and in a clinician's words, plants errors of
many classes into them, one at a time, and audits each. A plant counts as found if the audit says
something of the planted sentence that it did not say before. The claim: at least 99 % found where
the record decides (drug, dose, number, date, allergy, section order, code, false reassurance), 90 %
for negation and laterality, and at most 1 % of clean sentences flagged.

    osler records synthesize --patients 200 --seed 7 --out cohort
    python bench/planted_errors.py --records cohort/fhir --out bench/results/planted_errors.json
    python bench/planted_errors.py --records cohort/fhir --show date    # what was not found
    python bench/planted_errors.py --records cohort/fhir --show clean   # false alarms
    python bench/planted_errors.py --records cohort/fhir --time

Whoever mends the audit by what `--show` tells mends it for those words. `--wording first`, `second`
(short sentences), `third` (terse notes) and `fourth` (a language model's sentences, and its own
ways of being wrong) are for mending: each has its own writer and its own errors, and may be shown.
A wording that is not named in `wording.SHOWN` is kept back: it shows nothing, and is the
measurement to tell. Kept back is `fifth` (labelled lines and dictation), written by somebody who
had not seen the audit; the fourth's figures as a blind measurement are in RESULTS.md.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from osler.commands.county_lines import CountyLines
from osler.disk import write_json
from osler.evaluate.statistics import wilson_interval
from osler.progress import progress
from osler.records.account import Account
from osler.records.folder import find, records_of
from osler.records.record import Record
from osler.records.view import last_day
from osler.run import installed_versions, now
from osler.summaries.template import load_template
from planted import wording
from planted.exam import (
    CLASSES,
    FAILED,
    KINDS,
    Case,
    CleanResult,
    Plan,
    PlantResult,
    case_of,
    cores,
    examine_all,
    plant_all,
    text_of,
)
from planted.prose import WRITERS

TARGETS = {
    "drug": 0.99, "dose": 0.99, "number": 0.99, "date": 0.99, "allergy": 0.99,
    "section order": 0.99, "code": 0.99, "false reassurance": 0.99, "negation": 0.90,
    "laterality": 0.90,
}  # fmt: skip
ALARMS = 0.01


def main() -> int:
    """Exit code 1 where a target is missed."""
    asked = _arguments()
    started = perf_counter()
    wording.use(asked.wording)
    plan = Plan(
        load_template(), asked.seed, asked.each, asked.variants, tuple(asked.only),
        WRITERS[asked.wording],
    )  # fmt: skip
    people = list(_records(asked.records, asked.patients, asked.without))
    if not people:
        print("No patients in these folders.", file=sys.stderr)
        return 2
    days = [(r, day) for r in people for day in _days(r, asked.days)]
    counties = CountyLines(asked.places, None, None)
    cases = [
        case_of(r, day, counties.of(r.person), plan) for r, day in progress(days, "clean summaries")
    ]
    if asked.time:
        return _timed(cases, plan, asked.workers)
    plant_all(cases, plan)
    clean: list[CleanResult] = []
    planted: list[PlantResult] = []
    for some, others in examine_all(cases, plan.template, asked.workers):
        clean += some
        planted += others
    found = _figures(clean, planted, plan)
    found["failed"] = sum(p.why.startswith(FAILED) for p in planted)
    found["failed"] += sum(o.startswith(FAILED) for c in clean for o in c.omissions)
    found["reached"] = found["reached"] and not found["failed"]
    found |= {
        "patients": len(people), "texts": sum(len(case.clean) for case in cases),
        "with_county": sum(bool(case.subject.county) for case in cases), "days": asked.days,
        "seed": asked.seed, "each": asked.each,
        "wording": asked.wording, "prose_variants": asked.variants, "date": asked.date or now(),
        "seconds": round(perf_counter() - started, 1), "workers": asked.workers,
        "python": platform.python_version(), "versions": installed_versions(),
    }  # fmt: skip
    for what in asked.show:
        _show(what, clean, planted, asked.most)
    _print(found)
    if asked.out:
        write_json(asked.out, found)
    return 0 if found["reached"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    add = parser.add_argument
    add("--records", type=Path, action="append", required=True, metavar="FOLDER")
    add("--without", type=Path, action="append", default=[], metavar="FOLDER",
        help="leave out the patients of this folder")  # fmt: skip
    add("--places", type=Path, metavar="FOLDER", help="CDC PLACES; by default as fetched")
    add("--patients", type=int, default=0, metavar="N", help="the first N only")
    add("--days", type=int, default=1, metavar="N", help="so many days of each patient")
    add("--variants", type=int, default=3, metavar="N", help="so many texts in prose of each")
    add("--each", type=int, default=200, metavar="N", help="plants of a class and kind of text")
    add("--seed", type=int, default=0)
    add(
        "--wording",
        choices=wording.SETS,
        default="first",
        help="the words and the writer; those that may be shown are for mending",
    )
    add("--only", action="append", default=[], choices=CLASSES, metavar="CLASS")
    add("--workers", type=int, default=cores())
    add("--show", action="append", default=[], metavar="CLASS",
        choices=(*CLASSES, "clean", "all"),
        help="what was missed of it, or clean, or all")  # fmt: skip
    add("--most", type=int, default=40, metavar="N", help="show so many")
    add("--out", type=Path)
    add("--date", default="", help="written into the results; today without it")
    add("--time", action="store_true", help="audit 1,000 summaries and tell how long it took")
    asked = parser.parse_args()
    if asked.show and asked.wording not in wording.SHOWN:
        parser.error(
            f"the {asked.wording} wording is only counted: what was looked at can be mended for"
        )
    asked.only = asked.only or list(CLASSES)
    if "all" in asked.show:
        asked.show = [*asked.only, "clean"]
    return asked


def _records(folders: Sequence[Path], most: int, without: Sequence[Path]) -> Iterator[Record]:
    left_out = {r.person.id for f in without for r in records_of(find(f), Account())}
    count, seen = 0, set[str]()
    for folder in folders:
        for record in records_of(find(folder), Account()):
            if record.person.id in left_out | seen or (most and count >= most):
                continue
            seen.add(record.person.id)
            count += 1
            yield record


def _days(record: Record, count: int) -> Iterator[date]:
    """The last day of the record, and days some years before it."""
    last = last_day(record)
    born = record.person.born
    for n in range(count):
        day = date.fromordinal(last.toordinal() - n * 1371)
        if (day - born).days > 365 or n == 0:
            yield day


# -- figures


def _rate(hits: int, of: int) -> dict[str, Any]:
    low, high = wilson_interval(hits, of) if of else (0.0, 1.0)
    share = hits / of if of else None
    return {"n": of, "hits": hits, "share": share, "low": low, "high": high}


def _figures(
    clean: Sequence[CleanResult], planted: Sequence[PlantResult], plan: Plan
) -> dict[str, Any]:  # fmt: skip
    classes: dict[str, Any] = {}
    for kind in plan.only:
        own = [p for p in planted if p.kind == kind]
        ways = sorted({p.way for p in own})
        classes[kind] = {
            **_rate(sum(p.found for p in own), len(own)),
            "target": TARGETS.get(kind),
            "right_class": sum(p.right for p in own),
            "by_text": {
                text: _rate(sum(p.found for p in some), len(some))
                for text in KINDS if (some := [p for p in own if p.text_kind == text])
            },
            "by_way": {
                way: [sum(p.found for p in own if p.way == way),
                      sum(p.way == way for p in own)] for way in ways
            },
        }  # fmt: skip
    alarms: dict[str, Any] = {}
    for text in KINDS:
        some = [c for c in clean if c.text_kind == text]
        alarms[text] = {
            **_rate(sum(c.flagged for c in some), sum(c.sentences for c in some)),
            "texts": len(some),
            "texts_with_omissions": sum(bool(c.omissions) for c in some),
            "findings": dict(Counter(a.kind for c in some for a in c.alarms).most_common()),
        }
    reached = all(
        row["share"] is not None and row["share"] >= row["target"]
        for row in classes.values() if row["target"]
    ) and all((row["share"] or 0.0) <= ALARMS for row in alarms.values())  # fmt: skip
    return {"classes": classes, "clean": alarms, "reached": reached}


def _percent(rate: dict[str, Any]) -> str:
    if rate["share"] is None:
        return "–"
    return f"{100 * rate['share']:.1f} ({100 * rate['low']:.1f}–{100 * rate['high']:.1f})"


def _print(found: dict[str, Any]) -> None:
    table = Table(title=f"{found['patients']} patients, seed {found['seed']}")
    for column in ("planted", "n", "found, % (95 %)", "target", "draft, %", "prose, %", "class"):
        table.add_column(column, justify="left" if column == "planted" else "right")
    for kind, row in found["classes"].items():
        target = row["target"]
        miss = target and (row["share"] is None or row["share"] < target)
        by_text = [
            f"{100 * row['by_text'][text]['share']:.1f}" if text in row["by_text"] else "–"
            for text in KINDS
        ]
        named = f"{100 * row['right_class'] / row['hits']:.0f} %" if row["hits"] else "–"
        table.add_row(
            kind, str(row["n"]), _percent(row), f"{100 * target:.0f}" if target else "",
            *by_text, named, style="red" if miss else "",
        )  # fmt: skip
    console = Console(width=110)
    console.print(table)
    for text, row in found["clean"].items():
        bad = (row["share"] or 0) > ALARMS
        console.print(
            f"clean {text}: {row['hits']} of {row['n']} sentences flagged, {_percent(row)} %; "
            f"omissions told of {row['texts_with_omissions']} of {row['texts']} texts",
            style="red" if bad else "",
        )
    if found["failed"]:
        console.print(f"the audit failed on {found['failed']} texts", style="red")
    console.print(f"{found['seconds']} s on {found['workers']} processes")


def _show(
    what: str, clean: Sequence[CleanResult], planted: Sequence[PlantResult], most: int
) -> None:  # fmt: skip
    """To the terminal only; the texts are the patients'."""
    if what == "clean":
        _show_clean(clean, most)
        return
    missed = [p for p in planted if p.kind == what and not p.found]
    print(f"== {what}: {len(missed)} not found")
    for one in missed[:most]:
        print(f"[{one.text_kind}, {one.way}, {one.section}]")
        if one.before:
            print(f"   was: {one.before[:300]}")
        print(f"   now: {one.after[:300]}")
        if one.why:
            print(f"   {one.why}")


def _show_clean(clean: Sequence[CleanResult], most: int) -> None:
    alarms = [a for c in clean for a in c.alarms]
    print(f"== clean: {len(alarms)} findings")
    shown = Counter[tuple[str, str]]()
    for one in alarms:
        shown[one.text_kind, one.kind] += 1
        if shown[one.text_kind, one.kind] <= most:
            print(f"[{one.text_kind}, {one.kind}, {one.section}] {one.why}\n   {one.text[:300]}")
    left_out = Counter(f"[{c.text_kind}] {o}" for c in clean for o in c.omissions)
    print(f"== clean: {left_out.total()} omissions")
    for text, count in left_out.most_common(most):
        print(count, text)


# -- time


def _timed(cases: Sequence[Case], plan: Plan, workers: int) -> int:
    """1,000 summaries, with all that an audit needs; the records are read before."""
    texts = [one for case in cases for one in case.clean]
    many: list[Case] = []
    total = 0
    while total < 1000:
        for case in cases:
            if total < 1000:
                many.append(Case(case.subject, case.clean[: 1000 - total]))
                total += len(many[-1].clean)
    own = getrusage(RUSAGE_SELF)
    before, started = own.ru_utime + own.ru_stime, perf_counter()
    for _ in examine_all(many, plan.template, workers):
        pass
    seconds = perf_counter() - started
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    of_processor = sum(one.ru_utime + one.ru_stime for one in used) - before
    words = sum(len(text_of(one).split()) for one in texts) / len(texts)
    print(f"{total} summaries of {words:.0f} words audited in {seconds:.1f} s on {workers} "
          f"processes ({of_processor:.0f} s of processor; target 60 s on 2 cores)")  # fmt: skip
    return 0 if seconds <= 60 else 1


if __name__ == "__main__":
    sys.exit(main())
