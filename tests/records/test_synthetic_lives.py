"""Lives of a synthetic cohort are plausible: who, when, what follows from what."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from datetime import date

import pytest

from osler.records.synthetic.cohort import UNTIL
from osler.records.synthetic.history import History, Measured, Prescription
from osler.records.synthetic.simulate import history

SEED = 5
LIVES = 150


@pytest.fixture(scope="module")
def lives() -> list[History]:
    """A hundred and fifty histories, unwritten."""
    return [history(SEED, number, UNTIL) for number in range(1, LIVES + 1)]


def age(made: History, day: date) -> float:
    return (day - made.who.born).days / 365.2425


def series(made: History, key: str) -> list[tuple[date, float]]:
    return [
        (one.at.date(), float(one.value))
        for one in made.measured
        if one.measure.key == key and not isinstance(one.value, str)
    ]


def had(made: History, key: str) -> bool:
    return any(problem.key == key for problem in made.problems)


def test_what_belongs_to_one_sex_is_found_in_no_other(lives: list[History]) -> None:
    of_men = {"prostate-cancer", "prostate-hyperplasia"}
    of_women = {"pregnancy", "miscarriage", "preeclampsia", "gestational-diabetes",
                "endometriosis", "polycystic-ovaries"}  # fmt: skip
    for made in lives:
        keys = {problem.key for problem in made.problems}
        acts = {act.term.key for act in made.acts}
        drugs = {order.drug.kind for order in made.medicines}
        measured = {one.measure.key for one in made.measured}
        if made.who.sex == "female":
            assert not keys & of_men
            assert "psa" not in measured
            assert not acts & {"prostate-biopsy", "prostatectomy"}
        else:
            assert not keys & of_women
            assert "contraceptive" not in drugs
            assert not acts & {"mammography", "cervical-smear", "childbirth", "cesarean"}
    seen = {problem.key for made in lives for problem in made.problems}
    assert {"prostate-hyperplasia", "pregnancy"} <= seen


def test_ages_are_those_of_the_illnesses(lives: list[History]) -> None:
    limits = {"pregnancy": (15, 50), "alzheimer": (65, 120), "prostate-cancer": (45, 120),
              "childhood-asthma": (0, 15), "bronchiolitis": (0, 3), "croup": (0, 7),
              "coronary": (35, 120), "diabetes": (18, 120), "hypertension": (18, 120),
              "copd": (45, 120), "adhd": (4, 19)}  # fmt: skip
    for made in lives:
        for problem in made.problems:
            low, high = limits.get(problem.key, (0, 120))
            assert low <= age(made, problem.start) <= high, problem.key


def test_infants_grow_are_vaccinated_and_take_no_medicines_of_their_elders(
    lives: list[History],
) -> None:
    for_children = {"penicillin", "macrolide", "analgesic", "topical-steroid", "rescue-inhaler",
                    "inhaled-steroid", "nebulizer", "steroid", "anticonvulsant"}  # fmt: skip
    infants = [made for made in lives if age(made, UNTIL) < 2]
    assert len(infants) >= 3
    for made in infants:
        assert {order.drug.kind for order in made.medicines} <= for_children
        keys = {one.measure.key for one in made.measured}
        assert {"weight", "height", "head"} <= keys
        assert not keys & {"systolic", "phq2", "smoking", "ldl", "a1c"}
        assert all(visit.term.key != "general-examination" for visit in made.visits)
        for day, kilograms in series(made, "weight"):
            assert 1.8 <= kilograms <= 4 + 12 * age(made, day) + 3
    born = [made for made in lives if age(made, UNTIL) < 18]
    doses = Counter(shot.vaccine.key for made in born for shot in made.shots)
    assert all(doses[key] for key in ("hepatitis-b", "dtap", "polio", "mmr", "varicella"))


def test_children_become_taller_and_heavier(lives: list[History]) -> None:
    children = [made for made in lives if 8 <= age(made, UNTIL) < 18]
    assert children
    for made in children:
        first, *_, last = sorted(series(made, "height"))
        assert last[1] > first[1] + 25


def test_vaccines_are_of_their_age_and_year(lives: list[History]) -> None:
    earliest = {"mmr": 0.9, "varicella": 0.9, "tdap": 10.9, "hpv-9": 10.9, "zoster": 50,
                "influenza-high": 65, "covid-pfizer": 12, "rsv": 60, "td": 10.9}  # fmt: skip
    given: Counter[str] = Counter()
    for made in lives:
        for shot in made.shots:
            given[shot.vaccine.key] += 1
            assert shot.vaccine.since <= shot.at.year <= (shot.vaccine.until or 9999)
            assert age(made, shot.at.date()) >= earliest.get(shot.vaccine.key, 0)
    assert all(given[key] > 5 for key in ("influenza-4", "td", "tdap", "covid-pfizer", "zoster"))


def test_a_medicine_is_ordered_when_its_reason_is_known_and_it_can_be_had(
    lives: list[History],
) -> None:
    for made in lives:
        for order in made.medicines:
            assert order.drug.since <= order.start.year
            assert order.end is None or order.start <= order.end
            if order.reason is not None:
                assert order.reason in made.problems
                assert order.reason.start <= order.start.date()


def test_problems_end_after_they_began_and_complications_follow_their_cause(
    lives: list[History],
) -> None:
    follows = {"nephropathy": ("diabetes", "diabetes-1"), "retinopathy": ("diabetes",),
               "neuropathy": ("diabetes",), "microalbuminuria": ("diabetes",),
               "proteinuria": ("diabetes",), "history-infarction": ("infarction",)}  # fmt: skip
    complicated = 0
    for made in lives:
        starts = defaultdict(list)
        for problem in made.problems:
            assert problem.end is None or problem.start <= problem.end
            starts[problem.key].append(problem.start)
        for key, causes in follows.items():
            known = [day for cause in causes for day in starts[cause]]
            if key == "history-infarction" and not known:
                continue  # it was before the record begins
            complicated += len(starts[key])
            assert all(min(known) <= day for day in starts[key])
        stages = [problem for problem in made.problems if problem.key.startswith("ckd-")]
        order = [problem.key for problem in sorted(stages, key=lambda one: one.start)]
        assert order == sorted(order)
        assert sum(stage.end is None for stage in stages) <= 1
    assert complicated > 5


def active(order: Prescription, day: date) -> bool:
    return order.start.date() <= day and (order.end is None or day < order.end.date())


def test_metformin_is_not_taken_with_failing_kidneys(lives: list[History]) -> None:
    taken = 0
    for made in lives:
        low = [day for day, rate in series(made, "egfr") if rate < 30]
        for order in made.medicines:
            if order.drug.kind == "biguanide":
                taken += 1
                assert not [day for day in low if active(order, day)]
    assert taken > 3


def test_warfarin_is_watched_by_inr(lives: list[History]) -> None:
    watched = [history(SEED, number, UNTIL) for number in range(LIVES + 1, LIVES + 120)] + lives
    months = 0
    for made in watched:
        begins = min(visit.start for visit in made.visits).date()
        for order in made.medicines:
            if order.drug.kind != "warfarin":
                continue
            last = order.end.date() if order.end else UNTIL
            since = max(order.start.date(), begins)
            if (last - since).days > 400:
                months += (last - since).days // 30
                values = [v for day, v in series(made, "inr") if since <= day <= last]
                assert len(values) >= (last - since).days / 180
                assert 1.7 <= statistics.mean(values) <= 3.4
    assert months > 12


def test_nobody_is_given_what_they_are_known_to_be_allergic_to(lives: list[History]) -> None:
    kinds = {"penicillin-allergen": "penicillin", "amoxicillin-allergen": "penicillin",
             "sulfa-allergen": "sulfonamide", "codeine-allergen": "opioid"}  # fmt: skip
    known = 0
    for made in lives:
        for allergy in made.allergies:
            kind = kinds.get(allergy.term.key)
            known += kind is not None
            for order in made.medicines:
                assert order.drug.kind != kind or order.start.date() <= allergy.since
    assert known > 3


def test_allergies_have_reactions_and_about_a_quarter_have_them(lives: list[History]) -> None:
    share = sum(bool(made.allergies) for made in lives) / len(lives)
    assert 0.15 <= share <= 0.4
    for made in lives:
        for allergy in made.allergies:
            assert 1 <= len(allergy.reactions) <= 2
            assert {severity for _, severity in allergy.reactions} <= {"mild", "moderate", "severe"}


def test_diabetes_is_found_by_its_measure_and_treatment_lowers_it(lives: list[History]) -> None:
    found = 0
    for made in lives:
        values = series(made, "a1c")
        for problem in made.problems:
            if problem.key == "diabetes" and problem.visit is not None:
                found += 1
                assert next(value for day, value in values if day == problem.start) >= 6.5
    assert found >= 2
    sick = [v for made in lives if had(made, "diabetes") for _, v in series(made, "a1c")]
    well = [v for made in lives if not had(made, "diabetes") for _, v in series(made, "a1c")]
    assert statistics.median(sick) > statistics.median(well) + 0.7


def test_pressure_was_high_before_it_is_treated(lives: list[History]) -> None:
    found = 0
    for made in lives:
        for problem in made.problems:
            if problem.key == "hypertension" and problem.visit is not None:
                found += 1
                pairs = zip(series(made, "systolic"), series(made, "diastolic"), strict=True)
                assert any(
                    day == problem.start and (upper >= 139.5 or lower >= 89.5)
                    for (day, upper), (_, lower) in pairs
                )
    assert found > 10


def test_statins_lower_cholesterol(lives: list[History]) -> None:
    before, during = [], []
    for made in lives:
        orders = [order for order in made.medicines if order.drug.kind == "statin"]
        if not orders:
            continue
        first = min(order.start for order in orders).date()
        for day, value in series(made, "ldl"):
            (during if any(active(order, day) for order in orders) and day > first
             else before if day <= first else []).append(value)  # fmt: skip
    assert len(before) > 10
    assert statistics.median(during) < 0.85 * statistics.median(before)


def test_filtration_follows_from_creatinine_and_stages_from_filtration(
    lives: list[History],
) -> None:
    for made in lives:
        rates = dict(series(made, "egfr"))
        for found in by_visit(made).values():
            if "egfr" in found:
                day, value = found["creatinine"].at.date(), float(found["creatinine"].value)
                assert found["egfr"].value == pytest.approx(ckd_epi(made, value, day), abs=1)
        stage = [p.key for p in made.problems if p.key in ("ckd-4", "ckd-5") and p.end is None]
        if stage and rates:
            assert rates[max(rates)] < 36


def ckd_epi(made: History, creatinine: float, day: date) -> float:
    """The equation of 2021, as published."""
    female = made.who.sex == "female"
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    rate = 142 * min(creatinine / kappa, 1) ** alpha * max(creatinine / kappa, 1) ** -1.2
    return rate * 0.9938 ** age(made, day) * (1.012 if female else 1)


def test_values_stay_within_what_can_be_and_agree_with_each_other(lives: list[History]) -> None:
    for made in lives:
        for one in made.measured:
            if isinstance(one.value, str):
                continue
            measure = one.measure
            assert measure.floor is not None
            assert measure.ceiling is not None
            assert measure.floor <= one.value <= measure.ceiling, measure.key
        for found in by_visit(made).values():
            agree(found)


def by_visit(made: History) -> dict[str, dict[str, Measured]]:
    """What was measured on each visit, where nothing is measured twice."""
    visits: dict[str, dict[str, Measured]] = defaultdict(dict)
    for one in made.measured:
        found = visits[one.visit.id]
        assert one.measure.key not in found
        found[one.measure.key] = one
    return visits


def agree(found: dict[str, Measured]) -> None:
    """What is measured together must fit together."""
    value = {key: float(one.value) for key, one in found.items() if not isinstance(one.value, str)}
    if "systolic" in value:
        assert value["systolic"] >= value["diastolic"] + 15
    if "bmi" in value:
        assert value["bmi"] == pytest.approx(
            value["weight"] / (value["height"] / 100) ** 2, abs=0.1
        )
    if "ldl" in value and value["triglycerides"] < 400:
        parts = value["ldl"] + value["hdl"] + value["triglycerides"] / 5
        assert value["cholesterol"] == pytest.approx(parts, abs=3)
    if "hematocrit" in value:
        assert value["mchc"] == pytest.approx(
            100 * value["hemoglobin"] / value["hematocrit"], abs=0.6
        )
        assert value["mcv"] == pytest.approx(
            10 * value["hematocrit"] / value["erythrocytes"], abs=0.8
        )


def test_histories_are_long_and_values_abnormal_now_and_then(lives: list[History]) -> None:
    spans = [(max(days) - min(days)).days / 365 for made in lives if (days := visit_days(made))]
    assert max(spans) > 27
    old = [made for made in lives if age(made, UNTIL) > 60]
    assert statistics.median(len(made.measured) for made in old) > 300
    abnormal = sum(bool(out_of_range(made)) for made in lives)
    assert 0.3 * LIVES < abnormal < 0.95 * LIVES
    living = [made for made in old if not made.died]
    medicines = [sum(order.end is None for order in made.medicines) for made in living]
    assert 1 <= statistics.median(medicines) <= 8


def visit_days(made: History) -> list[date]:
    return [visit.start.date() for visit in made.visits]


def out_of_range(made: History) -> list[str]:
    """Measures whose latest value is outside the laboratory's range."""
    latest = {one.measure.key: one for one in made.measured}
    return [
        key
        for key, one in latest.items()
        if not isinstance(one.value, str)
        and (
            (one.low is not None and one.value < one.low)
            or (one.high is not None and one.value > one.high)
        )
    ]


