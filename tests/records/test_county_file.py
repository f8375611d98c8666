"""Releases and weights as people have them: the year, and every fault with place and cure."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from county_cases import FIVE, WEIGHTS, write_places
from osler.errors import DataError
from osler.records.county import lines, load_release
from osler.records.county_weights import load_weights


def fault(*args: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_release(*args)
    return str(caught.value)


# -- the release year ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("PLACES__County_Data__GIS_Friendly_Format___2024_release_20251101.csv", 2024),
        ("places-release-2023.csv", 2023),
        ("PLACES 2021 Release.csv", 2021),
    ],
)
def test_the_year_is_found_beside_the_word_release(tmp_path: Path, name: str, year: int) -> None:
    assert load_release(write_places(tmp_path / name, FIVE)).year == year


@pytest.mark.parametrize("name", ["places.csv", "places_2023.csv", "release_20240101.csv"])
def test_a_year_is_never_guessed(tmp_path: Path, name: str) -> None:
    path = write_places(tmp_path / name, FIVE)
    assert "nothing says which release" in fault(path)
    assert load_release(path, None, 2023).year == 2023


def test_a_year_that_the_name_contradicts_is_refused(five: Path) -> None:
    assert "its name says release 2022, and 2023 was given" in fault(five, None, 2023)
    assert "no release of PLACES" in fault(five, None, 1999)


# -- weights ---------------------------------------------------------------------------------------


def test_the_packages_weights_add_up_to_100_and_say_why() -> None:
    found = load_weights()
    assert sum(each.weight for each in found.measures) == 100
    assert all(len(each.why) > 20 for each in found.measures)


def test_a_weight_of_0_shows_a_measure_without_counting_it(five: Path, weights: Path) -> None:
    weights.write_text(WEIGHTS.replace("OBESITY: {weight: 1", "OBESITY: {weight: 0"))
    county = load_release(five, weights).county("22071")
    assert county.score == 81.25  # (3 * 100 + 1 * 25) / 4
    assert any(line.startswith("Obesity among adults: 33.9 %") for line in lines(county))


def test_a_measure_of_another_release_is_missing_in_this_one(five: Path, weights: Path) -> None:
    weights.write_text(WEIGHTS + "  LONELINESS: {weight: 1, higher_is: worse, why: new}\n")
    county = load_release(five, weights).county("06037")
    assert "Loneliness among adults: not available, release 2022" in lines(county)
    assert county.score is not None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("DIABETES:", "DIABETIS:", "weights.yaml:4: PLACES has no measure DIABETIS."),
        ("DIABETES:", "DIABETIS:", "Did you mean DIABETES?"),
        ("weight: 3", "weight: -3", "weights.yaml:4: measures.DIABETES.weight is below 0."),
        ("weight: 3", "weight: 1e308", "measures.DIABETES.weight is above 1,000,000."),
        ("weight: 3", "weight: much", "measures.DIABETES.weight is not a number."),
        ("weight: 3", "wieght: 3", "measures.DIABETES.wieght is not known here."),
        ("higher_is: better", "higher_is: good", "weights.yaml:5: measures.CHECKUP.higher_is"),
        (", why: finds disease", "", "weights.yaml:5: measures.CHECKUP lacks why."),
        ("why: finds disease", "why: ''", "measures.CHECKUP.why is empty."),
        ("estimate: crude", "estimate: raw", "weights.yaml:1: estimate is crude or age-adjusted."),
        ("needed: 60", "needed: 0", "weights.yaml:2: needed is a share in percent."),
        ("needed: 60", "needed: 60\nneeded: 70", "weights.yaml:3: needed is given twice"),
        ("measures:", "measures: [", "not valid YAML"),
    ],
)
def test_faults_in_weights_are_named_with_line_and_cure(
    five: Path, weights: Path, before: str, after: str, said: str
) -> None:
    assert before in WEIGHTS
    weights.write_text(WEIGHTS.replace(before, after))
    assert said in fault(five, weights)


def test_weights_that_are_not_there_are_named(five: Path, tmp_path: Path) -> None:
    assert "gone.yaml: cannot be read" in fault(five, tmp_path / "gone.yaml")


# -- files that are no county release --------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("CountyFIPS", "LocationID,MeasureId", ":1: this is the long format"),
        ("Geolocation", "TractFIPS", ":1: this is a table of areas other than counties"),
        ("CountyFIPS", "County", ":1: this is a table without CountyFIPS"),
        ("_CrudePrev", "_Prev", ":1: this is a table without crude estimates"),
        ("COPD_CrudePrev", "OBESITY_CrudePrev", ":1: two columns have one name"),
        (",06038,", ",6038,", ":3: CountyFIPS has four digits; a leading zero was lost."),
        (",06038,", ",22038,", ":3: CountyFIPS is not the code of a county of the state"),
        (",06038,", ",06037,", ":3: county 06037 is there a second time"),
        (",06038,1000", ",06038", ":3: 21 cells where the head has 22"),
        (",10.9,", ",*,", ":2: an estimate that is no number"),
        (",10.9,", ",,", ":2: an estimate that is no number"),
        (",10.9,", ",nan,", ":2: an estimate that is no number"),
        (",10.9,", ",109,", ":2: an estimate that is no share in percent"),
        ("( 9.9, 11.9)", "(11.9,  9.9)", ":2: an estimate that is no share in percent, or limits"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_its_line(
    five: Path, before: str, after: str, said: str
) -> None:
    text = five.read_text("utf-8")
    assert before in text
    five.write_text(text.replace(before, after), encoding="utf-8")
    message = fault(five)
    assert f"places_2022_release.csv{said}" in message
    assert "\n" in message  # and a cure


def test_a_damaged_file_is_refused(five: Path, tmp_path: Path) -> None:
    packed = tmp_path / "p_2022_release.csv.gz"
    packed.write_bytes(gzip.compress(five.read_bytes())[:-40])
    assert "damaged or cut short" in fault(packed)
    five.write_bytes(five.read_bytes().replace(b"Madera", b"Mad\xe9ra"))
    assert "not UTF-8 text" in fault(five)
    five.write_bytes(b"")
    assert "the file is empty" in fault(five)
    assert "gone.csv: no such file" in fault(tmp_path / "gone.csv")
