"""Signs of people in the data: found where they have a form, counted by row, never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osler.data.identifiers import count_identifiers
from osler.data.prepare import plan
from osler.data.prepared import report
from osler.recipe import Recipe
from osler.rows import Row


def row(question: str = "Who?", answer: str = "Nobody.", text: str | None = None) -> Row:
    if text is not None:
        return Row("a", "a", "s", text=text)
    return Row(
        "a",
        "a",
        "s",
        prompt=({"role": "user", "content": question},),
        completion=({"role": "assistant", "content": answer},),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to jane.roe+lab@clinic.example.org.", "e-mail address"),
        ("JANE@X.ORG", "e-mail address"),
        ("SSN 078-05-1120 was given", "US social security number"),
        ("MRN: 00123456", "medical record number"),
        ("mrn#A1234567", "medical record number"),
        ("DOB 03/14/1961", "date of birth"),
        ("Date of birth: 14-Mar-1961", "date of birth"),
        ("She was born on 1961-03-14.", "date of birth"),
    ],
)
def test_what_has_a_form_is_found_in_prompt_answer_and_plain_text(text: str, kind: str) -> None:
    for found in (row(question=text), row(answer=text), row(text=text)):
        assert count_identifiers([found]) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "Take 5-10 mg twice daily; at 120/80 mm Hg nothing is done.",
        "Of 1000-2000 patients, 123-45-678 is no number of this form, nor is 1078-05-11201.",
        "MRNA 123456 vaccines; the gene MRN1.",
        "Babies born on time, and the date of birth of modern surgery.",
        "A p-value @ 0.05; the handle @clinic; user@ nothing.",
        "In 2019-2020 the rate was 3.5 per 100,000 (95% CI 3.1-3.9).",
    ],
)
def test_ordinary_medical_text_raises_no_alarm(text: str) -> None:
    assert count_identifiers([row(text=text)]) == {}


def test_rows_are_counted_not_occurrences() -> None:
    twice = row("a@b.org and c@d.org", "e@f.org, MRN 123456")
    assert count_identifiers([twice, twice, row()]) == {
        "e-mail address": 2,
        "medical record number": 2,
    }


def test_the_report_says_how_many_and_not_which(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "prompt,completion\nWho is it?,jane.roe@example.org\nWhose?,MRN 7654321\nWhy?,So.\n"
    )
    recipe = Recipe.model_validate(
        {
            "name": "a",
            "model": {"id": str(tiny_model)},
            "data": {"sources": [{"type": "csv", "path": "a.csv"}]},
        }
    )
    found = report(plan(recipe, tmp_path), recipe, test_digest="0")
    assert found["identifiers"] == {"e-mail address": 1, "medical record number": 1}
    assert not any(sign in json.dumps(found) for sign in ("jane", "7654321"))
