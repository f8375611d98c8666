"""An index on disk is whole at every moment, and holds what its sources hold."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fpdf import FPDF

from locks import holding
from osler.cli import main
from osler.encoder import Encoder
from osler.errors import DataError
from osler.retrieve.build import build
from osler.retrieve.chunks import NEEDS
from osler.retrieve.search import Index
from osler.retrieve.sources import Found, Given, Refusal, read_path

TOPICS = ("asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "lupus")


@functools.cache
def loaded() -> Encoder:
    return Encoder(*NEEDS)


@pytest.fixture
def encoder() -> Encoder:
    return loaded()


def leaflets(folder: Path, topics: tuple[str, ...] = TOPICS, day: str = "today") -> Path:
    """A folder with a leaflet about each topic."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for topic in topics:
        text = f"# {topic.title()}\nWhat helps against {topic} is told {day}.\n"
        (folder / f"{topic}.md").write_text(text, "utf-8")
    return folder


def content(index: Path) -> list[Any]:
    """All chunks of an index with their vectors, in its own order."""
    opened = Index.open(index, loaded())
    from osler.retrieve.store import open_data

    _, segment = open_data(index)
    assert len(segment) == opened.count
    return [(segment[n], np.asarray(segment.vectors[n], np.float32)) for n in range(len(segment))]


def assert_same(a: Path, b: Path) -> None:
    first, second = content(a), content(b)
    assert [chunk for chunk, _ in first] == [chunk for chunk, _ in second]
    for (_, one), (_, other) in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    for question in ("what helps against gout", "measles", "Lupus!"):
        found = [
            [
                (hit.chunk, round(hit.score, 2))
                for hit in Index.open(path, loaded()).search(question)
            ]
            for path in (a, b)
        ]
        assert found[0] == found[1]


def made(out: Path, *sources: Path, encoder: Encoder, add: bool = False) -> Any:
    items = (item for source in sources for item in read_path(str(source), Given()))
    return build(out, items, add=add, encoder=encoder)


def test_an_index_on_disk_finds_what_one_in_memory_finds(tmp_path: Path, encoder: Encoder) -> None:
    made(tmp_path / "index", leaflets(tmp_path / "a"), encoder=encoder)
    opened = Index.open(tmp_path / "index", encoder)
    in_memory = Index.in_memory([opened.chunks[n] for n in range(opened.count)], encoder)
    for question in ("What helps against gout?", "lupus", "nothing of that"):
        on_disk, kept = opened.search(question), in_memory.search(question)
        assert [hit.chunk for hit in on_disk] == [hit.chunk for hit in kept]
        assert on_disk[0].score == pytest.approx(kept[0].score, abs=2e-3)


def test_an_opened_index_tells_that_another_is_in_its_place(
    tmp_path: Path, encoder: Encoder
) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    made(index, leaflets(folder), encoder=encoder)
    opened = Index.open(index, encoder)
    made(index, folder, encoder=encoder)  # nothing has changed
    assert not opened.is_replaced
    made(index, leaflets(folder, day="tomorrow"), encoder=encoder)
    assert opened.is_replaced
    again = Index.open(index, encoder)
    shutil.rmtree(index)
    assert again.is_replaced


def test_only_what_is_new_is_embedded_and_what_is_gone_goes(
    tmp_path: Path, encoder: Encoder
) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    assert made(index, leaflets(folder, TOPICS[:5]), encoder=encoder).embedded == 5
    before = (index / "manifest.json").stat().st_mtime_ns
    assert made(index, folder, encoder=encoder).embedded == 0
    assert (index / "manifest.json").stat().st_mtime_ns == before, "nothing to do, nothing done"
    leaflets(folder, TOPICS[2:])
    (folder / "gout.md").write_text("Gout hurts.", "utf-8")
    built = made(index, folder, encoder=encoder)
    assert (built.documents, built.embedded, built.removed) == (7, 4, 2)
    made(tmp_path / "fresh", folder, encoder=encoder)
    assert_same(index, tmp_path / "fresh")


