"""Promises of the intervals and tests, on published values and on data with a known truth."""

import warnings
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest
from scipy import stats

from osler.errors import UserError
from osler.evaluate.statistics import (
    MIN_GROUPS,
    clopper_pearson_interval,
    cluster_standard_error,
    clustered_difference,
    group_sums,
    grouped_wilson_interval,
    groups_needed,
    holm,
    items_needed,
    mcnemar_mid_p,
    minimal_detectable_difference,
    unseen_share,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 40, 0.0000, 0.0876),  # by hand: z² / (n + z²) = 3.8415 / 43.8415
    ],
)
def test_wilson_interval_matches_published_values(successes, n, low, high):
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # the same table, method 5
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0000, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_clopper_pearson_interval_matches_published_values(successes, n, low, high):
    assert clopper_pearson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_claiming_an_error_rate_below_1_47_percent_takes_203_sentences_without_error():
    one_sided = 0.90  # its upper end is the one-sided 95 % limit
    assert clopper_pearson_interval(0, 203, one_sided)[1] < 0.0147
    assert clopper_pearson_interval(0, 202, one_sided)[1] > 0.0147


def test_a_rate_in_groups_of_one_has_wilsons_interval():
    hits = np.array([1.0] * 28 + [0.0])
    assert grouped_wilson_interval(hits, np.ones(29)) == pytest.approx(wilson_interval(28, 29))


def test_things_that_are_alike_within_a_patient_make_a_rate_as_uncertain_as_its_patients():
    hits, trials = np.array([10.0] * 20 + [0.0] * 5), np.full(25, 10.0)
    low, high = grouped_wilson_interval(hits, trials)
    by_patient = wilson_interval(20, 25)
    assert low == pytest.approx(by_patient[0], abs=0.02)
    assert high == pytest.approx(by_patient[1], abs=0.02)


def test_a_patient_without_any_says_nothing_of_a_rate():
    hits, trials = np.array([3.0, 4, 2, 5, 4, 3, 5, 4, 1]), np.full(9, 5.0)
    with_none = grouped_wilson_interval(np.append(hits, 0), np.append(trials, 0))
    assert with_none == grouped_wilson_interval(hits, trials)


def test_a_spread_in_few_groups_gives_a_rate_no_interval():
    assert grouped_wilson_interval(np.array([1.0, 5.0, 3.0]), np.full(3, 5.0)) is None


def test_a_proportion_of_nothing_is_refused():
    with pytest.raises(UserError):
        wilson_interval(0, 0)
    with pytest.raises(UserError):
        clopper_pearson_interval(5, 4)


@pytest.mark.parametrize(("b", "c"), [(1, 9), (9, 1), (3, 7), (0, 5), (12, 30)])
def test_mcnemar_matches_binomials_counted_by_hand(b, c):
    n, k = b + c, min(b, c)
    below = sum(comb(n, i) for i in range(k))
    assert mcnemar_mid_p(b, c) == pytest.approx(2 * (below + comb(n, k) / 2) / 2**n)


def test_mcnemar_shows_nothing_without_discordant_items():
    assert mcnemar_mid_p(0, 0) == 1.0
    assert mcnemar_mid_p(4, 4) == 1.0


def test_grouped_test_of_single_right_or_wrong_items_is_mcnemar():
    a, b = np.zeros(40), np.zeros(40)
    a[:9], b[9:11] = 1, 1
    found = clustered_difference(a, b, range(40), resamples=40_000)
    assert found.p == pytest.approx(mcnemar_mid_p(9, 2), abs=0.004)


def test_holm_matches_the_textbook_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_standard_error_of_equal_independent_items_is_the_usual_one():
    values = np.random.default_rng(0).normal(size=30)
    sums, sizes = group_sums(values, range(30))
    assert cluster_standard_error(sums, sizes) == pytest.approx(values.std(ddof=1) / sqrt(30))


def test_few_groups_are_judged_by_every_sign_pattern():
    """With groups of one size and symmetric data this is the classical permutation test."""
    values = np.array([3.1, -0.4, 2.2, 1.9, -1.3, 0.8, 2.7, 1.1, 0.3])
    found = clustered_difference(values, np.zeros(9), range(9))
    signs = np.array(list(product([1, -1], repeat=9)))
    classical = np.mean(np.abs(signs @ values) >= abs(values.sum()) - 1e-9)
    assert found.p == pytest.approx(classical, abs=0.02)
    assert found == clustered_difference(values, np.zeros(9), range(9), seed=99)


