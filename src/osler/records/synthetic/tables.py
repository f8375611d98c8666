"""The tables of `assets/records/cohort`, read once, as types: a field that is not known is refused.

What each table holds is in its README; what a field of a disease or an episode means, at its head.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
Bands = dict[int, float]
"""From an age in years on -> a number."""
BySex = dict[str, Bands]
"""`all`, or `female` and `male`."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a table."""


class Term(Row, frozen=True):
    key: str
    system: str
    code: str
    text: str


class Drug(Row, frozen=True):
    key: str
    ingredient: str
    kind: str = msgspec.field(name="class")
    code: str
    text: str
    dose: float
    unit: str
    times: int | None
    period: int | None
    every: str
    as_needed: str
    since: int
    effect: float | None


class Measure(Row, frozen=True):
    key: str
    code: str
    text: str
    unit: str
    category: str
    decimals: int
    floor: float | None
    ceiling: float | None
    low_female: float | None
    high_female: float | None
    low_male: float | None
    high_male: float | None


class Panel(Row, frozen=True):
    key: str
    code: str
    text: str
    measures: str


class Vaccine(Row, frozen=True):
    key: str
    code: str
    text: str
    since: int
    until: int | None


class Place(Row, frozen=True):
    state: str
    abbreviation: str
    hours_behind: int
    county: str
    city: str
    postal_code: str
    weight: float


class Growth(Row, frozen=True):
    sex: str
    months: int
    height: float
    height_s: float
    weight: float
    head: float
    bmi: float
    bmi_l: float
    bmi_s: float


class Line(Row, frozen=True):
    """A line of treatment: one of these drugs, or the first step of a ladder."""

    of: dict[str, float] = {}
    ladder: str = ""
    chance: float = 1
    after: float = 0
    lasts: float = 0
    days: int = 0
    from_: int = msgspec.field(name="from", default=0)
    before: int = 200


class Lasts(Row, frozen=True):
    years: tuple[float, float]
    share: float


class Later(Row, frozen=True):
    years: tuple[float, float]
    chance: float
    ends: bool = False


class Chemotherapy(Row, frozen=True):
    of: list[str]
    cycles: int
    weeks: int
    chance: float


class Disease(Row, frozen=True):
    incidence: BySex = {}
    risks: dict[str, float] = {}
    excludes: list[str] = []
    at: str = "clinic"
    days: int = 0
    acts: dict[str, float] = {}
    one_act: dict[str, float] = {}
    yearly: dict[str, float] = {}
    later: dict[str, Later] = {}
    tests: list[str] = []
    labs: list[str] = []
    medicines: list[Line] = []
    chemotherapy: Chemotherapy | None = None
    radiotherapy: float = 0
    plan: str = ""
    every: int = 0
    lasts: Lasts | None = None
    then: str = ""
    becomes: dict[str, float] = {}
    since: int = 0
    side: str = ""
    hazard: float = 1
    fatal: float = 0
    burden: float = 0


class Episode(Row, frozen=True):
    rate: BySex
    lasts: tuple[int, int]
    risks: dict[str, float] = {}
    needs: str = ""
    excludes: str = ""
    at: str = "clinic"
    days: int = 0
    hospital: Bands = {}
    tests: dict[str, str] = {}
    acts: dict[str, float] = {}
    treatment: list[Line] = []
    plan: str = ""
    then: str = ""
    ends: str = ""
    once: bool = False
    side: str = ""
    fever: float = 0
    pain: bool = False
    breathless: bool = False
    months: list[int] = []
    years: tuple[int, int] = (0, 9999)
    fatal: Bands = {}


class Ladder(Row, frozen=True):
    reason: str = msgspec.field(name="for")
    steps: list[dict[str, float]]


class Allergen(Row, frozen=True):
    weight: float
    category: str
    type: str
    from_: int = msgspec.field(name="from")
    reactions: dict[str, float]


class Allergies(Row, frozen=True):
    kinds: dict[str, Allergen]
    severity: dict[str, dict[str, float]]
    how_many: dict[int, float]
    share: float


class Shares(Row, frozen=True):
    childhood: float
    influenza: Bands
    tetanus: float
    zoster: float
    pneumococcal: float
    covid: Bands
    booster: float
    rsv: float


class Vaccination(Row, frozen=True):
    childhood: dict[int, list[list[str]]]
    shares: Shares
    influenza_months: list[int]


