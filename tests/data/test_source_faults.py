"""Bad input: one or two lines that name file, line or key and the cure, and never show the data."""

from __future__ import annotations

import gzip
import json
import lzma
import os
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pytest
from pyarrow import parquet
from pydantic import TypeAdapter

from osler.data.sources import read_source
from osler.errors import DataError
from osler.recipe_sources import Source
from osler.rows import Dropped, Row

PLANTED = "Mrs Planted has 7 secret kidneys"


def read(folder: Path, objective: Any = "sft", **fields: Any) -> list[Row | Dropped]:
    asked = TypeAdapter[Source](Source).validate_python(fields)
    return list(read_source(asked, 1, folder, objective=objective))


def fault(folder: Path, objective: Any = "sft", **fields: Any) -> str:
    """The message, which is short and never shows what stands in the data."""
    with pytest.raises(DataError) as caught:
        read(folder, objective, **fields)
    message = str(caught.value)
    assert len(message.splitlines()) <= 2
    assert "Planted" not in message
    assert "kidneys" not in message
    return message


def test_missing_column_names_file_columns_and_key(tmp_path: Path) -> None:
    (tmp_path / "clinic.csv").write_text(f"topic,answer\n{PLANTED},{PLANTED}\n")
    message = fault(tmp_path, type="csv", path="clinic.csv", columns={"prompt": "question"})
    assert message == (
        "clinic.csv:1: no column 'question' (found: answer, topic).\n"
        "Set data.sources[1].columns.prompt."
    )
    message = fault(tmp_path, type="csv", path="clinic.csv")
    assert "clinic.csv:1: no columns known as question and answer" in message
    assert "Set data.sources[1].columns.prompt and data.sources[1].columns.completion." in message


@pytest.mark.parametrize("first", [f"{PLANTED},It is so.", "7781,Planted,gout", "Jo Planted,gout"])
def test_a_file_without_header_does_not_show_its_first_row(tmp_path: Path, first: str) -> None:
    (tmp_path / "a.csv").write_text(f"{first}\n{first}\n")
    for columns in ({}, {"prompt": "question", "completion": "answer"}):
        message = fault(tmp_path, type="csv", path="a.csv", columns=columns)
        assert message.startswith("a.csv:1: no column")
        assert "the first line does not look like a header" in message
        assert "gout" not in message
        assert message.endswith("put a line with the columns' names first.")


def test_names_of_columns_are_told_with_those_that_have_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",topic,topic,frage-2\n0,a,b,c\n")
    message = fault(tmp_path, type="csv", path="a.csv", columns={"prompt": "question"})
    assert "(found: column 1, frage-2, topic, topic (column 3))" in message


def test_missing_key_in_json_lines_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"query": PLANTED, "reply": PLANTED}) + "\n")
    message = fault(tmp_path, type="jsonl", path="a.jsonl", columns={"completion": "answer"})
    assert message.startswith("a.jsonl:1: no column 'answer' (found: query, reply).")


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    good = json.dumps({"prompt": "a", "completion": "b"})
    (tmp_path / "a.jsonl").write_text(f'{good}\n\n{good}\n{{"prompt": "{PLANTED}, \n')
    assert fault(tmp_path, type="jsonl", path="a.jsonl").startswith("a.jsonl:4: not valid JSON")
    (tmp_path / "b.jsonl").write_text(f'"{PLANTED}"\n')
    message = fault(tmp_path, type="jsonl", path="b.jsonl")
    assert message.startswith("b.jsonl:1: JSON, but no object (a str).")
    assert "one list of objects" in message
    (tmp_path / "deep.jsonl").write_text("[" * 100_000)
    assert "deep.jsonl:1: not valid JSON" in fault(tmp_path, type="jsonl", path="deep.jsonl")


