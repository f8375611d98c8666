"""Promises of the verdict: what is declared, what is not, and the sentence a clinician reads."""

import json
import warnings
from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import binom

from osler.errors import UserError
from osler.evaluate.verdict import (
    MeasureSpec,
    Wording,
    compare,
    compare_all,
    overall_sentence,
)

GROUPS = np.repeat(np.arange(40), 5).tolist()
WORDING = Wording(groups="topics")


def _scores(gain, spread=3.0, seed=0):
    """Scores of a and b on 200 items in 40 groups; a gains `gain` on average."""
    rng = np.random.default_rng(seed)
    b = rng.normal(25, 8, size=200)
    noise = np.repeat(rng.normal(size=40), 5) + rng.normal(size=200)
    noise -= noise.mean()
    return b + gain + spread * noise, b


def _judge(gain, spread=3.0, margin=1.0, higher_is_better=True):
    a, b = _scores(gain, spread)
    return compare(
        "ROUGE-L",
        a,
        b,
        GROUPS,
        higher_is_better=higher_is_better,
        margin=margin,
        seed=0,
        wording=WORDING,
    )


def test_a_real_gain_is_declared_and_said_plainly():
    found = _judge(6.4)
    assert found.outcome == "better"
    assert found.difference == pytest.approx(6.4)
    assert found.interval is not None
    assert found.interval[0] < 6.4 < found.interval[1]
    low, high = (f"{end:.1f}" for end in found.interval)
    assert found.sentence == (
        f"tuned is better than base on ROUGE-L: {found.mean_a:.1f} against {found.mean_b:.1f}, "
        f"difference 6.4 (95 % interval {low} to {high}; 200 items in 40 topics; p < 0.001)"
    )


def test_a_loss_is_called_worse():
    found = _judge(-6.4)
    assert found.outcome == "worse"
    assert found.sentence.startswith("tuned is worse than base on ROUGE-L: ")


def test_fewer_errors_are_better_where_lower_is_better():
    found = _judge(-6.4, higher_is_better=False)
    assert found.outcome == "better"
    assert "(lower is better)" in found.sentence


def test_a_small_gain_is_not_shown_and_the_sentence_says_what_it_would_take():
    found = _judge(0.5)
    assert found.outcome == "not shown"
    assert found.minimal_detectable is not None
    assert found.minimal_detectable > 0.5
    assert found.more_items_needed is not None
    assert found.more_items_needed > 0
    assert f"could have shown a difference of {found.minimal_detectable:.1f}" in found.sentence
    assert "more items would be needed" in found.sentence


def test_no_number_of_items_is_promised_for_no_difference():
    found = _judge(1e-6, margin=0.01)
    assert (found.outcome, found.more_items_needed) == ("not shown", None)
    assert "over 100,000 more items" in found.sentence


def test_as_many_more_items_as_advised_do_show_the_difference():
    """The advice promises 80 %, so most of these larger examinations must succeed."""
    first = _judge(0.9)
    assert first.outcome == "not shown"
    assert first.more_items_needed is not None
    groups = (200 + first.more_items_needed) // 5
    shown = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        noise = np.repeat(rng.normal(size=groups), 5) + rng.normal(size=5 * groups)
        found = compare(
            "ROUGE-L",
            0.9 + 3.0 * noise,
            np.zeros(5 * groups),
            np.repeat(np.arange(groups), 5).tolist(),
            higher_is_better=True,
            margin=1.0,
            resamples=499,
        )
        shown += found.outcome == "better"
    assert shown >= 24


def _within_the_margin(n_groups):
    a = np.random.default_rng(0).normal(0.05, 0.5, size=n_groups)
    b = np.random.default_rng(1).normal(30, 8, size=n_groups)
    return compare(
        "ROUGE-L", a + b, b, range(n_groups), higher_is_better=True, margin=1.0, span=100.0
    )


def test_systems_within_the_margin_are_equivalent_on_enough_groups():
    found = _within_the_margin(400)
    assert found.outcome == "equivalent"
    assert found.interval_90 is not None
    assert max(abs(end) for end in found.interval_90) <= 1.0
    assert "smaller than 1, the least that would matter" in found.sentence


