"""A chunk is a passage that can be cited: its bytes are the document's, and nothing gets lost."""

from __future__ import annotations

import pytest

from osler.documents.document import Document, Heading, Page
from osler.retrieve.chunk import Chunk
from osler.retrieve.chunks import chunks_of, embedded_text
from osler.retrieve.sources import markdown_headings

GOUT = """\
Gout, a leaflet of Dr. E. Meyer of St. Anne's.

# Gout
Gout is an inflammation of a joint. It comes from crystals of uric acid, e.g. in the big toe.

## Treatment
### Attacks
- Rest the joint.
- Take 500 mg naproxen, if a clinician says so.

Drug | Dose | Remark
Colchicine | 0.5 mg | not with kidney failure. Ask first.
Naproxen | 500 mg | with food

## Übergewicht — 痛风
Weniger Körpergewicht hilft. 痛风是关节炎。它很痛。🙂
"""


def gout(text: str = GOUT, **more: object) -> Document:
    known = {"licence": "CC0-1.0", "date": "2024-05-01", "address": "https://example.org/gout"}
    return Document(
        "gout", "gout.md", "Gout leaflet", text, headings=markdown_headings(text), **known, **more
    )  # type: ignore[arg-type]


def check_bytes(document: Document, chunks: list[Chunk]) -> None:
    whole = document.text.encode()
    for number, chunk in enumerate(chunks):
        assert chunk.number == number
        assert whole[chunk.start : chunk.end] == chunk.text.encode()
    assert "".join("".join(c.text.split()) for c in chunks) == "".join(document.text.split())


def long_text(sentences: int) -> str:
    """Paragraphs of four sentences."""
    said = [
        f"Patient group {n} received {n} mg of the drug, and the pain was {n % 9} of 10 afterwards."
        for n in range(sentences)
    ]
    return "\n\n".join(" ".join(said[i : i + 4]) for i in range(0, sentences, 4))


def test_each_chunk_is_bytes_of_the_document_and_knows_its_section_and_terms() -> None:
    chunks = chunks_of(gout())
    check_bytes(gout(), chunks)
    assert [chunk.section for chunk in chunks] == [
        "",
        "Gout",
        "Gout > Treatment > Attacks",  # the bare heading above goes with it
        "Gout > Übergewicht — 痛风",
    ]
    assert {(c.title, c.licence, c.date, c.address) for c in chunks} == {
        ("Gout leaflet", "CC0-1.0", "2024-05-01", "https://example.org/gout")
    }


def test_the_title_is_not_said_again_as_a_section() -> None:
    document = Document("g", "g", "Gout", GOUT, headings=markdown_headings(GOUT))
    assert [chunk.section for chunk in chunks_of(document)] == [
        "", "", "Treatment > Attacks", "Übergewicht — 痛风",
    ]  # fmt: skip


def test_the_title_is_for_the_encoder_and_not_in_the_chunk() -> None:
    chunk = chunks_of(gout())[2]
    assert "Gout leaflet" not in chunk.text
    assert embedded_text(chunk) == f"Gout leaflet: Gout > Treatment > Attacks\n{chunk.text}"


def test_no_sentence_and_no_row_is_parted() -> None:
    rows = "\n".join(f"Sodium | {n} mmol/L | normal. Day {n}." for n in range(80))
    text = long_text(60) + "\n\n" + rows
    chunks = chunks_of(gout(text))
    check_bytes(gout(text), chunks)
    assert len(chunks) > 5
    for chunk in chunks:
        assert chunk.text.startswith(("Patient", "Sodium"))
        assert chunk.text.endswith(".")
    assert all("Sodium" not in c.text or c.text.endswith(tuple("0123456789.")) for c in chunks)
    lines = [line for c in chunks for line in c.text.splitlines() if "|" in line]
    assert lines == rows.splitlines()


def test_a_chunk_is_no_longer_than_the_encoder_reads() -> None:
    from osler.encoder import Encoder
    from osler.retrieve.chunks import NEEDS

    encoder = Encoder(*NEEDS)
    chunks = chunks_of(gout(long_text(100)))
    encoder.embed([embedded_text(chunk) for chunk in chunks])
    assert encoder.texts_cut == 0
    assert len(chunks) < 20, "and they are no shorter than need be"


@pytest.mark.parametrize(
    "text",
    [
        "word " * 3000,
        "x" * 9000,
        "字" * 2000,
        "一二三。" * 500,
        "😀" * 3000,
        "a | b " * 900,
        "한국" * 900,
    ],
)
def test_what_has_no_end_is_cut_all_the_same(text: str) -> None:
    chunks = chunks_of(gout(text))
    check_bytes(gout(text), chunks)
    assert len(chunks) > 1


@pytest.mark.parametrize("text", ["", " \n\t \n"])
def test_nothing_makes_no_chunk(text: str) -> None:
    assert chunks_of(gout(text)) == []


def test_abbreviations_and_numbers_of_points_end_no_sentence() -> None:
    from osler.retrieve.units import units_of

    text = "Seen by Dr. Meyer, i.e. E. Meyer. 1. Rest it. Pain (e.g. at 3.5 kg)? yes! Go."
    said = [text[u.start : u.end] for u in units_of(text, 0, len(text))]
    assert said == [
        "Seen by Dr. Meyer, i.e. E. Meyer.", "1. Rest it.", "Pain (e.g. at 3.5 kg)? yes!", "Go.",
    ]  # fmt: skip


def test_a_chunk_is_on_the_page_that_it_names() -> None:
    text = "Ärzte raten zu Ruhe. Dann\ngeht es besser. Zweite Seite.\nDritte."
    ends = [len(text[: text.index(word)].encode()) for word in ("geht", "Dritte")]
    pages = (
        Page(1, 0, ends[0]), Page(2, ends[0], ends[1]), Page(3, ends[1], len(text.encode())),
    )  # fmt: skip
    document = Document("d", "d.pdf", "D", text, pages=pages)
    chunks = chunks_of(document)
    check_bytes(document, chunks)
    assert [(chunk.page, chunk.text) for chunk in chunks] == [
        (1, "Ärzte raten zu Ruhe. Dann\ngeht es besser."),  # goes over to the next page
        (2, "Zweite Seite."),
        (3, "Dritte."),
    ]


def test_a_heading_alone_at_the_end_is_not_lost() -> None:
    text = "First.\n\nThe end"
    document = Document("d", "d", "D", text, headings=(Heading("The end", 1, 8),))
    check_bytes(document, chunks_of(document))
