"""A patient's page: one HTML file without a script that asks nothing of any network.

All text of the record and of the summary is data: it is escaped, it is never a class, a style or
an address.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from osler.records import phrases
from osler.records.record import Allergy
from osler.records.remarks import unknown_then
from osler.records.render import PARTS
from osler.records.view import Course, View
from osler.summaries.page import charts
from osler.summaries.page.entries import Entries
from osler.summaries.page.lines import Laid, Piece, lay_out
from osler.summaries.page.paper import age_of, name_of, render
from osler.summaries.page.sentences import SEVERITIES, Book, Shown, Wrong
from osler.summaries.page.series import Chart, groups, notable
from osler.summaries.page.timeline import timeline
from osler.summaries.store import Summary


def page(summary: Summary, seen: View) -> str:
    """The page of a summary; `seen` is the record that it was made from, on its day.

    ValueError where the record is of another patient, or of another day.
    """
    if (summary.patient, summary.as_of) != (seen.person.id, seen.on):
        raise ValueError("the record is of another patient or day than the summary")
    book = Book(summary.audit, Entries(seen, summary.county))
    laid = lay_out(summary.sections, summary.audit.sentences)
    drawn = groups(seen)

    def draw(one: Chart) -> Markup:
        return charts.chart(one, seen.on)

    latest = [one for group in drawn for one in group.latest]
    return render(
        "page.html.j2",
        summary=summary,
        seen=seen,
        unknown_then=unknown_then(seen),
        name=name_of(seen),
        age=age_of(seen),
        sections=[_section(one, book) for one in laid],
        wrongs=book.wrongs,
        omissions=[(one, [book.cite(id) for id in one.ids]) for one in summary.audit.omissions],
        tally=_tally(book, laid),
        groups=drawn,
        draw=draw,
        key=charts.key,
        sources=sorted({source for one in latest for source in one.sources}),
        notable=notable(drawn),
        allergies=[phrases.allergy(one) for one in sorted(seen.allergies, key=_is_milder)],
        ranged=any(one.reference for one in latest),
        medicines=timeline(seen),
        references=book.references,
        parts=PARTS,
    )


def _is_milder(course: Course[Allergy]) -> bool:
    return not phrases.is_grave(course)


@dataclass(frozen=True, slots=True)
class Part:
    """A text with what is known of it; None where nobody has checked it."""

    text: str
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the summary."""

    title: str
    blocks: list[tuple[str, list[list[Part]]]]
    """Kind of block, and its lines."""
    wrong: list[Wrong]
    """What is wrong with the section as a whole."""


def _section(laid: Laid, book: Book) -> Section:
    def part(piece: Piece) -> Part:
        return Part(piece.text, book.shown(piece.sentence) if piece.sentence else None)

    blocks = [(b.kind, [[part(piece) for piece in line] for line in b.lines]) for b in laid.blocks]
    return Section(laid.title, blocks, [w for w in book.loose if w.section == laid.title])


@dataclass(frozen=True, slots=True)
class Tally:
    """What the check looked at and found."""

    sentences: int
    traced: int
    """Sentences with evidence and nothing wrong."""
    flagged: int
    silent: int
    """Sentences in which the check found no claim."""
    unchecked: int
    """Stretches of text that are in no sentence of the audit."""
    severities: dict[str, int]
    classes: dict[str, int]
    """Findings by class."""
    unknown: int
    """Entries that are cited and not in the record."""


def _tally(book: Book, laid: list[Laid]) -> Tally:
    all_of_them = book.all
    pieces = [p for section in laid for b in section.blocks for line in b.lines for p in line]
    flagged = [one for one in all_of_them if one.wrong]
    traced = [one for one in all_of_them if one.cited and not one.wrong]
    severities = Counter(wrong.severity for wrong in book.wrongs)
    return Tally(
        len(all_of_them), len(traced), len(flagged),
        len(all_of_them) - len(traced) - len(flagged),
        sum(piece.sentence is None for piece in pieces),
        {name: severities[name] for name in SEVERITIES if severities[name]},
        dict(Counter(wrong.kind for wrong in book.wrongs)),
        sum(not one.told.kind for one in book.references),
    )  # fmt: skip
