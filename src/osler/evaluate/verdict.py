"""The verdict on two systems that answered the same items, in figures and in a plain sentence.

One rule: a system is better or worse on a measure if and only if its p-value after Holm's
correction over the measures compared is under 0.05. For a single measure that is the unadjusted p,
and the 95 % interval then excludes 0. What is not better or worse is equivalent if the 90 %
interval lies within the margin (two one-sided tests, Schuirmann 1987), and otherwise not shown.
Holm's correction guards the claims of a difference; equivalence is judged measure by measure.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import floor, isfinite, log10
from typing import Literal

import numpy as np

from osler.errors import UserError
from osler.evaluate.statistics import (
    MIN_GROUPS,
    MOST_ITEMS,
    Difference,
    Scores,
    clustered_difference,
    holm,
    items_needed,
    minimal_detectable_difference,
    paired_differences,
)

Outcome = Literal["better", "worse", "equivalent", "not shown", "no verdict"]
ALPHA = 0.05


@dataclass(frozen=True)
class MeasureSpec:
    """What a difference in a measure means: its good direction, and the least that matters."""

    higher_is_better: bool
    margin: float


@dataclass(frozen=True)
class Wording:
    """Names for the sentences: the two systems, and what the groups of items are."""

    a: str = "tuned"
    b: str = "base"
    groups: str = "groups"


@dataclass(frozen=True)
class Comparison:
    """a against b on one measure; differences are a - b in the measure's own unit.

    The fields that may be None are so together, in one case: there are fewer than MIN_GROUPS
    groups, the outcome is "no verdict".
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
    seed: int = 0,
    wording: Wording | None = None,
    resamples: int = 10_000,
) -> Comparison:
    """Judge a against b on a single measure; see `compare_all` for several."""
    spec = MeasureSpec(higher_is_better, margin)
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
    if len(set(groups)) < MIN_GROUPS:
        return [
            _no_verdict(name, a, b, spec, len(set(groups)), wording)
            for name, (a, b, spec) in measures.items()
        ]
    found = {
        name: clustered_difference(a, b, groups, level=1 - ALPHA, resamples=resamples, seed=seed)
        for name, (a, b, _) in measures.items()
    }
    adjusted = holm([difference.p for difference in found.values()])
    return [
        _judge(name, a, b, spec, found[name], p_holm, len(measures), wording)
        for (name, (a, b, spec)), p_holm in zip(measures.items(), adjusted, strict=True)
    ]


def overall_sentence(comparisons: Sequence[Comparison], wording: Wording | None = None) -> str:
    """One sentence over all measures; what became worse is never left out."""
    if not comparisons:
        raise UserError("there is no comparison to sum up")
    wording = wording or Wording()
    size = _size(comparisons[0].n_items, comparisons[0].n_clusters, wording)
    head = f"{wording.a} against {wording.b} on {size}"
    if all(c.p is None for c in comparisons):
        return f"{head}: no verdict can be given; at least {MIN_GROUPS} {wording.groups} are needed"
    parts: list[str] = []
    for outcome in ("better", "worse", "equivalent", "not shown"):
        names = [c.measure for c in comparisons if c.outcome == outcome]
        if names:
            label = "no difference shown" if outcome == "not shown" else outcome
            parts.append(f"{label} on {', '.join(names)}")
    many = len(comparisons) > 1
    tail = f" (false winners held to 5 % over all {len(comparisons)} measures)" if many else ""
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


def _no_verdict(
    name: str, a: Scores, b: Scores, spec: MeasureSpec, n_groups: int, wording: Wording
) -> Comparison:
    mean_a, mean_b = float(np.mean(a)), float(np.mean(b))
    size, digits = _size(len(a), n_groups, wording), _digits(max(abs(mean_a), abs(mean_b)) / 10)
    sentence = (
        f"no verdict can be given on {name}: {wording.a} {_fixed(mean_a, digits)} against "
        f"{wording.b} {_fixed(mean_b, digits)} on {size}; at least {MIN_GROUPS} {wording.groups} "
        f"are needed"
    )
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
    outcome: Outcome = "equivalent" if within else "not shown"
    if p_holm < ALPHA:
        outcome = "better" if (found.difference > 0) == spec.higher_is_better else "worse"
    detectable = minimal_detectable_difference(
        found.standard_error, found.n_clusters, alpha=ALPHA / n_measures
    )
    more = None
    if outcome == "not shown":
        more = items_needed(found.difference, detectable, found.n_items)
    mean_a, mean_b = float(np.mean(a)), float(np.mean(b))
    figures = _figures(found, mean_a, mean_b, p_holm, n_measures, wording)
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
        sentence=_opening(outcome, name, spec, wording)
        + figures
        + _closing(outcome, found, spec, detectable, more),
    )


