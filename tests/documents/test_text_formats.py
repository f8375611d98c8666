"""DOCX, HTML, Markdown and plain text: what stands in them is there, in its place and once."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from tests.documents.reports import lab_rows

from osler.documents.document import Document
from osler.documents.read import read


def saved(document: docx.document.Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def lines(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line]


def headings(document: Document) -> list[tuple[str, int]]:
    text = document.text.encode()
    for one in document.headings:
        assert text[one.start :].decode().startswith(one.title + "\n")
    return [(one.title, one.level) for one in document.headings]


# -- DOCX --------------------------------------------------------------------------------------


def test_a_docx_has_headings_by_style_and_tables_in_their_place() -> None:
    made = docx.Document()
    made.add_heading("Arztbrief für Zöe", 1)
    made.add_paragraph("Before the table.")
    rows = lab_rows(30)
    table = made.add_table(len(rows), 4)
    for row, cells in zip(rows, table.rows, strict=True):
        for text, cell in zip(row, cells.cells, strict=True):
            cell.text = text
    made.add_heading("Plan", 2)
    made.add_paragraph("Metformin", style="List Bullet")
    made.add_paragraph("Walking", style="List Number")
    document = read("a.docx", saved(made))
    assert headings(document) == [("Arztbrief für Zöe", 1), ("Plan", 2)]
    table_lines = [" | ".join(row) for row in rows]
    assert lines(document) == [
        "Arztbrief für Zöe", "Before the table.", *table_lines, "Plan", "- Metformin", "- Walking",
    ]  # fmt: skip
    assert document.pages == ()
    assert document.title == "Arztbrief für Zöe"


def test_a_docx_has_headings_in_bold_that_no_style_makes() -> None:
    made = docx.Document()
    made.add_heading("Discharge letter", 1)
    for text in ("Diagnosis", "*Pancreatitis.", "Course:", "*She improved.", "Stop ibuprofen.",
                 "Potassium 6.9", "Allergy: penicillin", "*None other.", "Aspirin", "Ramipril",
                 "*as before", "Plan"):  # fmt: skip
        made.add_paragraph().add_run(text.removeprefix("*")).bold = not text.startswith("*")
    assert headings(read("a.docx", saved(made))) == [
        ("Discharge letter", 1), ("Diagnosis", 2), ("Course:", 2), ("Ramipril", 2),
    ]  # fmt: skip


def test_a_docx_has_the_date_it_was_changed_and_not_that_of_a_template() -> None:
    made = docx.Document()
    made.add_paragraph("Potassium 4.1 mmol/L")
    assert read("a.docx", saved(made)).date is None
    made.core_properties.modified = datetime(2026, 3, 4, tzinfo=UTC)
    assert read("a.docx", saved(made)).date == "2026-03-04"


def test_merged_cells_keep_columns_and_say_what_holds_for_each_row() -> None:
    made = docx.Document()
    table = made.add_table(3, 3)
    for number, text in enumerate(("Blood pressure", "2020", "135/88")):
        table.cell(0, number).text = text
    table.cell(1, 1).text, table.cell(1, 2).text = "2021", "140/90"
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Blood pressure"
    table.cell(2, 0).merge(table.cell(2, 1)).text = "Pulse"
    table.cell(2, 2).text = "72"
    assert lines(read("a.docx", saved(made))) == [
        "Blood pressure | 2020 | 135/88", "Blood pressure | 2021 | 140/90", "Pulse |  | 72",
    ]  # fmt: skip


def test_what_is_deleted_or_hidden_is_left_out_and_what_is_inserted_is_read() -> None:
    made = docx.Document()
    names = nsdecls("w")
    for xml in (
        "<w:r><w:t>Dose 500 mg</w:t></w:r><w:del w:id='1'><w:r><w:delText>old</w:delText></w:r>"
        "</w:del><w:ins w:id='2'><w:r><w:t> twice daily</w:t></w:r></w:ins>",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Ignore all</w:t></w:r><w:r><w:t>Seen</w:t></w:r>",
        "<w:sdt><w:sdtContent><w:r><w:t>Ward 4</w:t></w:r></w:sdtContent></w:sdt>",
        "<w:r><w:t>INR </w:t><w:sym w:font='Symbol' w:char='F0B3'/><w:t> 2</w:t></w:r>",
    ):
        made.element.body.insert(0, parse_xml(f"<w:p {names}>{xml}</w:p>"))
    made.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {names}><w:sdtContent><w:p><w:r><w:t>In a form</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        ),
    )
    assert lines(read("a.docx", saved(made))) == [
        "In a form", "INR ≥ 2", "Ward 4", "Seen", "Dose 500 mg twice daily"
    ]  # fmt: skip


def test_a_table_that_only_arranges_a_letter_is_read_as_paragraphs() -> None:
    made = docx.Document()
    cell = made.add_table(1, 1).cell(0, 0)
    cell.text = "Dear colleague"
    inner = cell.add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Sodium", "139"
    assert lines(read("a.docx", saved(made))) == ["Dear colleague", "Sodium | 139"]


def test_a_table_with_another_in_a_cell_keeps_its_rows() -> None:
    made = docx.Document()
    table = made.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Potassium", "6.9"
    table.cell(1, 0).text = "Blood count"
    table.cell(1, 1).add_table(1, 2).cell(0, 0).text = "Hb"
    assert lines(read("a.docx", saved(made))) == ["Potassium | 6.9", "Blood count", "Hb"]


def test_each_different_header_and_footer_is_read_once_and_no_page_number() -> None:
    made = docx.Document()
    made.add_paragraph("Seen on the ward.")
    first, second = made.sections[0], made.add_section()
    second.header.is_linked_to_previous = second.footer.is_linked_to_previous = False
    for section, foot in ((first, "Page 1 of 3"), (second, "Allergy: latex")):
        section.header.paragraphs[0].text = "ALLERGIES: PENICILLIN"
        section.footer.paragraphs[0].text = foot
    first.first_page_header.paragraphs[0].text = "Shown on no page"
    assert lines(read("a.docx", saved(made))) == [
        "ALLERGIES: PENICILLIN", "Seen on the ward.", "Allergy: latex"
    ]  # fmt: skip


def test_what_is_struck_out_is_left_out() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("Codeine ")
    paragraph.add_run("allergic to aspirin").font.strike = True
    paragraph.add_run("latex").font.strike = False
    assert lines(read("a.docx", saved(made))) == ["Codeine latex"]
    page = (
        "<p>Codeine <s>aspirin</s><del>x</del>"
        "<span style='text-decoration:line-through'>y</span> latex"
    )
    assert lines(read("a.html", page.encode())) == ["Codeine latex"]
    assert lines(read("a.md", b"- ~~aspirin~~ latex\n- INR ~~2~~\n~5 ~~ 6\n")) == [
        "-  latex", "- INR", "~5 ~~ 6"
    ]  # fmt: skip


# -- HTML --------------------------------------------------------------------------------------


def test_html_has_headings_tables_lists_and_no_scripts() -> None:
    page = """<!doctype html><html><head><title>Visit &amp; plan</title><style>p{}</style></head>
    <body><script>var x = "Ignore";</script><h1>Visit</h1><p>Seen on<br>3 March
    2021.</p><h2>Labs</h2><table><tr><th>Test</th><th>Value</th></tr>
    <tr><td rowspan="2">Glucose</td><td>135&nbsp;mg/dL</td></tr><tr><td>7.5 mmol/L</td></tr></table>
    <ol><li>Walk<li>Sleep</ol><ul><li>Rest</ul><pre>a   b
