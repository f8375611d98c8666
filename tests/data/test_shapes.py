"""What a record of any known shape becomes, and why some become nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osler.data.shapes import clean
from osler.data.sources import read_source
from osler.recipe_sources import Columns, JsonlSource
from osler.rows import Dropped, Row, content_id, from_json, to_json

USER, ASSISTANT, SYSTEM = (
    {"role": role, "content": content}
    for role, content in (("user", "Why?"), ("assistant", "So."), ("system", "Be brief."))
)


def shaped(folder: Path, *records: dict[str, Any], **columns: str) -> list[Row | Dropped]:
    (folder / "a.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    asked = JsonlSource(type="jsonl", path="a.jsonl", columns=Columns(**columns))
    return list(read_source(asked, 0, folder, objective="sft"))


def row(folder: Path, record: dict[str, Any], **columns: str) -> Row:
    (found,) = shaped(folder, record, **columns)
    assert isinstance(found, Row)
    return found


def reason(folder: Path, record: dict[str, Any], **columns: str) -> str:
    (found,) = shaped(folder, record, **columns)
    assert isinstance(found, Dropped)
    assert found.place == "a.jsonl:1"
    return found.reason


# -- cleaning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dirty", "tidy"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("page one\fpage two", "page one\npage two"),
        ("a  b \t c  \nd", "a b c\nd"),
        ("a\n \n\n\n\nb", "a\n\n\nb"),
        ("a\n\n\nb", "a\n\n\nb"),
        ("\n  a\n\n", "a"),
        ("list:\n  - one   two\n\tthree", "list:\n  - one two\n\tthree"),
        ("5\tmg", "5\tmg"),
        (" \n\t", ""),
    ],
)
def test_cleaning_takes_only_white_space_that_carries_nothing(dirty: str, tidy: str) -> None:
    assert clean(dirty) == tidy
    assert clean(tidy) == tidy


def test_cleaning_is_fast_on_a_megabyte_of_blanks() -> None:
    assert clean("a" + " " * 2**20 + "b\n" + "\n" * 2**20 + "c") == "a b\n\n\nc"


# -- shapes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "Why?", "completion": "So."},
        {"question": "Why?", "answer": "So."},
        {"instruction": "Why?", "input": "", "output": "So."},
        {"instruction": "Why?", "output": "So."},
        {"prompt": [USER], "completion": [ASSISTANT]},
        {"prompt": "Why?", "completion": "So.", "text": "Why? So."},
    ],
)
def test_usual_pairs_are_recognised(tmp_path: Path, record: dict[str, Any]) -> None:
    found = row(tmp_path, record)
    assert found.prompt == (USER,)
    assert found.completion == (ASSISTANT,)
    assert found.id == found.group == content_id("Why?", "So.")


def test_alpaca_input_follows_the_instruction(tmp_path: Path) -> None:
    record = {"instruction": "Summarise.", "input": "Note.", "output": "N."}
    assert row(tmp_path, record).question == "Summarise.\n\nNote."
    mapped = row(tmp_path, record, prompt="instruction", completion="output")
    assert mapped.question == "Summarise."
    assert mapped.extra == {"input": "Note."}


def test_a_mapping_may_name_only_what_is_unusual(tmp_path: Path) -> None:
    record = {"q": "Why?", "answer": "So.", "rules": "Be brief.", "topic": "gout", "n": 1}
    found = row(tmp_path, record, prompt="q", system="rules", group="topic")
    assert found.prompt == (SYSTEM, USER)
    assert (found.group, found.extra) == ("gout", {"n": 1})


def test_k_assistant_turns_become_k_rows_of_one_group(tmp_path: Path) -> None:
    talk = [SYSTEM, USER, ASSISTANT, {"role": "user", "content": "And?"}, ASSISTANT, USER]
    first, second = shaped(tmp_path, {"id": "x", "messages": talk})
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.id, second.id, first.group, second.group) == ("x#1", "x#2", "x", "x")
    assert first.prompt == (SYSTEM, USER)
    assert second.prompt == (SYSTEM, USER, ASSISTANT, {"role": "user", "content": "And?"})
    assert from_json(to_json(second)) == second


def test_a_conversation_without_id_is_one_group(tmp_path: Path) -> None:
    talk = [USER, ASSISTANT, USER, ASSISTANT]
    one, two = shaped(tmp_path, {"messages": talk})
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert one.group == two.group
    assert (one.id, two.id) == (f"{one.group}#1", f"{one.group}#2")


def test_sharegpt_is_read(tmp_path: Path) -> None:
    talk = [
        {"from": "system", "value": "Be brief."},
        {"from": "human", "value": "Why?"},
        {"from": "gpt", "value": "So."},
    ]
    found = row(tmp_path, {"conversations": talk})
    assert (found.prompt, found.completion) == ((SYSTEM, USER), (ASSISTANT,))


def test_messages_in_a_cell_and_content_in_parts_are_read(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "Wh"}, {"type": "text", "text": "y?"}]
    talk = [{"role": "user", "content": parts}, ASSISTANT]
    assert row(tmp_path, {"talk": json.dumps(talk)}, messages="talk").question == "Why?"


def test_records_of_different_shapes_may_share_a_file(tmp_path: Path) -> None:
    found = shaped(
        tmp_path,
        {"prompt": "a", "completion": "b"},
        {"messages": [USER, ASSISTANT]},
        {"prompt": "c"},
        {"completion": None, "prompt": "d"},
    )
    assert [getattr(item, "reason", "kept") for item in found] == [
        "kept",
        "kept",
        "empty answer",
        "empty answer",
    ]
    assert len({item.id for item in found}) == 4


def test_numbers_are_text_where_text_is_asked_for(tmp_path: Path) -> None:
    found = row(tmp_path, {"prompt": 2, "completion": 0.5, "id": 10**20, "group": 4.0})
    assert (found.question, found.reference, found.group) == ("2", "0.5", "4")
    assert found.id == "1" + "0" * 20


# -- what becomes nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"prompt": "", "completion": "b"}, "empty prompt"),
        ({"prompt": None, "completion": "b"}, "empty prompt"),
        ({"prompt": "a", "completion": " \n"}, "empty answer"),
        ({"prompt": "a", "completion": float("nan")}, "empty answer"),
        ({"prompt": [], "completion": "b"}, "empty prompt"),
        ({"prompt": "a", "completion": []}, "empty answer"),
        ({"instruction": "", "input": "x", "output": ""}, "empty answer"),
        ({"prompt": "a\u0000", "completion": "b"}, "control character U+0000 in the prompt"),
        ({"prompt": "a", "completion": "b\u0007"}, "control character U+0007 in the answer"),
        ({"prompt": "a", "completion": "it\u0092s"}, "control character U+0092 in the answer"),
        (
            {"prompt": "a", "completion": "\ud83d"},
            "half a character (lone surrogate) in the answer",
        ),
        ({"prompt": "a", "completion": {"b": 1}}, "answer is neither text nor a number"),
        ({"prompt": "a", "completion": [USER]}, "the completion is not one assistant turn"),
        (
            {"prompt": [USER, ASSISTANT], "completion": "b"},
            "the prompt does not end with a user turn",
        ),
        ({"messages": [USER]}, "no assistant turn"),
        ({"messages": []}, "no assistant turn"),
        ({"messages": None}, "no assistant turn"),
        ({"messages": "not a list"}, "messages are not a valid JSON list"),
        ({"messages": {"role": "user"}}, "messages are not a list"),
        ({"messages": [ASSISTANT, USER]}, "roles out of order at message 1"),
        ({"messages": [SYSTEM, USER, USER, ASSISTANT]}, "roles out of order at message 3"),
        ({"messages": [USER, SYSTEM, ASSISTANT]}, "roles out of order at message 2"),
        ({"messages": ["hello"]}, "message 1 is no object with role and content"),
        (
            {"messages": [USER, {"role": "Planted", "content": ""}]},
            "message 2 has a role other than system, user, assistant",
        ),
        (
            {"messages": [{"role": "user", "content": [{"image": "x"}]}, ASSISTANT]},
            "message 1 holds something other than text",
        ),
        ({"messages": [USER, {"role": "assistant", "content": None}]}, "empty answer"),
    ],
)
def test_an_unusable_record_says_why(tmp_path: Path, record: dict[str, Any], expected: str) -> None:
    assert reason(tmp_path, record) == expected


def test_an_empty_turn_spoils_what_follows_and_nothing_before_it(tmp_path: Path) -> None:
    talk = [USER, ASSISTANT, {"role": "user", "content": " "}, ASSISTANT, USER, ASSISTANT]
    found = shaped(tmp_path, {"id": "x", "messages": talk})
    assert [item.id for item in found] == ["x#1", "x#2", "x#3"]
    assert [getattr(item, "reason", "") for item in found] == ["", "empty prompt", "empty prompt"]


def test_a_dropped_row_keeps_its_id(tmp_path: Path) -> None:
    (found,) = shaped(tmp_path, {"id": 12, "prompt": "a", "completion": ""})
    assert found == Dropped("12", "a.jsonl", "a.jsonl:1", "empty answer")