def test_adding_keeps_what_is_there_and_replaces_what_was_read_anew(
    tmp_path: Path, encoder: Encoder
) -> None:
    index = tmp_path / "index"
    first = leaflets(tmp_path / "a", TOPICS[:3])
    second = leaflets(tmp_path / "b", TOPICS[3:])
    made(index, first, encoder=encoder)
    assert made(index, second, encoder=encoder, add=True).embedded == len(TOPICS) - 3
    made(tmp_path / "fresh", first, second, encoder=encoder)
    assert_same(index, tmp_path / "fresh")
    leaflets(second, TOPICS[3:], day="tomorrow")
    built = made(index, second, encoder=encoder, add=True)
    assert (built.documents, built.removed) == (len(TOPICS), len(TOPICS) - 3)
    texts = [chunk.text for chunk, _ in content(index)]
    assert sum("tomorrow" in text for text in texts) == len(TOPICS) - 3


def test_an_index_is_for_its_owner_alone_and_its_manifest_tells_of_no_document(
    tmp_path: Path, encoder: Encoder
) -> None:
    folder = leaflets(tmp_path / "Jane Doe's letters")
    made(tmp_path / "index", folder, encoder=encoder)
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700
    manifest = (tmp_path / "index" / "manifest.json").read_text("utf-8")
    assert not [word for word in (*TOPICS, "Jane", "Gout", ".md") if word in manifest]
    assert sorted(p.name for p in (tmp_path / "index").iterdir())[1:] == ["manifest.json"]


# -- killed ------------------------------------------------------------------------------------

BUILDER = """
import sys
from pathlib import Path
import osler.retrieve.build as b
from osler.retrieve.sources import Given, read_path
b.PART = 2
print("ready", flush=True)
b.build(Path(sys.argv[1]), read_path(sys.argv[2], Given()))
"""
"""A build in parts of two chunks, so that there is something to be killed in."""


def killed_after(moment: str, index: Path, folder: Path) -> bool:
    """Start a build and kill it as soon as its folder is in a state; whether it was killed."""
    states = {
        "begun": lambda: True,
        "first part": lambda: any((index / "parts").glob("1.*-1")) or parts() >= 1,
        "third part": lambda: parts() >= 3,
        "joining": lambda: len(list(index.glob("data-*"))) > before,
        "words": lambda: len(list(index.glob("data-*/words"))) > before,
        "swapped": lambda: manifest() != manifest_before,
    }

    def parts() -> int:
        return len(list((index / "parts").glob("[0-9]*")))

    def manifest() -> str:
        path = index / "manifest.json"
        return path.read_text("utf-8") if path.exists() else ""

    before, manifest_before = len(list(index.glob("data-*"))), manifest()
    command = [sys.executable, "-c", BUILDER, str(index), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        while process.poll() is None:
            if states[moment]():
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.0005)
        return process.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    "moment", ["begun", "first part", "third part", "joining", "words", "swapped"]
)
@pytest.mark.parametrize("there", [False, True])
def test_a_killed_build_leaves_a_whole_index_and_the_next_one_completes_it(
    tmp_path: Path, encoder: Encoder, moment: str, there: bool
) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    if there:
        made(index, leaflets(folder, TOPICS[:2]), encoder=encoder)
    old = content(index) if there else None
    leaflets(folder)
    killed = killed_after(moment, index, folder)
    assert killed or moment in ("joining", "words", "swapped"), "the build was not fast enough"
    if (index / "manifest.json").exists():
        assert len(content(index)) in {len(old or []), len(TOPICS)}
    else:
        assert not there
    finished = len(list((index / "parts").glob("[0-9]*")))
    built = made(index, folder, encoder=encoder)
    if (index / "manifest.json").exists() and moment != "swapped":
        assert built.embedded <= len(TOPICS) - 2 * finished, "parts are not embedded again"
    made(tmp_path / "fresh", folder, encoder=encoder)
    assert_same(index, tmp_path / "fresh")
    assert len(list(index.iterdir())) == 2, "leftovers are swept"


