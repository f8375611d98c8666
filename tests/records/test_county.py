"""Counties: estimates as they are, and a score that can be taken apart."""

from __future__ import annotations

import csv
import gzip
import random
from collections import Counter
from pathlib import Path

import pytest

from county_cases import FIVE, WEIGHTS, hundredths, write_places
from osler.records.county import Release, lines, load_release

# -- what the release says -------------------------------------------------------------------------


def test_a_county_has_its_measures_with_limits_and_the_release_year(five: Path) -> None:
    county = load_release(five).county("06037")
    assert (county.fips, county.name, county.state) == ("06037", "Los Angeles County", "CA")
    assert county.release == 2022
    diabetes = next(each for each in county.measures if each.id == "DIABETES")
    assert diabetes.title == "Diagnosed diabetes among adults"
    assert (diabetes.value, diabetes.low, diabetes.high) == (10.9, 9.9, 11.9)
    copd = next(each for each in county.measures if each.id == "COPD")
    assert (copd.value, copd.low) == (5.5, 4.5)


def test_names_say_what_a_county_is(five: Path) -> None:
    release = load_release(five)
    assert release.county("22071").name == "Orleans Parish"
    assert release.county("24510").name == "Baltimore city"


def test_a_packed_file_with_names_in_lower_case_reads_the_same(
    five: Path, weights: Path, tmp_path: Path
) -> None:
    head, _, rest = five.read_text("utf-8").partition("\n")
    packed = tmp_path / "again_2022_release.csv.gz"
    spaced = head.lower().replace("copd_crudeprev", "copd_crudeprev ")
    packed.write_bytes(gzip.compress(f"﻿{spaced}\n{rest}".encode()))
    ours, theirs = load_release(five, weights), load_release(packed, weights)
    assert ours.counties == theirs.counties


def test_the_order_of_the_file_changes_nothing(five: Path, weights: Path, tmp_path: Path) -> None:
    shuffled = list(FIVE.items())
    random.Random(0).shuffle(shuffled)
    assert shuffled != list(FIVE.items())
    other = write_places(tmp_path / "other_2022_release.csv", dict(shuffled))
    ours, theirs = load_release(five, weights), load_release(other, weights)
    assert list(ours.counties.items()) == list(theirs.counties.items())


def test_a_name_that_was_read_in_a_wrong_encoding_is_put_right(tmp_path: Path) -> None:
    cells = {"DIABETES": 11.0}
    path = write_places(
        tmp_path / "r_2022_release.csv", {"35013": ("DoÃ±a Ana", cells), "35015": ("Eddy", cells)}
    )
    release = load_release(path)
    assert release.county("35013").name == "Doña Ana County"
    assert release.find("NM", "Dona Ana") == release.find("NM", "Doña Ana County") == "35013"


# -- the score -------------------------------------------------------------------------------------


def test_the_score_is_the_weighted_mean_of_positions(five: Path, weights: Path) -> None:
    """Worked by hand: positions of five counties are 0, 25, 50, 75 and 100."""
    county = load_release(five, weights).county("22071")
    by_id = {each.id: each for each in county.contributions}
    assert by_id["DIABETES"].position == 100  # the highest of five
    assert by_id["CHECKUP"].position == 25  # better where higher, and only one is higher
    assert by_id["OBESITY"].position == 50
    assert [by_id[m].points for m in ("DIABETES", "CHECKUP", "OBESITY")] == [60, 5, 10]
    assert county.score == 75


def test_contributions_add_up_to_the_score_as_printed(tmp_path: Path) -> None:
    draw = random.Random(1)
    measures = ("DIABETES", "OBESITY", "COPD", "CHD", "STROKE", "GHLTH", "BPHIGH")
    counties = {
        f"48{number:03}": (f"County {number}", {m: round(draw.uniform(5, 40), 1) for m in measures})
        for number in range(1, 400, 2)
    }
    release = load_release(write_places(tmp_path / "x_2022_release.csv", counties), None)
    some = release.county("48001")
    assert some.score is None  # 46 of 100 in the package's weights
    thirds = tmp_path / "thirds.yaml"
    each = "weight: 1, higher_is: worse, why: x"
    thirds.write_text(
        "estimate: crude\nneeded: 100\nmeasures:\n"
        + "".join(f"  {measure}: {{{each}}}\n" for measure in measures)
    )
    release = load_release(tmp_path / "x_2022_release.csv", thirds)
    for county in release.counties.values():
        assert county.score is not None
        shown = [f"{each.points:.2f}" for each in county.contributions]
        assert sum(int(text.replace(".", "")) for text in shown) == hundredths(county.score)
        exact = [each.position / len(measures) for each in county.contributions]  # type: ignore
        for text, true in zip(shown, exact, strict=True):
            assert abs(float(text) - true) < 0.01 + 1e-9
        assert abs(county.score - sum(exact)) <= 0.005 + 1e-9


