"""`osler records county`: a county's health for people to read, or all counties for a program."""

from __future__ import annotations

import csv
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from osler.commands.stages import plain_console
from osler.data.public import locate
from osler.disk import atomic_writer, refuse_unwritable
from osler.errors import DataError, UserError
from osler.records.county import Contribution, County, Measure, Release, load_release, within
from osler.records.county_search import county_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PACKAGED = "cdc-places-2022"
"""The public set that is read without --places."""

RELEASE_2022 = "https://data.cdc.gov/api/views/xyst-f73f/rows.csv?accessType=DOWNLOAD"
"""The CDC's own copy, which is not compressed."""

WHOLE_COUNTRY = 3000
"""A release has about 3,140 counties; an interface of data.cdc.gov hands out 1,000 unless asked."""


def places_file(given: str | Path | None = None) -> Path:
    """The PLACES file to read: the one given, else the public set, verified.

    Raises `DataError` where the set is not there, which says how a file of one's own is given.
    """
    if given is not None:
        return Path(given)
    try:
        return locate(PACKAGED)[0]
    except DataError as fault:
        fault.add_note(
            "Or give a file: download 'PLACES: County Data (GIS Friendly Format)' as CSV from "
            f"data.cdc.gov (of 2022: {RELEASE_2022}), then --places FILE --release YEAR."
        )
        raise


def county(args: Namespace) -> int:
    """Show one county, or write the table of all."""
    if bool(args.place) == args.all:
        cure = "osler records county 06037, or osler records county --all --out county.csv"
        raise UserError("Which county? Give a FIPS code or a name, or --all.", cure)
    if bool(args.out) != args.all:
        raise UserError("--all and --out FILE go together.", "Give both, or neither.")
    path = places_file(args.places)
    weights = Path(args.weights) if args.weights else None
    release = load_release(path, weights, args.release)
    console = plain_console()
    if args.all:
        out = Path(args.out)
        if out.exists() and any(out.samefile(each) for each in (path, release.weights.path)):
            raise UserError(f"{out}: is one of the files read.", "Give --out another name.")
        refuse_unwritable(out)
        write_all(release, out)
        _say_all(release, out, console)
    else:
        show(county_of(args.place, release), release, path, console)
    return 0


# -- one county --------------------------------------------------------------------------------


def show(county: County, release: Release, path: Path, console: Console) -> None:
    """What the release says of a county, what of it adds to the score, and what is missing."""
    for line in _head(county, release, path):
        _plain(console, line)
    _plain(console, "")
    console.print(_contributions(county))
    scored = {each.id for each in county.contributions}
    others = [each for each in county.measures if each.id not in scored and each.value is not None]
    if others:
        _plain(console, "")
        console.print(_others(others))
    _plain(console, "")
    for line in _foot(county, release):
        _plain(console, line)


def _plain(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _head(county: County, release: Release, path: Path) -> list[str]:
    crude = "crude (as people there are, not adjusted for age)"
    lines = [
        f"{county.name}, {county.state}  (FIPS {county.fips})",
        f"  release   CDC PLACES {county.release}, {path.name}",
        f"  estimates {crude if county.estimate == 'crude' else 'adjusted for age'}",
    ]
    if county.score is None:
        needed = release.weights.needed
        said = f"{county.present:.3g} % of the weight is present and {needed:g} % is needed"
        lines.append(f"  score     none: {said}")
    else:
        lines += [
            f"  score     {county.score:.2f} of 100; 0 is best and 100 worst in every measure",
            f"  rank      {county.rank} of {county.of} counties; 1 is the greatest burden"
            + _shared(county, release),
        ]
    if county.band is not None:
        cuts = ", ".join(f"{band.low:.2f}" for band in release.bands[1:])
        lines.append(f"  band      {county.band}; cut-offs of the fifths are {cuts}")
    return [*lines, f"  weights   {release.weights.path}"]


def _shared(county: County, release: Release) -> str:
    alike = sum(each.rank == county.rank for each in release.counties.values()) - 1
    return f", shared with {alike} other{'s' * (alike > 1)}" if alike else ""


def _contributions(county: County) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_footer=True)
    total = sum(each.weight for each in county.contributions)
    score = "none" if county.score is None else f"{county.score:.2f}"
    table.add_column("adds to the score", footer="score")
    table.add_column("share", justify="right")
    table.add_column("95 % CI", justify="right")
    table.add_column("worse than", justify="right")
    table.add_column("weight", justify="right", footer=f"{total:g}")
    table.add_column("points", justify="right", footer=score)
    measures = {measure.id: measure for measure in county.measures}
    for each in county.contributions:
        table.add_row(*_cells(each, measures[each.id]))
    return table


