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


def test_the_command_takes_a_name_and_says_so_when_it_is_unclear(
    five: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert osler("baltimore city, Maryland", "--places", five) == 0
    assert "FIPS 24510" in capsys.readouterr().out
    assert osler("Orleans", "--places", five) == 2
    assert "Write it as 'Baltimore city, MD'" in capsys.readouterr().err
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
    from osler.recipe import PublicSource

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
