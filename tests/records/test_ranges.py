"""A value has the range that is right for the person, or none; and is flagged by it alone."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from osler.records.account import Account
from osler.records.moments import Moment
from osler.records.ranges import (
    DAYS,
    WITH_THE_VALUE,
    Reference,
    age_days,
    citation,
    days,
    flag,
    implausible,
    reference_for,
)
from osler.records.record import Code, Observation, Quantity, Range
from osler.records.synthea import read_tables
from osler.records.tables import read_table
from osler.records.units import canonical, dimension

ADULT = days("40y")
ROWS = read_table("reference_ranges")
GROWTH = {"29463-7", "8302-2", "9843-4", "77606-2"}
PAIN = {"72514-3"}


def observed(
    loinc: str,
    value: float | str,
    unit: str = "",
    reference: Range | None = None,
    system: str = "LOINC",
) -> Observation:
    held = value if isinstance(value, str) else Quantity(value, unit)
    at = Moment(date(2020, 5, 1))
    return Observation("", Code(system, loinc, ""), at, "laboratory", held, reference)


def judged(
    loinc: str, value: float, unit: str, sex: str = "female", age: int = ADULT
) -> str | None:
    """The flag, or None where there is no range."""
    one = observed(loinc, value, unit)
    reference = reference_for(one, sex, age)
    return None if reference is None else flag(one, reference)


# -- what people would expect ------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["mL/min/{1.73_m2}", "mL/min", "mL/min/1.73m2"])
def test_kidney_failure_is_low(unit: str) -> None:
    assert judged("33914-3", 9, unit) == "low"
    assert judged("33914-3", 60, unit) == ""
    assert judged("33914-3", 95, unit) == ""


def test_the_same_haemoglobin_is_normal_for_a_woman_and_a_child_and_low_for_a_man() -> None:
    assert judged("718-7", 12.5, "g/dL", "male") == "low"
    assert judged("718-7", 12.5, "g/dL", "female") == ""
    assert judged("718-7", 11.6, "g/dL", "female") == "low"
    assert judged("718-7", 11.6, "g/dL", "female", days("6y")) == ""
    assert judged("718-7", 16.0, "g/dL", "male", 7) == ""
    assert judged("718-7", 16.0, "g/dL", "male", days("3y")) == "high"


def test_a_creatinine_of_an_adult_is_high_for_a_child() -> None:
    assert judged("2160-0", 0.9, "mg/dL") == ""
    assert judged("2160-0", 0.9, "mg/dL", age=days("4y")) == "high"


def test_a_band_begins_on_the_birthday() -> None:
    born = date(2002, 2, 28)
    before = age_days(born, date(2020, 2, 26))
    on = age_days(born, date(2020, 2, 28))
    low = {age: reference_for(observed("2085-9", 45, "mg/dL"), "female", age) for age in (0, 730)}
    assert low[0] is None
    assert low[730] is not None
    assert judged("2075-0", 100, "mmol/L", age=before) == "low"
    assert judged("2075-0", 100, "mmol/L", age=on) == ""


@pytest.mark.parametrize("years", range(1, 100))
def test_a_birthday_always_counts(years: int) -> None:
    for born in (date(1903, 3, 1), date(1904, 2, 28), date(1912, 1, 1), date(1913, 12, 31)):
        on = date(born.year + years, born.month, born.day)
        assert 0 <= age_days(born, on) - days(f"{years}y") <= 1


def test_nobody_is_measured_before_birth() -> None:
    with pytest.raises(ValueError, match="not born yet"):
        age_days(date(2020, 1, 2), date(2020, 1, 1))


def test_without_a_sex_only_what_is_abnormal_for_both_is_flagged() -> None:
    assert judged("718-7", 12.5, "g/dL", "unknown") == ""
    assert judged("718-7", 17.0, "g/dL", "other") == ""
    assert judged("718-7", 9.0, "g/dL", "unknown") == "low"
    assert judged("718-7", 19.0, "g/dL", "unknown") == "high"


def test_children_have_no_adult_limits_where_none_are_known_for_them() -> None:
    assert judged("39156-5", 32.0, "kg/m2", age=days("10y")) is None
    assert judged("8480-6", 135, "mm[Hg]", age=days("10y")) is None
    assert judged("8480-6", 135, "mm[Hg]", age=days("14y")) == "high"
    assert judged("39156-5", 32.0, "kg/m2") == "high"


# -- units -------------------------------------------------------------------------------------


def test_a_range_comes_in_the_unit_of_the_value() -> None:
    found = reference_for(observed("2345-7", 5.4, "mmol/L"), "male", ADULT)
    assert found == Reference(3.9, 5.5, "mmol/L", "ADA 2024", 1)
    found = reference_for(observed("718-7", 131, "g/L"), "female", ADULT)
    assert found is not None
    assert (found.low, found.high, found.unit) == (120, 160, "g/L")
    found = reference_for(observed("8310-5", 99.0, "[degF]"), "female", ADULT)
    assert found is not None
    assert (found.low, found.high) == (97.0, 100.4)
    found = reference_for(observed("4548-4", 53, "mmol/mol"), "female", ADULT)
    assert found is not None
    assert (found.low, found.high) == (20, 38)


@pytest.mark.parametrize(
    ("loinc", "normal", "abnormal"),
    [
        ("2345-7", [(99, "mg/dL"), (5.5, "mmol/L")], [(100, "mg/dL"), (5.6, "mmol/L")]),
        ("2160-0", [(1.0, "mg/dL"), (88, "umol/L")], [(1.2, "mg/dL"), (106, "umol/L")]),
        ("4548-4", [(5.6, "%"), (38, "mmol/mol")], [(5.7, "%"), (39, "mmol/mol")]),
        ("6690-2", [(7.2, "K/uL"), (7200, "/uL")], [(12, "10*9/L"), (12000, "cells/uL")]),
        ("6301-6", [(1.0, ""), (1.0, "{INR}"), (1.1, "1")], [(2.5, ""), (2.5, "{INR}")]),
        ("2744-1", [(7.4, "[pH]"), (7.4, "")], [(7.2, "[pH]"), (7.2, "")]),
    ],
)
def test_a_value_is_judged_alike_in_every_unit(
    loinc: str, normal: list[tuple[float, str]], abnormal: list[tuple[float, str]]
) -> None:
    assert {judged(loinc, value, unit) for value, unit in normal} == {""}
    assert {judged(loinc, value, unit) for value, unit in abnormal} & {"", None} == set()


def test_no_range_without_a_unit_that_fits() -> None:
    for unit in ("", "furlong", "mm[Hg]", "kg"):
        assert judged("2345-7", 500, unit) is None


def test_a_number_that_cannot_be_right_in_its_unit_is_not_judged() -> None:
    """63 g/L of protein is normal; as 63 g/dL it is a slip, and no sign of illness."""
    slip = observed("2885-2", 63.0, "g/dL")
    assert implausible(slip)
    assert reference_for(slip, "male", ADULT) is None
    assert not implausible(observed("2885-2", 63.0, "g/L"))
    assert judged("2885-2", 68.0, "g/L") == ""
    assert judged("2885-2", 5.5, "g/dL") == "low"
    assert not implausible(observed("2885-2", "Negative"))


# -- where a range comes from, and what a limit is ---------------------------------------------


def test_the_range_that_came_with_a_value_wins() -> None:
    one = observed("718-7", 12.5, "g/dL", Range(11.0, 12.4))
    found = reference_for(one, "female", ADULT)
    assert found == Reference(11.0, 12.4, "g/dL", WITH_THE_VALUE)
    assert flag(one, found) == "high"
    empty = observed("718-7", 12.5, "g/dL", Range(None, None))
    of_table = reference_for(empty, "female", ADULT)
    assert of_table is not None
    assert of_table.source == "WHO 2024; ABIM 2026"
    unheard = observed("9999-9", 7.0, "furlong", Range(None, 5.0))
    assert flag(unheard, reference_for(unheard, "unknown", ADULT)) == "high"


def test_a_code_of_another_system_has_no_range() -> None:
    assert reference_for(observed("718-7", 5, "g/dL", system="local"), "female", ADULT) is None


def test_words_have_no_flag() -> None:
    one = observed("718-7", "Negative", reference=Range(1.0, 2.0))
    assert reference_for(one, "female", ADULT) is None
    assert flag(one, None) == ""
    assert flag(one, Reference(1.0, 2.0, "g/dL", WITH_THE_VALUE)) == ""


@pytest.mark.parametrize(
    ("loinc", "unit", "value", "expected"),
    [
        ("2951-2", "mmol/L", 145, ""), ("2951-2", "mmol/L", 145.4, ""),
        ("2951-2", "mmol/L", 145.5, "high"), ("2951-2", "mmol/L", 135, ""),
        ("2951-2", "mmol/L", 134, "low"), ("2823-3", "mmol/L", 5.2, ""),
        ("2823-3", "mmol/L", 5.24, ""), ("2823-3", "mmol/L", 5.3, "high"),
        ("4548-4", "%", 5.6, ""), ("4548-4", "%", 6.0, "high"), ("4548-4", "%", 4.0, ""),
        ("39156-5", "kg/m2", 24.9, ""), ("39156-5", "kg/m2", 24.97, "high"),
        ("39156-5", "kg/m2", 18.0, "low"), ("2823-3", "mmol/L", 3.0, "low"),
        ("2160-0", "mg/dL", 0.6, ""), ("2160-0", "mg/dL", 0.58, "low"),
    ],
)  # fmt: skip
def test_a_value_at_a_limit_is_within(loinc: str, unit: str, value: float, expected: str) -> None:
    assert judged(loinc, value, unit) == expected


def test_what_is_not_finite_is_not_flagged() -> None:
    reference = Reference(1.0, 2.0, "g/dL", WITH_THE_VALUE)
    for value in (math.nan, math.inf, -math.inf):
        assert flag(observed("718-7", value, "g/dL"), reference) == ""


# -- the table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['name']} {r['sex']} {r['from']}")
def test_every_row_is_valid(row: dict[str, str]) -> None:
    assert canonical(row["unit"]) == row["unit"]
    assert row["sex"] in ("any", "female", "male")
    low, high = (float(row[name]) if row[name] else None for name in ("low", "high"))
    assert not (low is None and high is None)
    assert low is None or high is None or low < high
    assert days(row["from"]) < (days(row["to"]) if row["to"] else math.inf)
    cited = {source["source"]: source for source in read_table("reference_sources")}
    assert row["source"]
    for name in row["source"].split("; "):
        assert cited[name]["kind"] in ("reference range", "category")
        assert len(cited[name]["citation"]) > 30


def test_bands_of_a_code_and_sex_do_not_overlap_and_agree_on_the_unit() -> None:
    for sex in ("female", "male"):
        bands: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for row in ROWS:
            if row["sex"] in ("any", sex):
                to = days(row["to"]) if row["to"] else math.inf
                for code in row["codes"].split():
                    bands[code].append((days(row["from"]), to, row["unit"]))
        for code, some in bands.items():
            ordered = sorted(some)
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered)), code
            assert len({unit for *_, unit in ordered}) == 1, code


def test_sources_are_used_and_cited_in_full() -> None:
    used = {name for row in ROWS for name in row["source"].split("; ")}
    assert {row["source"] for row in read_table("reference_sources")} == used
    assert "Dallman PR" in citation("WHO 2024; Dallman 1977")
    assert citation(WITH_THE_VALUE) == WITH_THE_VALUE


def test_what_is_possible_holds_what_is_normal() -> None:
    for row in read_table("possible_values"):
        assert dimension(row["unit"]) is not None
        for code in row["codes"].split():
            rows = [r for r in ROWS if code in r["codes"].split()]
            assert rows, code
            assert all(r["unit"] == row["unit"] for r in rows), code
            limits = [float(r[name]) for r in rows for name in ("low", "high") if r[name]]
            assert float(row["low"]) < min(limits), code
            assert max(limits) <= float(row["high"]), code


def test_ages_of_the_table() -> None:
    assert [days(age) for age in ("28d", "1mo", "6mo", "1y", "18y")] == [28, 30, 182, 365, 6574]
    assert set(DAYS) == {"d", "mo", "y"}
    with pytest.raises(ValueError, match="no age"):
        days("18 years")


# -- the real thing ----------------------------------------------------------------------------


@pytest.mark.shared_data
def test_most_numbers_of_real_records_have_a_range(shared_data: Path) -> None:
    """Of laboratory values nine in ten; of vital signs of adults, all but growth and pain.

    Of children's fewer: three widths and volumes that analysers disagree on come with every count.
    """
    total: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for record in read_tables(shared_data / "synthea" / "csv", Account()):
        for one in record.observations:
            age = age_days(record.person.born, one.start.day)
            vital = one.category == "vital-signs" and one.code.value not in GROWTH | PAIN
            if not isinstance(one.value, Quantity) or not (vital or one.category == "laboratory"):
                continue
            kind = f"{one.category} {'adult' if age >= days('20y') else 'child'}"
            reference = reference_for(one, record.person.sex, age)
            total[kind] += 1
            known[kind] += reference is not None
            assert flag(one, reference) in ("", "low", "high")
            assert reference is None or reference.unit == one.value.unit
    share = {kind: known[kind] / total[kind] for kind in total}
    assert total.total() > 6000
    assert share["vital-signs adult"] > 0.98
    assert share["laboratory adult"] > 0.9
    assert share["laboratory child"] > 0.75