def _cells(each: Contribution, measure: Measure) -> list[str]:
    shown = ("missing", "", "") if each.position is None else (
        f"{measure.value:.1f} %", within(measure), f"{each.position:.1f} %"
    )  # fmt: skip
    points = "" if each.points is None else f"{each.points:.2f}"
    return [f"{each.title} [{each.id}]".replace("[", "\\["), *shown, f"{each.weight:g}", points]


def _others(measures: list[Measure]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("not in the score")
    table.add_column("share", justify="right")
    table.add_column("95 % CI", justify="right")
    for each in measures:
        title = f"{each.title} [{each.id}]".replace("[", "\\[")
        table.add_row(title, f"{each.value:.1f} %", within(each))
    return table


def _foot(county: County, release: Release) -> list[str]:
    lines = [
        "share: percent of the people named; worse than: of the counties with this measure, an "
        "equal one counts half;",
        "points: worse than × weight / weight present; they add up to the score as printed.",
    ]
    missing = [each.id for each in county.measures if each.value is None]
    if missing:
        lines.append(f"missing   {', '.join(missing)}: no estimate in this release, none made up")
    if county.present < 100 and county.score is not None:
        lines.append(f"          the score rests on {county.present:.3g} % of the weight")
    lines.append(
        "The estimates are modelled from a survey: small differences in rank mean nothing."
    )
    return [*lines, *_partial(release)]


def _partial(release: Release) -> list[str]:
    count = len(release.counties)
    if count >= WHOLE_COUNTRY:
        return []
    return [f"The file has {count} counties, not the whole country: ranks are among these."]


# -- all counties ------------------------------------------------------------------------------


def write_all(release: Release, out: Path) -> None:
    """One row a county in order of FIPS: score, rank, band, what is missing, points by measure."""
    ids = [each.id for each in release.weights.measures]
    head = ["fips", "name", "state", "release", "estimate", "score", "rank", "of", "band"]
    head += ["band_from", "band_below", "weight_present", "missing", *(f"{i}_points" for i in ids)]
    with atomic_writer(out) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(head)
        table.writerows(_row(county, ids) for county in release.counties.values())


def _row(county: County, ids: list[str]) -> list[str]:
    points = {each.id: each.points for each in county.contributions}
    missing = {each.id for each in county.contributions if each.position is None}
    band = county.band
    return [
        county.fips,
        county.name,
        county.state,
        str(county.release),
        county.estimate,
        _two(county.score),
        "" if county.rank is None else str(county.rank),
        str(county.of),
        band.name if band else "",
        _two(band.low if band else None),
        _two(band.high if band else None),
        f"{county.present:.1f}",
        " ".join(each for each in ids if each in missing),
        *(_two(points[each]) for each in ids),
    ]


def _two(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"


def _say_all(release: Release, out: Path, console: Console) -> None:
    counties = list(release.counties.values())
    scored = sum(county.score is not None for county in counties)
    partly = sum(county.score is not None and county.present < 100 for county in counties)
    _plain(console, f"{out}: {len(counties)} counties of CDC PLACES {release.year}")
    _plain(console, f"  with a score {scored}, of them {partly} with measures missing")
    _plain(console, f"  without      {len(counties) - scored}")
    for band in release.bands:
        count = sum(county.band == band for county in counties)
        _plain(console, f"  {band.name:<13}{count:>4}  {band.limits}")
    for line in _partial(release):
        _plain(console, f"  {line}")
