"""Rows that are too long: nothing is cut or dropped in silence, and the answer never."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osler.data.lengths import length_table, shorten
from osler.data.prepare import plan
from osler.data.prepared import Prepared
from osler.errors import DataError
from osler.model import load_tokenizer
from osler.recipe import Data, Model, Recipe
from osler.rows import Message, Row
from osler.template import tokenize_rows

LONG = "What is gout, " * 60 + "really?"
WORDS = (
    "asthma condition clinician treats anyone hundred migraine the psoriasis of called with care "
    "number about it is glaucoma pneumonoultramicroscopicsilicovolcanoconiosis x-ray 37.5 °C"
)

Records = list[dict[str, Any]]


@pytest.fixture(params=["tiny", "nano"])
def tokenizer(request: pytest.FixtureRequest, tiny_model: Path) -> Any:
    where = str(tiny_model) if request.param == "tiny" else "nano"
    return load_tokenizer(Model(id=where), Path("/"))


@pytest.fixture
def prepared(tmp_path: Path, tiny_model: Path) -> Callable[..., Prepared]:
    """The data stage's plan for records of a JSONL file."""

    def do(records: Records, **data: Any) -> Prepared:
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
        sections = {"data": {"sources": [{"type": "jsonl", "path": "a.jsonl"}], **data}}
        recipe = {"name": "a", "model": {"id": str(tiny_model)}, **sections}
        return plan(Recipe.model_validate(recipe), tmp_path)

    return do


@pytest.fixture
def records() -> Records:
    """A row that fits in 100 tokens, and two that do not: the prompt, and the answer, too long."""
    return [
        {"id": "fits", "prompt": "What is gout?", "completion": "A kind of arthritis."},
        {"id": "wordy", "prompt": LONG, "completion": "A kind of arthritis.", "note": "kept"},
        {"id": "essay", "prompt": "What is gout?", "completion": "It is a disease. " * 60},
    ]


def kept(found: Prepared) -> dict[str, Row]:
    return {row.id: row for rows in found.rows.values() for row in rows}


# -- error and drop ----------------------------------------------------------------------------


def test_the_error_names_row_tokens_and_a_cure_that_works(
    prepared: Callable[..., Prepared], records: Records
) -> None:
    del records[2]
    records.append({"id": "longest", "prompt": LONG * 2, "completion": "So."})
    with pytest.raises(DataError) as caught:
        prepared(records, max_length=100)
    said, cure = str(caught.value).splitlines()
    tokens, longest = said.split(" has ")[1].split(" tokens")[0], said.split(" has ")[2].strip(".")
    assert said == (
        f"a.jsonl:2: row wordy has {tokens} tokens; data.max_length is 100. "
        f"2 rows are too long, the longest has {longest}."
    )
    assert f"Set data.max_length={longest} (or more)" in cure
    assert "data.too_long=shorten" in cure
    assert "data.too_long=drop" in cure
    assert "gout" not in said + cure
    assert len(kept(prepared(records, max_length=int(longest)))) == 3
    with pytest.raises(DataError, match=f"row longest has {longest} tokens"):
        prepared(records, max_length=int(longest) - 1)


def test_what_is_dropped_is_counted_with_its_length(
    prepared: Callable[..., Prepared], records: Records
) -> None:
    found = prepared(records, max_length=100, too_long="drop")
    assert list(kept(found)) == ["fits"]
    dropped = {entry.id: entry for entry in found.receipt if not entry.kept}
    assert {entry.reason for entry in dropped.values()} == {"too long"}
    assert set(dropped) == {"wordy", "essay"}
    assert min(entry.tokens for entry in dropped.values()) > 100


def test_plain_text_is_never_too_long(tmp_path: Path, tiny_model: Path) -> None:
    """Training cuts it into pieces and loses nothing."""
    (tmp_path / "book.txt").write_text(LONG * 5)
    recipe = Recipe.model_validate(
        {
            "name": "a",
            "model": {"id": str(tiny_model)},
            "data": {"sources": [{"type": "text", "path": "book.txt"}], "max_length": 32},
            "train": {"objective": "pretrain", "method": "full"},
        }
    )
    assert [row.text for row in kept(plan(recipe, tmp_path)).values()] == [LONG * 5]


# -- shorten -----------------------------------------------------------------------------------


def test_shorten_takes_from_the_prompt_and_drops_what_only_the_answer_makes_too_long(
    prepared: Callable[..., Prepared], records: Records
) -> None:
    found = prepared(records, max_length=100, too_long="shorten")
    assert set(kept(found)) == {"fits", "wordy"}
    reasons = {entry.id: (entry.kept, entry.reason) for entry in found.receipt}
    assert reasons == {
        "fits": (True, ""),
        "wordy": (True, "prompt shortened"),
        "essay": (False, "too long"),
    }
    row = kept(found)["wordy"]
    assert row.reference == "A kind of arthritis."
    assert LONG.startswith(row.question)
    assert row.extra == {"note": "kept"}
    assert next(e for e in found.receipt if e.id == "wordy").tokens <= 100


