"""MedQuAD as upstream ships it: small copies of its oddities, and the real set where it is."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osler.data import public
from osler.data.public import PublicFile, xml_members_digest
from osler.data.sources import read_source
from osler.errors import DataError
from osler.recipe_sources import PublicSource
from osler.rows import Dropped, Row

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="0000001" source="GARD" url="https://example.org/a">
<Focus>{focus}</Focus>
<QAPairs>
  <QAPair pid="1"><Question qid="0000001-1" qtype="information">What is  X ?</Question>
    <Answer>Key Points
                    - X is rare.   - X is &lt; 1 %.



                    More.</Answer></QAPair>
  <QAPair pid="2"><Question qid="0000001-2" qtype="causes">Why?</Question><Answer></Answer></QAPair>
</QAPairs>
</Document>"""


@pytest.fixture
def medquad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with a tiny MedQuAD in it; returns the zip."""
    path = tmp_path / "medquad" / "tiny.zip"
    path.parent.mkdir()
    write(
        path,
        {
            "10_MPlus_ADAM_QA/0000001.xml": DOCUMENT.format(focus="Gout"),
            "2_GARD_QA/0000001.xml": DOCUMENT.format(focus="  Adie\n SYNDROME "),
            "2_GARD_QA/0000002.xml": DOCUMENT.format(focus=""),
            "8_NHLBI_QA_XML/0000003.xml": "<doc><pair pid='1'/></doc>",
        },
    )
    pin(path, monkeypatch)
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    return path


def write(path: Path, members: dict[str, str], top: str = "MedQuAD-1") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{top}/readme.txt", "not XML")
        for name, text in members.items():
            archive.writestr(f"{top}/{name}", text)


def pin(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PublicFile(path.name, xml_members_digest(path), None, "xml members")
    changed = replace(public.PUBLIC["medquad"], files=(file,))
    monkeypatch.setitem(public.PUBLIC, "medquad", changed)


def read(name: str = "medquad", objective: Any = "sft", **fields: Any) -> list[Row | Dropped]:
    source = PublicSource(type="public", name=name, **fields)
    return list(read_source(source, 0, Path(), objective=objective))


@pytest.mark.usefixtures("medquad")
def test_pairs_are_read_with_focus_as_group_and_an_id_of_their_own() -> None:
    found = read()
    first = found[0]
    assert isinstance(first, Row)
    assert first.id == "GARD-0000001-1"
    assert first.group == "adie syndrome"
    assert (first.source, first.place) == ("medquad", "2_GARD_QA/0000001.xml")
    assert first.question == "What is X ?"
    assert first.reference == "Key Points\n- X is rare. - X is < 1 %.\n\n\nMore."
    assert first.extra == {"source": "GARD", "qtype": "information", "url": "https://example.org/a"}
    assert len({item.id for item in found}) == len(found)


@pytest.mark.usefixtures("medquad")
def test_collections_come_in_their_order_and_what_has_no_answer_is_told() -> None:
    told = [(item.id, item.reason) for item in read() if isinstance(item, Dropped)]
    assert told == [
        ("GARD-0000001-2", "empty answer"),
        ("GARD-0000002-2", "empty answer"),
        ("NHLBI-0000003", "file without QAPair elements"),
        ("MPlus_ADAM-0000001-2", "empty answer"),
    ]


@pytest.mark.usefixtures("medquad")
def test_a_file_without_focus_is_a_group_of_its_own() -> None:
    assert [item.group for item in read() if isinstance(item, Row)] == [
        "adie syndrome",
        "GARD-0000002",
        "gout",
    ]


@pytest.mark.usefixtures("medquad")
def test_as_text_a_pair_is_question_and_answer_in_the_same_group() -> None:
    (first, *_) = read(use="text", objective="pretrain", limit=1)
    assert isinstance(first, Row)
    assert first.text is not None
    assert first.text.startswith("What is X ?\nKey Points\n")
    assert (first.id, first.group, first.prompt) == ("GARD-0000001-1", "adie syndrome", ())


def test_the_pinned_digest_is_that_of_the_content_not_of_the_archive(
    medquad: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(medquad) as archive:
        members = {
            name.partition("/")[2]: archive.read(name).decode()
            for name in reversed(archive.namelist())
            if name.endswith(".xml")
        }
    write(other, members, top="MedQuAD-577bd37b96c02d1833b2c9eed2de9f96964e96cb")
    assert xml_members_digest(other) == xml_members_digest(medquad)
    members["2_GARD_QA/0000001.xml"] += " "
    write(other, members)
    assert xml_members_digest(other) != xml_members_digest(medquad)
    write(medquad, members)
    with pytest.raises(DataError, match=r"tiny\.zip: wrong checksum"):
        read()


@pytest.mark.parametrize(
    "content",
    [
        "<Document><Focus>Planted</Document>",
        '<!DOCTYPE d [<!ENTITY a "Planted">]><Document><Focus>&a;</Focus></Document>',
    ],
)
def test_broken_or_hostile_xml_is_refused(
    medquad: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    write(medquad, {"2_GARD_QA/0000001.xml": content})
    pin(medquad, monkeypatch)
    with pytest.raises(DataError) as caught:
        read()
    assert str(caught.value).startswith("2_GARD_QA/0000001.xml: not valid XML.")
    assert "Planted" not in str(caught.value)


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
def test_the_real_set_has_16407_answered_pairs_in_both_forms() -> None:
    found = read()
    pairs = [item for item in found if isinstance(item, Row)]
    assert len(pairs) == 16_407
    assert len({item.id for item in found}) == len(found)
    reasons = [item.reason for item in found if isinstance(item, Dropped)]
    assert reasons.count("empty answer") == 31_034
    assert len(reasons) == 31_044
    assert len({row.group for row in pairs}) == 4_744
    table = [item for item in read("medquad-csv") if isinstance(item, Row)]
    assert sorted((r.question, r.reference) for r in table) == sorted(
        (r.question, r.reference) for r in pairs
    )


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
@pytest.mark.parametrize(("name", "count"), [("openstax-health", 838), ("pmc-rct-ccby", 2_544)])
def test_the_real_texts_are_read_whole(name: str, count: int) -> None:
    found = read(name, "pretrain", use="text")
    assert len({item.group for item in found if isinstance(item, Row)}) == count == len(found)