# -- refused -----------------------------------------------------------------------------------


def test_two_builders_do_not_meet(tmp_path: Path, encoder: Encoder) -> None:
    folder = leaflets(tmp_path / "a", TOPICS[:1])
    with holding(tmp_path / ".index.lock") as pid, pytest.raises(DataError, match=str(pid)):
        made(tmp_path / "index", folder, encoder=encoder)
    assert made(tmp_path / "index", folder, encoder=encoder).documents == 1


@pytest.mark.parametrize("key", ["encoder", "format"])
def test_an_index_made_otherwise_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, encoder: Encoder, key: str
) -> None:
    folder, index = leaflets(tmp_path / "a", TOPICS[:1]), tmp_path / "index"
    made(index, folder, encoder=encoder)
    said = json.loads((index / "manifest.json").read_text("utf-8"))
    said[key] = {"name": "another", "digest": "0" * 64} if key == "encoder" else "0.9"
    (index / "manifest.json").write_text(json.dumps(said), "utf-8")
    with pytest.raises(DataError, match=f"osler index build SOURCES… --out {index}"):
        Index.open(index, encoder)
    with pytest.raises(DataError, match="osler index build"):
        made(index, folder, encoder=encoder, add=True)
    assert made(index, folder, encoder=encoder).embedded == 1, "it is made anew"
    assert Index.open(index, encoder).count == 1


@pytest.mark.parametrize(
    "lost", ["chunks.arrow", "documents.arrow", "vectors.npy", "words/vocab.index.json"]
)
def test_a_damaged_index_is_refused_and_mended_by_a_build(
    tmp_path: Path, encoder: Encoder, lost: str
) -> None:
    folder, index = leaflets(tmp_path / "a", TOPICS[:2]), tmp_path / "index"
    made(index, folder, encoder=encoder)
    next(index.glob("data-*")).joinpath(lost).write_bytes(b"\0" * 9)
    with pytest.raises(DataError, match=r"damaged .*\nBuild it: osler index build"):
        Index.open(index, encoder)
    with pytest.raises(DataError, match="damaged"):
        made(index, folder, encoder=encoder, add=True)
    made(index, folder, encoder=encoder)
    assert Index.open(index, encoder).search("gout")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, encoder: Encoder) -> None:
    folder = leaflets(tmp_path / "a", TOPICS[:1])
    with pytest.raises(DataError, match="holds other things"):
        made(folder, folder, encoder=encoder)
    assert [path.name for path in folder.iterdir()] == ["asthma.md"]
    with pytest.raises(DataError, match=r"is a file; an index is a folder\.\nGive"):
        made(folder / "asthma.md", folder, encoder=encoder)
    assert "asthma" in (folder / "asthma.md").read_text().lower()


def test_what_is_refused_is_named_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = leaflets(tmp_path / "a", TOPICS[:2])
    (folder / "scan.bin").write_bytes(b"\xff\xfe\x00secret")
    (folder / "more.jsonl").write_text(
        '{"question": "What is lupus?", "answer": "A disease.", "section": "basics", "id": 7,'
        ' "licence": "CC0-1.0", "date": "2020", "url": "https://example.org"}\n'
        '\n{"text": "secret \\ud800", "title": "T"}\n'
        '{"text": 3}\n[1]\n{"title": "secret"}\n{"secret\n'
        '{"text": "another secret", "id": "7"}\n',
        "utf-8",
    )
    words = ["index", "build", str(folder), "--out", str(tmp_path / "index"), "--licence", "own"]
    assert main(words) == 0
    said = capsys.readouterr().out
    for place in ("scan.bin", *(f"more.jsonl:{n}" for n in (4, 5, 6, 7, 8))):
        assert place in said
    assert "4 documents in 4 chunks" in said
    assert "6 refused" in said
    assert "secret" not in said
    by_id = {chunk.document: chunk for chunk, _ in content(tmp_path / "index")}
    seven = by_id["7"]
    assert (seven.title, seven.section, seven.text) == ("What is lupus?", "basics", "A disease.")
    assert (seven.licence, seven.date, seven.address) == ("CC0-1.0", "2020", "https://example.org")
    assert {chunk.licence for chunk in by_id.values()} == {"CC0-1.0", "own"}


