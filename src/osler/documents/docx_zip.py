"""A DOCX is an archive of XML: looked through before anything of it is understood."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from xml.sax import ContentHandler, SAXException

from defusedxml import DefusedXmlException
from defusedxml import sax as safe_sax

from osler.documents.limits import MIB, Limits
from osler.documents.refused import Refused

_STEP = 2**16
_OTHERS = {
    "xl/workbook.xml": "an Excel workbook", "ppt/presentation.xml": "a PowerPoint presentation",
    "content.xml": "an OpenDocument file", "AndroidManifest.xml": "an Android program",
}  # fmt: skip


def refuse_unsafe(data: bytes, limits: Limits) -> None:
    """Raises `Refused` unless this is a DOCX whose parts are of a sensible size and plain XML.

    Every part is truly unpacked, a step at a time, since what an archive says of itself may be a
    lie. An archive within it is not opened.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _refuse_kind({entry.filename for entry in entries})
            _refuse_declared(entries, len(data), limits)
            left = limits.unpacked
            for entry in entries:
                left -= _unpack(archive, entry, left, limits)
    except DefusedXmlException:  # a ValueError too, so it comes first
        raise _bomb("its XML defines entities, which a DOCX never does") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise damaged() from None
    except RuntimeError:  # what zipfile says of a part with a password
        raise Refused("encrypted", "This document is protected by a password.",
                      "Save it without the password.") from None  # fmt: skip
    except SAXException:
        raise damaged() from None


def damaged() -> Refused:
    """What is said of a DOCX that cannot be opened."""
    return Refused(
        "damaged", "This DOCX is damaged.",
        "Open it in a word processor and save it again; if it does not open, fetch it again.",
    )  # fmt: skip


def _refuse_kind(names: set[str]) -> None:
    if "word/document.xml" in names or ("[Content_Types].xml" in names and any(
        name.startswith("word/") for name in names
    )):  # fmt: skip
        return
    what = next((what for name, what in _OTHERS.items() if name in names), "an archive")
    raise Refused(
        "unknown_type",
        f"This file is {what}, no DOCX.",
        "PDF, DOCX, HTML and text are read: save or export it as one of them.",
    )


def _refuse_declared(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise _bomb(f"it has {len(entries):,} parts, of which at most {limits.entries:,} are read")
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise _bomb(f"unpacked it is larger than {limits.unpacked // MIB} MiB")
    if sum(entry.compress_size for entry in entries) > size:
        raise _bomb("its parts overlap")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: Limits) -> int:
    """Its true size. XML must be without entities and document types."""
    parts: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while part := stream.read(_STEP):
            size += len(part)
            if size > left:
                raise _bomb(f"unpacked it is larger than {limits.unpacked // MIB} MiB")
            if size > MIB and size > limits.ratio * max(entry.compress_size, 1):
                raise _bomb(f"a part of it unpacks to more than {limits.ratio} times its size")
            parts.append(part)
    if entry.filename.lower().endswith((".xml", ".rels")) and size:
        safe_sax.parseString(b"".join(parts), ContentHandler(), forbid_dtd=True)
    return size


def _bomb(why: str) -> Refused:
    return Refused(
        "bomb", f"This DOCX is made to exhaust whoever opens it: {why}.",
        "Do not open it elsewhere; ask its sender. Large images? Save the document without them.",
    )  # fmt: skip