def _grouped_null(rng, n_groups=20, size=10):
    """Two equally good systems on groups of like items: correlation 0.8 within a group."""
    difference = rng.normal(size=(n_groups, 1)) * sqrt(0.8) + rng.normal(
        size=(n_groups, size)
    ) * sqrt(0.2)
    b = rng.normal(30, 8, size=n_groups * size)
    return b + difference.ravel(), b, np.repeat(np.arange(n_groups), size).tolist()


def test_equal_systems_on_grouped_items_are_told_apart_in_one_case_of_twenty():
    """The bounds hold for a 5 % test in all but 1 of 1,000 runs; a test over items breaks them."""
    runs, rng = 400, np.random.default_rng(1)
    false, covered, naive = 0, 0, 0
    for seed in range(runs):
        a, b, groups = _grouped_null(rng)
        found = clustered_difference(a, b, groups, resamples=499, seed=seed)
        false += found.p < 0.05
        covered += found.interval[0] <= 0 <= found.interval[1]
        naive += stats.ttest_rel(a, b).pvalue < 0.05
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.05)
    assert low <= false <= high
    assert low <= runs - covered <= high
    assert naive > 5 * high


def test_equal_systems_of_skewed_scores_are_told_apart_in_one_case_of_twenty():
    runs, rng = 400, np.random.default_rng(2)
    false = 0
    for seed in range(runs):
        a = 1 - rng.exponential(size=40)
        false += clustered_difference(a, np.zeros(40), range(40), resamples=499, seed=seed).p < 0.05
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.05)
    assert low <= false <= high


def test_interval_and_p_value_never_disagree():
    rng = np.random.default_rng(3)
    for seed in range(60):
        a, b = rng.random((2, 60)) < rng.uniform(0.1, 0.9, size=(2, 1))
        groups = rng.integers(0, 15, size=60).tolist()
        found = clustered_difference(a * 1.0, b * 1.0, groups, resamples=499, seed=seed)
        low, high = found.interval
        assert (found.p >= 0.05) == (low <= 0 <= high)
        assert low <= found.interval_90[0] <= found.difference <= found.interval_90[1] <= high


def test_result_depends_neither_on_the_unit_nor_on_the_order_of_the_items():
    a, b, groups = _grouped_null(np.random.default_rng(4))
    found = clustered_difference(a, b, groups, resamples=999)
    scaled = clustered_difference(a * 100, b * 100, groups, resamples=999)
    order = np.random.default_rng(0).permutation(len(a))
    shuffled = clustered_difference(a[order], b[order], [groups[i] for i in order], resamples=999)
    assert scaled.p == shuffled.p == found.p
    assert scaled.interval == pytest.approx([100 * end for end in found.interval])
    assert shuffled.interval == pytest.approx(found.interval)


def test_swapping_the_systems_mirrors_the_result():
    a, b, groups = _grouped_null(np.random.default_rng(5))
    found, swapped = (clustered_difference(x, y, groups) for x, y in ((a, b), (b, a)))
    assert swapped.p == found.p
    assert swapped.interval == pytest.approx((-found.interval[1], -found.interval[0]))


def test_same_seed_gives_the_same_result():
    a, b, groups = _grouped_null(np.random.default_rng(6))
    assert clustered_difference(a, b, groups, seed=7) == clustered_difference(a, b, groups, seed=7)


