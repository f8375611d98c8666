"""The county context of patients: from where they live, or one county for all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from osler.commands.county import places_file
from osler.errors import DataError
from osler.records.county import Release, lines, load_release
from osler.records.county_search import county_of
from osler.records.names import counted
from osler.records.record import Person

MEASURES = 9
"""Lines of a county that go into a summary: what it is, its score, and what adds most to it."""
GIVEN = "one county given for all patients, not from the address"


class CountyLines:
    """Lines of county context by patient; none where the county or the release is not there."""

    def __init__(self, places: Path | None, year: int | None, county: str | None) -> None:
        """`county`: one for all, by FIPS code or name."""
        self.fips: str | None = None
        self.why_not = ""
        self.unknown = 0
        """Patients whose county is not known."""
        self.release: Release | None = None
        try:
            self.release = load_release(places_file(places), None, year)
        except DataError as fault:
            if places is not None or county is not None:
                raise
            self.why_not = fault.message
        if county is not None and self.release is not None:
            self.fips = county_of(county, self.release).fips
        self._lines = cache(self._lines_of)

    def of(self, person: Person) -> tuple[str, ...]:
        """The lines for where a patient lives."""
        if self.release is None:
            return ()
        fips = self.fips or self.release.find(person.state, person.county)
        if fips is None:
            self.unknown += 1
            return ()
        return self._lines(fips)

    def _lines_of(self, fips: str) -> tuple[str, ...]:
        assert self.release
        first, *others = lines(self.release.county(fips))[:MEASURES]
        return (f"{first}; {GIVEN}" if self.fips else first, *others)

    def said(self) -> str:
        """A line about what is missing; empty where nothing is."""
        if self.release is None:
            return f"No county context: {self.why_not} Give a file with --places: docs/county.md."
        if self.unknown:
            return (
                f"No county context for {counted(self.unknown, 'patient')}, whose records name "
                "no county of the release. --county NAME or FIPS gives one for all."
            )
        return ""