GOOD = '{"prompt": "a", "completion": "b"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'[\n{GOOD},\n{{"prompt": "{PLANTED}" "b"}}]', "a.json:3: not valid JSON."),
        (f'[{GOOD},\n\n{{"prompt": "{PLANTED}', "a.json:3: not valid JSON."),
        (f"[{GOOD},\n]", "a.json:2: not valid JSON."),
        (f"[{GOOD}\n{GOOD}]", "a.json:2: not valid JSON."),
        (f"[{GOOD}]\n[{GOOD}]", "a.json:2: not valid JSON."),
        (f"[{GOOD}", "a.json:1: not valid JSON."),
        (f'[{GOOD}, "{PLANTED}"]', "a.json:item 2: JSON, but no object (a str)."),
        (f'[{GOOD}, {GOOD[:-1]}, "prompt": 7}}]', "a.json:item 2: an object in which one key"),
        ("[ ]", "a.json: the file is empty."),
        (f"[{GOOD},\n\0]", "a.json:2: NUL byte"),
        (f'{{\n"prompt": "{PLANTED}"\n}}', "a.json:1: not valid JSON"),
    ],
)
def test_a_broken_list_of_objects_is_told_with_line_or_item(
    tmp_path: Path, text: str, expected: str
) -> None:
    (tmp_path / "a.json").write_text(text)
    assert fault(tmp_path, type="jsonl", path="a.json").startswith(expected)


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{GOOD}\n{GOOD[:-1]}, "completion": "{PLANTED}"}}\n')
    message = fault(tmp_path, type="jsonl", path="a.jsonl")
    assert message.startswith("a.jsonl:2: an object in which one key stands twice.")


