"""The county that somebody asks for, by FIPS code or by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from osler.errors import UserError
from osler.records.county import County, Release
from osler.records.county_fips import ENDING, STATES
from osler.records.county_names import find_changed, state_of
from osler.records.names import folded

NEAR = 4
"""How many names that are alike are suggested."""
LISTED = 8
"""How many counties are listed."""


def county_of(place: str, release: Release) -> County:
    """The county of a FIPS code; or of `Los Angeles`, `Los Angeles, CA`, `... County, California`.

    Raises `UserError` for a code that the release does not have, a name of several counties, with
    their codes, and a name of none, with what is nearest to it.
    """
    if any(each.isdigit() for each in place) and "," not in place:
        return release.county(place)
    name, states = _parts(place, release)
    codes = sorted({code for state in states for code in _meant(release, state, name)})
    some = [release.counties[code] for code in codes]
    found = [each for each in some if folded(each.name) == folded(name)] or some  # Orleans Parish
    if len(found) == 1:
        return found[0]
    shown = place[:60]
    if found:
        raise UserError(
            f"{shown}: {len(found)} counties of release {release.year} may be meant.",
            f"Give the FIPS code of one, or its name and state:{_listed(found)}",
        )
    near = _nearest(name, states, release)
    no_state = _of_no_state(place, states)
    raise UserError(
        f"{shown}: not the name of a county of release {release.year}{no_state}.",
        f"Did you mean one of these?{_listed(near)}"
        if near
        else "Write it as 'Los Angeles, CA' or 'Baltimore city, MD', or give its FIPS code.",
    )


def _parts(place: str, release: Release) -> tuple[str, list[str]]:
    """The name, and the states in which it may be: one or none where a state is given, else all.

    Without a comma the whole is a name first: Indiana is a county of Pennsylvania.
    """
    name, comma, said = place.rpartition(",")
    if comma:
        state = state_of(said)
        return name, [state] if state else []
    every = [state.abbreviation for state in STATES.values()]
    words = place.split()
    if any(_meant(release, state, place) for state in every):
        return place, every
    for n in range(len(words) - 1, 0, -1):
        if state := state_of(" ".join(words[n:])):
            return " ".join(words[:n]), [state]
    return place, every


def _meant(release: Release, state: str, name: str) -> set[str]:
    """Codes of all areas of a state that a name may mean: of Baltimore, the county and the city."""
    one = release.find(state, name)
    if one:
        return {one}
    both = (release.find(state, f"{name} {kind}") for kind in ("county", "city"))
    return {code for code in both if code} or set(find_changed(state, name, release.counties))


def _nearest(name: str, states: Collection[str], release: Release) -> list[County]:
    """Counties whose names begin so or are most like another: of the state, where it has such,
    else of all."""
    every = list(release.counties.values())
    inside = [county for county in every if county.state in states]
    return (
        _begun(name, inside)
        or _alike(name, inside, 0.6 if len(states) == 1 else 0.75)
        or _begun(name, every)
        or _alike(name, every, 0.75)
    )


def _begun(name: str, some: Iterable[County]) -> list[County]:
    """Those that have a word for each of the name's that begins so: Los, Santa Cl."""
    words = _bare(name).split()
    return [
        county
        for county in some
        if words and all(any(w.startswith(a) for w in folded(county.name).split()) for a in words)
    ]


def _alike(name: str, some: Iterable[County], cutoff: float) -> list[County]:
    by_name: dict[str, list[County]] = {}
    for county in some:
        by_name.setdefault(_bare(county.name), []).append(county)
    near = difflib.get_close_matches(_bare(name), by_name, n=NEAR, cutoff=cutoff)
    return [county for one in near for county in by_name[one]]


def _bare(name: str) -> str:
    return ENDING.sub("", folded(name))


def _listed(some: Sequence[County]) -> str:
    more = f"\n  and {len(some) - LISTED} more" if len(some) > LISTED else ""
    return "".join(f"\n  {one.fips}  {one.name}, {one.state}" for one in some[:LISTED]) + more


def _of_no_state(place: str, states: Collection[str]) -> str:
    said = place.rpartition(",")[2].strip()[:30]
    return "" if states or not said else f", and {said} is no state"