def test_on_few_groups_a_difference_could_have_gone_unseen_and_the_sentence_says_so():
    found = _within_the_margin(40)
    assert found.interval_90 is not None
    assert max(abs(end) for end in found.interval_90) <= 1.0
    assert (found.outcome, found.more_items_needed) == ("not shown", None)
    assert found.sentence.endswith(
        "; no difference as large as 1, the least that would matter, was seen, but 7.2 % of all "
        "groups could differ much and go unseen; to call the two equivalent takes at least 299 "
        "groups"
    )


@pytest.mark.parametrize(
    ("n_groups", "share", "size", "noise"),
    [
        (8, 0.10, 20, 0.0),
        (12, 0.10, 20, 0.1),
        (30, 0.05, 40, 0.3),
        (300, 0.01, 100, 0.0),
        (300, 0.01, 100, 0.3),
        (350, 0.02, 50, 0.3),
        (500, 0.01, 100, 0.3),
    ],
)
def test_rare_large_differences_are_called_equivalent_in_one_case_of_twenty(
    n_groups, share, size, noise
):
    """The true mean difference is the margin or more, in all of these."""
    rng, runs, false = np.random.default_rng(7), 200, 0
    for seed in range(runs):
        a = size * (rng.random(n_groups) < share) + noise * rng.normal(size=n_groups)
        found = compare(
            "score", a, np.zeros(n_groups), range(n_groups), higher_is_better=True, margin=1.0,
            span=100.0, seed=seed, resamples=299,
        )  # fmt: skip
        false += found.outcome == "equivalent"
    assert false <= binom.ppf(0.9995, runs, 0.05)


@pytest.mark.parametrize(("n_groups", "outcome"), [(40, "not shown"), (400, "equivalent")])
def test_none_right_is_judged_as_all_right(n_groups, outcome):
    found = [
        compare(
            "rate", np.full(n_groups, rate), np.full(n_groups, rate), range(n_groups),
            higher_is_better=True, margin=2.0, span=100.0,
        )
        for rate in (0.0, 100.0)
    ]  # fmt: skip
    assert [c.outcome for c in found] == [outcome] * 2
    assert found[0].interval == found[1].interval


def test_a_group_of_nearly_all_items_gives_no_verdict_and_the_sentence_says_why():
    groups = [0] * 10_000 + list(range(1, 10))
    a = np.full(len(groups), 3.0)
    found = compare("F1", a, np.zeros_like(a), groups, higher_is_better=True, margin=0.1)
    assert (found.outcome, found.p, found.more_items_needed) == ("no verdict", None, None)
    why = "; one of the 10 groups holds 99.9 % of the items, so the mean is that group's"
    assert found.sentence.endswith(why)
    assert overall_sentence([found]).endswith(why)


def test_it_is_never_said_that_no_more_items_would_be_needed():
    rng = np.random.default_rng(0)
    for large in (5, 20, 50):
        groups = [0] * large + list(range(1, 10))
        for seed in range(10):
            a = np.full(len(groups), 3.0) + 0.1 * rng.normal(size=len(groups))
            a[:large] += rng.normal(0, 4)
            found = compare(
                "F1", a, np.zeros_like(a), groups, higher_is_better=True, margin=0.1, seed=seed
            )
            assert "about 0 more" not in found.sentence


def test_absence_of_proof_is_not_equivalence():
    assert _judge(0.05, spread=20.0).outcome == "not shown"


def test_a_sure_but_negligible_gain_is_called_negligible():
    found = _judge(0.5, spread=0.2)
    assert found.outcome == "better"
    assert "yet it is smaller than 1, the least that would matter" in found.sentence


