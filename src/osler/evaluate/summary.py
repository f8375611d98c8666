"""From scores per item to results: means with intervals, comparisons, the verdict in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any

import numpy as np

from osler.evaluate.measures import MEASURES, margin_of
from osler.evaluate.sentences import Wording, headline
from osler.evaluate.statistics import (
    MIN_GROUPS,
    clustered_difference,
    group_sums,
    grouped_wilson_interval,
    too_few_groups,
)
from osler.evaluate.verdict import MeasureSpec, compare_all, overall_sentence
from osler.tasks.base import Measure

Range = tuple[float | None, float | None]


@dataclass
class System:
    """One system's performance. `scores` has one value per item for each measure.

    `counts` says what each item counts for, of measures that are shares of things of which an
    item has many or none (`osler.tasks.base.Scores`): this system's own, never all 0. `whole`
    holds measures that exist only for the test set as a whole and so have no interval; `totals`
    figures beside the measures, `zeros` why items scored 0 without a comparison.
    """

    scores: dict[str, list[float]]
    counts: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    whole: dict[str, float] = field(default_factory=dict[str, float])
    totals: dict[str, float] = field(default_factory=dict[str, float])
    zeros: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class Examination:
    """Several systems on the same items.

    `sizes` are the bytes of each reference, which weigh the measures that are averaged over
    bytes. `pairs` are the comparisons to be made, first against second. `blind` names measures
    that cannot see these references and so decide nothing; a note says why. `measures` are all
    that may be among the scores.
    """

    groups: list[str]
    sizes: list[int]
    systems: dict[str, System]
    pairs: list[tuple[str, str]]
    signatures: dict[str, str]
    notes: list[str] = field(default_factory=list[str])
    sources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    blind: set[str] = field(default_factory=set[str])
    measures: dict[str, Measure] = field(default_factory=lambda: dict(MEASURES))

    @property
    def weights(self) -> list[float]:
        """Each item's bytes as a multiple of the mean."""
        mean = sum(self.sizes) / len(self.sizes)
        return [size / mean for size in self.sizes]


def summarise(
    examination: Examination, *, confidence: float, margin: float, seed: int
) -> dict[str, Any]:
    """Everything `results.json` says that follows from the scores. Holds no example text."""
    comparisons: list[dict[str, Any]] = []
    verdict: dict[str, str] = {}
    notes = list(examination.notes)
    # Sentences name a measure as a reader knows it, figures are filed under its name in code.
    by_label = {measure.label: name for name, measure in examination.measures.items()}
    for a, b in examination.pairs:
        wording, remark = Wording(a, b), _empty(examination, a, b)
        measures = _deciding(examination, a, b, margin)
        found = compare_all(measures, examination.groups, seed=seed, wording=wording)
        comparisons += [
            {"a": a, "b": b, **comparison.to_dict(), "measure": by_label[comparison.measure]}
            for comparison in found
        ]
        verdict[f"{a} against {b}"] = (
            overall_sentence(found, wording, remark)
            if found
            else _undecided(examination, wording, remark)
        )
        notes += _left_out(examination, a, b)
    return {
        "items": len(examination.groups),
        "groups": len(set(examination.groups)),
        "verdict": verdict,
        "comparisons": comparisons,
        "measures": {name: asdict(measure) for name, measure in examination.measures.items()},
        "systems": {
            name: {
                "measures": _means(name, examination, confidence, seed),
                "totals": system.totals,
                "zero_scores": system.zeros,
            }
            for name, system in examination.systems.items()
        },
        "sources": examination.sources,
        "signatures": examination.signatures,
        "notes": notes,
    }


def _empty(examination: Examination, a: str, b: str) -> str:
    """What must be said before any outcome: that a system answered nothing at all."""
    rates = {name: examination.systems[name].scores.get("empty_rate", [0.0]) for name in (a, b)}
    empty = [name for name in (a, b) if min(rates[name]) == 100]
    return f"every answer of {' and '.join(empty)} is empty" if empty else ""


def _undecided(examination: Examination, wording: Wording, remark: str) -> str:
    groups = examination.groups
    head = headline(len(groups), len(set(groups)), wording, remark)
    return f"{head}: no verdict can be given; none of the measures that decide can be used here"


def _deciding(
    examination: Examination, a: str, b: str, margin: float
) -> dict[str, tuple[list[float], list[float], MeasureSpec]]:
    """Label -> scores of the measures the verdict rests on, where both systems have them."""
    compared: dict[str, tuple[list[float], list[float], MeasureSpec]] = {}
    for name in _shared(examination, a, b):
        if _sparse(examination, a, name) or _sparse(examination, b, name):
            continue
        measure = examination.measures[name]
        centre = _centre(examination, a, b, name)
        first, second = (summands(examination, system, name, centre) for system in (a, b))
        spec = MeasureSpec(
            measure.better == "higher",
            margin_of(name, margin),
            _span(examination, a, b, name),
            most=inf if measure.unit == "bits" else 100.0,
        )
        compared[measure.label] = (first, second, spec)
    return compared


def _shared(examination: Examination, a: str, b: str) -> list[str]:
    """Names of the deciding measures that both systems have and that can see the references."""
    first, second = examination.systems[a].scores, examination.systems[b].scores
    return [
        name
        for name, measure in examination.measures.items()
        if measure.decides and name in first and name in second and name not in examination.blind
    ]


