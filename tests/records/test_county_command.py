"""`osler records county`, and the public set it reads."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from county_cases import FIVE, hundredths, write_places
from osler.cli import main
from osler.errors import DataError
from osler.records.county_weights import packaged_weights

# -- the command -----------------------------------------------------------------------------------


def osler(*words: Any) -> int:
    return main(["records", "county", *map(str, words)])


def test_the_command_shows_score_rank_band_parts_and_what_is_missing(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counties = FIVE | {"06037": ("Los Angeles", {**FIVE["06037"][1], "OBESITY": None})}
    path = write_places(tmp_path / "a_2022_release.csv", counties)
    assert osler("06037", "--places", path, "--weights", weights) == 0
    said = capsys.readouterr().out
    for part in (
        "Los Angeles County, CA  (FIPS 06037)",
        "CDC PLACES 2022, a_2022_release.csv",
        "18.75 of 100",
        "5 of 5 counties",
        "lowest fifth (below",
        "Diagnosed diabetes among adults [DIABETES]",
        "9.9 to 11.9",
        "missing   OBESITY: no estimate in this release",
        "the score rests on 80 % of the weight",
        "The file has 5 counties, not the whole country",
    ):
        assert part in said
    assert said.index("[CHECKUP]") < said.index("[DIABETES]") < said.index("[COPD]")  # by points


NAMED = {
    fips: (name, {"DIABETES": 10.0, "CHECKUP": 70.0, "OBESITY": 30.0})
    for fips, name in (
        ("06037", "Los Angeles"), ("09120", "Greater Bridgeport"), ("09190", "Western Connecticut"),
        ("22071", "Orleans"), ("24005", "Baltimore"), ("24510", "Baltimore City"),
        ("35013", "Doña Ana"), ("35028", "Los Alamos"), ("36073", "Orleans"), ("42063", "Indiana"),
    )
}  # fmt: skip


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A release of counties some of which share a name."""
    return write_places(tmp_path / "places_2024_release.csv", NAMED)


@pytest.mark.parametrize(
    ("place", "fips"),
    [
        ("Los Angeles", "06037"), ("los angeles, ca", "06037"), ("LOS ANGELES CALIFORNIA", "06037"),
        ("Los Angeles County, California", "06037"), ("Los Angeles County", "06037"),
        ("Baltimore city", "24510"), ("Baltimore County", "24005"), ("Orleans, New York", "36073"),
        ("orleans parish", "22071"), ("Dona Ana", "35013"), ("Indiana", "42063"),
    ],
)  # fmt: skip
def test_a_county_is_shown_by_its_name(
    place: str, fips: str, named: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler(place, "--places", named) == 0
    assert f"(FIPS {fips})" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ("Orleans", ["22071  Orleans Parish, LA", "36073  Orleans County, NY"]),
        ("Baltimore, MD", ["24005  Baltimore County, MD", "24510  Baltimore city, MD"]),
        ("Fairfield County, CT", ["09120  Greater Bridgeport Planning Region, CT", "09190  "]),
    ],
)
def test_a_name_of_several_counties_lists_their_codes_and_states(
    place: str, codes: list[str], named: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler(place, "--places", named) == 2
    said = capsys.readouterr().err
    assert "2 counties of release 2024 may be meant" in said
    for one in codes:
        assert f"\n  {one}" in said


@pytest.mark.parametrize(
    ("place", "near"),
    [
        ("Los Angelos", "06037  Los Angeles County, CA"),
        ("Los Angeles, Calfornia", "06037  Los Angeles County, CA"),
        ("Los Angeles, NV", "06037  Los Angeles County, CA"),
        ("Angeles, CA", "06037  Los Angeles County, CA"),
        ("Los", "06037  Los Angeles County, CA"),
        ("Los Angeles, ZZ", "of release 2024, and ZZ is no state.\nDid you mean"),
        ("Zzyzx", "Write it as 'Los Angeles, CA'"),
        (",", "Write it as"),
    ],
)
def test_a_name_of_no_county_is_told_what_is_nearest(
    place: str, near: str, named: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler(place, "--places", named) == 2
    said = capsys.readouterr().err
    assert "not the name of a county of release 2024" in said
    assert near in said


def test_a_code_without_its_zero_is_told_the_zero(
    five: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("6037", "--places", five) == 2
    assert "did you mean 06037" in capsys.readouterr().err


def test_all_counties_are_written_in_one_command_the_same_every_time(
    five: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for out in outs:
        assert osler("--all", "--out", out, "--places", five, "--weights", weights) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    with outs[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["fips"] for row in rows] == sorted(FIVE)
    for row in rows:
        points = [float(row[name]) for name in row if name.endswith("_points")]
        assert hundredths(sum(points)) == hundredths(float(row["score"]))
    assert rows[3]["name"] == "Orleans Parish"
    assert (rows[3]["score"], rows[3]["rank"], rows[3]["of"]) == ("75.00", "1", "5")
    assert (rows[3]["band"], rows[3]["band_from"]) == ("highest fifth", "75.00")
    assert "5 counties of CDC PLACES 2022" in capsys.readouterr().out


def test_what_the_command_cannot_do_it_says(
    five: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = five.read_bytes()
    for words, said in (
        ((), "Which county?"),
        (("06037", "--all"), "Which county?"),
        (("--all",), "--all and --out FILE go together"),
        (("06037", "--out", "x.csv"), "--all and --out FILE go together"),
        (("--all", "--out", five), "is one of the files read"),
        (("06037", "--release", "2023"), "its name says release 2022"),
    ):
        assert osler(*words, "--places", five) == 2
        assert said in capsys.readouterr().err
    assert five.read_bytes() == before


def test_without_the_public_set_the_command_says_how_to_give_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OSLER_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert osler("06037") == 2
    said = capsys.readouterr().err
    assert "cdc_places/places_county_gis_2022_release.csv.gz" in said
    assert "--places FILE --release YEAR" in said


def test_the_set_is_no_training_data(tmp_path: Path) -> None:
    from osler.data.public import read_public
    from osler.data.tables import Ask
    from osler.recipe_sources import PublicSource

    source = PublicSource(type="public", name="cdc-places-2022")
    with pytest.raises(DataError) as caught:
        list(read_public(source, Ask(tmp_path, "data.sources[0]", "sft")))
    assert "without rows to train on" in str(caught.value)
    assert "medquad" in caught.value.cure


@pytest.mark.shared_data
def test_the_command_reads_the_public_set(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("06037") == 0
    said = capsys.readouterr().out
    assert "Los Angeles County, CA  (FIPS 06037)" in said
    assert "of 3143 counties" in said
    assert str(packaged_weights()) in said