class Group(Row, frozen=True):
    code: str
    text: str
    weight: float = 0


class Language(Row, frozen=True):
    code: str
    weight: float = 0


class People(Row, frozen=True):
    races: dict[str, Group]
    ethnicities: dict[str, Group]
    hispanic_share: dict[str, float]
    languages: dict[str, Language]
    ages: list[tuple[int, int, float]]
    given: dict[str, dict[str, list[str]]]
    family: dict[str, list[str]]
    streets: list[str]
    street_kinds: list[str]


@dataclass(frozen=True, slots=True)
class Tables:
    """All of them, by key."""

    terms: dict[str, Term]
    drugs: dict[str, Drug]
    doses: dict[str, list[Drug]]
    """Ingredient -> its drugs, the smallest dose first."""
    measures: dict[str, Measure]
    panels: dict[str, Panel]
    vaccines: dict[str, Vaccine]
    places: list[Place]
    growth: dict[str, list[Growth]]
    diseases: dict[str, Disease]
    episodes: dict[str, Episode]
    ladders: dict[str, Ladder]
    plans: dict[str, list[str]]
    allergies: Allergies
    vaccination: Vaccination
    people: People


def at_age(bands: Bands, age: float) -> float:
    """What holds from the last age that is reached; 0 before the first."""
    found = 0.0
    for start, value in bands.items():
        if age < start:
            break
        found = value
    return found


def for_sex(by_sex: BySex, sex: str) -> Bands:
    """Of one sex, or of all."""
    return by_sex.get(sex) or by_sex.get("all") or {}


@cache
def diseases_at(sex: str, age: int) -> list[tuple[str, Disease, float]]:
    """What may begin at an age, with the chance in a year of those who have no risk."""
    found = ((k, d, at_age(for_sex(d.incidence, sex), age)) for k, d in tables().diseases.items())
    return [(key, disease, rate / 1000) for key, disease, rate in found if rate]


@cache
def episodes_at(sex: str, age: int) -> list[tuple[str, Episode, float]]:
    """What may happen at an age, with the number in a year of those who have no risk."""
    found = ((k, e, at_age(for_sex(e.rate, sex), age)) for k, e in tables().episodes.items())
    return [(key, episode, rate / 1000) for key, episode, rate in found if rate]


@cache
def tables() -> Tables:
    """All tables, read once."""
    drugs = _keyed("drugs", Drug)
    doses: dict[str, list[Drug]] = {}
    for drug in drugs.values():
        doses.setdefault(drug.ingredient, []).append(drug)
    growth: dict[str, list[Growth]] = {}
    for row in _rows("growth", Growth):
        growth.setdefault(row.sex, []).append(row)
    return Tables(
        terms=_keyed("terms", Term), drugs=drugs, doses=doses,
        measures=_keyed("measures", Measure), panels=_keyed("panels", Panel),
        vaccines=_keyed("vaccines", Vaccine), places=list(_rows("places", Place)), growth=growth,
        diseases=_document("diseases", dict[str, Disease]),
        episodes=_document("episodes", dict[str, Episode]),
        ladders=_document("ladders", dict[str, Ladder]),
        plans=_document("plans", dict[str, list[str]]),
        allergies=_document("allergies", Allergies),
        vaccination=_document("vaccination", Vaccination), people=_document("people", People),
    )  # fmt: skip


def _text(name: str) -> str:
    folder = resources.files("osler") / "assets" / "records" / "cohort"
    return (folder / name).read_text("utf-8")


def _rows(name: str, kind: type[T]) -> Iterator[T]:
    """The rows of a tab-separated table; an empty cell is nothing, or an empty text."""
    reader = csv.DictReader(
        _text(f"{name}.tsv").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True
    )
    texts = {f.encode_name for f in msgspec.structs.fields(kind) if f.type is str}  # pyright: ignore[reportArgumentType]
    for row in reader:
        cells: dict[str, Any] = {k: v if v or k in texts else None for k, v in row.items()}
        yield msgspec.convert(cells, kind, strict=False)


def _keyed(name: str, kind: type[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for row in _rows(name, kind):
        key: str = getattr(row, "key")  # noqa: B009 (of T nothing is known)
        found[key] = row
    return found


def _document(name: str, kind: type[T]) -> T:
    return msgspec.convert(yaml.safe_load(_text(f"{name}.yaml")), kind)
