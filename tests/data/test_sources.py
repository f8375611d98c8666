"""What a user may expect of reading data: every kind of source, packed or not, row by row."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pytest
from pyarrow import parquet
from pydantic import TypeAdapter

from osler.data.sources import licence_of, local_files, read_source
from osler.errors import DataError
from osler.recipe_sources import Source
from osler.rows import Dropped, Row, read_rows, write_rows


def source(**fields: Any) -> Source:
    return TypeAdapter[Source](Source).validate_python(fields)


def read(
    folder: Path, objective: Any = "sft", counts: Counter[str] | None = None, **fields: Any
) -> list[Row | Dropped]:
    return list(read_source(source(**fields), 1, folder, objective=objective, counts=counts))


def rows(folder: Path, objective: Any = "sft", **fields: Any) -> list[Row]:
    found = read(folder, objective, **fields)
    assert all(isinstance(item, Row) for item in found)
    return [item for item in found if isinstance(item, Row)]


def test_a_row_is_placed_on_the_line_where_it_begins(tmp_path: Path) -> None:
    text = 'question,answer,topic\nwhat?,"two\nlines",a\n\n'
    text += 'why?,"three\n\nlines ""here""",b\nhow?,so,b\n'
    (tmp_path / "clinic.csv").write_text(text)
    mapping = {"prompt": "question", "completion": "answer", "group": "topic"}
    found = rows(tmp_path, type="csv", path="clinic.csv", columns=mapping)
    assert [r.place for r in found] == ["clinic.csv:2", "clinic.csv:5", "clinic.csv:8"]
    assert found[1].reference == 'three\n\nlines "here"'
    assert [r.group for r in found] == ["a", "b", "b"]
    assert {r.source for r in found} == {"clinic.csv"}


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".csv.xz"])
def test_packed_files_read_the_same(tmp_path: Path, ending: str) -> None:
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(Path(ending).suffix, open)
    with opener(tmp_path / f"a{ending}", "wt", encoding="utf-8") as out:
        out.write("prompt,completion\nWas hilft?,Wärme\n")
    (found,) = rows(tmp_path, type="csv", path=f"a{ending}")
    assert (found.question, found.reference, found.place) == ("Was hilft?", "Wärme", f"a{ending}:2")


def test_folders_and_patterns_read_all_files_in_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/2.csv", "a/1.csv", "a/.hidden.csv", "a/notes.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(f"prompt,completion\n{name}?,x\n")
    expected = ["a/1.csv:2", "b/2.csv:2"]
    assert [r.place for r in rows(tmp_path, type="csv", path="in")] == expected
    assert [r.place for r in rows(tmp_path, type="csv", path="in/*/*.csv")] == expected
    assert len(rows(Path(), type="csv", path=str(tmp_path / "in" / "**" / "*.csv"))) == 2