def test_a_missing_measure_is_missing_and_its_weight_is_shared(
    tmp_path: Path, weights: Path
) -> None:
    counties = FIVE | {"06037": ("Los Angeles", {**FIVE["06037"][1], "OBESITY": None})}
    path = write_places(tmp_path / "a_2022_release.csv", counties)
    county = load_release(path, weights).county("06037")
    obesity = next(each for each in county.measures if each.id == "OBESITY")
    assert (obesity.value, obesity.low, obesity.high) == (None, None, None)
    last = county.contributions[-1]
    assert (last.id, last.position, last.points) == ("OBESITY", None, None)
    assert county.present == 80
    # 3 of 4 at position 0, 1 of 4 at 75 (all but one county have more checkups).
    assert county.score == 18.75
    assert "Obesity among adults: not available, release 2022" in lines(county)
    assert "The score rests on 80 % of its weights, release 2022" in lines(county)


def test_a_measure_that_is_no_zero_does_not_rank_among_the_others(
    tmp_path: Path, weights: Path
) -> None:
    counties = FIVE | {"06037": ("Los Angeles", {**FIVE["06037"][1], "OBESITY": None})}
    path = write_places(tmp_path / "a_2022_release.csv", counties)
    lowest = load_release(path, weights).county("06038")
    assert {each.id: each.position for each in lowest.contributions}["OBESITY"] == 0


def test_too_little_weight_is_no_score_and_no_rank(tmp_path: Path, weights: Path) -> None:
    counties = FIVE | {"06037": ("Los Angeles", {"CHECKUP": 64.4, "OBESITY": 28.7})}
    release = load_release(write_places(tmp_path / "a_2022_release.csv", counties), weights)
    county = release.county("06037")
    assert county.present == 40
    assert (county.score, county.rank, county.band) == (None, None, None)
    assert all(each.points is None for each in county.contributions)
    assert "Health burden score: none, too few measures, release 2022" in lines(county)
    assert {each.of for each in release.counties.values()} == {4}
    assert sorted(each.rank for each in release.counties.values() if each.rank) == [1, 2, 3, 4]


def test_equal_counties_share_rank_and_band(tmp_path: Path, weights: Path) -> None:
    counties = {**FIVE, "06041": ("Marin", FIVE["22071"][1])}
    release = load_release(write_places(tmp_path / "a_2022_release.csv", counties), weights)
    twins = release.county("06041"), release.county("22071")
    assert twins[0].rank == twins[1].rank
    assert twins[0].band == twins[1].band
    found = sorted(each.rank or 0 for each in release.counties.values())
    assert found[0] == 1
    assert found[-1] == 6
    assert twins[0].rank is not None
    assert twins[0].rank + 1 not in found


def test_every_county_lies_between_the_cut_offs_of_its_band(tmp_path: Path, weights: Path) -> None:
    draw = random.Random(2)
    measures = ("DIABETES", "OBESITY")
    counties = {
        f"13{number:03}": (f"County {number}", {m: round(draw.uniform(5, 40), 1) for m in measures})
        for number in range(1, 300, 2)
    }
    release = load_release(write_places(tmp_path / "a_2022_release.csv", counties), weights)
    assert [band.name.split()[0] for band in release.bands] == [
        "lowest", "second", "middle", "fourth", "highest",
    ]  # fmt: skip
    for county in release.counties.values():
        assert county.band is not None
        assert county.score is not None
        assert county.band.low is None or county.score >= county.band.low
        assert county.band.high is None or county.score < county.band.high
    assert all(25 <= n <= 35 for n in Counter(c.band for c in release.counties.values()).values())
    low, high = release.bands[0], release.bands[-1]
    assert str(low) == f"lowest fifth (below {low.high:.2f})"
    assert str(high) == f"highest fifth ({high.low:.2f} and above)"


def test_fewer_than_five_counties_have_no_bands(tmp_path: Path, weights: Path) -> None:
    three = dict(list(FIVE.items())[:3])
    release = load_release(write_places(tmp_path / "a_2022_release.csv", three), weights)
    assert release.bands == ()
    assert release.county("06037").rank == 3
    one = dict(list(FIVE.items())[:1])
    alone = load_release(write_places(tmp_path / "b_2022_release.csv", one), weights)
    assert alone.county("06037").score is None  # with nothing to compare with


