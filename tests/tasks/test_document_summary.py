"""Documents and their summaries: published ROUGE, divisions, numbers, and the copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from osler.data.shapes import clean_row
from osler.data.sources import read_source
from osler.evaluate.metrics import text_scores
from osler.recipe import Recipe
from osler.recipe_sources import PublicSource, TaskName
from osler.rows import Row
from osler.tasks import TASKS, load_task
from osler.tasks.base import Scores
from osler.tasks.document_summary import DIVIDED, TASK, document_of

NOTE = "CC\nCough.\n\nEXAM\nLungs clear.\n\nRESULTS\nX-ray normal.\n\nPLAN\nRest for 3 days."


def row(number: int, document: str, summary: str, **extra: str) -> Row:
    return Row(
        id=str(number),
        group=str(number),
        source="s",
        prompt=({"role": "user", "content": document},),
        completion=({"role": "assistant", "content": summary},),
        extra=dict(extra),
    )


def score(pairs: Sequence[tuple[str, str]], answers: Sequence[str]) -> dict[str, Scores]:
    rows = [row(number, *pair) for number, pair in enumerate(pairs)]
    return dict(TASK.score(rows, answers))


def test_every_task_can_be_asked_for_and_names_what_it_scores() -> None:
    assert set(get_args(TaskName)) == set(TASKS)
    rows = [row(0, "A cough for 3 days.", NOTE)]
    for name in TASKS:
        task = load_task(name)
        assert set(task.score(rows, [NOTE])) <= set(task.measures)
        assert task.controls
        labels = [measure.label for measure in task.measures.values()]
        assert len(set(labels)) == len(labels)


def test_a_task_of_plain_text_is_refused_for_it_would_have_no_effect() -> None:
    settings = {
        "name": "a",
        "data": {"sources": [{"type": "text", "path": "a.txt"}]},
        "train": {"objective": "pretrain", "method": "full"},
        "evaluate": {"task": "document_summary"},
    }
    with pytest.raises(ValueError, match=r"evaluate\.task has no effect when train\.objective"):
        Recipe.model_validate(settings)


# -- the document ------------------------------------------------------------------------------


def test_the_copy_is_the_document_without_what_was_asked() -> None:
    asked = "Summarise this."
    rows = [
        row(0, f"{asked}\n\nDoctor: Hello.\nPatient: Hi.", "x", instruction=asked),
        row(1, "A letter of somebody's own.", "x"),
    ]
    copies = ["Doctor: Hello.\nPatient: Hi.", "A letter of somebody's own."]
    assert [document_of(each) for each in rows] == copies
    assert TASK.controls["copy"]([], rows) == copies


# -- ROUGE -------------------------------------------------------------------------------------


def test_rouge_l_takes_a_text_as_one_line_and_its_sum_goes_line_by_line() -> None:
    pairs = [("d", "It itches. Rest helps.")] * 2
    found = score(pairs, ["Rest helps. It itches.", "Rest helps.\nIt itches."])
    assert found["rougeL"].values == pytest.approx([50, 50])
    # Lines are told from each other, sentences on one line are not: here is only one reference
    # line, of which each line of the second answer covers a half.
    assert found["rougeLsum_lines"].values == pytest.approx([50, 100])
    ours = text_scores(["Rest helps. It itches."], ["It itches. Rest helps."], label="t")
    assert ours["rougeLsum"] == pytest.approx([100])


def test_a_section_has_no_divisions_and_a_note_has_four() -> None:
    assert not set(score([("d", "She has a sister.")], ["CC\nx\nPLAN\ny"])) & set(DIVIDED)
    found = score([("d", NOTE)], [NOTE])
    assert all(found[name].values == [pytest.approx(100)] for name in DIVIDED)


def test_a_division_is_scored_alone_with_its_line_breaks_as_words() -> None:
    found = score([("d", NOTE)], [NOTE.replace("Lungs clear.", "Not done.")])
    assert found["subjective_rouge1"].values == [pytest.approx(100)]
    # "exam lf1 lungs clear lf1 lf1" against "exam lf1 not done lf1 lf1": 4 of 6 words.
    assert found["objective_exam_rouge1"].values == [pytest.approx(100 * 4 / 6)]
    assert found["objective_exam_rouge2"].values == [pytest.approx(100 * 2 / 5)]


def test_a_division_that_one_lacks_scores_0_and_one_that_both_lack_one_word() -> None:
    short = "CC\nCough.\n\nPLAN\nRest."
    found = score([("d", NOTE), ("d", short), ("d", short)], [short, NOTE, short])
    assert found["objective_results_rouge1"].values == [0, 0, pytest.approx(100)]
    assert found["objective_results_rouge2"].values == [0, 0, 0]
    alone = score([("d", NOTE), ("d", short)], [short, short])
    assert alone["objective_results_rouge1"].values == [0, 0], "no answer has it: it is empty there"


def test_an_empty_answer_scores_0_everywhere() -> None:
    found = score([("Take 3 a day.", NOTE)] * 2, ["", " \n"])
    assert all(set(scores.values) == {0} for scores in found.values())
    assert found["numbers_right"].counts == [0, 0]


# -- numbers -----------------------------------------------------------------------------------


def test_numbers_are_counted_over_all_answers_not_averaged_over_items() -> None:
    pairs = [("I am seventy six and take 40 milligrams twice.", "A 76-year-old on 40 mg, 9 lb.")]
    found = score(pairs * 3, ["A 76-year-old on 80 mg 2 times a day.", "Well.", "67"])
    assert found["numbers_right"] == Scores([pytest.approx(200 / 3), 0, 0], [3, 0, 1])
    assert found["numbers_kept"] == Scores([50, 0, 0], [2, 2, 2]), "9 was not told, so not to keep"


def test_a_number_is_not_right_for_standing_in_the_instruction() -> None:
    asked = "Summarise in 5 lines."
    rows = [row(0, f"{asked}\n\nI have two sons.", "Two sons.", instruction=asked)]
    assert TASK.score(rows, ["5 sons"])["numbers_right"].values == [0]


def test_the_reader_is_told_how_many_numbers_were_told_and_of_several_sets() -> None:
    rows = [row(0, "I am seventy six.", "A 76-year-old, 1.70 m."), row(1, "Hm.", "Well.")]
    assert TASK.notes(rows) == [
        "Of the 2 numbers in the references 50.0 % are told in their documents; a clinician knows "
        "what was not said."
    ]
    two = [rows[1], Row("b", "b", "other", prompt=rows[1].prompt, completion=rows[1].completion)]
    assert "all of other, s" in TASK.notes(two)[0]


# -- the published figures ---------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
def test_copied_transcripts_of_aci_bench_score_what_its_paper_prints() -> None:
    """Table 6 of Yim et al. 2023, test set 1, "transcript": 32.84, 12.53, 30.61."""
    source = PublicSource(type="public", name="aci-bench")
    read = read_source(source, 0, Path(), objective="sft")
    rows = [clean_row(r) for r in read if isinstance(r, Row) and r.side == "test"]
    copies = TASK.controls["copy"]([], rows)
    ours = text_scores(copies, [r.reference for r in rows], label="test")
    task = TASK.score(rows, copies)

    def mean(values: Sequence[float]) -> float:
        return round(sum(values) / len(values), 2)

    assert mean(ours["rouge1"]) == 32.84
    assert mean(ours["rouge2"]) == 12.53
    assert mean(task["rougeLsum_lines"].values) == 30.61
    counts = task["numbers_kept"].counts
    assert counts is not None
    assert sum(counts) > 200
    told = zip(task["numbers_kept"].values, counts, strict=True)
    assert {value for value, count in told if count} == {100}, "a copy keeps whatever was told"