def _opening(outcome: Outcome, name: str, spec: MeasureSpec, wording: Wording) -> str:
    measure = name if spec.higher_is_better else f"{name} (lower is better)"
    match outcome:
        case "better" | "worse":
            return f"{wording.a} is {outcome} than {wording.b} on {measure}: "
        case "equivalent":
            return f"{wording.a} and {wording.b} are equivalent on {measure}: "
        case _:
            return f"not shown that {wording.a} and {wording.b} differ on {measure}: "


def _figures(
    found: Difference,
    mean_a: float,
    mean_b: float,
    p_holm: float,
    n_measures: int,
    wording: Wording,
) -> str:
    """The numbers, with the decimals that the interval's width can bear."""
    low, high = found.interval
    digits = _digits((high - low) / 2 or abs(mean_a) / 10)
    after = f" after Holm over {n_measures} measures" if n_measures > 1 else ""
    return (
        f"{_fixed(mean_a, digits)} against {_fixed(mean_b, digits)}, difference "
        f"{_fixed(found.difference, digits)} (95 % interval {_fixed(low, digits)} to "
        f"{_fixed(high, digits)}; {_size(found.n_items, found.n_clusters, wording)}; "
        f"{_p_value(p_holm)}{after})"
    )


def _closing(
    outcome: Outcome, found: Difference, spec: MeasureSpec, detectable: float, more: int | None
) -> str:
    """What the figures alone would let a reader miss."""
    within = max(abs(end) for end in found.interval_90) <= spec.margin
    if outcome == "equivalent" and found.p == 1 and found.standard_error == 0:
        unseen = 100 * (1 - ALPHA ** (1 / found.n_clusters))
        return (
            f"; no difference was seen in any of {found.n_clusters} independent groups, but one in "
            f"up to {unseen:.{_digits(unseen)}f} % of them could have gone unseen"
        )
    if outcome == "equivalent":
        return f"; any difference is smaller than {spec.margin:g}, the least that would matter"
    if outcome in ("better", "worse"):
        small = f"; yet it is smaller than {spec.margin:g}, the least that would matter"
        return small if within else ""
    shown = f"; this test set could have shown a difference of {_short(detectable)}"
    if found.p < ALPHA:
        shown = f"; alone it would pass, but not among several measures{shown}"
    if found.difference == 0:
        return shown
    if more is None:
        return (
            f"{shown}; to show one as small as was seen would take over {MOST_ITEMS:,} more items"
        )
    return f"{shown}; about {_about(more)} more items would be needed to show the one seen"


def _size(n_items: int, n_groups: int, wording: Wording) -> str:
    return (
        f"{n_items} items"
        if n_groups == n_items
        else f"{n_items} items in {n_groups} {wording.groups}"
    )


def _digits(scale: float) -> int:
    """Decimals that show two significant digits of `scale`."""
    return min(6, max(0, 1 - floor(log10(scale)))) if scale > 1e-9 else 1


def _fixed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text[1:] if float(text) == 0 and text.startswith("-") else text


def _p_value(p: float) -> str:
    if p < 0.001:
        return "p < 0.001"
    # Near the limit one more decimal, lest "p = 0.050" stand beside a verdict.
    digits = 4 if 0.0495 <= p < 0.0505 else 3 if p < 0.1 else 2
    return f"p = {p:.{digits}f}"


def _short(value: float) -> str:
    return f"{value:.{_digits(value)}f}"


def _about(count: int) -> str:
    """Two significant digits, rounded up: the estimate bears no more."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"