def test_what_is_common_is_common_and_comes_with_what_it_comes_with(lives: list[History]) -> None:
    old = [made for made in lives if age(made, UNTIL) >= 60]
    pressure = [made for made in old if had(made, "hypertension")]
    assert 0.4 < len(pressure) / len(old) < 0.85
    assert 0.08 < sum(had(made, "diabetes") for made in old) / len(old) < 0.4
    heavy = [made for made in lives if had(made, "obesity") or had(made, "severe-obesity")]
    light = [made for made in lives if made not in heavy and age(made, UNTIL) >= 18]
    share = [sum(had(m, "diabetes") for m in some) / len(some) for some in (heavy, light)]
    assert share[0] > share[1]


def test_the_dead_have_a_cause_and_no_medicines(lives: list[History]) -> None:
    dead = [made for made in lives if made.died]
    assert 0.02 * LIVES < len(dead) < 0.25 * LIVES
    for made in dead:
        assert any(one.measure.key == "cause-of-death" for one in made.measured)
        assert all(order.end is not None for order in made.medicines)


def test_who_they_are_varies(lives: list[History]) -> None:
    assert len({made.who.place.state for made in lives}) > 25
    assert {made.who.sex for made in lives} == {"female", "male"}
    assert len({made.who.race for made in lives}) >= 4
    assert "Spanish" in {made.who.language for made in lives}
    for made in lives:
        assert (made.marital == "") == (age(made, UNTIL) < 18)


def test_nobody_is_meant(lives: list[History]) -> None:
    assert all(re.search(r"\d{3}$", made.who.family) for made in lives)
