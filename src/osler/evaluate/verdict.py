"""The verdict on two systems that answered the same items, in figures and in a plain sentence.

One rule: a system is better or worse on a measure if and only if its p-value after Holm's
correction over the measures compared is under 0.05. For a single measure that is the unadjusted p,
and the 95 % interval then excludes 0. What is not better or worse is equivalent if two things
hold, and otherwise not shown: the 90 % interval lies within the margin (two one-sided tests,
Schuirmann 1987), and so does the farthest mean that groups of a kind not met could make of it
(`statistics.farthest_mean`). The second takes about 300 groups at a margin of 1 point of 100, and
it is what keeps false equivalence at 5 % where differences are rare and large. Holm's correction
guards the claims of a difference; equivalence is judged measure by measure.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf, isfinite

import numpy as np

from osler.errors import UserError
from osler.evaluate.sentences import (
    Finding,
    Outcome,
    Wording,
    headline,
    no_verdict_sentence,
    sentence_of,
)
from osler.evaluate.statistics import (
    Difference,
    Scores,
    clustered_difference,
    farthest_mean,
    group_sums,
    groups_needed,
    holm,
    items_needed,
    minimal_detectable_difference,
    paired_differences,
    too_few_groups,
)

ALPHA = 0.05


@dataclass(frozen=True)
class MeasureSpec:
    """What a difference in a measure means: its good direction, and the least that matters.

    `span` is the largest difference that an item can have, 100 for scores of 0 to 100. None, for
    scores without a bound: as large as the largest score given. `most` is the largest that two
    figures can have, where items that weigh more than others could carry an interval beyond it.
    """

    higher_is_better: bool
    margin: float
    span: float | None = None
    most: float = inf


@dataclass(frozen=True)
class Comparison:
    """a against b on one measure; differences are a - b in the measure's own unit.

    The fields that may be None are so together, in one case: the groups are too few (or one holds
    nearly all items), the outcome is "no verdict".
    `more_items_needed` is None as well where a difference was shown or is ruled out, and where
    no realistic number of items would do.
    """

    measure: str
    higher_is_better: bool
    margin: float
    n_items: int
    n_clusters: int
    mean_a: float
    mean_b: float
    difference: float
    interval: tuple[float, float] | None
    interval_90: tuple[float, float] | None
    p: float | None
    p_holm: float | None
    minimal_detectable: float | None
    more_items_needed: int | None
    outcome: Outcome
    sentence: str

    def to_dict(self) -> dict[str, object]:
        """The fields as plain JSON values."""
        return asdict(self)


def compare(
    measure: str,
    a_scores: Scores,
    b_scores: Scores,
    groups: Sequence[Hashable],
    *,
    higher_is_better: bool,
    margin: float,
    span: float | None = None,
    seed: int = 0,
    wording: Wording | None = None,
    resamples: int = 10_000,
) -> Comparison:
    """Judge a against b on a single measure; see `compare_all` for several."""
    spec = MeasureSpec(higher_is_better, margin, span)
    measures = {measure: (a_scores, b_scores, spec)}
    return compare_all(measures, groups, seed=seed, wording=wording, resamples=resamples)[0]


def compare_all(
    measures: Mapping[str, tuple[Scores, Scores, MeasureSpec]],
    groups: Sequence[Hashable],
    *,
    seed: int = 0,
    wording: Wording | None = None,
    resamples: int = 10_000,
) -> list[Comparison]:
    """Judge a against b on every measure, all on the same items, in the order given.

    `groups` names each item's source (patient, topic); give the item's own id where items are
    independent. What is detectable is stated for the level that Holm's correction demands of the
    first measure, 0.05 / number of measures.
    """
    wording = wording or Wording()
    for name, (a, b, spec) in measures.items():
        _check(name, a, b, spec, groups)
    few = too_few_groups(group_sums(np.zeros(len(groups)), groups)[1])
    if few is not None:
        return [
            _no_verdict(name, a, b, spec, len(set(groups)), few, wording)
            for name, (a, b, spec) in measures.items()
        ]
    found = {
        name: _no_more_than(
            spec.most,
            clustered_difference(
                a, b, groups, level=1 - ALPHA, resamples=resamples, seed=seed, span=spec.span
            ),
        )
        for name, (a, b, spec) in measures.items()
    }
    adjusted = holm([difference.p for difference in found.values()])
    return [
        _judge(name, a, b, spec, found[name], p_holm, len(measures), wording)
        for (name, (a, b, spec)), p_holm in zip(measures.items(), adjusted, strict=True)
    ]


def overall_sentence(
    comparisons: Sequence[Comparison], wording: Wording | None = None, remark: str = ""
) -> str:
    """One sentence over all measures; what became worse is never left out.

    `remark` is put behind the size of the test set: what a reader must know before the outcomes.
    """
    if not comparisons:
        raise UserError("there is no comparison to sum up")
    first = comparisons[0]
    head = headline(first.n_items, first.n_clusters, wording or Wording(), remark)
    if first.outcome == "no verdict":
        return f"{head}: no verdict can be given; {first.sentence.rsplit('; ', 1)[1]}"
    parts: list[str] = []
    for outcome in ("better", "worse", "equivalent", "not shown"):
        names = [c.measure for c in comparisons if c.outcome == outcome]
        if names:
            label = "no difference shown" if outcome == "not shown" else outcome
            parts.append(f"{label} on {', '.join(names)}")
    count = len(comparisons)
    over = "both measures" if count == 2 else f"all {count} measures"
    tail = f" (false winners held to 5 % over {over})" if count > 1 else ""
    return f"{head}: {'; '.join(parts)}{tail}"


def _check(name: str, a: Scores, b: Scores, spec: MeasureSpec, groups: Sequence[Hashable]) -> None:
    try:
        paired_differences(a, b)
    except UserError as error:
        raise UserError(f"{name}: {error.message}", error.cure) from None
    if len(groups) != len(a):
        raise UserError(f"{name}: {len(a)} items are scored, but {len(groups)} groups are named")
    if not (isfinite(spec.margin) and spec.margin > 0):
        raise UserError(
            f"{name}: the margin of equivalence is {spec.margin}",
            "Set the smallest difference that would matter, a number above 0.",
        )


def _no_more_than(most: float, found: Difference) -> Difference:
    """The same, with intervals that end where differences do."""
    (low, high), (low_90, high_90) = found.interval, found.interval_90
    return replace(
        found,
        interval=(max(low, -most), min(high, most)),
        interval_90=(max(low_90, -most), min(high_90, most)),
    )


def _no_verdict(
    name: str, a: Scores, b: Scores, spec: MeasureSpec, n_groups: int, few: str, wording: Wording
) -> Comparison:
    mean_a, mean_b = float(np.mean(a)), float(np.mean(b))
    sentence = no_verdict_sentence(name, (mean_a, mean_b), len(a), n_groups, few, wording)
    return Comparison(
        measure=name,
        higher_is_better=spec.higher_is_better,
        margin=spec.margin,
        n_items=len(a),
        n_clusters=n_groups,
        mean_a=mean_a,
        mean_b=mean_b,
        difference=mean_a - mean_b,
        interval=None,
        interval_90=None,
        p=None,
        p_holm=None,
        minimal_detectable=None,
        more_items_needed=None,
        outcome="no verdict",
        sentence=sentence,
    )


def _judge(
    name: str,
    a: Scores,
    b: Scores,
    spec: MeasureSpec,
    found: Difference,
    p_holm: float,
    n_measures: int,
    wording: Wording,
) -> Comparison:
    within = max(abs(end) for end in found.interval_90) <= spec.margin
    span = spec.span or _largest(a, b) or inf
    seen = farthest_mean(found.difference, found.unseen, span) <= spec.margin
    outcome: Outcome = "equivalent" if within and seen else "not shown"
    if p_holm < ALPHA:
        outcome = "better" if (found.difference > 0) == spec.higher_is_better else "worse"
    detectable = minimal_detectable_difference(
        found.standard_error, found.n_clusters, alpha=ALPHA / n_measures
    )
    more = None
    if outcome == "not shown" and not within and detectable > abs(found.difference):
        more = items_needed(found.difference, detectable, found.n_items)
    mean_a, mean_b = float(np.mean(a)), float(np.mean(b))
    finding = Finding(
        name, spec.higher_is_better, spec.margin, outcome, found, mean_a, mean_b, p_holm,
        n_measures, within, detectable, more, groups_needed(spec.margin, span),
    )  # fmt: skip
    return Comparison(
        measure=name,
        higher_is_better=spec.higher_is_better,
        margin=spec.margin,
        n_items=found.n_items,
        n_clusters=found.n_clusters,
        mean_a=mean_a,
        mean_b=mean_b,
        difference=found.difference,
        interval=found.interval,
        interval_90=found.interval_90,
        p=found.p,
        p_holm=p_holm,
        minimal_detectable=detectable,
        more_items_needed=more,
        outcome=outcome,
        sentence=sentence_of(finding, wording),
    )


def _largest(a: Scores, b: Scores) -> float:
    return float(max(np.abs(a).max(), np.abs(b).max()))
