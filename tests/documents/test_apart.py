"""Read in a process of its own: the same answers, and whatever the document does, an answer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from tests.documents.by_hand import pdf_of
from tests.documents.reports import as_bytes, lab_rows, new_pdf, table

from osler.documents.apart import read_apart
from osler.documents.limits import LIMITS
from osler.documents.read import read
from osler.documents.refused import Refused


def failing(code: str) -> tuple[str, ...]:
    """A child in which the reading goes wrong, as a hostile file could make it."""
    return (sys.executable, "-c", code)


def test_a_document_read_apart_is_the_same() -> None:
    pdf = new_pdf()
    table(pdf, lab_rows(20))
    data = as_bytes(pdf)
    assert read_apart("größe.pdf", data) == read("größe.pdf", data)
    text = "Größe: 1,82 m\fGewicht: 90 kg".encode()
    assert read_apart("a.txt", text) == read("a.txt", text)


def test_a_refusal_apart_is_the_same() -> None:
    for name, data in (("a.pdf", b"MZ\0\0"), ("a.pdf", b"%PDF-1.4 nonsense"), ("a.txt", b"")):
        with pytest.raises(Refused) as here:
            read(name, data)
        with pytest.raises(Refused) as apart:
            read_apart(name, data)
        assert (apart.value.kind, str(apart.value)) == (here.value.kind, str(here.value))


@pytest.mark.parametrize(
    "code",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "print('no answer')",
        "raise MemoryError",
    ],
)
def test_a_child_that_dies_is_a_refusal(code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_apart("a.txt", b"text", child=failing(code))
    assert caught.value.kind == "failed"
    assert caught.value.cure


def test_a_child_that_hangs_is_a_refusal_with_the_seconds() -> None:
    with pytest.raises(Refused) as caught:
        read_apart(
            "a.txt", b"text", replace(LIMITS, seconds=1), failing("import time; time.sleep(99)")
        )
    assert caught.value.kind == "failed"
    assert "within 1 seconds" in caught.value.message


def test_a_document_that_takes_forever_is_a_refusal() -> None:
    slow = pdf_of(b"BT /F 9 Tf " + b"1 0 0 1 5 5 Tm (word) Tj " * 150_000 + b"ET")
    with pytest.raises(Refused) as caught:
        read_apart("a.pdf", slow, replace(LIMITS, seconds=1))
    assert caught.value.kind == "failed"


def test_a_document_that_wants_all_memory_is_a_refusal() -> None:
    large = b"word " * 4_000_000
    with pytest.raises(Refused) as caught:
        read_apart("a.txt", large, replace(LIMITS, memory=60 * 2**20))
    assert caught.value.kind == "failed"


def test_reading_needs_no_torch() -> None:
    code = (
        "import sys, osler.documents.apart, osler.documents.pdf, osler.documents.docx, "
        "osler.documents.html, osler.documents.text; "
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
