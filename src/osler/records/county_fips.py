"""FIPS codes of counties: which state, what became of old ones, and what is wrong with a wrong one.

A code is text of five digits, two of the state and three of the county (INCITS 38 and 31). The
changes are those the Census Bureau lists since 1995 under "Substantial Changes to Counties and
County Equivalent Entities"; which of Connecticut's regions hold towns of which county follows from
its notice in the Federal Register of 2022-06-06 (document 2022-12063).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.errors import UserError

_STATES = """
01 AL Alabama, 02 AK Alaska, 04 AZ Arizona, 05 AR Arkansas, 06 CA California, 08 CO Colorado,
09 CT Connecticut, 10 DE Delaware, 11 DC District of Columbia, 12 FL Florida, 13 GA Georgia,
15 HI Hawaii, 16 ID Idaho, 17 IL Illinois, 18 IN Indiana, 19 IA Iowa, 20 KS Kansas, 21 KY Kentucky,
22 LA Louisiana, 23 ME Maine, 24 MD Maryland, 25 MA Massachusetts, 26 MI Michigan, 27 MN Minnesota,
28 MS Mississippi, 29 MO Missouri, 30 MT Montana, 31 NE Nebraska, 32 NV Nevada, 33 NH New Hampshire,
34 NJ New Jersey, 35 NM New Mexico, 36 NY New York, 37 NC North Carolina, 38 ND North Dakota,
39 OH Ohio, 40 OK Oklahoma, 41 OR Oregon, 42 PA Pennsylvania, 44 RI Rhode Island,
45 SC South Carolina, 46 SD South Dakota, 47 TN Tennessee, 48 TX Texas, 49 UT Utah, 50 VT Vermont,
51 VA Virginia, 53 WA Washington, 54 WV West Virginia, 55 WI Wisconsin, 56 WY Wyoming,
60 AS American Samoa, 66 GU Guam, 69 MP Northern Mariana Islands, 72 PR Puerto Rico,
78 VI US Virgin Islands
"""


@dataclass(frozen=True, slots=True)
class State:
    """A state, the District of Columbia or a territory."""

    code: str
    abbreviation: str
    name: str


STATES = {
    each[:2]: State(each[:2], each[3:5], each[6:]) for each in re.split(r",\s", _STATES.strip())
}
"""Two digits -> the state."""

STATE_CODES = {state.abbreviation: code for code, state in STATES.items()}
"""CA -> 06."""


FIRST_CITY = 510
"""From this county number on an area is a city that belongs to no county (Baltimore, St. Louis,
Carson City, 38 in Virginia). No state has so many counties; Texas ends at 507."""

_CENSUS_AREAS = {
    "02016", "02050", "02063", "02066", "02070", "02105", "02158", "02180", "02198", "02201",
    "02232", "02240", "02261", "02270", "02280", "02290",
}  # fmt: skip
_ALASKAS_OTHERS = {
    "02020": "Municipality",
    "02110": "City and Borough",
    "02220": "City and Borough",
    "02230": "Municipality",
    "02275": "City and Borough",
    "02282": "City and Borough",
}

ENDING = re.compile(
    r" (?:county|parish|city and borough|borough|census area|municipality|planning region)$"
)
"""How the name of a county says what it is, in lower case."""


def full_name(fips: str, name: str) -> str:
    """A county's name with what it is: Orleans Parish, Baltimore city, Los Angeles County.

    `name` as a release writes it: Orleans, Baltimore City, Los Angeles.
    """
    if ENDING.search(name.casefold()) or fips in ("11001", "32510", "30113"):
        return name
    if is_city(fips):
        return f"{re.sub(r' [Cc]ity$', '', name)} city"
    return f"{name} {_kind(fips)}"


def _kind(fips: str) -> str:
    if fips[:2] == "02":
        census_area = "Census Area" if fips in _CENSUS_AREAS else "Borough"
        return _ALASKAS_OTHERS.get(fips, census_area)
    if fips[:2] == "09" and int(fips[2:]) >= 110:
        return "Planning Region"
    return "Parish" if fips[:2] == "22" else "County"


def is_city(fips: str) -> bool:
    """True for a city that belongs to no county."""
    return int(fips[2:]) >= FIRST_CITY


@dataclass(frozen=True, slots=True)
class Change:
    """An area that is no more, and the areas which have its land since."""

    old: str
    year: int
    new: tuple[str, ...]


CHANGES = (
    Change("02201", 2008, ("02130", "02198", "02275")),
    Change("02232", 2007, ("02105", "02230")),
    Change("02261", 2019, ("02063", "02066")),
    Change("02270", 2015, ("02158",)),
    Change("02280", 2008, ("02195", "02275")),
    Change("09001", 2022, ("09120", "09140", "09190")),
    Change("09003", 2022, ("09110", "09140", "09160")),
    Change("09005", 2022, ("09140", "09160", "09190")),
    Change("09007", 2022, ("09130",)),
    Change("09009", 2022, ("09140", "09170")),
    Change("09011", 2022, ("09130", "09150", "09180")),
    Change("09013", 2022, ("09110", "09150")),
    Change("09015", 2022, ("09150", "09180")),
    Change("12025", 1997, ("12086",)),
    Change("30113", 1997, ("30031", "30067")),
    Change("46113", 2015, ("46102",)),
    Change("51515", 2013, ("51019",)),
    Change("51560", 2001, ("51005",)),
    Change("51780", 1995, ("51083",)),
)

CHANGED = {
    "02063": "Chugach",
    "02066": "Copper River",
    "02105": "Hoonah-Angoon",
    "02130": "Ketchikan Gateway",
    "02158": "Kusilvak",
    "02195": "Petersburg",
    "02198": "Prince of Wales-Hyder",
    "02201": "Prince of Wales-Outer Ketchikan",
    "02230": "Skagway",
    "02232": "Skagway-Hoonah-Angoon",
    "02261": "Valdez-Cordova",
    "02270": "Wade Hampton",
    "02275": "Wrangell",
    "02280": "Wrangell-Petersburg",
    "09001": "Fairfield",
    "09003": "Hartford",
    "09005": "Litchfield",
    "09007": "Middlesex",
    "09009": "New Haven",
    "09011": "New London",
    "09013": "Tolland",
    "09015": "Windham",
    "09110": "Capitol",
    "09120": "Greater Bridgeport",
    "09130": "Lower Connecticut River Valley",
    "09140": "Naugatuck Valley",
    "09150": "Northeastern Connecticut",
    "09160": "Northwest Hills",
    "09170": "South Central Connecticut",
    "09180": "Southeastern Connecticut",
    "09190": "Western Connecticut",
    "12025": "Dade",
    "12086": "Miami-Dade",
    "30031": "Gallatin",
    "30067": "Park",
    "30113": "Yellowstone National Park",
    "46102": "Oglala Lakota",
    "46113": "Shannon",
    "51005": "Alleghany",
    "51019": "Bedford",
    "51083": "Halifax",
    "51515": "Bedford",
    "51560": "Clifton Forge",
    "51780": "South Boston",
}
"""The names of all areas in CHANGES, for a release has only those of its day."""


def related(fips: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """The areas of a release that have land of an area it does not have, by CHANGES."""
    later = [code for change in CHANGES if change.old == fips for code in change.new]
    earlier = [change.old for change in CHANGES if fips in change.new]
    return tuple(code for code in (*later, *earlier) if code in known)


def unknown(fips: str, known: Mapping[str, str], year: int) -> UserError:
    """The error for a code that a release does not have.

    `known`: code -> name of every area of the release.
    """
    if not re.fullmatch(r"[0-9]+", fips):
        return UserError(
            f"'{fips[:40]}' is no FIPS code; one is five digits, two of the state and three of the "
            "county, such as 06037.",
            "Give the digits as text, so that a leading zero stays.",
        )
    if len(fips) != 5:
        return _wrong_length(fips, known)
    if fips[:2] not in STATES:
        return UserError(
            f"{fips}: no state has the code {fips[:2]}.",
            "The first two digits are the state's, such as 06 for California.",
        )
    if areas := related(fips, known):
        return _changed(fips, areas, known, year)
    return _not_there(fips, known, year)


def _wrong_length(fips: str, known: Mapping[str, str]) -> UserError:
    said = f"{fips[:20]}: a county's FIPS code has five digits, not {len(fips)}."
    if "0" + fips in known:
        lost = f"a leading zero was lost; did you mean 0{fips} ({known['0' + fips]})?"
        return UserError(said, lost[0].upper() + lost[1:])
    if fips[:5] in known:
        longer = "A census tract's or block's code begins with its county's"
        return UserError(said, f"{longer}: did you mean {fips[:5]} ({known[fips[:5]]})?")
    if fips.zfill(2) in STATES:
        state = STATES[fips.zfill(2)]
        return UserError(said, f"{state.code} is {state.name}; add the county's three digits.")
    return UserError(said, "Two are of the state and three of the county, such as 06037.")


def _changed(fips: str, areas: Sequence[str], known: Mapping[str, str], year: int) -> UserError:
    """`areas`: those of the release, at least one."""
    name = f"{full_name(fips, CHANGED[fips])}, {STATES[fips[:2]].abbreviation}"
    gone = [change.year for change in CHANGES if change.old == fips]
    made = [change.year for change in CHANGES if fips in change.new]
    when = f"was replaced in {gone[0]}" if gone else f"came in {made[0]}"
    where = _listed(areas, known)
    return UserError(
        f"{fips} ({name}) {when}; release {year} does not have it.",
        f"Ask for {where}: its land lies there."
        if len(areas) == 1
        else f"Its land lies in {where}. Choose one: no figures are made up for a part.",
    )


def _not_there(fips: str, known: Mapping[str, str], year: int) -> UserError:
    state = STATES[fips[:2]]
    inside = [code for code in known if code[:2] == state.code]
    if not inside:
        cure = "PLACES covers the 50 states and the District of Columbia."
        return UserError(f"{fips}: release {year} has no county of {state.name}.", cure)
    nearest = sorted(sorted(inside, key=lambda code: (abs(int(code) - int(fips)), code))[:2])
    what = f"the whole of {state.name}, no county" if fips.endswith("000") else "no such county"
    return UserError(
        f"{fips}: {what} in release {year}.",
        f"The nearest codes of {state.name} are {_listed(nearest, known)}.",
    )


def _listed(codes: Sequence[str], known: Mapping[str, str]) -> str:
    return ", ".join(f"{code} ({known[code]})" for code in codes)