def test_what_lies_outside_of_a_folder_is_not_read_through_a_link(tmp_path: Path) -> None:
    folder = leaflets(tmp_path / "src", ("gout",))
    leaflets(tmp_path / "private", ("lupus",))
    (folder / "out.md").symlink_to(tmp_path / "private" / "lupus.md")
    (folder / "within.md").symlink_to("gout.md")
    (folder / "lost.md").symlink_to(tmp_path / "nothing.md")
    (folder / "all").symlink_to(tmp_path / "private")
    os.mkfifo(folder / "pipe.md")
    found = list(read_path(str(folder), Given()))
    refused = {Path(one.name).name: one.reason for one in found if isinstance(one, Refusal)}
    assert refused == {
        "all": "a link out of the folder", "out.md": "a link out of the folder",
        "lost.md": "a link to nothing", "pipe.md": "not a plain file",
    }  # fmt: skip
    read = [Path(one.name).name for one in found if isinstance(one, Found)]
    assert read == ["gout.md", "within.md"]


def test_where_nothing_can_be_indexed_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text(" \n", "utf-8")
    out = ["--out", str(tmp_path / "index")]
    assert main(["index", "build", str(tmp_path / "empty.txt"), *out]) == 2
    assert "empty.txt: This file is empty." in capsys.readouterr().err
    assert main(["index", "build", "nowhere.pdf", *out]) == 2
    assert "embedded, medquad" in capsys.readouterr().err
    assert main(["index", "search", str(tmp_path / "none"), "gout"]) == 2
    assert "osler index build" in capsys.readouterr().err


def test_a_passage_of_a_pdf_is_found_with_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    for page in ("Gout hurts in the toe.", "Lupus is a disease of many organs.", "Rest helps."):
        pdf.add_page()
        pdf.multi_cell(0, 8, page)
    pdf.output(str(tmp_path / "leaflet.pdf"))
    (tmp_path / "letter.pdf").write_bytes(b"MZ no pdf at all")
    index = tmp_path / "index"
    words = [str(tmp_path / "leaflet.pdf"), str(tmp_path / "letter.pdf")]
    assert main(["index", "build", *words, "--out", str(index)]) == 0
    assert "letter.pdf: " in capsys.readouterr().out
    hit = Index.open(index).search("what is lupus", 1)[0]
    assert (hit.chunk.page, hit.chunk.text) == (2, "Lupus is a disease of many organs.")


def test_the_verbs_build_search_and_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, index = leaflets(tmp_path / "a"), str(tmp_path / "index")
    assert main(["index", "build", str(folder), "--out", index, "--date", "2024"]) == 0
    capsys.readouterr()
    assert main(["index", "search", index, "what helps against gout?", "-k", "2", "--json"]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits[0]["chunk"]["title"] == "Gout"
    assert hits[0]["chunk"]["date"] == "2024"
    assert len(hits) == 2
    assert main(["index", "show", index]) == 0
    said = capsys.readouterr().out
    assert f"{len(TOPICS)} documents in {len(TOPICS)} chunks" in said
    assert "MiniLM" in said
    assert "licence   not stated" in said


def test_a_search_says_where_nothing_is_about_the_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("Gout is treated with colchicine and allopurinol.")
    index = str(tmp_path / "index")
    assert main(["index", "build", str(tmp_path / "notes.txt"), "--out", index]) == 0
    capsys.readouterr()
    assert main(["index", "search", index, "Who built the Eiffel tower?"]) == 0
    assert capsys.readouterr().out.startswith("Nothing here is about this question")
    assert main(["index", "search", index, "How is gout treated?"]) == 0
    assert "about" not in capsys.readouterr().out
    assert main(["index", "search", index, "Who built the Eiffel tower?", "--json"]) == 0
    assert [hit["about"] for hit in json.loads(capsys.readouterr().out)] == [False]