def test_identical_systems_differ_by_nothing_without_a_warning():
    scores = np.random.default_rng(0).random(40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = clustered_difference(scores, scores, range(40))
    assert (found.difference, found.p, found.interval) == (0.0, 1.0, (0.0, 0.0))


@pytest.mark.parametrize("right", [1, 100])
def test_forty_right_of_forty_on_either_side_does_not_rule_out_a_difference(right):
    """The rule of three puts the rate that could have gone unseen at 7.2 %."""
    scores = np.full(40, right)
    found = clustered_difference(scores, scores, range(40))
    assert (found.difference, found.p) == (0.0, 1.0)
    low, high = found.interval
    assert low == pytest.approx(-high)
    assert 0.072 * right < high < 0.10 * right


def test_rare_differences_are_covered():
    """A truth of 3.2 points on 40 items: in a third of the draws no item differs at all."""
    rng, covered, runs = np.random.default_rng(9), 0, 200
    for seed in range(runs):
        a, b = rng.random(40) < 0.99, rng.random(40) < 0.958
        low, high = clustered_difference(
            a.astype(float), b.astype(float), range(40), resamples=499, seed=seed
        ).interval
        covered += low <= 0.032 <= high
    assert covered >= stats.binom.ppf(0.0005, runs, 0.95)


@pytest.mark.parametrize("sizes", [[1] * 20, [30, 10, *[1] * 20]])
def test_the_same_gain_on_every_item_is_a_sure_gain_without_a_warning(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes).tolist()
    scores = np.random.default_rng(0).random(len(groups))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = clustered_difference(scores + 0.1, scores, groups)
    assert found.p < 0.001
    assert found.interval == pytest.approx((0.1, 0.1))


@pytest.mark.parametrize("sizes", [[70] + [1] * 10, [300] + [1] * 34, [80] + [1] * 10])
def test_one_large_group_that_alone_differs_shows_nothing(sizes):
    """Its sign is a coin: whichever way it falls, the statistic is the same, so p is 0.5."""
    groups = np.repeat(np.arange(len(sizes)), sizes).tolist()
    for seed in range(10):
        a = np.zeros(len(groups))
        a[: sizes[0]] = np.random.default_rng(seed).normal(3, 1, size=sizes[0])
        found = clustered_difference(a, np.zeros_like(a), groups, resamples=999)
        assert found.p == pytest.approx(0.5, abs=0.001)
        assert found.interval[0] <= 0 < found.interval[1]


@pytest.mark.parametrize("large", [1000, 100_000])
def test_a_group_of_nearly_all_items_allows_no_verdict(large):
    groups = [0] * large + list(range(1, 11))
    with pytest.raises(UserError, match=r"one of the 11 groups holds 99(\.\d)? % of the items"):
        clustered_difference(np.ones(large + 10), np.zeros(large + 10), groups)


def test_the_unseen_share_is_the_rule_of_three_and_counts_groups_by_what_they_are_worth():
    assert unseen_share(np.ones(40)) == pytest.approx(0.0722, abs=1e-4)
    assert (1 - unseen_share(np.full(12, 7.0))) ** 12 == pytest.approx(0.05)
    # 20 items in one group and 1 in each of 20 others are worth 40² / 420 = 3.8 groups.
    assert unseen_share(np.array([20.0] + [1.0] * 20)) == pytest.approx(1 - 0.05 ** (420 / 1600))


def test_groups_needed_are_the_fewest_whose_unseen_share_fits():
    needed = groups_needed(1.0, 100.0)
    assert needed == 299
    assert unseen_share(np.ones(needed)) <= 0.01 < unseen_share(np.ones(needed - 1))
    assert groups_needed(1.0, float("inf")) is None


def test_differences_made_by_rounding_are_no_differences():
    groups = np.repeat(np.arange(20), 3).tolist()
    found = clustered_difference([0.1, 0.2, -0.3] * 20, [0.0] * 60, groups)
    assert (found.p, found.interval) == (1.0, (0.0, 0.0))


def test_no_verdict_from_few_groups():
    groups = [i % (MIN_GROUPS - 1) for i in range(100)]
    with pytest.raises(UserError, match="at least 8 groups are needed, and there are 7"):
        clustered_difference(np.ones(100), np.zeros(100), groups)


@pytest.mark.parametrize(
    ("a", "b", "groups", "message"),
    [
        ([1.0] * 9 + [float("nan")], [0.0] * 10, range(10), "1 of 10 items .* item 9"),
        ([1.0] * 10, [0.0] * 9 + [float("inf")], range(10), "not a finite number"),
        ([1.0] * 10, [0.0] * 9, range(10), "one number per item"),
        ([1.0] * 10, [0.0] * 10, range(9), "9 groups are named"),
        ([], [], [], "no scores"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(a, b, groups, message):
    with pytest.raises(UserError, match=message):
        clustered_difference(a, b, groups)


def test_a_difference_of_the_detectable_size_is_shown_four_times_in_five():
    rng, shown, runs = np.random.default_rng(8), 0, 200
    detectable = minimal_detectable_difference(1 / sqrt(40), 40)
    for seed in range(runs):
        a = rng.normal(detectable, 1, size=40)
        shown += clustered_difference(a, np.zeros(40), range(40), resamples=499, seed=seed).p < 0.05
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.8)
    assert low <= shown <= high


def test_items_needed_grow_with_the_square():
    assert items_needed(2.0, 2.0, 100) == 0
    assert items_needed(1.0, 2.0, 100) == 300
    assert items_needed(-1.0, 2.0, 100) == 300
    assert items_needed(0.0, 2.0, 100) is None
    assert items_needed(1e-9, 2.0, 100) is None
    assert items_needed(0.0, 0.0, 100) == 0
