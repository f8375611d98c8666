"""Patients as rows, and what is measured of the sections that a model wrote of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from osler.data.sources import read_source
from osler.data.tables import Ask
from osler.recipe_sources import CohortSource, RecordsSource
from osler.records import folder as folders
from osler.records.account import Account
from osler.records.synthetic.cohort import synthesize
from osler.rows import Dropped, Row
from osler.summaries.held import KEPT
from osler.tasks import load_task
from osler.tasks.patient_summary import copied, drafted, scorer


def words(texts: object) -> list[int]:
    assert isinstance(texts, list | tuple)
    return [len(str(text).split()) for text in texts]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], Path]:
    data = tmp_path_factory.mktemp("data")
    ask = Ask(data, "data.sources[0]", "sft", 4096, words)
    source = CohortSource(type="cohort", patients=3, seed=2)
    found = list(read_source(source, 0, data, objective="sft", ask=ask))
    (data / KEPT).mkdir()
    for digest, content in ask.records.items():
        (data / KEPT / f"{digest}.json").write_bytes(content)
    return [row for row in found if isinstance(row, Row)], data


def means(rows: tuple[list[Row], Path], answers: list[str]) -> dict[str, float]:
    scores = scorer(rows[1])(rows[0], answers)
    found: dict[str, float] = {}
    for name, score in scores.items():
        counts = score.counts or [1.0] * len(score.values)
        if sum(counts):
            total = sum(v * c for v, c in zip(score.values, counts, strict=True))
            found[name] = total / sum(counts)
    return found


def test_a_row_is_a_section_and_a_group_a_patient(rows: tuple[list[Row], Path]) -> None:
    assert len({row.group for row in rows[0]}) == 3
    for row in rows[0]:
        assert str(row.extra["section"]) in row.question
        assert row.reference


def test_references_score_full_and_silence_scores_nothing(rows: tuple[list[Row], Path]) -> None:
    full = means(rows, drafted([], rows[0]))
    assert full["claims_right"] == full["must_told"] == full["valid_form"] == 100
    empty = means(rows, ["" for _ in rows[0]])
    assert empty["must_told"] == empty["valid_form"] == 0
    assert means(rows, copied([], rows[0]))["must_told"] == 100


def test_what_is_made_up_and_what_reassures_falsely_is_counted(
    rows: tuple[list[Row], Path],
) -> None:
    invented = means(rows, ["Takes warfarin 5 mg daily since 1901-02-03." for _ in rows[0]])
    assert invented["right_drug"] == invented["right_date"] == invented["must_told"] == 0
    calm = means(rows, ["All vaccinations are up to date." for _ in rows[0]])
    assert calm["reassured_falsely"] == 100


def test_measures_and_scores_have_the_same_names(rows: tuple[list[Row], Path]) -> None:
    task = load_task("patient_summary")
    assert set(scorer(rows[1])(rows[0], drafted([], rows[0]))) == set(task.measures)


def test_a_clinicians_references_are_audited_and_set_aside_with_the_reason(tmp_path: Path) -> None:
    synthesize(tmp_path / "cohort", 1, 2, form="fhir")
    source = folders.find(tmp_path / "cohort" / "fhir")
    patient = next(iter(folders.records_of(source, Account()))).person.id
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / f"{patient}.md").write_text(
        "## Medical Conditions\nHas had malaria since 1901.\n\n## Care Plans\nDiscuss them.\n"
    )
    asked = RecordsSource(type="records", path="cohort/fhir", references="refs")
    ask = Ask(tmp_path, "data.sources[0]", "sft", 4096, words)
    found = list(read_source(asked, 0, tmp_path, objective="sft", ask=ask))
    reasons = {item.reason for item in found if isinstance(item, Dropped)}
    assert any(
        reason.startswith("the reference fails the audit: condition 1") for reason in reasons
    )
    assert "no reference for this section" in reasons
    assert not any("malaria" in reason for reason in reasons)