c</pre></body></html>"""
    document = read("a.html", page.encode())
    assert document.title == "Visit & plan"
    assert headings(document) == [("Visit", 1), ("Labs", 2)]
    assert lines(document) == [
        "Visit", "Seen on", "3 March 2021.", "Labs", "Test | Value", "Glucose | 135 mg/dL",
        "Glucose | 7.5 mmol/L", "1. Walk", "2. Sleep", "- Rest", "a   b", "c",
    ]  # fmt: skip


def test_an_html_table_with_another_in_a_cell_keeps_its_rows() -> None:
    page = """<table><tr><th>Test<th>Result<th>Range</tr>
    <tr><td rowspan=2>Potassium<td>6.9<td>3.5-5.1</tr><tr><td>4.0<td>3.5-5.1</tr>
    <tr><td>Count<td><table><tr><td>Hb<td>7.2</tr></table><td>today</tr>
    <tr><td>Sodium<td>118<td>135-145</tr></table>"""
    assert lines(read("a.html", page.encode())) == [
        "Test | Result | Range", "Potassium | 6.9 | 3.5-5.1", "Potassium | 4.0 | 3.5-5.1",
        "Count", "Hb | 7.2", "today", "Sodium | 118 | 135-145",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Ignore", "<div style='display: none'>Ignore<p>all</p></div>",
        "<p style='font-size:0px'>Ignore", "<span style='visibility:hidden'>Ignore</span>",
        "<!-- Ignore -->", "<template>Ignore</template>", "<noscript>Ignore</noscript>",
        "<p style='opacity:0'>Ignore",
    ],
)  # fmt: skip
def test_what_a_browser_hides_is_left_out_and_no_more(hidden: str) -> None:
    page = f"<html><body><p>First<p>Second{hidden}<p>Third</body></html>"
    assert lines(read("a.html", page.encode())) == ["First", "Second", "Third"]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15"])
def test_html_is_read_in_the_encoding_that_it_names(charset: str) -> None:
    page = f"<html><head><meta charset='{charset}'></head><body>Größe 1,82 m</body></html>"
    assert lines(read("a.html", page.encode(charset))) == ["Größe 1,82 m"]


def test_html_without_a_named_encoding_is_read_as_browsers_do() -> None:
    page = "<html><body>Größe</body></html>"
    for data in (page.encode(), page.encode("cp1252"), b"\xff\xfe" + page.encode("utf-16-le")):
        assert lines(read("a.html", data)) == ["Größe"]


def test_html_fetches_and_opens_nothing() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><body>'
        "<p>&x; end</p><iframe src='file:///etc/hostname'></iframe></body></html>"
    )
    assert "end" in read("a.html", page.encode()).text
    with open("/etc/hostname") as host:  # noqa: PTH123
        assert host.read().strip() not in read("a.html", page.encode()).text


# -- text --------------------------------------------------------------------------------------


def test_text_is_read_in_utf8_with_and_without_its_mark_and_in_utf16_with_it() -> None:
    text = "Größe: 1,82 m\r\nБез жалоб\n"
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert lines(read("a.txt", data)) == ["Größe: 1,82 m", "Без жалоб"]


def test_form_feeds_part_pages_and_capitals_are_headings() -> None:
    document = read("a.txt", "PLAN:\nGröße\n\nALLERGIES\nnone\fSecond é\f".encode())
    text = document.text.encode()
    assert [text[p.start : p.end].decode() for p in document.pages] == [
        "PLAN\n\nGröße\n\nALLERGIES\n\nnone\n", "Second é\n",
    ]  # fmt: skip
    assert headings(document) == [("PLAN", 1), ("ALLERGIES", 1)]


def test_markdown_has_its_headings_and_tables_as_rows() -> None:
    text = "# Visit\n\nText\n\nLabs\n----\n| Test | Value |\n|---|---:|\n| Glucose | 135 |\n" \
        "```\n# no heading\n```\n"  # fmt: skip
    document = read("a.md", text.encode())
    assert headings(document) == [("Visit", 1), ("Labs", 2)]
    assert lines(document) == [
        "Visit", "Text", "Labs", "Test | Value", "Glucose | 135", "# no heading",
    ]  # fmt: skip


def test_cells_parted_by_tabs_are_a_row() -> None:
    assert lines(read("a.txt", b"Glucose\t135\tmg/dL\nSodium\t\tmmol/L")) == [
        "Glucose | 135 | mg/dL", "Sodium |  | mmol/L",
    ]  # fmt: skip


def test_what_cannot_be_seen_is_left_out_and_ligatures_are_letters() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    text = f"in\ufb02uenza\u200b\u202e\x07 a\u00adcute\u00a0{tags}38.5"
    assert lines(read("a.txt", text.encode())) == ["influenza acute 38.5"]


def test_no_number_is_lost_in_any_format() -> None:
    rows = lab_rows(60)
    made = docx.Document()
    table = made.add_table(0, 4)
    for row in rows:
        for text, cell in zip(row, table.add_row().cells, strict=True):
            cell.text = text
    cells = "".join("<tr>" + "".join(f"<td>{t}</td>" for t in row) + "</tr>" for row in rows)
    page = f"<html><table>{cells}</table></html>".encode()
    text = "\n".join("\t".join(row) for row in rows).encode()
    expected = [" | ".join(row) for row in rows]
    for name, data in (("a.docx", saved(made)), ("a.html", page), ("a.txt", text)):
        assert lines(read(name, data)) == expected


def test_a_document_is_known_by_its_content() -> None:
    data = b"Seen today."
    one, other = read("a.txt", data), read("notes of b.txt", data)
    assert one.id == other.id == hashlib.sha256(data).hexdigest()[:16]
    assert (one.title, other.title) == ("a", "notes of b")
    assert re.fullmatch("[0-9a-f]{16}", one.id)
