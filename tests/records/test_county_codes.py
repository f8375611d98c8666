"""Codes and names of counties: old, new, wrong, and as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from county_cases import FIVE, write_places
from osler.errors import UserError
from osler.records.county import Release, load_release
from osler.records.county_fips import CHANGED, CHANGES, STATE_CODES, STATES

# -- codes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("6037", "A leading zero was lost; did you mean 06037 (Los Angeles County, CA)?"),
        ("06036", "The nearest codes of California are 06037 (Los Angeles County, CA), 06038"),
        ("06000", "the whole of California, no county"),
        ("06", "06 is California; add the county's three digits."),
        ("6", "06 is California"),
        ("06037101110", "did you mean 06037 (Los Angeles County, CA)?"),
        ("060371", "did you mean 06037 (Los Angeles County, CA)?"),
        ("O6037", "is no FIPS code; one is five digits"),
        ("", "is no FIPS code; one is five digits"),
        ("٠٦٠٣٧", "is no FIPS code; one is five digits"),
        ("99001", "no state has the code 99"),
        ("72127", "release 2022 has no county of Puerto Rico"),
    ],
)
def test_a_code_that_does_not_exist_is_told_what_is_wrong(
    tmp_path: Path, asked: str, said: str
) -> None:
    release = load_release(write_places(tmp_path / "a_2022_release.csv", FIVE))
    with pytest.raises(UserError) as caught:
        release.county(asked)
    assert said in str(caught.value)


def release_of(tmp_path: Path, codes: Mapping[str, str]) -> Release:
    counties = {code: (name, {"DIABETES": 11.0}) for code, name in codes.items()}
    return load_release(write_places(tmp_path / "a_2024_release.csv", counties))


CONNECTICUT = {code: name for code, name in CHANGED.items() if code[:2] == "09"}
REGIONS = {code: f"{n} Planning Region" for code, n in CONNECTICUT.items() if code > "09100"}
OLD = {code: name for code, name in CONNECTICUT.items() if code < "09100"}


@pytest.mark.parametrize(
    ("has", "asked", "areas"),
    [
        (OLD, "09110", {"09003", "09013"}),
        (OLD, "09130", {"09007", "09011"}),
        (REGIONS, "09001", {"09120", "09140", "09190"}),
        (REGIONS, "09007", {"09130"}),
        ({"02158": "Kusilvak"}, "02270", {"02158"}),
        ({"02270": "Wade Hampton"}, "02158", {"02270"}),
        ({"02063": "Chugach", "02066": "Copper River"}, "02261", {"02063", "02066"}),
        ({"02261": "Valdez-Cordova"}, "02066", {"02261"}),
        ({"46102": "Oglala Lakota"}, "46113", {"46102"}),
        ({"51019": "Bedford"}, "51515", {"51019"}),
    ],
)
def test_an_old_or_new_code_tells_which_areas_the_release_has(
    tmp_path: Path, has: Mapping[str, str], asked: str, areas: set[str]
) -> None:
    with pytest.raises(UserError) as caught:
        release_of(tmp_path, has).county(asked)
    cure = caught.value.cure
    assert {code for code in has if code in cure} == areas
    assert CHANGED[asked] in caught.value.message


def test_every_code_of_a_change_has_a_name_and_a_state() -> None:
    for change in CHANGES:
        for code in (change.old, *change.new):
            assert CHANGED[code]
            assert code[:2] == change.old[:2]
            assert code[:2] in STATES
    assert set(CHANGED) == {c for change in CHANGES for c in (change.old, *change.new)}
    assert len(STATE_CODES) == 56


# -- names -----------------------------------------------------------------------------------------

NAMED = {
    "02020": "Anchorage", "02110": "Juneau", "02158": "Kusilvak", "06037": "Los Angeles",
    "11001": "District of Columbia", "22059": "LaSalle", "22071": "Orleans",
    "22095": "St. John the Baptist", "24005": "Baltimore", "24510": "Baltimore City",
    "24033": "Prince George's", "29189": "St. Louis", "29510": "St. Louis City",
    "32510": "Carson City", "46102": "Oglala Lakota", "51019": "Bedford", "51036": "Charles City",
    "51059": "Fairfax", "51095": "James City", "51600": "Fairfax City", "51810": "Virginia Beach",
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "name", "fips"),
    [
        ("CA", "Los Angeles County", "06037"),
        ("california", "LOS ANGELES", "06037"),
        ("California", "County of Los Angeles", "06037"),
        ("LA", "Orleans Parish", "22071"),
        ("LA", "La Salle Parish", "22059"),
        ("LA", "Saint John the Baptist", "22095"),
        ("AK", "Anchorage Municipality", "02020"),
        ("AK", "Juneau City and Borough", "02110"),
        ("AK", "Kusilvak Census Area", "02158"),
        ("AK", "Wade Hampton Census Area", "02158"),
        ("SD", "Shannon County", "46102"),
        ("DC", "District of Columbia", "11001"),
        ("D.C.", "Washington", "11001"),
        ("MD", "Prince Georges County", "24033"),
        ("MD", "Baltimore County", "24005"),
        ("MD", "Baltimore city", "24510"),
        ("MD", "City of Baltimore", "24510"),
        ("MD", "Baltimore", None),
        ("MO", "St. Louis", None),
        ("MO", "Saint Louis County", "29189"),
        ("MO", "St Louis City", "29510"),
        ("NV", "Carson City", "32510"),
        ("VA", "Charles City County", "51036"),
        ("VA", "James City", "51095"),
        ("VA", "Fairfax", None),
        ("VA", "Fairfax city", "51600"),
        ("VA", "Virginia Beach", "51810"),
        ("VA", "Virginia Beach city", "51810"),
        ("VA", "Virginia Beach County", None),
        ("VA", "Bedford city", "51019"),
        ("VA", "Los Angeles County", None),
        ("Atlantis", "Los Angeles County", None),
        ("CA", "", None),
        ("PR", "San Juan", None),
    ],
)
def test_a_county_is_found_by_the_names_people_write(
    tmp_path: Path, state: str, name: str, fips: str | None
) -> None:
    assert release_of(tmp_path, NAMED).find(state, name) == fips


def test_a_name_of_another_day_is_found_where_one_area_holds_it_whole(tmp_path: Path) -> None:
    regions = release_of(tmp_path, REGIONS)
    assert regions.find("CT", "Western Connecticut Planning Region") == "09190"
    assert regions.find("CT", "Middlesex County") == "09130"
    assert regions.find("CT", "Fairfield County") is None
    before = release_of(tmp_path, OLD)
    assert before.find("CT", "Greater Bridgeport Planning Region") == "09001"
    assert before.find("CT", "Capitol Planning Region") is None