def test_identical_systems_on_few_groups_show_no_difference_without_a_warning():
    _, b = _scores(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare("F1", b, b, GROUPS, higher_is_better=True, margin=0.1)
    assert (found.difference, found.p, found.outcome) == (0.0, 1.0, "not shown")
    assert "no difference was seen in any of 40 independent groups, but 7.2 %" in found.sentence


def test_two_flawless_systems_are_equivalent_only_on_enough_items():
    def outcome(n):
        scores = np.ones(n)
        return compare("accuracy", scores, scores, range(n), higher_is_better=True, margin=0.02)

    assert outcome(40).outcome == "not shown"
    assert outcome(400).outcome == "equivalent"


def test_with_few_groups_the_sentence_refuses_a_verdict():
    found = compare("F1", [1.0] * 5, [0.0] * 5, range(5), higher_is_better=True, margin=0.1)
    assert (found.outcome, found.p, found.interval) == ("no verdict", None, None)
    assert found.sentence.startswith("no verdict can be given on F1")
    assert "no verdict can be given" in overall_sentence([found])


def test_several_measures_are_held_to_a_stricter_limit_together():
    """A gain that passes alone must not pass as the luckiest of ten, and the sentence says so."""
    lucky = _scores(1.35)
    spec = MeasureSpec(True, 0.1)
    alone = compare_all({"luck": (*lucky, spec)}, GROUPS)[0]
    others = {f"m{i}": (*_scores(0.01, seed=i + 1), spec) for i in range(9)}
    among = compare_all({"luck": (*lucky, spec), **others}, GROUPS)[0]
    assert alone.p is not None
    assert 0.005 < alone.p < 0.05
    assert (alone.outcome, alone.p_holm) == ("better", alone.p)
    assert among.outcome == "not shown"
    assert among.p_holm == pytest.approx(10 * alone.p)
    assert "alone it would pass, but not among several measures" in among.sentence
    assert "after Holm over 10 measures" in among.sentence


def test_the_overall_sentence_names_what_became_worse():
    spec = MeasureSpec(True, 1.0)
    found = compare_all(
        {
            "ROUGE-L": (*_scores(6.0), spec),
            "refusals": (*_scores(-6.0), spec),
            "length": (*_scores(0.0, spread=0.1), spec),
            "facts": (*_scores(0.1), spec),
        },
        GROUPS,
    )
    assert overall_sentence(found, WORDING) == (
        "tuned against base on 200 items in 40 topics: better on ROUGE-L; worse on refusals; "
        "no difference shown on length, facts "
        "(false winners held to 5 % over all 4 measures)"
    )


def test_two_measures_are_both_and_items_without_groups_are_called_independent():
    spec = MeasureSpec(True, 1.0)
    measures = {name: (*_scores(6.0), spec) for name in ("F1", "ROUGE-L")}
    sentence = overall_sentence(compare_all(measures, range(200)))
    assert sentence == (
        "tuned against base on 200 items treated as independent: better on F1, ROUGE-L "
        "(false winners held to 5 % over both measures)"
    )


def test_a_single_group_is_no_groups():
    found = compare("F1", [1.0] * 5, [0.0] * 5, [0] * 5, higher_is_better=True, margin=0.1)
    assert "on 5 items in 1 group; at least 8 groups are needed, and there is 1" in found.sentence


def test_a_comparison_survives_json():
    for found in (_judge(6.4), _judge(0.5)):
        record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert set(record) == {field.name for field in fields(found)}
        assert record["outcome"] == found.outcome
        assert record["interval"] == pytest.approx(found.interval)


def test_a_score_that_is_not_a_number_is_refused_with_the_measure_named():
    a, b = _scores(1.0)
    a[3] = np.nan
    with pytest.raises(UserError, match=r"ROUGE-L: 1 of 200 items .* item 3"):
        compare("ROUGE-L", a, b, GROUPS, higher_is_better=True, margin=1.0)
    with pytest.raises(UserError, match="few: 3 of 3 items"):
        compare("few", [np.nan] * 3, [0.0] * 3, range(3), higher_is_better=True, margin=1.0)


def test_unequal_lengths_are_refused():
    a, b = _scores(1.0)
    with pytest.raises(UserError, match="one number per item"):
        compare("ROUGE-L", a, b[:-1], GROUPS, higher_is_better=True, margin=1.0)
    with pytest.raises(UserError, match="199 groups"):
        compare("ROUGE-L", a, b, GROUPS[:-1], higher_is_better=True, margin=1.0)


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan"), float("inf")])
def test_a_margin_that_means_nothing_is_refused(margin):
    with pytest.raises(UserError, match="margin"):
        _judge(1.0, margin=margin)
