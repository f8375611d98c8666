"""A file becomes a `Document`, or is refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from osler.documents.document import Document
from osler.documents.kind import FileKind, kind_of
from osler.documents.limits import LIMITS, MIB, Limits
from osler.documents.refused import Refused
from osler.errors import UserError

Reader = Callable[[str, bytes, Limits], Document]

READERS: dict[FileKind, str] = {
    "pdf": "osler.documents.pdf:read_pdf",
    "docx": "osler.documents.docx:read_docx",
    "html": "osler.documents.html:read_html",
    "markdown": "osler.documents.text:read_markdown",
    "text": "osler.documents.text:read_text",
}


def read(name: str, data: bytes, limits: Limits = LIMITS) -> Document:
    """Read a file by its content; `name` only names it.

    Raises `Refused`. Time and memory have no bound here: what strangers send is read by
    `osler.documents.apart.read_apart`.
    """
    if len(data) > limits.bytes:
        raise Refused(
            "too_long",
            f"This file has {len(data) / MIB:.1f} MiB; at most {limits.bytes / MIB:g} are read.",
            "Split it, or save it without its images.",
        )
    document = _reader(kind_of(name, data))(name, data, limits)
    if not document.text.strip():
        raise Refused("empty", "This file has no text.", "Give a file with text.")
    return document


def _reader(kind: FileKind) -> Reader:
    module, function = READERS[kind].split(":")
    try:
        return getattr(import_module(module), function)
    except ModuleNotFoundError as fault:
        if (fault.name or "").split(".")[0] == "osler":
            raise
        raise UserError(
            f"{kind.upper()} is read with {fault.name}, which is not installed.",
            "pip install 'osler[serve]'",
        ) from None