def _sparse(examination: Examination, system: str, measure: str) -> bool:
    """True when what is counted stands in fewer groups than any verdict needs."""
    counts = examination.systems[system].counts.get(measure)
    if counts is None:
        return False
    groups = {group for group, count in zip(examination.groups, counts, strict=True) if count}
    return len(groups) < MIN_GROUPS


def _left_out(examination: Examination, a: str, b: str) -> list[str]:
    """Why a share that decides takes no part in a comparison."""
    shared, systems = _shared(examination, a, b), examination.systems
    counted = systems[a].counts | systems[b].counts
    return [
        f"{measure.label}: no part in the verdict on {a} against {b}, for in the answers of one of "
        f"them there is something to count in fewer than {MIN_GROUPS} groups."
        for name, measure in examination.measures.items()
        if measure.decides and name in counted
        if name not in shared or _sparse(examination, a, name) or _sparse(examination, b, name)
    ]


def values_of(system: System, measure: str) -> list[float]:
    """The scores of the items that have one: those that count."""
    counts = system.counts.get(measure)
    if counts is None:
        return system.scores[measure]
    return [s for s, count in zip(system.scores[measure], counts, strict=True) if count]


def weights_of(examination: Examination, system: str, measure: str) -> list[float]:
    """What each item counts for in a measure's figure, 1 on average."""
    found = examination.systems[system]
    if measure in found.counts:
        counts = found.counts[measure]
        mean = sum(counts) / len(counts)
        return [count / mean for count in counts]
    if examination.measures[measure].weighted:
        return examination.weights
    return [1.0] * len(found.scores[measure])


def summands(examination: Examination, system: str, measure: str, centre: float) -> list[float]:
    """Numbers whose plain mean is the measure's figure for this system.

    For bits per byte these are an item's bits over the mean bytes of an item, so that what is
    tested is all bits over all bytes, the figure that is reported. Where two systems count
    different things (each its own statements), deviations from a value between their figures
    (`centre`) are weighed instead: the linear form of a ratio, in which an item that counts
    nothing for both shows no difference.
    """
    scores = examination.systems[system].scores[measure]
    weights = weights_of(examination, system, measure)
    return [
        centre + weight * (score - centre) for score, weight in zip(scores, weights, strict=True)
    ]


def _centre(examination: Examination, a: str, b: str, measure: str) -> float:
    if measure not in examination.systems[a].counts | examination.systems[b].counts:
        return 0.0
    return sum(_mean(examination, system, measure) for system in (a, b)) / 2


def _span(examination: Examination, a: str, b: str, measure: str) -> float:
    """The largest difference that an item can make.

    Bits have no bound: a group that costs as much as the dearest item is imagined.
    """
    if examination.measures[measure].unit == "bits":
        scores = (examination.systems[system].scores[measure] for system in (a, b))
        return max(map(max, scores))
    counted = [s for s in (a, b) if measure in examination.systems[s].counts]
    return 100.0 * max([1.0, *(max(weights_of(examination, s, measure)) for s in counted)])


def _mean(examination: Examination, system: str, measure: str) -> float:
    scores = examination.systems[system].scores[measure]
    return float(np.average(scores, weights=weights_of(examination, system, measure)))


def _means(
    name: str, examination: Examination, confidence: float, seed: int
) -> dict[str, dict[str, float | None]]:
    """Every measure of one system, with its interval."""
    system = examination.systems[name]
    means: dict[str, dict[str, float | None]] = {}
    for measure in examination.measures:
        if measure in system.whole:
            means[measure] = {"mean": system.whole[measure], "low": None, "high": None}
        elif measure in system.scores:
            low, high = _interval(examination, name, measure, confidence, seed)
            mean = _mean(examination, name, measure)
            means[measure] = {"mean": mean, "low": low, "high": high}
    return means


def _interval(
    examination: Examination, system: str, measure: str, confidence: float, seed: int
) -> Range:
    """Interval of one system's figure; (None, None) where too few groups allow none.

    Rates of items and shares of things counted in them: Wilson's, of as many trials as the groups
    are worth. Otherwise the items' deviations from the figure, group by group, as for a difference.
    """
    groups = examination.groups
    scores = np.asarray(examination.systems[system].scores[measure], dtype=np.float64)
    counts = examination.systems[system].counts.get(measure)
    if examination.measures[measure].rate or counts is not None:
        trials = np.ones_like(scores) if counts is None else np.asarray(counts, dtype=np.float64)
        hits, of = (group_sums(one, groups)[0] for one in (scores / 100 * trials, trials))
        found = grouped_wilson_interval(hits, of, confidence)
        return (100 * found[0], 100 * found[1]) if found else (None, None)
    if too_few_groups(group_sums(np.zeros(len(groups)), groups)[1]) is not None:
        return None, None
    mean = _mean(examination, system, measure)
    apart = np.asarray(weights_of(examination, system, measure)) * (scores - mean)
    around = clustered_difference(apart, np.zeros_like(apart), groups, level=confidence, seed=seed)
    return mean + around.interval[0], mean + around.interval[1]