def test_one_item_of_9_mb_is_refused_with_its_number(tmp_path: Path) -> None:
    big = json.dumps({"prompt": "a", "completion": PLANTED * (9 * 2**20 // len(PLANTED))})
    (tmp_path / "a.json").write_text(f"[{GOOD}, {big}]")
    message = fault(tmp_path, type="jsonl", path="a.json")
    assert message.startswith("a.json:item 2: one row of more than 8 MB.")


@pytest.mark.parametrize("name", ["rot13", "base64", "a\0", "", "hex", "\ud800"])
def test_an_encoding_that_is_none_of_text_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "c.csv").write_text("prompt,completion\na,b\n")
    message = fault(tmp_path, type="csv", path="c.csv", encoding=name)
    assert message.startswith("data.sources[1].encoding: there is no encoding of text")
    assert "Usual ones: utf-8" in message


def test_wrong_encoding_names_line_byte_and_a_likely_encoding(tmp_path: Path) -> None:
    head = f"prompt,completion\n{PLANTED},x\n".encode() * 4_000  # the fault is past one block
    (tmp_path / "a.csv").write_bytes(head + "Fièvre ?,x\n".encode("cp1252"))
    message = fault(tmp_path, type="csv", path="a.csv")
    assert message.startswith(f"a.csv:8001: not utf-8 text (byte {len(head) + 2} of the file).")
    assert "data.sources[1].encoding: cp1252" in message
    (tmp_path / "b.csv").write_bytes("prompt,completion\na,b\n".encode("utf-16"))
    assert "encoding: utf-16" in fault(tmp_path, type="csv", path="b.csv")
    (tmp_path / "c.csv").write_text("prompt,completion\na,b\n")
    message = fault(tmp_path, type="csv", path="c.csv", encoding="utf-88")
    assert message.startswith(
        "data.sources[1].encoding: there is no encoding of text of that name."
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl", "text", "parquet"])
def test_an_empty_file_is_told(tmp_path: Path, kind: str) -> None:
    objective = "pretrain" if kind == "text" else "sft"
    (tmp_path / "a.x").write_text("")
    message = fault(tmp_path, objective, type=kind, path="a.x")
    assert message.startswith("a.x: ")
    if kind != "parquet":
        assert "empty" in message
        (tmp_path / "b.x.gz").write_bytes(gzip.compress(b""))
        assert "b.x.gz: the file is empty" in fault(tmp_path, objective, type=kind, path="b.x.gz")


def test_files_with_nothing_but_a_header_or_blank_lines_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,completion\n")
    assert "a.csv:1: a header and no rows" in fault(tmp_path, type="csv", path="a.csv")
    (tmp_path / "b.csv").write_text("\n\n")
    assert "b.csv: the file is empty" in fault(tmp_path, type="csv", path="b.csv")
    (tmp_path / "c.jsonl").write_text("\n \n")
    assert "c.jsonl: the file is empty" in fault(tmp_path, type="jsonl", path="c.jsonl")
    parquet.write_table(arrow.table({"prompt": arrow.array([], "string")}), tmp_path / "d.parquet")
    assert "d.parquet: the file is empty" in fault(tmp_path, type="parquet", path="d.parquet")


def test_one_row_of_30_mb_is_refused_with_its_line(tmp_path: Path) -> None:
    huge = (PLANTED + " ") * (30 * 2**20 // len(PLANTED))
    (tmp_path / "line.csv").write_text(f"prompt,completion\na,b\nc,{huge}\n")
    assert fault(tmp_path, type="csv", path="line.csv").startswith("line.csv:3: one row of more")
    lines = huge.replace(" 7 ", "\n")
    (tmp_path / "cell.csv").write_text(f'prompt,completion\na,b\nc,"{lines}"\n')
    message = fault(tmp_path, type="csv", path="cell.csv")
    assert message.startswith("cell.csv:3: one row of more than 8 MB.")
    assert "quote" in message
    (tmp_path / "a.jsonl").write_text(json.dumps({"prompt": "a", "completion": huge}))
    assert "a.jsonl:1: one row of more" in fault(tmp_path, type="jsonl", path="a.jsonl")
    parquet.write_table(
        arrow.table({"prompt": ["a"], "completion": [huge]}), tmp_path / "p.parquet"
    )
    assert "p.parquet:1: one row of more" in fault(tmp_path, type="parquet", path="p.parquet")
    (tmp_path / "a.txt").write_text(lines)
    message = fault(tmp_path, "pretrain", type="text", path="a.txt")
    assert "per: line" in message


def test_a_cell_of_one_megabyte_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"prompt,completion\na,{'b' * 2**20}\n")
    (row,) = read(tmp_path, type="csv", path="a.csv")
    assert isinstance(row, Row)
    assert len(row.reference) == 2**20


@pytest.mark.parametrize(
    ("kind", "objective"), [("csv", "sft"), ("jsonl", "sft"), ("text", "pretrain")]
)
def test_nul_bytes_are_told_with_their_line(tmp_path: Path, kind: str, objective: str) -> None:
    (tmp_path / "a.x").write_bytes(f"prompt,completion\na,{PLANTED}\0\n".encode())
    if kind == "jsonl":
        (tmp_path / "a.x").write_bytes(b'{"prompt": "a", "completion": "b"}\n\0\n')
    message = fault(tmp_path, objective, type=kind, path="a.x")
    assert message.startswith("a.x:2: NUL byte")
    assert "tr -d" in message


def test_an_id_given_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,prompt,completion\n1,a,b\n2,c,d\n1,e,f\n")
    message = fault(tmp_path, type="csv", path="a.csv")
    assert message.startswith("a.csv:4: id '1' was already used at a.csv:2.")
    assert "data.sources[1].columns.group: id" in message
    found = read(tmp_path, type="csv", path="a.csv", columns={"group": "id"})
    assert [r.group for r in found if isinstance(r, Row)] == ["1", "2", "1"]


def test_an_id_given_twice_in_two_files_of_a_source_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"id,prompt,completion\nr-1,{name},b\n")
    message = fault(tmp_path, type="csv", path="*.csv")
    assert message.startswith("b.csv:2: id 'r-1' was already used at a.csv:2.")


@pytest.mark.parametrize("text", [PLANTED, f"{'Planted' * 7}"])
def test_an_id_that_may_be_text_is_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(f"prompt,completion\na,{text}\nb,{text}\n")
    message = fault(tmp_path, type="csv", path="a.csv", columns={"id": "completion"})
    assert message.startswith("a.csv:3: this row's id was already used at a.csv:2.")


def test_missing_files_are_told_with_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "clinic.csv").write_text("prompt,completion\na,b\n")
    message = fault(tmp_path, type="csv", path="clinc.csv")
    assert message == (
        "clinc.csv: no such file.\nSet data.sources[1].path. Did you mean 'clinic.csv'?"
    )
    assert "no file matches" in fault(tmp_path, type="csv", path="notes/*.csv")
    assert "no .parquet file in this folder" in fault(tmp_path, type="parquet", path=".")


def test_what_is_there_and_is_no_file_is_told_without_its_own_name_as_a_guess(
    tmp_path: Path,
) -> None:
    (tmp_path / "dd.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    for name, expected in (
        ("dd.csv", "no .csv file in this folder."),
        ("loop.csv", "neither a file nor a folder"),
        ("pipe.csv", "neither a file nor a folder"),
        ("x" * 300, "cannot be read (File name too long)."),
        ("a**/b.csv", "no pattern"),
        ("a\0.csv", "no such file."),
    ):
        message = fault(tmp_path, type="csv", path=name)
        assert message.startswith(f"{name}: {expected}")
        assert f"Did you mean '{name}'" not in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "in" / "shut").mkdir(parents=True, mode=0o700)
    (tmp_path / "in" / "a.csv").write_text("prompt,completion\na,b\n")
    (tmp_path / "in" / "shut").chmod(0)
    assert "cannot be read (Permission denied)" in fault(tmp_path, type="csv", path="in")


