"""Questions with sources and after other questions: what a row is shown, and what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osler.data.library import Library
from osler.data.prepare import plan
from osler.data.prepared import Prepared
from osler.data.shown_sources import ORDERS, asked_otherwise
from osler.prompts import UNHELPFUL
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
    assert all(row.reference == UNHELPFUL for row in sourced if row not in helped)
    assert len(sourced) > len(helped)
    assert prepared.counts["with sources"] == len(sourced)


def test_the_passage_with_the_answer_stands_anywhere_beside_others_of_its_topic(
    prepared: Prepared,
) -> None:
    helped = [row for row in all_rows(prepared) if row.extra.get("sources_help")]
    places = set[int]()
    beside = 0
    for row in helped:
        shown = row.question.split("\n<source ")
        places |= {n for n, one in enumerate(shown) if row.reference.split(".")[0] in one}
        beside += sum(row.group in one for one in shown) > 1
    assert places >= {0, 1, 2}
    assert beside > len(helped) / 5


def test_orders_in_sources_are_not_followed(prepared: Prepared) -> None:
    ordered = [row for row in all_rows(prepared) if any(o in row.question for o in ORDERS)]
    assert ordered
    for row in ordered:
        assert "PWNED" not in row.reference
        assert row.reference == UNHELPFUL or row.group.casefold() in row.reference.casefold()


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
        id=asked, group=_topic(asked), source="s", task=task,
        prompt=({"role": "user", "content": asked},),
        completion=({"role": "assistant", "content": answer},),
    )  # fmt: skip


def asked(row: Row, library: Library, **settings: float) -> Row:
    source = EmbeddedSource.model_validate(
        {"type": "embedded", "name": "medical_qa", "with_sources": 0, **settings}
    )
    return asked_otherwise(row, source, library) or row


def test_typed_questions_are_in_other_words_of_the_same_kind() -> None:
    rows = [question(f"What are the symptoms of {t}?", f"{t} hurts and lasts.") for t in TOPICS]
    library = Library.of(rows)
    typed = [asked(row, library, typed=1).question for row in rows]
    wordings = {
        one.casefold().replace(t.casefold(), "x") for one, t in zip(typed, TOPICS, strict=True)
    }
    assert len(wordings) > 5
    assert {"signs of x", "x symptoms"} & wordings
    assert not any("treat" in one or "cause" in one for one in wordings)


def test_signs_are_asked_of_without_the_name_of_what_they_are_signs_of() -> None:
    told = "{t} is known. It often causes puffy cheeks, a tender jaw and fever. Rest helps."
    rows = [question(f"What are the symptoms of {t}?", told.format(t=t)) for t in TOPICS]
    library = Library.of(rows)
    found = [asked(row, library, typed=1, with_sources=1) for row in rows]
    last = [row.question.rpartition("Question: ")[2].casefold() for row in found]
    signs = ("puffy cheeks", "tender jaw", "fever")
    by_signs = [pair for pair in zip(found, last, strict=True) if any(s in pair[1] for s in signs)]
    assert len(by_signs) > 2
    for row, one in by_signs:
        assert row.group.casefold() not in one
        assert row.extra["asked"] == f"What are the symptoms of {row.group}?"
        if row.extra["sources_help"]:
            assert row.reference.startswith("It often causes puffy cheeks")


def test_what_answers_the_same_does_not_stand_beside_the_answer() -> None:
    row = question("What is gout?", "Gout is a form of arthritis. It hurts.")
    same = question("What is (are) gout ?", "Gout is arthritis by crystals. It swells.")
    other = question("How is gout treated?", "Gout is treated with rest and tablets.")
    assert Library.of([row, same, other]).siblings(row) == [other]


def test_answers_without_sources_are_cut_to_whole_sentences() -> None:
    row = question(
        "What is gout?", "Gout is a form of arthritis. " + "It hurts at night a lot. " * 9
    )
    short = asked(row, Library.of([row]), answer_words=12)
    assert short.reference == "Gout is a form of arthritis. It hurts at night a lot."
    assert asked(row, Library.of([row])).reference == row.reference


def _topic(asked: str) -> str:
    return next((t for t in (*TOPICS, "gout") if t in asked), asked)
