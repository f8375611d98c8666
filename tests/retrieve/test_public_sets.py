"""The public sets become documents that can be cited: under their title, terms and address."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from osler.commands.index import read_source
from osler.documents.document import Document
from osler.retrieve.chunks import chunks_of
from osler.retrieve.sources import Found, Given

pytestmark = pytest.mark.shared_data


def first(source: str, count: int) -> list[Document]:
    found = (item for item in read_source(source, Given()) if isinstance(item, Found))
    return [item.document for item in islice(found, count)]


def test_an_answer_of_medquad_is_under_its_topic_and_kind(shared_data: Path) -> None:
    documents = first("medquad", 40)
    leukemia = documents[0]
    assert leukemia.title == "Adult Acute Lymphoblastic Leukemia"
    assert leukemia.licence == "CC-BY-4.0"
    assert (leukemia.address or "").startswith("http")
    assert {chunk.section for chunk in chunks_of(leukemia)} == {"information"}
    assert len({document.id for document in documents}) == 40


@pytest.mark.parametrize("source", ["pmc-rct-ccby", "openstax-health"])
def test_an_article_has_its_own_terms_and_sections(shared_data: Path, source: str) -> None:
    for document in first(source, 5):
        assert (document.licence or "").startswith(("CC-BY", "CC0"))
        assert document.title in document.text
        whole = document.text.encode()
        chunks = chunks_of(document)
        assert any(chunk.section for chunk in chunks)
        assert not [chunk for chunk in chunks if document.title in chunk.section.split(" > ")]
        assert all(whole[c.start : c.end] == c.text.encode() for c in chunks)
        if source == "pmc-rct-ccby":
            assert (document.address or "").startswith("https://doi.org/")
            assert document.date