@pytest.mark.parametrize("path", ["", "  "])
def test_an_empty_path_does_not_read_the_recipes_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "a.csv").write_text("prompt,completion\na,b\n")
    assert fault(tmp_path, type="csv", path=path).startswith("data.sources[1].path: is empty.")


@pytest.mark.parametrize("ending", ["gz", "xz"])
def test_a_packed_file_cut_short_is_told(tmp_path: Path, ending: str) -> None:
    pack = gzip.compress if ending == "gz" else lzma.compress
    whole = pack(b"prompt,completion\n" + b"".join(b"%d,x\n" % n for n in range(20_000)))
    (tmp_path / f"a.csv.{ending}").write_bytes(whole[: len(whole) // 2])
    (tmp_path / f"b.csv.{ending}").write_bytes(b"prompt,completion\na,b\n")
    assert f"a.csv.{ending}: damaged" in fault(tmp_path, type="csv", path=f"a.csv.{ending}")
    assert f"b.csv.{ending}: damaged" in fault(tmp_path, type="csv", path=f"b.csv.{ending}")


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + PLANTED.encode())
    assert fault(tmp_path, type="parquet", path="a.parquet").startswith("a.parquet: not a whole")
    table = arrow.table(
        {"prompt": [PLANTED] * 9, "completion": [f"{PLANTED}{n}" for n in range(9)]}
    )
    parquet.write_table(table, tmp_path / "b.parquet", compression="none")
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(
        b"PAR1" + b"\xff" * (len(whole) // 3) + whole[4 + len(whole) // 3 :]
    )
    assert fault(tmp_path, type="parquet", path="b.parquet").startswith("b.parquet: not a whole")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"prompt,completion\na,b\nc,{PLANTED},d\n", "a.csv:3: 3 cells under a header of 2."),
        (f"prompt,completion\na,b\n{PLANTED}\n", "a.csv:3: 1 cells under a header of 2."),
        (f'prompt,completion\na,b\nc,"{PLANTED}\nd,e\n', "a.csv:3: a quoted cell"),
        (f'prompt,completion\na,"{PLANTED}" b\n', "a.csv:2: a quoted cell"),
        (f"prompt;completion\na;{PLANTED}\n", "a.csv:1: one column only, with ';' in its name."),
        (
            f"prompt,prompt,completion\na,b,{PLANTED}\n",
            "a.csv:1: the column 'prompt' is there twice",
        ),
    ],
)
def test_a_table_that_is_not_one_is_told(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert fault(tmp_path, type="csv", path="a.csv").startswith(expected)


def test_empty_cells_beyond_the_header_and_columns_without_name_are_harmless(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_text(",prompt, completion,x,x\n0,a,b,1,2,,\n")
    (found,) = read(tmp_path, type="csv", path="a.csv")
    assert isinstance(found, Row)
    assert found.extra == {"column 1": "0", "x": "1", "x (column 5)": "2"}


def test_a_mapping_without_effect_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x", "messages": [], "prompt": "y"}\n')
    for objective, mapping, key in (
        ("sft", {"text": "text"}, "text"),
        ("pretrain", {"prompt": "prompt"}, "prompt"),
        ("sft", {"messages": "messages", "prompt": "prompt"}, "prompt"),
    ):
        message = fault(tmp_path, objective, type="jsonl", path="a.jsonl", columns=mapping)
        assert message.startswith(f"data.sources[1].columns.{key}")
    (tmp_path / "b.jsonl").write_text('{"text": "x"}\n')
    message = fault(tmp_path, type="jsonl", path="b.jsonl")
    assert message.endswith("For plain text: train.objective: pretrain.")
    assert "data.sources[1]: type text" in fault(tmp_path, type="text", path="a.txt")
    (tmp_path / "c.jsonl").write_text('{"body": "x"}\n')
    message = fault(tmp_path, "pretrain", type="jsonl", path="c.jsonl")
    assert message == (
        "c.jsonl:1: no column 'text' for train.objective=pretrain (found: body).\n"
        "Set data.sources[1].columns.text."
    )


def test_public_sets_are_refused_where_they_make_no_sense(tmp_path: Path) -> None:
    message = fault(tmp_path, type="public", name="medquat")
    assert message.startswith("data.sources[1].name: there is no public set 'medquat'.")
    assert "Did you mean 'medquad'?" in message
    assert "use: text" in fault(tmp_path, "pretrain", type="public", name="medquad")
    assert "use: qa" in fault(tmp_path, "sft", type="public", name="medquad", use="text")
    assert "plain text" in fault(tmp_path, "sft", type="public", name="openstax-health")
