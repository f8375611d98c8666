"""What a task is: further measures of an answer, and controls that need no model.

A task sees the test rows and the answers of one system to them, one for each row, in order. What
it measures joins the measures that every examination has (`osler.evaluate.measures`): the same
means with intervals over groups, and, where a measure decides, the same verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from osler.rows import Row


@dataclass(frozen=True)
class Measure:
    """One measure. `rate` marks those that are 0 or 100 for each item.

    `weighted` marks those that are averaged over bytes of the reference, not over items. One that
    decides runs from 0 to 100 (or is in bits), because the margin of equivalence is in points.
    """

    label: str
    unit: Literal["points", "%", "bits", "ratio"]
    better: Literal["higher", "lower", "neither"]
    about: str
    decides: bool = False
    rate: bool = False
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """One value for each item.

    `counts` says what each item counts for: a share of things of which an item may have many, few
    or none is hits / things with `counts` = things, and its figure is all hits / all things. A
    figure of a whole group (a patient whose sections are items) stands at one of its items, and
    the others count 0. None: every item counts alike. An item that counts 0 has no value.
    """

    values: list[float]
    counts: list[float] | None = None


Score = Callable[[Sequence[Row], Sequence[str]], Mapping[str, Scores]]
"""(test rows, a system's answers) -> name of a measure -> its scores. A measure may be left out
where it says nothing of these rows; then it must be left out for every system."""

Control = Callable[[Sequence[Row], Sequence[Row]], list[str]]
"""(training rows, test rows) -> an answer for each test row, empty where there is none to give."""


def no_scores(rows: Sequence[Row], answers: Sequence[str]) -> Mapping[str, Scores]:
    """For a task that measures nothing further."""
    return {}


def no_notes(rows: Sequence[Row]) -> list[str]:
    """For a task of which there is nothing to say."""
    return []


@dataclass(frozen=True)
class Task:
    """A kind of work, by what it is examined on.

    `controls` are systems beside base and tuned model, by name; the tuned model is compared with
    each. `signatures` say how the measures are computed, `notes` what a reader of the figures must
    know about these rows. Neither holds text of a row.
    """

    controls: Mapping[str, Control]
    measures: Mapping[str, Measure] = field(default_factory=dict[str, Measure])
    score: Score = no_scores
    scorer: Callable[..., Score] | None = None
    """In place of `score`, where it takes more than rows: made from the folders of runs' data."""
    signatures: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Callable[[Sequence[Row]], list[str]] = no_notes
