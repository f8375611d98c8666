"""The county in a summary: its figures are told, and held against the release."""

from __future__ import annotations

from pathlib import Path

import pytest

from county_cases import FIVE, write_places
from osler.cli import main
from osler.records.synthetic.cohort import synthesize
from osler.summaries import store
from osler.summaries.text import document

DAY = "2024-12-31"
TITLE = "Local Public Health Context"
DIABETES = "Diagnosed diabetes among adults: 14.6 % (95 % CI 13.6 to 15.6)"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    synthesize(folder, 1, 5, form="fhir")
    return folder / "fhir"


@pytest.fixture
def of_county(tmp_path: Path, records: Path) -> list[str]:
    """The flags of a command with the records and one county for all."""
    places = write_places(tmp_path / "places_2022_release.csv", FIVE)
    said = ["--records", str(records), "--as-of", DAY]
    return [*said, "--places", str(places), "--county", "22071"]


def drafted(of_county: list[str], out: Path) -> store.Summary:
    assert main(["summarize", "draft", *of_county, "--out", str(out)]) == 0
    (summary,) = store.summaries(out)
    return summary


def rewritten(summary: store.Summary, folder: Path, old: str, new: str) -> Path:
    """The summary as PATIENT.md, with other words in it."""
    text = document(summary.sections)
    assert old in text
    folder.mkdir()
    (folder / f"{summary.patient}.md").write_text(text.replace(old, new), "utf-8")
    return folder


def test_one_county_for_all_may_be_named(
    of_county: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_code = drafted(of_county, tmp_path / "code").county
    assert drafted([*of_county[:-1], "Orleans, LA"], tmp_path / "name").county == by_code
    assert "given for all patients, not from the address" in by_code[0]
    for unknown in ("99999", "Atlantis"):
        said = [*of_county[:-1], unknown, "--out", str(tmp_path / "none")]
        assert main(["summarize", "draft", *said]) == 2
        assert unknown in capsys.readouterr().err
        assert not (tmp_path / "none").exists()


def test_the_draft_names_the_countys_figures_with_limits_and_release(
    of_county: list[str], tmp_path: Path
) -> None:
    summary = drafted(of_county, tmp_path / "s")
    (text,) = [one.text for one in summary.sections if one.title == TITLE]
    assert "Orleans Parish, LA (FIPS 22071): CDC PLACES estimates, release 2022" in text
    assert f"{DIABETES}, release 2022" in text
    assert "Fair or poor self-rated health among adults: not available" in text, "never zero"
    assert summary.audit.clean
    assert main(["audit", str(tmp_path / "s"), *of_county]) == 0, "it holds its own county"


def test_a_summary_does_not_vouch_for_its_own_county(
    of_county: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafted(of_county, tmp_path / "s")
    (path,) = store.paths(tmp_path / "s")
    text = path.read_text("utf-8")
    path.write_text(text.replace("14.6 % (95", "4.6 % (95"), "utf-8")
    assert main(["audit", str(tmp_path / "s"), *of_county]) == 1
    assert "county figure" in capsys.readouterr().out


def test_another_county_is_another_summary_and_none_says_not_recorded(
    of_county: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "s"
    drafted(of_county, out)
    other = drafted([*of_county[:-1], "06037"], out)
    assert "Los Angeles County, CA (FIPS 06037)" in document(other.sections)
    nowhere = drafted(of_county[:-2], out)  # by address, and the release has no such county
    assert {one.title: one.text for one in nowhere.sections}[TITLE] == "Not recorded."
    assert len(list((out / store.OLDER).iterdir())) == 2


@pytest.mark.parametrize(
    "said",
    [
        "Diagnosed diabetes among adults: 14.6 %",
        "About 15 % of the county's adults have diagnosed diabetes",
        "In this county 14.6 % (13.6 to 15.6) of adults have diagnosed diabetes",
    ],
)
def test_a_countys_figure_may_be_said_in_other_words_and_rounded(
    said: str, of_county: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = drafted(of_county, tmp_path / "s")
    folder = rewritten(summary, tmp_path / "md", DIABETES, said)
    assert main(["audit", str(folder), *of_county]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "said",
    [
        DIABETES.replace("14.6", "41.6"),
        DIABETES.replace("13.6", "12.6"),
        "About 20 % of the county's adults have diagnosed diabetes",
        "Obesity among adults in the county: 14.6 %",
    ],
)
def test_a_wrong_figure_of_the_county_is_found_and_named(
    said: str, of_county: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = drafted(of_county, tmp_path / "s")
    folder = rewritten(summary, tmp_path / "md", DIABETES, said)
    assert main(["audit", str(folder), *of_county]) == 1
    told = capsys.readouterr().out
    assert f"county figure: {TITLE}, sentence " in told
    assert "1 flagged" in told


def test_a_fips_that_does_not_exist_is_named_and_nothing_is_written(
    of_county: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for fips, why in (("06999", "06999"), ("99999", "no state has the code 99")):
        command = ["summarize", "draft", *of_county[:-1], fips, "--out", str(tmp_path / "s")]
        assert main(command) == 2
        assert why in capsys.readouterr().err
    assert not (tmp_path / "s").exists()