def test_extra_columns_break_nothing_and_ids_survive(tmp_path: Path) -> None:
    lines = [
        {"id": 7, "prompt": "a?", "completion": "b", "group": 3.0, "seen": [1, {"x": None}]},
        {"id": 8, "prompt": "c?", "completion": "d", "group": None, "odd": "\ud800", "n": 0.5},
        {"id": "", "prompt": "e?", "completion": "f"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    found = rows(tmp_path, type="jsonl", path="a.jsonl")
    assert [(r.id, r.group) for r in found[:2]] == [("7", "3"), ("8", "8")]
    assert found[2].id == found[2].group
    assert len(found[2].id) == 12
    assert found[0].extra == {"seen": [1, {"x": None}]}
    assert found[1].extra == {"odd": "?", "n": 0.5}


def test_a_row_without_an_id_keeps_its_id_when_other_rows_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,completion\nx,y\na,b\n")
    (tmp_path / "b.csv").write_text("note,prompt,completion\n1,a,b  \n")
    assert rows(tmp_path, type="csv", path="a.csv")[1].id == (
        rows(tmp_path, type="csv", path="b.csv")[0].id
    )


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ending", ["json", "json.gz", "jsonl"])
def test_one_list_of_objects_is_read_item_by_item(
    tmp_path: Path, ending: str, indent: int | None
) -> None:
    """As Alpaca and ShareGPT sets come; larger than what is read at once, with a mark in front."""
    records = [
        {"instruction": f"What is {n}?", "input": "é" * (n * 97 % 5000), "output": f"It is [{n}]."}
        for n in range(300)
    ]
    opener = gzip.open if ending.endswith("gz") else open
    with opener(tmp_path / f"a.{ending}", "wt", encoding="utf-8-sig") as out:
        out.write("\n " + json.dumps(records, ensure_ascii=False, indent=indent) + "\n")
    found = rows(tmp_path, type="jsonl", path=".")
    assert [r.reference for r in found] == [record["output"] for record in records]
    assert [r.place for r in found[:2]] == [f"a.{ending}:item 1", f"a.{ending}:item 2"]


def test_a_big_list_needs_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("w") as out:
        item = json.dumps({"prompt": "why?", "completion": "answer " * 500})
        out.write("[" + ",".join([item] * 3_000) + "]")
    tracemalloc.start()
    try:
        everything = read_source(source(type="jsonl", path="a.json"), 0, tmp_path, objective="sft")
        assert sum(1 for _ in everything) == 3_000
        assert tracemalloc.get_traced_memory()[1] < 2**20  # the file has 10 MB
    finally:
        tracemalloc.stop()


def test_odd_keys_and_names_of_files_can_be_written(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jsonl")
    (tmp_path / name).write_text('{"prompt": "a", "completion": "b", "\\ud800": "x"}\n')
    (found,) = rows(tmp_path, type="jsonl", path=".")
    assert found.extra == {"?": "x"}
    write_rows(tmp_path / "rows.jsonl", [found])
    assert list(read_rows(tmp_path / "rows.jsonl")) == [found]


def test_byte_order_mark_delimiter_and_encoding(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_bytes("prompt;completion\nà;è\n".encode("utf-8-sig"))
    (tmp_path / "old.csv").write_bytes("prompt\tcompletion\nà\tè\n".encode("cp1252"))
    (tmp_path / "wide.csv").write_bytes("prompt,completion\r\nà,è\r\n".encode("utf-16"))
    for fields in (
        {"path": "bom.csv", "delimiter": ";"},
        {"path": "old.csv", "delimiter": "\t", "encoding": "cp1252"},
        {"path": "wide.csv", "encoding": "utf-16"},
    ):
        (found,) = rows(tmp_path, type="csv", **fields)
        assert (found.question, found.reference) == ("à", "è")


def test_parquet_with_nested_messages(tmp_path: Path) -> None:
    talk = [{"role": "user", "content": "a?"}, {"role": "assistant", "content": "b"}]
    table = arrow.table({"messages": [talk, talk], "id": [1, 2], "score": [0.5, float("nan")]})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = rows(tmp_path, type="parquet", path="a.parquet")
    assert [(r.id, r.group, r.place) for r in found] == [
        ("1#1", "1", "a.parquet:1"),
        ("2#1", "2", "a.parquet:2"),
    ]


def test_plain_text_by_file_and_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo  words\n")
    (by_file,) = rows(tmp_path, "pretrain", type="text", path="a.txt")
    assert (by_file.text, by_file.place) == ("one\n\ntwo words", "a.txt")
    by_line = rows(tmp_path, "pretrain", type="text", path="a.txt", per="line")
    assert [(r.text, r.place) for r in by_line] == [("one", "a.txt:1"), ("two words", "a.txt:3")]


def test_a_column_of_plain_text_is_read_for_pre_training(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,prompt,completion\nplain,a,b\n")
    assert rows(tmp_path, "pretrain", type="csv", path="a.csv")[0].text == "plain"
    assert rows(tmp_path, "sft", type="csv", path="a.csv")[0].text is None


def test_hub_data_set_is_read_without_running_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"question": "a?", "answer": "b", "topic": 5}\n')
    fields = {"type": "hub", "id": str(folder), "revision": "0" * 40}
    (found,) = rows(tmp_path, **fields, columns={"group": "topic"})
    assert (found.question, found.reference, found.group) == ("a?", "b", "5")
    with pytest.raises(DataError, match=r"data\.sources\[1\]: .* cannot be loaded"):
        read(tmp_path, **fields | {"id": str(tmp_path / "none")})
    (folder / "set.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(DataError, match="cannot be loaded"):
        read(tmp_path, **fields)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["medical_qa", "out_of_scope"])
def test_embedded_questions_are_grouped_by_topic(tmp_path: Path, name: str) -> None:
    found = rows(tmp_path, type="embedded", name=name)
    assert len({r.id for r in found}) == len(found) >= 100
    assert 20 <= len({r.group for r in found}) < len(found)
    assert all(r.question and r.reference and r.place.startswith(f"{name}.jsonl:") for r in found)
    assert licence_of(source(type="embedded", name=name)) == "Apache-2.0"


def test_limit_counts_usable_rows_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,completion\na,\nb,1\nc,2\nd,3\n")
    found = read(tmp_path, type="csv", path="a.csv", limit=2)
    assert [type(item) for item in found] == [Dropped, Row, Row]


def test_boilerplate_that_is_named_is_left_out_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,completion\nWhy a table?,rest\nb,See table 1.\n")
    found = read(tmp_path, type="csv", path="a.csv", leave_out=["table 1", "a table"])
    assert [type(item) for item in found] == [Row, Dropped]
    assert isinstance(found[1], Dropped)
    assert found[1].reason == "has words of leave_out"
    assert rows(tmp_path, type="csv", path="a.csv", leave_out=["Table 1"])[1:]


def test_rows_come_clean_and_changed_ones_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('prompt,completion\na,"b  c \r\nd"\ne,f\n')
    counts: Counter[str] = Counter()
    found = read(tmp_path, counts=counts, type="csv", path="a.csv")
    assert isinstance(found[0], Row)
    assert found[0].reference == "b c\nd"
    assert counts == {"cleaned": 1}


def test_a_big_file_needs_little_memory(tmp_path: Path) -> None:
    line = f"why?,{'answer ' * 500}\n"
    with (tmp_path / "big.csv").open("w") as out:
        out.write("prompt,completion\n")
        out.writelines(line for _ in range(3_000))
    tracemalloc.start()
    try:
        everything = read_source(source(type="csv", path="big.csv"), 0, tmp_path, objective="sft")
        assert sum(1 for _ in everything) == 3_000
        assert tracemalloc.get_traced_memory()[1] < 2**20  # the file has 10 MB
    finally:
        tracemalloc.stop()


def test_licence_is_the_recipes_or_the_public_sets(tmp_path: Path) -> None:
    assert licence_of(source(type="csv", path="x")) is None
    assert licence_of(source(type="csv", path="x", licence="CC0-1.0")) == "CC0-1.0"
    assert licence_of(source(type="public", name="medquad")) == "CC-BY-4.0"


WARD = """
def read(files, options):
    for path in files:
        for line in path.read_text().splitlines():
            asked, told = line.split("|")
            yield {"asked": asked, "told": told, "ward": options["ward"]}
"""


def test_a_recipe_asks_for_the_source_of_another_package_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "ward_notes-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ward-notes\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[osler.sources]\nward = ward_notes:read\n")
    (tmp_path / "ward_notes.py").write_text(WARD)
    (tmp_path / "night.txt").write_text("What is gout?|A joint disease.\nAnd mumps?|A virus.\n")
    monkeypatch.syspath_prepend(tmp_path)
    columns = {"prompt": "asked", "completion": "told", "group": "ward"}
    asked: dict[str, Any] = {"type": "plugin", "options": {"ward": "7b"}, "columns": columns}
    found = rows(tmp_path, **asked, name="ward", path="night.txt")
    assert [(row.question, row.reference, row.group) for row in found] == [
        ("What is gout?", "A joint disease.", "7b"),
        ("And mumps?", "A virus.", "7b"),
    ]
    night = source(**asked, name="ward", path="night.txt")
    assert local_files([night], tmp_path) == [tmp_path / "night.txt"]
    fault = (
        r"data\.sources\[1\]\.name: no installed package brings a source 'wards' \(found: ward\)"
    )
    with pytest.raises(DataError, match=fault):
        read(tmp_path, **asked, name="wards")
