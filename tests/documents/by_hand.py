"""PDFs of one page written by hand: what no library would write."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>"


def pdf_of(content: bytes, more: Sequence[bytes] = (), resources: bytes = b"") -> bytes:
    """A page with its content, the font /F, and objects from number 6 on."""
    page = (
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources <</Font <</F 5 0 R>> " + resources + b">> >>"
    )
    packed = zlib.compress(content, 9)
    stream = b"<</Filter /FlateDecode /Length %d>> stream\n%s\nendstream" % (len(packed), packed)
    kids = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
    return _file([b"<</Type /Catalog /Pages 2 0 R>>", kids, page, stream, FONT, *more])


def form_of(content: bytes, objects: bytes) -> bytes:
    """A form that may draw others."""
    return (
        b"<</Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length %d "
        b"/Resources <</Font <</F 5 0 R>> /XObject <<%s>> >> >> stream\n%s\nendstream"
    ) % (len(content), objects, content)


def _file(objects: Sequence[bytes]) -> bytes:
    made, places = b"%PDF-1.4\n", [b"0000000000 65535 f \n"]
    for number, one in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(made))
        made += b"%d 0 obj %s endobj\n" % (number, one)
    table = b"xref\n0 %d\n%s" % (len(places), b"".join(places))
    end = b"trailer <</Root 1 0 R /Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(places), len(made))
    return made + table + end
