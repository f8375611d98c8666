"""From scores per item to results: means with intervals, comparisons, the verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from osler.evaluate.measures import MEASURES, margin_of
from osler.evaluate.sentences import Wording, headline
from osler.evaluate.statistics import (
    clustered_difference,
    group_sums,
    too_few_groups,
    wilson_interval,
)
from osler.evaluate.verdict import MeasureSpec, compare_all, overall_sentence

Range = tuple[float | None, float | None]
BY_LABEL = {measure.label: name for name, measure in MEASURES.items()}
"""Sentences name a measure as a reader knows it, figures are filed under its name in code."""


@dataclass
class System:
    """One system's performance. `scores` has one value per item for each measure.

    `whole` holds measures that exist only for the test set as a whole and so have no interval;
    `totals` figures beside the measures, `zeros` why items scored 0 without a comparison.
    """

    scores: dict[str, list[float]]
    whole: dict[str, float] = field(default_factory=dict[str, float])
    totals: dict[str, float] = field(default_factory=dict[str, float])
    zeros: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class Examination:
    """Several systems on the same items.

    `sizes` are the bytes of each reference, which weigh the measures that are averaged over
    bytes. `pairs` are the comparisons to be made, first against second. `blind` names measures
    that cannot see these references and so decide nothing; a note says why.
    """

    groups: list[str]
    sizes: list[int]
    systems: dict[str, System]
    pairs: list[tuple[str, str]]
    signatures: dict[str, str]
    notes: list[str] = field(default_factory=list[str])
    sources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    blind: set[str] = field(default_factory=set[str])

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
    for a, b in examination.pairs:
        wording, remark = Wording(a, b), _empty(examination, a, b)
        measures = _deciding(examination, a, b, margin)
        found = compare_all(measures, examination.groups, seed=seed, wording=wording)
        comparisons += [
            {"a": a, "b": b, **comparison.to_dict(), "measure": BY_LABEL[comparison.measure]}
            for comparison in found
        ]
        verdict[f"{a} against {b}"] = (
            overall_sentence(found, wording, remark)
            if found
            else _undecided(examination, wording, remark)
        )
    return {
        "items": len(examination.groups),
        "groups": len(set(examination.groups)),
        "verdict": verdict,
        "comparisons": comparisons,
        "measures": {name: asdict(measure) for name, measure in MEASURES.items()},
        "systems": {
            name: {
                "measures": _means(system, examination, confidence, seed),
                "totals": system.totals,
                "zero_scores": system.zeros,
            }
            for name, system in examination.systems.items()
        },
        "sources": examination.sources,
        "signatures": examination.signatures,
        "notes": examination.notes,
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
    first, second = examination.systems[a].scores, examination.systems[b].scores
    return {
        measure.label: (
            summands(examination, name, first[name]),
            summands(examination, name, second[name]),
            MeasureSpec(
                measure.better == "higher",
                margin_of(name, margin),
                # Bits have no bound: a group that costs as much as the dearest item is imagined.
                max(*first[name], *second[name]) if measure.unit == "bits" else 100.0,
            ),
        )
        for name, measure in MEASURES.items()
        if measure.decides and name in first and name in second and name not in examination.blind
    }


def summands(examination: Examination, measure: str, scores: Sequence[float]) -> list[float]:
    """Numbers whose plain mean is the measure's figure.

    For bits per byte these are an item's bits over the mean bytes of an item, so that what is
    tested is all bits over all bytes, the figure that is reported.
    """
    if not MEASURES[measure].weighted:
        return list(scores)
    return [score * weight for score, weight in zip(scores, examination.weights, strict=True)]


def _means(
    system: System, examination: Examination, confidence: float, seed: int
) -> dict[str, dict[str, float | None]]:
    means: dict[str, dict[str, float | None]] = {}
    for name in MEASURES:
        if name in system.whole:
            means[name] = {"mean": system.whole[name], "low": None, "high": None}
        elif name in system.scores:
            scores = system.scores[name]
            weights = examination.weights if MEASURES[name].weighted else [1.0] * len(scores)
            mean = float(np.average(scores, weights=weights))
            low, high = _interval(name, scores, weights, examination.groups, confidence, seed)
            means[name] = {"mean": mean, "low": low, "high": high}
    return means


def _interval(
    measure: str,
    scores: Sequence[float],
    weights: Sequence[float],
    groups: Sequence[str],
    confidence: float,
    seed: int,
) -> Range:
    """Interval of one system's figure; (None, None) where too few groups allow none.

    Rates of independent items: Wilson's. Otherwise the items' deviations from the figure, group
    by group, as for a difference. A rate of 0 or 100 % in grouped items shows no deviations: there
    it is Wilson's with one trial a group, as if the items of a group were all alike.
    """
    rate, n_groups = MEASURES[measure].rate, len(set(groups))
    hits = sum(score > 0 for score in scores)
    if rate and (n_groups == len(scores) or hits in (0, len(scores))):
        trials = n_groups
        low, high = wilson_interval(round(hits / len(scores) * trials), trials, confidence)
        return 100 * low, 100 * high
    if too_few_groups(group_sums(np.zeros(len(groups)), groups)[1]) is not None:
        return None, None
    values, weight = np.asarray(scores, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    mean = float(np.average(values, weights=weight))
    apart = weight * (values - mean)
    found = clustered_difference(apart, np.zeros_like(apart), groups, level=confidence, seed=seed)
    low, high = mean + found.interval[0], mean + found.interval[1]
    return (max(0.0, low), min(100.0, high)) if rate else (low, high)
