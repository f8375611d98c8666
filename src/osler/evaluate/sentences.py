"""What a comparison found, in the words that a clinician reads."""

from dataclasses import dataclass
from math import floor, log10
from typing import Literal

from osler.evaluate.statistics import MOST_ITEMS, Difference

Outcome = Literal["better", "worse", "equivalent", "not shown", "no verdict"]


@dataclass(frozen=True)
class Wording:
    """Names for the sentences: the two systems, and what the groups of items are."""

    a: str = "tuned"
    b: str = "base"
    groups: str = "groups"


@dataclass(frozen=True)
class Finding:
    """All that a sentence on one measure is made from.

    `within`: the 90 % interval lies within the margin. `more`: items that would show the
    difference seen. `needed`: groups from which no difference at all would show equivalence.
    """

    measure: str
    higher_is_better: bool
    margin: float
    outcome: Outcome
    found: Difference
    mean_a: float
    mean_b: float
    p_holm: float
    n_measures: int
    within: bool
    detectable: float
    more: int | None
    needed: int | None


def sentence_of(finding: Finding, wording: Wording) -> str:
    """Outcome, figures, and what the figures alone would let a reader miss."""
    return _opening(finding, wording) + _figures(finding, wording) + _closing(finding)


def no_verdict_sentence(
    measure: str, means: tuple[float, float], n_items: int, n_groups: int, why: str, words: Wording
) -> str:
    """The two means, and why they allow no verdict."""
    digits = _digits(max(map(abs, means)) / 10)
    a, b = (_fixed(mean, digits) for mean in means)
    return (
        f"no verdict can be given on {measure}: {words.a} {a} against {words.b} {b} on "
        f"{_size(n_items, n_groups, words)}; {why.replace('group', words.groups.removesuffix('s'))}"
    )


def headline(n_items: int, n_groups: int, wording: Wording, remark: str = "") -> str:
    """Who is compared with whom, and on what."""
    size = _size(n_items, n_groups, wording)
    alone = " treated as independent" if n_groups == n_items else ""
    return f"{wording.a} against {wording.b} on {size}{alone}{f', {remark}' if remark else ''}"


def counted(count: int, things: str) -> str:
    """`1 group`, `2 groups`."""
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


def _opening(finding: Finding, wording: Wording) -> str:
    name = finding.measure
    measure = name if finding.higher_is_better else f"{name} (lower is better)"
    match finding.outcome:
        case "better" | "worse":
            return f"{wording.a} is {finding.outcome} than {wording.b} on {measure}: "
        case "equivalent":
            return f"{wording.a} and {wording.b} are equivalent on {measure}: "
        case _:
            return f"not shown that {wording.a} and {wording.b} differ on {measure}: "


def _figures(finding: Finding, wording: Wording) -> str:
    """The numbers, with the decimals that the interval's width can bear."""
    found = finding.found
    low, high = found.interval
    digits = _digits((high - low) / 2 or abs(finding.mean_a) / 10)
    many = finding.n_measures
    after = f" after Holm over {many} measures" if many > 1 else ""
    return (
        f"{_fixed(finding.mean_a, digits)} against {_fixed(finding.mean_b, digits)}, difference "
        f"{_fixed(found.difference, digits)} (95 % interval {_fixed(low, digits)} to "
        f"{_fixed(high, digits)}; {_size(found.n_items, found.n_clusters, wording)}; "
        f"{_p_value(finding.p_holm)}{after})"
    )


def _closing(finding: Finding) -> str:
    """What the figures alone would let a reader miss."""
    margin = f"{finding.margin:g}, the least that would matter"
    if finding.outcome == "equivalent":
        return f"; any difference is smaller than {margin}"
    if finding.outcome in ("better", "worse"):
        return f"; yet it is smaller than {margin}" if finding.within else ""
    if finding.within:
        return _nothing_seen(finding, margin)
    found = finding.found
    shown = f"; this test set could have shown a difference of {_short(finding.detectable)}"
    if found.p < 0.05:
        shown = f"; alone it would pass, but not among several measures{shown}"
    if found.difference == 0 or finding.detectable <= abs(found.difference):
        return shown
    if finding.more is None:
        return (
            f"{shown}; to show one as small as was seen would take over {MOST_ITEMS:,} more items"
        )
    return f"{shown}; about {_about(finding.more)} more items would be needed to show the one seen"


def _nothing_seen(finding: Finding, margin: str) -> str:
    """Not equivalent, although what was met is: why, and from how many groups it would be."""
    found = finding.found
    if found.p == 1 and found.standard_error == 0:
        said = f"no difference was seen in any of {found.n_clusters} independent groups"
    else:
        said = f"no difference as large as {margin}, was seen"
    share = 100 * found.unseen
    said += f", but {share:.{_digits(share)}f} % of all groups could differ much and go unseen"
    enough = finding.needed is not None and finding.needed > found.n_clusters
    return f"; {said}" + (
        f"; to call the two equivalent takes at least {finding.needed:,} groups" if enough else ""
    )


def _size(n_items: int, n_groups: int, wording: Wording) -> str:
    items = counted(n_items, "items")
    return items if n_groups == n_items else f"{items} in {counted(n_groups, wording.groups)}"


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
