"""The index of all pages: who has a summary, and what the check says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from osler.records.view import View
from osler.summaries.page.paper import age_of, name_of, page_name, render
from osler.summaries.page.sentences import SEVERITIES, findings, severity
from osler.summaries.page.series import groups, notable
from osler.summaries.store import Summary


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in the index; `row` and `failed` make one."""

    patient: str
    name: str = ""
    age: str = ""
    """Or the death, where `dead`."""
    dead: bool = False
    sex: str = ""
    as_of: str = ""
    written_at: str = ""
    made_by: str = ""
    findings: dict[str, int] = field(default_factory=dict[str, int])
    """By severity."""
    omissions: int = 0
    removed: int = 0
    left_out: int = 0
    """Lines of the record that did not fit what the writer read."""
    out_of_range: int = 0
    """Labs and vital signs that are so at the latest look, or by which something was found."""
    failed: str = ""
    """Why there is no summary; empty where there is one."""

    @property
    def href(self) -> str:
        """The patient's page, relative to the index."""
        return "" if self.failed else quote(page_name(self.patient))

    @property
    def clean(self) -> bool:
        """Whether there is a summary, and nothing was found wrong with it."""
        return not (self.failed or self.omissions or any(self.findings.values()))

    @property
    def order(self) -> tuple[object, ...]:
        """What sorts rows: failures, then the most and most severe findings, then by name."""
        counts = [-self.findings.get(name, 0) for name in SEVERITIES]
        return not self.failed, counts[0] - self.omissions, *counts[1:], self.name, self.patient


def row(summary: Summary, seen: View) -> Row:
    """A patient with a summary."""
    found = Counter(severity(finding) for finding, _ in findings(summary.audit))
    maker = summary.made_by.name + (" (by rule)" if summary.made_by.by_rule else "")
    return Row(
        summary.patient, name_of(seen), age_of(seen), seen.dead, seen.person.sex,
        str(summary.as_of), summary.written_at, maker,
        {name: found[name] for name in SEVERITIES if found[name]},
        len(summary.audit.omissions), len(summary.removed), sum(summary.left_out.values()),
        len(notable(groups(seen))),
    )  # fmt: skip


def failed(patient: str, why: str, seen: View | None = None) -> Row:
    """A patient without one, and the reason."""
    if seen is None:
        return Row(patient, failed=why)
    return Row(
        patient, name_of(seen), age_of(seen), seen.dead, seen.person.sex, str(seen.on), failed=why
    )  # fmt: skip


def index(rows: Iterable[Row]) -> str:
    """The page of all patients: those that need a look come first."""
    ordered = sorted(rows, key=lambda one: one.order)
    severities: Counter[str] = Counter()
    for one in ordered:
        severities.update(one.findings)
    return render(
        "index.html.j2",
        rows=ordered,
        days=sorted({one.as_of for one in ordered if one.as_of}),
        makers=sorted({one.made_by for one in ordered if one.made_by}),
        written_at=max((one.written_at for one in ordered), default=""),
        failures=sum(bool(one.failed) for one in ordered),
        clean=sum(one.clean for one in ordered),
        severities={name: severities[name] for name in SEVERITIES if severities[name]},
        omissions=sum(one.omissions for one in ordered),
        removed=sum(one.removed for one in ordered),
        left_out=sum(one.left_out for one in ordered),
    )
