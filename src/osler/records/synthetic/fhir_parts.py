"""Parts of FHIR resources that many have, and the resources of people and clinics."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from osler.records.names import SYSTEMS
from osler.records.synthetic.history import Clinic, Doctor, History, Problem, Visit
from osler.records.synthetic.tables import Place, Term, tables

Json = dict[str, Any]

URIS = {name: uri for uri, name in SYSTEMS.items()}
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
MARITAL = {"M": "Married", "S": "Never Married", "D": "Divorced", "W": "Widowed"}


def instant(at: datetime) -> str:
    """A time with its offset."""
    return at.isoformat(timespec="seconds")


def concept(term: Term, words: str = "") -> Json:
    """A term; `words` are what the clinic calls it, where that is more than the term says."""
    coding = {"system": URIS[term.system], "code": term.code, "display": term.text}
    return {"coding": [coding], "text": words or term.text}


def coded(system: str, code: str, text: str) -> Json:
    """A concept of a system, in its words."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def status(system: str, code: str) -> Json:
    """A status of HL7's terminology."""
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


def refer(one: Visit | Problem) -> Json:
    """A reference within the bundle."""
    return {"reference": f"urn:uuid:{one.id}"}


def of_patient(kind: str, one: Any, who: str, visit: Visit | None) -> Json:
    """What resources of a patient begin with."""
    made: Json = {"resourceType": kind, "id": one.id, "subject": {"reference": who}}
    if visit is not None:
        made["encounter"] = refer(visit)
    return made


def _address(place: Place, street: str, *, district: bool = True) -> Json:
    found = {
        "line": [street], "city": place.city, "district": place.county,
        "state": place.abbreviation, "postalCode": place.postal_code, "country": "US",
    }  # fmt: skip
    if not district:
        del found["district"]
    return found


# -- people and clinics ------------------------------------------------------------------------


def patient(history: History) -> Json:
    """The Patient, with race and ethnicity as US Core has them."""
    who, people = history.who, tables().people
    language = people.languages[who.language]
    made: Json = {
        "resourceType": "Patient", "id": who.id,
        "extension": [
            _group("race", people.races[who.race].code, people.races[who.race].text),
            _group("ethnicity", people.ethnicities[who.ethnicity].code,
                   people.ethnicities[who.ethnicity].text),
        ],
        "identifier": [{"system": "urn:osler:synthetic", "value": who.id}],
        "name": [{"use": "official", "family": who.family, "given": [who.given]}],
        "gender": who.sex, "birthDate": str(who.born),
        "address": [_address(who.place, who.street)],
        "communication": [
            {"language": coded("urn:ietf:bcp:47", language.code, who.language), "preferred": True}
        ],
    }  # fmt: skip
    if history.marital:
        text = MARITAL[history.marital]
        made["maritalStatus"] = coded(TERMINOLOGY + "v3-MaritalStatus", history.marital, text)
    if history.died:
        made["deceasedDateTime"] = instant(history.died)
    return made


def _group(name: str, code: str, text: str) -> Json:
    """A US Core extension for race or ethnicity."""
    coding = {"system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": text}
    parts: list[Json] = [{"url": "text", "valueString": text}]
    if text != "Other":
        parts.insert(0, {"url": "ombCategory", "valueCoding": coding})
    return {"url": f"{US_CORE}us-core-{name}", "extension": parts}


def organization(clinic: Clinic) -> Json:
    """The Organization of a clinic."""
    return {
        "resourceType": "Organization", "id": clinic.id, "active": True, "name": clinic.name,
        "type": [coded(TERMINOLOGY + "organization-type", "prov", "Healthcare Provider")],
        "address": [_address(clinic.place, clinic.street)],
    }  # fmt: skip


def practitioner(doctor: Doctor, clinic: Clinic) -> Json:
    """The Practitioner, at their clinic."""
    given, family = doctor.name.removeprefix("Dr. ").rsplit(" ", 1)
    return {
        "resourceType": "Practitioner", "id": doctor.id, "active": True, "gender": doctor.sex,
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": doctor.number}],
        "name": [{"family": family, "given": [given], "prefix": ["Dr."], "text": doctor.name}],
        "address": [_address(clinic.place, clinic.street, district=False)],
    }  # fmt: skip