def test_age_adjusted_estimates_are_shown_scored_and_named(tmp_path: Path, weights: Path) -> None:
    path = write_places(tmp_path / "a_2022_release.csv", FIVE, adjusted=2.0)
    weights.write_text(WEIGHTS.replace("estimate: crude", "estimate: age-adjusted"))
    county = load_release(path, weights).county("06037")
    assert next(each for each in county.measures if each.id == "DIABETES").value == 8.9
    said = "Diagnosed diabetes among adults, age-adjusted: 8.9 % (95 % CI 7.9 to 9.9), release 2022"
    assert said in lines(county)


# -- a summary's lines -----------------------------------------------------------------------------


def test_lines_tell_one_fact_each_with_the_release(five: Path, weights: Path) -> None:
    assert lines(load_release(five, weights).county("22071")) == [
        "Orleans Parish, LA (FIPS 22071): CDC PLACES estimates, release 2022",
        "Health burden score: 75.00 of 100, higher is worse, release 2022",
        "Rank by burden: 1 of 5 counties, 1 is the greatest, release 2022",
        "Band of the score: highest fifth (75.00 and above), release 2022",
        "Diagnosed diabetes among adults: 14.6 % (95 % CI 13.6 to 15.6), release 2022",
        "Obesity among adults: 33.9 % (95 % CI 32.9 to 34.9), release 2022",
        "Routine checkup in the past year among adults: 78.7 % (95 % CI 77.7 to 79.7), "
        "release 2022",
    ]


# -- the release of 2022 ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def release_2022(shared_data: Path) -> Release:
    return load_release(shared_data / "cdc_places" / "places_county_gis_2022_release.csv.gz")


@pytest.mark.shared_data
def test_all_counties_of_2022_are_there_with_score_rank_and_band(release_2022: Release) -> None:
    counties = list(release_2022.counties.values())
    assert (len(counties), release_2022.year) == (3143, 2022)
    assert len({county.state for county in counties}) == 51
    for county in counties:
        assert county.score is not None
        assert 0 <= county.score <= 100
        parts = [each.points for each in county.contributions if each.points is not None]
        assert sum(map(hundredths, parts)) == hundredths(county.score)
        assert county.of == 3143
        assert county.band is not None
    ordered = sorted(counties, key=lambda county: -(county.score or 0))
    for place, county in enumerate(ordered, 1):
        alike = [each for each in ordered[: place - 1] if each.score == county.score]
        assert county.rank == (alike[0].rank if alike else place)
    by_band = Counter(county.band for county in counties)
    assert all(abs(count - 3143 / 5) < 10 for count in by_band.values())


@pytest.mark.shared_data
def test_the_empty_cells_of_2022_stay_missing(release_2022: Release, shared_data: Path) -> None:
    path = shared_data / "cdc_places" / "places_county_gis_2022_release.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    empty = {
        (row["CountyFIPS"], column.removesuffix("_CrudePrev"))
        for row in rows
        for column, cell in row.items()
        if column.endswith("_CrudePrev") and not cell
    }
    assert sum(not cell for row in rows for cell in row.values()) == 368 == 4 * len(empty)
    missing = {
        (county.fips, measure.id)
        for county in release_2022.counties.values()
        for measure in county.measures
        if measure.value is None or measure.low is None or measure.high is None
    }
    assert missing == empty
    assert {release_2022.counties[fips].state for fips, _ in missing} == {"AK", "NJ"}
    for row in rows[::50]:
        county = release_2022.county(row["CountyFIPS"])
        shown = {measure.id: measure.value for measure in county.measures}
        assert len(shown) == 30
        for measure, value in shown.items():
            cell = row[f"{measure}_CrudePrev"]
            assert value == (float(cell) if cell else None)


@pytest.mark.shared_data
def test_every_county_of_2022_is_found_by_its_own_name(release_2022: Release) -> None:
    for county in release_2022.counties.values():
        assert release_2022.find(county.state, county.name) == county.fips


@pytest.mark.shared_data
def test_the_patients_counties_are_found(release_2022: Release, shared_data: Path) -> None:
    with (shared_data / "synthea" / "csv" / "patients.csv").open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    assert len(people) == 47
    found = [release_2022.find(person["STATE"], person["COUNTY"]) for person in people]
    assert all(found)
    assert found.count("06037") == 12
