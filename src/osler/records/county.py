"""A county's health: measures with limits, a score with its parts, rank and band.

A release of CDC PLACES is read whole, for a rank needs all counties. An estimate that is missing
stays None; it is never a zero and never a mean. How the score is made: `county_score`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.records.county_file import Area, Estimate, read_areas, release_year
from osler.records.county_fips import full_name, unknown
from osler.records.county_measures import title_of
from osler.records.county_names import Index, find_changed, index_of, state_of
from osler.records.county_score import Band, band_of, bands, points, positions, ranks
from osler.records.county_weights import Weights, load_weights

NOTHING = Estimate(None, None, None)


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of people in percent, with its 95 % confidence limits; None where missing."""

    id: str
    title: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one measure adds to a score."""

    id: str
    title: str
    weight: float
    """As in the file of weights."""
    position: float | None
    """0 (best) to 100 (worst) among the release's counties; None where the measure is missing."""
    points: float | None
    """In hundredths; None where the measure is missing, or there is no score."""


@dataclass(frozen=True, slots=True)
class County:
    """A county in a release."""

    fips: str
    name: str
    """With what it is: Los Angeles County, Orleans Parish, Baltimore city."""
    state: str
    """Abbreviation."""
    release: int
    """Year."""
    measures: tuple[Measure, ...]
    """All of the release and of the weights, also the missing ones."""
    score: float | None
    """0 to 100, higher is worse, to two decimals: the sum of the contributions' points as they
    are. None where too little of the weight is present."""
    contributions: tuple[Contribution, ...]
    """One for each measure of the weights, the largest first, the missing last."""
    rank: int | None
    """1 has the highest score; equal scores share a rank."""
    of: int
    """Counties with a score."""
    band: Band | None
    estimate: str = "crude"
    """crude or age-adjusted."""

    @property
    def present(self) -> float:
        """Percent of the weight whose measures are present."""
        if all(each.position is not None for each in self.contributions):
            return 100.0
        total = math.fsum(each.weight for each in self.contributions)
        there = (each.weight for each in self.contributions if each.position is not None)
        return 100 * math.fsum(there) / total


@dataclass(frozen=True, slots=True)
class Release:
    """All counties of a release."""

    year: int
    weights: Weights
    counties: Mapping[str, County]
    """FIPS code -> county, in order of the code."""
    bands: tuple[Band, ...]
    """From the lowest; empty for fewer than five counties with a score."""
    names: Index

    def county(self, fips: str) -> County:
        """The county of a FIPS code, text of five digits.

        Raises `UserError` that says what is wrong with another, or which area has its land now.
        """
        found = self.counties.get(fips.strip())
        if found is None:
            raise unknown(fips.strip(), self._titles(), self.year)
        return found

    def find(self, state: str, county_name: str) -> str | None:
        """The FIPS code of a county by its name, or None where the name means no county or two.

        state: "CA" or "California". county_name: with or without County, Parish, Borough, Census
        Area, Municipality or city; "Baltimore" alone is both a county and a city, and so None.
        The name of an area of another day is found where one area of this release holds it whole.
        """
        abbreviation = state_of(state)
        if abbreviation is None:
            return None
        found = self.names.find(abbreviation, county_name)
        areas = (found,) if found else find_changed(abbreviation, county_name, self.counties)
        return areas[0] if len(areas) == 1 else None

    def _titles(self) -> dict[str, str]:
        return {code: f"{county.name}, {county.state}" for code, county in self.counties.items()}


def load_release(path: Path, weights: Path | None = None, year: int | None = None) -> Release:
    """Read a PLACES county file in the wide format (CSV, .gz too) and score its counties.

    weights: a file of weights, None for the package's. year: of the release; None takes it from
    the file's name, where it stands beside "release". Raises `DataError` with place and cure.
    """
    year, weighed = release_year(path, year), load_weights(weights)
    areas, measures = read_areas(path, weighed.estimate)
    weighed.refuse_unknown(measures)
    areas.sort(key=lambda area: area.fips)
    at = _positions(areas, weighed)
    counted = [each.weight for each in weighed.measures]
    parts = [points(row, counted, weighed.needed) for row in at]
    scores = [None if each is None else sum(each) / 100 for each in parts]
    fifths, placed = bands(scores), ranks(scores)
    shown = (*measures, *(each.id for each in weighed.measures if each.id not in measures))
    counties = {
        area.fips: County(
            fips=area.fips,
            name=full_name(area.fips, area.name),
            state=area.state,
            release=year,
            measures=tuple(_measure(each, area) for each in shown),
            score=scores[n],
            contributions=_contributions(weighed, at[n], parts[n]),
            rank=placed[n],
            of=len(scores) - scores.count(None),
            band=band_of(scores[n], fifths),
            estimate=weighed.estimate,
        )
        for n, area in enumerate(areas)
    }
    index = index_of((area.fips, area.name) for area in areas)
    return Release(year, weighed, counties, fifths, index)


def _positions(areas: Sequence[Area], weights: Weights) -> list[tuple[float | None, ...]]:
    """One row a county, one column a measure of the weights."""
    columns = [
        positions(
            [area.estimates.get(each.id, NOTHING).value for area in areas],
            higher_is_worse=each.higher_is_worse,
        )
        for each in weights.measures
    ]
    return list(zip(*columns, strict=True))


def _measure(measure: str, area: Area) -> Measure:
    found = area.estimates.get(measure, NOTHING)
    return Measure(measure, title_of(measure), found.value, found.low, found.high)


def _contributions(
    weights: Weights, at: Sequence[float | None], parts: Sequence[int] | None
) -> tuple[Contribution, ...]:
    def of(n: int) -> Contribution:
        each = weights.measures[n]
        added = None if parts is None or at[n] is None else parts[n] / 100
        return Contribution(each.id, title_of(each.id), each.weight, at[n], added)

    found = [of(n) for n in range(len(weights.measures))]
    # The sort is stable: what is equal stays in the order of the file.
    return tuple(sorted(found, key=lambda c: (c.position is None, -(c.points or 0.0))))


# -- in words ----------------------------------------------------------------------------------


def lines(county: County) -> list[str]:
    """A county in words for a summary, one fact a line: score, rank, band, then the measures of
    the weights, those that add most to the score first, so that a first part can be taken."""
    end = f", release {county.release}"
    said = [f"{county.name}, {county.state} (FIPS {county.fips}): CDC PLACES estimates{end}"]
    if county.score is None:
        said.append(f"Health burden score: none, too few measures{end}")
    else:
        said += [
            f"Health burden score: {county.score:.2f} of 100, higher is worse{end}",
            f"Rank by burden: {county.rank} of {county.of} counties, 1 is the greatest{end}",
        ]
        if county.present < 100:
            said.append(f"The score rests on {county.present:.3g} % of its weights{end}")
    if county.band is not None:
        said.append(f"Band of the score: {county.band}{end}")
    measures = {measure.id: measure for measure in county.measures}
    of = ", age-adjusted" if county.estimate == "age-adjusted" else ""
    for each in county.contributions:
        said.append(f"{each.title}{of}: {in_words(measures[each.id])}{end}")
    return said


def in_words(measure: Measure) -> str:
    """11.2 % (95 % CI 10.1 to 12.4), or "not available"."""
    if measure.value is None:
        return "not available"
    return f"{measure.value:.1f} %" + (
        f" (95 % CI {limits})" if (limits := within(measure)) else ""
    )


def within(measure: Measure) -> str:
    """The limits in words, or nothing."""
    if measure.low is None or measure.high is None:
        return ""
    return f"{measure.low:.1f} to {measure.high:.1f}"
