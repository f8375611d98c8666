"""Names of counties as releases, records and people write them, and which county one means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osler.records.county_fips import CHANGED, ENDING, STATES, is_city, related
from osler.records.names import folded

_BEGINNING = re.compile(
    r"^(?P<kind>county|parish|city and borough|borough|municipality|city) of (?P<name>.+)$"
)
_ALSO = {
    ("DC", "washington"): "districtofcolumbia",
    ("DC", "washington dc"): "districtofcolumbia",
}


def repaired(name: str) -> str:
    """A name whose UTF-8 was once read as Latin-1 (DoÃ±a Ana, in the release of 2022)."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


def state_of(text: str) -> str | None:
    """CA for CA, ca, California; None for what is no state or territory."""
    wanted = _folded(text)
    for state in STATES.values():
        if wanted in (state.abbreviation.casefold(), state.name.casefold()):
            return state.abbreviation
    return None


@dataclass(frozen=True, slots=True)
class Index:
    """Which area a name means: (state, name without spaces and ending) -> code."""

    counties: Mapping[tuple[str, str], str]
    cities: Mapping[tuple[str, str], str]

    def find(self, state: str, name: str) -> str | None:
        """The code of the one area that a name means, or None.

        `state`: abbreviation. A name without an ending that is both a county's and a city's means
        neither, for they are different places: Baltimore, St. Louis, Fairfax, Richmond.
        """
        text = _folded(name)
        begins = _BEGINNING.match(text)
        if begins and begins["kind"] == "city":
            return self.cities.get((state, _key(begins["name"])))
        if begins:
            return self.counties.get((state, _key(begins["name"])))
        bare = ENDING.sub("", text)
        county = self.counties.get((state, _ALSO.get((state, text), _key(bare))))
        # "Charles City County" and "James City" are counties; "Baltimore city County" is a city.
        if bare.endswith(" city"):
            return county or self.cities.get((state, _key(bare.removesuffix(" city"))))
        city = self.cities.get((state, _key(bare))) if bare == text else None
        return None if county and city else county or city


def index_of(names: Iterable[tuple[str, str]]) -> Index:
    """The index of areas, given as code and name. A name that two areas share means neither."""
    counties: dict[tuple[str, str], set[str]] = defaultdict(set)
    cities: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fips, name in names:
        state, text = STATES[fips[:2]].abbreviation, _folded(name)
        if is_city(fips):
            cities[state, _key(text.removesuffix(" city"))].add(fips)
        else:
            counties[state, _key(ENDING.sub("", text))].add(fips)
    return Index(_single(counties), _single(cities))


def _single(found: Mapping[tuple[str, str], set[str]]) -> dict[tuple[str, str], str]:
    return {key: min(codes) for key, codes in found.items() if len(codes) == 1}


def find_changed(state: str, name: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """The areas of a release in which an area of another day lies.

    Shannon County is Oglala Lakota County; Bedford city is a part of Bedford County; but Fairfield
    County lies in three planning regions, and a name alone does not say in which.
    """
    fips = _CHANGED.find(state, name)
    return related(fips, known) if fips else ()


def _folded(text: str) -> str:
    return folded(repaired(text))


def _key(text: str) -> str:
    """One spelling for LaSalle and La Salle, Saint Louis and St. Louis."""
    text = re.sub(r"\bsaint\b", "st", text)
    return re.sub(r"\bsainte\b", "ste", text).replace(" ", "")


_CHANGED = index_of(CHANGED.items())
