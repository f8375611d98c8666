"""Questions with sources and after other questions: what a row is shown, and what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osler.data.prepare import plan
from osler.data.prepared import Prepared
from osler.data.shown_sources import ORDERS, UNHELPFUL, Library, asked_otherwise
from osler.recipe import Recipe
from osler.recipe_sources import EmbeddedSource
from osler.rows import Row

TOPICS = [f"{first}{last}" for first in ("Ard", "Bel", "Cor", "Dun", "Eth") for last in
          ("inosis", "omatia", "ulgia", "evitis", "aplexy", "ordosis")]  # fmt: skip


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """Thirty topics with three questions each, half of them asked with sources."""
    kinds = {
        "symptoms": "The symptoms of {t} are {t} pain and {t} fever. They come at night.",
        "treatment": "{t} is treated with rest. Doctors of {t} advise warmth and tea.",
        "outlook": "The outlook of {t} is good. Most people with {t} are well in a week.",
    }
    with (tmp_path / "rows.jsonl").open("w") as out:
        for topic in TOPICS:
            for kind, answer in kinds.items():
                line = {"prompt": f"What is the {kind} of {topic}?", "topic": topic,
                        "completion": answer.format(t=topic)}  # fmt: skip
                out.write(json.dumps(line) + "\n")
    source = {"type": "jsonl", "path": "rows.jsonl", "columns": {"group": "topic"},
              "with_sources": 0.7, "follow_ups": 0.5, "licence": "internal"}  # fmt: skip
    recipe = Recipe.model_validate(
        {"name": "x", "data": {"sources": [source], "test_share": 0.3, "near_duplicate": None}}
    )
    return plan(recipe, tmp_path)


def all_rows(prepared: Prepared) -> list[Row]:
    return [row for rows in prepared.rows.values() for row in rows]


def test_no_topic_that_is_held_out_is_shown_beside_another(prepared: Prepared) -> None:
    held_out = {row.group for split in ("test", "validation") for row in prepared.rows[split]}
    assert held_out
    for row in all_rows(prepared):
        told = " ".join(message["content"] for message in row.prompt).casefold()
        seen = {topic.casefold() for topic in TOPICS if topic.casefold() in told}
        assert not (seen - {row.group.casefold()}) & {one.casefold() for one in held_out}


def test_answers_stand_in_a_source_or_say_that_none_helps(prepared: Prepared) -> None:
    sourced = [row for row in all_rows(prepared) if "sources" in row.extra]
    helped = [row for row in sourced if row.extra["sources_help"]]
    assert len(sourced) > 30
    assert all(row.reference in row.question.replace("\n", " ") or any(o in row.question
               for o in ORDERS) for row in helped)  # fmt: skip
    assert all(row.reference in UNHELPFUL for row in sourced if row not in helped)
    assert len(sourced) > len(helped)
    assert prepared.counts["with sources"] == len(sourced)


def test_orders_in_sources_are_not_followed(prepared: Prepared) -> None:
    ordered = [row for row in all_rows(prepared) if any(o in row.question for o in ORDERS)]
    assert ordered
    for row in ordered:
        assert "PWNED" not in row.reference
        assert row.reference in UNHELPFUL or row.group.casefold() in row.reference.casefold()


def test_earlier_turns_are_of_the_same_topic_and_the_last_one_is_learnt(
    prepared: Prepared,
) -> None:
    turned = [row for row in prepared.rows["train"] if "turns" in row.extra]
    assert turned
    for row in turned:
        roles = [message["role"] for message in row.prompt]
        assert roles == ["user", "assistant"] * (row.extra["turns"] - 1) + ["user"]
        assert row.group in row.prompt[0]["content"]
        assert row.question.rstrip("?").endswith("of it")


def test_the_same_rows_come_out_every_time(prepared: Prepared, tmp_path: Path) -> None:
    again = plan(
        Recipe.model_validate(
            {"name": "x", "data": {"sources": [
                {"type": "jsonl", "path": "rows.jsonl", "columns": {"group": "topic"},
                 "with_sources": 0.7, "follow_ups": 0.5, "licence": "internal"}],
                "test_share": 0.3, "near_duplicate": None}}
        ),
        tmp_path,
    )  # fmt: skip
    assert again.rows == prepared.rows


def test_what_is_refused_is_refused_beside_sources_and_however_it_is_typed() -> None:
    answers = [question("What helps against ardinosis?", "Rest helps against it. So does tea.")]
    source = EmbeddedSource(type="embedded", name="out_of_scope", with_sources=1, typed=1)
    asked = question("What is a drawbridge?", "I only answer questions about health.", "refusal")
    found = asked_otherwise(asked, source, Library.of(answers))
    assert found is not None
    assert found.reference == asked.reference
    assert found.question.startswith("<source 1")
    assert found.question.endswith("Question: what is a drawbridge")
    assert found.extra["asked"] == asked.question


def question(asked: str, answer: str, task: str = "medical_qa") -> Row:
    return Row(
        id=asked, group=asked, source="s", task=task,
        prompt=({"role": "user", "content": asked},),
        completion=({"role": "assistant", "content": answer},),
    )  # fmt: skip
