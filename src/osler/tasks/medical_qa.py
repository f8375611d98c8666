"""Questions and answers. Beyond likeness to the reference answer: which ones are declined."""

from __future__ import annotations

from dataclasses import replace

from osler.tasks.base import Task
from osler.tasks.nearest import NEAREST, nearest_answers
from osler.tasks.refusal import MEASURES, RULE, score

TASK = Task(
    controls={"control": nearest_answers},
    measures={name: replace(measure, decides=False) for name, measure in MEASURES.items()},
    score=score,
    signatures={"control": NEAREST, "refused": RULE},
)
