"""A FHIR Patient -> the person of a record."""

from __future__ import annotations

from dataclasses import replace

from osler.records import fhir_shapes as shapes
from osler.records.account import NotReadable
from osler.records.fhir_known import Known, first_value
from osler.records.names import one_line
from osler.records.record import Person

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
MARITAL = {
    "M": "married", "S": "never married", "D": "divorced", "W": "widowed", "L": "legally separated",
    "A": "annulled", "T": "domestic partner", "U": "unmarried", "P": "polygamous",
}  # fmt: skip
"""HL7 v3 MaritalStatus in words."""


def person(resource: shapes.Patient, known: Known) -> Person:
    """Who it is. A birth is needed, to the year at least: everything is told by age."""
    one = one_line(resource.id)
    if not one:
        raise NotReadable("no id")
    born = known.moment_or_none(resource.birth_date, "birthDate")
    if born is None:
        raise NotReadable(
            "no birthDate, so the patient is not read: all is told by age; the year is enough"
        )
    died = known.moment_or_none(resource.deceased_date_time, "deceasedDateTime")
    name = next((n for n in resource.name if n.use in ("official", "usual", "")), None)
    name = name or shapes.HumanName()
    home = resource.address[0] if resource.address else shapes.Address()
    marital = first_value(resource.marital_status)
    return Person(
        one, one_line(" ".join(filter(None, name.given))),
        one_line(name.family or name.text), born.day,
        died.day if died else None, one_line(resource.gender) or "unknown",
        _extension(resource, "us-core-race"), _extension(resource, "us-core-ethnicity"),
        MARITAL.get(marital, ""), one_line(home.city), one_line(home.state),
        one_line(home.postal_code), one_line(home.district), _language(resource),
        dead=bool(died) or resource.deceased_boolean, born_to=born.precision,
        died_to=died.precision if died else "day",
    )  # fmt: skip


def difference(one: Person, other: Person) -> str:
    """Why two of one id are not one person; nothing where they agree, as far as both tell."""
    births = [str(who.birth) for who in (one, other)]
    if not births[0].startswith(births[1]) and not births[1].startswith(births[0]):
        return "the day of birth is another"
    if "unknown" not in (one.sex, other.sex) and one.sex != other.sex:
        return "the sex is another"
    return ""


def with_death(one: Person, other: Person) -> Person:
    """A person with what another reading knows of the death."""
    known = one if one.died else other
    return replace(one, died=known.died, died_to=known.died_to, dead=one.dead or other.dead)


def _extension(resource: shapes.Patient, name: str) -> str:
    """The words of a US Core extension."""
    for extension in resource.extension:
        if extension.url == US_CORE + name:
            parts = {part.url: part for part in extension.extension}
            if "text" in parts:
                return one_line(parts["text"].value_string)
    return ""


def _language(resource: shapes.Patient) -> str:
    """The preferred language, or the first."""
    found = sorted(resource.communication, key=lambda one: not one.preferred)
    if not found:
        return ""
    language = found[0].language
    said = language.text or (language.coding[0].display if language.coding else "")
    return one_line(said)
