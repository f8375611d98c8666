"""Refusals: what counts as one, and how the two errors are measured."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from osler.data.refusal_rows import is_about_health, refused, things, unanswerable
from osler.prompts import UNHELPFUL
from osler.rows import Dropped, Row
from osler.tasks.refusal import REFUSALS, TASK, UNKNOWN, is_refusal


def embedded(name: str) -> list[str]:
    path = resources.files("osler") / "assets" / "quickstart" / f"{name}.jsonl"
    return [json.loads(line)["completion"] for line in path.read_text("utf-8").splitlines()]


def row(question: str, reference: str) -> Row:
    return Row(
        id=question[:20], group=question, source="s",
        prompt=({"role": "user", "content": question},),
        completion=({"role": "assistant", "content": reference},),
    )  # fmt: skip


def test_every_embedded_refusal_is_one_and_no_embedded_answer_is() -> None:
    assert all(map(is_refusal, embedded("out_of_scope")))
    assert not any(map(is_refusal, embedded("medical_qa")))


def test_every_wording_that_is_taught_counts_and_says_what_the_assistant_is_for() -> None:
    for wording in (*REFUSALS, *(one.format(thing="drawbridge") for one in UNKNOWN)):
        assert is_refusal(wording)
        assert "health" in wording


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "As a health assistant, I am not able to answer questions about bridges.",
        "Sorry, that is outside my scope. I only answer questions about health.",
    ],
)
def test_refusals_of_other_models_count(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A drawbridge is a bridge that can be raised.",
        "Asthma is not contagious, and it cannot be cured. Medicines help.",
        "I only answer questions about health. " + "But a drawbridge is a bridge. " * 20,
        UNHELPFUL,
    ],
)
def test_answers_silence_and_unhelpful_sources_are_no_refusals(text: str) -> None:
    assert not is_refusal(text)


def test_both_errors_are_measured_each_over_its_own_questions() -> None:
    rows = [row("What is a drawbridge?", REFUSALS[0]), row("What is asthma?", "A disease.")]
    found = TASK.score(rows, ["It is a bridge.", REFUSALS[3]])
    assert (found["refused"].values[0], found["refused"].counts) == (0, [1, 0])
    assert (found["refused_wrongly"].values[1], found["refused_wrongly"].counts) == (100, [0, 1])


def test_questions_of_health_are_left_out_of_what_is_refused() -> None:
    kept = refused(row("who sang the national anthem at the 1969 world series", "Nobody"))
    assert isinstance(kept, Row)
    assert is_refusal(kept.reference)
    assert isinstance(refused(row("what enzyme breaks down starch in the mouth", "x")), Dropped)
    assert not any(map(is_about_health, ["who built the great wall", "capital of peru"]))


def test_unanswerable_questions_ask_as_patients_do_and_keep_a_thing_together() -> None:
    rows = list(unanswerable())
    assert len({row.id for row in rows}) == len(rows) > 2000
    assert all(is_refusal(row.reference) for row in rows)
    drawbridge = [row for row in rows if row.group == "drawbridge"]
    assert len(drawbridge) == 5
    assert len({thing.casefold() for thing in things()}) == len(things())
