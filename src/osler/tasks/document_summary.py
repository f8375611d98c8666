"""Documents and their summaries: sections of a note (MTS-Dialog), whole notes (ACI-Bench).

ROUGE is what the scripts of MEDIQA-Chat 2023 (github.com/abachaa/MEDIQA-Chat-2023) and of
ACI-Bench (github.com/wyim/aci-bench) compute: `evaluate.load("rouge")` as it comes, which is
rouge-score, F1, unstemmed, averaged over items. ROUGE-1 and ROUGE-2 are those of every examination.
What the tables of ACI-Bench call ROUGE-L of a whole note is rougeLsum with sentences that end at
line breaks only: a copy of the transcripts has 32.84, 12.53 and 30.61 there, and here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from osler.progress import progress
from osler.rows import Row
from osler.tasks.base import Measure, Scores, Task
from osler.tasks.nearest import NEAREST, nearest_answers
from osler.tasks.note_divisions import HEADINGS, divide
from osler.tasks.numbers import told_numbers, written_numbers

ROUGE = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}
SHOWN = re.compile(r"<document>\n(.*)\n</document>", re.DOTALL)
"""A document between its marks (`osler.prompts.with_document`)."""
LINE_BREAK = " lf1 "
"""A line break in a division: `__lf1__` in the scripts, which ROUGE reads as a word."""
ABSENT = "empty"
"""A division that is not there: `#####EMPTY#####` in the scripts, for ROUGE this word. What both
lack scores 100 on ROUGE-1 and ROUGE-L, and 0 on ROUGE-2."""

DIVIDED = {
    f"{division}_{name}": Measure(
        f"{label}, {division.replace('_', ' ')}",
        "points",
        "higher",
        f"{label} of this division of the note, as the tables of ACI-Bench have it: line breaks "
        "count as words, and a division that answer and reference both lack counts as one word "
        "shared.",
    )
    for division in HEADINGS
    for name, label in ROUGE.items()
}

MEASURES = {
    "numbers_right": Measure(
        "numbers from the document",
        "%",
        "higher",
        "Of the different numbers in the answers, those that the document tells, in digits or in "
        "words. It sees no units, and not what a number belongs to.",
        decides=True,
    ),
    "numbers_kept": Measure(
        "numbers kept",
        "%",
        "higher",
        "Of the different numbers in the references that the document tells, those that the "
        "answers have.",
    ),
    "rougeL": Measure(
        "ROUGE-L",
        "points",
        "higher",
        "Longest common subsequence with the reference, each text as one line; F1, unstemmed.",
    ),
    "rougeLsum_lines": Measure(
        "ROUGE-Lsum, by lines",
        "points",
        "higher",
        "ROUGE-Lsum with sentences that end at line breaks only: what the tables of ACI-Bench call "
        "ROUGE-L of a whole note.",
    ),
    **DIVIDED,
}


def document_of(row: Row) -> str:
    """What is to be summarised, as the model is shown it: the last user message.

    Without the instruction, where the row says what that is (`extra["instruction"]`) or the marks
    of a document tell it.
    """
    shown = SHOWN.match(row.question)
    if shown:
        return shown[1].strip()
    return row.question.removeprefix(str(row.extra.get("instruction", ""))).strip()


def copied(training: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The control that copies: the whole document."""
    return [document_of(row) for row in rows]


def score(rows: Sequence[Row], answers: Sequence[str]) -> Mapping[str, Scores]:
    """The task's measures of one system's answers."""
    references = [row.reference for row in rows]
    scores = _whole(answers, references) | _numbers(rows, answers)
    return scores | (_by_division(answers, references) if are_notes(references) else {})


def are_notes(references: Sequence[str]) -> bool:
    """True when most references have headings of two divisions or more."""
    divided = sum(len(divide(reference)) > 1 for reference in references)
    return divided > len(references) / 2


def _whole(answers: Sequence[str], references: Sequence[str]) -> dict[str, Scores]:
    scorer = _scorer(["rougeL", "rougeLsum"])
    found = [
        scorer.score(reference, answer)
        for answer, reference in progress(
            list(zip(answers, references, strict=True)), "published ROUGE"
        )
    ]
    return {
        "rougeL": Scores([_points(item["rougeL"]) for item in found]),
        "rougeLsum_lines": Scores([_points(item["rougeLsum"]) for item in found]),
    }


def _by_division(answers: Sequence[str], references: Sequence[str]) -> dict[str, Scores]:
    """ROUGE of each division of each note; an empty answer scores 0 on all."""
    scorer = _scorer(list(ROUGE))
    sides = [[divide(text) if text.strip() else None for text in x] for x in (references, answers)]
    scores: dict[str, Scores] = {}
    for division in HEADINGS:
        wanted, given = ([_words(note, division, side) for note in side] for side in sides)
        found = [scorer.score(*pair) for pair in zip(wanted, given, strict=True)]
        for name in ROUGE:
            scores[f"{division}_{name}"] = Scores([_points(item[name]) for item in found])
    return scores


def _words(
    note: dict[str, str] | None, division: str, side: Sequence[dict[str, str] | None]
) -> str:
    """A division as the scripts score it; nothing where none of a side's notes has it."""
    if note is not None and division in note:
        return note[division].replace("\n", LINE_BREAK)
    known = any(other is not None and division in other for other in side)
    return ABSENT if known and note is not None else ""


def _numbers(rows: Sequence[Row], answers: Sequence[str]) -> dict[str, Scores]:
    """How many of an answer's numbers are the document's, and how many of those are kept."""
    right: list[tuple[int, int]] = []
    kept: list[tuple[int, int]] = []
    for row, answer in zip(rows, answers, strict=True):
        told, given = told_numbers(document_of(row)), written_numbers(answer)
        wanted = written_numbers(row.reference) & told
        right.append((len(given & told), len(given)))
        kept.append((len(wanted & told_numbers(answer)), len(wanted)))
    return {"numbers_right": _shares(right), "numbers_kept": _shares(kept)}


def _shares(pairs: Sequence[tuple[int, int]]) -> Scores:
    """Hits of all, item by item, each item counting for how many it has."""
    values = [100 * hits / total if total else 0.0 for hits, total in pairs]
    return Scores(values, [float(total) for _, total in pairs])


def notes(rows: Sequence[Row]) -> list[str]:
    """What the numbers' measures can reach here, and why figures may not compare with others."""
    pairs = [(told_numbers(document_of(row)), written_numbers(row.reference)) for row in rows]
    total = sum(len(wanted) for _, wanted in pairs)
    told = sum(len(wanted & told) for told, wanted in pairs)
    said: list[str] = []
    if total:
        said.append(
            f"Of the {total} numbers in the references {100 * told / total:.1f} % are told in "
            "their documents; a clinician knows what was not said."
        )
    sources = sorted({row.source for row in rows})
    if len(sources) > 1:
        said.append(
            f"The figures are over all of {', '.join(sources)}; published ones are of one set."
        )
    return said


def _scorer(types: list[str]) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(types, use_stemmer=False)


def _points(score: Any) -> float:
    return 100 * float(score.fmeasure)


TASK = Task(
    controls={"control": nearest_answers, "copy": copied},
    measures=MEASURES,
    score=score,
    signatures={
        "control": NEAREST,
        "copy": "the whole document, as the model was shown it",
        "rougeL, rougeLsum_lines, divisions": "rouge-score as evaluate 0.4.0 calls it|f1|stem:no"
        "|words:a-z0-9|sentences:line break",
        "numbers_right, numbers_kept": "different values an item|all hits / all numbers"
        "|English number words|no units",
    },
    notes=notes,
)
