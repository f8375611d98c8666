"""Who somebody is, and what they are born with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from osler.records.synthetic.chance import Chance
from osler.records.synthetic.clinics import family_name, new_id, street_of
from osler.records.synthetic.history import Who
from osler.records.synthetic.tables import tables

YEAR = 365.2425


@dataclass(frozen=True, slots=True)
class Nature:
    """What does not change. Numbers are deviations from the mean, in standard deviations."""

    height: float
    weight: float
    pressure: float
    sugar: float
    ldl: float
    hdl: float
    triglycerides: float
    kidney: float
    bone: float
    urate: float
    blood: float
    liver: float
    gain: float
    """kg/m2 a year between 20 and 60."""
    failing_kidneys: bool
    """Whether the kidneys lose faster than by age."""
    familial_lipids: bool
    atopy: bool
    drinks: bool
    poverty: bool
    schooling: str
    """higher-education, high-school or primary-school."""
    smokes_from: int | None
    """Age in years."""
    smokes_until: int | None
    adherence: float
    attends: float
    """How much of what is due somebody comes to."""
    renews: bool
    """Whether the clinic writes a new order every year."""
    recorded: float
    """Years before the end at which the record begins."""


def who(chance: Chance, until: date) -> Who:
    """A person who is or was alive in the last years before a day."""
    people = tables().people
    sex = "female" if chance.happens(0.52) else "male"
    low, high, _ = chance.choices(people.ages, [weight for *_, weight in people.ages])[0]
    born = until - timedelta(days=max(3, round(chance.uniform(low, high) * YEAR)))
    race = chance.pick({key: group.weight for key, group in people.races.items()})
    hispanic = chance.happens(people.hispanic_share[race])
    group = "hispanic" if hispanic else "asian" if race == "asian" else "common"
    places = tables().places
    place = chance.choices(places, [place.weight for place in places])[0]
    given = chance.choice(people.given[sex][group])
    return Who(
        new_id(chance), given, family_name(chance, group), sex, born, race,
        "hispanic" if hispanic else "nonhispanic", _language(chance, race, hispanic),
        place, street_of(chance),
    )  # fmt: skip


def _language(chance: Chance, race: str, hispanic: bool) -> str:
    if hispanic:
        return "Spanish" if chance.happens(0.4) else "English"
    if race == "asian" and chance.happens(0.35):
        return chance.choice(("Chinese", "Vietnamese", "Korean", "Hindi"))
    return chance.choice(("French", "Arabic")) if chance.happens(0.015) else "English"


def marital(chance: Chance, sex: str, age: float) -> str:
    """HL7's code at an age; empty for children, as there is nothing to say."""
    if age < 18:
        return ""
    widowed = max(0.0, (age - 55) / 100) * (1.6 if sex == "female" else 0.7)
    single = max(0.08, 1 - (age - 18) / 22)
    return chance.pick(
        {"S": single, "M": (1 - single) * 0.75, "D": (1 - single) * 0.2, "W": min(0.6, widowed)}
    )


def nature(chance: Chance, person: Who, until: date) -> Nature:
    """What somebody is born with, and how they live."""
    poverty = chance.happens(0.24 if person.race == "black" or person.race == "native" else 0.14)
    schooling = chance.pick(
        {"higher-education": 0.3 if poverty else 0.62, "high-school": 0.4, "primary-school": 0.1}
    )
    smokes = chance.happens({"higher-education": 0.26}.get(schooling, 0.44))
    begins = chance.randrange(15, 25) if smokes else None
    stops = begins + chance.randrange(2, 45) if begins and chance.happens(0.75) else None
    age = (until - person.born).days / YEAR
    # Most come from elsewhere at some time; some are known for as long as records go.
    recorded = age if age < 18 else 30.0 if chance.happens(0.15) else chance.triangular(2, 30, 7)
    z = chance.gauss
    return Nature(
        height=z(0, 1), weight=z(0.55, 1), pressure=z(0, 1), sugar=z(0, 1), ldl=z(0, 1),
        hdl=z(0, 1), triglycerides=z(0, 1), kidney=z(0, 1), bone=z(0, 1), urate=z(0, 1),
        blood=z(0, 1), liver=z(0, 1), gain=chance.about(0.12, 0.1, -0.05, 0.42),
        failing_kidneys=chance.happens(0.055), familial_lipids=chance.happens(0.005),
        atopy=chance.happens(0.24), drinks=chance.happens(0.09 if person.sex == "female" else 0.17),
        poverty=poverty, schooling=schooling, smokes_from=begins, smokes_until=stops,
        adherence=chance.about(0.85, 0.15, 0.3, 1), attends=chance.about(0.85, 0.14, 0.4, 1),
        renews=chance.happens(0.35), recorded=recorded,
    )  # fmt: skip
