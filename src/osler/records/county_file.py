"""CDC PLACES county data in the wide ("GIS-friendly") format: one row a county, all that it says.

Columns are StateAbbr, CountyName, CountyFIPS and, for each measure, such as DIABETES_CrudePrev and
DIABETES_Crude95CI ("(10.1, 12.4)"); the interface of data.cdc.gov writes the names in lower case.
An empty cell is a missing estimate. https://data.cdc.gov, "PLACES: County Data (GIS Friendly)".
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from osler.errors import DataError
from osler.records.county_fips import STATE_CODES
from osler.records.county_names import repaired

COLUMNS = {"crude": ("_CRUDEPREV", "_CRUDE95CI"), "age-adjusted": ("_ADJPREV", "_ADJ95CI")}
"""Estimate -> how the columns of its values and of its limits end."""

FIRST_RELEASE = 2020

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_LIMITS = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")
_WHOLE = "Download it again from data.cdc.gov, or read how it was changed."


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of people in percent with its 95 % confidence limits; None where missing."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Area:
    """One row: a county with its estimates by measure id."""

    fips: str
    name: str
    state: str
    estimates: Mapping[str, Estimate]


def release_year(path: Path, given: int | None) -> int:
    """The release a file is of: as given, else as its name says beside the word "release".

    The wide format holds no year, and a year elsewhere in a name may be that of a download or of
    the survey. Raises `DataError` where neither says, or the two do not agree.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file.", "Give a PLACES county file as CSV.")
    said = re.findall(r"(?<!\d)(20\d\d)[ _-]?release|release[ _-]?(20\d\d)(?!\d)", path.name, re.I)
    years = {int(before or after) for before, after in said}
    if given is not None and not FIRST_RELEASE <= given <= 2099:
        raise DataError(
            f"{given}: no release of PLACES; the first was that of {FIRST_RELEASE}.",
            "Give the year in the title of the data set, such as 2022.",
        )
    if given is not None and years - {given}:
        raise DataError(
            f"{path.name}: its name says release {min(years - {given})}, and {given} was given.",
            "Give the year in the title of the data set; rename the file if its name is wrong.",
        )
    if given is None and len(years) != 1:
        raise DataError(
            f"{path.name}: nothing says which release of PLACES this is.",
            "Give the year (--release YEAR), or have it in the file's name: "
            "places_county_2022_release.csv.",
        )
    return given or years.pop()


def read_areas(path: Path, estimate: str) -> tuple[list[Area], tuple[str, ...]]:
    """The counties of a file in its order, and the ids of its measures in order of columns.

    `estimate` is one of COLUMNS. Raises `DataError` with file and line for whatever is no table of
    counties; a row is never left out.
    """
    rows = _rows(path)
    line, head = next(rows, (0, []))
    if not head:
        raise DataError(f"{path.name}: the file is empty.", _WHOLE)
    table = _table(path, head, estimate)
    areas: dict[str, Area] = {}
    for line, cells in rows:
        place = f"{path.name}:{line}"
        if len(cells) != len(head):
            said = f"{len(cells)} cells where the head has {len(head)}"
            raise DataError(f"{place}: {said}.", f"The file is cut short or damaged. {_WHOLE}")
        area = table.area(cells, place)
        if area.fips in areas:
            raise DataError(f"{place}: county {area.fips} is there a second time.", _WHOLE)
        areas[area.fips] = area
    if not areas:
        raise DataError(f"{path.name}: a head and no counties.", _WHOLE)
    return list(areas.values()), tuple(table.measures)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row that is not blank."""
    try:
        with _opened(path) as text:
            reader = csv.reader(text, strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8 text.", _WHOLE) from None
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(f"{path.name}: damaged or cut short.", _WHOLE) from None
    except OSError as fault:
        why = os.strerror(fault.errno or 0)
        raise DataError(f"{path}: cannot be read ({why}).", "Check the path.") from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


@dataclass(frozen=True, slots=True)
class _Table:
    """Where what stands."""

    state: int
    name: int
    fips: int
    measures: dict[str, tuple[int, int | None]]
    """Measure id -> column of the value, column of the limits."""

    def area(self, cells: Sequence[str], place: str) -> Area:
        fips, state = cells[self.fips].strip(), cells[self.state].strip().upper()
        if re.fullmatch("[0-9]{4}", fips):
            raise DataError(
                f"{place}: CountyFIPS has four digits; a leading zero was lost.",
                "Spreadsheets do so: read that column as text, or download the file again.",
            )
        if not re.fullmatch("[0-9]{5}", fips) or STATE_CODES.get(state) != fips[:2]:
            raise DataError(
                f"{place}: CountyFIPS is not the code of a county of the state in StateAbbr.",
                _WHOLE,
            )
        estimates = {
            measure: _estimate(cells[value], cells[limits] if limits is not None else "", place)
            for measure, (value, limits) in self.measures.items()
        }
        return Area(fips, repaired(cells[self.name].strip()), state, estimates)


def _table(path: Path, head: Sequence[str], estimate: str) -> _Table:
    columns = {name.strip().upper(): at for at, name in enumerate(head)}
    finer = next((n for n in ("TRACTFIPS", "PLACEFIPS", "ZCTA5") if n in columns), None)
    if "MEASUREID" in columns or "DATA_VALUE" in columns:
        raise _another(path, "the long format, one row a measure")
    if finer:
        raise _another(path, "a table of areas other than counties")
    if len(columns) != len(head):
        raise DataError(f"{path.name}:1: two columns have one name.", _WHOLE)
    if lacking := [
        n for n in ("StateAbbr", "CountyName", "CountyFIPS") if n.upper() not in columns
    ]:
        raise _another(path, f"a table without {', '.join(lacking)}")
    values, limits = COLUMNS[estimate]
    stems = [name.removesuffix(values) for name in columns if name.endswith(values)]
    if not stems:
        raise _another(path, f"a table without {estimate} estimates (DIABETES{values}, …)")
    measures = {stem: (columns[stem + values], columns.get(stem + limits)) for stem in stems}
    return _Table(columns["STATEABBR"], columns["COUNTYNAME"], columns["COUNTYFIPS"], measures)


def _another(path: Path, what: str) -> DataError:
    return DataError(
        f"{path.name}:1: this is {what}.",
        "Needed is 'PLACES: County Data (GIS Friendly Format)' as CSV, from data.cdc.gov.",
    )


def _estimate(value: str, limits: str, place: str) -> Estimate:
    """An estimate of two cells. Limits without a value are refused: one of the two is wrong."""
    value, limits = value.strip(), limits.strip()
    if not value and not limits:
        return Estimate(None, None, None)
    found = _LIMITS.fullmatch(limits)
    if not re.fullmatch(_NUMBER, value) or (limits and not found):
        raise DataError(
            f"{place}: an estimate that is no number with limits such as 11.2 and (10.1, 12.4).",
            f"A missing estimate is two empty cells. {_WHOLE}",
        )
    low, high = (float(found[1]), float(found[2])) if found else (None, None)
    if not 0 <= float(value) <= 100 or (low is not None and high is not None and low > high):
        raise DataError(
            f"{place}: an estimate that is no share in percent, or limits the wrong way round.",
            _WHOLE,
        )
    return Estimate(float(value), low, high)
