"""Small PLACES files for the tests of counties."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osler.records.county_fips import STATES

Cells = Mapping[str, float | None]

WEIGHTS = """\
estimate: crude
needed: 60
measures:
  DIABETES: {weight: 3, higher_is: worse, why: common}
  CHECKUP: {weight: 1, higher_is: better, why: finds disease}
  OBESITY: {weight: 1, higher_is: worse, why: common}
"""

FIVE: dict[str, tuple[str, Cells]] = {
    "06037": ("Los Angeles", {"DIABETES": 10.9, "CHECKUP": 64.4, "OBESITY": 28.7, "COPD": 5.5}),
    "06038": ("Nowhere", {"DIABETES": 12.0, "CHECKUP": 70.0, "OBESITY": 30.0, "COPD": 6.0}),
    "06039": ("Madera", {"DIABETES": 13.0, "CHECKUP": 60.0, "OBESITY": 35.0, "COPD": 7.0}),
    "22071": ("Orleans", {"DIABETES": 14.6, "CHECKUP": 78.7, "OBESITY": 33.9, "COPD": 7.0}),
    "24510": ("Baltimore City", {"DIABETES": 14.0, "CHECKUP": 80.0, "OBESITY": 36.0, "COPD": 8.0}),
}


def write_places(
    path: Path, counties: Mapping[str, tuple[str, Cells]], *, adjusted: float = 0.0
) -> Path:
    """A PLACES file in the wide format; limits are 1 below and 1 above.

    adjusted: how much lower the age-adjusted estimates are.
    """
    measures = list(dict.fromkeys(m for _, cells in counties.values() for m in cells))
    head = ["StateAbbr", "StateDesc", "CountyName", "CountyFIPS", "TotalPopulation"]
    ends = ("_CrudePrev", "_Crude95CI", "_AdjPrev", "_Adj95CI")
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow([*head, *(m + end for m in measures for end in ends), "Geolocation"])
        for fips, (name, cells) in counties.items():
            state = STATES[fips[:2]]
            row: list[Any] = [state.abbreviation, state.name, name, fips, 1000]
            for measure in measures:
                value = cells.get(measure)
                for less in (0.0, adjusted):
                    row += ["", ""] if value is None else _pair(value - less)
            table.writerow([*row, "POINT (-118.2 34.3)"])
    return path


def hundredths(number: float) -> int:
    """A number of two decimals, so that sums can be compared exactly."""
    return round(100 * number)


def _pair(value: float) -> list[str]:
    return [f"{value:.1f}".removesuffix(".0"), f"({value - 1:4.1f}, {value + 1:4.1f})"]
