"""Reports as laboratories and clinics print them, made from synthetic patients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from fpdf import FPDF

from osler.records.record import Observation, Quantity, Record
from osler.records.synthetic.cohort import cohort

HEADS = ("Test", "Result", "Unit", "Date")
Rows = list[tuple[str, ...]]


@cache
def patient() -> Record:
    """Somebody who never was, with years of laboratory results."""
    return max(cohort(5, 3), key=lambda record: len(record.observations))


def lab_rows(most: int) -> Rows:
    """Name, value, unit and day of the latest results."""
    rows = [row for one in patient().observations if (row := _row(one))]
    return rows[-most:]


def _row(one: Observation) -> tuple[str, ...] | None:
    if not isinstance(one.value, Quantity) or not one.value.unit:
        return None
    name = one.code.text.encode("latin-1", "replace").decode("latin-1")
    return (name, f"{one.value.value:g}", one.value.unit, str(one.start.day))


def new_pdf() -> FPDF:
    """With one empty page."""
    pdf = FPDF()
    pdf.set_auto_page_break(True, 20)
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    return pdf


def table(pdf: FPDF, rows: Sequence[Sequence[str]], borders: str = "ALL", **more: Any) -> None:
    """The first row is the heading, which is repeated on each page."""
    more = {"text_align": "LEFT", **more}
    with pdf.table(borders_layout=borders, **more) as made:
        for row in rows:
            made.row(row)


def heading(pdf: FPDF, text: str, size: int = 15) -> None:
    """Large and bold."""
    pdf.set_font("helvetica", "B", size)
    pdf.cell(0, 10, text, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("helvetica", size=10)


def paragraph(pdf: FPDF, text: str) -> None:
    """Set in lines, justified."""
    pdf.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def as_bytes(pdf: FPDF) -> bytes:
    """The file."""
    return bytes(pdf.output())