def test_a_shortened_row_that_is_left_out_as_a_near_duplicate_is_counted_once(
    prepared: Callable[..., Prepared],
) -> None:
    answer = "It is a kind of arthritis that comes and goes in attacks."
    records = [
        {"id": f"r{n}", "prompt": f"{LONG} {n}", "completion": answer, "group": f"g{n}"}
        for n in range(30)
    ]
    found = prepared(records, max_length=100, too_long="shorten", test_share=0.3)
    remarks = [entry.reason for entry in found.receipt]
    assert any(remark.startswith("near duplicate") for remark in remarks)
    assert found.counts["shortened"] == remarks.count("prompt shortened") == len(kept(found))


def row_of(*turns: tuple[str, str]) -> Row:
    messages: list[Message] = [{"role": role, "content": text} for role, text in turns]
    return Row("a", "b", "c", "d:1", tuple(messages[:-1]), tuple(messages[-1:]), None, {"e": 1}, 3)


def shortened(row: Row, tokenizer: Any, length: int, system: str | None = None) -> Row | None:
    """The row that fits into so many tokens; the tokens that come with it are those of the row."""
    source = {"type": "embedded", "name": "medical_qa"}
    settings = Data.model_validate({"sources": [source], "max_length": length, "system": system})
    (tokens,) = tokenize_rows(tokenizer, [row], system)
    assert len(tokens.input_ids) > length, "the row is to be too long"
    found = shorten(row, tokens, settings, tokenizer)
    if found is None:
        return None
    assert [found[1]] == tokenize_rows(tokenizer, [found[0]], system)
    assert len(found[1].input_ids) <= length
    return found[0]


def test_shorten_keeps_the_longest_beginning_that_fits(tokenizer: Any) -> None:
    """Every beginning is tried here; half a word may take more tokens than the whole one."""
    rng = random.Random(0)
    for _ in range(40):
        question = " ".join(rng.choices(WORDS.split(), k=40))
        row = row_of(("user", question), ("assistant", "It is so."))
        length = rng.randrange(25, 60)
        found = shortened(row, tokenizer, length)
        beginnings = {question[:end].rstrip() for end in range(1, len(question) + 1)}
        trials = [replace(row, prompt=({"role": "user", "content": text},)) for text in beginnings]
        tokens = tokenize_rows(tokenizer, trials)
        fitting = [
            r.question for r, t in zip(trials, tokens, strict=True) if len(t.input_ids) <= length
        ]
        assert found is not None
        assert found.question == max(fitting, key=len)


@pytest.mark.parametrize("text", ["气喘是一种慢性病。" * 60, "x" * 900, "1234567890" * 80])
def test_shorten_fills_the_room_when_there_are_no_words(tokenizer: Any, text: str) -> None:
    found = shortened(row_of(("user", text), ("assistant", "Yes.")), tokenizer, 64)
    assert found is not None
    assert text.startswith(found.question)
    assert len(tokenize_rows(tokenizer, [found])[0].input_ids) >= 60


def test_shorten_touches_nothing_but_the_last_user_message(tokenizer: Any) -> None:
    row = row_of(
        ("system", "Be brief."),
        ("user", "What is gout?"),
        ("assistant", "A kind of arthritis."),
        ("user", LONG),
        ("assistant", "Rest,\n  and a clinician."),
    )
    found = shortened(row, tokenizer, 120)
    assert found is not None
    assert replace(found, prompt=row.prompt) == row
    assert found.prompt[:3] == row.prompt[:3]
    assert LONG.startswith(found.question)
    assert 0 < len(found.question) < len(LONG)


def test_the_recipes_system_message_counts_and_stays(tokenizer: Any) -> None:
    row = row_of(("user", LONG), ("assistant", "Yes."))
    system = "You answer in one short sentence, and you say so when you do not know."
    with_it, without = shortened(row, tokenizer, 80, system), shortened(row, tokenizer, 80)
    assert with_it is not None
    assert without is not None
    assert len(with_it.question) < len(without.question)
    assert with_it.completion == row.completion


@pytest.mark.parametrize(
    "turns",
    [
        [("user", LONG), ("assistant", LONG)],
        [("system", LONG), ("user", "What is it?"), ("assistant", "It is so.")],
        [("system", LONG), ("assistant", "It is so.")],
    ],
)
def test_a_row_that_cannot_be_shortened_is_dropped_whole(
    tokenizer: Any, turns: list[tuple[str, str]]
) -> None:
    assert shortened(row_of(*turns), tokenizer, 40) is None


# -- the table ---------------------------------------------------------------------------------


def test_the_table_of_lengths_gives_lengths_that_are_there() -> None:
    lengths = [3, 9, 27, 81, 243, 729, 2187]
    table = length_table([f"r{n}" for n in range(7)], lengths)
    assert (table.rows, table.total) == (7, sum(lengths))
    assert set(table.percentiles.values()) <= set(lengths)
    assert (table.percentiles[50], table.percentiles[100]) == (81, 2187)
    assert table.longest == [("r6", 2187), ("r5", 729), ("r4", 243), ("r3", 81), ("r2", 27)]
    assert length_table([], []).total == 0
