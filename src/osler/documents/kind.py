"""What a file is, by its content. A name is believed only where the content cannot tell."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from osler.documents.refused import Refused

FileKind = Literal["pdf", "docx", "html", "markdown", "text"]

READ = "PDF, DOCX, HTML, Markdown and plain text are read."
_IMAGES = {
    b"\x89PNG\r\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF", b"BM": "BMP", b"\x00\x00\x01\x00": "ICO", b"8BPS": "Photoshop",
    b"\x00\x00\x00\x0cjP": "JPEG 2000",
}  # fmt: skip
_OTHERS = {
    b"MZ": "a Windows program", b"\x7fELF": "a Linux program", b"\xca\xfe\xba\xbe": "a program",
    b"\xcf\xfa\xed\xfe": "a macOS program", b"#!/": "a script", b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive", b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive", b"{\\rtf": "an RTF document", b"%!PS": "a PostScript document",
    b"SQLite format 3": "a database", b"ID3": "a sound", b"OggS": "a sound or a film",
    b"\x00asm": "a program",
}  # fmt: skip
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BINARY_NAMES = {
    ".pdf": "a PDF", ".docx": "a DOCX", ".doc": "a Word document", ".png": "an image",
    ".jpg": "an image", ".jpeg": "an image", ".tif": "an image", ".tiff": "an image",
    ".gif": "an image", ".zip": "an archive", ".xlsx": "a table", ".rtf": "an RTF document",
}  # fmt: skip
_HTML = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(name: str, data: bytes) -> FileKind:
    """Raises `Refused` for what is not read."""
    suffix = PurePath(name).suffix.lower()
    if not data.strip(b"\x00 \t\r\n\f"):
        raise Refused("empty", "This file is empty.", "Give a file with text.")
    if _is_pdf(data):
        return "pdf"
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return "docx"  # or another archive: looked into where it is opened with care
    _refuse_binary(suffix, data)
    if suffix in _BINARY_NAMES:
        raise _not_what_it_says(suffix, "something else")
    start = data[:4096]
    if _HTML.match(start) or suffix in (".html", ".htm", ".xhtml"):
        return "html"
    if re.match(rb"(\xef\xbb\xbf)?\s*<\?xml", start):
        raise Refused("unknown_type", "This file is XML.", f"{READ} Patient records in FHIR are "
                      "imported by `osler records import`.")  # fmt: skip
    return "markdown" if suffix in (".md", ".markdown") else "text"


def _is_pdf(data: bytes) -> bool:
    """The mark may stand anywhere in the first 1024 bytes, as readers have it; then the end must
    look like a PDF's too, for a text may speak of PDFs."""
    start = data[:1024]
    if start.lstrip().startswith(b"%PDF-"):
        return True
    return b"%PDF-" in start and b"startxref" in data[-2048:]


def _refuse_binary(suffix: str, data: bytes) -> None:
    for mark, what in _IMAGES.items():
        if data.startswith(mark) and not (mark == b"BM" and b"\x00" not in data[:32]):
            raise _image(what)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise _image("WebP")
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        raise _image("HEIC")
    if data.startswith(_OLE):
        raise _ole(data)
    for mark, what in _OTHERS.items():
        if data.startswith(mark) and not (mark in (b"MZ", b"ID3") and b"\x00" not in data[:512]):
            if suffix in _BINARY_NAMES and _BINARY_NAMES[suffix] != what:
                raise _not_what_it_says(suffix, what)
            raise Refused("unknown_type", f"This file is {what}.", READ)


def _image(what: str) -> Refused:
    return Refused(
        "image",
        f"This file is an image ({what}); text in images is not read.",
        "Run a text recognition over it first (for example ocrmypdf, which makes a PDF with "
        "text), or give the document as it was written.",
    )


def _ole(data: bytes) -> Refused:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Refused(
            "encrypted",
            "This document is protected by a password.",
            "Open it, save it without the password, and give that file.",
        )
    return Refused(
        "unknown_type",
        "This file has the format of Word and Excel before 2007.",
        "Open it and save it as DOCX or PDF.",
    )


def _not_what_it_says(suffix: str, what: str) -> Refused:
    return Refused(
        "not_what_it_says",
        f"This file is named {suffix} as if it were {_BINARY_NAMES[suffix]}, but it is {what}.",
        "Give the document itself. A download that needs a login often saves its login page.",
    )
