"""Questions and answers: nothing is measured beyond likeness to the reference answer."""

from __future__ import annotations

from osler.tasks.base import Task
from osler.tasks.nearest import NEAREST, nearest_answers

TASK = Task(controls={"control": nearest_answers}, signatures={"control": NEAREST})
