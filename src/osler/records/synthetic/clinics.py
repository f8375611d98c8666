"""Where people are seen: four clinics a place, the same for everybody of a seed."""

from __future__ import annotations

import uuid
from functools import cache

from osler.records.synthetic.chance import Chance
from osler.records.synthetic.history import Clinic, Doctor
from osler.records.synthetic.tables import Place, tables

KINDS = {
    "clinic": ("{} Family Medicine", 5), "hospital": ("{} Memorial Hospital", 7),
    "urgent": ("{} Urgent Care", 3), "specialist": ("{} Specialty Associates", 5),
}  # fmt: skip
"""Kind -> how it is called, and how many work there."""


def new_id(chance: Chance) -> str:
    """A random UUID (RFC 4122, version 4) of this stream."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


@cache
def clinics(seed: int) -> dict[Place, dict[str, Clinic]]:
    """The clinics of all places by kind."""
    chance = Chance(f"{seed}/clinics")
    found: dict[Place, dict[str, Clinic]] = {}
    for place in tables().places:
        found[place] = {kind: _clinic(chance, place, kind) for kind in KINDS}
    return found


def _clinic(chance: Chance, place: Place, kind: str) -> Clinic:
    people = tables().people
    name, staff = KINDS[kind]
    street = street_of(chance)
    called = name.format(f"{place.city} {chance.choice(people.streets)}")
    doctors = tuple(_doctor(chance) for _ in range(staff))
    return Clinic(new_id(chance), called, kind, place, street, doctors)


def _doctor(chance: Chance) -> Doctor:
    people = tables().people
    sex = chance.choice(("female", "male"))
    name = f"{chance.choice(people.given[sex]['common'])} {family_name(chance, 'common')}"
    # Real identifiers begin with 1 or 2.
    return Doctor(new_id(chance), f"99{chance.randrange(10**8):08}", f"Dr. {name}", sex)


def family_name(chance: Chance, group: str) -> str:
    """A family name that nobody has: a word and three digits."""
    return f"{chance.choice(tables().people.family[group])}{chance.randrange(100, 1000)}"


def street_of(chance: Chance) -> str:
    """A house number and a street."""
    people = tables().people
    name = f"{chance.choice(people.streets)} {chance.choice(people.street_kinds)}"
    return f"{chance.randrange(100, 9900)} {name}"
