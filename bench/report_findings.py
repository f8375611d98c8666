"""Is anything lost of a report? `python bench/report_findings.py [--patients 40] [--out FILE]`

Laboratory reports of people who never were are printed to PDF in several layouts, read as an
upload is, and looked through by rule. Counted are values out of range that were found on the right
page, values within range that were flagged all the same, and allergies. Without a flag or a range
beside the value only the shipped ranges for adults can tell, the widest of both sexes, so values
that are out of range for one sex or age alone are not asked for there.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fpdf import FPDF
from rich.console import Console
from rich.table import Table

from osler.disk import write_json
from osler.documents.read import read
from osler.evaluate.statistics import wilson_interval
from osler.progress import progress
from osler.records.ranges import Reference, age_days, flag, reference_for
from osler.records.record import Observation, Quantity, Record
from osler.records.synthetic.cohort import cohort
from osler.run import installed_versions, now
from osler.serve.documents.allergies import allergies
from osler.serve.documents.known import ADULT
from osler.serve.documents.writing import ByRule

SEED = 20261122
ROWS = 60
"""Results of a report at most: about two pages."""


@dataclass(frozen=True)
class Result:
    """A line of a report."""

    name: str
    value: str
    unit: str
    limits: str
    side: str
    known: bool
    """Whether the shipped ranges for any adult tell the side too."""


def results(record: Record) -> list[Result]:
    """The latest results whose range is known."""
    found: list[Result] = []
    for one in record.observations:
        value = one.value
        if not isinstance(value, Quantity) or one.category not in ("laboratory", "vital-signs"):
            continue
        age = age_days(record.person.born, one.start.day)
        reference = reference_for(one, record.person.sex, age)
        if reference is None or value.comparator or age < 18 * 366:
            continue
        side = flag(one, reference)
        alone = replace(one, reference=None)
        known = flag(alone, reference_for(alone, "unknown", ADULT)) == side
        shown = (
            f"{value.value:.{reference.decimals}f}" if reference.decimals else f"{value.value:g}"
        )
        if flag_of(one, shown, reference) != side:
            shown = f"{value.value:g}"
        found.append(
            Result(_latin(one.code.text), shown, value.unit, _limits(reference), side, known)
        )
    return found[-ROWS:]


def flag_of(one: Observation, shown: str, reference: Reference) -> str:
    """The side of a value as it is printed."""
    assert isinstance(one.value, Quantity)
    return flag(replace(one, value=replace(one.value, value=float(shown))), reference)


def _limits(reference: Reference) -> str:
    if reference.low is None:
        return f"<={reference.high:g}"
    if reference.high is None:
        return f">={reference.low:g}"
    return f"{reference.low:g}-{reference.high:g}"


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


# -- layouts -----------------------------------------------------------------------------------

Layout = Callable[[FPDF, list[Result]], None]


def _table(pdf: FPDF, rows: list[list[str]], borders: str) -> None:
    with pdf.table(borders_layout=borders, text_align="LEFT") as made:
        for row in rows:
            made.row(row)


def ranges_and_flags(pdf: FPDF, some: list[Result]) -> None:
    """A ruled table with ranges, and H or L."""
    rows = [["Test", "Result", "Units", "Reference", "Flag"]]
    rows += [[r.name, r.value, r.unit, r.limits, r.side[:1].upper()] for r in some]
    _table(pdf, rows, "ALL")


def ranges(pdf: FPDF, some: list[Result]) -> None:
    """Ranges in a table without rules."""
    rows = [["Component", "Value", "Range"]]
    rows += [[r.name, f"{r.value} {r.unit}", r.limits] for r in some]
    _table(pdf, rows, "NONE")


def lines(pdf: FPDF, some: list[Result]) -> None:
    """A line each: `Potassium: 5.9 mmol/L (3.5-5.1)`."""
    for r in some:
        pdf.cell(0, 5, f"{r.name}: {r.value} {r.unit} ({r.limits})", new_x="LMARGIN", new_y="NEXT")


def bare(pdf: FPDF, some: list[Result]) -> None:
    """Values and units alone."""
    _table(pdf, [["Test", "Result", "Unit"], *([r.name, r.value, r.unit] for r in some)], "ALL")


LAYOUTS: dict[str, Layout] = {
    "ranges and flags": ranges_and_flags, "ranges, no rules": ranges, "lines": lines, "bare": bare,
}  # fmt: skip


def report(record: Record, some: list[Result], layout: Layout) -> bytes:
    """The file."""
    pdf = FPDF()
    pdf.set_auto_page_break(True, 20)
    pdf.add_page()
    pdf.set_font("helvetica", "B", 15)
    pdf.cell(0, 10, "Laboratory report", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("helvetica", size=10)
    names = ", ".join(_latin(a.code.text) for a in record.allergies if not a.ended) or "none known"
    pdf.multi_cell(0, 5, f"Allergies: {names}", new_x="LMARGIN", new_y="NEXT")
    layout(pdf, some)
    return bytes(pdf.output())


# -- the measurement ---------------------------------------------------------------------------


def measure(record: Record, layout: str, counts: dict[str, Counter[str]]) -> None:
    """Read one report, and count what was found of it."""
    some = results(record)
    if not some:
        return
    paper = read("report.pdf", report(record, some, LAYOUTS[layout]))
    found = Counter((one.name.rstrip(":"), one.side) for one in ByRule.of(paper).out_of_range)
    tally = counts[layout]
    for r in some:
        if layout == "bare" and not r.known:
            continue
        if r.side:
            tally["out of range"] += 1
            tally["found"] += found[r.name, r.side] > 0
            found[r.name, r.side] -= 1
        else:
            tally["within"] += 1
    wrong = {name for (name, _), n in found.items() if n > 0}
    tally["flagged"] += sum(r.name in wrong for r in some if not r.side and r.known)
    wanted = [a for a in record.allergies if not a.ended]
    told = " ".join(one.text for one in allergies(paper)).lower()
    tally["allergies"] += len(wanted)
    tally["allergies found"] += sum(_latin(a.code.text).lower() in told for a in wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    random.seed(SEED)
    counts = {name: Counter[str]() for name in LAYOUTS}
    for record in progress(list(cohort(args.patients, SEED)), "reports"):
        for layout in LAYOUTS:
            measure(record, layout, counts)
    table = Table(title="Reports printed to PDF and read again")
    for column in ("layout", "out of range found", "%", "within range flagged", "%", "allergies"):
        table.add_column(column)
    rows = {}
    for name, c in counts.items():
        share, wrong = (_share(c["found"], c["out of range"]), _share(c["flagged"], c["within"]))
        table.add_row(name, f"{c['found']} of {c['out of range']}", share,
                      f"{c['flagged']} of {c['within']}", wrong,
                      f"{c['allergies found']} of {c['allergies']}")  # fmt: skip
        rows[name] = dict(c)
    Console().print(table)
    if args.out:
        write_json(args.out, {
            "command": f"python bench/report_findings.py --patients {args.patients}",
            "date": now(), "versions": installed_versions(), "layouts": rows,
        })  # fmt: skip


def _share(hits: int, of: int) -> str:
    if not of:
        return ""
    low, high = wilson_interval(hits, of)
    return f"{100 * hits / of:.1f} ({100 * low:.1f}–{100 * high:.1f})"


if __name__ == "__main__":
    main()
