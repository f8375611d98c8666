"""Tables of PDFs: a value stays beside its name and unit, whatever the table looks like."""

from __future__ import annotations

import re

import pytest
from tests.documents.reports import (
    HEADS,
    as_bytes,
    heading,
    lab_rows,
    new_pdf,
    paragraph,
    table,
)

from osler.documents.document import Document
from osler.documents.read import read

LAYOUTS = {
    "ruled": {"borders": "ALL"},
    "not ruled": {"borders": "NONE"},
    "a rule under the heading": {"borders": "SINGLE_TOP_LINE"},
    "rules between rows": {"borders": "HORIZONTAL_LINES"},
    "close lines": {"borders": "NONE", "line_height": 5},
    "numbers to the right": {"borders": "NONE", "text_align": ("LEFT", "RIGHT", "LEFT", "RIGHT")},
    "justified": {"borders": "ALL", "text_align": "JUSTIFY"},
    "narrow names": {"borders": "ALL", "col_widths": (20, 20, 20, 20)},
}


def page_text(document: Document, number: int) -> str:
    page = document.pages[number - 1]
    return document.text.encode()[page.start : page.end].decode()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_row_of_a_table_is_one_line(layout: str) -> None:
    rows = lab_rows(150)
    pdf = new_pdf()
    table(pdf, [HEADS, *rows], **{"col_widths": (70, 15, 25, 20), **LAYOUTS[layout]})
    document = read("labs.pdf", as_bytes(pdf))
    lines = [line for line in document.text.split("\n") if line]
    assert len(document.pages) > 2
    assert [line for line in lines if line != " | ".join(HEADS)] == [" | ".join(r) for r in rows]
    assert lines.count(" | ".join(HEADS)) == len(document.pages)


def test_every_number_of_a_report_is_found_on_its_page() -> None:
    rows = [(name[:45], *rest) for name, *rest in lab_rows(120)]
    pdf = new_pdf()
    wanted: list[tuple[int, tuple[str, ...]]] = []
    heading(pdf, "Laboratory report")
    paragraph(pdf, "Results of the last visits. " * 20)
    for row in rows:
        wanted.append((pdf.page_no(), row))
        for text, width in zip(row, (95, 25, 30, 25), strict=True):
            pdf.cell(width, 7, text, border=1)
        pdf.ln()
        if pdf.will_page_break(7):
            pdf.add_page()
    document = read("report.pdf", as_bytes(pdf))
    pages = [page_text(document, n).split("\n") for n in range(1, len(document.pages) + 1)]
    assert len(pages) > 3
    for number, row in wanted:
        assert " | ".join(row) in pages[number - 1]
    found = re.findall(r"\d+(?:\.\d+)?", document.text)
    made = [n for row in rows for cell in row for n in re.findall(r"\d+(?:\.\d+)?", cell)]
    assert sorted(found) == sorted(made)


def test_names_of_several_lines_keep_their_value_with_and_without_rules() -> None:
    name = "Hemoglobin A1c/Hemoglobin.total in Blood by high performance liquid chromatography"
    for borders in ("ALL", "NONE"):
        pdf = new_pdf()
        rows = [HEADS, (name, "6.2", "%", "2021-03-04"), ("Glucose", "135", "mg/dL", "2021-03-04")]
        table(pdf, rows, borders, col_widths=(50, 15, 15, 20))
        assert f"{name} | 6.2 | % | 2021-03-04\nGlucose | 135" in read("a", as_bytes(pdf)).text


def test_a_missing_value_leaves_its_place_empty() -> None:
    pdf = new_pdf()
    table(
        pdf, [HEADS, ("Sodium", "", "mmol/L", "2021"), ("Glucose", "95", "mg/dL", "2021")], "NONE"
    )
    assert "Sodium |  | mmol/L | 2021\nGlucose | 95 | mg/dL | 2021" in read("a", as_bytes(pdf)).text


def test_columns_made_of_spaces_are_columns() -> None:
    pdf = new_pdf()
    pdf.set_font("courier", size=9)
    for line in ("Glucose         135    mg/dL   70-99", "Sodium          139    mmol/L  136-145"):
        pdf.cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    text = read("a", as_bytes(pdf)).text
    assert "Glucose | 135 | mg/dL | 70-99\nSodium | 139 | mmol/L | 136-145" in text


def test_values_in_frames_of_one_line_each_stay_what_they_are() -> None:
    pdf = new_pdf()
    with pdf.table(col_widths=(50, 50), text_align="LEFT") as made:
        made.row(("Name: Doe\nBorn: 1950", "Ward: 4\nBed: 12"))
    assert "Name: Doe Born: 1950 | Ward: 4 Bed: 12" in read("a", as_bytes(pdf)).text
