"""What is not read is refused with a kind, a reason and a cure: never with a traceback, and never
with a word of the document."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import docx
import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod
from tests.documents.by_hand import form_of, pdf_of
from tests.documents.reports import as_bytes, new_pdf, paragraph

from osler.documents.limits import LIMITS
from osler.documents.read import read
from osler.documents.refused import Refused
from osler.errors import UserError

SECRET = "Zebedee"
"""Stands in the documents; no refusal may say it."""


def refused(name: str, data: bytes, limits: object = LIMITS) -> Refused:
    with pytest.raises(Refused) as caught:
        read(name, data, limits)  # type: ignore[arg-type]
    assert isinstance(caught.value, UserError)
    assert caught.value.message
    assert caught.value.cure
    assert SECRET not in str(caught.value)
    return caught.value


def outcome(name: str, data: bytes) -> str:
    """`read` when the text is there whole, else the kind of the refusal."""
    try:
        document = read(name, data)
    except Refused as fault:
        assert SECRET not in str(fault)  # noqa: PT017
        return fault.kind
    return "read" if SECRET in document.text else "lost"


def text_pdf(pages: int = 1) -> bytes:
    pdf = new_pdf()
    for number in range(pages):
        if number:
            pdf.add_page()
        paragraph(pdf, f"{SECRET} was seen on page {number + 1} and had no complaints.")
    return as_bytes(pdf)


def png() -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data)
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00\x00\x80" * 2)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return stream.getvalue()


def docx_with(parts: dict[str, bytes]) -> bytes:
    document = docx.Document()
    document.add_paragraph(SECRET)
    stream = io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as found:
        whole = {name: found.read(name) for name in found.namelist()}
    return archive({**whole, **parts})


# -- what it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("report.pdf", b"MZ\x90\x00\x03\x00" + bytes(200), "not_what_it_says"),
        ("report.pdf", b"<!doctype html><html><body>Please sign in</body></html>",
         "not_what_it_says"),
        ("report.docx", b"\x7fELF\x02\x01" + bytes(100), "not_what_it_says"),
        ("report.txt", b"MZ\x90\x00\x03\x00" + bytes(200), "unknown_type"),
        ("report", b"", "empty"),
        ("report.txt", b" \n\t \n", "empty"),
        ("report.html", b"<html><script>render()</script><body></body></html>", "empty"),
        ("report.txt", b"\xff\xfe\x00\x00\xd8", "unknown_type"),
        ("report.txt", "größer".encode("latin-1"), "unknown_type"),
        ("report.bin", bytes(range(256)) * 4, "unknown_type"),
        ("letter.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "unknown_type"),
        ("letter.docx", bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
         "encrypted"),
        ("letter.rtf", b"{\\rtf1 hello}", "unknown_type"),
        ("scan.png", png(), "image"),
        ("scan.pdf", png(), "image"),
        ("scan.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(50), "image"),
        ("scan.tiff", b"II*\x00" + bytes(50), "image"),
        ("table.xlsx", archive({"xl/workbook.xml": b"<a/>"}), "unknown_type"),
        ("many.zip", archive({"a.txt": b"hello"}), "unknown_type"),
        ("record.xml", b"<?xml version='1.0'?><ClinicalDocument/>", "unknown_type"),
    ],
)  # fmt: skip
def test_what_a_file_is_is_decided_by_its_content(name: str, data: bytes, kind: str) -> None:
    assert refused(name, data).kind == kind


def test_a_document_is_read_whatever_it_is_named() -> None:
    for name in ("a.txt", "a.docx", "a", "a.exe"):
        assert SECRET in read(name, text_pdf()).text
        assert SECRET in read(name, docx_with({})).text


def test_an_image_is_refused_with_what_to_do() -> None:
    fault = refused("scan.png", png())
    assert "text in images is not read" in fault.message
    assert "text recognition" in fault.cure


# -- PDF ---------------------------------------------------------------------------------------


METHODS = [EncryptionMethod.RC4, EncryptionMethod.AES_128, EncryptionMethod.AES_256]


def encrypted(user: str, method: EncryptionMethod) -> bytes:
    pdf = new_pdf()
    paragraph(pdf, f"{SECRET} has diabetes.")
    pdf.set_encryption(
        owner_password="owner",
        user_password=user,
        encryption_method=method,
        permissions=AccessPermission.none(),
    )
    return as_bytes(pdf)


@pytest.mark.parametrize("method", METHODS)
def test_a_pdf_with_a_password_is_refused(method: EncryptionMethod) -> None:
    assert refused("a.pdf", encrypted("secret", method)).kind == "encrypted"


@pytest.mark.parametrize("method", METHODS)
def test_a_pdf_that_opens_without_a_password_is_read(method: EncryptionMethod) -> None:
    assert "diabetes" in read("a.pdf", encrypted("", method)).text


def test_a_pdf_that_only_a_certificate_opens_is_refused_as_encrypted() -> None:
    made = encrypted("", EncryptionMethod.RC4).replace(b"/Filter /Standard", b"/Filter /Entrust ")
    assert refused("a.pdf", made).kind == "encrypted"


def test_a_pdf_of_500_pages_is_refused_with_the_numbers() -> None:
    fault = refused("a.pdf", text_pdf(500))
    assert fault.kind == "too_long"
    assert "500 pages" in fault.message
    assert "300" in fault.message


def test_a_file_too_large_is_refused_with_the_numbers() -> None:
    fault = refused("a.txt", b"word " * 300_000, replace(LIMITS, bytes=2**20))
    assert fault.kind == "too_long"
    assert "1.4 MiB" in fault.message
    assert refused("a.txt", b"word " * 1000, replace(LIMITS, characters=999)).kind == "too_long"
    assert refused("a.txt", b"word \f" * 301).kind == "too_long"


def test_a_scan_is_refused_and_a_page_of_text_with_an_image_is_read() -> None:
    scan = FPDF()
    for _ in range(12):
        scan.add_page()
        scan.image(io.BytesIO(png()), 0, 0, 210, 297)
    scan.set_font("helvetica", size=8)
    scan.text(10, 10, "p. 12")
    assert refused("scan.pdf", as_bytes(scan)).kind == "scanned"
    both = new_pdf()
    paragraph(both, "The X-ray of the chest is clear.")
    both.image(io.BytesIO(png()), 10, 50, 100, 100)
    assert "clear" in read("a.pdf", as_bytes(both)).text


def test_an_empty_pdf_is_refused() -> None:
    assert refused("a.pdf", as_bytes(new_pdf())).kind == "empty"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:20],
        lambda data: data.replace(b"/Pages", b"/Pagez"),
        lambda data: data.replace(b"/Kids [", b"/Kids (["),
        lambda data: data.replace(b"stream\n", b"stream\nx" * 9),
        lambda data: b"%PDF-1.7\n" + b"1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\n"
        b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF",
        lambda data: b"%PDF-1.7\n" + bytes(range(256)) * 40,
        lambda data: b"%PDF-" + b"[" * 100_000,
    ],
    ids=range(8),
)  # fmt: skip
def test_a_damaged_pdf_is_read_or_refused_but_never_fails(
    damage: Callable[[bytes], bytes],
) -> None:
    assert outcome("a.pdf", damage(text_pdf(3))) in ("read", "damaged", "empty", "scanned")


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    page = b"BT /F 12 Tf 50 700 Td (The patient is well and goes home) Tj ET "
    assert "goes home" in read("a.pdf", pdf_of(page)).text
    bomb = pdf_of(page + b" " * 60_000_000)
    assert len(bomb) < 100_000
    assert refused("a.pdf", bomb).kind == "bomb"


def test_forms_that_draw_each_other_end() -> None:
    page = b"BT /F 12 Tf 50 700 Td (The patient is well and goes home) Tj ET /X Do"
    draws = b"/A Do /B Do /A Do"
    forms = [form_of(draws, b"/A 7 0 R /B 6 0 R"), form_of(draws, b"/A 6 0 R /B 7 0 R")]
    made = pdf_of(page, forms, b"/XObject <</X 6 0 R>>")
    assert "goes home" in read("a.pdf", made).text


def test_forms_that_multiply_are_refused() -> None:
    page = b"BT /F 12 Tf 50 700 Td (The patient is well and goes home) Tj ET /X Do"
    draws = b"/A Do " * 10
    forms = [form_of(draws, b"/A %d 0 R" % (7 + number)) for number in range(10)]
    made = pdf_of(page, [*forms, form_of(b"q Q", b"")], b"/XObject <</X 6 0 R>>")
    assert refused("a.pdf", made).kind == "bomb"


# -- DOCX --------------------------------------------------------------------------------------


def test_a_docx_bomb_is_refused() -> None:
    assert refused("a.docx", docx_with({"word/media/a.bin": bytes(20_000_000)})).kind == "bomb"
    small = replace(LIMITS, unpacked=2**20)
    assert refused("a.docx", docx_with({"word/media/a.bin": bytes(2**20)}), small).kind == "bomb"
    many = {f"word/media/{number}": b"" for number in range(3000)}
    assert refused("a.docx", docx_with(many)).kind == "bomb"


def test_a_docx_that_lies_about_its_size_is_refused() -> None:
    made = docx_with({"word/media/a.bin": bytes(10_000_000)})
    lying = made.replace(struct.pack("<I", 10_000_000), struct.pack("<I", 1000))
    assert lying != made
    assert refused("a.docx", lying).kind in ("bomb", "damaged")


def test_entities_in_a_docx_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><d>&b;</d>'
    assert refused("a.docx", docx_with({"word/document.xml": laughs})).kind == "bomb"
    outside = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'
    )
    assert refused("a.docx", docx_with({"docProps/core.xml": outside})).kind == "bomb"


def test_a_damaged_docx_is_refused() -> None:
    made = docx_with({})
    assert refused("a.docx", made[:-200]).kind == "damaged"
    assert refused("a.docx", docx_with({"word/document.xml": b"<w:document"})).kind == "damaged"
    assert refused("a.docx", docx_with({"word/document.xml": b"<a/>"})).kind == "damaged"
    deep = b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    deep += b"<w:p>" * 5000 + b"</w:p>" * 5000 + b"</w:document>"
    assert refused("a.docx", docx_with({"word/document.xml": deep})).kind == "damaged"


def test_html_nested_without_end_is_refused_or_read_whole() -> None:
    page = "<html><body>" + "<div>" * 50_000 + SECRET
    assert outcome("a.html", page.encode()) in ("read", "damaged")
